"""How large DynamoDB takes items to be, and what reading and keeping them comes to.

By its developer's guide, "Item sizes and formats" and "Read consistency"; items are as the client's wire has them.
"""

import math
from collections.abc import Iterable
from typing import Any

READ_BLOCK = 4096  # bytes of one read unit, read consistently; read eventually, half a unit
OVERHEAD = 100  # bytes that are kept beside an item, and beside its copy in an index

WireItem = dict[str, dict[str, Any]]


def item_bytes(item: WireItem) -> int:
    """The size of an item: its attributes' names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def kept_bytes(item: WireItem) -> int:
    """What an item takes of the storage: by itself and, where it stands in the index, once more there."""
    return (item_bytes(item) + OVERHEAD) * (2 if "gsi1pk" in item else 1)


def read_units(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> float:
    """What a read costs: a batch rounds up for each item, a query for all that it found together.

    Takes GetItem, BatchGetItem or Query, what it was asked and what it answered. What is not there costs one block.
    """
    if operation == "BatchGetItem":
        units = 0.0
        for table, wanted in request["RequestItems"].items():
            found = answer["Responses"].get(table, [])
            blocks = sum(map(_blocks, ([item] for item in found))) + len(wanted["Keys"]) - len(found)
            units += blocks * _per_block(wanted)
        return units
    found = answer["Items"] if operation == "Query" else [answer["Item"]] if "Item" in answer else []
    return _blocks(found) * _per_block(request)


def _blocks(items: Iterable[WireItem]) -> int:
    return max(1, math.ceil(sum(map(item_bytes, items)) / READ_BLOCK))


def _per_block(asked: dict[str, Any]) -> float:
    return 1.0 if asked.get("ConsistentRead") else 0.5


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, held),) = value.items()
    if kind == "S":
        return len(held.encode())
    if kind == "B":
        return len(held)
    if kind == "N":  # Two digits a byte, and one for the number itself.
        return math.ceil(len(held.lstrip("-")) / 2) + 1
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "L":
        return 3 + sum(1 + _value_bytes(one) for one in held)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in held.items())
    raise ValueError(f"items of ours hold no {kind}")
