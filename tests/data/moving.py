"""What is moved in these tests: a provider with everything that there is, its export, and its table as it stands."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chalicelib import sealing, settings, table
from chalicelib.table import Item
from infra.data import __main__ as command
from infra.data import tables
from infra.data.exporting import export
from infra.data.importing import import_
from infra.data.lines import TypedItem
from infra.data.manifest import Manifest
from tests.aws_calls import Killed
from tests.infra.processes import ROOT

# What an import and a migration note of their own is nobody's data.
NOTES = {"IMPORT", "MIGRATION"}


def raw() -> dict[tuple[str, str], TypedItem]:
    """Every item of the table, as DynamoDB holds it, by its key."""
    found: dict[tuple[str, str], TypedItem] = {}
    for page in table.dynamodb().get_paginator("scan").paginate(TableName=settings.table_name()):
        found |= {(item["pk"]["S"], item["sk"]["S"]): item for item in page["Items"]}
    return {key: item for key, item in found.items() if key[0] not in NOTES}


def opened(items: dict[tuple[str, str], TypedItem]) -> dict[tuple[str, str], TypedItem]:
    """The same, with what KMS sealed as it reads once opened."""
    return {
        key: {
            name: {"secret": sealing.unseal(value["B"], owner=key[0])} if name == "sealed" else value
            for name, value in item.items()
        }
        for key, item in items.items()
    }


def empty() -> None:
    """Delete every item of the table at hand."""
    for page in table.dynamodb().get_paginator("scan").paginate(TableName=settings.table_name()):
        for item in page["Items"]:
            key = {name: item[name] for name in ("pk", "sk")}
            table.dynamodb().delete_item(TableName=settings.table_name(), Key=key)


def exported(folder: Path) -> Manifest:
    """An export, its key beside it."""
    return export(folder, key_of(folder))


def imported(folder: Path, *, sends_queued: bool = True) -> Manifest:
    """Its import into the table at hand; what was queued is still to be sent, so that all items are as they were."""
    return import_(folder, key_of(folder), sends_queued=sends_queued)[0]


def key_of(folder: Path) -> Path:
    """The file of an export's key."""
    return folder.with_name(f"{folder.name}.key")


@contextmanager
def killed_at(call: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Let the process die at that call of DynamoDB by a long job, in its thread; tells in its list how many it made."""
    made = [0]
    client = tables.dynamodb()

    def dies(**_request: object) -> None:
        made[0] += 1
        if made[0] >= call:
            raise Killed

    client.meta.events.register("before-call.*.*", dies)
    with monkeypatch.context() as patch:
        patch.setattr(tables, "dynamodb", lambda: client)
        yield made


def job(what: str, **environment: str) -> tuple[int, str, str]:
    """What a command prints and says, and how it ends."""
    process = _started(what, environment)
    printed, said = process.communicate(timeout=60)
    return process.returncode, printed, said


def commanded(
    what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **environment: str
) -> tuple[int, str, str]:
    """The same within this process, which is quicker."""
    for name in ("KALAUZ_TABLE", "KALAUZ_KEY"):  # Put back at the end of the test.
        monkeypatch.setenv(name, os.environ[name])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()
    status = command.main(what)
    return status, *capsys.readouterr()


def kill_in_the_middle(what: str, has_begun: Callable[[], Any], **environment: str) -> None:
    """Start a command whose every call takes a while, and kill it as soon as it has begun."""
    process = _started(what, environment, slow=True)
    deadline = time.monotonic() + 60
    while not has_begun() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    _printed, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, said


_SLOWLY = """
import sys, time
import infra.data.__main__ as command
from infra.data import importing, tables
make = tables.dynamodb
def slow():
    client = make()
    client.meta.events.register("before-call.*.*", lambda **_request: time.sleep(0.02))
    return client
tables.dynamodb, tables.ITEMS_A_PAGE, importing.BATCHES_A_NOTE = slow, 5, 1
sys.exit(command.main(sys.argv[1]))
"""


def _started(what: str, environment: dict[str, str], *, slow: bool = False) -> "subprocess.Popen[str]":
    program = ["-c", _SLOWLY] if slow else ["-m", "infra.data"]
    return subprocess.Popen(
        [sys.executable, *program, what],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "functions:.", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def of(entity: str, items: dict[tuple[str, str], TypedItem]) -> list[Item]:
    """The items of one entity."""
    return [item for item in items.values() if item["entity"]["S"] == entity]
