"""A Chromium, the whole origin, and people with a session, for tests that do what a reader does."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, BrowserContext, ConsoleMessage, Page, Route, expect

from chalicelib.words import DEFAULT_LANGUAGE
from infra.bench import chromium
from tests.browser.card import Card
from tests.browser.origin import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("sr", "hu", "es")
MAIL_COMES_WITHIN = 10  # seconds

expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Person:
    """Somebody with an account, and the language of the pages that they read."""

    id: str
    name: str
    email: str
    account: str
    language: str
    cookies: list[str]
    password: str = PASSWORD
    secret: str = ""  # of who has two-factor on
    recovery_codes: tuple[str, ...] = ()

    def signs_in(self, context: BrowserContext, origin: str) -> None:
        """Give the browser a session such as signing in begins."""
        context.add_cookies(
            [
                {
                    "name": morsel.key,
                    "value": morsel.value,
                    "url": origin,
                    "httpOnly": bool(morsel["httponly"]),
                    "sameSite": "Lax",
                }
                for line in self.cookies
                for morsel in SimpleCookie(line).values()
            ]
        )


@dataclass
class Console:
    """What the browser's console said; at the end of a test nothing may stand there but what was expected."""

    lines: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, *patterns: str) -> None:
        """A line of this kind is no fault: `401` for a call that is refused so."""
        self.expected += patterns

    def hear(self, message: ConsoleMessage) -> None:
        self.lines.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    @property
    def unexpected(self) -> list[str]:
        """Lines that no pattern covers."""
        return [line for line in self.lines if not any(re.search(one, line) for one in self.expected)]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, or Playwright's own."""
    return {**browser_type_launch_args, **chromium.launch_options()}


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the whole site with its API."""
    folder = tmp_path_factory.mktemp("origin")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.origin", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin and process.stdout
    address = process.stdout.readline().strip()
    if not address:
        pytest.fail((folder / "log").read_text())
    yield address
    process.stdin.close()
    process.wait(30)


@pytest.fixture(scope="session")
def base_url(origin: str) -> str:
    """Playwright takes paths from here."""
    return origin


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Room for the card beside the text."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def console() -> Console:
    """The browser's console."""
    return Console()


@pytest.fixture
def context(context: BrowserContext, console: Console) -> Iterator[BrowserContext]:
    """A browser of the test's own, whose console must stay empty."""
    context.set_default_timeout(10_000)
    context.on("console", console.hear)
    context.on("weberror", lambda error: console.lines.append(f"uncaught: {error.error}"))
    yield context
    assert not console.unexpected


@pytest.fixture(scope="session")
def tools(origin: str, playwright: Any) -> Iterator[APIRequestContext]:
    """What asks the origin for what only tests may do. Nothing there sets a cookie."""
    request = playwright.request.new_context(base_url=origin)
    yield request
    request.dispose()


@pytest.fixture(autouse=True)
def nothing_tried_yet(tools: APIRequestContext) -> None:
    """No attempt of an earlier test counts: which tests share a server depends on how the run is divided."""
    assert tools.post("/_local/forget").ok


@pytest.fixture
def settle(tools: APIRequestContext) -> Callable[..., Person]:
    """Make somebody: `settle("hu")` owns an account, `settle("hu", permissions=[])` is a user of one.

    They signed in so many `minutes_ago`, which settles whether they must prove once more who they are.
    """

    def settle(
        language: str = DEFAULT_LANGUAGE,
        *,
        name: str = "Jelena Đorđević",
        permissions: list[str] | None = None,
        other_accounts: tuple[str, ...] = (),
        minutes_ago: int = 0,
        two_factor: bool = False,
    ) -> Person:
        asked = {
            "name": name,
            "language": language,
            "permissions": permissions,
            "other_accounts": other_accounts,
            "minutes_ago": minutes_ago,
            "two_factor": two_factor,
        }
        told = tools.post("/_local/settle", data=asked).json()
        return Person(
            told["id"],
            name,
            told["email"],
            told["account"],
            language,
            told["cookies"],
            secret=told.get("secret", ""),
            recovery_codes=tuple(told.get("recovery_codes", ())),
        )

    return settle


