"""What a reader gets at the site's address, compared with what was uploaded."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from urllib.parse import urljoin

from chalicelib.words import LANGUAGES
from infra.deploy import stack

PATIENCE = 60.0  # seconds for CloudFront's edges to take up what it says they have
_ANSWERS_WITHIN = 25.0  # seconds; a function's first run included
_STYLE_SHEET = re.compile(r'href="([^":]+\.css)"')
_NOWHERE = "no-page-has-this-name/"


@dataclass(frozen=True)
class Answer:
    """What came over the wire."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Live:
    """The site at an address, and what of a release it shall show."""

    address: str
    page: Callable[[str], bytes]
    """What was uploaded as a page of the site: `/hu/`, `/404.html`."""
    article: str
    """An article's path: `/people/add-contact/`."""

    def wrong(self) -> list[str]:
        """What is not as it shall be, each with where; looked at again until all is right or PATIENCE is over."""
        deadline = time.monotonic() + PATIENCE
        while (wrong := [*self._looked()]) and time.monotonic() < deadline:
            time.sleep(stack.LOOKS_EVERY)
        return wrong

    def _looked(self) -> Iterator[str]:
        try:
            for language in LANGUAGES:
                home = "/" if language == LANGUAGES[0] else f"/{language}/"
                yield from self._compare(home, 200, home)
                yield from self._compare(f"{home}{_NOWHERE}", 404, f"{home}404.html")
            yield from self._compare(self.article, 200, self.article)
            yield from self._asset()
            yield from self._api()
        except (OSError, HTTPException) as failure:
            yield f"{self.address} cannot be reached: {failure}"

    def _compare(self, path: str, status: int, uploaded: str) -> Iterator[str]:
        answer = self._get(path)
        if answer.status != status:
            yield f"{self.address}{path} answers {answer.status} instead of {status}"
        elif answer.body != self.page(uploaded):
            yield f"{self.address}{path} shows another page than the one that was uploaded"
        elif "Content-Security-Policy" not in answer.headers:
            yield f"{self.address}{path} comes without its Content-Security-Policy"

    def _asset(self) -> Iterator[str]:
        found = _STYLE_SHEET.search(self.page("/").decode())
        assert found  # noqa: S101 - every page has one.
        path = urljoin("/", found[1])
        answer = self._get(path)
        if answer.status != 200:
            yield f"{self.address}{path} answers {answer.status} instead of 200"
        elif "immutable" not in answer.headers.get("Cache-Control", ""):
            yield f"{self.address}{path} may not be cached for ever"

    def _api(self) -> Iterator[str]:
        answer = self._get("/api/openapi.json")
        try:
            is_right = answer.status == 200 and "openapi" in json.loads(answer.body)
        except ValueError:
            is_right = False
        if not is_right:
            yield f"{self.address}/api/openapi.json answers {answer.status} and no description of the API"

    def _get(self, path: str) -> Answer:
        host = self.address.removeprefix("https://")
        connection = connect(host)
        try:
            connection.request("GET", path, headers={"Host": host, "Accept-Encoding": "identity"})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


def connect(host: str) -> HTTPConnection:
    """A connection to a host, whose certificate is checked."""
    return HTTPSConnection(host, timeout=_ANSWERS_WITHIN)
