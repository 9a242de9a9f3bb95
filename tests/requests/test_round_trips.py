"""How often an action asks AWS (design.md, Budgets): the table of every action's calls, and that it holds."""

import pytest

from chalicelib.accounts import repository as accounts
from chalicelib.routing import Endpoint
from tests.aws_calls import Calls
from tests.client import Client, endpoints
from tests.conftest import Person, settle
from tests.mailbox import Mailbox
from tests.requests.walk import ENDPOINTS, Place, knock, named

AUTHORISE = ["GetItem", "BatchGetItem"]  # the session; then user, membership and account
CHARGE = ["UpdateItem"]
ACT = ["TransactWriteItems"]
READ = ["GetItem"]
LIST = ["Query"]
SEAL = ["Encrypt"]

BUDGET = {
    "GET /api/openapi.json": [],
    "POST /api/registrations": [*CHARGE, *CHARGE, *READ, *SEAL, *ACT],
    "POST /api/registrations/confirm": [*CHARGE, *READ, *ACT],
    "GET /api/me": [*AUTHORISE, *LIST, "BatchGetItem"],
    "PATCH /api/me": [*AUTHORISE, *ACT],
    "POST /api/session": [*CHARGE, *CHARGE, *READ, *ACT],
    "PUT /api/session/account": [*AUTHORISE, *ACT],
    "POST /api/session/elevation": [*AUTHORISE, *CHARGE, *READ, *ACT],
    "DELETE /api/session": [*AUTHORISE, *ACT],
    "DELETE /api/sessions": [*AUTHORISE, *ACT],
    "PUT /api/me/password": [*AUTHORISE, *CHARGE, *READ, *ACT],
    "POST /api/password-resets": [*CHARGE, *CHARGE, *READ, *SEAL, *ACT],
    "POST /api/password-resets/complete": [*CHARGE, *READ, *READ, *ACT],
    "GET /api/contacts": [*AUTHORISE, *LIST],
    "POST /api/contacts": [*AUTHORISE, *ACT],
    "GET /api/contacts/{id}": [*AUTHORISE, *READ],
    "PATCH /api/contacts/{id}": [*AUTHORISE, *READ, *ACT],
    "DELETE /api/contacts/{id}": [*AUTHORISE, *READ, *ACT],
    "POST /api/contacts/{id}/restore": [*AUTHORISE, *READ, *ACT],
    "GET /api/tickets": [*AUTHORISE, *LIST],
    "POST /api/tickets": [*AUTHORISE, *ACT],
    "GET /api/tickets/{id}": [*AUTHORISE, *LIST],
    "POST /api/tickets/{id}/messages": [*AUTHORISE, *READ, *ACT],
}


def test_every_route_has_a_budget() -> None:
    assert set(BUDGET) == {named(each) for each in ENDPOINTS}


@pytest.mark.parametrize(
    "endpoint",
    [each for each in ENDPOINTS if "token" not in str(each.form and each.form.model_fields)],
    ids=named,
)
def test_it_keeps_within_its_budget(alice: Person, calls: Calls, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in() if endpoint.needs != "anybody" else Client()
    calls.taken()
    assert knock(client, endpoint, place.path(endpoint)).status < 300
    assert calls.taken() == BUDGET[named(endpoint)]


@pytest.mark.parametrize(
    ("asking", "completing"),
    [
        ("/api/registrations", "/api/registrations/confirm"),
        ("/api/password-resets", "/api/password-resets/complete"),
    ],
)
def test_a_links_bearer_keeps_within_it_too(
    alice: Person, mailbox: Mailbox, calls: Calls, asking: str, completing: str
) -> None:
    knock(Client(), endpoints()["POST", asking])
    token = mailbox.token()
    calls.taken()
    field = "new" if "resets" in completing else "password"
    assert Client().post(completing, {"token": token, field: "nova čaplja preko reke"}).status < 300
    assert calls.taken() == BUDGET[f"POST {completing}"]


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
        assert calls.taken() == BUDGET["POST /api/tickets"]


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

    table.write(accounts.new_membership(charlie.account_id, alice.id, datetime.now(UTC), role="user"))
    settle("dora", "Dora", "sr", owns=True)
    client = alice.signed_in()
    calls.taken()
    client.get("/api/me")
    assert calls.taken() == BUDGET["GET /api/me"]
