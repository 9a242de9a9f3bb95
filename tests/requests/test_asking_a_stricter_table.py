"""Every route before ministack, which checks expressions, keys and cursors as DynamoDB does, and moto does not."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import limits, table
from chalicelib.keys import attempts
from chalicelib.routing import Endpoint
from tests.client import Client, endpoints
from tests.conftest import Clock, Person, settle
from tests.mailbox import Mailbox
from tests.people.contacts import added
from tests.requests.walk import ENDPOINTS, Place, caller, knock, named
from tests.tickets.conversations import opened

pytestmark = pytest.mark.xdist_group("ministack")


@pytest.fixture
def alice(emulated: None) -> Person:
    """Alice Petrović, before ministack."""
    return settle("alice", "Alice Petrović", "sr", owns=True)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_every_route_is_served(alice: Person, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    assert knock(caller(endpoint, alice), endpoint, place.path(endpoint)).status < 300


@pytest.mark.parametrize(
    ("asking", "completing", "field"),
    [
        ("/api/registrations", "/api/registrations/confirm", "password"),
        ("/api/password-resets", "/api/password-resets/complete", "new"),
    ],
)
def test_links_of_mails_work(alice: Person, asking: str, completing: str, field: str) -> None:
    knock(Client(), endpoints()["POST", asking])
    body = {"token": Mailbox().token(), field: "nova čaplja preko reke"}
    assert Client().post(completing, body).status < 300
    assert Client().post(completing, body).code == "link_expired"


def test_a_session_in_use_is_written_down(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    clock.forward(minutes=6)
    assert client.get("/api/me").status == 200


def test_lists_are_told_in_pages(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    for place in range(5):
        added(client, email=f"vera{place}@example.com")
        opened(client, subject=f"{place}")
    query = table.query

    def short(*arguments: object, **named_ones: object) -> table.Page:
        return query(*arguments, **{**named_ones, "limit": 2})  # type: ignore[arg-type]

    monkeypatch.setattr(table, "query", short)
    for path in ("/api/contacts", "/api/tickets"):
        told, cursor = [], ""
        while cursor is not None:
            page = client.get(f"{path}?cursor={cursor}" if cursor else path).body
            told += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert len(told) == len(set(told)) == 5


@pytest.mark.parametrize(
    "path",
    [
        "/api/contacts?cursor=x",
        "/api/contacts?cursor=%20",
        "/api/contacts?cursor=" + "x" * 500,
        "/api/tickets?cursor=2026-11-22T13:00:00.000000Z~" + "0" * 64,
        "/api/tickets?cursor=---------------------------~" + "0" * 64,
        "/api/contacts/" + "x" * 500,
        "/api/tickets/" + "x" * 500,
        "/api/tickets/%23",
    ],
)
def test_no_made_up_place_or_id_is_a_fault(alice: Person, path: str) -> None:
    assert alice.signed_in().get(path).status in (200, 404)


def test_the_list_of_tries_is_trimmed(alice: Person) -> None:
    now = datetime.now(UTC)
    for _time in range(25):
        now += timedelta(seconds=91)
        limits.charge("sign_in_per_email", alice.email, now)
    item = table.get(attempts("sign_in_per_email", alice.email))
    assert item and 10 <= len(item["times"]) < 20


def test_what_an_account_holds_is_in_the_list_of_its_users(alice: Person) -> None:
    assert [one["id"] for one in alice.signed_in().get("/api/me").body["accounts"]] == [alice.account_id]
