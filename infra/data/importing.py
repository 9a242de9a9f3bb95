"""`make import`: what an export holds, into an empty table, its secrets sealed by the key that this table goes with.

The table itself keeps how far the import is, in one item of its own, so a killed one goes on from any machine, and
nothing else can be imported into it. Where a run was killed, the next one puts only what is not there yet: people
may have changed the rest meanwhile. A queued mail is never put a second time, since it may have been sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from chalicelib import sealing
from chalicelib.timestamps import rfc3339
from infra.data import contents, lines, manifest, tables
from infra.data.export_key import ExportKey
from infra.data.lines import TypedItem
from infra.data.manifest import DataFile, Manifest
from infra.data.progress import Progress
from infra.local.trouble import CannotRun

MARK = {"pk": {"S": "IMPORT"}, "sk": {"S": "IMPORT"}}
BATCHES_A_NOTE = 40  # How many a kill may leave put and not noted.
IS_NEW = "attribute_not_exists(pk)"


@dataclass(frozen=True)
class Arrival:
    """How what the files hold becomes items of this table."""

    manifest: Manifest
    key: ExportKey
    sends_queued: bool  # whether mails that were queued at export are sent from here
    goes_on: bool  # whether an earlier run was killed, which may have put more than it noted

    def item(self, line: bytes) -> TypedItem:
        """The item of a line. Raises CannotRun for a secret that does not open."""
        item = lines.item(line)
        if contents.is_queued_mail(item):
            item.pop("leased_until", None)
            if not self.sends_queued:
                _park(item, self.manifest.began_at)
        for attribute in contents.CARRIED[contents.entity_of(item)]:
            if attribute in item:
                item[attribute] = {"B": self._sealed(item, attribute)}
        return item

    def _sealed(self, item: TypedItem, attribute: str) -> bytes:
        try:
            secret = self.key.unseal(item[attribute]["B"], place=contents.place_of(item, attribute))
        except ValueError as failure:
            raise CannotRun(f"A secret of {contents.entity_of(item)} does not open: {failure}.") from failure
        return tables.patiently(lambda: sealing.seal(secret, owner=item["pk"]["S"]))


def import_(folder: Path, key_file: Path, *, sends_queued: bool) -> tuple[Manifest, bool]:
    """Import an export into the table at hand, or go on with it; returns its manifest, and whether it was done before.

    Raises CannotRun for what is not as it was exported, and for a table that holds anything else.
    """
    known, key = manifest.read(folder, key_file)
    tables.count()  # A table that is not there is told before the long checks.
    with Progress("checked", 0) as progress:
        manifest.verify(known, folder, lambda read: progress.add(0, read))
    client = tables.dynamodb()
    earlier = _earlier(client, known, sends_queued=sends_queued)
    if earlier and "finished_at" in earlier:
        return known, True
    mark = earlier or _begun(client, known, sends_queued=sends_queued)
    arrival = Arrival(known, key, sends_queued, goes_on=earlier is not None)
    with Progress("imported", known.items) as progress:

        def one(place: int, is_over: Event) -> None:
            file = known.files[place]
            done = mark["done"]["M"][file.name]["M"]
            _import_file(client, folder, file, arrival, done, progress, is_over)

        tables.in_parallel(one, len(known.files))
    _note(client, "SET finished_at = :now", {":now": {"S": rfc3339(datetime.now(UTC))}})
    return known, False


def _earlier(client: Any, known: Manifest, *, sends_queued: bool) -> TypedItem | None:
    """What the table keeps of this import, if it began before. Raises CannotRun for another import's table."""
    mark: TypedItem | None = client.get_item(TableName=tables.name(), Key=MARK, ConsistentRead=True).get(
        "Item"
    )
    if mark is None:
        return None
    if mark["export"]["S"] != known.id:
        raise CannotRun(f"{tables.name()} holds another import: import into a new table.")
    if mark["sends_queued"]["BOOL"] != sends_queued:
        begun = "QUEUED=send" if mark["sends_queued"]["BOOL"] else "without QUEUED=send"
        raise CannotRun(f"This import began {begun}: go on with it as it began.")
    return mark


