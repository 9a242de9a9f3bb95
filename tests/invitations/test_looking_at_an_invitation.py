"""Looking at an invitation: the addressee by the link, the owner in the list; looking uses nothing up."""

import json
from itertools import chain
from typing import Any

import pytest

from chalicelib import table
from chalicelib.permissions import PERMISSIONS
from chalicelib.tokens import digest
from tests.aws_calls import Calls
from tests.client import Answer, Client
from tests.conftest import Clock, Person, everything, items
from tests.invitations.guests import (
    DORA,
    NEW_USER,
    accept,
    invite,
    invited,
    preview,
    register,
    resent,
    standing,
    states,
)
from tests.mailbox import Mailbox


def test_the_link_tells_who_invites_to_what(alice: Person) -> None:
    client = alice.signed_in()
    _id, token = invited(client)
    answer = preview(token)
    assert answer.status == 200
    told = client.get("/api/invitations").body["items"][0]
    assert answer.body == {
        "account": "Alice Petrović",
        "inviter": "Alice Petrović",
        "email": "dora@example.com",
        "language": "es",
        "permissions": ["invoices", "tickets"],
        "expires_at": told["expires_at"],
        "registered": False,
    }
    for secret in (alice.email, alice.id, alice.account_id, told["id"]):
        assert secret not in answer.text


def test_whether_the_addressee_has_a_user_is_told_to_who_reads_the_mailbox(
    alice: Person, charlie: Person
) -> None:
    _id, token = invited(alice.signed_in(), email="CHARLIE@example.com")
    assert preview(token).body["registered"] is True


def test_who_registers_meanwhile_is_asked_to_sign_in(alice: Person, mailbox: Mailbox) -> None:
    _id, token = invited(alice.signed_in())
    assert preview(token).body["registered"] is False
    Client().post("/api/registrations", {"name": "Dora", "email": "dora@example.com", "language": "es"})
    body = {"token": mailbox.token(), "password": NEW_USER["password"]}
    assert Client().post("/api/registrations/confirm", body).status == 201
    assert preview(token).body["registered"] is True


def test_looking_fifty_times_uses_nothing_up(alice: Person, calls: Calls) -> None:
    _id, token = invited(alice.signed_in())
    before = standing()
    calls.made.clear()
    assert len({preview(token).text for _time in range(50)}) == 1
    assert set(calls.taken()) == {"UpdateItem", "GetItem"}  # the update counts the look
    assert standing() == before
    assert register(token).status == 201


def test_no_get_leads_to_the_token(alice: Person) -> None:
    """Scanners of mails follow links: theirs ends at a page of ours, and the API has nothing for a GET."""
    _id, token = invited(alice.signed_in())
    before = everything()
    for _time in range(50):
        for path in ("/api/invitations/preview", "/api/invitations/accept"):
            answer = Client().get(path)
            assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert everything() == before
    assert register(token).status == 201


# Tokens that are not the link's.

