"""Sending a bad body (trust.md, 20): always refused with a code of its own, never a fault, never half written."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.request import DEEPEST_BODY, LARGEST_BODY
from tests.client import GATEWAY, REQUEST_ID, Client, endpoints, functions
from tests.conftest import Person, everything
from tests.requests.walk import BODIES, ENDPOINTS, WITH_FORM, Place, body_of, caller, knock, named

BAD = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "no JSON": b"name=Dana&email=dana@example.com",
    "half a body": b'{"name": "Da',
    "two bodies": b"{}{}",
    "a comment": b'{"name": "Dana" /* her name */}',
    "a trailing comma": b'{"name": "Dana",}',
    "single quotes": b"{'name': 'Dana'}",
    "a byte order mark": b'\xef\xbb\xbf{"name": "Dana"}',
    "UTF-16": '{"name": "Dana"}'.encode("utf-16"),
    "Latin-2": '{"name": "Đurić"}'.encode("iso8859-2"),
    "bad UTF-8": b'{"name": "\xc3\x28\xff"}',
    "an overlong NUL": b'{"name": "\xc0\x80"}',
    "an encoded surrogate": b'{"name": "\xed\xa0\x80"}',
    "a bare NUL": b'{"name": "Da\x00na"}',
    "a bare line end": b'{"name": "Da\nna"}',
    "only NULs": b"\x00" * 1000,
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a string": b'"Dana"',
    "an array": b'[{"name": "Dana"}]',
    "an empty array": b"[]",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": Infinity}',
    "minus Infinity": b'{"name": -Infinity}',
    "a number of many digits": b'{"name": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"name": "Dana", "name": "Vera"}',
    "a key twice, once escaped": b'{"name": "Dana", "n\\u0061me": "Vera"}',
    "a key twice, deep down": b'{"name": {"a": 1, "a": 1}}',
    "deep arrays": b'{"name": ' + b"[" * 500 + b"]" * 500 + b"}",
    "deeper arrays": b'{"name": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "unclosed arrays": b"[" * 60_000,
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "deeper objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "one level too deep": json.dumps({"name": eval("[" * DEEPEST_BODY + "]" * DEEPEST_BODY)}).encode(),  # noqa: S307
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_what_is_no_json_object_is_malformed(aws: None, raw: bytes) -> None:
    answer = Client().post("/api/registrations", raw)
    assert (answer.status, answer.code) == (400, "malformed_body")
    assert everything() == []


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_so_it_is_as_text_which_is_how_lambda_gets_it(aws: None, raw: bytes) -> None:
    status = as_lambda_gets_it("POST", "/api/registrations", raw.decode("utf-8", "surrogateescape"))
    assert status == 400


@pytest.mark.parametrize("endpoint", WITH_FORM, ids=named)
def test_no_form_takes_it(alice: Person, endpoint: Any) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    before = everything()
    for what, raw in BAD.items():
        answer = knock(client, endpoint, place.path(endpoint), body=raw)
        assert (answer.status, answer.code) == (400, "malformed_body"), what
    assert everything() == before


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name": "\\ud800", "email": "dana@example.com", "language": "sr"}',
        b'{"name": "Dana", "email": "\\udfff@example.com", "language": "sr"}',
        b'{"name": "Dana", "email": "dana@example.com", "language": "\\ud83d"}',
        b'{"name": "Dana", "email": "dana@example.com", "language": "sr", "\\ud800": 1}',
        b'{"name": "Dana\\u0000", "email": "dana@example.com", "language": "sr"}',
        b'{"name": 1e999, "email": -1e999, "language": 1e-999}',
        b'{"name": {"name": "Dana"}, "email": [["dana@example.com"]], "language": {"": {}}}',
        b'{"name": "Dana", "email": "dana@example.com", "language": "sr", "": ""}',
        b'{"name": "Dana", "email": "dana@example.com", "language": "sr", "' + b"x" * 60_000 + b'": 1}',
        b"{" + b",".join(b'"%d": 1' % place for place in range(5000)) + b"}",
        b"{}",
        b'{"name": [[[[[[[]]]]]]], "email": {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}}',
    ],
)
def test_an_object_with_wrong_fields_is_told_so(aws: None, raw: bytes) -> None:
    answer = Client().post("/api/registrations", raw)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.field_codes
    assert everything() == []


def test_a_lone_surrogate_in_a_password_is_refused_as_any_wrong_value(alice: Person) -> None:
    raw = b'{"email": "alice@example.com", "password": "\\ud800"}'
    assert Client().post("/api/session", raw).field_codes == {"#/password": "wrong_type"}


def test_a_pair_of_surrogates_is_the_letter_that_it_stands_for(aws: None) -> None:
    raw = b'{"name": "D\\ud83d\\ude42", "email": "dana@example.com", "language": "sr"}'
    assert Client().post("/api/registrations", raw).field_codes == {"#/name": "not_a_name"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_more_than_64_kb_is_too_large_for_every_route(alice: Person, endpoint: Any) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    before = everything()
    for raw in (b" " * (LARGEST_BODY + 1), b'{"x": "' + b"x" * 1_000_000 + b'"}', b"[" * 70_000):
        answer = knock(client, endpoint, place.path(endpoint), body=raw)
        assert (answer.status, answer.code) == (413, "body_too_large")
    assert everything() == before


def test_64_kb_are_not(aws: None) -> None:
    raw = json.dumps(BODIES["POST", "/api/registrations"]).encode()
    assert Client().post("/api/registrations", raw + b" " * (LARGEST_BODY - len(raw))).status == 202


@pytest.mark.parametrize(
    ("content_type", "is_taken"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/JSON", True),
        (" application/json ;charset=UTF-8", True),
        (None, False),
        ("", False),
        ("text/plain", False),
        ("text/json", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/jsonx", False),
        ("application/json, text/plain", False),
        ("application/octet-stream", False),
        ("text/plain; application/json", False),
        ("image/png", False),
    ],
)
def test_a_body_of_another_type_is_refused(aws: None, content_type: str | None, is_taken: bool) -> None:
    body = BODIES["POST", "/api/registrations"]
    answer = Client().post("/api/registrations", body, content_type=content_type)
    assert (answer.status, answer.code) == ((202, "") if is_taken else (415, "unsupported_media_type"))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_no_route_takes_a_body_of_another_type(alice: Person, endpoint: Any) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    answer = knock(client, endpoint, place.path(endpoint), body=b"x=1", content_type="text/plain")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if not each.form], ids=named)
def test_a_route_without_a_form_takes_no_fields(alice: Person, endpoint: Any) -> None:
    place = Place.furnished(alice)
    client = caller(endpoint, alice)
    for raw in (b'{"x": 1}', b"[]", b"null", b"x", b"{" * 10_000):
        assert knock(client, endpoint, place.path(endpoint), body=raw).code == "malformed_body"
    assert knock(client, endpoint, place.path(endpoint), body=b" {} ").status < 300


# What nobody thought of.


@pytest.fixture
def owner(alice: Person) -> Client:
    return alice.signed_in()


letters = st.text(st.characters(), max_size=30)
texts = st.one_of(
    letters,
    st.sampled_from(
        ["", "\x00", "\ud800", "\r\n", "\u202e", "sr", "a@example.com", "x" * 201, "{0}", "%s", "🙂"]
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(texts, parts, max_size=4),
    max_leaves=8,
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Any, bytes]:
    """A route with a form, and a body that is near to what it takes, or far from it, or no JSON at all."""
    endpoint = draw(st.sampled_from(WITH_FORM))
    kind = draw(st.sampled_from(["near", "near", "near", "far", "raw", "cut"]))
    body = dict(body_of(endpoint) or {})
    if kind == "raw":
        return endpoint, draw(st.binary(max_size=200))
    if kind == "far":
        return endpoint, json.dumps(draw(values)).encode()
    for name in draw(st.lists(st.sampled_from([*body, "other"]), min_size=1, max_size=3)):
        if draw(st.booleans()):
            body[name] = draw(values)
        else:
            body.pop(name, None)
    raw = json.dumps(body).encode()
    return endpoint, raw[: draw(st.integers(0, len(raw)))] if kind == "cut" else raw


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=bodies())
def test_no_body_is_ever_a_fault(owner: Client, sent: tuple[Any, bytes]) -> None:
    endpoint, raw = sent
    answer = knock(owner, endpoint, endpoint.path.replace("{id}", "0" * 26), body=raw)
    assert answer.status < 500, answer.text


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    endpoint=st.sampled_from([each for each in ENDPOINTS if "{id}" in each.path or each.query]),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100),
)
@example(endpoint=endpoints()["GET", "/api/tickets"], name="W" * 500)
def test_no_id_and_no_cursor_is_ever_a_fault(owner: Client, endpoint: Any, name: str) -> None:
    quoted = quote(name, safe="")
    path = endpoint.path.replace("{id}", quoted)
    if endpoint.query:
        path += f"?cursor={quoted}"
    answer = knock(owner, endpoint, path)
    assert answer.status in (200, 400, 404), answer.text


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(
        [
            "accept_language",
            "cookie",
            "content_type",
            "origin",
            "sec_fetch_site",
            "idempotency_key",
            "x_kalauz_edge",
        ]
    ),
    value=st.text(st.characters(), max_size=60),
)
def test_no_header_is_ever_a_fault(owner: Client, name: str, value: str) -> None:
    answer = knock(owner, endpoints()["POST", "/api/tickets"], **{name: value})
    assert answer.status < 500, answer.text


def as_lambda_gets_it(method: str, path: str, body: str) -> int:
    """The status of a request whose body is text already, as API Gateway hands it over."""
    headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
    event = GATEWAY._generate_lambda_event(method, path, headers, None)
    event["body"] = body
    event["requestContext"]["identity"]["sourceIp"] = "203.0.113.7"
    event["requestContext"]["requestId"] = REQUEST_ID
    return int(functions.app(event, GATEWAY._generate_lambda_context())["statusCode"])
