"""What an operator reads of requests: one line each, by which it can be followed, and nothing of its reader in it.

Every route is walked, with success, with each refusal, with faults of AWS and with bugs of ours.
"""

import copy
import json
import logging
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pydantic import BaseModel

import app as functions
from chalicelib import logs, routing, table
from chalicelib.brand import windows
from chalicelib.routing import ANY_USER, ANYBODY, MAKES_A_CHANGE, Endpoint
from chalicelib.timestamps import epoch
from infra.local.ministack import ROOT
from tests.aws_calls import Faults, answered, fails, never_answers, throttles
from tests.client import REQUEST_ID, Answer, Client, endpoints
from tests.conftest import PASSWORD, Person, everything, items
from tests.lines import Lines, told
from tests.requests.walk import (
    ENDPOINTS,
    INVITATION,
    REGISTRATION,
    RESET,
    Place,
    body_of,
    caller,
    elevated_until,
    knock,
    named,
    user_with,
)
from tests.two_factor.authenticator import APP

NAMESPACE = "com.amazonaws.dynamodb.v20120810"
# What bodies hold that is one of a few words which everybody may know, as routes and places in code do.
OURS = {"contact", "technical", "invoices", "all", "people/add-contact", "support"}
# What items tell of people.
PRIVATE = (
    "pk",
    "to",
    "name",
    "email",
    "phone",
    "address",
    "city",
    "password_hash",
    "number",
    "subject",
    "text",
    "query",
)
BOGUS = "moja-najtajnija-tajna"

ASKING_AWS = [each for each in ENDPOINTS if each.path != "/api/openapi.json"]
MOST_BYTES = 600  # CloudWatch is paid by the byte.

walked = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing between two tries."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    monkeypatch.setattr("chalicelib.table.time.sleep", lambda _seconds: None)


@pytest.fixture
def place(alice: Person) -> Place:
    """Alice's account, furnished."""
    return Place.furnished(alice)


