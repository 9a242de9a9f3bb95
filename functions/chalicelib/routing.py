"""From HTTP to a room's route and back: the checks that every request passes, in one order.

path and method ▶ size ▶ type ▶ cross-site ▶ session ▶ permission ▶ form ▶ the route: limits, state
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from chalice.app import Blueprint, Request, Response
from pydantic import ValidationError

from chalicelib import cookies
from chalicelib import request as incoming
from chalicelib.fields import Form, View, field_errors
from chalicelib.problems import Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.words import LANGUAGE_TAGS, preferred_language

F = TypeVar("F", bound=Form | None)

# Whom a route lets in, beside the names of the thirteen permissions (product.md).
ANYBODY = "anybody"
ANY_USER = "any_user"
OWNER = "owner"

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
LONGEST_NAME = 500  # characters of an id or a cursor in an address; keys end at 1,024 bytes
MAKES_A_CHANGE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Call(Generic[F]):
    """One request, checked: what a route needs to know of it."""

    form: F
    now: datetime
    language: str
    address: str  # for limits: request.client_address
    ids: Mapping[str, str]
    headers: Mapping[str, str]
    query: Mapping[str, str]
    session: SignedIn | None = None

    @property
    def by(self) -> SignedIn:
        """Who calls. Only for routes that need a session."""
        if self.session is None:
            raise Problem("not_signed_in")
        return self.session


@dataclass(frozen=True)
class Answer:
    """What a route answers: a status, a body if it has one, cookies to set."""

    status: int
    body: View | None = None
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """A line of the table of routes: what OpenAPI describes and the permission test walks."""

    method: str
    path: str
    needs: str
    form: type[Form] | None
    answers: Mapping[int, type[View] | None]
    problems: tuple[str, ...]
    limited_by: tuple[str, ...]
    summary: str
    headers: tuple[str, ...] = ()
    optional_headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    needs_elevation: bool = False
    knows_who: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Every problem that a call can meet."""
        # Whatever is called: a bad body or cursor, no CloudFront in front, AWS out of reach.
        codes = ["not_found", "not_allowed", "malformed_body", "unsupported_media_type", "body_too_large"]
        codes += ["internal_error", "unavailable"]
        if self.method in MAKES_A_CHANGE:
            codes.append("cross_site")
        if self.form:
            codes.append("validation_failed")
        if self.needs != ANYBODY:
            codes.append("not_signed_in")
        if self.needs_elevation:
            codes.append("elevation_required")
        if self.limited_by:
            codes.append("too_many_attempts")
        return tuple(dict.fromkeys([*codes, *self.problems]))


Authorise = Callable[[str, datetime], SignedIn]
Route = Callable[[Call[Any]], Answer]


@dataclass
class Gate:
    """How a request's session is looked up; app.py says it, since shared modules import no room."""

    authorise: Authorise | None = None


GATE = Gate()