ODD: dict[str, Any] = {
    "a space behind": lambda token: token + " ",
    "a space before": lambda token: " " + token,
    "a line behind": lambda token: token + "\n",
    "a tab before": lambda token: "\t" + token,
    "another case": lambda token: token.swapcase(),
    "upper case": lambda token: token.upper(),
    "%20 behind": lambda token: token + "%20",
    "%20 before": lambda token: "%20" + token,
    "%00 behind": lambda token: token + "%00",
    "NUL behind": lambda token: token + "\x00",
    "cut": lambda token: token[:-1],
    "cut in front": lambda token: token[1:],
    "padded": lambda token: token + "=",
    "padded twice": lambda token: token + "==",
    "zero width behind": lambda token: token + "\u200b",
    "zero width inside": lambda token: token[:20] + "\u200d" + token[20:],
    "byte order mark": lambda token: "\ufeff" + token,
    "full width": lambda token: "".join(chr(ord(letter) + 0xFEE0) for letter in token),
    "twice": lambda token: token * 2,
    "its hash": digest,
    "as a link": lambda token: f"#token={token}",
    "as a key": lambda token: f"INVITATION_TOKEN#{digest(token)}",
    "another alphabet": lambda token: token[:-1] + "+",
    "made up": lambda token: "x" * 43,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_token_opens_nothing(alice: Person, odd: Any) -> None:
    _id, token = invited(alice.signed_in())
    client = alice.signed_in()
    before = standing()
    for answer in (preview(odd(token)), register(odd(token)), accept(odd(token), client)):
        assert (answer.status, answer.code) == (404, "not_found")
    assert standing() == before
    assert preview(token).status == 200


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "required"),
        (None, "wrong_type"),
        (7, "wrong_type"),
        (7.5, "wrong_type"),
        (True, "wrong_type"),
        ([], "wrong_type"),
        (["x" * 43], "wrong_type"),
        ({"token": "x" * 43}, "wrong_type"),
        ("x" * 201, "too_long"),
        ("x" * 20_000, "too_long"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_token_is_told_at_its_field(alice: Person, token: object, code: str) -> None:
    for answer in (preview(token), register(token)):
        assert (answer.status, answer.field_codes) == (422, {"#/token": code})
    assert not items("Attempts")


@pytest.mark.parametrize("path", ["preview", "accept"])
@pytest.mark.parametrize("body", [{}, None])
def test_no_token_at_all_is_told_too(aws: None, path: str, body: object) -> None:
    answer = Client().post(f"/api/invitations/{path}", body)
    assert answer.code in ("validation_failed", "malformed_body")


def test_a_lone_surrogate_is_no_token(aws: None) -> None:
    answer = Client().post("/api/invitations/preview", rb'{"token": "\ud800"}')
    assert answer.status in (400, 422)


def test_the_token_in_an_address_is_not_looked_at(alice: Person) -> None:
    _id, token = invited(alice.signed_in())
    answer = Client().post(f"/api/invitations/preview?token={token}", {})
    assert answer.field_codes == {"#/token": "required"}


def test_a_dead_link_tells_nothing_of_its_invitation(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    revoked, token = invited(client)
    client.delete(f"/api/invitations/{revoked}")
    again, replaced = invited(client)
    accepted = resent(client, again)
    register(accepted)
    _other, expired = invited(client, email="erik@example.com")
    clock.forward(days=7)
    for dead in (token, replaced, accepted, expired):
        for answer in (preview(dead), register(dead), accept(dead, alice.signs_in())):
            assert (answer.status, answer.code) == (410, "link_expired")
            told = json.dumps({**answer.body, "type": "", "instance": ""}, ensure_ascii=False)
            assert not any(word in told for word in ("Alice", "Petrović", "example.com", "invoices"))


def test_an_internet_address_looks_thirty_times_an_hour_and_accepting_counts_too(
    alice: Person, production: dict[str, str]
) -> None:
    alice.signed_in().post("/api/invitations", DORA, **production)
    token = Mailbox().token()

    def look(**headers: str) -> Answer:
        return Client().post("/api/invitations/preview", {"token": token}, **{**production, **headers})

    assert [look().status for _time in range(29)] == [200] * 29
    refused = Client().post("/api/invitations/accept", {"token": token}, **production)
    assert refused.field_codes == {"#/name": "required", "#/password": "required"}
    for answer in (
        look(),
        look(x_forwarded_for="192.0.2.7"),
        Client().post("/api/invitations/accept", {"token": token, **NEW_USER}, **production),
    ):
        assert (answer.status, answer.code) == (429, "too_many_attempts")
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert look(cloudfront_viewer_address="198.51.100.11:46532").status == 200


def test_made_up_tokens_are_counted_as_well(alice: Person, production: dict[str, str]) -> None:
    codes = [
        Client().post("/api/invitations/preview", {"token": f"guess {place}"}, **production).code
        for place in range(31)
    ]
    assert codes == ["not_found"] * 30 + ["too_many_attempts"]


# The owner's list.


def test_the_newest_stands_first_with_its_state(alice: Person, clock: Clock) -> None:
    owner = alice.signed_in()
    invited(owner, email="expired@example.com")
    clock.forward(days=7)
    client = alice.signs_in()
    revoked, _token = invited(client, email="revoked@example.com")
    client.delete(f"/api/invitations/{revoked}")
    _id, token = invited(client, email="accepted@example.com")
    register(token)
    invited(client, email="pending@example.com")
    told = [(one["email"], one["state"]) for one in client.get("/api/invitations").body["items"]]
    assert told == [
        (f"{state}@example.com", state) for state in ("pending", "accepted", "revoked", "expired")
    ]


def test_of_the_others_it_tells_nothing(alice: Person, charlie: Person) -> None:
    invite(alice.signed_in())
    invite(charlie.signed_in(), email="erik@example.com")
    for person, email in ((alice, "dora@example.com"), (charlie, "erik@example.com")):
        told = person.signed_in().get("/api/invitations").body["items"]
        assert [one["email"] for one in told] == [email]


def test_it_tells_neither_token_nor_hash_nor_who_has_a_user(alice: Person, charlie: Person) -> None:
    client = alice.signed_in()
    invite(client, email=charlie.email)
    (told,) = client.get("/api/invitations").body["items"]
    assert set(told) == {
        "id",
        "email",
        "language",
        "permissions",
        "state",
        "created_at",
        "sent_at",
        "expires_at",
    }


def test_a_long_list_is_told_in_pages(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    emails = [f"dora{place}@example.com" for place in range(6)]
    for email in emails:
        assert invite(client, email=email).status == 201
    query = table.query

    def short(*arguments: object, **named: object) -> table.Page:
        return query(*arguments, **{**named, "limit": 2})  # type: ignore[arg-type]

    monkeypatch.setattr(table, "query", short)
    pages, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"/api/invitations?cursor={cursor}" if cursor else "/api/invitations").body
        pages.append([one["email"] for one in answer["items"]])
        cursor = answer["next"]
    assert list(chain(*pages)) == emails[::-1]
    assert [len(page) for page in pages[:3]] == [2, 2, 2]


@pytest.mark.parametrize("cursor", ["x", "%00", "%20", "..", "~", "0", "#", "x" * 400, "x" * 2000])
def test_a_made_up_cursor_tells_no_more_than_the_list(alice: Person, charlie: Person, cursor: str) -> None:
    invite(charlie.signed_in())
    answer = alice.signed_in().get(f"/api/invitations?cursor={cursor}")
    assert answer.status in (200, 404)
    if answer.status == 200:
        assert answer.body == {"items": [], "next": None}


def test_a_list_of_none_is_empty(alice: Person) -> None:
    assert states(alice.signed_in()) == []


def test_all_is_told_as_the_thirteen(alice: Person) -> None:
    client = alice.signed_in()
    _id, token = invited(client, permissions="all")
    assert preview(token).body["permissions"] == list(PERMISSIONS)
    assert client.get("/api/invitations").body["items"][0]["permissions"] == list(PERMISSIONS)