def typed(value: object) -> Iterator[str]:
    """Every text of a body that its sender chose."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from typed(each)
    elif isinstance(value, list):
        for each in value:
            yield from typed(each)
    elif isinstance(value, str) and len(value) > 2 and value not in OURS:
        yield value


def secrets_of(place: Place, *sent: object) -> set[str]:
    """What must not be in a line: what was sent, who sent it from where, and what the table knows of anybody."""
    stored = {str(item[name]) for item in everything() for name in PRIVATE if item.get(name)}
    tokens = {REGISTRATION, RESET, INVITATION, APP.secret, PASSWORD, BOGUS}
    texts = {text for each in sent for text in typed(each)}
    return stored | tokens | texts | {Client.peer, *place.ids.values(), place.removed}


# --- What a line tells ---


@walked
def test_a_request_that_succeeds_is_one_line(place: Place, lines: Lines, endpoint: Endpoint) -> None:
    client, body = caller(endpoint, place.alice), body_of(endpoint)
    lines.taken()
    answer = knock(client, endpoint, place.path(endpoint), body)
    (line,) = lines.taken()
    assert (
        line.items()
        >= {
            "level": "INFO",
            "event": "request",
            "request_id": REQUEST_ID,
            "route": named(endpoint),
            "status": answer.status,
        }.items()
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
    assert 0 < line["milliseconds"] < 20_000
    assert line["invocation"] and line["release"] == ""
    assert not {"code", "fault"} & set(line)
    assert len(json.dumps(line, separators=(",", ":"))) < MOST_BYTES
    assert ("Done" in line) == (endpoint.method in MAKES_A_CHANGE)
    assert told(line, secrets_of(place, body, client.cookies)) == set()


def test_the_id_of_a_line_is_what_the_reader_was_shown(visitor: Client, lines: Lines) -> None:
    shown = visitor.get("/api/me").body["instance"]
    (line,) = lines.taken()
    assert (line["request_id"], line["code"], line["status"]) == (shown, "not_signed_in", 401)


def test_the_first_request_of_a_process_is_told(
    visitor: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_HAS_BEGUN", logs.Event())
    visitor.get("/api/openapi.json")
    visitor.get("/api/openapi.json")
    first, second = lines.taken()
    assert first["cold_start"] is True and "cold_start" not in second


def test_the_release_is_told(visitor: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KALAUZ_RELEASE", "20261122T223000Z-1a2b3c4")
    visitor.get("/api/openapi.json")
    assert lines.taken()[0]["release"] == "20261122T223000Z-1a2b3c4"


def test_make_run_shows_no_requests_and_the_whole_of_a_fault(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up()
    visitor.get("/api/me")
    assert capsys.readouterr().out == ""

    def buggy(*_arguments: object) -> None:
        raise ValueError("what a developer wants to read")

    monkeypatch.setattr(routing, "_rendered", buggy)
    visitor.get("/api/openapi.json")
    shown = capsys.readouterr().out
    assert "kalauz - ERROR - request" in shown and "route=GET /api/openapi.json" in shown
    assert "Traceback" in shown and "ValueError: what a developer wants to read" in shown


def test_make_run_loads_nothing_that_sets_up_the_log_before_it_knows_its_stage() -> None:
    """Else it would write as in AWS, from then on."""
    asked = "import logging, infra.local.run, infra.local.write; print(logging.getLogger().handlers)"
    environment = {name: value for name, value in os.environ.items() if name != "KALAUZ_STAGE"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "functions"), str(ROOT)])
    told = subprocess.check_output([sys.executable, "-c", asked], env=environment, text=True)
    assert told == "[]\n"


# --- What no line tells ---


def refusals(endpoint: Endpoint, place: Place) -> Iterator[tuple[str, Answer]]:
    """A route with everything that it can be refused for, whoever asks; with the code that the refusal has."""
    client, path = caller(endpoint, place.alice), place.path(endpoint)
    body = body_of(endpoint) or {}
    if endpoint.needs != ANYBODY:
        yield "not_signed_in", knock(Client(cookies={"session": BOGUS}), endpoint, path)
    if endpoint.needs not in (ANYBODY, ANY_USER):
        stranger = user_with(place.alice)
        yield "not_allowed", knock(stranger.signed_in(), endpoint, path)
    if endpoint.needs_elevation:
        with_old_session = place.alice.signed_in(with_code=True)
        elevated_until(with_old_session, datetime.now(UTC) - timedelta(seconds=1))
        yield "elevation_required", knock(with_old_session, endpoint, path)
    if endpoint.method in MAKES_A_CHANGE:
        abroad: dict[str, str | None] = {"sec_fetch_site": "cross-site", "origin": f"https://{BOGUS}.example"}
        yield "cross_site", knock(client, endpoint, path, **abroad)
    yield "malformed_body", knock(client, endpoint, path, json.dumps(body).encode() + BOGUS.encode())
    yield "unsupported_media_type", knock(client, endpoint, path, BOGUS.encode(), content_type=BOGUS)
    yield "body_too_large", knock(client, endpoint, path, BOGUS.encode() * 4000)
    if endpoint.form:
        yield "validation_failed", knock(client, endpoint, path, wrong(body))
    if "{id}" in endpoint.path:
        yield "not_found", knock(client, endpoint, endpoint.path.replace("{id}", BOGUS))
    for what in endpoint.limited_by:
        knock(client, endpoint, path, wrong_code(body))
        used_up(what)
        yield "too_many_attempts", knock(client, endpoint, path)


def wrong(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with a wrong value in each field that is a text, and with a field that there is not."""
    spoilt = {
        name: f"<{value}>\u0000" if isinstance(value, str) else value
        for name, value in copy.deepcopy(body).items()
    }
    return {**spoilt, BOGUS: BOGUS}


def wrong_code(body: dict[str, Any]) -> dict[str, Any] | None:
    """The body with a code that leaves what it was for as it was."""
    return ({**body, "code": APP.wrong_code()} if "code" in body else body) or None


def used_up(what: str) -> None:
    """Let everybody have tried this as often as they may."""
    tries = [epoch(datetime.now(UTC))] * windows(what, local=True)[0].times
    for item in items("Attempts"):
        if item["pk"].startswith(f"ATTEMPTS#{what}#"):
            table.write(table.update({"pk": item["pk"], "sk": item["sk"]}, sets={"times": tries}))


