"""Listing the users of an account."""

from datetime import UTC, datetime
from itertools import chain

import pytest

from chalicelib import keys, table
from chalicelib.permissions import PERMISSIONS
from chalicelib.timestamps import parsed
from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import Person, settle
from tests.invitations.guests import invite, invited, register
from tests.users.members import users_of


def test_the_owner_is_among_them_with_every_permission(alice: Person, bob: Person) -> None:
    answer = alice.signed_in().get("/api/users")
    assert answer.status == 200 and answer.body["next"] is None
    told = {one["email"]: one for one in answer.body["items"]}
    assert told[alice.email] | {"since": ""} == {
        "id": alice.id,
        "name": "Alice Petrović",
        "email": "alice@example.com",
        "is_owner": True,
        "permissions": list(PERMISSIONS),
        "since": "",
    }
    assert told[bob.email] | {"since": ""} == {
        "id": bob.id,
        "name": "Kovács Bob",
        "email": "bob@example.com",
        "is_owner": False,
        "permissions": ["invoices"],
        "since": "",
    }


def test_it_tells_since_when(alice: Person) -> None:
    owner, before = alice.signed_in(), datetime.now(UTC)
    _id, token = invited(owner)
    register(token)
    assert before <= parsed(users_of(owner)["dora@example.com"]["since"]) <= datetime.now(UTC)


def test_who_is_only_invited_is_not_among_them(alice: Person) -> None:
    owner = alice.signed_in()
    invite(owner)
    assert set(users_of(owner)) == {alice.email}


def test_a_new_name_is_told(alice: Person, bob: Person) -> None:
    assert bob.signed_in().patch("/api/me", {"name": "Kovács Róbert"}).status == 200
    assert users_of(alice.signed_in())[bob.email]["name"] == "Kovács Róbert"


def test_those_of_another_account_are_not(alice: Person, bob: Person, charlie: Person) -> None:
    assert set(users_of(charlie.signed_in())) == {charlie.email}
    assert set(users_of(alice.signed_in())) == {alice.email, bob.email}


@pytest.mark.parametrize("permissions", [(), ("profile",), PERMISSIONS])
def test_it_is_the_owners_alone(alice: Person, permissions: tuple[str, ...]) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=permissions)
    assert erika.signed_in().get("/api/users").code == "not_allowed"
    assert Client().get("/api/users").code == "not_signed_in"


def test_a_long_list_is_told_in_pages(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    for name in ("bea", "cili", "dani", "eva", "feri"):
        settle(name, name.title(), "hu", account_id=alice.account_id)
    query = table.query

    def short(*arguments: object, **named: object) -> table.Page:
        return query(*arguments, **{**named, "limit": 2})  # type: ignore[arg-type]

    monkeypatch.setattr(table, "query", short)
    pages, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"/api/users?cursor={cursor}" if cursor else "/api/users")
        assert answer.status == 200
        pages.append([one["name"] for one in answer.body["items"]])
        cursor = answer.body["next"]
    assert sorted(chain(*pages)) == ["Alice Petrović", "Bea", "Cili", "Dani", "Eva", "Feri"]
    assert [len(page) for page in pages[:3]] == [2, 2, 2]


@pytest.mark.parametrize(
    "cursor", ["~", "zzz", "user-zoran", "x" * 400, "%C5%BE", "%20", "..", "0", "x" * 2000]
)
def test_a_made_up_cursor_tells_no_more_than_the_list(alice: Person, charlie: Person, cursor: str) -> None:
    answer = alice.signed_in().get(f"/api/users?cursor={cursor}")
    assert answer.status in (200, 404)
    if answer.status == 200:
        assert {one["email"] for one in answer.body["items"]} <= {alice.email}
        assert answer.body["next"] is None


def test_somebody_whose_user_is_gone_is_left_out(alice: Person, bob: Person) -> None:
    table.write(table.delete(keys.user(bob.id)))
    assert set(users_of(alice.signed_in())) == {alice.email}


def test_it_costs_two_reads_however_many_they_are(alice: Person, bob: Person, calls: Calls) -> None:
    client = alice.signed_in()
    calls.taken()
    assert client.get("/api/users").status == 200
    assert calls.taken() == ["GetItem", "BatchGetItem", "Query", "BatchGetItem"]
