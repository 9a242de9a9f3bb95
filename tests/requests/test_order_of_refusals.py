"""What is told first when several things are wrong: design.md's order, and what is no route at all."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

import app as functions
from chalicelib import brand
from infra.local.gateway import Gateway
from tests.client import ORIGIN, Answer, Client, check
from tests.conftest import Person, everything, items
from tests.people.contacts import VERA, added
from tests.tickets.conversations import NO_MAIL


def test_each_refusal_hides_those_behind_it(alice: Person, bob: Person) -> None:
    """Size, type, cross-site, session, permission, form, state: one is mended a time, until it is taken."""
    sent: dict[str, Any] = {
        "body": b" " * 70_000,
        "content_type": "text/plain",
        "sec_fetch_site": "cross-site",
    }
    client = Client()
    codes = []

    def again() -> None:
        codes.append(client.post("/api/contacts", **sent).code)

    again()
    sent["body"] = b"not JSON"
    again()
    sent["content_type"] = "application/json"
    again()
    sent["sec_fetch_site"] = "same-origin"
    again()
    client.cookies = bob.signed_in().cookies
    again()
    client.cookies = alice.signed_in().cookies
    again()
    sent["body"] = {"name": ""}
    again()
    for place in range(brand.CONTACTS_PER_ACCOUNT):
        added(client, email=f"v{place}@example.com")
    sent["body"] = VERA
    again()
    client.delete(f"/api/contacts/{items('Contact')[0]['sk'].removeprefix('CONTACT#')}")
    again()
    assert codes == [
        "body_too_large",
        "unsupported_media_type",
        "cross_site",
        "not_signed_in",
        "not_allowed",
        "malformed_body",
        "validation_failed",
        "limit_reached",
        "",
    ]


def test_a_form_is_read_before_a_try_is_counted(alice: Person) -> None:
    for _time in range(15):
        assert Client().post("/api/session", {"email": alice.email}).status == 422
    assert alice.signs_in()


def test_what_is_not_there_is_told_after_the_form(alice: Person) -> None:
    client = alice.signed_in()
    assert client.patch("/api/contacts/none", {"name": ""}).code == "validation_failed"
    assert client.patch("/api/contacts/none", {"name": "Vera"}).code == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/contacts", {"GET", "POST"}),
        ("PUT", "/api/session", {"POST", "DELETE"}),
        ("GET", "/api/session", {"POST", "DELETE"}),
        ("POST", "/api/me", {"GET", "PATCH"}),
        ("PATCH", "/api/openapi.json", {"GET"}),
        ("TRACE", "/api/tickets", {"GET", "POST"}),
        ("get", "/api/tickets", {"GET", "POST"}),
    ],
)
def test_a_method_that_a_path_does_not_know_is_told_before_anything_else(
    aws: None, method: str, path: str, allowed: set[str]
) -> None:
    answer = Client().send(
        method, path, b" " * 70_000, content_type="text/plain", sec_fetch_site="cross-site"
    )
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert everything() == []


# Through the gateway of `make run`, which stands where API Gateway stands: what no route answers.


@pytest.fixture
def gateway(aws: None) -> Iterator[Gateway]:
    yield Gateway(functions.app)


def ask(gateway: Gateway, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "REMOTE_ADDR": "203.0.113.7",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "wsgi.input": BytesIO(body),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    if body:
        environ["CONTENT_TYPE"] = "application/json"
    told: dict[str, Any] = {}

    def start(status: str, lines: list[tuple[str, str]], *_others: object) -> None:
        told["status"], told["headers"] = int(status.split()[0]), dict(lines)

    text = b"".join(gateway(environ, start)).decode()  # type: ignore[arg-type]
    return Answer(told["status"], told["headers"], text)


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/contacts/a/b/c", "/API/me", "/api//me"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_path_that_no_route_has_is_not_found_in_the_same_shape(
    gateway: Gateway, method: str, path: str
) -> None:
    answer = ask(gateway, method, path, accept_language="hu")
    assert (answer.status, answer.code) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == "hu"
    assert set(answer.body) == {"type", "title", "status", "code", "instance"}


def test_the_gateway_hands_on_what_a_route_answers(gateway: Gateway) -> None:
    assert ask(gateway, "GET", "/api/me").code == "not_signed_in"
    dana = json.dumps({"name": "Đurđa", "email": "d@example.com", "language": "sr"}).encode()
    assert ask(gateway, "POST", "/api/registrations", dana, origin=ORIGIN).status == 202
    assert (
        ask(gateway, "POST", "/api/registrations", dana, origin="https://evil.example").code == "cross_site"
    )


# What goes wrong inside.


@pytest.mark.parametrize(
    "fault", [RuntimeError("arn:aws:dynamodb secret"), KeyError("pk"), AssertionError(), ValueError()]
)
def test_a_fault_of_ours_tells_nothing_of_our_inside(
    alice: Person, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    client = alice.signed_in()

    def fail(*_arguments: object) -> None:
        raise fault

    monkeypatch.setattr("chalicelib.people.actions.list_contacts", fail)
    answer = client.get("/api/contacts")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "secret" not in answer.text and "errors" not in answer.body


def test_what_aws_says_of_a_fault_is_not_handed_on(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    monkeypatch.setenv("KALAUZ_TABLE", "no-such-table")
    answer = client.post("/api/tickets", NO_MAIL, idempotency_key="k")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "no-such-table" not in answer.text and "ResourceNotFound" not in answer.text
    check(answer, "sr")
