"""Staying signed in: until signed out, idle, too old, or somebody with the right to do so ends it."""

from datetime import UTC, datetime

import pytest

from chalicelib import keys, table
from chalicelib.accounts import repository as accounts
from chalicelib.users import repository as users
from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import Clock, Person, items, settle


def test_a_session_that_is_used_stays_up_to_fourteen_days(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    for _day in range(14):
        clock.forward(hours=23, minutes=59)
        assert client.get("/api/me").status == 200
    clock.forward(minutes=14)
    assert client.get("/api/me").code == "not_signed_in"
    assert items("Session"), "what ended the session is the clock, not the table's own tidying up"


def test_a_session_that_is_not_used_ends_after_a_day(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    clock.forward(hours=24)
    assert client.get("/api/me").code == "not_signed_in"
    assert items("Session")


def test_its_use_is_written_down_every_five_minutes_only(alice: Person, clock: Clock, calls: Calls) -> None:
    client = alice.signed_in()
    calls.taken()
    client.get("/api/contacts")
    clock.forward(minutes=4, seconds=59)
    client.get("/api/contacts")
    assert "UpdateItem" not in calls.taken()
    clock.forward(seconds=2)
    client.get("/api/contacts")
    client.get("/api/contacts")
    assert calls.taken().count("UpdateItem") == 1


def test_a_session_that_ends_while_its_use_is_written_down_stays_ended(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    clock.forward(minutes=6)
    (session,) = items("Session")
    read = table.batch_get

    def ended_meanwhile(*wanted: keys.Key) -> list[table.Item | None]:
        table.write(table.delete(keys.key(session["pk"], session["sk"])))
        return read(*wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "batch_get", ended_meanwhile)
        assert client.get("/api/me").code == "not_signed_in"
    assert not items("Session")


def test_a_session_of_an_earlier_generation_is_dead(alice: Person) -> None:
    client = alice.signed_in()
    table.write(accounts.end_all_sessions(alice.id))
    assert client.get("/api/me").code == "not_signed_in"


def test_a_withdrawn_permission_is_gone_on_the_next_request(alice: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("contacts", "tickets"))
    client = erika.signed_in()
    assert client.get("/api/contacts").status == 200
    place = keys.membership(alice.account_id, erika.id)
    table.write(table.update(place, sets={"permissions": ["tickets"]}))
    assert client.get("/api/contacts").code == "not_allowed"
    assert client.get("/api/tickets").status == 200
    assert client.get("/api/me").body["permissions"] == ["tickets"]


@pytest.mark.parametrize("path", ["/api/contacts", "/api/tickets"])
def test_a_user_whom_the_account_lost_is_refused_on_the_next_request(alice: Person, path: str) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("contacts", "tickets"))
    client = erika.signed_in()
    assert client.get(path).status == 200
    table.write(table.delete(keys.membership(alice.account_id, erika.id)))
    assert client.get(path).code == "not_allowed"
    me = client.get("/api/me").body
    assert (me["account"], me["accounts"], me["permissions"], me["is_owner"]) == (None, [], [], False)


def test_an_owner_who_is_one_no_more_has_what_is_left(alice: Person) -> None:
    client = alice.signed_in()
    place = keys.membership(alice.account_id, alice.id)
    table.write(table.update(place, sets={"is_owner": False, "permissions": ["invoices"]}))
    assert client.get("/api/contacts").code == "not_allowed"


def test_a_session_of_a_user_who_is_gone_is_none(alice: Person) -> None:
    client = alice.signed_in()
    table.write(table.delete(keys.user(alice.id)))
    assert client.get("/api/me").code == "not_signed_in"


def test_one_of_several_accounts_is_chosen_and_stays_chosen(alice: Person, charlie: Person) -> None:
    place = users.new_membership(alice.account_id, charlie.id, datetime.now(UTC), permissions=["contacts"])
    table.write(place)
    client = charlie.signed_in()
    assert {one["id"] for one in client.get("/api/me").body["accounts"]} == {
        alice.account_id,
        charlie.account_id,
    }
    assert client.put("/api/session/account", {"account": alice.account_id}).status == 204
    me = client.get("/api/me").body
    assert (me["account"]["id"], me["is_owner"], me["permissions"]) == (
        alice.account_id,
        False,
        ["contacts"],
    )
    assert charlie.signs_in().get("/api/me").body["account"]["id"] == alice.account_id


@pytest.mark.parametrize("account", ["account-alice", "account-of-nobody", "#", "x" * 200])
def test_an_account_of_others_is_chosen_as_little_as_none(
    alice: Person, bob: Person, charlie: Person, account: str
) -> None:
    client = charlie.signed_in()
    answer = client.put("/api/session/account", {"account": account})
    assert (answer.status, answer.code) == (404, "not_found")
    assert client.get("/api/me").body["account"]["id"] == charlie.account_id


def test_a_visitor_is_nobody(visitor: Client) -> None:
    assert visitor.get("/api/me").code == "not_signed_in"
