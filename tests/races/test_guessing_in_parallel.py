"""Guessing in parallel (trust.md, 6): each try is counted before it is judged, however many come at once."""

from collections import Counter
from collections.abc import Iterator

import pytest

from chalicelib import hashing, limits, table
from tests.client import Client
from tests.conftest import PASSWORD, Person, items
from tests.races.racing import at_once

pytestmark = pytest.mark.xdist_group("ministack")

THREADS = 40
WINDOW = 10


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The passwords that were compared with the stored one."""
    compared: list[str] = []
    is_right = hashing.is_right

    def counted(password: str, stored: str | None) -> bool:
        compared.append(password)
        return is_right(password, stored)

    monkeypatch.setattr(hashing, "is_right", counted)
    yield compared


def guessing(alice: Person) -> Counter[str]:
    def run(place: int) -> str:
        client = Client(peer=f"203.0.113.{place}")
        return client.post("/api/session", {"email": alice.email, "password": f"guess {place}"}).code

    return Counter(at_once(THREADS, run))


def test_of_forty_guesses_ten_are_judged(alice: Person, judged: list[str]) -> None:
    codes = guessing(alice)
    assert codes == {"sign_in_failed": WINDOW, "too_many_attempts": THREADS - WINDOW}
    assert len(judged) == WINDOW
    (times,) = [item["times"] for item in items("Attempts") if "sign_in_per_email" in item["pk"]]
    assert len(times) == WINDOW


def test_without_the_condition_more_are(
    alice: Person, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = table.change

    def unguarded(key: table.Key, expression: str, *, when: str | None, **named: object) -> table.Write:
        always = f"{when} OR attribute_exists(pk) OR attribute_not_exists(pk)" if when else None
        return change(key, expression, when=always, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(limits.table, "change", unguarded)
    assert guessing(alice)["sign_in_failed"] > WINDOW
    assert len(judged) > WINDOW


def test_over_many_sessions_of_one_user_ten_are_judged(alice: Person, judged: list[str]) -> None:
    sessions = [alice.signed_in().cookies for _session in range(THREADS)]

    def run(place: int) -> int:
        client = Client(cookies=sessions[place])
        return client.post("/api/session/elevation", {"password": f"guess {place}"}).status

    assert Counter(at_once(THREADS, run)) == {422: WINDOW, 429: THREADS - WINDOW}
    assert len(judged) == WINDOW


def test_the_right_password_among_them_opens_at_most_one_way(alice: Person, judged: list[str]) -> None:
    def run(place: int) -> int:
        body = {"email": alice.email, "password": PASSWORD}
        return Client(peer=f"203.0.113.{place}").post("/api/session", body).status

    assert Counter(at_once(20, run)) == {201: WINDOW, 429: 20 - WINDOW}
    assert len(items("Session")) == WINDOW


def test_one_session_is_renewed_once(alice: Person) -> None:
    cookies = alice.signed_in().cookies

    def run(_place: int) -> int:
        return Client(cookies=dict(cookies)).delete("/api/sessions").status

    outcome = Counter(at_once(10, run))
    assert outcome == {204: 1, 401: 9}
    assert len(items("Session")) == 1