@walked
def test_each_refusal_is_one_line_with_its_code(place: Place, lines: Lines, endpoint: Endpoint) -> None:
    secrets = secrets_of(place, body_of(endpoint))
    for code, answer in refusals(endpoint, place):
        read = lines.taken()
        line = read[-1]
        assert (line["code"], line["status"]) == (answer.code, answer.status)
        assert (line["event"], line["level"], line["route"]) == ("request", "INFO", named(endpoint))
        assert line["Refused"] == 1 and "fault" not in line
        assert answer.code == code
        assert told(read, secrets | secrets_of(place)) == set()


def quotes(request: AWSPreparedRequest) -> AWSResponse:
    """AWS refuses, and quotes all that it was sent, as DynamoDB does with a key or a value that it does not take."""
    said = (request.body or b"").decode("utf-8", "replace")
    return answered(request, 400, {"__type": f"{NAMESPACE}#ValidationException", "message": said})


FAULTS = {
    "refused with a quotation": (quotes, 500, "ERROR"),
    "throttled": (throttles, 503, "WARNING"),
    "failing": (fails, 503, "WARNING"),
    "silent": (never_answers, 503, "WARNING"),
}


@pytest.mark.parametrize("endpoint", ASKING_AWS, ids=named)
def test_a_fault_of_aws_is_told_by_its_type_and_place(
    place: Place, lines: Lines, faults: Faults, endpoint: Endpoint
) -> None:
    client, body = caller(endpoint, place.alice), body_of(endpoint)
    secrets = secrets_of(place, body, client.cookies)
    for fault, status, level in FAULTS.values():
        faults.always_meets("*", fault)
        answer = knock(client, endpoint, place.path(endpoint), body)
        faults.are_over()
        line = lines.taken()[-1]
        assert (answer.status, line["status"], line["level"]) == (status, status, level)
        assert line["code"] == answer.code
        last = line["fault"][0]
        assert re.fullmatch(r"(botocore\.[a-z]+\.\w+)", last["type"])
        assert any(place.startswith("chalicelib/") for place in last["where"])
        if fault is not never_answers:
            assert last["aws"]["operation"] and last["aws"]["code"]
        assert told(lines.read, secrets) == set()


class Note(BaseModel):
    """What quotes what it was given when it does not take it."""

    number: int


def quoting(words: str) -> Exception:
    """A bug whose words, arguments and causes are what the reader sent."""
    try:
        try:
            Note.model_validate({"number": words})
        except ValueError as wrong:
            raise KeyError(words) from wrong
    except KeyError as missing:
        bug = ValueError(f"what is {words}?", words)
        bug.__cause__ = missing
        bug.add_note(words)
        return bug


