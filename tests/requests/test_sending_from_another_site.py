"""Sending from another site (trust.md, 19): a write is taken only from our own pages, on sign-in too."""

import pytest

from chalicelib.routing import Endpoint
from tests.client import Client
from tests.conftest import PASSWORD, Person, everything
from tests.requests.walk import ENDPOINTS, WRITING, Place, knock, named


@pytest.mark.parametrize(
    ("site", "origin", "is_ours"),
    [
        ("same-origin", "http://localhost:8000", True),
        ("same-origin", None, True),
        ("same-origin", "https://evil.example", True),  # No browser sends this; the first header decides.
        ("same-site", "http://localhost:8000", False),
        ("cross-site", "http://localhost:8000", False),
        ("cross-site", "https://evil.example", False),
        ("none", "http://localhost:8000", False),
        ("none", None, False),
        ("Same-Origin", "https://evil.example", False),
        ("same-origin, cross-site", "https://evil.example", False),
        (None, "http://localhost:8000", True),
        (None, "http://127.0.0.1:8000", True),
        (None, "http://localhost:8001", False),
        (None, "http://localhost", False),
        (None, "https://localhost:8000", False),
        (None, "http://localhost:8000.evil.example", False),
        (None, "http://localhost:8000/", False),
        (None, "HTTP://LOCALHOST:8000", False),
        (None, "http://evil.example/http://localhost:8000", False),
        (None, "null", False),
        (None, "", False),
        (None, None, False),
        ("", "http://localhost:8000", True),
        ("", None, False),
    ],
)
def test_only_our_own_pages_may_write(
    alice: Person, site: str | None, origin: str | None, is_ours: bool
) -> None:
    body = {"email": alice.email, "password": PASSWORD}
    answer = Client().post("/api/session", body, sec_fetch_site=site, origin=origin)
    assert (answer.status, answer.code) == ((201, "") if is_ours else (403, "cross_site"))


@pytest.mark.parametrize("endpoint", WRITING, ids=named)
def test_no_route_takes_a_write_from_elsewhere(alice: Person, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    before = everything()
    for site, origin in (
        ("cross-site", "http://localhost:8000"),
        (None, None),
        (None, "https://evil.example"),
    ):
        answer = knock(client, endpoint, place.path(endpoint), sec_fetch_site=site, origin=origin)
        assert (answer.status, answer.code) == (403, "cross_site")
    assert everything() == before


@pytest.mark.parametrize(
    "headers",
    [{"referer": "http://localhost:8000/"}, {"host": "localhost:8000"}, {"x_requested_with": "fetch"}],
)
def test_nothing_else_vouches_for_a_write(alice: Person, headers: dict[str, str]) -> None:
    body = {"email": alice.email, "password": PASSWORD}
    answer = Client().post("/api/session", body, sec_fetch_site=None, origin=None, **headers)
    assert answer.code == "cross_site"


def test_a_host_header_makes_no_origin_ours(alice: Person) -> None:
    body = {"email": alice.email, "password": PASSWORD}
    evil = {"host": "evil.example", "x_forwarded_host": "evil.example", "origin": "http://evil.example"}
    assert Client().post("/api/session", body, sec_fetch_site=None, **evil).code == "cross_site"


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each not in WRITING], ids=named)
def test_what_only_reads_may_be_asked_from_anywhere(alice: Person, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    answer = knock(alice.signed_in(), endpoint, place.path(endpoint), sec_fetch_site="cross-site")
    assert answer.status == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
