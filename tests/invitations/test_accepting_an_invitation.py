"""Accepting an invitation: as its addressee alone, once, by registering or signed in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import keys, table
from chalicelib.accounts import repository as accounts
from chalicelib.permissions import PERMISSIONS
from chalicelib.timestamps import rfc3339
from chalicelib.users import repository as users
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Clock, Person, items, settle
from tests.invitations.guests import (
    NEW_USER,
    accept,
    agree,
    invited,
    permissions_of,
    preview,
    register,
    resent,
    standing,
    states,
)
from tests.mailbox import Mailbox, html_of, text_of

REGISTRATION = {"name": "Dora", "email": "dora@example.com", "language": "es"}


def stands(email: str) -> tuple[str, str, str]:
    """The hash of a user's password, their name and their language, as they are stored."""
    known = accounts.sign_in_address(email)
    assert known
    user = accounts.user(known.user_id)
    assert user
    return known.password_hash, user["name"], user["language"]


# By registering.


def test_an_unknown_addressee_registers_and_is_signed_in(alice: Person) -> None:
    owner, guest = alice.signed_in(), Client("es")
    _id, token = invited(owner)
    answer = register(token, guest)
    assert answer.status == 201
    assert answer.body["account"] == {"id": alice.account_id, "name": "Alice Petrović"}
    assert answer.body["permissions"] == ["invoices", "tickets"]
    assert answer.body["session"]["expires_at"] > rfc3339(datetime.now(UTC))
    me = guest.get("/api/me").body
    assert (me["user"]["name"], me["user"]["email"]) == ("Dora Núñez", "dora@example.com")
    assert me["account"] == answer.body["account"] and me["accounts"] == [me["account"]]
    assert me["permissions"] == ["invoices", "tickets"]
    assert not me["is_owner"] and not me["two_factor"]
    assert guest.get("/api/tickets").status == 200 and guest.get("/api/contacts").code == "not_allowed"
    assert states(owner) == ["accepted"]
    assert permissions_of(owner, "dora@example.com") == ["invoices", "tickets"]
    agree()


def test_they_sign_in_later_with_the_password_that_they_chose(alice: Person) -> None:
    _id, token = invited(alice.signed_in(), email="Dora+studio@Example.com")
    register(token, password="druga čaplja preko reke")
    client, body = Client("es"), {"email": "dora+STUDIO@example.com", "password": "druga čaplja preko reke"}
    assert client.post("/api/session", body).status == 201
    assert client.get("/api/me").body["account"]["id"] == alice.account_id
    wrong = Client().post("/api/session", {**body, "password": PASSWORD})
    assert wrong.code == "sign_in_failed"


def test_the_session_stands_as_one_after_signing_in(alice: Person, clock: Clock) -> None:
    guest = Client("es")
    _id, token = invited(alice.signed_in())
    register(token, guest)
    assert guest.post("/api/two-factor").status == 201  # which asks for elevation
    clock.forward(minutes=11)
    assert guest.post("/api/two-factor").code == "elevation_required"
    clock.forward(hours=25)
    assert guest.get("/api/me").code == "not_signed_in"


