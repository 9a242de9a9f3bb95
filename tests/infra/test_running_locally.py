"""`make run`: one address for everything, nothing left behind, nothing forgotten."""

import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.processes import MAKE_RUN, Running, copy_of_the_project, not_gone, refusal, running

CONTACT = {"kind": "contact", "name": "Nagy Ödön", "email": "odon@example.hu"}


@pytest.fixture(scope="module")
def kalauz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that runs for all tests that only look."""
    with running(tmp_path_factory.mktemp("local") / ".local") as started:
        yield started


def test_the_terminal_tells_the_address_the_people_and_where_mails_are(kalauz: Running) -> None:
    """Who has read it can sign in."""
    said = kalauz.said[0]
    assert f"{kalauz.address}/_local/mail" in said
    assert "correct horse battery staple" in said
    for person in ("owner@example.com", "accountant@example.com", "agent@example.com"):
        assert person in said
        kalauz.sign_in(person)
        assert kalauz.ask("GET", "/api/me").json["user"]["email"] == person
    kalauz.cookies = ""


def test_a_page_comes_with_the_headers_of_the_build(kalauz: Running) -> None:
    """The strict policy holds on pages, redirects and errors alike."""
    for path, status in (("/", 200), ("/hu", 302), ("/es/support/open-ticket/", 200), ("/none/", 404)):
        page = kalauz.ask("GET", path)
        assert page.status == status
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert kalauz.ask("GET", "/").headers["Cache-Control"] == "no-cache"


def test_a_page_is_sent_compressed_and_only_when_it_changed(kalauz: Running) -> None:
    """As CloudFront does it."""
    page = kalauz.ask("GET", "/", Accept_Encoding="gzip, br")
    assert page.headers["Content-Encoding"] == "br"
    assert len(page.body) < len(kalauz.ask("GET", "/").body) / 2
    assert kalauz.ask("GET", "/", If_None_Match=page.headers["ETag"]).status == 304
    asset = next((kalauz.folder / "site" / "1" / "assets").glob("site.*.css")).name
    assert "immutable" in kalauz.ask("GET", f"/assets/{asset}").headers["Cache-Control"]


@pytest.mark.parametrize(("path", "language"), [("/x", "sr-Latn"), ("/hu/x/y/", "hu"), ("/es/x", "es")])
def test_a_missing_page_is_told_in_the_language_of_its_address(
    kalauz: Running, path: str, language: str
) -> None:
    """The 404 page of that language, with the status 404."""
    page = kalauz.ask("GET", path)
    assert page.status == 404
    assert f'<html lang="{language}"' in page.text


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/api/me", None, "not_signed_in"),
        ("GET", "/api/me/", None, "not_signed_in"),
        ("GET", "/api/nothing", None, "not_found"),
        ("GET", "/api", None, "not_found"),
        ("PUT", "/api/me", {}, "method_not_allowed"),
        ("OPTIONS", "/api/me", None, "method_not_allowed"),
        ("POST", "/api/session", b"x" * 70_000, "body_too_large"),
        ("POST", "/api/session", b"x" * 700_000, "body_too_large"),
        ("POST", "/api/session", b"{", "malformed_body"),
        ("POST", "/api/session", b"", "malformed_body"),
        ("GET", "/api/me", b"not read", "unsupported_media_type"),
    ],
)
def test_whatever_the_api_refuses_is_a_problem(
    kalauz: Running, method: str, path: str, body: object, code: str
) -> None:
    """The shape of RFC 9457, in the reader's language, never kept."""
    headers = {"Content_Type": "text/plain"} if code == "unsupported_media_type" else {}
    answer = kalauz.ask(method, path, body, Accept_Language="hu", **headers)
    assert answer.json["code"] == code
    assert answer.json["status"] == answer.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == "hu"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["instance"] != kalauz.ask(method, path).json["instance"]


