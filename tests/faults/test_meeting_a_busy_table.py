"""Meeting a busy table (trust.md, 39): what passes is waited for, not longer than a reader waits, and then told."""

import json
from datetime import UTC, datetime

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from chalicelib import aws, limits, sealing, table
from chalicelib.problems import Problem
from chalicelib.routing import Endpoint
from infra.bench.budget import CALLS
from tests.aws_calls import (
    Answering,
    Faults,
    answered,
    conflicts,
    fails,
    never_answers,
    refuses,
    throttles,
)
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Person, everything, items, settle
from tests.people.contacts import VERA, add, agree
from tests.requests.walk import CHANGING, ENDPOINTS, Place, caller, knock, named
from tests.tickets.conversations import open_ticket

LAMBDA_SECONDS = 20
READER_SECONDS = 15


def is_told_to_come_back(answer: Answer) -> bool:
    return (answer.status, answer.code) == (503, "unavailable") and 1 <= int(
        answer.headers["Retry-After"]
    ) <= 60


def refused_connection(request: AWSPreparedRequest) -> AWSResponse:
    raise EndpointConnectionError(endpoint_url=request.url)


def slow_connection(request: AWSPreparedRequest) -> AWSResponse:
    raise ConnectTimeoutError(endpoint_url=request.url)


PASSING = {
    "throttled": throttles,
    "over its capacity": refuses("ProvisionedThroughputExceededException"),
    "over the account's": refuses("RequestLimitExceeded"),
    "a fault of its own": fails,
    "overloaded": refuses("ServiceUnavailable", status=503),
    "no answer": never_answers,
    "no connection": refused_connection,
    "no connection in time": slow_connection,
}
OPERATIONS = ("GetItem", "BatchGetItem", "TransactWriteItems")


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("times", [1, 2])
def test_once_or_twice_the_reader_notices_nothing(
    alice: Person, faults: Faults, slept: list[float], fault: Answering, times: int
) -> None:
    client = alice.signed_in()
    for operation in OPERATIONS:
        faults.meets(operation, *[fault] * times)
        assert open_ticket(client).status == 201
    assert faults.planned == {operation: [] for operation in OPERATIONS}
    assert sum(slept) < READER_SECONDS
    assert len(items("Ticket")) == 3


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_always_the_reader_is_told_to_come_back(
    alice: Person, faults: Faults, slept: list[float], operation: str, fault: Answering
) -> None:
    client = alice.signed_in()
    faults.always_meets(operation, fault)
    tried = faults.attempts[operation]
    assert is_told_to_come_back(open_ticket(client))
    tried = faults.attempts[operation] - tried
    assert tried == aws.ATTEMPTS
    assert tried * (aws.CONNECT_SECONDS + aws.READ_SECONDS) + sum(slept) < READER_SECONDS
    faults.are_over()
    assert not items("Ticket")


@pytest.mark.parametrize(
    "endpoint", [each for each in ENDPOINTS if each.path != "/api/openapi.json"], ids=named
)
def test_no_route_fails_otherwise_when_all_is_throttled(
    alice: Person, faults: Faults, endpoint: Endpoint
) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    faults.always_meets("*", throttles)
    assert is_told_to_come_back(knock(client, endpoint, place.path(endpoint)))


SEALING = [each for each in ENDPOINTS if {"Encrypt", "Decrypt"} & set(CALLS[named(each)])]


@pytest.mark.parametrize("endpoint", SEALING, ids=named)
def test_a_throttled_key_service_is_told_so_too(alice: Person, faults: Faults, endpoint: Endpoint) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    before = everything()
    for operation in ("Encrypt", "Decrypt"):
        faults.always_meets(operation, throttles)
    assert is_told_to_come_back(knock(client, endpoint, place.path(endpoint)))
    faults.are_over()
    assert [item for item in everything() if item["entity"] != "Attempts"] == before


