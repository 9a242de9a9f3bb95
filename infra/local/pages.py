"""The built site, served as S3 and CloudFront serve it."""

import hashlib
import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.headers import Headers

from whitenoise import WhiteNoise

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# The build writes it into the site: theme/hooks/redirects.py.
REDIRECTS = "redirects.json"
# The build puts a hash of the content into these names: theme/hooks/assets.py, theme/search_index.py, theme/pictures.py
# and Pagefind do. CloudFront reads the expression too, as one of JavaScript.
HASHED = re.compile(r"\.[0-9a-f]{8,}\.\w+$|/[0-9a-f]{16}\.\w+$|_[0-9a-f]{7,}\.pf_\w+$")
FOR_EVER = "public, max-age=31536000, immutable"
_CONDITIONAL = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")


class Pages:
    """A WSGI application for the files of a folder, read when it is made."""

    def __init__(self, site: Path) -> None:
        self._files = WhiteNoise(
            self._not_there,
            root=str(site),
            index_file=True,
            max_age=None,
            allow_all_origins=False,
            add_headers_function=_add_headers,
        )
        redirects = site / REDIRECTS
        self._redirects: dict[str, str] = (
            json.loads(redirects.read_text("utf-8")) if redirects.exists() else {}
        )

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer with a file, a redirect (to a folder's index, or to where an article is now), or the 404 page."""
        answer: Iterable[bytes] = self._files(environ, start_response)
        return answer

    def _not_there(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """An article may have stood at the address; a browser keeps the fragment by itself."""
        now = self._redirects.get(f"{environ['PATH_INFO'].rstrip('/')}/")
        if now is None:
            return self._not_found(environ, start_response)
        query = environ.get("QUERY_STRING")
        start_response(
            f"{HTTPStatus.MOVED_PERMANENTLY.value} {HTTPStatus.MOVED_PERMANENTLY.phrase}",
            [
                ("Location", f"{now}?{query}" if query else now),
                ("Cache-Control", "no-cache"),
                ("Content-Length", "0"),
            ],
        )
        return []

    def _not_found(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The 404 page in the language of the address."""
        first = environ["PATH_INFO"].strip("/").split("/")[0]
        language = first if first in LANGUAGES and first != DEFAULT_LANGUAGE else ""
        page = self._files.files.get(f"/{language}/404.html" if language else "/404.html")
        status = f"{HTTPStatus.NOT_FOUND.value} {HTTPStatus.NOT_FOUND.phrase}"
        if page is None:
            start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "9")])
            return [b"Not Found"]
        unconditional = {name: value for name, value in environ.items() if name not in _CONDITIONAL}
        method = "HEAD" if environ["REQUEST_METHOD"] == "HEAD" else "GET"
        answer = page.get_response(method, unconditional)
        start_response(status, [pair for pair in answer.headers if pair[0] not in ("ETag", "Last-Modified")])
        if answer.file is None:
            return []
        with answer.file:
            return [answer.file.read()]


def _add_headers(headers: Headers, path: str, url: str) -> None:
    """A name with a hash may be kept for ever; everything else is asked for anew, and told apart by its content."""
    headers["Cache-Control"] = FOR_EVER if HASHED.search(url) else "no-cache"
    headers["ETag"] = f'W/"{hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]}"'
