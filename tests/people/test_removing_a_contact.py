"""Removing a contact, and taking that back for a quarter of an hour."""

from datetime import UTC, datetime

import pytest

from chalicelib import brand, keys, table
from tests.conftest import Clock, Person, everything, items
from tests.people.contacts import add, added, agree, listed


def test_it_is_gone_from_list_and_count_and_its_address_is_free(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    answer = client.delete(f"/api/contacts/{contact_id}")
    assert (answer.status, answer.text) == (204, "")
    assert listed(client) == []
    agree()
    added(client)
    agree()


def test_a_place_becomes_free(alice: Person) -> None:
    client = alice.signed_in()
    ids = [added(client, email=f"v{place}@example.com") for place in range(brand.CONTACTS_PER_ACCOUNT)]
    client.delete(f"/api/contacts/{ids[7]}")
    added(client)
    assert add(client, email="last@example.com").code == "limit_reached"


def test_removing_twice_counts_once(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    assert client.delete(f"/api/contacts/{contact_id}").code == "not_found"
    agree()


def test_a_removal_is_taken_back_as_it_was(alice: Person) -> None:
    client = alice.signed_in()
    contact = add(client).body
    client.delete(f"/api/contacts/{contact['id']}")
    answer = client.post(f"/api/contacts/{contact['id']}/restore")
    assert (answer.status, answer.body) == (200, contact)
    assert client.get(f"/api/contacts/{contact['id']}").body == contact
    assert "expires_at" not in items("Contact")[0]
    agree()


def test_it_can_be_removed_and_restored_again_and_again(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    for _time in range(3):
        assert client.delete(f"/api/contacts/{contact_id}").status == 204
        agree()
        assert client.post(f"/api/contacts/{contact_id}/restore").status == 200
        agree()


def test_taking_back_works_for_a_quarter_of_an_hour(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    clock.forward(minutes=14, seconds=55)
    assert client.post(f"/api/contacts/{contact_id}/restore").status == 200


def test_later_it_is_not_found_though_its_item_is_still_there(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    clock.forward(minutes=15)
    answer = client.post(f"/api/contacts/{contact_id}/restore")
    assert (answer.status, answer.code) == (404, "not_found")
    assert items("Contact") and listed(client) == []
    agree()


def test_the_table_tidies_it_up_after_that(alice: Person) -> None:
    client = alice.signed_in()
    client.delete(f"/api/contacts/{added(client)}")
    left = items("Contact")[0]["expires_at"] - datetime.now(UTC).timestamp()
    assert 14 * 60 < left <= 15 * 60


def test_taking_back_what_was_not_removed_is_not_found(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    assert client.post(f"/api/contacts/{contact_id}/restore").code == "not_found"
    assert client.post("/api/contacts/none/restore").code == "not_found"
    agree()


def test_taking_back_an_address_taken_meanwhile_is_refused(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    added(client, email="VERA@example.com")
    before = everything()
    answer = client.post(f"/api/contacts/{contact_id}/restore")
    assert (answer.status, answer.code) == (409, "already_exists")
    assert answer.field_codes == {"#/email": "already_a_contact"}
    assert everything() == before


def test_taking_back_into_a_full_account_is_refused(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    for place in range(brand.CONTACTS_PER_ACCOUNT):
        added(client, email=f"v{place}@example.com")
    answer = client.post(f"/api/contacts/{contact_id}/restore")
    assert (answer.status, answer.code) == (409, "limit_reached")
    agree()


def test_another_accounts_contact_is_as_unknown_as_none(alice: Person, charlie: Person) -> None:
    owner = alice.signed_in()
    contact_id = added(owner)
    client = charlie.signed_in()
    assert client.delete(f"/api/contacts/{contact_id}").code == "not_found"
    owner.delete(f"/api/contacts/{contact_id}")
    assert client.post(f"/api/contacts/{contact_id}/restore").code == "not_found"
    assert owner.post(f"/api/contacts/{contact_id}/restore").status == 200


def test_who_lacks_the_permission_removes_and_restores_none(alice: Person, bob: Person) -> None:
    owner, client = alice.signed_in(), bob.signed_in()
    contact_id = added(owner)
    assert client.delete(f"/api/contacts/{contact_id}").code == "not_allowed"
    owner.delete(f"/api/contacts/{contact_id}")
    assert client.post(f"/api/contacts/{contact_id}/restore").code == "not_allowed"


def test_an_address_changed_while_it_is_removed_leaves_no_mark(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    get = table.get

    def changed_meanwhile(key: keys.Key) -> table.Item | None:
        found = get(key)
        if found and found["entity"] == "Contact":
            monkeypatch.undo()
            body = {"email": "zoran@example.com"}
            assert client.patch(f"/api/contacts/{contact_id}", body).status == 200
        return found

    monkeypatch.setattr(table, "get", changed_meanwhile)
    client.delete(f"/api/contacts/{contact_id}")
    agree()


def test_both_are_on_record(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    client.post(f"/api/contacts/{contact_id}/restore")
    events = sorted((event["event"], event["about"]) for event in items("AuditEvent"))
    assert events == [
        ("user:contact:added", contact_id),
        ("user:contact:removed", contact_id),
        ("user:contact:restored", contact_id),
    ]
