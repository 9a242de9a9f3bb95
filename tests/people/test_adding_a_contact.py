"""Adding a contact to an account."""

import pytest

from chalicelib import brand
from tests.conftest import Person, everything, items, settle
from tests.people.contacts import DOMAIN, VERA, add, added, agree, listed


def test_it_is_stored_and_shown(alice: Person) -> None:
    client = alice.signed_in()
    answer = add(client)
    assert answer.status == 201
    contact = answer.body
    assert {name: contact[name] for name in VERA} == VERA
    assert set(contact) == {*VERA, "id", "created_at"}
    assert client.get(f"/api/contacts/{contact['id']}").body == contact
    assert client.get("/api/contacts").body == {"items": [contact], "next": None}
    (item,) = items("Contact")
    assert (item["pk"], item["sk"]) == (f"ACCOUNT#{alice.account_id}", f"CONTACT#{contact['id']}")
    agree()


def test_name_and_address_are_enough(alice: Person) -> None:
    body = {"name": "Vera", "email": "vera@example.com"}
    contact = alice.signed_in().post("/api/contacts", body).body
    assert (contact["kind"], contact["phone"], contact["city"], contact["categories"]) == (
        "contact",
        "",
        "",
        [],
    )


@pytest.mark.parametrize("email", ["vera@example.com", "VERA@Example.COM", " vera@example.com"])
def test_the_same_address_in_any_case_is_already_a_contact(alice: Person, email: str) -> None:
    client = alice.signed_in()
    add(client)
    before = everything()
    answer = add(client, email=email, name="Another Vera")
    assert (answer.status, answer.code) == (409, "already_exists")
    assert answer.field_codes == {"#/email": "already_a_contact"}
    assert everything() == before


def test_a_domain_in_unicode_is_the_same_as_its_idna_form(alice: Person) -> None:
    client = alice.signed_in()
    assert add(client, email="vera@čaplja.rs").body["email"] == "vera@čaplja.rs"
    assert add(client, email="vera@xn--aplja-gya.rs").code == "already_exists"
    assert add(client, email="VERA@ČAPLJA.RS").code == "already_exists"


def test_the_two_kinds_know_nothing_of_each_other(alice: Person) -> None:
    client = alice.signed_in()
    added(client)
    added(client, **DOMAIN)
    assert add(client, **DOMAIN).code == "already_exists"
    assert len(listed(client)) == 2
    agree()


def test_a_domain_contact_has_no_mails_to_choose(alice: Person) -> None:
    client = alice.signed_in()
    before = everything()
    answer = add(client, kind="domain", categories=["domain"])
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.field_codes == {"#/categories": "no_mails"}
    assert everything() == before
    assert add(client, **DOMAIN).body["categories"] == []


def test_two_accounts_know_nothing_of_each_other(alice: Person, charlie: Person) -> None:
    added(alice.signed_in())
    client = charlie.signed_in()
    assert listed(client) == []
    added(client)
    agree()


def test_the_twenty_sixth_is_refused(alice: Person) -> None:
    client = alice.signed_in()
    for place in range(brand.CONTACTS_PER_ACCOUNT):
        added(client, email=f"vera{place}@example.com", **(DOMAIN if place % 2 else {}))
    before = everything()
    answer = add(client)
    assert (answer.status, answer.code) == (409, "limit_reached")
    assert everything() == before
    assert len(listed(client)) == 25
    agree()


def test_where_both_are_true_it_is_told_that_the_address_is_there(alice: Person) -> None:
    client = alice.signed_in()
    for place in range(brand.CONTACTS_PER_ACCOUNT):
        added(client, email=f"vera{place}@example.com")
    assert add(client, email="vera0@example.com").code == "already_exists"


def test_it_is_on_record_without_name_or_address(alice: Person) -> None:
    contact_id = added(alice.signed_in())
    (event,) = items("AuditEvent")
    assert (event["event"], event["actor"], event["about"]) == ("user:contact:added", alice.id, contact_id)
    assert "vera" not in repr(event).lower()


def test_who_lacks_the_permission_adds_none(bob: Person) -> None:
    before = everything()
    client = bob.signed_in()
    answer = add(client)
    assert (answer.status, answer.code) == (403, "not_allowed")
    assert [item for item in everything() if item["entity"] != "Session"] == before


def test_who_has_the_permission_adds_to_the_owners_account(alice: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("contacts",))
    added(erika.signed_in())
    assert listed(alice.signed_in()) == ["vera@example.com"]


@pytest.mark.parametrize(
    "name", ["Nagy Ágnes", "O’Brien-Núñez", "山田 太郎", "محمد", "Ђорђе Ђокић", "X Æ A-12"]
)
def test_a_name_may_be_of_any_script(alice: Person, name: str) -> None:
    assert add(alice.signed_in(), name=name).body["name"] == name


@pytest.mark.parametrize("field", ["name", "email"])
def test_name_and_address_are_needed(alice: Person, field: str) -> None:
    body = {name: value for name, value in VERA.items() if name != field}
    answer = alice.signed_in().post("/api/contacts", body)
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": "required"})


PLACE = ("address", "city", "postcode")
LINES = ("name", "phone", "address", "city", "postcode")