@pytest.mark.parametrize(
    ("sent", "language"), [({}, "es"), ({"language": None}, "es"), ({"language": "hu"}, "hu")]
)
def test_their_language_is_the_invitations_unless_they_choose(
    alice: Person, sent: dict[str, Any], language: str
) -> None:
    guest = Client("sr")
    _id, token = invited(alice.signed_in())
    assert register(token, guest, **sent).status == 201
    assert guest.get("/api/me").body["user"]["language"] == language


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"#/name": "required", "#/password": "required"}),
        ({"name": None, "password": None}, {"#/name": "required", "#/password": "required"}),
        ({"name": "Dora"}, {"#/password": "required"}),
        ({"password": PASSWORD}, {"#/name": "required"}),
        ({**NEW_USER, "name": ""}, {"#/name": "required"}),
        ({**NEW_USER, "name": "<b>Dora</b>"}, {"#/name": "not_a_name"}),
        ({**NEW_USER, "name": "Dora\r\nBcc: all@example.com"}, {"#/name": "control_characters"}),
        ({**NEW_USER, "name": "D" * 201}, {"#/name": "too_long"}),
        ({**NEW_USER, "name": ["Dora"]}, {"#/name": "wrong_type"}),
        ({**NEW_USER, "password": "kratka"}, {"#/password": "too_short"}),
        ({**NEW_USER, "password": "a" * 129}, {"#/password": "too_long"}),
        ({**NEW_USER, "password": "password1"}, {"#/password": "too_common"}),
        ({**NEW_USER, "password": "moja-Tilia-2026"}, {"#/password": "provider_word"}),
        ({**NEW_USER, "password": ""}, {"#/password": "required"}),
        ({**NEW_USER, "password": 12345678}, {"#/password": "wrong_type"}),
        ({**NEW_USER, "language": "en"}, {"#/language": "not_offered"}),
        ({**NEW_USER, "language": ""}, {"#/language": "not_offered"}),
        ({**NEW_USER, "email": "other@example.com"}, {"#/email": "unknown_field"}),
        ({**NEW_USER, "permissions": "all"}, {"#/permissions": "unknown_field"}),
    ],
)
def test_what_is_missing_or_poor_is_told_at_its_field_and_the_link_still_works(
    alice: Person, sent: dict[str, Any], wrong: dict[str, str]
) -> None:
    _id, token = invited(alice.signed_in())
    before = standing()
    answer = accept(token, **sent)
    assert (answer.status, answer.field_codes) == (422, wrong)
    assert standing() == before
    assert register(token).status == 201


@pytest.mark.parametrize(
    "password", ["pass word", "  šest reči i razmaci  ", "密码密码密码密码", "🐢" * 7 + "🐇"]
)
def test_any_unicode_and_spaces_make_a_password(alice: Person, password: str) -> None:
    _id, token = invited(alice.signed_in())
    assert register(token, password=password).status == 201
    body = {"email": "dora@example.com", "password": password}
    assert Client().post("/api/session", body).status == 201


def test_the_address_is_claimed_once(alice: Person, mailbox: Mailbox) -> None:
    """A registration that waited meanwhile is told that there is an account, and makes none."""
    Client().post("/api/registrations", REGISTRATION)
    waiting = mailbox.token()
    _id, token = invited(alice.signed_in())
    assert register(token).status == 201
    before = standing()
    late = Client().post("/api/registrations/confirm", {"token": waiting, "password": "treća čaplja ovde"})
    assert (late.status, late.code) == (409, "already_exists")
    assert standing() == before


def test_nothing_secret_stands_in_clear_in_the_table(alice: Person) -> None:
    guest = Client()
    _id, token = invited(alice.signed_in())
    register(token, guest)
    for secret in (token, NEW_USER["password"], guest.cookies["session"]):
        assert secret not in repr(items("Invitation") + standing())


# Signed in as the addressee.


def test_an_existing_user_signs_in_and_accepts(alice: Person, charlie: Person) -> None:
    owner, guest = alice.signed_in(), charlie.signs_in()
    _id, token = invited(owner, email=charlie.email)
    answer = accept(token, guest)
    assert answer.status == 201
    assert answer.body == {
        "account": {"id": alice.account_id, "name": "Alice Petrović"},
        "permissions": ["invoices", "tickets"],
        "session": None,
    }
    assert "Set-Cookie" not in answer.headers
    me = guest.get("/api/me").body
    assert me["account"]["id"] == alice.account_id and not me["is_owner"]
    assert {one["id"] for one in me["accounts"]} == {alice.account_id, charlie.account_id}
    assert permissions_of(owner, charlie.email) == ["invoices", "tickets"]
    agree()


