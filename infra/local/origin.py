"""The one origin: pages, API and the tools of local mode under one address, all with the site's headers."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.ministack import ROOT

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The build writes it: theme/hooks/headers.py.
HEADERS = ROOT / "build" / "headers.json"


class Origin:
    """A WSGI application that asks the one to whom an address belongs, and the pages where it belongs to nobody."""

    def __init__(
        self, pages: "WSGIApplication", under: Mapping[str, "WSGIApplication"], headers: Mapping[str, str]
    ) -> None:
        self.pages = pages  # Another build's pages may take their place while it serves.
        self._under = under
        self._headers = headers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, adding the headers that the answer has not set itself."""

        def start(
            status: str,
            headers: list[tuple[str, str]],
            failure: "tuple[type[BaseException], BaseException, TracebackType] | None" = None,
            /,
        ) -> "object":
            present = {name.lower() for name, _value in headers}
            added = [pair for pair in self._headers.items() if pair[0].lower() not in present]
            return start_response(status, [*headers, *added], failure)

        return self._whose(environ["PATH_INFO"])(environ, start)  # type: ignore[arg-type]

    def _whose(self, path: str) -> "WSGIApplication":
        for prefix, application in self._under.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return application
        return self.pages


def site_headers(path: Path = HEADERS) -> dict[str, str]:
    """The headers that every page is sent with."""
    headers: dict[str, str] = json.loads(path.read_text("utf-8"))
    return headers
