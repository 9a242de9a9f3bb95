"""The OpenAPI document: it tells of every route what a caller needs, from the models that check and answer."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.problems import PROBLEMS
from chalicelib.routing import Endpoint
from tests.client import Client, endpoints
from tests.client import document as built
from tests.conftest import Person
from tests.requests.walk import ENDPOINTS, WITH_FORM, Place, caller, knock, named


@pytest.fixture
def document(visitor: Client) -> dict[str, Any]:
    answer = visitor.get("/api/openapi.json")
    assert answer.status == 200
    return dict(answer.body)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_stands_as_openapi_wants_it(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"] and document["info"]["version"]
    assert set(document) <= {"openapi", "info", "servers", "paths", "components", "security", "tags"}
    for method, path, operation in operations(document):
        assert method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        assert path.startswith("/api/")
        assert operation["summary"]
        assert operation["responses"]
        named_in_path = set(re.findall(r"\{(\w+)\}", path))
        declared = [(part["in"], part["name"]) for part in operation.get("parameters", [])]
        assert {name for place, name in declared if place == "path"} == named_in_path
        assert len(set(declared)) == len(declared)
        for part in operation.get("parameters", []):
            assert part["in"] in ("path", "header", "query")
            optional = endpoints()[method, path].optional_headers
            assert part["required"] is (part["in"] != "query" and part["name"] not in optional)
            assert part["schema"]
        for status, answer in operation["responses"].items():
            assert re.fullmatch(r"[245]\d\d", status)
            assert answer["description"]
            assert set(answer) <= {"description", "content", "headers"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert isinstance(place, dict), reference


def test_it_tells_of_every_route_and_of_no_other(document: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _operation in operations(document)} == set(endpoints())
    assert document == built()


def test_every_form_refuses_what_it_does_not_know(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
            told = document["components"]["schemas"][schema]
            assert told["additionalProperties"] is False, f"{method} {path}"
            assert told["type"] == "object" and told["properties"]


def test_fields_tell_their_limits(document: dict[str, Any]) -> None:
    fields = document["components"]["schemas"]["AddContact"]["properties"]
    assert fields["name"]["maxLength"] == 200
    assert fields["email"]["maxLength"] == 254
    assert fields["kind"]["enum"] == ["contact", "domain"]
    assert document["components"]["schemas"]["OpenTicket"]["properties"]["description"]["maxLength"] == 20_000


def test_a_problem_is_told_with_its_own_type(document: dict[str, Any]) -> None:
    for _method, _path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"]
                for code in answer["description"].split(", "):
                    assert PROBLEMS[code][0] == int(status)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_it_says_whether_a_session_is_needed(
    document: dict[str, Any], alice: Person, endpoint: Endpoint
) -> None:
    operation = document["paths"][endpoint.path][endpoint.method.lower()]
    place, client = Place.furnished(alice), caller(endpoint, alice)
    client.cookies.pop("session", None)
    refused = knock(client, endpoint, place.path(endpoint)).code == "not_signed_in"
    assert bool(operation["security"]) == refused
    assert not refused or "401" in operation["responses"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_signed_out_every_route_answers_as_it_tells(visitor: Client, endpoint: Endpoint) -> None:
    """tests/client.py looks the answer up in the document, whatever it is."""
    answer = knock(visitor, endpoint, endpoint.path.replace("{id}", "0" * 26))
    if endpoint.needs != "anybody":
        assert (answer.status, answer.code) == (401, "not_signed_in")
    assert knock(visitor, endpoint, body=b"[]").status >= 400


@pytest.mark.parametrize("endpoint", WITH_FORM, ids=named)
def test_an_empty_form_is_answered_as_it_tells(alice: Person, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    answer = knock(alice.signed_in(), endpoint, place.path(endpoint), body={})
    required = [name for name, field in endpoint.form.model_fields.items() if field.is_required()]  # type: ignore[union-attr]
    if required:
        assert answer.field_codes == {f"#/{name}": "required" for name in required}
    else:
        assert answer.status == 200
