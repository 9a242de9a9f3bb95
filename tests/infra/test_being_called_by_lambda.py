"""Being called by Lambda: with what AWS's services really send, with what they never would, and with too much of it.

An exception brings an event again, so nothing that will not go better the next time may end in one.
"""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

import app as functions
from chalicelib import table
from chalicelib.application import Application
from chalicelib.keys import Key
from chalicelib.mail import actions, routes
from chalicelib.mail.routes import TIME_FOR_ONE, hear_of_mails, send_mails, sweep_mails
from tests.aws_calls import Calls
from tests.conftest import PASSWORD, Person
from tests.infra.lambda_runtime import Context
from tests.infra.packaged import EDGE_SECRET, SCHEDULED, request
from tests.lines import Lines
from tests.mail.news import bounce, published
from tests.mail.outbox import is_queued, queue, stored

NOW = datetime.now(UTC)
Handler = Callable[[Any], Any]

# As S3 tells of a new object; no function of ours takes it.
FROM_S3 = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "eu-central-1",
            "eventTime": "2026-11-22T16:04:45.123Z",
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": "AWS:AROAEXAMPLE:deployer"},
            "requestParameters": {"sourceIPAddress": "203.0.113.68"},
            "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "uploads",
                "bucket": {
                    "name": "kalauz-production",
                    "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                    "arn": "arn:aws:s3:::kalauz-production",
                },
                "object": {"key": "a.txt", "size": 1, "eTag": "d41d8cd9", "sequencer": "0055AED6DCD90281E5"},
            },
        }
    ]
}
FROM_SQS = {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": "{}", "attributes": {}}]}
NO_EVENTS: list[Any] = [None, [], "event", 7, True, {}, {"Records": None}, {"Records": {}}, {"Records": "no"}]


def from_stream(key: Key, number: int, *, name: str = "INSERT") -> dict[str, Any]:
    """A record as the table's stream brings it to Lambda."""
    item = stored(key)
    return {
        "eventID": f"{number:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795363485.0,
            "Keys": {part: {"S": value} for part, value in key.items()},
            "NewImage": table._to_dynamodb(item),
            "SequenceNumber": str(number),
            "SizeBytes": 512,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/kalauz/stream/2026-11-22T00:00:00.000",
    }


def events(lines: Lines) -> list[str]:
    """What the log tells since it was read last."""
    return [line["event"] for line in lines.taken()]


# --- The API ---


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, aws: None) -> Handler:
    """What Lambda calls for API Gateway."""
    monkeypatch.setenv("KALAUZ_STAGE", "production")
    monkeypatch.setenv("KALAUZ_EDGE_SECRET", EDGE_SECRET)
    # Elsewhere in the tests it serves several threads, as `make run` does.
    monkeypatch.setattr(functions.app, "__class__", Application)

    def handler(event: Any) -> Any:
        answer = functions.app(event, Context())
        assert json.dumps(answer)
        return answer

    return handler


def code(answer: Any) -> str:
    """The problem that an answer tells; each has the one shape."""
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    problem = json.loads(answer["body"])
    assert problem["status"] == answer["statusCode"]
    return str(problem["code"])


def signing_in(person: Person) -> dict[str, Any]:
    return request("POST", "/api/session", {"email": person.email, "password": PASSWORD})


def contact(person: Person, api: Handler, contact_id: str) -> dict[str, Any]:
    """Somebody asks for one contact, with the id as API Gateway hands it over."""
    (cookie, *_rest) = api(signing_in(person))["multiValueHeaders"]["Set-Cookie"]
    event = request("GET", "/api/contacts/{id}", Cookie=cookie.partition(";")[0])
    event["path"] = f"/api/contacts/{contact_id}"
    event["pathParameters"] = {"id": contact_id}
    return event


