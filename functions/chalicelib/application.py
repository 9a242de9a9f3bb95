"""The app that Lambda calls: one shape of refusals and faults, and one line in the log for each request."""

import logging
import time
from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib import logs, metrics
from chalicelib.problems import Problem
from chalicelib.routing import GATE, HEADERS, MAKES_A_CHANGE, Authorise
from chalicelib.words import LANGUAGE_TAGS, preferred_language

# What Chalice itself refuses with, in our words.
_CHALICE_CODES = {
    400: "malformed_body",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
}


def answer(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """The one HTTP middleware: each refusal and fault leaves in the shape of RFC 9457, each request is noted."""
    begun = time.perf_counter()
    response, problem = _answered(request, get_response)
    _note(request, response.status_code, problem, time.perf_counter() - begun)
    return response


def _answered(
    request: Request, get_response: Callable[[Request], Response]
) -> tuple[Response, Problem | None]:
    """The response, and the problem that it tells of, if it does."""
    try:
        response = get_response(request)
        if response.status_code < 400:
            return response, None
        problem = Problem(_CHALICE_CODES.get(response.status_code, "internal_error"))
        allowed = response.headers.get("Allow")
    except Problem as refusal:
        problem, allowed = refusal, None
    except Exception as fault:
        problem, allowed = Problem("internal_error"), None
        problem.__cause__ = fault
    accept_language = request.headers.get("accept-language", "")
    rendered = problem_response(problem, accept_language, request.context.get("requestId", ""))
    if allowed:
        rendered.headers["Allow"] = allowed
    return rendered, problem


def _note(request: Request, status: int, problem: Problem | None, seconds: float) -> None:
    """The line of a request in the log, under the id that a problem shows as its `instance`."""
    method = request.context.get("httpMethod", "")
    outcome: dict[str, logs.Fact] = {"code": problem.code} if problem else {}
    counted = metrics.REFUSED if problem else metrics.DONE if method in MAKES_A_CHANGE else None
    logs.note(
        "request",
        level=logging.INFO if status < 500 else logging.ERROR if status == 500 else logging.WARNING,
        # What AWS or a bug made of it; a refusal says all by its code.
        fault=problem.__cause__ if problem and status >= 500 else None,
        counts={counted: 1} if counted else None,
        request_id=request.context.get("requestId", ""),
        route=f"{method} {request.context.get('resourcePath', '')}",
        status=status,
        milliseconds=round(seconds * 1000, 1),
        **outcome,
        **logs.process(request.lambda_context),
    )


def problem_response(problem: Problem, accept_language: str, request_id: str) -> Response:
    """A problem as a response, in the language that the request asks for."""
    language = preferred_language(accept_language)
    headers: dict[str, Any] = {
        **HEADERS,
        "Content-Language": LANGUAGE_TAGS[language],
        "Content-Type": "application/problem+json",
    }
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    return Response(body=problem.document(language, request_id), status_code=problem.status, headers=headers)


class Application(Chalice):
    """The app as Lambda calls it: an event that is no request of API Gateway's is refused, and told in one line."""

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        if _is_request(event):
            answered: dict[str, Any] = super().__call__(event, context)
            return answered
        logs.note("event_refused", level=logging.ERROR, function="api_handler")
        # An answer and no exception: whoever sent the event would send it again.
        refusal: dict[str, Any] = problem_response(Problem("malformed_body"), "", "").to_dict()
        return refusal


def _is_request(event: Any) -> bool:
    """Whether an event has all that Chalice reads of a request, in API Gateway's types."""
    try:
        place, headers, body = event["requestContext"], event["headers"], event["body"]
        texts = [place["resourcePath"], place["httpMethod"], *(headers or {}).values()]
        beside = {"multiValueQueryStringParameters", "pathParameters", "stageVariables"}
        return (
            all(isinstance(text, str) for text in texts)
            and (body is None or isinstance(body, str))
            and beside <= event.keys()
        )
    except (AttributeError, KeyError, TypeError):
        return False


def compose(app: Chalice, rooms: tuple[Blueprint, ...], authorise: Authorise) -> None:
    """Put the rooms into the app, behind the look-up of sessions."""
    GATE.authorise = authorise
    app.register_middleware(answer, "http")
    for room in rooms:
        app.register_blueprint(room)
