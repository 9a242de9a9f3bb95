"""Renewing the recovery codes: ten others, and the ones from before are worthless."""

from datetime import datetime

import pytest

from chalicelib import table
from chalicelib.request import SignedIn
from chalicelib.routing import GATE
from chalicelib.two_factor import repository
from tests.client import Client
from tests.conftest import Clock, Person, items
from tests.mailbox import Mailbox, html_of, text_of
from tests.two_factor.authenticator import (
    RECOVERY_CODES,
    awaited,
    credential,
    elevate,
    enrolled,
    finish,
    switched_on,
)


def renewed(client: Client) -> list[str]:
    answer = client.post("/api/two-factor/recovery-codes")
    assert answer.status == 201, answer.text
    return list(answer.body["recovery_codes"])


def test_the_new_ones_work_and_the_old_ones_do_not(alice: Person) -> None:
    switched_on(alice)
    codes = renewed(alice.signed_in(with_code=True))
    assert len(set(codes)) == 10 and not set(codes) & set(RECOVERY_CODES)
    assert len(items("RecoveryCode")) == 10
    waiting = awaited(alice)
    assert finish(waiting, RECOVERY_CODES[0]).code == "second_factor_failed"
    assert finish(waiting, codes[0]).status == 201


def test_who_used_some_has_ten_again(alice: Person) -> None:
    switched_on(alice)
    for code in RECOVERY_CODES[:3]:
        assert finish(awaited(alice), code).status == 201
    client = alice.signed_in(with_code=True)
    assert client.get("/api/two-factor").body["recovery_codes_left"] == 7
    renewed(client)
    assert client.get("/api/two-factor").body["recovery_codes_left"] == 10
    assert len(items("RecoveryCode")) == 10


def test_the_app_goes_on_as_it_was(alice: Person) -> None:
    app = switched_on(alice)
    before = credential(alice)
    renewed(alice.signed_in(with_code=True))
    after = credential(alice)
    assert before and after and (before["sealed"], before["since"]) == (after["sealed"], after["since"])
    assert finish(awaited(alice), app.code()).status == 201


def test_it_asks_for_password_and_code_of_the_last_ten_minutes(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    app, _confirmed = enrolled(client, clock)
    clock.forward(minutes=10, seconds=1)
    assert client.post("/api/two-factor/recovery-codes").code == "elevation_required"
    assert elevate(client).field_codes == {"#/code": "not_a_code"}
    assert elevate(client, app.code(clock.now())).status == 201
    renewed(client)


def test_where_two_factor_is_off_there_are_none(alice: Person) -> None:
    answer = alice.signed_in().post("/api/two-factor/recovery-codes")
    assert (answer.status, answer.code) == (404, "not_found")
    assert not items("RecoveryCode")


def test_one_notice_goes_out_in_the_users_language(bob: Person, mailbox: Mailbox) -> None:
    switched_on(bob)
    client = bob.signed_in(with_code=True)
    client.language = "es"
    codes = renewed(client)
    notice = mailbox.only()
    assert (notice["To"], notice["Content-Language"]) == (bob.email, "hu")
    assert [mail["kind"] for mail in items("Email")] == ["recovery_codes_renewed"]
    assert not any(code in text_of(notice) + html_of(notice) for code in codes)


def test_it_is_on_record(alice: Person) -> None:
    switched_on(alice)
    renewed(alice.signed_in(with_code=True))
    (event,) = items("AuditEvent")
    assert (event["event"], event["actor"]) == ("user:recovery_codes:renewed", alice.id)


def test_what_is_switched_on_while_it_is_asked_for_gives_no_codes_to_a_password(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two-factor was off when the elevation by password was looked at, and on when its codes were."""
    thief, authorise = alice.signed_in(), GATE.authorise
    assert authorise

    def switched_on_meanwhile(token: str, now: datetime) -> SignedIn:
        found = authorise(token, now)
        switched_on(alice)
        return found

    monkeypatch.setattr(GATE, "authorise", switched_on_meanwhile)
    assert thief.post("/api/two-factor/recovery-codes").code == "not_signed_in"
    assert finish(awaited(alice), RECOVERY_CODES[0]).status == 201


def test_what_another_request_renewed_meanwhile_is_not_mixed_with_it(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_on(alice)
    here, there = alice.signed_in(with_code=True), alice.signed_in(with_code=True)
    read, others = repository.recovery_codes, list[str]()

    def renewed_meanwhile(user_id: str) -> list[table.Item]:
        monkeypatch.setattr(repository, "recovery_codes", read)
        found = read(user_id)
        others.extend(renewed(there))
        return found

    monkeypatch.setattr(repository, "recovery_codes", renewed_meanwhile)
    answer = here.post("/api/two-factor/recovery-codes")
    assert (answer.status, answer.code) == (503, "unavailable")
    assert len(items("RecoveryCode")) == 10
    assert finish(awaited(alice), others[0]).status == 201
