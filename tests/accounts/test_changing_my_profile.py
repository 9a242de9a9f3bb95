"""Changing one's own name and language."""

import pytest

from tests.conftest import Person, everything, items


def test_the_name_and_the_language_change(alice: Person) -> None:
    client = alice.signed_in()
    answer = client.patch("/api/me", {"name": "Alisa", "language": "hu"})
    assert answer.status == 200
    assert answer.body == {"id": alice.id, "name": "Alisa", "email": alice.email, "language": "hu"}
    assert client.get("/api/me").body["user"] == answer.body


def test_what_is_left_out_stays(alice: Person) -> None:
    client = alice.signed_in()
    assert client.patch("/api/me", {"language": "es"}).body["name"] == alice.name
    assert client.patch("/api/me", {"name": "Alisa"}).body["language"] == "es"


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": None, "language": None}])
def test_a_change_of_nothing_writes_nothing(alice: Person, body: object) -> None:
    client = alice.signed_in()
    before = everything()
    assert client.patch("/api/me", body).body["name"] == alice.name
    assert everything() == before


def test_nobody_elses_profile_changes(alice: Person, bob: Person) -> None:
    bob.signed_in().patch("/api/me", {"name": "Robert"})
    assert {user["name"] for user in items("User")} == {alice.name, "Robert"}


def test_it_is_on_record(alice: Person) -> None:
    alice.signed_in().patch("/api/me", {"name": "Alisa"})
    assert [event["event"] for event in items("AuditEvent")] == ["user:profile:changed"]
    assert "Alisa" not in repr(items("AuditEvent"))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "required"),
        ("name", "<b>", "not_a_name"),
        ("name", "a\nb", "control_characters"),
        ("name", "x" * 201, "too_long"),
        ("name", 7, "wrong_type"),
        ("language", "en", "not_offered"),
        ("language", ["sr"], "not_offered"),
        ("email", "other@example.com", "unknown_field"),
        ("permissions", "all", "unknown_field"),
        ("generation", 7, "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_changes_nothing(
    alice: Person, field: str, value: object, code: str
) -> None:
    client = alice.signed_in()
    before = everything()
    answer = client.patch("/api/me", {field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert everything() == before