@pytest.mark.parametrize(
    ("field", "value", "codes"),
    [
        *((field, "Vera\r\nBcc: all@example.com", "control_characters") for field in LINES),
        *((field, "Vera\x00", "control_characters") for field in LINES),
        *((field, "areV\u202e", "control_characters") for field in LINES),
        *((field, "Vera\u2028Ćirić", "control_characters") for field in LINES),
        *((field, "x" * 201, "too_long") for field in LINES),
        *((field, 11000, "wrong_type") for field in LINES),
        *((field, ["x"], "wrong_type") for field in LINES),
        ("name", "", "required"),
        ("name", " \u00a0 ", "required"),
        ("name", "<script>alert(1)</script>", "not_a_name"),
        ("name", "Vera 🙂", "not_a_name"),
        ("name", "Vera\u200bĆirić", "not_a_name"),
        ("name", None, "wrong_type"),
        *((field, "<b>Bulevar</b>", "not_plain") for field in PLACE),
        *((field, "Beograd 🙂", "not_plain") for field in PLACE),
        ("phone", "pozovite me", "not_a_phone"),
        ("phone", "<b>1</b>", "not_a_phone"),
        ("phone", "+381 🙂", "not_a_phone"),
        ("phone", "١٢٣٤٥", "not_a_phone"),
        ("email", "", "required"),
        ("email", "vera", "invalid_email"),
        ("email", "vera@", "invalid_email"),
        ("email", "@example.com", "invalid_email"),
        ("email", "vera@example", "invalid_email"),
        ("email", "vera@@example.com", "invalid_email"),
        ("email", "vera@exa mple.com", "invalid_email"),
        ("email", "vera@[127.0.0.1]", "invalid_email"),
        ("email", '"vera ćirić"@example.com', "invalid_email"),
        ("email", "<b>vera</b>@example.com", "invalid_email"),
        ("email", "🙂@example.com", "invalid_email"),
        ("email", "вера@example.com", "invalid_email"),
        ("email", "vera\u202e@example.com", "control_characters"),
        ("email", "vera@example.com\r\nBcc: x@example.com", "control_characters"),
        ("email", "vera@example.com\x00", "control_characters"),
        ("email", "v" * 250 + "@example.com", "too_long"),
        ("email", None, "wrong_type"),
        ("email", {"S": "vera@example.com"}, "wrong_type"),
        ("kind", "person", "not_offered"),
        ("kind", "", "not_offered"),
        ("kind", None, "not_offered"),
        ("kind", 1, "not_offered"),
        ("categories", "invoice", "wrong_type"),
        ("categories", None, "wrong_type"),
        ("categories", {"invoice": True}, "wrong_type"),
        ("categories", ["invoice", "invoice"], "repeated"),
        ("categories", ["invoice"] * 1000, "repeated"),
        ("id", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "unknown_field"),
        ("account_id", "account-charlie", "unknown_field"),
        ("restorable_until", 1, "unknown_field"),
        ("Name", "Vera", "unknown_field"),
        ("", "x", "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_writes_nothing(
    alice: Person, field: str, value: object, codes: str
) -> None:
    client = alice.signed_in()
    before = everything()
    answer = client.post("/api/contacts", {**VERA, field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": codes})
    assert everything() == before


@pytest.mark.parametrize(
    ("categories", "codes"),
    [
        (["all"], {"#/categories/0": "not_offered"}),
        (["invoice", "", None], {"#/categories/1": "not_offered", "#/categories/2": "not_offered"}),
        (["general", ["invoice"]], {"#/categories/1": "not_offered"}),
    ],
)
def test_a_category_that_is_none_is_told_where_it_stands(
    alice: Person, categories: object, codes: dict[str, str]
) -> None:
    answer = add(alice.signed_in(), categories=categories)
    assert (answer.status, answer.field_codes) == (422, codes)


def test_every_wrong_field_is_told_at_once(alice: Person) -> None:
    body = {"name": "", "email": "x", "city": "\n", "categories": ["none"], "a/b~c": 1}
    assert alice.signed_in().post("/api/contacts", body).field_codes == {
        "#/name": "required",
        "#/email": "invalid_email",
        "#/city": "control_characters",
        "#/categories/0": "not_offered",
        "#/a~1b~0c": "unknown_field",
    }


def test_any_script_is_welcome_where_markup_is_not(alice: Person) -> None:
    contact = add(
        alice.signed_in(), name="أحمد", address="ул. Кнез Михаилова 1/б", city="بلغراد", phone=""
    ).body
    assert (contact["name"], contact["address"], contact["city"]) == (
        "أحمد",
        "ул. Кнез Михаилова 1/б",
        "بلغراد",
    )


@pytest.mark.parametrize(
    "phone", ["+381 11 123 45 67", "(011) 123-4567", "06-1/123.4567", "112", "+36 1 234 5678 x12"]
)
def test_a_phone_number_stays_as_people_write_it(alice: Person, phone: str) -> None:
    assert add(alice.signed_in(), phone=phone).body["phone"] == phone


def test_the_longest_values_fit(alice: Person) -> None:
    lines = dict.fromkeys(("name", *PLACE), "ž" * 200) | {"phone": "1" * 39}
    email = f"{'v' * 64}@{'x' * 63}.{'y' * 63}.{'z' * 50}.rs"
    contact = add(alice.signed_in(), **lines, email=email).body
    assert {field: contact[field] for field in LINES} == lines
    assert contact["email"] == email
