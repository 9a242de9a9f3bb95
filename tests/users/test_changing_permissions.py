"""Changing what a user may do: it counts from their very next request (trust.md, 18)."""

from typing import Any

import pytest

from chalicelib.permissions import PERMISSIONS
from tests.client import Client
from tests.conftest import Person, everything, items, settle
from tests.invitations.guests import WRONG_PERMISSIONS, accept, invited
from tests.people.contacts import add
from tests.tickets.conversations import open_ticket
from tests.users.members import UNKNOWN, change, users_of


def test_a_permission_that_is_given_counts_from_the_next_request(alice: Person, bob: Person) -> None:
    owner, client = alice.signed_in(), bob.signed_in()
    assert add(client).code == "not_allowed"
    answer = change(owner, bob, ["contacts"])
    assert (answer.status, answer.body) == (200, {"id": bob.id, "permissions": ["contacts"]})
    assert add(client).status == 201
    assert client.get("/api/me").body["permissions"] == ["contacts"]


def test_one_that_is_withdrawn_is_refused_on_the_next_request(alice: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("contacts", "tickets"))
    owner, client = alice.signed_in(), erika.signed_in()
    contact_id = add(client).body["id"]
    ticket_id = open_ticket(client).body["id"]
    change(owner, erika, ["invoices"])
    before = everything()
    for answer in (
        client.get("/api/contacts"),
        client.get(f"/api/contacts/{contact_id}"),
        add(client, email="zoran@example.com"),
        client.patch(f"/api/contacts/{contact_id}", {"city": "Niš"}),
        client.delete(f"/api/contacts/{contact_id}"),
        client.post(f"/api/contacts/{contact_id}/restore"),
        client.get("/api/tickets"),
        client.get(f"/api/tickets/{ticket_id}"),
        client.post(f"/api/tickets/{ticket_id}/messages", {"text": "And one more thing"}),
        open_ticket(client, "another"),
    ):
        assert (answer.status, answer.code) == (403, "not_allowed")
    assert everything() == before
    assert client.get("/api/me").body["permissions"] == ["invoices"]


def test_it_counts_in_every_session_of_theirs(alice: Person, bob: Person) -> None:
    sessions = [bob.signed_in() for _session in range(3)]
    change(alice.signed_in(), bob, ["contacts"])
    assert {client.get("/api/contacts").status for client in sessions} == {200}
    change(alice.signed_in(), bob, [])
    assert {client.get("/api/contacts").status for client in sessions} == {403}


def test_these_permissions_and_no_others(alice: Person, bob: Person) -> None:
    owner = alice.signed_in()
    for permissions in (["orders", "profile"], ["tickets"], [], ["invoices"]):
        change(owner, bob, permissions)
        told = users_of(owner)[bob.email]["permissions"]
        assert told == sorted(permissions, key=PERMISSIONS.index)
        assert items("Membership")[-1]["permissions"] == told


def test_all_are_the_thirteen_of_the_day(alice: Person, bob: Person) -> None:
    answer = change(alice.signed_in(), bob, "all")
    assert answer.body["permissions"] == list(PERMISSIONS) and len(PERMISSIONS) == 13
    (membership,) = [one for one in items("Membership") if not one["is_owner"]]
    assert membership["permissions"] == list(PERMISSIONS)
    assert not bob.signed_in().get("/api/me").body["is_owner"]


def test_somebody_who_may_nothing_stays_a_user(alice: Person, bob: Person) -> None:
    owner = alice.signed_in()
    assert change(owner, bob, []).body["permissions"] == []
    me = bob.signed_in().get("/api/me").body
    assert me["account"]["id"] == alice.account_id and me["permissions"] == []
    assert users_of(owner)[bob.email]["permissions"] == []


