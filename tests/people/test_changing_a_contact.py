"""Changing a contact."""

import pytest

from chalicelib import table
from tests.conftest import Person, everything, items
from tests.people.contacts import DOMAIN, VERA, add, added, agree


def test_what_is_named_changes_and_the_rest_stays(alice: Person) -> None:
    client = alice.signed_in()
    contact = add(client).body
    answer = client.patch(f"/api/contacts/{contact['id']}", {"city": "Novi Sad", "categories": []})
    assert answer.status == 200
    assert answer.body == {**contact, "city": "Novi Sad", "categories": []}
    assert client.get(f"/api/contacts/{contact['id']}").body == answer.body
    agree()


@pytest.mark.parametrize("body", [{}, {"city": None}, {"city": VERA["city"]}])
def test_a_change_of_nothing_writes_nothing(alice: Person, body: object) -> None:
    client = alice.signed_in()
    contact = add(client).body
    before = everything()
    assert client.patch(f"/api/contacts/{contact['id']}", body).body == contact
    assert everything() == before


def test_another_address_frees_the_old_one(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    assert client.patch(f"/api/contacts/{contact_id}", {"email": "zoran@example.com"}).status == 200
    agree()
    added(client, email="VERA@example.com")
    assert add(client, email="Zoran@example.com").code == "already_exists"
    agree()


def test_an_address_in_another_case_is_the_same_and_is_kept_as_typed(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    answer = client.patch(f"/api/contacts/{contact_id}", {"email": "Vera@example.com"})
    assert answer.body["email"] == "Vera@example.com"
    assert items("Contact")[0]["email"] == "Vera@example.com"
    agree()


def test_an_address_that_is_a_contact_already_is_refused_at_its_field(alice: Person) -> None:
    client = alice.signed_in()
    added(client, email="zoran@example.com")
    contact_id = added(client)
    before = everything()
    answer = client.patch(f"/api/contacts/{contact_id}", {"email": "ZORAN@example.com", "city": "Niš"})
    assert (answer.status, answer.field_codes) == (409, {"#/email": "already_a_contact"})
    assert everything() == before


def test_an_address_of_the_other_kind_is_free(alice: Person) -> None:
    client = alice.signed_in()
    added(client, email="zoran@example.com", **DOMAIN)
    contact_id = added(client)
    assert client.patch(f"/api/contacts/{contact_id}", {"email": "zoran@example.com"}).status == 200
    agree()


def test_a_domain_contact_is_given_no_mails(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client, **DOMAIN)
    before = everything()
    answer = client.patch(f"/api/contacts/{contact_id}", {"categories": ["domain"], "city": "Niš"})
    assert (answer.status, answer.field_codes) == (422, {"#/categories": "no_mails"})
    assert everything() == before
    changed = client.patch(f"/api/contacts/{contact_id}", {"categories": [], "city": "Niš"})
    assert (changed.status, changed.body["city"]) == (200, "Niš")


def test_two_changes_at_once_of_different_fields_both_stay(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    get = table.get

    def another_change_meanwhile(key: table.Key) -> table.Item | None:
        found = get(key)
        if found and found["entity"] == "Contact":
            monkeypatch.undo()
            client.patch(f"/api/contacts/{contact_id}", {"phone": "021 000"})
        return found

    monkeypatch.setattr(table, "get", another_change_meanwhile)
    client.patch(f"/api/contacts/{contact_id}", {"city": "Novi Sad"})
    contact = client.get(f"/api/contacts/{contact_id}").body
    assert (contact["phone"], contact["city"]) == ("021 000", "Novi Sad")


def test_a_removed_contact_is_not_found(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    before = everything()
    assert client.patch(f"/api/contacts/{contact_id}", {"city": "Niš"}).code == "not_found"
    assert everything() == before


def test_a_contact_removed_meanwhile_is_not_found(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    get = table.get

    def removed_meanwhile(key: table.Key) -> table.Item | None:
        found = get(key)
        if found and found["entity"] == "Contact":
            monkeypatch.undo()
            assert client.delete(f"/api/contacts/{contact_id}").status == 204
        return found

    monkeypatch.setattr(table, "get", removed_meanwhile)
    answer = client.patch(f"/api/contacts/{contact_id}", {"email": "zoran@example.com"})
    assert (answer.status, answer.code) == (404, "not_found")
    agree()


def test_another_accounts_contact_is_as_unknown_as_none(alice: Person, charlie: Person) -> None:
    contact_id = added(alice.signed_in())
    client = charlie.signed_in()
    theirs = client.patch(f"/api/contacts/{contact_id}", {"city": "Niš"})
    nobodys = client.patch("/api/contacts/none", {"city": "Niš"})
    assert (theirs.status, theirs.text) == (nobodys.status, nobodys.text)
    assert theirs.code == "not_found"
    assert items("Contact")[0]["city"] == "Beograd"


def test_who_lacks_the_permission_changes_none(alice: Person, bob: Person) -> None:
    contact_id = added(alice.signed_in())
    assert bob.signed_in().patch(f"/api/contacts/{contact_id}", {"city": "Niš"}).code == "not_allowed"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "required"),
        ("name", "<i>", "not_a_name"),
        ("name", "x" * 201, "too_long"),
        ("name", ["Vera"], "wrong_type"),
        ("email", "", "required"),
        ("email", "vera", "invalid_email"),
        ("email", "v@example.com\n", "control_characters"),
        ("phone", "1\r2", "control_characters"),
        ("city", "x" * 201, "too_long"),
        ("postcode", 11000, "wrong_type"),
        ("categories", ["invoice", "invoice"], "repeated"),
        ("categories", "invoice", "wrong_type"),
        ("kind", "domain", "unknown_field"),
        ("id", "x", "unknown_field"),
        ("created_at", "x", "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_changes_nothing(
    alice: Person, field: str, value: object, code: str
) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    before = everything()
    answer = client.patch(f"/api/contacts/{contact_id}", {field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert everything() == before


def test_it_is_on_record(alice: Person) -> None:
    client = alice.signed_in()
    contact_id = added(client)
    client.patch(f"/api/contacts/{contact_id}", {"city": "Niš"})
    assert sorted(event["event"] for event in items("AuditEvent")) == [
        "user:contact:added",
        "user:contact:changed",
    ]
