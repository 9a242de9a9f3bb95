"""/_local/live, under `make write` only: the script that shows a page anew once another one is served in its place."""

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SOURCE = Path(__file__).with_name("reload.js")
PATH = "/_local/live"
SCRIPT = f"{PATH}/{SOURCE.name}"


def live(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """A WSGI application that answers with the script, whatever it is asked."""
    body = SOURCE.read_bytes()
    start_response(
        f"{HTTPStatus.OK.value} {HTTPStatus.OK.phrase}",
        [
            ("Content-Type", "text/javascript; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )
    return [body]
