"""Using a recovery code, where the phone is not at hand: each once, and its owner hears of it."""

import pytest

from chalicelib import brand, keys, table
from tests.conftest import Person, items
from tests.mailbox import Mailbox, html_of, text_of
from tests.two_factor.authenticator import (
    RECOVERY_CODES,
    awaited,
    credential,
    elevate,
    finish,
    switched_on,
)

CODE = RECOVERY_CODES[0]


def left(person: Person) -> int:
    """How many the counter, the items and the page's status all say are left."""
    kept, status = credential(person), person.signed_in().get("/api/two-factor").body
    assert kept
    assert kept["recovery_codes_left"] == status["recovery_codes_left"] == len(items("RecoveryCode"))
    return int(kept["recovery_codes_left"])


def test_it_stands_in_for_the_app(alice: Person) -> None:
    switched_on(alice)
    client = awaited(alice)
    assert finish(client, CODE).status == 201
    assert client.get("/api/me").status == 200
    assert left(alice) == 9


@pytest.mark.parametrize(
    "typed",
    [CODE.lower(), CODE.replace("-", ""), CODE.replace("-", "").lower(), CODE.title(), "AAAA-23456789-WXYZ"],
)
def test_it_may_be_typed_in_any_case_with_or_without_hyphens(alice: Person, typed: str) -> None:
    switched_on(alice)
    assert finish(awaited(alice), typed).status == 201
    assert finish(awaited(alice), CODE).code == "second_factor_failed"


def test_each_works_once_and_is_refused_in_the_words_of_a_wrong_one(alice: Person) -> None:
    switched_on(alice)
    client = awaited(alice)
    assert finish(awaited(alice), CODE).status == 201
    used, wrong = finish(client, CODE), finish(client, "ZZZZ-ZZZZ-ZZZZ-ZZZZ")
    assert (used.status, used.code) == (401, "second_factor_failed")
    assert (used.text, used.headers) == (wrong.text, wrong.headers)
    assert used.field_codes == {"#/code": "wrong_code"}
    assert left(alice) == 9 and len(items("Session")) == 2  # `left` looks with one of its own.


@pytest.mark.parametrize("code", ["AAAA-2345-6789-WXYY", "0000000000000000", "K" * 16])
def test_one_that_was_never_given_out_opens_nothing(alice: Person, code: str) -> None:
    switched_on(alice)
    assert finish(awaited(alice), code).code == "second_factor_failed"
    assert left(alice) == 10


def test_that_of_another_person_opens_nothing(alice: Person, charlie: Person) -> None:
    switched_on(alice)
    switched_on(charlie, ["CHAR-2345-6789-WXYZ"])
    assert finish(awaited(charlie), CODE).code == "second_factor_failed"
    assert finish(awaited(alice), "CHAR-2345-6789-WXYZ").code == "second_factor_failed"
    assert len(items("RecoveryCode")) == 11


def test_all_ten_work_in_any_order_and_then_the_app_still_does(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "second_factor_per_user", ["50 in 300"])
    app = switched_on(alice)
    for place, code in enumerate(reversed(RECOVERY_CODES)):
        assert finish(awaited(alice), code).status == 201
        assert left(alice) == 9 - place
    client = awaited(alice)
    assert finish(client, CODE).code == "second_factor_failed"
    assert finish(client, app.code()).status == 201


def test_a_failed_try_spends_none(alice: Person) -> None:
    switched_on(alice)
    client = awaited(alice)
    table.write(table.delete(keys.under_hash("SIGN_IN", items("SignIn")[0]["pk"].removeprefix("SIGN_IN#"))))
    assert finish(client, CODE).code == "not_signed_in"
    assert left(alice) == 10


def test_it_elevates_a_session_too_and_is_spent_by_it(alice: Person) -> None:
    switched_on(alice)
    client = alice.signed_in()
    assert elevate(client, CODE.lower()).status == 201
    assert client.post("/api/two-factor/recovery-codes").status == 201
    client = alice.signed_in()
    assert elevate(client, CODE).code == "second_factor_failed"


def test_with_a_wrong_password_it_is_not_spent(alice: Person) -> None:
    switched_on(alice)
    body = {"password": "not the password", "code": CODE}
    answer = alice.signed_in().post("/api/session/elevation", body)
    assert answer.field_codes == {"#/password": "wrong_password"}
    assert left(alice) == 10


@pytest.mark.parametrize("elevates", [False, True])
def test_one_notice_goes_out_in_the_users_language(bob: Person, mailbox: Mailbox, elevates: bool) -> None:
    switched_on(bob)
    client = bob.signed_in() if elevates else awaited(bob)
    client.language = "es"
    answer = elevate(client, CODE) if elevates else finish(client, CODE)
    assert answer.status == 201
    notice = mailbox.only()
    assert (notice["To"], notice["Content-Language"]) == (bob.email, "hu")
    assert [mail["kind"] for mail in items("Email")] == ["recovery_code_used"]
    for text in (text_of(notice), html_of(notice)):
        assert "9" in text and CODE not in text
    assert "http://localhost:8000/hu/security/two-factor/" in text_of(notice)


def test_a_wrong_one_sends_none(alice: Person, mailbox: Mailbox) -> None:
    switched_on(alice)
    finish(awaited(alice), "ZZZZ-ZZZZ-ZZZZ-ZZZZ")
    assert mailbox.collect() == []


def test_it_is_on_record(alice: Person) -> None:
    switched_on(alice)
    finish(awaited(alice), CODE)
    assert sorted(event["event"] for event in items("AuditEvent")) == [
        "user:recovery_code:used",
        "user:session:started",
    ]
    assert not any(CODE.replace("-", "") in repr(event) for event in items("AuditEvent"))