def test_a_request_without_what_chalice_does_not_need_is_answered(api: Handler, alice: Person) -> None:
    for missing in ("resource", "path", "httpMethod", "multiValueHeaders", "queryStringParameters"):
        event = signing_in(alice)
        del event[missing]
        assert api(event)["statusCode"] == 201, missing


def test_a_body_in_base64_is_the_same_body(api: Handler, alice: Person) -> None:
    event = signing_in(alice)
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert api(event)["statusCode"] == 201


@pytest.mark.parametrize(
    ("body", "is_base64", "problem"),
    [
        ('{"email": "a@b.example", "pass', False, "malformed_body"),
        ("", False, "malformed_body"),
        (None, False, "malformed_body"),
        ("eyJlbWFpbCI6ICJhQGIuZXhhbXBsZSJ9"[:-3], True, "malformed_body"),
        ("not base64 at all: čšž", True, "malformed_body"),
        (base64.b64encode(b"\x89PNG\r\n\x1a\n\xff\xfe").decode(), True, "malformed_body"),
        (base64.b64encode(bytes(65 * 1024)).decode(), True, "body_too_large"),
        ('"\ud800"', False, "malformed_body"),
    ],
)
def test_a_body_that_is_cut_off_or_no_text_is_told_as_such(
    api: Handler, body: str | None, is_base64: bool, problem: str
) -> None:
    event = request("POST", "/api/session", {})
    event |= {"body": body, "isBase64Encoded": is_base64}
    assert code(api(event)) == problem


def test_a_picture_for_a_body_is_of_a_wrong_type(api: Handler) -> None:
    event = request("POST", "/api/session", {}, Content_Type="image/png")
    event |= {"body": base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), "isBase64Encoded": True}
    assert code(api(event)) == "unsupported_media_type"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_a_method_that_no_route_has_is_told_with_those_that_it_has(api: Handler, method: str) -> None:
    answer = api(request(method, "/api/session"))
    assert code(answer) == "method_not_allowed"
    assert set(answer["headers"]["Allow"].split(", ")) == {"POST", "DELETE"}


@pytest.mark.parametrize(
    "contact_id", ["%2e%2e", "a%2Fb", "..", "a/b", "%00", "%", "čaplja", "CONTACT#1", "a" * 501, "", "\x00"]
)
def test_a_place_in_a_path_with_escapes_leads_nowhere(api: Handler, alice: Person, contact_id: str) -> None:
    assert code(api(contact(alice, api, contact_id))) == "not_found"


def test_a_request_without_headers_is_one_that_went_round_cloudfront(api: Handler) -> None:
    event = request("GET", "/api/openapi.json")
    event |= {"headers": None, "multiValueHeaders": None}
    assert code(api(event)) == "not_allowed"


@pytest.mark.parametrize(
    "part", ["requestContext", "headers", "body", "pathParameters", "multiValueQueryStringParameters"]
)
def test_a_request_that_lacks_what_each_has_is_refused(
    api: Handler, lines: Lines, calls: Calls, part: str
) -> None:
    event = request("POST", "/api/session", {})
    del event[part]
    assert code(api(event)) == "malformed_body"
    assert events(lines) == ["event_refused"] and calls.names == []


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("requestContext", None),
        ("requestContext", []),
        ("requestContext", {"resourcePath": 7, "httpMethod": "GET"}),
        ("requestContext", {"resourcePath": "/api/session"}),
        ("headers", ["Accept"]),
        ("headers", "Accept: */*"),
        ("headers", {"Accept-Language": None}),
        ("headers", {"Accept-Language": ["hu"]}),
        ("body", {"email": "a@b.example"}),
        ("body", 7),
    ],
)
def test_a_request_with_parts_of_another_type_is_refused(
    api: Handler, lines: Lines, part: str, wrong: Any
) -> None:
    event = request("POST", "/api/session", {})
    event[part] = wrong
    assert code(api(event)) == "malformed_body"
    assert events(lines) == ["event_refused"]