@pytest.mark.parametrize(
    "request_head",
    [
        "POST /api/session HTTP/1.1\r\nContent-Length: many\r\n",
        "POST /api/session HTTP/1.1\r\nContent-Length: -5\r\n",
        "POST /api/session HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
        "POST /api/session HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
        "GET /api/me HTTP/1.1\r\nno header\r\n",
        "GET /api/[me?a=[ HTTP/1.1\r\n",
        "GET /api/m\u00e9 HTTP/1.1\r\n",
        "GET /api/me\r\n",
        "get /api/me HTTP/1.1\r\n",
        f"GET /api/{'x' * 40_000} HTTP/1.1\r\n",
        f"GET /api/me HTTP/1.1\r\nX-Long: {'x' * 40_000}\r\n",
    ],
)
def test_what_is_hardly_http_is_a_problem_too(kalauz: Running, request_head: str) -> None:
    """No request under /api/ is answered with a trace, a 500 or another shape."""
    port = int(kalauz.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{request_head}Connection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read().decode()
    status, headers = answer.split("\r\n", 1)
    assert status.split()[1][0] == "4", answer
    assert "Content-Type: application/problem+json" in headers


def test_parameters_of_a_path_arrive_in_clear(kalauz: Running) -> None:
    """An id is what it says, not how it was quoted."""
    kalauz.sign_in("owner@example.com")
    made = kalauz.ask("POST", "/api/contacts", {**CONTACT, "email": "clear@example.hu"}).json["id"]
    quoted = "".join(f"%{ord(letter):02x}" for letter in made)
    assert kalauz.ask("GET", f"/api/contacts/{quoted}").json["id"] == made
    assert kalauz.ask("GET", f"/api/contacts/{made};x").status == 404
    kalauz.cookies = ""


def test_a_head_is_a_get_without_its_body(kalauz: Running) -> None:
    """For pages and API alike."""
    for path in ("/", "/api/me", "/_local/mail"):
        head, get = kalauz.ask("HEAD", path), kalauz.ask("GET", path)
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["Content-Length"] == str(len(get.body))


def test_a_mail_is_there_within_a_second(kalauz: Running) -> None:
    """As JSON for tests, with the link for its addressee."""
    body = {"name": "Ana", "email": "ana@example.rs", "language": "es"}
    assert kalauz.ask("POST", "/api/registrations", body).status == 202
    mail = mail_to(kalauz, "ana@example.rs")
    assert set(mail) == {"to", "subject", "language", "kind", "text", "html", "sent_at"}
    assert (mail["kind"], mail["language"]) == ("confirm_address", "es")
    assert f"{kalauz.address}/es/account/open-account/#token=" in mail["text"]
    page = kalauz.ask("GET", "/_local/mail")
    assert f'<a href="{kalauz.address}/es/account/open-account/#token=' in page.text


def test_a_shown_mail_is_inert(kalauz: Running) -> None:
    """What a customer wrote is text on the page, and the mail's own HTML stands in a sandbox."""
    kalauz.sign_in("owner@example.com")
    body = {"department": "technical", "subject": "<script>alert(1)</script>", "description": "x"}
    opened = kalauz.ask("POST", "/api/tickets", body, Idempotency_Key="0123456789abcdef")
    assert opened.status == 201, opened.text
    assert "<script>" in mail_to(kalauz, "owner@example.com")["text"]
    page = kalauz.ask("GET", "/_local/mail")
    assert "<script>" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    frame = re.search(r'<iframe [^>]*src="([^"]+)"', page.text)
    assert frame
    assert kalauz.ask("GET", frame[1]).headers["Content-Security-Policy"].startswith("sandbox ")
    kalauz.cookies = ""


def mail_to(kalauz: Running, addressee: str) -> dict[str, str]:
    """The newest mail to somebody, for which a second must suffice, and more is given to a busy machine."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        items = kalauz.ask("GET", "/_local/mail", Accept="application/json").json["items"]
        for mail in items:
            if mail["to"] == addressee:
                found: dict[str, str] = mail
                return found
        time.sleep(0.05)
    raise AssertionError(f"no mail to {addressee}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_to_make_ends_all_of_it(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl+C, a closed terminal, and worse: no process stays, and all is saved."""
    folder = tmp_path / ".local"
    with running(folder, MAKE_RUN) as started:
        started.sign_in("owner@example.com")
        made = started.ask("POST", "/api/contacts", CONTACT)
        assert made.status == 201, made.text
        started.end(number)
        assert not_gone(folder) == []
    assert CONTACT["email"] in (folder / "ministack" / "state" / "dynamodb.json").read_text("utf-8")


def test_what_was_done_is_there_after_a_restart(tmp_path: Path) -> None:
    """Even at once after it was killed: the new one waits until the old one's ministack has saved."""
    folder = tmp_path / ".local"
    with running(folder) as started:
        started.sign_in("owner@example.com")
        started.ask("POST", "/api/contacts", CONTACT)
        started.end(signal.SIGKILL)
        with running(folder) as again:
            again.sign_in("owner@example.com")
            contacts = again.ask("GET", "/api/contacts").json["items"]
            assert [contact["name"] for contact in contacts] == [CONTACT["name"]]


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    """And which one to take."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(tmp_path / ".local", port=port)
        assert not_gone(tmp_path) == []
    assert said.count("\n") == 1
    assert f"Port {port} is in use" in said
    assert "make run PORT=" in said


def test_a_folder_in_use_is_told_in_one_line(kalauz: Running) -> None:
    """Two ministacks would write over each other's state."""
    said = refusal(kalauz.folder)
    assert said.count("\n") == 1
    assert f"{kalauz.folder} is in use by another `make run`" in said
    assert kalauz.ask("GET", "/api/me").status == 401


@pytest.mark.parametrize(
    "broken",
    ["a file in its place", "a folder in a file's place", "damaged", "empty", "of another kind"],
)
def test_a_broken_folder_is_told_in_one_line(tmp_path: Path, broken: str) -> None:
    """With what to do; and nothing in it is written over."""
    folder = tmp_path / ".local"
    state = folder / "ministack" / "state" / "dynamodb.json"
    content = {"damaged": b'{"__ministack', "empty": b"", "of another kind": b"{}"}
    if broken == "a file in its place":
        folder.write_bytes(b"")
    elif broken == "a folder in a file's place":
        state.mkdir(parents=True)
    else:
        state.parent.mkdir(parents=True)
        state.write_bytes(content[broken])
    said = refusal(folder)
    assert not_gone(folder) == []
    assert said.count("\n") == 1
    assert str(folder) in said
    assert "Remove it" in said
    if broken in content:
        assert state.read_bytes() == content[broken]


def test_data_of_an_earlier_version_are_told_in_one_line(tmp_path: Path) -> None:
    """Such as items that lack what this one reads."""
    folder = tmp_path / ".local"
    with running(folder):
        pass
    state = folder / "ministack" / "state" / "dynamodb.json"
    state.write_text(state.read_text("utf-8").replace('"generation"', '"sessions_from"'), "utf-8")
    said = refusal(folder)
    assert said.count("\n") == 1
    assert "Remove it" in said


def test_a_site_that_cannot_be_built_is_told_with_its_mistake(tmp_path: Path) -> None:
    """Then nothing is served."""
    root = copy_of_the_project(tmp_path)
    (root / "docs/hu/support/open-ticket.md").write_text(
        "---\ntitle: X\n---\n\n[link](nowhere.md)\n", "utf-8"
    )
    said = refusal(tmp_path / ".local", root=root)
    assert "The site cannot be built" in said
    assert "nowhere.md" in said
    assert "Traceback" not in said
