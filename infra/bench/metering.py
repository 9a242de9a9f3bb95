"""What requests to the functions in this process cost: calls of AWS, write units, and time, each kind by itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from argon2 import PasswordHasher
from botocore.client import BaseClient
from chalice.local import LocalChalice

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})


@dataclass
class Cost:
    """Calls of AWS by name, units of write capacity, and seconds; those in AWS and argon2 are part of the handler's."""

    calls: list[str] = field(default_factory=list)
    write_units: float = 0
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
            told = answer["ConsumedCapacity"]
            tables = told if isinstance(told, list) else [told]
            self._cost.write_units += sum(table["CapacityUnits"] for table in tables)
        return answer


@contextmanager
def metering(clock: Callable[[], float] = time.perf_counter) -> Iterator[Meter]:
    """Meter what the functions do in this process, until the end of the block.

    A clock of the thread's own, `time.thread_time`, runs only while the processor works for it.
    """
    meter = Meter(clock)

    def timed(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            with meter.running(kind):
                return function(*arguments, **named)

        return run

    call = BaseClient._make_api_call

    def metered(client: Any, operation: str, request: dict[str, Any]) -> Any:
        return meter.call(client, operation, request, call)

    with ExitStack() as patches:
        patches.enter_context(patch.object(BaseClient, "_make_api_call", metered))
        for kind, owner, name in (
            ("handler", LocalChalice, "__call__"),
            ("argon2", PasswordHasher, "hash"),
            ("argon2", PasswordHasher, "verify"),
        ):
            patches.enter_context(patch.object(owner, name, timed(kind, getattr(owner, name))))
        yield meter