def test_who_cannot_be_counted_is_not_let_in(alice: Person, faults: Faults) -> None:
    faults.always_meets("UpdateItem", throttles)
    body = {"email": alice.email, "password": PASSWORD}
    assert is_told_to_come_back(Client().post("/api/session", body))
    assert not items("Session")


@pytest.mark.xdist_group("ministack")
def test_the_first_try_of_every_transaction_meets_another_and_the_reader_notices_nothing(
    emulated: None, faults: Faults
) -> None:
    client = settle("alice", "Alice Petrović", "sr", owns=True).signed_in()
    refused = 0

    def first_try(request: AWSPreparedRequest) -> AWSResponse | None:
        nonlocal refused
        token = json.loads(request.body)["ClientRequestToken"]
        if token in seen:
            return None
        seen.add(token)
        refused += 1
        return conflicts(request)

    seen: set[str] = set()
    faults.always_meets("TransactWriteItems", first_try)
    for place in range(25):
        assert add(client, email=f"vera{place}@example.com").status == 201
        assert open_ticket(client, f"k{place}").status == 201
        assert open_ticket(client, f"k{place}").status == 201
    assert add(client).code == "limit_reached"
    assert add(client, email="vera1@example.com").code == "already_exists"
    first = items("Contact")[0]["sk"].removeprefix("CONTACT#")
    assert client.patch(f"/api/contacts/{first}", {"city": "Niš"}).status == 200
    assert client.delete(f"/api/contacts/{first}").status == 204
    assert client.post(f"/api/contacts/{first}/restore").status == 200
    assert client.post("/api/session/elevation", {"password": PASSWORD}).status == 201
    faults.are_over()
    assert refused == len(seen) > 75
    assert len(items("Contact")) == len(items("Ticket")) == len(items("Email")) == 25
    agree()


@pytest.mark.parametrize("endpoint", CHANGING, ids=named)
def test_whatever_is_asked_may_meet_another_transaction_three_times(
    alice: Person, faults: Faults, slept: list[float], endpoint: Endpoint
) -> None:
    place, client = Place.furnished(alice), caller(endpoint, alice)
    faults.meets("TransactWriteItems", conflicts, conflicts, conflicts)
    assert knock(client, endpoint, place.path(endpoint)).status < 300
    assert faults.planned == {"TransactWriteItems": []} and len(slept) == 3


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_always_meets_another_is_given_up_in_time(
    alice: Person, faults: Faults, slept: list[float], code: str
) -> None:
    client = alice.signed_in()

    def busy(request: AWSPreparedRequest) -> AWSResponse:
        reasons = [{"Code": code} for _item in json.loads(request.body)["TransactItems"]]
        return refuses("TransactionCanceledException", CancellationReasons=reasons)(request)

    faults.always_meets("TransactWriteItems", busy)
    assert is_told_to_come_back(add(client))
    assert len(slept) > 5
    assert sum(slept) < READER_SECONDS
    faults.are_over()
    assert not items("Contact")
    agree()


def test_the_longest_it_can_wait_for_a_transaction_is_within_lambdas_time() -> None:
    waits = [
        min(table.CONFLICT_CAP_SECONDS, table.CONFLICT_BASE_SECONDS * 2**attempt)
        for attempt in range(table.CONFLICT_TRIES)
    ]
    assert sum(waits) < READER_SECONDS < LAMBDA_SECONDS


@pytest.mark.parametrize("others", ["None", "TransactionConflict", "ThrottlingError"])
def test_a_condition_that_failed_is_never_tried_again(
    alice: Person, faults: Faults, slept: list[float], others: str
) -> None:
    """Whatever else a transaction met: its first condition did not hold, and will not."""
    client = alice.signed_in()

    def cancelled(request: AWSPreparedRequest) -> AWSResponse:
        reasons = [{"Code": others} for _item in json.loads(request.body)["TransactItems"]]
        reasons[1] = {"Code": "ConditionalCheckFailed"}
        return refuses("TransactionCanceledException", CancellationReasons=reasons)(request)

    faults.always_meets("TransactWriteItems", cancelled)
    before = faults.attempts["TransactWriteItems"]
    assert add(client).code == "already_exists"
    assert faults.attempts["TransactWriteItems"] - before == 1
    assert slept == []