def test_their_own_account_stays_theirs(alice: Person, charlie: Person) -> None:
    guest = charlie.signed_in()
    _id, token = invited(alice.signed_in(), email=charlie.email)
    accept(token, guest)
    assert guest.put("/api/session/account", {"account": charlie.account_id}).status == 204
    assert guest.get("/api/me").body["is_owner"]


@pytest.mark.parametrize(
    ("registered", "invited_as"),
    [
        ("charlie@example.com", "CHARLIE@Example.com"),
        ("charlie+work@example.com", "Charlie+Work@EXAMPLE.com"),
        ("charlie@čaplja.example.com", "charlie@xn--aplja-gya.example.com"),
        ("charlie@xn--aplja-gya.example.com", "Charlie@ČAPLJA.example.com"),
    ],
)
def test_the_addressee_is_known_however_the_address_is_written(
    alice: Person, registered: str, invited_as: str
) -> None:
    guest = joined_as(registered)
    owner = alice.signed_in()
    _id, token = invited(owner, email=invited_as)
    assert preview(token).body["registered"] is True
    assert register(token).code == "not_signed_in"
    assert accept(token, guest).status == 201


def joined_as(email: str) -> Client:
    """The browser of somebody who opened an account with an address."""
    client = Client()
    client.post("/api/registrations", {"name": "Charlie", "email": email, "language": "es"})
    body = {"token": Mailbox().token(), "password": PASSWORD}
    assert client.post("/api/registrations/confirm", body).status == 201
    return client


@pytest.mark.parametrize("email", ["charlie+work@example.com", "charlie@example.org", "charli@example.com"])
def test_a_similar_address_is_anothers(alice: Person, charlie: Person, email: str) -> None:
    _id, token = invited(alice.signed_in(), email=email)
    assert preview(token).body["registered"] is False
    assert accept(token, charlie.signed_in()).code == "other_addressee"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"name": "Somebody Else"},
        {"password": "sasvim druga čaplja"},
        {"language": "hu"},
        {"name": "Somebody Else", "password": "sasvim druga čaplja", "language": "hu"},
        {"name": None, "password": None, "language": None},
    ],
    ids=repr,
)
def test_what_is_sent_for_an_existing_user_changes_nothing_of_theirs(
    alice: Person, charlie: Person, sent: dict[str, Any]
) -> None:
    guest = charlie.signed_in()
    _id, token = invited(alice.signed_in(), email=charlie.email)
    before = stands(charlie.email)
    assert accept(token, guest, **sent).status == 201
    assert stands(charlie.email) == before
    assert charlie.signs_in().get("/api/me").body["user"]["name"] == charlie.name


def test_an_existing_user_must_sign_in_whatever_is_sent(
    alice: Person, charlie: Person, mailbox: Mailbox
) -> None:
    _id, token = invited(alice.signed_in(), email=charlie.email)
    mailbox.collect()
    before, hashes = standing(), stands(charlie.email)
    for sent in ({}, NEW_USER, {"name": charlie.name, "password": PASSWORD}):
        answer = accept(token, **sent)
        assert (answer.status, answer.code) == (401, "not_signed_in")
        assert "Set-Cookie" not in answer.headers
    assert standing() == before and stands(charlie.email) == hashes
    assert mailbox.collect() == []
    assert accept(token, charlie.signs_in()).status == 201


def test_a_dead_session_is_none(alice: Person, charlie: Person, clock: Clock) -> None:
    """The browser still has a cookie: who has a user signs in, and who has none registers."""
    owner, idle, ended, gone = (
        alice.signed_in(),
        charlie.signed_in(),
        charlie.signed_in(),
        charlie.signed_in(),
    )
    _id, token = invited(owner, email=charlie.email)
    _id, for_dora = invited(owner)
    cookies = dict(gone.cookies)
    assert gone.delete("/api/session").status == 204
    assert charlie.signed_in().delete("/api/sessions").status == 204  # ends the others by their generation
    made_up = {"session": "made-up"}
    for dead in (ended.cookies, cookies, made_up, {"session": ""}, {"session": "x" * 5000}):
        assert accept(token, Client(cookies=dict(dead))).code == "not_signed_in"
    clock.forward(hours=25)
    assert accept(token, idle).code == "not_signed_in"
    assert register(for_dora, Client(cookies=dict(cookies))).status == 201


