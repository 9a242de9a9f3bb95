"""How often an action asks AWS (design.md, Budgets): the table of infra/bench/budget.py holds."""

import pytest

from chalicelib.routing import Endpoint
from chalicelib.users import repository as users
from infra.bench.budget import CALLS
from tests.aws_calls import Calls
from tests.client import Client, endpoints
from tests.conftest import Person, settle
from tests.mailbox import Mailbox
from tests.requests.walk import ENDPOINTS, Place, knock, named, who_may


def test_every_route_has_a_budget() -> None:
    assert set(CALLS) == {named(each) for each in ENDPOINTS}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_it_keeps_within_its_budget(
    alice: Person, mailbox: Mailbox, calls: Calls, endpoint: Endpoint
) -> None:
    client, path, body = who_may(endpoint, alice, mailbox)
    calls.taken()
    assert knock(client, endpoint, path, body).status < 300
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


def test_no_request_scans(alice: Person, calls: Calls) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    for endpoint in ENDPOINTS:
        if endpoint.path not in ("/api/session", "/api/sessions"):
            knock(client, endpoint, place.path(endpoint))
    assert "Scan" not in calls.names


def test_uniqueness_and_one_time_use_never_ask_an_index(alice: Person, calls: Calls) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    calls.taken()
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET":
            knock(client, endpoint, place.path(endpoint))
    assert "Query" not in calls.names


def test_all_that_an_action_changes_is_in_one_transaction_with_its_audit_event(
    alice: Person, calls: Calls
) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            continue
        calls.made.clear()
        if knock(client, endpoint, place.path(endpoint)).status >= 300:
            client = alice.signed_in()
            continue
        transactions = [asked["TransactItems"] for name, asked in calls.made if name == "TransactWriteItems"]
        assert len(transactions) == 1, named(endpoint)
        put = [step["Put"]["Item"] for step in transactions[0] if "Put" in step]
        assert sum(item["entity"]["S"] == "AuditEvent" for item in put) == 1, named(endpoint)


def test_a_user_of_several_accounts_costs_no_more(alice: Person, charlie: Person, calls: Calls) -> None:
    from datetime import UTC, datetime

    from chalicelib import table

    table.write(users.new_membership(charlie.account_id, alice.id, datetime.now(UTC)))
    settle("dora", "Dora", "sr", owns=True)
    client = alice.signed_in()
    calls.taken()
    client.get("/api/me")
    assert calls.taken() == CALLS["GET /api/me"]