def test_a_limit_that_is_reached_is_asked_for_once(alice: Person, faults: Faults, slept: list[float]) -> None:
    for _time in range(11):
        before = faults.attempts["UpdateItem"]
        answer = Client().post("/api/session", {"email": alice.email, "password": "wrong"})
    assert answer.code == "too_many_attempts"
    assert faults.attempts["UpdateItem"] - before == 2
    assert slept == []


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_what_will_never_pass_is_a_fault_of_ours_at_once(
    alice: Person, faults: Faults, slept: list[float], reason: str
) -> None:
    client = alice.signed_in()
    fault = refuses("TransactionCanceledException", CancellationReasons=[{"Code": reason}] * 4)
    faults.always_meets("TransactWriteItems", fault)
    assert add(client).code == "internal_error"
    assert slept == []


@pytest.mark.parametrize(
    "code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"]
)
def test_what_aws_refuses_for_good_is_a_fault_of_ours_at_once(
    alice: Person, faults: Faults, slept: list[float], code: str
) -> None:
    client = alice.signed_in()
    for operation in OPERATIONS:
        faults.always_meets(operation, refuses(code))
        answer = open_ticket(client)
        assert (answer.status, answer.code) == (500, "internal_error")
        assert code not in answer.text
        faults.are_over()
    assert slept == []


def test_keys_left_unprocessed_are_told_so(alice: Person, faults: Faults) -> None:
    client = alice.signed_in()

    def half(request: AWSPreparedRequest) -> AWSResponse:
        (name, wanted), *_others = json.loads(request.body)["RequestItems"].items()
        body = {
            "Responses": {name: []},
            "UnprocessedKeys": {name: {**wanted, "Keys": wanted["Keys"][:1]}},
        }
        return answered(request, 200, body)

    faults.always_meets("BatchGetItem", half)
    assert is_told_to_come_back(client.get("/api/contacts"))
    faults.are_over()
    assert client.get("/api/contacts").status == 200


def test_a_single_write_that_meets_a_transaction_is_tried_again(
    alice: Person, faults: Faults, slept: list[float]
) -> None:
    """DynamoDB says TransactionConflictException to a write alone, where a transaction holds its item."""
    conflict = refuses("TransactionConflictException")
    faults.meets("UpdateItem", conflict, conflict, conflict, conflict)
    limits.charge("sign_in_per_email", alice.email, datetime.now(UTC))
    assert len(slept) == 4
    faults.always_meets("UpdateItem", conflict)
    with pytest.raises(Problem, match="unavailable"):
        limits.charge("sign_in_per_email", alice.email, datetime.now(UTC))
    assert sum(slept) < READER_SECONDS


def test_a_sealed_secret_that_does_not_open_is_a_fault_and_not_a_pause(aws: None) -> None:
    sealed = sealing.seal("a token", owner="USER#alice")
    assert sealing.unseal(sealed, owner="USER#alice") == "a token"
    with pytest.raises(Exception, match=r"InvalidCiphertext|AccessDenied"):
        sealing.unseal(sealed, owner="USER#charlie")


def test_what_was_typed_is_not_in_the_log_of_a_fault(
    alice: Person, faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    client = alice.signed_in()
    faults.always_meets("TransactWriteItems", refuses("ValidationException"))
    client.post("/api/contacts", VERA)
    client.put("/api/me/password", {"current": PASSWORD, "new": "nova čaplja preko reke"})
    assert "ValidationException" in caplog.text
    for secret in (VERA["email"], VERA["name"], PASSWORD, "nova čaplja", client.cookies["session"]):
        assert str(secret) not in caplog.text
