"""A clock that stands."""

import pytest

from tests.invitations.guests import StoppedClock


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    """The time that the API reads, until the test sets another."""
    clock = StoppedClock()
    monkeypatch.setattr("chalicelib.routing.datetime", clock)
    return clock