def enrolled(person: Person) -> list[str]:
    """Switch a person's two-factor on; returns the recovery codes."""
    import pyotp

    client = person.signed_in()
    secret = client.post("/api/two-factor").body["secret"]
    answer = client.post("/api/two-factor/confirm", {"code": pyotp.TOTP(secret).now()})
    assert answer.status == 201, answer.text
    return list(answer.body["recovery_codes"])


def test_with_two_factor_on_the_password_alone_accepts_nothing(alice: Person, charlie: Person) -> None:
    codes = enrolled(charlie)
    owner, guest = alice.signed_in(), charlie.client()
    _id, token = invited(owner, email=charlie.email)
    body = {"email": charlie.email, "password": PASSWORD}
    assert guest.post("/api/session", body).status == 202
    before = standing()
    for sent in ({}, {"name": charlie.name, "password": PASSWORD}):
        answer = accept(token, guest, **sent)
        assert (answer.status, answer.code) == (401, "not_signed_in")
    assert standing() == before
    assert guest.post("/api/session/second-factor", {"code": codes[0]}).status == 201
    assert accept(token, guest).status == 201
    assert guest.get("/api/me").body["two_factor"] is True
    again = charlie.client().post("/api/session", body)
    assert (again.status, again.body) == (202, {"second_factor": "totp"})


# Signed in as somebody else.


@pytest.mark.parametrize(
    ("language", "words"),
    [("sr", "Odjavite se"), ("hu", "Jelentkezzen ki"), ("es", "Cierre")],
)
def test_another_user_is_shown_both_addresses_and_uses_nothing_up(
    alice: Person, charlie: Person, language: str, words: str
) -> None:
    owner, other = alice.signed_in(), charlie.signed_in()
    other.language = language
    _id, token = invited(owner)
    before, hashes = standing(), stands(charlie.email)
    for sent in ({}, NEW_USER):
        answer = accept(token, other, **sent)
        assert (answer.status, answer.code) == (403, "other_addressee")
        title = answer.body["title"]
        assert "dora@example.com" in title and charlie.email in title and words in title
    assert standing() == before and stands(charlie.email) == hashes
    assert other.get("/api/me").body["account"]["id"] == charlie.account_id
    other.delete("/api/session")
    assert register(token, other).status == 201


def test_who_signs_out_and_in_as_the_addressee_goes_on(alice: Person, bob: Person, charlie: Person) -> None:
    browser = bob.signs_in()
    _id, token = invited(alice.signed_in(), email=charlie.email)
    assert accept(token, browser).code == "other_addressee"
    browser.delete("/api/session")
    assert accept(token, browser).code == "not_signed_in"
    browser.post("/api/session", {"email": charlie.email, "password": PASSWORD})
    assert accept(token, browser).status == 201


def test_the_owner_who_opens_the_link_accepts_nothing_for_the_guest(alice: Person) -> None:
    client = alice.signed_in()
    _id, token = invited(client)
    assert accept(token, client).code == "other_addressee"
    assert states(client) == ["pending"]


# Once.


def test_a_link_works_once(alice: Person) -> None:
    owner = alice.signed_in()
    _id, token = invited(owner)
    register(token)
    before = standing()
    for answer in (
        preview(token),
        accept(token),
        register(token, name="Somebody Else", password="sasvim druga čaplja"),
        accept(token, owner),
    ):
        assert (answer.status, answer.code) == (410, "link_expired")
    assert standing() == before


