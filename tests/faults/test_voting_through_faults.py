"""Voting while AWS fails or the process dies: the counter never differs from the votes, and sending again mends it."""

from contextlib import suppress

import pytest

from infra.bench.budget import CALLS
from tests.articles.visitors import ARTICLE, NO, YES, agree, vote, votes
from tests.aws_calls import Faults, Killed, conflicts, is_killed, loses_the_answer, throttles
from tests.client import Client

KEY = "5b8d6a1e-4c0f-4f4e-9a52-0c1df7c1a6d3"


@pytest.mark.parametrize("operation", CALLS["POST /api/votes"])
def test_a_vote_killed_at_any_call_leaves_nothing_half_done(
    visitor: Client, faults: Faults, operation: str
) -> None:
    faults.meets(operation, is_killed)
    with pytest.raises(Killed):
        visitor.post("/api/votes", YES, idempotency_key=KEY)
    agree()
    again = visitor.post("/api/votes", YES, idempotency_key=KEY)
    assert (again.body["yes"], again.body["no"]) == (1, 0)
    agree()


@pytest.mark.parametrize("fault", [is_killed, loses_the_answer])
def test_a_change_that_fails_at_its_second_try_is_made_whole_by_the_next(
    visitor: Client, faults: Faults, fault: object
) -> None:
    vote(visitor)
    faults.meets("TransactWriteItems", None, *[fault] * 3)  # type: ignore[list-item]
    with suppress(Killed):
        assert vote(visitor, NO).status == 503
    agree()
    faults.are_over()
    assert vote(visitor, NO).body == {"article": ARTICLE, "yes": 0, "no": 1, "mine": False}
    agree()


def test_others_who_vote_at_the_same_moment_go_unnoticed(visitor: Client, faults: Faults) -> None:
    faults.meets("TransactWriteItems", conflicts, conflicts)
    assert vote(visitor).status == 201
    faults.meets("TransactWriteItems", conflicts, None, conflicts)
    assert vote(visitor, NO).status == 200
    assert votes(visitor) == {"article": ARTICLE, "yes": 0, "no": 1, "mine": False}
    agree()


def test_a_table_that_is_always_busy_is_told_and_nothing_counts(visitor: Client, faults: Faults) -> None:
    faults.always_meets("TransactWriteItems", throttles)
    answer = vote(visitor)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert visitor.cookies == {}
    faults.are_over()
    assert votes(visitor)["yes"] == 0
    assert vote(visitor).status == 201
