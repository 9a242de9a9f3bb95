"""Transactions that meet on an item, refused as DynamoDB refuses them: ministack, which has them wait, does not.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html, "Transaction conflict handling"
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

ItemKey = tuple[str, str]

_ALONE = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


@dataclass
class Conflicts:
    """How many writes were refused because they met a transaction, and the items that are in one now."""

    refused: int = 0
    _busy: set[ItemKey] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def under_way(self) -> bool:
        """Whether there is any transaction now."""
        return bool(self._busy)

    def call(
        self,
        client: Any,
        operation: str,
        request: dict[str, Any],
        original: Callable[..., Any],
        lasts: float,
    ) -> Any:
        """Call AWS; a transaction takes so many seconds at least, and its items are busy meanwhile."""
        if operation in _ALONE:
            self._refuse_alone(client, operation, _key(request))
        if operation != "TransactWriteItems":
            return original(client, operation, request)
        keys = [_key(write) for step in request["TransactItems"] for write in step.values()]
        self._begin(client, operation, keys)
        start = time.monotonic()
        try:
            return original(client, operation, request)
        finally:
            time.sleep(max(0.0, start + lasts - time.monotonic()))
            with self._lock:
                self._busy -= set(keys)

    def _refuse_alone(self, client: Any, operation: str, key: ItemKey) -> None:
        with self._lock:
            if key not in self._busy:
                return
            self.refused += 1
        error = {"Error": {"Code": "TransactionConflictException", "Message": "Transaction is ongoing"}}
        raise client.exceptions.TransactionConflictException(_answered(error), operation)

    def _begin(self, client: Any, operation: str, keys: list[ItemKey]) -> None:
        with self._lock:
            met = [key in self._busy for key in keys]
            if not any(met):
                self._busy |= set(keys)
                return
            self.refused += 1
        reasons = [{"Code": "TransactionConflict" if busy else "None"} for busy in met]
        error = {"Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}}
        raise client.exceptions.TransactionCanceledException(
            _answered({**error, "CancellationReasons": reasons}), operation
        )


@contextmanager
def conflicting(lasts: float) -> Iterator[Conflicts]:
    """Let transactions of this process last so many seconds and conflict, until the end of the block."""
    conflicts, call = Conflicts(), BaseClient._make_api_call

    def meeting(client: Any, operation: str, request: dict[str, Any]) -> Any:
        return conflicts.call(client, operation, request, call, lasts)

    with patch.object(BaseClient, "_make_api_call", meeting):
        yield conflicts


def _answered(error: dict[str, Any]) -> dict[str, Any]:
    return {**error, "ResponseMetadata": {"HTTPStatusCode": 400}}


def _key(write: dict[str, Any]) -> ItemKey:
    key = write.get("Item") or write["Key"]
    return key["pk"]["S"], key["sk"]["S"]
