"""A browser without a screen: keeps cookies, sends what our pages send, and checks what everyone forgets."""

import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from chalice.config import Config
from chalice.local import LocalGateway

import app as functions
from chalicelib.problems import PROBLEMS
from chalicelib.words import LANGUAGE_TAGS

ORIGIN = "http://localhost:8000"


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

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, None, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send JSON (or bytes as they are) as our page does; a header given as `None` is left out."""
        sent: dict[str, str | None] = {
            "accept-language": self.language,
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if method != "GET":
            sent |= {"sec-fetch-site": "same-origin", "origin": ORIGIN}
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if raw:
            sent["content-type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        gateway = LocalGateway(functions.app, Config.create())
        functions.app.__dict__.pop("current_request", None)
        event = gateway._generate_lambda_event(
            method, path, {name: value for name, value in sent.items() if value is not None}, raw
        )
        event["requestContext"]["identity"]["sourceIp"] = self.peer
        event["requestContext"]["requestId"] = "request-of-a-test"
        response = functions.app(event, gateway._generate_lambda_context())
        answer = Answer(
            response["statusCode"],
            {**response["headers"], **response["multiValueHeaders"]},
            response["body"],
        )
        self._take_cookies(answer)
        self._check(answer)
        return answer

    def _take_cookies(self, answer: Answer) -> None:
        for line in answer.headers.get("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def _check(self, answer: Answer) -> None:
        """The shape, the headers and the language of every answer, whatever the test is about."""
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Language"] == LANGUAGE_TAGS[self.language]
        if answer.status < 400:
            return
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.body
        assert problem["status"] == answer.status == PROBLEMS[problem["code"]][0]
        assert problem["type"] == f"/problems/{problem['code'].replace('_', '-')}"
        assert problem["title"]
        assert problem["instance"] == "request-of-a-test"
        for error in problem.get("errors", []):
            assert error["pointer"].startswith("#")
            assert error["detail"] and "{" not in error["detail"]
        told = answer.text.lower()
        assert not any(secret in told for secret in ("traceback", "arn:aws", "dynamodb", "kalauz-test"))
