"""The one DynamoDB table: reads, and transactions whose every condition knows what its failure means."""

import random
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from chalicelib import aws, settings, versions
from chalicelib.aws import available, unavailable
from chalicelib.keys import Key
from chalicelib.problems import Problem

Item = versions.Item

# Named conditions: a name before an expression.
IS_NEW = "attribute_not_exists(pk)"
IS_THERE = "attribute_exists(pk)"

# Parallel transactions on one item fail with TransactionConflict, and so does a write that meets one:
# tried again, with full jitter, for about 8 seconds.
CONFLICT_TRIES = 24
CONFLICT_BASE_SECONDS = 0.02
CONFLICT_CAP_SECONDS = 0.7

_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "None"})


class ConditionFailed(Exception):
    """A write's condition did not hold. `item` is what stood there instead, if anything did."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item


@dataclass(frozen=True)
class Write:
    """One step of a transaction. `otherwise` is what its failed condition means to the reader."""

    kind: str  # Put, Update, Delete or ConditionCheck
    request: Mapping[str, Any]
    otherwise: Problem | None = None

    def or_else(self, problem: Problem) -> "Write":
        """The same write, whose failed condition raises this problem."""
        return replace(self, otherwise=problem)


def put(item: Item, *, when: str | None = None, values: Mapping[str, Any] | None = None) -> Write:
    """Put an item, `when` a condition holds (`:name` in it stands for values)."""
    return Write("Put", {"Item": _to_dynamodb(item), **_condition(when, values)})


def update(
    key: Key,
    *,
    sets: Mapping[str, Any] | None = None,
    adds: Mapping[str, int] | None = None,
    removes: Iterable[str] = (),
    when: str | None = IS_THERE,
    values: Mapping[str, Any] | None = None,
) -> Write:
    """Set, add to and remove attributes of an item, `when` a condition holds."""
    names: dict[str, str] = {}
    held = dict(values or {})

    def named(name: str) -> str:
        names[f"#{name}"] = name
        return f"#{name}"

    def pair(name: str, value: object) -> tuple[str, str]:
        held[f":new_{name}"] = value
        return named(name), f":new_{name}"

    clauses = {
        "SET": [" = ".join(pair(*one)) for one in (sets or {}).items()],
        "REMOVE": [named(name) for name in removes],
        "ADD": [" ".join(pair(*one)) for one in (adds or {}).items()],
    }
    expression = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)
    return change(key, expression, names=names, when=when, values=held)


def change(
    key: Key,
    expression: str,
    *,
    when: str | None,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Write:
    """An update by an expression of its own, for what `update` cannot say (lists, and what depends on itself)."""
    request: dict[str, Any] = {
        "Key": _to_dynamodb(key),
        "UpdateExpression": expression,
        **_condition(when, values),
    }
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    return Write("Update", request)


def delete(key: Key, *, when: str | None = None, values: Mapping[str, Any] | None = None) -> Write:
    """Delete an item, `when` a condition holds."""
    return Write("Delete", {"Key": _to_dynamodb(key), **_condition(when, values)})


def check(key: Key, *, when: str, values: Mapping[str, Any] | None = None) -> Write:
    """Change nothing, but let the transaction fail unless a condition holds on an item."""
    return Write("ConditionCheck", {"Key": _to_dynamodb(key), **_condition(when, values)})


def commit(writes: Sequence[Write]) -> None:
    """All of the writes or none, in one transaction.

    Raises the Problem of the first write whose condition failed (ConditionFailed where it has none), and
    `unavailable` when DynamoDB is throttled or in conflict for longer than a reader waits.
    """
    request = {
        "TransactItems": [
            {write.kind: {"TableName": settings.table_name(), **_with_old_item(write.request)}}
            for write in writes
        ],
        # One token over all tries: a lost answer is told apart from a lost request.
        "ClientRequestToken": secrets.token_hex(18),
    }
    for _try in _tries():
        reasons = _transact(request)
        if reasons is None:
            return
        for write, reason in zip(writes, reasons, strict=True):
            if reason["Code"] == "ConditionalCheckFailed":
                raise write.otherwise or ConditionFailed(_from_dynamodb(reason.get("Item")))
        if not all(reason["Code"] in _PASSING for reason in reasons):
            raise RuntimeError(f"transaction refused: {[reason['Code'] for reason in reasons]}")
    raise unavailable()


def write(step: Write) -> Item:
    """One write by itself; returns the item after it.

    Raises its Problem or ConditionFailed when its condition fails, and `unavailable`.
    """
    client = dynamodb()
    operations = {"Put": client.put_item, "Update": client.update_item, "Delete": client.delete_item}
    request = {"TableName": settings.table_name(), **_with_old_item(step.request)}
    if step.kind == "Update":
        request["ReturnValues"] = "ALL_NEW"
    for _try in _tries():
        try:
            answer = available(operations[step.kind], **request)
        except client.exceptions.TransactionConflictException:
            continue
        except client.exceptions.ConditionalCheckFailedException as failure:
            raise step.otherwise or ConditionFailed(_from_dynamodb(failure.response.get("Item"))) from failure
        return _from_dynamodb(answer.get("Attributes")) or {}
    raise unavailable()


def get(key: Key) -> Item | None:
    """An item, read consistently; None where there is none. Raises `unavailable`."""
    answer = available(
        dynamodb().get_item, TableName=settings.table_name(), Key=_to_dynamodb(key), ConsistentRead=True
    )
    return _from_dynamodb(answer.get("Item"))


def batch_get(*keys: Key) -> list[Item | None]:
    """Items in the order of their keys, read consistently in one round trip. Raises `unavailable`."""
    name = settings.table_name()
    wanted = {"Keys": [_to_dynamodb(key) for key in keys], "ConsistentRead": True}
    answer = available(dynamodb().batch_get_item, RequestItems={name: wanted})
    if answer.get("UnprocessedKeys"):
        raise unavailable()
    items = [_from_dynamodb(item) or {} for item in answer["Responses"].get(name, [])]
    found = {(item["pk"], item["sk"]): item for item in items}
    return [found.get((key["pk"], key["sk"])) for key in keys]


@dataclass(frozen=True)
class Page:
    """One page of a list, and the key after which the next one starts."""

    items: list[Item]
    last_key: Key | None


def query(
    pk: str,
    *,
    sk_prefix: str = "",
    index: str | None = None,
    newest_first: bool = False,
    limit: int = 100,
    after: Key | None = None,
) -> Page:
    """The items of one partition in one round trip: consistently, but for an index. Raises `unavailable`."""
    pk_name, sk_name = ("gsi1pk", "gsi1sk") if index else ("pk", "sk")
    condition = f"{pk_name} = :pk"
    values: Item = {":pk": pk}
    if sk_prefix:
        condition += f" AND begins_with({sk_name}, :prefix)"
        values[":prefix"] = sk_prefix
    request: dict[str, Any] = {
        "TableName": settings.table_name(),
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": _to_dynamodb(values),
        "ScanIndexForward": not newest_first,
        "Limit": limit,
    }
    if index:
        request["IndexName"] = index
    else:
        request["ConsistentRead"] = True
    if after:
        request["ExclusiveStartKey"] = _to_dynamodb(after)
    answer = available(dynamodb().query, **request)
    items = [_from_dynamodb(item) or {} for item in answer["Items"]]
    return Page(items, _from_dynamodb(answer.get("LastEvaluatedKey")))


@cache
def dynamodb() -> Any:
    """The DynamoDB client, made on first use."""
    return aws.client("dynamodb")


def _transact(request: dict[str, Any]) -> list[dict[str, Any]] | None:
    """None when committed, else the reasons why the transaction was cancelled."""
    client = dynamodb()
    try:
        available(client.transact_write_items, **request)
    except client.exceptions.TransactionCanceledException as failure:
        reasons: list[dict[str, Any]] = failure.response["CancellationReasons"]
        return reasons
    return None


def _tries() -> Iterator[int]:
    """One turn a try, with a pause of full jitter after each that met a transaction on the same item."""
    for turn in range(CONFLICT_TRIES):
        yield turn
        longest = min(CONFLICT_CAP_SECONDS, CONFLICT_BASE_SECONDS * 2**turn)
        time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter, not a secret.


def _condition(when: str | None, values: Mapping[str, Any] | None) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if when:
        request["ConditionExpression"] = when
    if values:
        request["ExpressionAttributeValues"] = _to_dynamodb(
            {name if name.startswith(":") else f":{name}": value for name, value in values.items()}
        )
    return request


def _with_old_item(request: Mapping[str, Any]) -> dict[str, Any]:
    """A conditional request that tells, when its condition fails, what stands there."""
    if "ConditionExpression" in request:
        return {**request, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    return dict(request)


def _to_dynamodb(item: Mapping[str, Any]) -> dict[str, Any]:
    serialize = _serializer().serialize
    return {name: serialize(value) for name, value in item.items()}


def _from_dynamodb(item: Mapping[str, Any] | None) -> Item | None:
    """What DynamoDB answered, an item in its newest version; None for nothing."""
    if not item:
        return None
    deserialize = _deserializer().deserialize
    return versions.read({name: deserialize(value) for name, value in item.items()})


@cache
def _serializer() -> Any:
    from boto3.dynamodb.types import TypeSerializer

    return TypeSerializer()


@cache
def _deserializer() -> Any:
    from boto3.dynamodb.types import TypeDeserializer

    class Plain(TypeDeserializer):  # type: ignore[misc]
        """Python's own types for boto3's: int for Decimal (we store no fractions), bytes for Binary."""

        def _deserialize_n(self, value: str) -> int:
            return int(value)

        def _deserialize_b(self, value: bytes) -> bytes:
            return value

    return Plain()
