"""`make export`: the whole table as lines of JSON, several segments of a scan at once, in constant memory.

    export.json              which table, since when, under which key
    items-0.jsonl            what one segment holds; its lines are complete up to the bytes that its state tells
    items-0.state.json       after which key it goes on
    manifest.json            at the end, in the place of the states

A page is written, then its state. Killed in between, the next run cuts the file to what the state tells, so no item
is doubled and none is lost.
"""

import os
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from chalicelib import sealing
from chalicelib.timestamps import rfc3339
from infra.data import contents, lines, manifest, tables
from infra.data.export_key import ExportKey
from infra.data.kept import keep, kept, open_private, ours_alone
from infra.data.lines import TypedItem
from infra.data.manifest import DataFile, Manifest
from infra.data.progress import Progress
from infra.local.trouble import CannotRun

BEGINNING = "export.json"


@dataclass(frozen=True)
class Beginning:
    """What stays the same over all runs of one export."""

    id: str
    table: str
    began_at: str
    key: str
    segments: int


@dataclass
class Segment:
    """How far one segment is."""

    after: TypedItem | None = None
    is_done: bool = False
    items: int = 0
    bytes: int = 0
    entities: dict[str, int] = field(default_factory=dict)
    versions: dict[str, list[int]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)


def export(folder: Path, key_file: Path) -> Manifest:
    """Export the table at hand into a folder, or go on with it; the key's file is made where there is none.

    Raises CannotRun for a folder that holds a finished export or another table's, and for a key within it.
    """
    if folder.resolve() in key_file.resolve().parents:
        raise CannotRun("The key must not lie in the folder that it protects: KEY=… names another place.")
    with ours_alone(folder):
        if (folder / manifest.FILE).exists():
            _tidy(folder)
            raise CannotRun(f"{folder} holds a finished export already: choose another folder.")
        total = tables.count()
        client = tables.dynamodb()
        key, beginning = _begin(folder, key_file)
        with Progress("exported", total, about="about ") as progress:

            def one(segment: int, is_over: Event) -> None:
                _export_segment(client, folder, key, beginning, segment, progress, is_over)

            tables.in_parallel(one, beginning.segments)
        finished = _finished(folder, beginning)
        finished.write(folder, key)
        _tidy(folder)
    return finished


def _begin(folder: Path, key_file: Path) -> tuple[ExportKey, Beginning]:
    """The key and the beginning of this export, which an earlier run may have made."""
    said = kept(folder / BEGINNING)
    if said is None and any(file.suffix != ".new" for file in folder.iterdir()):
        raise CannotRun(f"{folder} is not empty, and holds no export: choose another folder.")
    if said is not None and not key_file.exists():
        raise CannotRun(f"The key of this export is missing: {key_file}. KEY=… names its file.")
    key = ExportKey.made(key_file)
    if said is None:
        beginning = Beginning(
            secrets.token_hex(8), tables.name(), rfc3339(datetime.now(UTC)), key.fingerprint, tables.SEGMENTS
        )
        keep(folder / BEGINNING, asdict(beginning))
        return key, beginning
    beginning = Beginning(**said)
    if beginning.table != tables.name():
        raise CannotRun(f"{folder} holds a part of {beginning.table}: choose another folder.")
    if beginning.key != key.fingerprint:
        raise CannotRun(f"{key_file} is the key of another export. KEY=… names the file of the right one.")
    return key, beginning


def _export_segment(
    client: Any,
    folder: Path,
    key: ExportKey,
    beginning: Beginning,
    number: int,
    progress: Progress,
    is_over: Event,
) -> None:
    """Write what a segment has left, page by page."""
    segment = _state(folder, number)
    progress.resume(segment.items + sum(segment.left.values()), segment.bytes)
    with open_private(folder / _name(number), "ab") as output:
        if output.tell() < segment.bytes:
            raise CannotRun(f"{folder / _name(number)} lost a part: remove the folder, and export anew.")
        output.truncate(segment.bytes)
        while not segment.is_done and not is_over.is_set():
            found, segment.after = tables.page(client, number, beginning.segments, segment.after)
            before = segment.bytes
            for item in found:
                _export_item(item, key, beginning.began_at, segment, output)
            output.flush()
            os.fsync(output.fileno())
            segment.is_done = segment.after is None
            keep(_state_file(folder, number), asdict(segment))
            progress.add(len(found), segment.bytes - before)


def _export_item(item: TypedItem, key: ExportKey, began_at: str, segment: Segment, output: Any) -> None:
    """Write one item, its secrets sealed by the export's key, or count why it stays behind."""
    if reason := contents.reason_to_leave(item, began_at):
        segment.left[reason] = segment.left.get(reason, 0) + 1
        return
    entity = contents.entity_of(item)
    for attribute in contents.CARRIED[entity]:
        if attribute in item:
            secret = _unsealed(item, attribute)
            item[attribute] = {"B": key.seal(secret, place=contents.place_of(item, attribute))}
    segment.bytes += output.write(lines.line(item))
    segment.items += 1
    segment.entities[entity] = segment.entities.get(entity, 0) + 1
    segment.versions[entity] = sorted({*segment.versions.get(entity, ()), contents.version_of(item)})


def _unsealed(item: TypedItem, attribute: str) -> str:
    sealed, owner = item[attribute]["B"], item["pk"]["S"]
    return tables.patiently(lambda: sealing.unseal(sealed, owner=owner))


def _finished(folder: Path, beginning: Beginning) -> Manifest:
    segments = [_state(folder, number) for number in range(beginning.segments)]
    return Manifest(
        id=beginning.id,
        table=beginning.table,
        began_at=beginning.began_at,
        finished_at=rfc3339(datetime.now(UTC)),
        key=beginning.key,
        items=sum(segment.items for segment in segments),
        bytes=sum(segment.bytes for segment in segments),
        entities=_sum(segment.entities for segment in segments),
        versions={
            entity: sorted({version for segment in segments for version in segment.versions.get(entity, ())})
            for entity in sorted({name for segment in segments for name in segment.versions})
        },
        left=_sum(segment.left for segment in segments),
        files=tuple(
            DataFile(_name(number), segment.items, segment.bytes, manifest.digest(folder / _name(number)))
            for number, segment in enumerate(segments)
        ),
    )


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))


def _state(folder: Path, number: int) -> Segment:
    said = kept(_state_file(folder, number))
    return Segment(**said) if said else Segment()


def _tidy(folder: Path) -> None:
    """Drop what only an unfinished export needs."""
    for file in (*folder.glob("items-*.state.json"), *folder.glob("*.new"), folder / BEGINNING):
        file.unlink(missing_ok=True)


def _name(number: int) -> str:
    return f"items-{number}.jsonl"


def _state_file(folder: Path, number: int) -> Path:
    return folder / f"items-{number}.state.json"