def with_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every route fail at its end, quoting what it was asked and what it would have answered."""

    def buggy(answer: routing.Answer, request: Any) -> None:
        raise quoting(f"{answer.body!r} {answer.cookies} {request.raw_body!r} {dict(request.headers)}")

    monkeypatch.setattr(routing, "_rendered", buggy)


@walked
def test_a_bug_is_told_by_its_type_and_place(
    place: Place, lines: Lines, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, body = caller(endpoint, place.alice), body_of(endpoint)
    with_a_bug(monkeypatch)
    lines.taken()
    answer = knock(client, endpoint, place.path(endpoint), body)
    (line,) = lines.taken()
    assert (
        (line["status"], line["level"], line["code"])
        == (500, "ERROR", answer.code)
        == (500, "ERROR", "internal_error")
    )
    assert [each["type"] for each in line["fault"]] == [
        "ValueError",
        "KeyError",
        "pydantic_core._pydantic_core.ValidationError",
    ]
    assert line["fault"][0]["where"][0].startswith("chalicelib/routing.py:")
    assert line["fault"][0]["where"][-1].endswith(":buggy")
    assert told(line, secrets_of(place, body, client.cookies)) == set()


# --- The other way round: what these tests would find ---


def test_a_secret_in_a_line_would_be_found(
    place: Place, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = endpoints()["POST", "/api/contacts"]
    body = body_of(endpoint) or {}
    process = logs.process
    monkeypatch.setattr(logs, "process", lambda context: {**process(context), "to": body["email"]})
    knock(place.alice.signed_in(), endpoint, body=body)
    assert told(lines.taken(), secrets_of(place, body)) == {body["email"]}


def test_the_words_of_a_fault_would_be_found(
    place: Place, lines: Lines, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = endpoints()["POST", "/api/contacts"]
    body = body_of(endpoint) or {}
    client = place.alice.signed_in()
    monkeypatch.setattr(logs, "_type", str)
    faults.always_meets("TransactWriteItems", quotes)
    knock(client, endpoint, body=body)
    faults.are_over()
    assert told(lines.taken(), secrets_of(place, body)) >= {body["email"], body["name"], body["phone"]}


@pytest.mark.parametrize("secret", ["123456", "č-tajna", 'a"b\\c', "tajna@example.com"])
def test_a_secret_would_be_found_as_json_writes_it(lines: Lines, secret: str) -> None:
    logs.note("request", first=secret, second=json.dumps({"quoted": secret}))
    assert told(lines.taken(), {secret}) == {secret}
    logs.note("request", milliseconds=1234567)
    assert told(lines.taken(), {secret}) == set()


# --- What others write ---


def test_a_library_tells_where_it_is_and_no_word_more(lines: Lines) -> None:
    logging.getLogger("urllib3.util.retry").warning("Retrying %s", BOGUS)
    logging.getLogger("botocore.endpoint").error(f"sending {BOGUS}")
    logging.getLogger("botocore.auth").info("signing %s", BOGUS)
    warnings.warn(BOGUS, stacklevel=1)
    try:
        raise quoting(BOGUS)
    except ValueError:
        logging.getLogger("botocore.hooks").exception("a handler failed: %s", BOGUS)
    read = lines.taken()
    assert [(line["event"], line["logger"]) for line in read] == [
        ("told_by_library", "urllib3.util.retry"),
        ("told_by_library", "botocore.endpoint"),
        ("told_by_library", "py.warnings"),
        ("told_by_library", "botocore.hooks"),
    ]
    assert all(":test_a_library" in read[place]["where"] for place in (0, 1, 3))
    assert read[3]["fault"][0]["type"] == "ValueError"
    assert told(read, {BOGUS}) == set()


def test_what_chalice_would_write_of_a_fault_has_neither_its_words_nor_the_path(lines: Lines) -> None:
    try:
        raise quoting(BOGUS)
    except ValueError:
        functions.app.log.error("Caught exception for path %s", f"/api/contacts/{BOGUS}", exc_info=True)
    (line,) = lines.taken()
    assert (line["event"], line["logger"]) == ("told_by_library", "kalauz")
    assert told(line, {BOGUS}) == set()


def test_a_fault_between_chalice_and_a_route_is_told_like_any_other(
    visitor: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def buggy(*_arguments: object) -> None:
        raise quoting(BOGUS)

    monkeypatch.setattr("chalice.app.RestAPIEventHandler._main_rest_api_handler", buggy)
    assert visitor.get("/api/me").code == "internal_error"
    (line,) = lines.taken()
    assert (line["code"], line["fault"][0]["type"]) == ("internal_error", "ValueError")
    assert told(line, {BOGUS}) == set()


def test_a_function_that_fails_leaves_no_words_to_lambda(lines: Lines) -> None:
    """Lambda writes an exception's words and traceback down by itself."""

    @logs.woken
    def wakes(_event: object, _context: object) -> None:
        raise quoting(BOGUS)

    with pytest.raises(logs.Failed) as failed:
        wakes({}, None)
    (line,) = lines.taken()
    assert (line["event"], line["function"], line["level"]) == ("function_failed", "wakes", "ERROR")
    assert str(failed.value) == "ValueError" and failed.value.__suppress_context__
    assert told(line, {BOGUS}) == set()
