"""Voting at once: whatever meets, a visitor has one vote on an article, and the counters say what the votes say."""

from collections import Counter

import pytest

from tests.articles.visitors import NO, YES, agree, vote, votes
from tests.client import Client
from tests.conftest import items
from tests.races.racing import at_once, without

pytestmark = [pytest.mark.xdist_group("ministack"), pytest.mark.usefixtures("emulated")]

THREADS = 20
ARTICLES = "chalicelib.articles.repository"
KEY = "5b8d6a1e-4c0f-4f4e-9a52-0c1df7c1a6d3"


def voting(client: Client, *said: dict[str, object]) -> Counter[int]:
    """Let one browser send these votes in turn, many at once."""
    cookies = client.cookies

    def run(place: int) -> int:
        return vote(Client(cookies=dict(cookies)), said[place % len(said)]).status

    return Counter(at_once(THREADS, run))


def known() -> Client:
    """A browser that has voted, on another article."""
    client = Client()
    assert vote(client, article="support/open-ticket").status == 201
    return client


def test_one_vote_sent_twenty_times_at_once_counts_once() -> None:
    client = known()
    assert voting(client, YES) == {201: 1, 200: THREADS - 1}
    assert votes(client)["yes"] == 1
    agree()


def test_without_the_condition_it_counts_more() -> None:
    client = known()
    with without((f"{ARTICLES}.IS_NEW", None)):
        voting(client, YES)
    assert votes(client)["yes"] > 1


def test_a_first_vote_of_a_browser_without_a_cookie_counts_once_by_its_key() -> None:
    def run(_place: int) -> int:
        return Client().post("/api/votes", YES, idempotency_key=KEY).status

    assert Counter(at_once(THREADS, run)) == {201: 1, 200: THREADS - 1}
    assert votes(Client())["yes"] == len(items("Vote")) == 1


def test_changing_it_twenty_times_at_once_moves_one() -> None:
    vote(Client())
    client = known()
    vote(client)
    assert voting(client, NO) == {200: THREADS}
    assert votes(client) == {"article": YES["article"], "yes": 1, "no": 1, "mine": False}
    agree()


def test_without_the_condition_it_moves_more() -> None:
    client = known()
    vote(client)
    with without((f"{ARTICLES}.IS_UNCHANGED", "revision = :seen OR attribute_exists(pk)")):
        voting(client, NO)
    with pytest.raises(AssertionError):
        agree()


def test_answers_that_contradict_each_other_end_in_one_of_them() -> None:
    client = known()
    assert set(voting(client, YES, NO)) <= {200, 201, 503}
    standing = votes(client)
    assert standing["yes"] + standing["no"] == 1
    assert standing["mine"] is (standing["yes"] == 1)
    agree()


def test_twenty_visitors_at_once_are_twenty_votes() -> None:
    def run(place: int) -> int:
        return vote(Client(), NO if place % 4 else YES).status

    assert Counter(at_once(THREADS, run)) == {201: THREADS}
    assert votes(Client()) == {"article": YES["article"], "yes": 5, "no": 15, "mine": None}
    agree()
