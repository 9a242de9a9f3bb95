"""/_local/live, under `make write` only: the script that shows a page anew, and which build it should be of."""

import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/_local/live"
SCRIPT = Path(__file__).with_name("reload.js")


class Live:
    """A WSGI application that knows which build is served; each page knows which one it is of."""

    def __init__(self) -> None:
        self.built = new_build()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Tell the script, or the build."""
        media_type, body = "text/plain", self.built
        if environ["PATH_INFO"] == f"{PATH}/{SCRIPT.name}":
            media_type, body = "text/javascript", SCRIPT.read_text("utf-8")
        raw = body.encode()
        start_response(
            f"{HTTPStatus.OK.value} {HTTPStatus.OK.phrase}",
            [
                ("Content-Type", f"{media_type}; charset=utf-8"),
                ("Content-Length", str(len(raw))),
                ("Cache-Control", "no-store"),
            ],
        )
        return [raw]


def new_build() -> str:
    """What to call a build: no other has the same name, in any process."""
    return str(time.time_ns())


def script(build: str) -> str:
    """The address that the pages of a build load the script from."""
    return f"{PATH}/{SCRIPT.name}?built={build}"
