"""Switching two-factor off: by who has password and code, and by nothing else."""

from datetime import datetime

import pytest

from chalicelib.request import SignedIn
from chalicelib.routing import GATE
from tests.client import Client
from tests.conftest import PASSWORD, Clock, Person, items
from tests.mailbox import Mailbox
from tests.requests.walk import INVITATION, Place
from tests.two_factor.authenticator import (
    RECOVERY_CODES,
    awaited,
    awaiting,
    credential,
    elevate,
    enrolled,
    finish,
    switched_on,
)

NEW = "nova čaplja preko druge reke"


def is_on(person: Person) -> bool:
    """Its user, the secret and the sign-in all say so."""
    body = {"email": person.email, "password": PASSWORD}
    return (
        person.signed_in().get("/api/two-factor").body["on"]
        and credential(person) is not None
        and person.client().post("/api/session", body).status == 202
    )


def test_the_password_alone_signs_in_from_then_on(alice: Person) -> None:
    switched_on(alice)
    client = alice.signed_in(with_code=True)
    assert client.delete("/api/two-factor").status == 204
    assert client.get("/api/two-factor").body == {"on": False, "since": None, "recovery_codes_left": 0}
    me = alice.signs_in().get("/api/me").body
    assert (me["two_factor"], me["two_factor_since"]) == (False, None)


def test_nothing_of_it_is_left(alice: Person) -> None:
    switched_on(alice)
    waiting = awaited(alice)
    alice.signed_in(with_code=True).delete("/api/two-factor")
    assert not items("TotpCredential") and not items("TotpEnrolment") and not items("RecoveryCode")
    assert finish(waiting, RECOVERY_CODES[0]).code == "not_signed_in"


def test_sessions_stay(alice: Person) -> None:
    switched_on(alice)
    here, there = alice.signed_in(with_code=True), alice.signed_in()
    here.delete("/api/two-factor")
    assert here.get("/api/me").status == there.get("/api/me").status == 200


def test_a_password_counts_as_elevation_again(alice: Person) -> None:
    switched_on(alice)
    alice.signed_in(with_code=True).delete("/api/two-factor")
    assert alice.signs_in().post("/api/two-factor").status == 201


def test_where_it_is_off_there_is_nothing_to_switch_off(alice: Person) -> None:
    switched_on(alice)
    client = alice.signed_in(with_code=True)
    client.delete("/api/two-factor")
    answer = client.delete("/api/two-factor")
    assert (answer.status, answer.code) == (404, "not_found")


def test_switched_on_again_it_is_another_secret(alice: Person, clock: Clock) -> None:
    old = switched_on(alice)
    client = alice.signed_in(with_code=True)
    client.delete("/api/two-factor")
    app, _confirmed = enrolled(client, clock)
    assert app.secret != old.secret
    clock.forward(minutes=1)
    waiting = awaiting(alice)
    for code in (old.code(clock.now()), RECOVERY_CODES[0]):
        assert finish(waiting, code).code == "second_factor_failed"
    assert finish(waiting, app.code(clock.now())).status == 201


def test_one_notice_goes_out_in_the_users_language(bob: Person, mailbox: Mailbox) -> None:
    switched_on(bob)
    client = bob.signed_in(with_code=True)
    client.language = "es"
    client.delete("/api/two-factor")
    notice = mailbox.only()
    assert (notice["To"], notice["Content-Language"]) == (bob.email, "hu")
    assert [mail["kind"] for mail in items("Email")] == ["two_factor_disabled"]


def test_it_is_on_record(alice: Person) -> None:
    switched_on(alice)
    alice.signed_in(with_code=True).delete("/api/two-factor")
    (event,) = items("AuditEvent")
    assert (event["event"], event["actor"]) == ("user:two_factor:disabled", alice.id)


# --- What does not switch it off, and does not go round it ---


def test_a_session_and_the_password_do_not(alice: Person) -> None:
    app, thief = switched_on(alice), alice.signed_in()
    for code, told in ((None, "validation_failed"), (app.wrong_code(), "second_factor_failed")):
        assert elevate(thief, code).code == told
        assert thief.delete("/api/two-factor").code == "elevation_required"
    assert is_on(alice)


def test_a_session_elevated_before_it_was_switched_on_elsewhere_does_not(alice: Person, clock: Clock) -> None:
    thief, owner = alice.signs_in(), alice.signs_in()
    assert elevate(thief).status == 201
    enrolled(owner, clock)
    assert thief.get("/api/me").status == 200
    assert thief.delete("/api/two-factor").code == "elevation_required"
    assert thief.post("/api/two-factor/recovery-codes").code == "elevation_required"


def test_a_changed_password_does_not(alice: Person) -> None:
    switched_on(alice)
    thief = alice.signed_in()
    assert thief.put("/api/me/password", {"current": PASSWORD, "new": NEW}).status == 200
    assert thief.delete("/api/two-factor").code == "elevation_required"
    assert credential(alice)


def test_a_reset_password_does_not_and_signs_nobody_in(alice: Person, mailbox: Mailbox) -> None:
    app = switched_on(alice)
    Client().post("/api/password-resets", {"email": alice.email, "language": "sr"})
    thief = Client()
    done = thief.post("/api/password-resets/complete", {"token": mailbox.token(), "new": NEW})
    assert (done.status, thief.cookies) == (204, {})
    answer = thief.post("/api/session", {"email": alice.email, "password": NEW})
    assert (answer.status, answer.body) == (202, {"second_factor": "totp"})
    assert thief.get("/api/me").code == "not_signed_in"
    assert finish(thief, app.wrong_code()).code == "second_factor_failed"
    assert finish(thief, app.code()).status == 201


def test_an_invitation_does_not_and_signs_nobody_in(alice: Person, charlie: Person) -> None:
    switched_on(charlie)
    invitation = {"email": charlie.email, "language": "es", "permissions": "all"}
    assert alice.signed_in().post("/api/invitations", invitation).status == 201
    token = Mailbox().token()
    for client in (Client(), awaited(charlie)):
        for also in ({}, {"name": "Charlie", "password": NEW}):
            answer = client.post("/api/invitations/accept", {"token": token, **also})
            assert (answer.status, answer.code) == (401, "not_signed_in")
            assert "session" not in client.cookies
    assert is_on(charlie)


def test_opening_another_account_does_not(alice: Person) -> None:
    Place.furnished(alice)
    switched_on(alice)
    client = alice.signed_in()
    assert client.post("/api/invitations/accept", {"token": INVITATION}).code == "other_addressee"
    assert client.put("/api/session/account", {"account": alice.account_id}).status == 204
    assert client.delete("/api/sessions").status == 204
    assert client.delete("/api/two-factor").code == "elevation_required"


def test_a_session_ended_while_it_is_asked_for_does_not(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, thief, owner = switched_on(alice), alice.signed_in(with_code=True), alice.signed_in()
    authorise = GATE.authorise
    assert authorise

    def ended_meanwhile(token: str, now: datetime) -> SignedIn:
        found = authorise(token, now)
        monkeypatch.setattr(GATE, "authorise", authorise)
        assert owner.delete("/api/sessions").status == 204
        return found

    monkeypatch.setattr(GATE, "authorise", ended_meanwhile)
    assert thief.delete("/api/two-factor").code == "not_signed_in"
    assert finish(awaited(alice), app.code()).status == 201
