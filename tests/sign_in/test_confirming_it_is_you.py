"""Confirming who one is, before a sensitive step."""

from datetime import timedelta

import pytest

from chalicelib.timestamps import parsed
from tests.client import Client
from tests.conftest import PASSWORD, Clock, Person, everything, items
from tests.two_factor.authenticator import NO_CODES, awaited, elevate, finish, mid_step, switched_on


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
    assert 840 < int(answer.headers["Retry-After"]) <= 900


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


def test_a_code_is_asked_of_nobody_who_has_two_factor_off(alice: Person) -> None:
    client = alice.signed_in()
    for code in ("123456", "ABCD-2345-6789-WXYZ"):
        assert elevate(client, code).status == 201
    assert {item["pk"].split("#")[1] for item in items("Attempts")} == {"password_per_user"}


# --- With two-factor on ---


def test_password_and_code_elevate(alice: Person, clock: Clock) -> None:
    app, client = switched_on(alice), alice.signed_in()
    old = dict(client.cookies)
    assert client.post("/api/two-factor/recovery-codes").code == "elevation_required"
    answer = elevate(client, app.code())
    assert answer.status == 201
    assert parsed(answer.body["elevated_until"]) - clock.now() > timedelta(minutes=9)
    assert client.cookies["session"] != old["session"]
    assert Client(cookies=old).get("/api/me").code == "not_signed_in"
    assert client.post("/api/two-factor/recovery-codes").status == 201
    clock.forward(minutes=10, seconds=1)
    assert client.post("/api/two-factor/recovery-codes").code == "elevation_required"


def test_what_counts_is_told_to_the_page(alice: Person, clock: Clock) -> None:
    """An elevation by the password alone is told as the past one that it is."""
    client = alice.signed_in()
    assert parsed(client.get("/api/me").body["elevated_until"]) > clock.now()
    app = switched_on(alice)
    assert parsed(client.get("/api/me").body["elevated_until"]) <= clock.now()
    elevate(client, app.code())
    assert parsed(client.get("/api/me").body["elevated_until"]) > clock.now()


def test_without_a_code_it_is_asked_for_before_anything_is_tried(alice: Person) -> None:
    switched_on(alice)
    client = alice.signed_in()
    before = everything()
    for body in ({"password": PASSWORD}, {"password": PASSWORD, "code": None}, {"password": "wrong"}):
        answer = client.post("/api/session/elevation", body)
        assert (answer.status, answer.field_codes) == (422, {"#/code": "not_a_code"})
    assert everything() == before


@pytest.mark.parametrize(("code", "told"), NO_CODES, ids=repr)
def test_what_is_no_code_is_told_so_and_counts_as_no_try(alice: Person, code: object, told: str) -> None:
    switched_on(alice)
    client = alice.signed_in()
    before = everything()
    answer = client.post("/api/session/elevation", {"password": PASSWORD, "code": code})
    assert (answer.status, answer.field_codes) == (422, {"#/code": told})
    assert everything() == before


def test_a_wrong_code_elevates_nothing_and_may_be_mended(alice: Person) -> None:
    app, client = switched_on(alice), alice.signed_in()
    before = items("Session")
    answer = elevate(client, app.wrong_code())
    assert (answer.status, answer.code) == (401, "second_factor_failed")
    assert answer.field_codes == {"#/code": "wrong_code"}
    assert items("Session") == before
    assert elevate(client, app.code()).status == 201


def test_with_a_wrong_password_no_code_is_checked_or_spent(alice: Person) -> None:
    app, client = switched_on(alice), alice.signed_in()
    body = {"password": "wrong", "code": app.code()}
    answer = client.post("/api/session/elevation", body)
    assert answer.field_codes == {"#/password": "wrong_password"}
    assert elevate(client, body["code"]).status == 201


def test_a_code_that_signed_in_elevates_nothing_and_the_other_way_round(alice: Person, clock: Clock) -> None:
    app, now = switched_on(alice), mid_step(clock)
    client = alice.signed_in()
    assert finish(awaited(alice), app.code(now, steps=-1)).status == 201
    assert elevate(client, app.code(now, steps=-1)).code == "second_factor_failed"
    assert elevate(client, app.code(now)).status == 201
    assert finish(awaited(alice), app.code(now)).code == "second_factor_failed"
    assert finish(awaited(alice), app.code(now, steps=1)).status == 201


def test_elevating_one_session_elevates_no_other(alice: Person) -> None:
    app, here, there = switched_on(alice), alice.signed_in(), alice.signed_in()
    assert elevate(here, app.code()).status == 201
    assert there.get("/api/me").status == 200
    assert there.delete("/api/two-factor").code == "elevation_required"


def test_it_is_on_record(alice: Person) -> None:
    app = switched_on(alice)
    elevate(alice.signed_in(), app.code())
    (event,) = items("AuditEvent")
    assert (event["event"], event["actor"]) == ("user:session:elevated", alice.id)