def _begun(client: Any, known: Manifest, *, sends_queued: bool) -> TypedItem:
    """What the table keeps of this import, which begins here. Raises CannotRun for a table that holds something."""
    if _holds_something(client):
        raise CannotRun(f"{tables.name()} is not empty: import into a new table.")
    nothing = {"M": {"bytes": {"N": "0"}, "items": {"N": "0"}}}
    mark: TypedItem = {
        **MARK,
        "entity": {"S": "Import"},
        "version": {"N": "1"},
        "export": {"S": known.id},
        "began_at": {"S": rfc3339(datetime.now(UTC))},
        "sends_queued": {"BOOL": sends_queued},
        "done": {"M": {file.name: nothing for file in known.files}},
    }
    client.put_item(TableName=tables.name(), Item=mark, ConditionExpression=IS_NEW)
    return mark


def _holds_something(client: Any) -> bool:
    """Whether there is anything but what an export leaves behind, such as attempts of whoever came by already."""
    after: TypedItem | None = None
    while True:
        items, after = tables.page(client, 0, 1, after)
        if any(contents.entity_of(item) not in contents.LEFT for item in items):
            return True
        if after is None:
            return False


def _import_file(
    client: Any,
    folder: Path,
    file: DataFile,
    arrival: Arrival,
    done: TypedItem,
    progress: Progress,
    is_over: Event,
) -> None:
    """Put what is left of a file, from the bytes on that the table says are done."""
    bytes_done, items_done = int(done["bytes"]["N"]), int(done["items"]["N"])
    progress.resume(items_done, bytes_done)
    with (folder / file.name).open("rb") as source:
        source.seek(bytes_done)
        for number, batch in enumerate(_batches(source), 1):
            if is_over.is_set():
                return
            may_be_there = arrival.goes_on and number <= BATCHES_A_NOTE
            _put(client, [arrival.item(line) for line in batch], may_be_there=may_be_there)
            size = sum(map(len, batch))
            bytes_done, items_done = bytes_done + size, items_done + len(batch)
            progress.add(len(batch), size)
            if number % BATCHES_A_NOTE == 0:
                _note_file(client, file, bytes_done, items_done)
    _note_file(client, file, bytes_done, items_done)


def _batches(source: Any) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in source:
        batch.append(line)
        if len(batch) == tables.BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _put(client: Any, items: list[TypedItem], *, may_be_there: bool) -> None:
    """Put items at once; those that may be there already one by one, where they are not."""
    careful = [item for item in items if may_be_there or contents.is_queued_mail(item)]
    others = [item for item in items if item not in careful]
    if others:
        tables.put_all(client, others)
    for item in careful:
        try:
            client.put_item(TableName=tables.name(), Item=item, ConditionExpression=IS_NEW)
        except client.exceptions.ConditionalCheckFailedException:
            continue


def _park(mail: TypedItem, since: str) -> None:
    """Take a mail out of the queue, as the sender does with one that cannot be sent, and forget its token."""
    for name in ("gsi1pk", "gsi1sk", "sealed"):
        mail.pop(name, None)
    mail["parked_at"] = {"S": since}


def _note_file(client: Any, file: DataFile, bytes_done: int, items_done: int) -> None:
    done = {"M": {"bytes": {"N": str(bytes_done)}, "items": {"N": str(items_done)}}}
    _note(client, "SET done.#file = :done", {":done": done}, {"#file": file.name})


def _note(client: Any, expression: str, values: TypedItem, names: dict[str, str] | None = None) -> None:
    client.update_item(
        TableName=tables.name(),
        Key=MARK,
        UpdateExpression=expression,
        ExpressionAttributeValues=values,
        **({"ExpressionAttributeNames": names} if names else {}),
    )