@pytest.mark.parametrize(("permissions", "wrong"), WRONG_PERMISSIONS, ids=repr)
def test_wrong_permissions_are_told_where_they_stand(
    alice: Person, bob: Person, permissions: object, wrong: dict[str, str]
) -> None:
    before = [one for one in everything() if one["entity"] != "Session"]
    answer = change(alice.signed_in(), bob, permissions)
    assert (answer.status, answer.field_codes) == (422, wrong)
    assert [one for one in everything() if one["entity"] != "Session"] == before


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"#/permissions": "required"}),
        ({"permissions": [], "is_owner": True}, {"#/is_owner": "unknown_field"}),
        ({"permissions": [], "id": "user-alice"}, {"#/id": "unknown_field"}),
    ],
)
def test_no_other_field_is_taken(
    alice: Person, bob: Person, body: dict[str, Any], wrong: dict[str, str]
) -> None:
    answer = alice.signed_in().patch(f"/api/users/{bob.id}", body)
    assert (answer.status, answer.field_codes) == (422, wrong)
    assert not bob.signed_in().get("/api/me").body["is_owner"]


def test_the_owner_is_not_changed(alice: Person) -> None:
    client = alice.signed_in()
    answer = change(client, alice, ["invoices"])
    assert (answer.status, answer.code) == (404, "not_found")
    me = client.get("/api/me").body
    assert me["is_owner"] and len(me["permissions"]) == 13
    assert not items("AuditEvent")


@pytest.mark.parametrize("user_id", UNKNOWN, ids=lambda name: name[:12])
def test_who_is_no_user_of_the_account_is_not_found(alice: Person, charlie: Person, user_id: str) -> None:
    before = [one for one in everything() if one["entity"] != "Session"]
    answer = alice.signed_in().patch(f"/api/users/{user_id}", {"permissions": "all"})
    assert (answer.status, answer.code) == (404, "not_found")
    assert [one for one in everything() if one["entity"] != "Session"] == before


def test_another_accounts_user_is_as_unknown_as_none(alice: Person, bob: Person, charlie: Person) -> None:
    client = charlie.signed_in()
    theirs = change(client, bob, "all")
    none = client.patch("/api/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", {"permissions": "all"})
    assert (theirs.status, theirs.code) == (404, "not_found")
    assert (theirs.status, theirs.text, theirs.headers) == (none.status, none.text, none.headers)
    assert bob.signed_in().get("/api/me").body["permissions"] == ["invoices"]


def test_on_one_account_they_change_and_not_on_another(alice: Person, bob: Person, charlie: Person) -> None:
    client = bob.signed_in()
    _id, token = invited(charlie.signed_in(), email=bob.email, permissions=["contacts"])
    accept(token, client)
    change(charlie.signed_in(), bob, ["tickets"])
    assert client.get("/api/me").body["permissions"] == ["tickets"]
    client.put("/api/session/account", {"account": alice.account_id})
    assert client.get("/api/me").body["permissions"] == ["invoices"]


def test_a_user_with_every_permission_changes_nobodys(alice: Person, bob: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=PERMISSIONS)
    client = erika.signed_in()
    for user in (erika, bob, alice):
        answer = change(client, user, "all")
        assert (answer.status, answer.code) == (403, "not_allowed")
    assert bob.signed_in().get("/api/me").body["permissions"] == ["invoices"]


def test_nobody_gives_themselves_a_permission(alice: Person, bob: Person) -> None:
    client = bob.signed_in()
    assert change(client, bob, "all").code == "not_allowed"
    assert client.patch("/api/me", {"permissions": "all"}).field_codes == {"#/permissions": "unknown_field"}
    assert client.get("/api/me").body["permissions"] == ["invoices"]


def test_a_visitor_and_another_site_change_nothing(alice: Person, bob: Person) -> None:
    assert change(Client(), bob, "all").code == "not_signed_in"
    path, body = f"/api/users/{bob.id}", {"permissions": "all"}
    answer = alice.signed_in().send("PATCH", path, body, sec_fetch_site="cross-site")
    assert answer.code == "cross_site"
    assert bob.signed_in().get("/api/me").body["permissions"] == ["invoices"]


def test_it_is_on_record(alice: Person, bob: Person) -> None:
    change(alice.signed_in(), bob, "all")
    (event,) = items("AuditEvent")
    assert (event["pk"], event["event"]) == (f"ACCOUNT#{alice.account_id}", "user:permissions:changed")
    assert (event["actor"], event["about"]) == (alice.id, bob.id)