@pytest.fixture
def table(tools: APIRequestContext) -> Callable[..., list[dict[str, Any]]]:
    """The items of one entity: `table("Contact", pk=…)`."""

    def table(entity: str, **attributes: str) -> list[dict[str, Any]]:
        items = tools.get("/_local/table", params={"entity": entity}).json()["items"]
        return [item for item in items if all(item.get(name) == value for name, value in attributes.items())]

    return table


@pytest.fixture
def change(tools: APIRequestContext) -> Callable[..., None]:
    """Change what stands in an item, as time does: `change({"pk": …, "sk": …}, expires_at=1)`."""

    def change(key: dict[str, str], **sets: object) -> None:
        assert tools.post("/_local/table", data={"key": key, "sets": sets}).ok

    return change


@pytest.fixture
def mails(tools: APIRequestContext) -> Callable[..., dict[str, str]]:
    """The newest mail to an address, once it is there: `mails("a@example.com", "confirm_address")`."""

    def mails(to: str, kind: str, *, count: int = 1) -> dict[str, str]:
        deadline = time.monotonic() + MAIL_COMES_WITHIN
        while True:
            sent = tools.get("/_local/mail", headers={"Accept": "application/json"}).json()["items"]
            found = [mail for mail in sent if mail["to"] == to and mail["kind"] == kind]
            if len(found) >= count:
                newest: dict[str, str] = found[0]
                return newest
            assert time.monotonic() < deadline, f"no {kind} came to {to}"
            time.sleep(0.05)

    return mails


@pytest.fixture
def invite(
    origin: str, playwright: Any, mails: Callable[..., dict[str, str]]
) -> Iterator[Callable[..., str]]:
    """Have an owner invite an address, and take the link out of the mail: `invite(owner, "a@example.com")`."""
    requests: list[APIRequestContext] = []

    def invite(
        owner: Person, email: str, *, language: str = "", permissions: str | list[str] | None = None
    ) -> str:
        cookies = [morsel for line in owner.cookies for morsel in SimpleCookie(line).values()]
        request: APIRequestContext = playwright.request.new_context(
            base_url=origin,
            extra_http_headers={
                "Cookie": "; ".join(f"{one.key}={one.value}" for one in cookies),
                "Sec-Fetch-Site": "same-origin",
            },
        )
        requests.append(request)
        invitation = {
            "email": email,
            "language": language or owner.language,
            "permissions": ["invoices"] if permissions is None else permissions,
        }
        answer = request.post("/api/invitations", data=invitation)
        assert answer.ok, answer.text()
        return link_in(mails(email, "invitation"))

    yield invite
    for request in requests:
        request.dispose()


@pytest.fixture
def read(page: Page) -> Callable[..., Card]:
    """Open an article in a language: `read("hu", "people/add-contact")`."""

    def read(language: str, path: str = "", *, fragment: str = "") -> Card:
        page.goto(address(language, path) + fragment)
        return Card(page, language)

    return read


@pytest.fixture
def signed_in(context: BrowserContext, origin: str, read: Callable[..., Card]) -> Callable[..., Card]:
    """The same for somebody who has a session: `signed_in(person, "people/add-contact")`."""

    def signed_in(person: Person, path: str = "") -> Card:
        person.signs_in(context, origin)
        card = read(person.language, path)
        expect(card.section).not_to_have_class(re.compile("loading"))
        return card

    return signed_in


def address(language: str, path: str = "") -> str:
    """Where an article is in a language."""
    prefix = "" if language == DEFAULT_LANGUAGE else f"/{language}"
    return f"{prefix}/{path}/" if path else f"{prefix}/"


def link_in(mail: dict[str, str]) -> str:
    """The link of a mail."""
    found = re.search(r"https?://\S+#token=[\w-]+", mail["text"])
    assert found, mail["text"]
    return found[0]


def arrived(page: Page, held: list[Route]) -> Route:
    """The first request that a test holds back, once the browser has sent it."""
    deadline = time.monotonic() + 10
    while not held:
        assert time.monotonic() < deadline, "no request came"
        page.wait_for_timeout(20)
    return held[0]
