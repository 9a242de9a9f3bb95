"""Items as the code writes them, and as earlier code wrote them: tests/data/items.v*.jsonl, one version after another.

`items.v1.jsonl` holds every entity as it was first. When an entity gets another version, its items of that version
are added to the next file, as the code of then writes them; nothing is ever taken out of an older one that is read.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import chalicelib
from chalicelib import sealing, settings, table, versions
from chalicelib.table import Item
from infra.data import lines
from infra.data.lines import TypedItem
from tests.two_factor.authenticator import APP

HERE = Path(__file__).parent
HOUSE = Path(chalicelib.__file__).parent

# When items.v1.jsonl was written, and what its people's browsers and mails held then.
MOMENT = datetime(2026, 11, 22, 22, 52, tzinfo=UTC)
ALICES_SESSION = "gt9m-xqzgsFEie176i5MO9l_s_xA-IYKxlqOPvmGgss"
BOBS_SIGN_IN = "_YUP0M4WrGaa96fUwORkD2C6-Vy747h42NqEpPxLkeI"
VISITOR = "RX64H6Ru8pFA9wwcCqo8RM5WcQS2w4szQc0lh4jzYKo"
TOKEN = "t" * 43


@cache
def kept() -> list[TypedItem]:
    """All items of the files, the older versions first."""
    files = sorted(HERE.glob("items.v*.jsonl"), key=lambda file: int(file.stem.rpartition("v")[2]))
    return [lines.item(line) for file in files for line in file.read_bytes().splitlines()]


def plain(item: TypedItem) -> Item:
    """An item in Python's own types and in the version that it has."""
    deserialize = table._deserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}


def fixtures() -> dict[tuple[str, int], list[Item]]:
    """The kept items by entity and version."""
    found: dict[tuple[str, int], list[Item]] = {}
    for item in map(plain, kept()):
        found.setdefault((item["entity"], versions.of(item)), []).append(item)
    return found


def put_kept() -> None:
    """Put the kept items of the oldest versions into the table, their secrets sealed by the key of now."""
    for item in kept():
        if versions.of(plain(item)) > 1:
            continue
        one = dict(item)
        if "sealed" in one:
            secret = APP.secret if one["entity"]["S"].startswith("Totp") else TOKEN
            owner = one["pk"]["S"]
            one["sealed"] = {"B": sealing.seal(secret, owner=owner)}
        table.dynamodb().put_item(TableName=settings.table_name(), Item=one)


def written() -> dict[str, set[int]]:
    """The entities that the code writes, each with the versions that stand beside its name."""
    found: dict[str, set[int]] = {}
    for entity, version in _literals():
        found.setdefault(entity, set()).add(version)
    return found


def mentions() -> int:
    """How often the code says that something is of an entity."""
    return sum(file.read_text("utf-8").count('"entity":') for file in HOUSE.rglob("*.py"))


def literals() -> int:
    """How many of those were understood."""
    return len(list(_literals()))


def _literals() -> Iterator[tuple[str, int]]:
    for file in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Dict):
                said: dict[Any, Any] = {
                    key.value: value.value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
                }
                if "entity" in said:
                    yield said["entity"], said["version"]
