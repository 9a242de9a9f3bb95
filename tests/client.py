"""A browser without a screen: keeps cookies, sends what our pages send, and checks what everyone forgets."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote

from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway

import app as functions
from chalicelib import openapi
from chalicelib.problems import PROBLEMS
from chalicelib.routing import Endpoint
from chalicelib.words import LANGUAGE_TAGS

ORIGIN = "http://localhost:8000"
REQUEST_ID = "request-of-a-test"

# As `make run` does: a plain Chalice shares its current request between threads.
functions.app.__class__ = LocalChalice
GATEWAY = LocalGateway(functions.app, Config.create())


@cache
def endpoints() -> dict[tuple[str, str], Endpoint]:
    """The table of routes, by method and path."""
    rooms = (*functions.ROOMS, openapi.describing(functions.ROOMS))
    return {(each.method, each.path): each for room in rooms for each in room.endpoints}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of all routes."""
    return openapi.described(list(endpoints().values()))


@dataclass
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, Any]
    text: str

    @property
    def body(self) -> Any:
        """The JSON body."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The problem's code; empty where there is no problem."""
        return self.body["code"] if self.status >= 400 else ""

    @property
    def field_codes(self) -> dict[str, str]:
        """Each wrong field's code by its pointer."""
        return {error["pointer"]: error["code"] for error in self.body.get("errors", [])}


@dataclass
class Client:
    """One person's browser, on a page in their language."""

    language: str = "sr"
    peer: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str | None) -> Answer:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Answer:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str | None) -> Answer:
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str | None) -> Answer:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str | None) -> Answer:
        return self.send("DELETE", path, None, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str | None) -> Answer:
        """Send JSON (or bytes as they are) as our page does; a header given as `None` is left out."""
        sent: dict[str, str | None] = {"accept-language": self.language}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method != "GET":
            sent |= {"sec-fetch-site": "same-origin", "origin": ORIGIN}
        raw = (
            body
            if isinstance(body, bytes)
            else b""
            if body is None
            else json.dumps(body, ensure_ascii=False).encode()
        )
        if raw:
            sent["content-type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        event = GATEWAY._generate_lambda_event(
            method, path, {name: value for name, value in sent.items() if value is not None}, raw
        )
        event["pathParameters"] = {name: unquote(value) for name, value in event["pathParameters"].items()}
        event["requestContext"]["identity"]["sourceIp"] = self.peer
        event["requestContext"]["requestId"] = REQUEST_ID
        response = functions.app(event, GATEWAY._generate_lambda_context())
        answer = Answer(
            response["statusCode"],
            {**response["headers"], **response["multiValueHeaders"]},
            response["body"],
        )
        self.take_cookies(answer.headers.get("Set-Cookie", []))
        check(answer, sent["accept-language"])
        check_documented(answer, method, event["requestContext"]["resourcePath"])
        return answer

    def take_cookies(self, lines: Iterable[str]) -> None:
        """Keep, or forget, what Set-Cookie lines say."""
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def check(answer: Answer, accept_language: str | None) -> None:
    """The shape, the headers and the language of every answer, whatever the test is about."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    told = answer.headers["Content-Language"]
    assert told == LANGUAGE_TAGS.get(accept_language or "", told)
    if answer.status == 204:
        assert answer.text == ""
    if answer.status < 400:
        return
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.body
    assert set(problem) - {"errors"} == {"type", "title", "status", "code", "instance"}
    assert problem["status"] == answer.status == PROBLEMS[problem["code"]][0]
    assert problem["type"] == f"/problems/{problem['code'].replace('_', '-')}"
    assert problem["title"] and "{" not in problem["title"]
    assert problem["instance"] == REQUEST_ID
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "code", "detail"}
        assert error["pointer"].startswith("#")
        assert error["detail"] and "{" not in error["detail"]
    assert ("Retry-After" in answer.headers) == (answer.status in (429, 503))
    assert "Set-Cookie" not in answer.headers
    told = answer.text.lower()
    assert not any(secret in told for secret in ("traceback", "arn:aws", "dynamodb", "kalauz-test"))


def check_documented(answer: Answer, method: str, path: str) -> None:
    """Every answer is one that the OpenAPI document tells of, and has the shape that it tells."""
    endpoint = endpoints().get((method, path))
    if endpoint is None:
        assert answer.status == 405
        return
    told = document()["paths"][path][method.lower()]["responses"]
    assert str(answer.status) in told, f"{answer.status} {answer.code} of {method} {path} is not documented"
    if answer.status >= 400:
        assert answer.code in told[str(answer.status)]["description"].split(", "), answer.code
        return
    view = endpoint.answers[answer.status]
    if view and path != "/api/openapi.json":
        assert view.model_validate_json(answer.text).model_dump(mode="json") == answer.body