def test_who_presses_again_is_told_to_sign_in(alice: Person) -> None:
    """Perhaps the first answer was lost: the link is used up, and what it was for is done."""
    guest = Client("es")
    _id, token = invited(alice.signed_in())
    register(token, guest)
    titles = {accept(token, Client(language)).body["title"] for language in ("sr", "hu", "es")}
    assert len(titles) == 3
    client = Client("es")
    client.post("/api/session", {"email": "dora@example.com", "password": NEW_USER["password"]})
    assert client.get("/api/me").body["account"]["id"] == alice.account_id


def test_who_was_removed_and_is_invited_again_is_a_user_again(alice: Person, charlie: Person) -> None:
    owner, guest = alice.signed_in(), charlie.signed_in()
    _id, first = invited(owner, email=charlie.email)
    accept(first, guest)
    owner.delete(f"/api/users/{charlie.id}")
    assert permissions_of(owner, charlie.email) is None
    _id, second = invited(owner, email=charlie.email, permissions="all")
    assert accept(first, guest).code == "link_expired"
    assert accept(second, guest).status == 201
    assert guest.get("/api/me").body["permissions"] == list(PERMISSIONS)
    assert states(owner) == ["accepted", "accepted"]
    agree()


def test_two_accounts_may_have_the_same_guest(alice: Person, charlie: Person) -> None:
    guest = Client("es")
    _id, to_alice = invited(alice.signed_in())
    _id, to_charlie = invited(charlie.signed_in(), permissions=["contacts"])
    register(to_alice, guest)
    assert accept(to_charlie, guest).status == 201
    me = guest.get("/api/me").body
    assert me["account"]["id"] == charlie.account_id and me["permissions"] == ["contacts"]
    assert len(me["accounts"]) == 2
    guest.put("/api/session/account", {"account": alice.account_id})
    assert guest.get("/api/me").body["permissions"] == ["invoices", "tickets"]
    agree()


def test_a_removed_user_who_joins_another_account_is_on_it_when_they_sign_in_next(
    alice: Person, charlie: Person
) -> None:
    """Signing in opens the account that was joined last, not one that is lost."""
    guest = Client("es")
    _id, token = invited(alice.signed_in())
    register(token, guest)
    alice.signed_in().delete(f"/api/users/{guest.get('/api/me').body['user']['id']}")
    _id, token = invited(charlie.signed_in())
    assert accept(token, guest).status == 201
    assert guest.get("/api/me").body["account"]["id"] == charlie.account_id
    later = Client("es")
    later.post("/api/session", {"email": "dora@example.com", "password": NEW_USER["password"]})
    assert later.get("/api/me").body["account"]["id"] == charlie.account_id


def test_a_membership_that_began_otherwise_is_told_and_nothing_is_used_up(
    alice: Person, charlie: Person
) -> None:
    _id, token = invited(alice.signed_in(), email=charlie.email)
    table.commit([users.new_membership(alice.account_id, charlie.id, datetime.now(UTC))])
    answer = accept(token, charlie.signed_in())
    assert (answer.status, answer.code) == (409, "already_exists")
    assert preview(token).status == 200


def test_an_hour_before_its_end_it_is_accepted_and_an_hour_later_not(alice: Person, clock: Clock) -> None:
    owner = alice.signed_in()
    _id, first = invited(owner)
    _id, second = invited(owner, email="erik@example.com")
    clock.ahead = timedelta(days=7, hours=-1)
    assert register(first).status == 201
    clock.ahead = timedelta(days=7, hours=1)
    assert register(second).code == "link_expired"


# The inviter.


def has_given_up_ownership(person: Person) -> None:
    key = keys.membership(person.account_id, person.id)
    table.write(table.update(key, sets={"is_owner": False}))


