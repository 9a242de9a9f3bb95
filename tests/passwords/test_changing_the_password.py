"""Changing the password: who knows the current one may, and everybody else is signed out and told."""

import pytest

from chalicelib import hashing
from tests.client import Client
from tests.conftest import PASSWORD, Person, everything, items
from tests.mailbox import Mailbox, html_of, text_of

NEW = "nova čaplja preko druge reke"


def test_the_new_password_opens_a_session_and_the_old_one_no_more(alice: Person) -> None:
    answer = alice.signed_in().put("/api/me/password", {"current": PASSWORD, "new": NEW})
    assert answer.status == 200
    old = alice.client().post("/api/session", {"email": alice.email, "password": PASSWORD})
    assert old.code == "sign_in_failed"
    assert alice.signs_in(NEW).get("/api/me").status == 200


def test_every_other_session_ends_and_this_one_is_renewed(alice: Person, charlie: Person) -> None:
    here, there, elsewhere, stranger = (
        alice.signed_in(),
        alice.signed_in(),
        alice.signs_in(),
        charlie.signed_in(),
    )
    old = dict(here.cookies)
    answer = here.put("/api/me/password", {"current": PASSWORD, "new": NEW})
    assert set(answer.body) == {"created_at", "expires_at", "elevated_until"}
    assert here.get("/api/me").status == 200
    assert here.cookies["session"] != old["session"]
    for ended in (there, elsewhere, Client(cookies=old)):
        assert ended.get("/api/me").code == "not_signed_in"
    assert stranger.get("/api/me").status == 200


def test_a_notice_goes_out_in_the_users_language(bob: Person, mailbox: Mailbox) -> None:
    client = bob.signed_in()
    client.language = "es"  # Bob reads Hungarian, on whichever page he is.
    assert client.put("/api/me/password", {"current": PASSWORD, "new": NEW}).status == 200
    notice = mailbox.only()
    assert notice["To"] == bob.email
    assert notice["Content-Language"] == "hu"
    assert bob.name in text_of(notice) and bob.name in html_of(notice)
    assert "http://localhost:8000/hu/account/change-password/" in text_of(notice)
    assert PASSWORD not in text_of(notice) and NEW not in text_of(notice)


def test_the_notice_belongs_to_the_user_and_not_to_the_account(bob: Person) -> None:
    bob.signed_in().put("/api/me/password", {"current": PASSWORD, "new": NEW})
    assert [mail["pk"] for mail in items("Email")] == [f"USER#{bob.id}"]


def test_a_wrong_current_password_is_told_at_its_field_and_changes_nothing(alice: Person) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    before = [item for item in everything() if item["entity"] != "Attempts"]
    answer = here.put("/api/me/password", {"current": NEW, "new": NEW})
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.field_codes == {"#/current": "wrong_password"}
    assert [item for item in everything() if item["entity"] != "Attempts"] == before
    assert there.get("/api/me").status == 200


def test_a_user_has_ten_tries_in_a_quarter_of_an_hour(alice: Person) -> None:
    client = alice.signed_in()
    for _time in range(10):
        client.put("/api/me/password", {"current": "wrong", "new": NEW})
    answer = client.put("/api/me/password", {"current": PASSWORD, "new": NEW})
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert alice.signs_in().get("/api/me").status == 200


def test_a_password_changed_meanwhile_is_not_overwritten(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, is_right = alice.signed_in(), hashing.is_right

    def change_meanwhile(password: str, stored: str | None) -> bool:
        alice.has_password_hash(hashing.hashed("the first change"))
        return is_right(password, stored)

    monkeypatch.setattr(hashing, "is_right", change_meanwhile)
    answer = client.put("/api/me/password", {"current": PASSWORD, "new": NEW})
    monkeypatch.undo()
    assert answer.field_codes == {"#/current": "wrong_password"}
    assert alice.signs_in("the first change")
    assert not items("Email")


def test_it_is_on_record_without_the_password(alice: Person) -> None:
    alice.signed_in().put("/api/me/password", {"current": PASSWORD, "new": NEW})
    (event,) = items("AuditEvent")
    assert (event["event"], event["actor"]) == ("user:password:changed", alice.id)
    assert NEW not in repr(everything()) and PASSWORD not in repr(everything())


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("current", "", "required"),
        ("current", None, "wrong_type"),
        ("current", 12345678, "wrong_type"),
        ("current", "x" * 129, "too_long"),
        ("new", "", "required"),
        ("new", "kratka", "too_short"),
        ("new", "čaplja!", "too_short"),
        ("new", "x" * 129, "too_long"),
        ("new", "12345678", "too_common"),
        ("new", "Password1", "too_common"),
        ("new", "ssssssssss", "too_common"),
        ("new", "dobra TILIA preko reke", "provider_word"),
        ("new", None, "wrong_type"),
        ("new", ["x" * 9], "wrong_type"),
        ("again", NEW, "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_changes_nothing(
    alice: Person, field: str, value: object, code: str
) -> None:
    client = alice.signed_in()
    before = everything()
    answer = client.put("/api/me/password", {"current": PASSWORD, "new": NEW, field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert everything() == before


@pytest.mark.parametrize("lacking", ["current", "new"])
def test_both_passwords_are_needed(alice: Person, lacking: str) -> None:
    body = {"current": PASSWORD, "new": NEW}
    del body[lacking]
    answer = alice.signed_in().put("/api/me/password", body)
    assert answer.field_codes == {f"#/{lacking}": "required"}


@pytest.mark.parametrize(
    "password", ["osam mes", "x" * 127 + "ž", " razmak ", "🐢🐇🐢🐇🐢🐇🐢🐇", "tab\tand\nline\x00"]
)
def test_any_letters_make_a_password_and_none_is_cut(alice: Person, password: str) -> None:
    assert alice.signed_in().put("/api/me/password", {"current": PASSWORD, "new": password}).status == 200
    assert alice.signs_in(password)
    for other in (password[:-1], password + "x", password.strip()):
        if other != password:
            body = {"email": alice.email, "password": other[:128]}
            assert other[:128] == password or alice.client().post("/api/session", body).status == 401
