"""Removing a user: the account is closed to them from their very next request (trust.md, 18)."""

import pytest

from chalicelib.permissions import PERMISSIONS
from tests.client import Client
from tests.conftest import Person, everything, items, settle
from tests.invitations.guests import accept, invited, register
from tests.people.contacts import add
from tests.tickets.conversations import open_ticket
from tests.users.members import UNKNOWN, change, remove, users_of


def test_a_removed_user_is_in_no_list(alice: Person, bob: Person) -> None:
    owner = alice.signed_in()
    answer = remove(owner, bob)
    assert (answer.status, answer.text) == (204, "")
    assert set(users_of(owner)) == {alice.email}
    assert [one["is_owner"] for one in items("Membership")] == [True]


def test_a_live_session_of_theirs_is_refused_on_the_next_request(alice: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=PERMISSIONS)
    client = erika.signed_in()
    contact_id, ticket_id = add(client).body["id"], open_ticket(client).body["id"]
    remove(alice.signed_in(), erika)
    before = everything()
    for answer in (
        client.get("/api/contacts"),
        client.get(f"/api/contacts/{contact_id}"),
        add(client, email="zoran@example.com"),
        client.delete(f"/api/contacts/{contact_id}"),
        client.get("/api/tickets"),
        client.get(f"/api/tickets/{ticket_id}"),
        open_ticket(client, "another"),
        client.get("/api/users"),
        client.get("/api/invitations"),
    ):
        assert (answer.status, answer.code) == (403, "not_allowed")
    assert everything() == before


def test_they_stay_signed_in_with_no_account(alice: Person, bob: Person) -> None:
    client = bob.signed_in()
    remove(alice.signed_in(), bob)
    me = client.get("/api/me").body
    assert me["user"]["email"] == bob.email
    assert me["account"] is None and me["accounts"] == [] and me["permissions"] == []
    assert not me["is_owner"]
    assert client.patch("/api/me", {"name": "Bob"}).status == 200
    back = client.put("/api/session/account", {"account": alice.account_id})
    assert (back.status, back.code) == (404, "not_found")


def test_they_can_still_sign_in_and_find_no_account(alice: Person, bob: Person) -> None:
    remove(alice.signed_in(), bob)
    client = bob.signs_in()
    assert client.get("/api/me").body["account"] is None
    assert client.get("/api/contacts").code == "not_allowed"


def test_their_other_account_is_left_to_them(alice: Person, charlie: Person) -> None:
    client = charlie.signed_in()
    _id, token = invited(alice.signed_in(), email=charlie.email)
    accept(token, client)
    remove(alice.signed_in(), charlie)
    me = client.get("/api/me").body
    assert me["account"] is None
    assert [one["id"] for one in me["accounts"]] == [charlie.account_id]
    assert client.put("/api/session/account", {"account": charlie.account_id}).status == 204
    assert client.get("/api/me").body["is_owner"]
    assert charlie.signs_in().get("/api/me").body["account"]["id"] == charlie.account_id


def test_invited_again_they_are_back_in_the_session_that_they_have(alice: Person, bob: Person) -> None:
    owner, client = alice.signed_in(), bob.signed_in()
    remove(owner, bob)
    _id, token = invited(owner, email=bob.email, permissions=["contacts"])
    assert accept(token, client).status == 201
    me = client.get("/api/me").body
    assert me["account"]["id"] == alice.account_id and me["permissions"] == ["contacts"]
    assert add(client).status == 201
    assert bob.signs_in().get("/api/me").body["permissions"] == ["contacts"]


def test_who_registered_by_invitation_is_removed_like_anybody(alice: Person) -> None:
    owner, guest = alice.signed_in(), Client("es")
    _id, token = invited(owner)
    register(token, guest)
    user_id = users_of(owner)["dora@example.com"]["id"]
    assert owner.delete(f"/api/users/{user_id}").status == 204
    assert guest.get("/api/tickets").code == "not_allowed"


def test_removing_twice_is_not_found(alice: Person, bob: Person) -> None:
    owner = alice.signed_in()
    remove(owner, bob)
    for answer in (remove(owner, bob), change(owner, bob, "all")):
        assert (answer.status, answer.code) == (404, "not_found")
    assert not [one for one in items("Membership") if not one["is_owner"]]
    assert len(items("AuditEvent")) == 1


def test_the_owner_is_not_removed(alice: Person) -> None:
    client = alice.signed_in()
    answer = remove(client, alice)
    assert (answer.status, answer.code) == (404, "not_found")
    assert client.get("/api/me").body["is_owner"]
    assert not items("AuditEvent")


@pytest.mark.parametrize("user_id", UNKNOWN, ids=lambda name: name[:12])
def test_who_is_no_user_of_the_account_is_not_found(
    alice: Person, bob: Person, charlie: Person, user_id: str
) -> None:
    client = alice.signed_in()
    before = everything()
    answer = client.delete(f"/api/users/{user_id}")
    assert (answer.status, answer.code) == (404, "not_found")
    assert everything() == before


def test_another_accounts_user_is_as_unknown_as_none(alice: Person, bob: Person, charlie: Person) -> None:
    client = charlie.signed_in()
    theirs, none = remove(client, bob), client.delete("/api/users/01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert (theirs.status, theirs.code) == (404, "not_found")
    assert (theirs.status, theirs.text, theirs.headers) == (none.status, none.text, none.headers)
    assert remove(client, alice).code == "not_found"
    assert set(users_of(alice.signed_in())) == {alice.email, bob.email}


def test_a_user_with_every_permission_removes_nobody(alice: Person, bob: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=PERMISSIONS)
    client = erika.signed_in()
    for user in (erika, bob, alice):
        answer = remove(client, user)
        assert (answer.status, answer.code) == (403, "not_allowed")
    assert len(items("Membership")) == 3


def test_a_visitor_and_another_site_remove_nobody(alice: Person, bob: Person) -> None:
    assert remove(Client(), bob).code == "not_signed_in"
    answer = alice.signed_in().send("DELETE", f"/api/users/{bob.id}", sec_fetch_site="cross-site")
    assert answer.code == "cross_site"
    assert len(items("Membership")) == 2


def test_what_they_did_stays(alice: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("tickets", "contacts"))
    client = erika.signed_in()
    add(client)
    open_ticket(client)
    owner = alice.signed_in()
    remove(owner, erika)
    assert len(owner.get("/api/contacts").body["items"]) == 1
    (ticket,) = owner.get("/api/tickets").body["items"]
    assert owner.get(f"/api/tickets/{ticket['id']}").status == 200


def test_it_is_on_record(alice: Person, bob: Person) -> None:
    remove(alice.signed_in(), bob)
    (event,) = items("AuditEvent")
    assert (event["pk"], event["event"]) == (f"ACCOUNT#{alice.account_id}", "user:membership:removed")
    assert (event["actor"], event["about"]) == (alice.id, bob.id)
