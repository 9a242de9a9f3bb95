"""`make migrate`: rewrites items of older versions as this release writes them, while the functions run.

Every item of the table is looked at, segment by segment. One of an older version is changed only while it is as it
was read, attribute by attribute; if somebody changed it meanwhile it is read again, and is mostly new by then. The
table keeps how far the walk is, so that a killed one goes on; what was written since is in the new version anyway.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib import versions
from chalicelib.timestamps import rfc3339
from chalicelib.versions import Item
from infra.columns import aligned
from infra.data import contents, tables
from infra.data.lines import TypedItem
from infra.data.progress import Progress
from infra.local.trouble import CannotRun

MARK = {"pk": {"S": "MIGRATION"}, "sk": {"S": "MIGRATION"}}
SAMPLES = 3
MEETINGS = 20  # How often one item may be changed under our hands.


@dataclass
class Found:
    """What the walk met: how many items of which version, how many it rewrote, and a few of them, masked."""

    versions: Counter[tuple[str, int]] = field(default_factory=Counter)
    rewritten: int = 0
    met: int = 0  # changed by somebody else between reading and writing
    samples: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


def migrate(*, entity: str, is_dry: bool) -> str:
    """Bring the items of the table at hand, or of one entity, to the versions that are written now; tell what was met.

    Raises CannotRun for an entity that has one version only.
    """
    targets = {name: versions.written(name) for name, _before in versions.STEPS}
    if entity and entity not in targets:
        raise CannotRun(f"{entity} has no older version; there are: {', '.join(sorted(targets)) or 'none'}.")
    if entity:
        targets = {entity: targets[entity]}
    total = tables.count()
    client = tables.dynamodb()
    found = Found()
    done = {} if is_dry else _begun(client, targets)
    with Progress("looked at", total, about="about ") as progress:

        def one(segment: int, is_over: Event) -> None:
            _walk(client, segment, targets, done.get(str(segment)), found, progress, is_over, is_dry=is_dry)

        tables.in_parallel(one, tables.SEGMENTS)
    if not is_dry:
        client.delete_item(TableName=tables.name(), Key=MARK)
    return _told(found, targets, is_dry=is_dry)


def _begun(client: Any, targets: dict[str, int]) -> TypedItem:
    """How far each segment is by the table's own mark; anew, unless it was left by a walk to the same versions."""
    goal = {"M": {name: {"N": str(version)} for name, version in targets.items()}}
    mark: TypedItem | None = client.get_item(TableName=tables.name(), Key=MARK, ConsistentRead=True).get(
        "Item"
    )
    if mark and mark["targets"] == goal and mark["segments"] == {"N": str(tables.SEGMENTS)}:
        done: TypedItem = mark["done"]["M"]
        return done
    mark = {
        **MARK,
        "entity": {"S": "Migration"},
        "version": {"N": "1"},
        "began_at": {"S": rfc3339(datetime.now(UTC))},
        "targets": goal,
        "segments": {"N": str(tables.SEGMENTS)},
        "done": {"M": {}},
    }
    client.put_item(TableName=tables.name(), Item=mark)
    return {}


def _walk(
    client: Any,
    segment: int,
    targets: dict[str, int],
    done: TypedItem | None,
    found: Found,
    progress: Progress,
    is_over: Event,
    *,
    is_dry: bool,
) -> None:
    """Look at what a segment has left: all of it, or what comes after the key that the mark tells."""
    after: TypedItem | None = done["M"] if done else None
    if done is not None and not after:
        return  # An empty key says that the segment is done.
    while not is_over.is_set():
        items, after = tables.page(client, segment, tables.SEGMENTS, after)
        for item in items:
            if contents.entity_of(item) in targets:
                _look_at(client, item, targets, found, is_dry=is_dry)
        if not is_dry:
            client.update_item(
                TableName=tables.name(),
                Key=MARK,
                UpdateExpression="SET done.#segment = :after",
                ExpressionAttributeNames={"#segment": str(segment)},
                ExpressionAttributeValues={":after": {"M": after or {}}},
            )
        progress.add(len(items), 0)
        if after is None:
            return


