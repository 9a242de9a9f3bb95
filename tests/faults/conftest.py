"""Waiting costs a test no time: what would have been slept is added up instead."""

from types import SimpleNamespace

import pytest

from infra.local import stack


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that botocore and the table's own retries wait, one entry a wait.

    The clients are new ones: each has a stock of retries, which the faults of an earlier test may have used up.
    """
    stack.forget_clients()
    waits: list[float] = []
    quick = SimpleNamespace(sleep=waits.append)
    monkeypatch.setattr("botocore.endpoint.time", quick)
    monkeypatch.setattr("chalicelib.table.time", quick)
    return waits