def test_an_inviter_who_owns_the_account_no_longer_grants_nothing(alice: Person, charlie: Person) -> None:
    owner = alice.signed_in()
    _id, for_charlie = invited(owner, email=charlie.email)
    _id, for_dora = invited(owner)
    has_given_up_ownership(alice)
    before = [one for one in standing() if one["entity"] != "Session"]
    for answer in (accept(for_charlie, charlie.signed_in()), register(for_dora)):
        assert (answer.status, answer.code) == (410, "link_expired")
    assert [one for one in standing() if one["entity"] != "Session"] == before


def test_an_inviter_who_left_the_account_grants_nothing_either(alice: Person) -> None:
    _id, token = invited(alice.signed_in())
    table.write(table.delete(keys.membership(alice.account_id, alice.id)))
    assert register(token).code == "link_expired"
    assert not [one for one in items("User") if one["email"] == "dora@example.com"]


def test_the_next_owner_resends_and_that_link_grants(alice: Person) -> None:
    """Who resends an invitation vouches for it from then on."""
    invitation_id, _token = invited(alice.signed_in())
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, owns=False)
    table.write(table.update(keys.membership(alice.account_id, erika.id), sets={"is_owner": True}))
    has_given_up_ownership(alice)
    token = resent(erika.signed_in(), invitation_id)
    assert preview(token).body["inviter"] == "Erika"
    assert register(token).status == 201
    notice = [mail for mail in Mailbox().collect() if mail["To"] == erika.email]
    assert len(notice) == 1


def test_the_inviter_gets_a_notice(alice: Person, mailbox: Mailbox) -> None:
    _id, token = invited(alice.signed_in())
    register(token)
    mail = mailbox.only()
    assert mail["To"] == alice.email
    assert mail["Content-Language"] == "sr-Latn"
    assert "Dora Núñez" in mail["Subject"]
    link = "http://localhost:8000/people/permissions/"
    for part in (text_of(mail), html_of(mail)):
        assert "dora@example.com" in part and "Alice Petrović" in part and link in part
        assert "token" not in part


def test_the_notice_speaks_the_inviters_language_of_the_moment(alice: Person, mailbox: Mailbox) -> None:
    owner = alice.signed_in()
    _id, token = invited(owner)
    register(token)
    assert owner.patch("/api/me", {"language": "hu"}).status == 200
    mail = mailbox.only()
    assert mail["Content-Language"] == "hu"
    assert "/hu/people/permissions/" in text_of(mail)


def test_the_notice_has_the_name_that_an_existing_user_has(
    alice: Person, charlie: Person, mailbox: Mailbox
) -> None:
    _id, token = invited(alice.signed_in(), email=charlie.email)
    accept(token, charlie.signed_in(), name="Your bank")
    text = text_of(mailbox.only())
    assert charlie.name in text and "Your bank" not in text


def test_it_is_on_record(alice: Person) -> None:
    guest = Client()
    invitation_id, token = invited(alice.signed_in())
    register(token, guest)
    events = [one for one in items("AuditEvent") if one["event"] == "user:invitation:accepted"]
    (event,) = events
    user_id = guest.get("/api/me").body["user"]["id"]
    assert (event["pk"], event["actor"], event["about"]) == (
        f"ACCOUNT#{alice.account_id}",
        user_id,
        invitation_id,
    )


# Requests.


def test_accepting_from_another_site_is_refused(alice: Person) -> None:
    _id, token = invited(alice.signed_in())
    answer = Client().send(
        "POST", "/api/invitations/accept", {"token": token, **NEW_USER}, sec_fetch_site="cross-site"
    )
    assert (answer.status, answer.code) == (403, "cross_site")
    assert preview(token).status == 200


def test_accepting_is_counted_before_anything_is_looked_up(alice: Person, production: dict[str, str]) -> None:
    def guess(place: int) -> Answer:
        body = {"token": f"guess {place}", **NEW_USER}
        return Client().post("/api/invitations/accept", body, **production)

    assert [guess(place).code for place in range(31)] == ["not_found"] * 30 + ["too_many_attempts"]