def _look_at(client: Any, item: TypedItem, targets: dict[str, int], found: Found, *, is_dry: bool) -> None:
    """Count an item, and rewrite it if it is of an older version."""
    entity = contents.entity_of(item)
    target, version = targets[entity], contents.version_of(item)
    with found.lock:
        found.versions[entity, version] += 1
        if version < target and len(found.samples) < SAMPLES:
            found.samples.append(_masked(item, target))
    if is_dry:
        return
    key = {name: item[name] for name in ("pk", "sk")}
    met = 0
    current: TypedItem | None = item
    while current is not None and contents.version_of(current) < target:
        if _rewrite(client, current, target):
            with found.lock:
                found.rewritten += 1
            break
        met += 1
        if met == MEETINGS:
            raise CannotRun(f"One {entity} changes all the time. Run the same again: it goes on from here.")
        current = client.get_item(TableName=tables.name(), Key=key, ConsistentRead=True).get("Item")
    with found.lock:
        found.met += met


def _rewrite(client: Any, item: TypedItem, target: int) -> bool:
    """Write what differs in the newer version, while every attribute is as it was read; returns whether it was."""
    changed = _stepped(item, target)
    short = {name: str(place) for place, name in enumerate(sorted({*item, *changed}))}
    sets = sorted(name for name, value in changed.items() if item.get(name) != value)
    removes = sorted(name for name in item if name not in changed)
    expression = "SET " + ", ".join(f"#{short[name]} = :new{short[name]}" for name in sets)
    if removes:
        expression += " REMOVE " + ", ".join(f"#{short[name]}" for name in removes)
    had = [short[name] for name in sorted(item)]
    lacked = [short[name] for name in sets if name not in item]
    try:
        client.update_item(
            TableName=tables.name(),
            Key={name: item[name] for name in ("pk", "sk")},
            UpdateExpression=expression,
            ConditionExpression=as_it_was_read(had, lacked),
            ExpressionAttributeNames={f"#{place}": name for name, place in short.items()},
            ExpressionAttributeValues={
                **{f":old{short[name]}": value for name, value in item.items()},
                **{f":new{short[name]}": changed[name] for name in sets},
            },
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def as_it_was_read(had: list[str], lacked: list[str]) -> str:
    """The condition that an item still has what it had, and still lacks what it lacked; takes the places of both."""
    same = [f"#{place} = :old{place}" for place in had]
    return " AND ".join([*same, *(f"attribute_not_exists(#{place})" for place in lacked)])


def _stepped(item: TypedItem, target: int) -> TypedItem:
    """The item in a newer version; what no step touches stays as it is, to the last digit."""
    deserialize, serialize = TypeDeserializer().deserialize, TypeSerializer().serialize
    before: Item = {name: deserialize(value) for name, value in item.items()}
    after = versions.brought_to(target, before)
    return {
        name: item[name] if name in item and before[name] is value else serialize(value)
        for name, value in after.items()
    }


def _masked(item: TypedItem, target: int) -> str:
    """What would become of an item, without whose it is and what it says."""
    changed = _stepped(item, target)
    kinds = " / ".join(f"{item[name]['S'].partition('#')[0]}#…" for name in ("pk", "sk"))
    sets = sorted(name for name, value in changed.items() if item.get(name) != value)
    removes = sorted(set(item) - set(changed))
    words = [f"sets {', '.join(sets)}", *([f"removes {', '.join(removes)}"] if removes else [])]
    return f"{contents.entity_of(item)} {contents.version_of(item)} → {target}: {kinds} {', '.join(words)}"


def _told(found: Found, targets: dict[str, int], *, is_dry: bool) -> str:
    rows: list[tuple[object, ...]] = [("entity", "version", "items", "")]
    for (entity, version), count in sorted(found.versions.items()):
        is_old = version < targets[entity]
        rows.append((entity, version, f"{count:,}", ("to rewrite" if is_dry else "old") if is_old else ""))
    told = [aligned(rows)]
    if is_dry:
        told += found.samples
    else:
        told.append(f"{found.rewritten:,} rewritten; {found.met:,} times an item had changed meanwhile.")
    return "\n".join(told)
