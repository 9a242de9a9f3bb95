"""What requests to the functions in this process cost: calls of AWS, units of capacity, and time of each kind."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from argon2 import PasswordHasher
from botocore.client import BaseClient
from chalice.local import LocalChalice

from chalicelib.keys import Key, key
from infra.bench.item_sizes import read_units

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})
_READS = frozenset({"GetItem", "BatchGetItem", "Query"})


@dataclass
class Cost:
    """Calls of AWS by name, units of capacity, items written, mails queued among them, hashes by argon2, and seconds.

    The seconds in AWS and in argon2 are part of the handler's. Each item written is a record of the table's stream.
    """

    calls: list[str] = field(default_factory=list)
    write_units: float = 0
    read_units: float = 0
    records: int = 0
    mails: list[Key] = field(default_factory=list)
    hashes: int = 0
    handler: float = 0
    aws: float = 0
    argon2: float = 0

    @property
    def own(self) -> float:
        """Seconds of our code, with Chalice and pydantic."""
        return self.handler - self.aws - self.argon2


class Meter:
    """Adds up the cost of all requests until it is read."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cost = Cost()

    def read(self) -> Cost:
        """The cost since it was read last."""
        cost, self._cost = self._cost, Cost()
        return cost

    @contextmanager
    def running(self, kind: str) -> Iterator[None]:
        """Add the seconds of this block to a kind of time."""
        start = self._clock()
        try:
            yield
        finally:
            setattr(self._cost, kind, getattr(self._cost, kind) + self._clock() - start)

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Add a hash, and its seconds."""
        self._cost.hashes += 1
        with self.running("argon2"):
            yield

    def call(self, client: Any, operation: str, request: dict[str, Any], original: Callable[..., Any]) -> Any:
        """Call AWS, asking what it consumed where an operation can tell."""
        if (
            "ReturnConsumedCapacity"
            in client.meta.service_model.operation_model(operation).input_shape.members
        ):
            request = {**request, "ReturnConsumedCapacity": "TOTAL"}
        self._cost.calls.append(operation)
        with self.running("aws"):
            answer = original(client, operation, request)
        if operation in _WRITES:
            self._cost.write_units += _consumed(answer)
            self._note(written(operation, request))
        if operation in _READS:
            self._cost.read_units += read_units(operation, request, answer)
        return answer

    def _note(self, writes: list[dict[str, Any]]) -> None:
        self._cost.records += len(writes)
        for item in (write["Item"] for write in writes if "Item" in write):
            if item["entity"]["S"] == "Email":
                self._cost.mails.append(key(item["pk"]["S"], item["sk"]["S"]))


def written(operation: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    """What a call that writes changes, an item each: of a transaction each step but those that only look."""
    if operation != "TransactWriteItems":
        return [request]
    steps = [next(iter(step.items())) for step in request["TransactItems"]]
    return [write for kind, write in steps if kind != "ConditionCheck"]


def _consumed(answer: dict[str, Any]) -> float:
    """The write units that an answer tells of: a step of a transaction counts twice."""
    told = answer["ConsumedCapacity"]
    return float(sum(table["CapacityUnits"] for table in (told if isinstance(told, list) else [told])))


@contextmanager
def metering(clock: Callable[[], float] = time.perf_counter) -> Iterator[Meter]:
    """Meter what the functions do in this process, until the end of the block.

    A clock of the thread's own, `time.thread_time`, runs only while the processor works for it.
    """
    meter = Meter(clock)

    def within(
        block: Callable[[], AbstractContextManager[None]], function: Callable[..., Any]
    ) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            with block():
                return function(*arguments, **named)

        return run

    call = BaseClient._make_api_call

    def metered(client: Any, operation: str, request: dict[str, Any]) -> Any:
        return meter.call(client, operation, request, call)

    with ExitStack() as patches:
        patches.enter_context(patch.object(BaseClient, "_make_api_call", metered))
        for block, owner, name in (
            (lambda: meter.running("handler"), LocalChalice, "__call__"),
            (meter.hashing, PasswordHasher, "hash"),
            (meter.hashing, PasswordHasher, "verify"),
        ):
            patches.enter_context(patch.object(owner, name, within(block, getattr(owner, name))))
        yield meter