@pytest.mark.parametrize("event", [FROM_S3, FROM_SQS, SCHEDULED, {"Records": [published("{}")]}, *NO_EVENTS])
def test_what_is_no_request_is_refused_in_one_line_and_not_brought_again(
    api: Handler, lines: Lines, calls: Calls, event: Any
) -> None:
    assert code(api(event)) == "malformed_body"
    (line,) = lines.taken()
    assert (line["event"], line["level"], line["function"]) == ("event_refused", "ERROR", "api_handler")
    assert calls.names == []


# --- The stream ---


def test_records_of_the_stream_are_sent(alice: Person, calls: Calls) -> None:
    mails = [queue(alice, NOW) for _mail in range(3)]
    event = {"Records": [from_stream(key, number) for number, key in enumerate(mails, 100)]}
    assert send_mails(event, Context()) == {"batchItemFailures": []}
    assert not any(is_queued(key) for key in mails)


QUEUED = {"entity": {"S": "Email"}, "gsi1pk": {"S": "EMAILS#QUEUED#0"}}
BAD: dict[str, Any] = {
    "null": None,
    "text": "record",
    "number": 7,
    "list": [],
    "empty": {},
    "nothing of the stream": {"eventName": "INSERT"},
    "a null part": {"eventName": "INSERT", "dynamodb": None},
    "a list for a part": {"eventName": "INSERT", "dynamodb": []},
    "no number": {"eventName": "INSERT", "dynamodb": {"NewImage": QUEUED}},
    "an empty number": {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": "", "NewImage": QUEUED},
    },
    "a number for a number": {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": 7, "NewImage": QUEUED},
    },
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_record_without_its_number_is_left_out_and_the_others_are_sent(
    alice: Person, calls: Calls, bad: Any
) -> None:
    """Lambda takes an empty or a null identifier for a failure of all, and would bring all again."""
    first, second = queue(alice, NOW), queue(alice, NOW)
    event = {"Records": [from_stream(first, 100), bad, from_stream(second, 102)]}
    assert send_mails(event, Context()) == {"batchItemFailures": []}
    assert not is_queued(first) and not is_queued(second)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stream: stream.pop("Keys"),
        lambda stream: stream.update(Keys=None),
        lambda stream: stream.update(Keys={"pk": {"S": "USER#1"}}),
        lambda stream: stream.update(Keys={"pk": {"N": "1"}, "sk": {"N": "2"}}),
        lambda stream: stream.update(NewImage=None),
        lambda stream: stream.update(NewImage={"entity": "Email"}),
    ],
)
def test_of_a_bad_record_among_good_ones_only_it_is_told(
    alice: Person, calls: Calls, lines: Lines, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    first, second = queue(alice, NOW), queue(alice, NOW)
    bad = from_stream(queue(alice, NOW), 101)
    spoil(bad["dynamodb"])
    event = {"Records": [from_stream(first, 100), bad, from_stream(second, 102)]}
    assert send_mails(event, Context()) == {"batchItemFailures": [{"itemIdentifier": "101"}]}
    assert not is_queued(first) and not is_queued(second)
    assert "record_not_handled" in events(lines)


@pytest.mark.parametrize("function", ["send_mails", "hear_of_mails", "sweep_mails"])
@pytest.mark.parametrize("event", [FROM_S3, FROM_SQS, request("GET", "/api/me"), *NO_EVENTS])
def test_a_foreign_event_is_refused_in_one_line_and_not_brought_again(
    aws: None, calls: Calls, lines: Lines, function: str, event: Any
) -> None:
    assert getattr(routes, function)(event, Context()) in (None, {"batchItemFailures": []})
    (line,) = lines.taken()
    assert (line["event"], line["level"], line["function"]) == ("event_refused", "ERROR", function)
    assert calls.names == []


def test_events_of_one_function_are_foreign_to_the_others(alice: Person, calls: Calls, lines: Lines) -> None:
    key = queue(alice, NOW)
    stream, topic = {"Records": [from_stream(key, 1)]}, {"Records": [published(bounce(key))]}
    calls.taken()
    for handler, foreign in (
        (send_mails, topic),
        (send_mails, SCHEDULED),
        (hear_of_mails, stream),
        (hear_of_mails, SCHEDULED),
        (sweep_mails, stream),
        (sweep_mails, topic),
    ):
        handler(foreign, Context())
    assert events(lines) == ["event_refused"] * 6 and calls.names == []


# --- Ten thousand, and the time that there is ---

MANY = 10_000


class Running:
    """A run of Lambda's in which each mail takes a tenth of a second."""

    def __init__(self, seconds: int) -> None:
        self.left = seconds * 1000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def test_ten_thousand_records_are_sent_in_as_many_runs_as_it_takes(
    aws: None, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda goes on after a run from the lowest record that the run told as failed."""
    pattern = from_stream(queue(alice, NOW), 0)
    records = []
    for number in range(MANY):
        record = deepcopy(pattern)
        record["dynamodb"] |= {
            "SequenceNumber": str(number),
            "Keys": {"pk": {"S": "USER#1"}, "sk": {"S": f"EMAIL#{number}"}},
        }
        records.append(record)
    run, sent = Running(0), []

    def deliver(key: Key, _now: datetime, _post: object) -> bool:
        run.left -= 100
        assert run.left > 0, "Lambda has ended this run"
        sent.append(int(key["sk"].removeprefix("EMAIL#")))
        return True

    monkeypatch.setattr(actions, "deliver", deliver)
    rest, runs = records, 0
    while rest:
        run, runs = Running(60), runs + 1
        failed = send_mails({"Records": rest}, run)["batchItemFailures"]
        lowest = min((int(each["itemIdentifier"]) for each in failed), default=MANY)
        assert [int(each["itemIdentifier"]) for each in failed] == list(range(lowest, MANY))
        rest = records[lowest:]
    assert sent == list(range(MANY))
    assert runs == MANY * 100 // (60_000 - TIME_FOR_ONE)


def test_ten_thousand_records_that_are_no_mails_take_no_time(aws: None, alice: Person, calls: Calls) -> None:
    key = queue(alice, NOW)
    mail = from_stream(key, MANY)
    calls.taken()
    other = deepcopy(mail)
    other["dynamodb"]["NewImage"]["entity"] = {"S": "Ticket"}
    assert send_mails({"Records": [*[other] * MANY, mail]}, Context()) == {"batchItemFailures": []}
    assert not is_queued(key) and calls.names.count("SendRawEmail") == 1


def test_ten_thousand_events_of_ses_are_kept_or_asked_for_again(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"pk": "USER#1", "sk": "EMAIL#1"}
    event = {"Records": [published(bounce(key), number=number) for number in range(MANY)]}
    run, noted = Running(20), 0

    def note(_news: object) -> None:
        nonlocal noted
        run.left -= 20
        assert run.left > 0, "Lambda has ended this run"
        noted += 1

    monkeypatch.setattr(actions, "note", note)
    with pytest.raises(Exception, match="NotAllHandled"):
        hear_of_mails(event, run)
    assert noted == (20_000 - TIME_FOR_ONE) / 20


def test_a_sweep_that_runs_out_of_time_leaves_the_rest_to_the_next(
    alice: Person, lines: Lines, calls: Calls
) -> None:
    mails = [queue(alice, NOW) for _mail in range(3)]
    lines.taken()
    sweep_mails(SCHEDULED, Context(TIME_FOR_ONE))
    assert all(is_queued(key) for key in mails)
    assert "sweep_out_of_time" in events(lines)
    sweep_mails(SCHEDULED, Context(TIME_FOR_ONE + 60_000))
    assert not any(is_queued(key) for key in mails)
