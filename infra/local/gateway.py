"""What API Gateway and Lambda do in AWS, over Chalice's own local gateway: HTTP in, the functions' answer out.

Chalice's server for development lacks what this adds: parameters of the path in clear, a limit for bodies before they
are read, the peer's real address, an id for each request, HEAD, several threads, and one shape for every refusal.
"""

import base64
import logging
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote
from uuid import uuid4

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway

from chalicelib.application import problem_response
from chalicelib.problems import Problem
from chalicelib.request import LARGEST_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("kalauz.gateway")

# A client that is still sending cannot hear that it sends too much: this much more is read and dropped, so that
# a form which is somewhat too long gets its 413; a longer one finds the connection closed.
DROPPED = 1024 * 1024
LARGEST_READ = LARGEST_BODY + DROPPED
TOO_LARGE = "Request Entity Too Large"  # cheroot's words, in an OSError, for a chunk beyond LARGEST_READ.
_PIECE = 64 * 1024
_MEANINGLESS_LENGTH = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})

Headers = list[tuple[str, str]]


class Gateway:
    """A WSGI application in front of the Chalice app."""

    def __init__(self, app: Chalice) -> None:
        # A plain Chalice shares its current request between threads.
        app.__class__ = LocalChalice
        self._app = app
        # chalice.local builds events and contexts as Lambda gets them; how they are answered is said here.
        self._local = LocalGateway(app, Config.create(lambda_timeout=20, lambda_memory_size=1024))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; whatever is wrong with it, the answer is a problem of RFC 9457."""
        request_id, accept_language = str(uuid4()), environ.get("HTTP_ACCEPT_LANGUAGE", "")
        try:
            answer = self._answer(environ, request_id)
        except Problem as problem:
            answer = refusal(problem, accept_language, request_id)
        except Exception:
            logger.exception("request %s", request_id)
            answer = refusal(Problem("internal_error"), accept_language, request_id)
        status, headers, body = as_http(answer)
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: "WSGIEnvironment", request_id: str) -> dict[str, Any]:
        event = self._event(environ)
        request = event["requestContext"]
        request["requestId"] = request_id
        request["identity"]["sourceIp"] = environ.get("REMOTE_ADDR", "")
        event["pathParameters"] = {name: unquote(value) for name, value in event["pathParameters"].items()}
        if request["httpMethod"] in self._app.routes[request["resourcePath"]]:
            event["body"] = _body(environ) or None
        context = self._local._generate_lambda_context()
        context.aws_request_id = request_id
        answer: dict[str, Any] = self._app(event, context)
        return answer

    def _event(self, environ: "WSGIEnvironment") -> dict[str, Any]:
        """The event of a request, its body still unread. Raises not_found for a path that no route has."""
        path, question_mark, query = environ.get("REQUEST_URI", quote(environ["PATH_INFO"])).partition("?")
        method = environ["REQUEST_METHOD"]
        event: dict[str, Any]
        try:
            event = self._local.event_converter.create_lambda_event(
                method=method,
                # Chalice's matcher would drop what follows a semicolon (RFC 2396 had parameters there).
                path=path.replace(";", "%3B") + question_mark + query,
                headers=_headers(environ),
            )
        except ValueError as unknown:
            raise Problem("not_found") from unknown
        methods = self._app.routes[event["requestContext"]["resourcePath"]]
        if method == "HEAD" and "HEAD" not in methods and "GET" in methods:
            event["requestContext"]["httpMethod"] = "GET"
        return event


def refusal(problem: Problem, accept_language: str, request_id: str) -> dict[str, Any]:
    """A problem that never reached the functions, as they would have answered it."""
    answer: dict[str, Any] = problem_response(problem, accept_language, request_id).to_dict()
    return answer


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """The request's headers, lower case as Lambda gets them; a type or length left empty is one left out."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name, "").strip():
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers


def _body(environ: "WSGIEnvironment") -> bytes:
    """All of the body. Raises body_too_large before it is read, and malformed_body where it ends too early."""
    length = environ.get("CONTENT_LENGTH", "").strip()
    is_chunked = bool(environ.get("wsgi.input_terminated"))
    if length and not (length.isascii() and length.isdigit()):
        raise Problem("malformed_body")
    if not is_chunked and not int(length or 0):
        return b""
    announced = LARGEST_BODY + 1 if is_chunked else int(length)
    if announced > LARGEST_BODY and not is_chunked:
        _drop(environ)
        raise Problem("body_too_large")
    body = b"".join(_pieces(environ, announced))
    if len(body) > LARGEST_BODY:
        _drop(environ)
        raise Problem("body_too_large")
    if not is_chunked and len(body) < announced:
        raise Problem("malformed_body")
    return body


def _drop(environ: "WSGIEnvironment") -> None:
    for _piece in _pieces(environ, DROPPED):
        pass


def _pieces(environ: "WSGIEnvironment", most: int) -> Iterator[bytes]:
    """What comes in, piece by piece, until so many bytes or its end.

    Raises malformed_body for wrong chunks, and body_too_large for those that the server itself will not read.
    """
    stream = environ["wsgi.input"]
    while most > 0:
        try:
            piece = stream.read(min(most, _PIECE))
        except ValueError as wrong_chunk:
            raise Problem("malformed_body") from wrong_chunk
        except OSError as failure:
            if failure.args == (TOO_LARGE,):
                raise Problem("body_too_large") from failure
            raise
        if not piece:
            return
        most -= len(piece)
        yield piece


def as_http(answer: dict[str, Any]) -> tuple[HTTPStatus, Headers, bytes]:
    """Status, headers and body of an answer in Lambda's shape."""
    status = HTTPStatus(answer["statusCode"])
    body = answer["body"] or ""
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode("utf-8")
    headers = [(name, str(value)) for name, value in answer["headers"].items()]
    headers += [
        (name, str(value)) for name, values in answer["multiValueHeaders"].items() for value in values
    ]
    if status not in _MEANINGLESS_LENGTH:
        headers.append(("Content-Length", str(len(raw))))
    return status, headers, raw