class Room(Blueprint):
    """A room's routes: a Chalice blueprint that also keeps the table of its endpoints."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.endpoints: list[Endpoint] = []

    def endpoint(
        self,
        method_and_path: str,
        *,
        needs: str,
        form: type[Form] | None = None,
        answers: Mapping[int, type[View] | None],
        problems: tuple[str, ...] = (),
        limited_by: tuple[str, ...] = (),
        headers: tuple[str, ...] = (),
        optional_headers: tuple[str, ...] = (),
        query: tuple[str, ...] = (),
        needs_elevation: bool = False,
        knows_who: bool = False,
    ) -> Callable[[Route], Route]:
        """Declare a route: `POST /api/contacts`, whom it lets in, what it takes, answers and may refuse with.

        `needs_elevation` asks that they proved lately who they are; `knows_who` lets anybody in, and still looks
        up the session of who has one.
        """
        method, _space, path = method_and_path.partition(" ")

        def register(route: Route) -> Route:
            summary = (route.__doc__ or "").strip().split("\n")[0]
            endpoint = Endpoint(
                method,
                path,
                needs,
                form,
                answers,
                problems,
                limited_by,
                summary,
                headers,
                optional_headers,
                query,
                needs_elevation,
                knows_who,
            )
            self.endpoints.append(endpoint)

            def view(**ids: str) -> Response:
                try:
                    return _rendered(
                        route(_checked(endpoint, self.current_request, ids)), self.current_request
                    )
                except Problem:
                    raise
                except Exception as fault:
                    # Chalice would write down its words, and the path with its ids.
                    raise Problem("internal_error") from fault

            view.__name__ = f"{route.__module__.rpartition('.')[0].rpartition('.')[2]}_{route.__name__}"
            self.route(path, methods=[method], content_types=["*/*"], name=view.__name__)(view)
            return route

        return register


def _checked(endpoint: Endpoint, request: Request, ids: Mapping[str, str]) -> Call[Any]:
    """The checks of a request, in the order of design.md. Raises the problem of the first that fails."""
    headers, now = request.headers, datetime.now(UTC)
    query: Mapping[str, str] = request.query_params or {}
    if any(not name.isascii() or len(name) > LONGEST_NAME for name in (*ids.values(), *query.values())):
        raise Problem("not_found")
    peer = request.context.get("identity", {}).get("sourceIp", "")
    address = incoming.client_address(headers, peer)
    raw = _raw_body(request)
    if len(raw) > incoming.LARGEST_BODY:
        raise Problem("body_too_large")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if raw and media_type != "application/json":
        raise Problem("unsupported_media_type")
    if endpoint.method in MAKES_A_CHANGE:
        incoming.refuse_cross_site(headers)
    session = _session(endpoint, headers, now)
    return Call(
        form=_filled_in(endpoint.form, raw),
        now=now,
        language=preferred_language(headers.get("accept-language", "")),
        address=address,
        ids=ids,
        headers=headers,
        query=query,
        session=session,
    )


def _raw_body(request: Request) -> bytes:
    try:
        raw = request.raw_body
    except ValueError as unreadable:  # A lone surrogate, or cut off in the middle of its base64.
        raise Problem("malformed_body") from unreadable
    return raw.encode() if isinstance(raw, str) else raw


def _session(endpoint: Endpoint, headers: Mapping[str, str], now: datetime) -> SignedIn | None:
    """Whose request it is, where the route asks. Raises not_signed_in, not_allowed, elevation_required."""
    token = cookies.session_token(headers)
    assert GATE.authorise is not None  # noqa: S101 - app.py composes the gate before it serves.
    if endpoint.needs == ANYBODY:
        if not (endpoint.knows_who and token):
            return None
        try:
            return GATE.authorise(token, now)
        except Problem as problem:
            if problem.code == "not_signed_in":
                return None
            raise
    session = GATE.authorise(token, now)
    if not (session.is_owner or endpoint.needs == ANY_USER or session.may(endpoint.needs)):
        raise Problem("not_allowed")
    if endpoint.needs_elevation and session.elevated_until <= now:
        raise Problem("elevation_required")
    return session


def _filled_in(form: type[Form] | None, raw: bytes) -> Form | None:
    if form is None:
        if raw.strip() and incoming.parsed_body(raw):
            raise Problem("malformed_body")
        return None
    try:
        return form.model_validate(incoming.parsed_body(raw))
    except ValidationError as failure:
        raise validation_failed(*field_errors(form, failure)) from failure


def _rendered(answer: Answer, request: Request) -> Response:
    language = preferred_language(request.headers.get("accept-language", ""))
    headers: dict[str, Any] = {**HEADERS, "Content-Language": LANGUAGE_TAGS[language]}
    if answer.cookies:
        headers["Set-Cookie"] = list(answer.cookies)
    if answer.body is None:
        return Response(body="", status_code=answer.status, headers=headers)
    headers["Content-Type"] = "application/json"
    return Response(body=answer.body.model_dump_json(), status_code=answer.status, headers=headers)
