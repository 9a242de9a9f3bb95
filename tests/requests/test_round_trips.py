"""How often an action asks AWS (design.md, Budgets): the table of infra/bench/budget.py holds."""

import pytest

from chalicelib.routing import Endpoint
from chalicelib.users import repository as users
from infra.bench.budget import ACT, AUTHORISE, CALLS, CHARGE, READ, UNSEAL
from tests.aws_calls import Calls
from tests.client import Client, endpoints
from tests.conftest import PASSWORD, Person, settle
from tests.requests.walk import CHANGING, ENDPOINTS, INVITATION, WRITING, Place, caller, knock, named
from tests.two_factor.authenticator import RECOVERY_CODES, awaited, switched_on


def test_every_route_has_a_budget() -> None:
    assert set(CALLS) == {named(each) for each in ENDPOINTS}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_it_keeps_within_its_budget(alice: Person, calls: Calls, endpoint: Endpoint) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    calls.taken()
    assert knock(client, endpoint, place.path(endpoint)).status < 300
    assert calls.taken() == CALLS[named(endpoint)]


def test_who_is_signed_in_is_read_consistently(alice: Person, calls: Calls) -> None:
    client = alice.signed_in()
    calls.made.clear()
    client.get("/api/contacts")
    (_get, session), (_batch, who), (_query, contacts) = calls.made
    assert session["ConsistentRead"] is True and contacts["ConsistentRead"] is True
    (wanted,) = who["RequestItems"].values()
    assert wanted["ConsistentRead"] is True and len(wanted["Keys"]) == 3


def test_a_signed_out_reader_costs_no_call(aws: None, calls: Calls) -> None:
    assert Client().get("/api/contacts").code == "not_signed_in"
    assert calls.taken() == []
    assert Client(cookies={"session": "made-up"}).get("/api/contacts").code == "not_signed_in"
    assert calls.taken() == ["GetItem"]


def test_a_repeated_ticket_costs_no_more_than_the_first(alice: Person, calls: Calls) -> None:
    client = alice.signed_in()
    calls.taken()
    for _time in range(2):
        knock(client, endpoints()["POST", "/api/tickets"])
        assert calls.taken() == CALLS["POST /api/tickets"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_no_request_scans(alice: Person, calls: Calls, endpoint: Endpoint) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    calls.taken()
    knock(client, endpoint, place.path(endpoint))
    assert "Scan" not in calls.names


@pytest.mark.parametrize("endpoint", WRITING, ids=named)
def test_uniqueness_and_one_time_use_never_ask_an_index(
    alice: Person, calls: Calls, endpoint: Endpoint
) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    calls.made.clear()
    knock(client, endpoint, place.path(endpoint))
    for name, asked in calls.made:
        assert name != "Query" or (asked["ConsistentRead"] and "IndexName" not in asked)


@pytest.mark.parametrize("endpoint", CHANGING, ids=named)
def test_all_that_an_action_changes_is_in_one_transaction_with_its_audit_event(
    alice: Person, calls: Calls, endpoint: Endpoint
) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    calls.made.clear()
    assert knock(client, endpoint, place.path(endpoint)).status < 300
    (transaction,) = [asked["TransactItems"] for name, asked in calls.made if name == "TransactWriteItems"]
    put = [step["Put"]["Item"] for step in transaction if "Put" in step]
    assert sum(item["entity"]["S"] == "AuditEvent" for item in put) == 1


def test_a_user_of_several_accounts_costs_no_more(alice: Person, charlie: Person, calls: Calls) -> None:
    from datetime import UTC, datetime

    from chalicelib import table

    table.write(users.new_membership(charlie.account_id, alice.id, datetime.now(UTC)))
    settle("dora", "Dora", "sr", owns=True)
    client = alice.signed_in()
    calls.taken()
    client.get("/api/me")
    assert calls.taken() == CALLS["GET /api/me"]


# What a route costs in another of its cases than the one that the table tells of.


def test_a_recovery_code_costs_a_look_at_whose_it_is_and_no_key(alice: Person, calls: Calls) -> None:
    switched_on(alice)
    client = awaited(alice)
    calls.taken()
    assert client.post("/api/session/second-factor", {"code": RECOVERY_CODES[0]}).status == 201
    assert calls.taken() == [*CHARGE, *READ, *CHARGE, *READ, *READ, *ACT]


def test_signing_in_costs_no_more_where_a_code_is_awaited(alice: Person, calls: Calls) -> None:
    switched_on(alice)
    calls.taken()
    body = {"email": alice.email, "password": PASSWORD}
    assert Client().post("/api/session", body).status == 202
    assert calls.taken() == CALLS["POST /api/session"]


def test_an_elevation_by_code_costs_what_the_code_does_beside_the_password(
    alice: Person, calls: Calls
) -> None:
    app, client = switched_on(alice), alice.signed_in()
    calls.taken()
    body = {"password": PASSWORD, "code": app.code()}
    assert client.post("/api/session/elevation", body).status == 201
    code = [*CHARGE, *CHARGE, *READ, *UNSEAL]
    assert calls.taken() == [*AUTHORISE, *CHARGE, *READ, *code, *ACT]


def test_an_invitation_costs_the_same_for_an_address_with_a_user_and_without(
    alice: Person, charlie: Person, calls: Calls
) -> None:
    client = alice.signed_in()
    calls.taken()
    for email in (charlie.email, "nobody@example.com"):
        body = {"email": email, "language": "es", "permissions": []}
        assert client.post("/api/invitations", body).status == 201
        assert calls.taken() == CALLS["POST /api/invitations"]


def test_an_invitation_costs_its_addressee_who_is_signed_in_no_look_at_the_address(
    alice: Person, calls: Calls
) -> None:
    Place.furnished(alice)
    greta = settle("greta", "Greta", "hu", owns=True).signed_in()
    calls.taken()
    assert greta.post("/api/invitations/accept", {"token": INVITATION}).status == 201
    assert calls.taken() == [*AUTHORISE, *CHARGE, *READ, *READ, *ACT]
