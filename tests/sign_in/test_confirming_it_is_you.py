"""Confirming who one is, before a sensitive step."""

from datetime import timedelta

import pytest

from chalicelib.timestamps import parsed
from tests.client import Client
from tests.conftest import PASSWORD, Clock, Person, items


def test_signing_in_counts_for_ten_minutes(alice: Person) -> None:
    alice.signs_in()
    (session,) = items("Session")
    assert parsed(session["elevated_until"]) - parsed(session["created_at"]) == timedelta(minutes=10)


def test_the_password_elevates_and_renews_the_session(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    old = dict(client.cookies)
    later = clock.forward(minutes=11)
    answer = client.post("/api/session/elevation", {"password": PASSWORD})
    assert answer.status == 201
    assert parsed(answer.body["elevated_until"]) - later >= timedelta(minutes=10)
    assert client.cookies["session"] != old["session"]
    assert client.get("/api/me").status == 200
    assert Client(cookies=old).get("/api/me").code == "not_signed_in"
    assert len(items("Session")) == 1


def test_a_wrong_password_is_told_at_its_field_and_changes_nothing(alice: Person) -> None:
    client = alice.signed_in()
    before = items("Session")
    answer = client.post("/api/session/elevation", {"password": "wrong"})
    assert (answer.status, answer.field_codes) == (422, {"#/password": "wrong_password"})
    assert items("Session") == before
    assert client.get("/api/me").status == 200


def test_other_devices_stay_as_they_are(alice: Person) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    here.post("/api/session/elevation", {"password": PASSWORD})
    assert there.get("/api/me").status == 200


def test_a_user_has_ten_tries_in_a_quarter_of_an_hour_over_all_sessions(alice: Person) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    for client in (here, there) * 5:
        assert client.post("/api/session/elevation", {"password": "wrong"}).status == 422
    answer = there.post("/api/session/elevation", {"password": PASSWORD})
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert 890 < int(answer.headers["Retry-After"]) <= 900


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"#/password": "required"}),
        ({"password": ""}, {"#/password": "required"}),
        ({"password": None}, {"#/password": "wrong_type"}),
        ({"password": PASSWORD, "code": "12345"}, {"#/code": "not_a_code"}),
    ],
)
def test_bad_input_is_told_at_its_field(alice: Person, body: object, codes: dict[str, str]) -> None:
    answer = alice.signed_in().post("/api/session/elevation", body)
    assert (answer.status, answer.field_codes) == (422, codes)
