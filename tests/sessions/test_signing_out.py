"""Signing out: here, and everywhere else."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib import keys, table
from chalicelib.accounts import repository as accounts
from chalicelib.request import SignedIn
from chalicelib.routing import GATE
from chalicelib.tokens import digest
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Clock, Person, items


def test_the_session_is_dead_and_its_cookies_are_taken_back(alice: Person) -> None:
    client = alice.signed_in()
    kept = dict(client.cookies)
    answer = client.delete("/api/session")
    assert answer.status == 204
    assert answer.headers["Set-Cookie"] == [
        "session=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax",
        "signed_in=1; Path=/; Max-Age=0; SameSite=Lax",
    ]
    assert client.cookies == {}
    assert Client(cookies=kept).get("/api/me").code == "not_signed_in"
    assert not items("Session")


def test_other_devices_stay_signed_in(alice: Person) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    here.delete("/api/session")
    assert there.get("/api/me").status == 200


def test_signing_out_twice_says_so(alice: Person) -> None:
    client = alice.signed_in()
    kept = dict(client.cookies)
    client.delete("/api/session")
    assert Client(cookies=kept).delete("/api/session").code == "not_signed_in"


def test_signing_out_everywhere_else_ends_the_others_and_renews_this_one(
    alice: Person, charlie: Person
) -> None:
    here, there, stranger = alice.signed_in(), alice.signed_in(), charlie.signed_in()
    old = dict(here.cookies)
    assert here.delete("/api/sessions").status == 204
    assert here.get("/api/me").status == 200
    assert here.cookies["session"] != old["session"]
    assert there.get("/api/me").code == "not_signed_in"
    assert Client(cookies=old).get("/api/me").code == "not_signed_in"
    assert stranger.get("/api/me").status == 200


def test_a_session_begun_afterwards_lives(alice: Person) -> None:
    alice.signed_in().delete("/api/sessions")
    assert alice.signs_in().get("/api/me").status == 200


def test_signing_out_elsewhere_proves_nothing_and_lasts_no_longer(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    (before,) = items("Session")
    clock.forward(hours=20)
    client.delete("/api/sessions")
    (after,) = items("Session")
    assert after["elevated_until"] == before["elevated_until"]
    clock.forward(hours=20)
    assert client.get("/api/me").status == 200
    for _time in range(13):
        clock.forward(hours=23)
        client.delete("/api/sessions")
    clock.forward(hours=4)
    assert client.get("/api/me").code == "not_signed_in"


def renewing(path: str, client: Client) -> Answer:
    if path == "/api/sessions":
        return client.delete(path)
    if path == "/api/session/elevation":
        return client.post(path, {"password": PASSWORD})
    return client.put(path, {"current": PASSWORD, "new": "potpuno nova lozinka"})


def everything_ends(alice: Person, _token: str) -> None:
    table.commit([accounts.end_all_sessions(alice.id), accounts.count_generation(alice.email)])


def this_one_ends(_alice: Person, token: str) -> None:
    table.write(table.delete(keys.under_hash("SESSION", digest(token))))


@pytest.mark.parametrize("path", ["/api/sessions", "/api/session/elevation", "/api/me/password"])
@pytest.mark.parametrize("ends", [everything_ends, this_one_ends])
def test_a_session_ended_while_it_is_renewed_has_no_successor(
    alice: Person, monkeypatch: pytest.MonkeyPatch, path: str, ends: Callable[[Person, str], None]
) -> None:
    client = alice.signed_in()
    authorise = GATE.authorise
    assert authorise

    def ended_meanwhile(token: str, now: datetime) -> SignedIn:
        found = authorise(token, now)
        ends(alice, token)
        return found

    monkeypatch.setattr(GATE, "authorise", ended_meanwhile)
    before = {session["pk"] for session in items("Session")}
    assert renewing(path, client).code == "not_signed_in"
    assert {session["pk"] for session in items("Session")} <= before
    monkeypatch.undo()
    assert client.get("/api/me").code == "not_signed_in"
    assert alice.signs_in().get("/api/me").status == 200  # The password is the old one.
