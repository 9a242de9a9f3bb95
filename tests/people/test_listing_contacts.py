"""Listing the contacts of an account, and showing one."""

from itertools import chain

import pytest

from chalicelib import table
from tests.client import Client
from tests.conftest import Person
from tests.people.contacts import added, listed


def test_they_stand_in_the_order_in_which_they_were_added(alice: Person) -> None:
    client = alice.signed_in()
    emails = [f"vera{place}@example.com" for place in range(5)]
    for email in emails:
        added(client, email=email)
    assert sorted(listed(client)) == emails


def test_a_removed_one_is_not_among_them(alice: Person) -> None:
    client = alice.signed_in()
    gone, _there = added(client), added(client, email="zoran@example.com")
    client.delete(f"/api/contacts/{gone}")
    assert listed(client) == ["zoran@example.com"]
    assert client.get(f"/api/contacts/{gone}").code == "not_found"


def pages(client: Client, monkeypatch: pytest.MonkeyPatch, limit: int) -> list[list[str]]:
    """The pages of the list, when each holds so many."""
    query = table.query

    def short(*arguments: object, **named: object) -> table.Page:
        return query(*arguments, **{**named, "limit": limit})  # type: ignore[arg-type]

    monkeypatch.setattr(table, "query", short)
    found, cursor = [], ""
    while True:
        answer = client.get(f"/api/contacts?cursor={cursor}" if cursor else "/api/contacts").body
        found.append([contact["email"] for contact in answer["items"]])
        if answer["next"] is None:
            return found
        cursor = answer["next"]


def test_a_long_list_is_told_in_pages(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    emails = {f"vera{place}@example.com" for place in range(7)}
    for email in sorted(emails):
        added(client, email=email)
    found = pages(client, monkeypatch, 3)
    assert [len(page) for page in found][:2] == [3, 3]
    assert sorted(chain(*found)) == sorted(emails)


def test_a_page_of_removed_ones_leads_to_the_next(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    ids = {}
    for place in range(4):
        ids[added(client, email=f"vera{place}@example.com")] = f"vera{place}@example.com"
    first, second, *others = sorted(ids)
    for one in (first, second):
        client.delete(f"/api/contacts/{one}")
    found = pages(client, monkeypatch, 2)
    assert found[0] == []
    assert list(chain(*found)) == [ids[one] for one in others]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "%20",
        "..",
        "%F0%9F%99%82",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "#",
        "x" * 400,
        "x" * 2000,
        "%FF",
    ],
)
def test_a_cursor_that_was_not_given_out_breaks_nothing(alice: Person, cursor: str) -> None:
    client = alice.signed_in()
    added(client)
    assert client.get(f"/api/contacts?cursor={cursor}").status in (200, 400, 404)


def test_a_cursor_of_another_account_shows_nothing_of_it(alice: Person, charlie: Person) -> None:
    theirs = added(charlie.signed_in())
    client = alice.signed_in()
    added(client, email="zoran@example.com")
    for cursor in (theirs, f"../{charlie.account_id}", "0"):
        assert set(listed_from(client, cursor)) <= {"zoran@example.com"}


def listed_from(client: Client, cursor: str) -> list[str]:
    answer = client.get(f"/api/contacts?cursor={cursor}")
    return [contact["email"] for contact in answer.body.get("items", [])]


def test_an_account_without_contacts_has_an_empty_list(alice: Person) -> None:
    assert alice.signed_in().get("/api/contacts").body == {"items": [], "next": None}


@pytest.mark.parametrize("path", ["/api/contacts", "/api/contacts/any"])
def test_who_lacks_the_permission_sees_none(bob: Person, path: str) -> None:
    assert bob.signed_in().get(path).code == "not_allowed"


@pytest.mark.parametrize(
    "contact_id", ["x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "%00", "%23", "%F0%9F%99%82", "x" * 400, "x" * 3000]
)
def test_an_id_of_none_is_not_found(alice: Person, contact_id: str) -> None:
    answer = alice.signed_in().get(f"/api/contacts/{contact_id}")
    assert (answer.status, answer.code) == (404, "not_found")


def test_another_accounts_contact_is_as_unknown_as_none(alice: Person, charlie: Person) -> None:
    contact_id = added(alice.signed_in())
    client = charlie.signed_in()
    theirs, nobodys = client.get(f"/api/contacts/{contact_id}"), client.get("/api/contacts/none")
    assert (theirs.status, theirs.text, theirs.headers) == (nobodys.status, nobodys.text, nobodys.headers)
    assert theirs.code == "not_found"
