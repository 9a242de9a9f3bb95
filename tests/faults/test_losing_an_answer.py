"""Losing an answer, or the request (trust.md, 38): what was done is done once, and found again."""

import pytest

from chalicelib.routing import Endpoint
from tests.aws_calls import Answering, Faults, Killed, fails, is_killed, loses_the_answer, never_answers
from tests.client import Client
from tests.conftest import Clock, Person, everything, items, settle
from tests.mailbox import Mailbox
from tests.people.contacts import added, agree
from tests.requests.walk import CHANGING, FOR_USERS, Place, caller, knock, named
from tests.tickets.conversations import open_ticket
from tests.two_factor.authenticator import awaited, begun, finish, mid_step, switched_on

TIMES = 500  # in each of two ways: 1,000 of 1,000


@pytest.fixture
def owner(emulated: None) -> Person:
    """Alice, before ministack, which keeps the tokens of transactions as DynamoDB does."""
    return settle("alice", "Alice Petrović", "sr", owns=True)


@pytest.fixture
def customer(owner: Person) -> Client:
    """Alice's browser."""
    return owner.signed_in()


def stands_once(times: int) -> None:
    numbers = {ticket["number"] for ticket in items("Ticket")}
    assert len(numbers) == len(items("TicketNumber")) == times
    assert len(items("Email")) == len(items("TicketMessage")) == len(items("AuditEvent")) == times


@pytest.mark.xdist_group("ministack")
def test_the_answer_to_one_try_is_lost_and_the_reader_notices_nothing(
    customer: Client, faults: Faults
) -> None:
    for place in range(TIMES):
        faults.meets("TransactWriteItems", loses_the_answer)
        answer = open_ticket(customer, f"k{place}")
        assert answer.status == 201
        assert open_ticket(customer, f"k{place}").body == answer.body
    stands_once(TIMES)


@pytest.mark.xdist_group("ministack")
def test_every_answer_is_lost_and_sending_again_meets_the_same_ticket(
    customer: Client, faults: Faults
) -> None:
    for place in range(TIMES):
        faults.meets("TransactWriteItems", loses_the_answer, loses_the_answer, loses_the_answer)
        lost = open_ticket(customer, f"k{place}")
        assert (lost.status, lost.code) == (503, "unavailable")
        faults.are_over()  # botocore's stock of retries ends before the loop does.
        assert open_ticket(customer, f"k{place}").status == 201
    stands_once(TIMES)


@pytest.mark.xdist_group("ministack")
def test_other_actions_are_known_again_by_the_token_of_their_transaction(
    customer: Client, faults: Faults
) -> None:
    for place in range(20):
        faults.meets("TransactWriteItems", loses_the_answer)
        contact_id = added(customer, email=f"vera{place}@example.com")
        faults.meets("TransactWriteItems", loses_the_answer)
        assert customer.delete(f"/api/contacts/{contact_id}").status == 204
        faults.meets("TransactWriteItems", loses_the_answer)
        assert customer.post(f"/api/contacts/{contact_id}/restore").status == 200
    assert len(items("Contact")) == 20
    agree()


@pytest.mark.xdist_group("ministack")
@pytest.mark.parametrize("endpoint", CHANGING, ids=named)
def test_whatever_was_asked_is_done_once_and_answered(
    owner: Person, faults: Faults, endpoint: Endpoint
) -> None:
    place, client = Place.furnished(owner), caller(endpoint, owner)
    recorded = len(items("AuditEvent"))
    faults.meets("TransactWriteItems", loses_the_answer, loses_the_answer)
    assert knock(client, endpoint, place.path(endpoint)).status < 300
    assert faults.planned == {"TransactWriteItems": []}
    assert len(items("AuditEvent")) == recorded + 1


@pytest.mark.xdist_group("ministack")
def test_of_a_code_whose_answer_never_came_the_reader_signs_in_again_by_the_next(
    owner: Person, faults: Faults, clock: Clock
) -> None:
    app, now, client = switched_on(owner), mid_step(clock), awaited(owner)
    faults.always_meets("TransactWriteItems", loses_the_answer)
    assert finish(client, app.code(now)).code == "unavailable"
    faults.are_over()
    assert finish(client, app.code(now)).code == "second_factor_failed"
    assert finish(client, app.code(now, steps=1)).code == "not_signed_in"
    assert finish(awaited(owner), app.code(now, steps=1)).status == 201


@pytest.mark.xdist_group("ministack")
def test_who_never_saw_their_recovery_codes_signs_in_by_the_app_and_renews_them(
    owner: Person, faults: Faults, clock: Clock
) -> None:
    client = owner.signed_in()
    app, now = begun(owner, client), mid_step(clock)
    faults.always_meets("TransactWriteItems", loses_the_answer)
    assert client.post("/api/two-factor/confirm", {"code": app.code(now)}).code == "unavailable"
    faults.are_over()
    assert client.get("/api/me").code == "not_signed_in"  # Its successor's cookie was lost with the answer.
    client = awaited(owner)
    assert finish(client, app.code(now, steps=1)).status == 201
    assert len(client.post("/api/two-factor/recovery-codes").body["recovery_codes"]) == 10


def test_a_ticket_meets_itself_even_where_the_token_is_forgotten(alice: Person, faults: Faults) -> None:
    """DynamoDB keeps the tokens of transactions for ten minutes, and moto not at all."""
    client = alice.signed_in()
    faults.meets("TransactWriteItems", loses_the_answer)
    answer = open_ticket(client, "k")
    assert answer.status == 201
    assert open_ticket(client, "k").body == answer.body
    stands_once(1)


@pytest.mark.parametrize("fault", [is_killed, never_answers, fails])
@pytest.mark.parametrize("endpoint", CHANGING, ids=named)
def test_before_the_commit_nothing_is_written(
    alice: Person, faults: Faults, endpoint: Endpoint, fault: Answering
) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    before = [item for item in everything() if item["entity"] != "Attempts"]
    faults.always_meets("TransactWriteItems", fault)
    try:
        assert knock(client, endpoint, place.path(endpoint)).code == "unavailable"
    except Killed:
        assert fault is is_killed
    faults.are_over()
    assert [item for item in everything() if item["entity"] != "Attempts"] == before


def test_who_was_refused_so_may_send_it_again(alice: Person, faults: Faults, mailbox: Mailbox) -> None:
    client = alice.signed_in()
    faults.meets("TransactWriteItems", never_answers, never_answers, never_answers)
    assert open_ticket(client, "k").code == "unavailable"
    assert open_ticket(client, "k").status == 201
    assert len(mailbox.collect()) == 1


@pytest.mark.parametrize("endpoint", FOR_USERS, ids=named)
def test_reading_who_asks_may_fail_without_harm(alice: Person, faults: Faults, endpoint: Endpoint) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    before = everything()
    for operation in ("GetItem", "BatchGetItem"):
        faults.always_meets(operation, never_answers)
        answer = knock(client, endpoint, place.path(endpoint))
        assert (answer.status, answer.code) == (503, "unavailable")
        faults.are_over()
    assert everything() == before
