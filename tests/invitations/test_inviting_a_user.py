"""Inviting a user: one mail, a link that only its addressee can use, and as many as a day admits."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import brand, sealing
from chalicelib.permissions import PERMISSIONS
from chalicelib.timestamps import parsed
from chalicelib.tokens import digest
from tests.aws_calls import Calls
from tests.client import Answer, Client
from tests.conftest import Clock, Person, everything, items, settle
from tests.invitations.guests import (
    DORA,
    WRONG_PERMISSIONS,
    StoppedClock,
    accept,
    agree,
    invite,
    invited,
    permissions_of,
    preview,
    register,
    resent,
    standing,
    states,
)
from tests.mailbox import Mailbox, html_of, text_of


def test_the_owner_invites_and_a_mail_goes_out(alice: Person, mailbox: Mailbox) -> None:
    client = alice.signed_in()
    answer = invite(client)
    assert answer.status == 201
    told = answer.body
    assert {name: told[name] for name in DORA} == DORA
    assert told["state"] == "pending"
    assert mailbox.only()["To"] == "dora@example.com"
    assert client.get("/api/invitations").body == {"items": [told], "next": None}
    agree()


def test_it_is_on_record_without_the_address(alice: Person) -> None:
    invitation_id = invite(alice.signed_in()).body["id"]
    (event,) = items("AuditEvent")
    assert (event["pk"], event["event"]) == (f"ACCOUNT#{alice.account_id}", "user:invitation:sent")
    assert (event["actor"], event["about"]) == (alice.id, invitation_id)
    assert "dora" not in json.dumps(event)


# The mail.


@pytest.mark.parametrize(
    ("language", "tag", "path", "words"),
    [
        ("sr", "sr-Latn", "/people/accept-invitation/", "Poziv"),
        ("hu", "hu", "/hu/people/accept-invitation/", "meghív"),
        ("es", "es", "/es/people/accept-invitation/", "invita"),
    ],
)
def test_the_mail_speaks_the_chosen_language_in_text_and_html(
    alice: Person, mailbox: Mailbox, language: str, tag: str, path: str, words: str
) -> None:
    invite(alice.signed_in(), language=language)
    mail = mailbox.only()
    link = f"http://localhost:8000{path}#token={mailbox.token()}"
    for part in (text_of(mail), html_of(mail)):
        assert link in part
        assert words.casefold() in part.casefold()
        assert part.count(alice.name) >= 2  # who invites, and the account, which has the same name
    assert mail["Content-Language"] == tag
    assert alice.name in mail["Subject"]


def test_the_language_of_a_known_addressee_is_the_chosen_one_too(
    alice: Person, charlie: Person, mailbox: Mailbox
) -> None:
    """That somebody has a user, and reads Spanish, is nothing that the inviter is shown."""
    invite(alice.signed_in(), email=charlie.email, language="hu")
    assert mailbox.only()["Content-Language"] == "hu"


def test_the_mail_has_exactly_the_expected_headers(alice: Person, mailbox: Mailbox) -> None:
    invite(alice.signed_in())
    mail = mailbox.only()
    assert sorted(mail.keys()) == [
        "Auto-Submitted",
        "Content-Language",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
        "X-Entity-Ref-ID",
    ]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_names_that_look_like_markup_are_inert(aws: None, mailbox: Mailbox) -> None:
    """Our forms refuse such names; a mail does not rely on it."""
    odd = "<b onclick=x>Alice</b> & {{ link }} %(token)s"
    invite(settle("alice", odd, "sr", owns=True).signed_in())
    mail = mailbox.only()
    assert "<b onclick" not in html_of(mail) and "&lt;b onclick=x&gt;Alice&lt;/b&gt; &amp;" in html_of(mail)
    assert odd in text_of(mail) and odd in mail["Subject"]


def test_a_name_makes_no_header(aws: None, mailbox: Mailbox) -> None:
    invite(settle("alice", "Alice\r\nBcc: all@example.com", "sr", owns=True).signed_in())
    mail = mailbox.only()
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Alice"


@pytest.mark.parametrize("name", ["Ő" * 200, "Á-" * 99 + "Á", "密" * 200, "a" * 200])
def test_the_longest_names_stay_within_the_lines_of_a_mail(aws: None, mailbox: Mailbox, name: str) -> None:
    invite(settle("alice", name, "hu", owns=True).signed_in(), language="hu")
    mail = mailbox.only()
    raw = mail.as_bytes()
    head = raw.partition(b"\n\n")[0]
    assert raw.isascii()
    assert max(map(len, head.splitlines())) <= 78, "RFC 5322, 2.1.1"
    assert max(map(len, raw.splitlines())) <= 998
    assert mail["Subject"].count(name) == 2
    assert name in " ".join(text_of(mail).split("\n"))


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x_forwarded_host": "evil.example"},
        {"x_forwarded_proto": "gopher", "x_forwarded_port": "666", "forwarded": "host=evil.example"},
        {"origin": "http://evil.example"},  # Sec-Fetch-Site alone counts where there is one.
        {"referer": "http://evil.example/"},
    ],
    ids=lambda headers: ",".join(headers),
)
def test_the_link_is_built_from_configuration_whatever_a_request_says(
    alice: Person, mailbox: Mailbox, headers: dict[str, str]
) -> None:
    client = alice.signed_in()
    answer = client.send("POST", "/api/invitations", DORA, **headers)
    assert answer.status == 201
    raw = mailbox.only().as_bytes()
    assert b"evil" not in raw and b"gopher" not in raw
    assert text_of(mailbox.messages[0]).count("http") == 1
    assert "http://localhost:8000/es/people/accept-invitation/#token=" in text_of(mailbox.messages[0])


def test_the_link_leads_to_the_site_that_the_deployment_names(
    alice: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(alice.signed_in())
    monkeypatch.setenv("KALAUZ_ORIGINS", "https://help.example http://localhost:8000")
    assert "https://help.example/es/people/accept-invitation/#token=" in text_of(mailbox.only())


# The token.


def test_a_token_has_256_bits_and_is_another_each_time(alice: Person) -> None:
    client = alice.signed_in()
    invitation_id, first = invited(client)
    tokens = {first, resent(client, invitation_id), invited(client, email="erik@example.com")[1]}
    assert len(tokens) == 3
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)  # 32 bytes in base64


def test_of_the_token_only_the_sha_256_is_kept_and_the_mails_copy_is_sealed(
    alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = alice.signed_in()
    invite(client)
    before = everything()
    (queued,) = items("Email")
    token = sealing.unseal(queued["sealed"], owner=f"ACCOUNT#{alice.account_id}")
    assert Mailbox().token() == token
    register(token)
    (kept,) = items("Invitation")
    (link,) = items("InvitationToken")
    assert kept["token_digest"] == digest(token) and link["pk"] == f"INVITATION_TOKEN#{digest(token)}"
    told = client.get("/api/invitations").text
    assert token not in repr(before) + repr(everything()) + told + caplog.text
    assert digest(token) not in told


def test_the_sealed_token_opens_for_its_account_alone(alice: Person) -> None:
    invite(alice.signed_in())
    (queued,) = items("Email")
    for owner in ("ACCOUNT#account-charlie", f"USER#{alice.id}", "ACCOUNT#"):
        with pytest.raises(Exception, match=r"InvalidCiphertext|AccessDenied"):
            sealing.unseal(queued["sealed"], owner=owner)


def test_the_sealed_token_is_gone_once_the_mail_went_out(alice: Person, mailbox: Mailbox) -> None:
    invite(alice.signed_in())
    assert "sealed" in items("Email")[0]
    mailbox.collect()
    assert "sealed" not in items("Email")[0]


def test_the_link_is_valid_for_seven_days_to_the_second(alice: Person, stopped: StoppedClock) -> None:
    answer = invite(alice.signed_in())
    token = Mailbox().token()
    until = parsed(answer.body["expires_at"])
    assert until == stopped.moment.replace(microsecond=0) + timedelta(days=7)
    stopped.moment = until - timedelta(microseconds=1)
    assert preview(token).status == 200
    stopped.moment = until
    assert preview(token).code == register(token).code == "link_expired"
    assert states(alice.signs_in()) == ["expired"]
    stopped.moment = until - timedelta(microseconds=1)
    assert register(token).status == 201


# The permissions.


def test_all_are_the_thirteen_of_the_day(alice: Person) -> None:
    client = alice.signed_in()
    answer = invite(client, permissions="all")
    assert answer.body["permissions"] == list(PERMISSIONS)
    assert len(PERMISSIONS) == 13
    assert items("Invitation")[0]["permissions"] == list(PERMISSIONS)
    register(Mailbox().token())
    (membership,) = [one for one in items("Membership") if not one["is_owner"]]
    assert membership["permissions"] == list(PERMISSIONS)


def test_they_stand_in_the_order_in_which_readers_find_them(alice: Person) -> None:
    answer = invite(alice.signed_in(), permissions=["orders", "tickets", "profile"])
    assert answer.body["permissions"] == ["profile", "tickets", "orders"]


def test_a_person_who_may_nothing_can_be_invited(alice: Person) -> None:
    owner, guest = alice.signed_in(), Client("es")
    _id, token = invited(owner, permissions=[])
    assert register(token, guest).body["permissions"] == []
    assert guest.get("/api/me").body["permissions"] == []
    assert guest.get("/api/contacts").code == guest.get("/api/tickets").code == "not_allowed"


@pytest.mark.parametrize(("permissions", "wrong"), WRONG_PERMISSIONS, ids=repr)
def test_wrong_permissions_are_told_where_they_stand(
    alice: Person, permissions: object, wrong: dict[str, str]
) -> None:
    answer = invite(alice.signed_in(), permissions=permissions)
    assert (answer.status, answer.field_codes) == (422, wrong)
    assert not items("Invitation") and not items("Email")


# The other fields.


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "", "required"),
        ("email", "dora", "invalid_email"),
        ("email", "dora@", "invalid_email"),
        ("email", "dora@example.com, all@example.com", "invalid_email"),
        ("email", "Dora <dora@example.com>", "invalid_email"),
        ("email", "dora@example.com\r\nBcc: all@example.com", "control_characters"),
        ("email", "dora@example.com\x00", "control_characters"),
        ("email", "a" * 250 + "@example.com", "too_long"),
        ("email", ["dora@example.com"], "wrong_type"),
        ("email", None, "wrong_type"),
        ("language", "en", "not_offered"),
        ("language", "SR", "not_offered"),
        ("language", None, "not_offered"),
        ("is_owner", True, "unknown_field"),
        ("account", "account-charlie", "unknown_field"),
        ("name", "Dora", "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_sends_nothing(
    alice: Person, field: str, value: object, code: str
) -> None:
    answer = invite(alice.signed_in(), **{field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert not items("Invitation") and not items("Email") and not items("Attempts")


def test_every_wrong_field_is_told_at_once(alice: Person) -> None:
    answer = alice.signed_in().post("/api/invitations", {"email": "x"})
    assert answer.field_codes == {
        "#/email": "invalid_email",
        "#/language": "required",
        "#/permissions": "required",
    }


@pytest.mark.parametrize("email", ["dora+studio@example.com", "Dora@Example.com", "o'dora_{x}@example.com"])
def test_an_address_is_written_to_as_it_was_typed(alice: Person, mailbox: Mailbox, email: str) -> None:
    typed = invite(alice.signed_in(), email=email).body["email"]
    assert typed.partition("@")[0] == email.partition("@")[0]
    assert mailbox.only()["To"].partition("@")[0] == email.partition("@")[0]


# Once at a time.


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("dora@example.com", "dora@example.com"),
        ("dora@example.com", "DORA@Example.COM"),
        ("dora@example.com", "  dora@example.com "),
        ("dora@čaplja.example.com", "Dora@xn--aplja-gya.example.com"),
    ],
)
def test_an_address_is_invited_once_at_a_time(
    alice: Person, mailbox: Mailbox, first: str, second: str
) -> None:
    client = alice.signed_in()
    assert invite(client, email=first).status == 201
    answer = invite(client, email=second, permissions="all")
    assert (answer.status, answer.code) == (409, "already_exists")
    assert answer.field_codes == {"#/email": "already_invited"}
    assert len(mailbox.collect()) == len(items("Invitation")) == len(items("AuditEvent")) == 1
    agree()


def test_plus_makes_another_address(alice: Person) -> None:
    client = alice.signed_in()
    assert invite(client).status == invite(client, email="dora+studio@example.com").status == 201


def test_another_account_may_invite_the_same_address(alice: Person, charlie: Person) -> None:
    assert invite(alice.signed_in()).status == invite(charlie.signed_in()).status == 201
    agree()


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@example.com", "bob@example.com"])
def test_a_user_of_the_account_is_not_invited(
    alice: Person, bob: Person, mailbox: Mailbox, email: str
) -> None:
    answer = invite(alice.signed_in(), email=email)
    assert (answer.status, answer.code) == (409, "already_exists")
    assert answer.field_codes == {"#/email": "already_a_user"}
    assert mailbox.collect() == [] and not items("Invitation") and not items("InvitedMark")


def test_who_was_revoked_or_has_waited_too_long_may_be_invited_again(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    first, dead = invited(client)
    client.delete(f"/api/invitations/{first}")
    _second, old = invited(client)
    clock.forward(days=7)
    client = alice.signs_in()
    _third, fresh = invited(client)
    assert states(client) == ["pending", "expired", "revoked"]
    agree(clock.now())
    assert preview(dead).code == preview(old).code == "link_expired"
    assert register(fresh).status == 201
    agree(clock.now())


# What an inviter learns of an address.


def steps(calls: Calls) -> list[tuple[str, list[str]]]:
    """The calls so far, of a transaction with the kinds of its steps; what follows is told anew."""
    made = [
        (name, [kind for step in asked.get("TransactItems", []) for kind in step])
        for name, asked in calls.made
    ]
    calls.made.clear()
    return made


def shape(answer: Answer) -> tuple[int, list[str], dict[str, Any]]:
    return answer.status, sorted(answer.body), answer.headers


def test_a_registered_and_an_unknown_address_look_the_same(
    alice: Person, charlie: Person, calls: Calls
) -> None:
    client = alice.signed_in()
    invite(client, email="warm@example.com")
    steps(calls)
    known, known_steps = invite(client, email=charlie.email), steps(calls)
    unknown, unknown_steps = invite(client, email="nobody@example.com"), steps(calls)
    assert shape(known) == shape(unknown) and known.status == 201
    assert known_steps == unknown_steps
    assert [name for name, _kinds in known_steps].count("TransactWriteItems") == 1


def test_they_look_the_same_resent_in_the_list_and_in_the_mail(
    alice: Person, charlie: Person, calls: Calls, mailbox: Mailbox
) -> None:
    client = alice.signed_in()
    told = []
    for email in (charlie.email, "nobody@example.com"):
        invitation_id, _token = invited(client, email=email)
        steps(calls)
        answer = client.post(f"/api/invitations/{invitation_id}/resend")
        made = steps(calls)
        mail = mailbox.collect()[-1]
        words = text_of(mail).replace(mailbox.token(), "TOKEN")
        listed = client.get("/api/invitations").body["items"][0]
        told.append((shape(answer), made, words, mail["Subject"], sorted(listed), listed["state"]))
    assert told[0] == told[1]


# How many.


@pytest.fixture
def few_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brand, "INVITATIONS_PER_DAY", 3)


def test_brand_toml_says_how_many_a_day() -> None:
    assert brand.BRAND["limits"]["invitations_per_day"] == brand.INVITATIONS_PER_DAY == 50


def test_a_days_mails_are_counted_and_resent_ones_are_too(
    alice: Person, mailbox: Mailbox, few_a_day: None
) -> None:
    client = alice.signed_in()
    invitation_id, _token = invited(client)
    resent(client, invitation_id)
    client.delete(f"/api/invitations/{invitation_id}")  # gives nothing back
    other, its_token = invited(client, email="erik@example.com")
    before = standing()
    for answer in (
        invite(client, email="franka@example.com"),
        client.post(f"/api/invitations/{other}/resend"),
    ):
        assert (answer.status, answer.code) == (409, "limit_reached")
    assert standing() == before
    assert preview(its_token).status == 200
    (day,) = items("InvitationsOfDay")
    assert day["mails"] == 3


def test_what_is_refused_is_not_counted(alice: Person, bob: Person, few_a_day: None) -> None:
    client = alice.signed_in()
    for _time in range(2):
        invite(client)
        invite(client, email=bob.email)
        invite(client, email="x")
    assert items("InvitationsOfDay")[0]["mails"] == 1


def test_the_count_begins_anew_on_the_next_day_in_utc(
    alice: Person, few_a_day: None, stopped: StoppedClock
) -> None:
    client = alice.signed_in()
    stopped.moment = stopped.moment.replace(hour=23, minute=59, second=59)
    for place in range(3):
        assert invite(client, email=f"dora{place}@example.com").status == 201
    assert invite(client).code == "limit_reached"
    stopped.moment += timedelta(seconds=1)
    assert invite(client).status == 201
    assert [day["mails"] for day in items("InvitationsOfDay")] == [3, 1]
    forgotten = [datetime.fromtimestamp(day["expires_at"], UTC) for day in items("InvitationsOfDay")]
    assert all(moment > stopped.moment + timedelta(days=1) for moment in forgotten)


def test_each_account_has_a_count_of_its_own(alice: Person, charlie: Person, few_a_day: None) -> None:
    for place in range(3):
        invite(alice.signed_in(), email=f"dora{place}@example.com")
    assert invite(alice.signed_in()).code == "limit_reached"
    assert invite(charlie.signed_in()).status == 201


def test_an_addressee_gets_three_mails_an_hour_whoever_sends_them(
    alice: Person, charlie: Person, clock: Clock, mailbox: Mailbox
) -> None:
    client = alice.signed_in()
    invitation_id, _token = invited(client)
    resent(client, invitation_id)
    assert (
        Client().post("/api/password-resets", {"email": "DORA@example.com", "language": "sr"}).status == 202
    )
    for answer in (
        client.post(f"/api/invitations/{invitation_id}/resend"),
        invite(charlie.signed_in()),
        invite(client, email="Dora@EXAMPLE.com"),
    ):
        assert (answer.status, answer.code) == (429, "too_many_attempts")
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert invite(client, email="erik@example.com").status == 201
    clock.forward(hours=1, seconds=1)
    assert client.post(f"/api/invitations/{invitation_id}/resend").status == 200


def test_an_internet_address_sends_twenty_mails_an_hour(alice: Person, production: dict[str, str]) -> None:
    client = alice.signed_in()
    for place in range(19):
        body = {**DORA, "email": f"dora{place}@example.com"}
        assert client.post("/api/invitations", body, **production).status == 201
    invitation_id = client.get("/api/invitations", **production).body["items"][0]["id"]
    assert client.post(f"/api/invitations/{invitation_id}/resend", **production).status == 200
    elsewhere = {**production, "cloudfront_viewer_address": "198.51.100.11:46532"}
    for path, body in (("/api/invitations", DORA), (f"/api/invitations/{invitation_id}/resend", None)):
        answer = client.send("POST", path, body, **production, x_forwarded_for="192.0.2.7")
        assert (answer.status, answer.code) == (429, "too_many_attempts")
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
        assert client.send("POST", path, body, **elsewhere).status < 300


# Who may.


def test_a_user_with_every_permission_but_not_owner_invites_nobody(alice: Person, mailbox: Mailbox) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=PERMISSIONS)
    invitation_id, token = invited(alice.signed_in())
    client = erika.signed_in()
    before = everything()
    for answer in (
        invite(client, email="friend@example.com"),
        client.get("/api/invitations"),
        client.post(f"/api/invitations/{invitation_id}/resend"),
        client.delete(f"/api/invitations/{invitation_id}"),
    ):
        assert (answer.status, answer.code) == (403, "not_allowed")
    assert everything() == before
    assert preview(token).status == 200


def test_an_invited_user_with_all_permissions_invites_nobody_either(alice: Person) -> None:
    owner, guest = alice.signed_in(), Client("es")
    _id, token = invited(owner, permissions="all")
    register(token, guest)
    assert not guest.get("/api/me").body["is_owner"]
    assert invite(guest, email="friend@example.com").code == "not_allowed"


def test_an_owner_acts_as_one_on_their_own_account_alone(alice: Person, charlie: Person) -> None:
    client = charlie.signed_in()
    _id, token = invited(alice.signed_in(), email=charlie.email, permissions="all")
    accept(token, client)
    assert client.get("/api/me").body["account"]["id"] == alice.account_id
    assert invite(client, email="friend@example.com").code == "not_allowed"
    client.put("/api/session/account", {"account": charlie.account_id})
    assert invite(client, email="friend@example.com").status == 201
    assert permissions_of(alice.signed_in(), charlie.email) == list(PERMISSIONS)


def test_a_visitor_invites_nobody(alice: Person) -> None:
    assert invite(Client()).code == Client().get("/api/invitations").code == "not_signed_in"
    assert not items("Invitation")


def test_a_write_from_another_site_invites_nobody(alice: Person) -> None:
    client = alice.signed_in()
    for site in ("cross-site", "same-site", "none"):
        answer = client.send("POST", "/api/invitations", DORA, sec_fetch_site=site)
        assert (answer.status, answer.code) == (403, "cross_site")
    assert not items("Invitation")
