"""Forgetting the password: a link to the mailbox, once, for half an hour."""

from datetime import datetime

import pytest

from chalicelib import table
from chalicelib.accounts import repository as accounts
from tests.aws_calls import Calls
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Clock, Person, everything, items
from tests.mailbox import Mailbox, html_of, text_of

NEW = "nova čaplja preko druge reke"


def ask(email: str, language: str = "sr") -> Answer:
    return Client(language).post("/api/password-resets", {"email": email, "language": language})


def complete(token: object, new: object = NEW) -> Answer:
    return Client().post("/api/password-resets/complete", {"token": token, "new": new})


def test_the_links_bearer_chooses_another_password(alice: Person, mailbox: Mailbox) -> None:
    assert ask(alice.email).status == 202
    assert complete(mailbox.token()).status == 204
    assert alice.client().post("/api/session", {"email": alice.email, "password": PASSWORD}).status == 401
    assert alice.signs_in(NEW)


@pytest.mark.parametrize("email", ["ALICE@example.com", "alice@EXAMPLE.com"])
def test_the_mail_goes_to_the_address_that_is_stored(alice: Person, mailbox: Mailbox, email: str) -> None:
    ask(email)
    assert mailbox.only()["To"] == "alice@example.com"
    assert complete(mailbox.token()).status == 204


def test_the_mail_is_in_the_users_language_and_leads_to_its_page(bob: Person, mailbox: Mailbox) -> None:
    ask(bob.email, "es")
    mail = mailbox.only()
    assert mail["Content-Language"] == "hu"
    link = f"http://localhost:8000/hu/account/change-password/#token={mailbox.token()}"
    assert link in text_of(mail) and link in html_of(mail)


def test_an_unknown_address_looks_like_a_known_one_and_gets_no_mail(
    alice: Person, mailbox: Mailbox, calls: Calls
) -> None:
    ask("warm@example.com")
    calls.taken()
    known, known_calls = ask(alice.email), calls.taken()
    unknown, unknown_calls = ask("nobody@example.com"), calls.taken()
    assert (known.status, known.text, known.headers) == (unknown.status, unknown.text, unknown.headers)
    assert known_calls == unknown_calls
    assert [mail["To"] for mail in mailbox.collect()] == [alice.email]


def test_asking_alone_changes_nothing_about_signing_in(alice: Person) -> None:
    client = alice.signed_in()
    ask(alice.email)
    assert client.get("/api/me").status == 200
    assert alice.signs_in()


def test_every_session_ends_and_nobody_is_signed_in_by_it(alice: Person, mailbox: Mailbox) -> None:
    here, there = alice.signed_in(), alice.signs_in()
    ask(alice.email)
    answer = here.post("/api/password-resets/complete", {"token": mailbox.token(), "new": NEW})
    assert "Set-Cookie" not in answer.headers
    for ended in (here, there):
        assert ended.get("/api/me").code == "not_signed_in"


def test_a_notice_goes_out_in_the_users_language(bob: Person, mailbox: Mailbox) -> None:
    ask(bob.email)
    complete(mailbox.token())
    notice = mailbox.collect()[-1]
    assert (notice["To"], notice["Content-Language"]) == (bob.email, "hu")
    assert "#token=" not in text_of(notice)


def test_a_link_works_once(alice: Person, mailbox: Mailbox) -> None:
    ask(alice.email)
    token = mailbox.token()
    assert complete(token).status == 204
    again = complete(token, "a third password")
    assert (again.status, again.code) == (410, "link_expired")
    assert alice.signs_in(NEW)


def test_a_link_lasts_half_an_hour_though_its_item_stays(
    alice: Person, mailbox: Mailbox, clock: Clock
) -> None:
    ask(alice.email)
    token = mailbox.token()
    clock.forward(minutes=30, seconds=1)
    late = complete(token)
    assert (late.status, late.code) == (410, "link_expired")
    assert items("PasswordReset")
    assert alice.signs_in()


def test_just_before_it_still_works(alice: Person, mailbox: Mailbox, clock: Clock) -> None:
    ask(alice.email)
    token = mailbox.token()
    clock.forward(minutes=29, seconds=50)
    assert complete(token).status == 204


@pytest.mark.parametrize("token", ["x" * 43, " ", "%20", "null", "\N{SNOWMAN}", "x" * 200])
def test_a_token_that_never_was_is_not_found(alice: Person, token: str) -> None:
    answer = complete(token)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_token_in_another_case_or_with_a_space_is_another_token(alice: Person, mailbox: Mailbox) -> None:
    ask(alice.email)
    token = mailbox.token()
    for other in (token.swapcase(), token + " ", " " + token, token[:-1], token + "%20"):
        assert complete(other).code == "not_found"
    assert complete(token).status == 204


def test_the_token_of_a_registration_resets_no_password(alice: Person, mailbox: Mailbox) -> None:
    dana = {"name": "Dana", "email": "dana@example.com", "language": "sr"}
    Client().post("/api/registrations", dana)
    assert complete(mailbox.token()).code == "not_found"


def test_the_token_stands_in_clear_in_no_item(alice: Person, mailbox: Mailbox) -> None:
    ask(alice.email)
    before = repr(everything())
    token = mailbox.token()
    complete(token)
    for secret in (token, NEW, PASSWORD):
        assert secret not in before + repr(everything())


def test_a_fourth_mail_to_one_address_within_an_hour_is_refused_known_or_not(
    alice: Person, mailbox: Mailbox
) -> None:
    for email in (alice.email, "nobody@example.com"):
        answers = [ask(email) for _time in range(4)]
        assert [answer.status for answer in answers] == [202, 202, 202, 429]
        assert 3500 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert len(mailbox.collect()) == 3


def test_registering_and_resetting_share_the_count_of_an_addressee(alice: Person) -> None:
    register = {"name": "Alice", "email": alice.email, "language": "sr"}
    answers = [ask(alice.email), Client().post("/api/registrations", register), ask(alice.email)]
    assert [answer.status for answer in answers] == [202] * 3
    assert Client().post("/api/registrations", register).code == "too_many_attempts"


def test_guessing_tokens_is_limited_by_address(alice: Person, production: dict[str, str]) -> None:
    for place in range(30):
        answer = Client().post(
            "/api/password-resets/complete", {"token": f"guess-{place}", "new": NEW}, **production
        )
        assert answer.code == "not_found"
    answer = Client().post("/api/password-resets/complete", {"token": "guess", "new": NEW}, **production)
    assert (answer.status, answer.code) == (429, "too_many_attempts")


def test_a_reset_of_a_password_while_somebody_signs_in_with_the_old_one_keeps_them_out(
    alice: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import hashing

    ask(alice.email)
    token, is_right = mailbox.token(), hashing.is_right

    def reset_meanwhile(password: str, stored: str | None) -> bool:
        monkeypatch.undo()
        assert complete(token).status == 204
        return is_right(password, stored)

    monkeypatch.setattr(hashing, "is_right", reset_meanwhile)
    client = alice.client()
    answer = client.post("/api/session", {"email": alice.email, "password": PASSWORD})
    assert answer.code == "sign_in_failed"
    assert not items("Session")


def test_both_steps_are_on_record_without_address_or_token(alice: Person, mailbox: Mailbox) -> None:
    ask(alice.email)
    token = mailbox.token()
    complete(token)
    events = items("AuditEvent")
    assert [(event["event"], event["actor"]) for event in events] == [
        ("visitor:password:reset_requested", "visitor"),
        ("user:password:reset", alice.id),
    ]
    assert alice.email not in repr(events) and token not in repr(events)


def test_asking_leaves_nothing_of_an_unknown_address_for_long(aws: None) -> None:
    ask("nobody@example.com")
    assert not items("Email") and not items("User")
    (reset,) = items("PasswordReset")
    assert reset["expires_at"] <= datetime.now().astimezone().timestamp() + 1800


def test_a_reset_for_a_user_who_is_gone_meanwhile_is_not_found(alice: Person, mailbox: Mailbox) -> None:
    ask(alice.email)
    token = mailbox.token()
    user = accounts.user(alice.id)
    assert user
    table.write(table.delete({"pk": user["pk"], "sk": user["sk"]}))
    assert complete(token).code == "not_found"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "", "required"),
        ("email", "alice", "invalid_email"),
        ("email", "alice@example.com\nBcc: x@example.com", "control_characters"),
        ("email", "<alice@example.com>", "invalid_email"),
        ("email", "Alice <alice@example.com>", "invalid_email"),
        ("email", "alice@example.com, bob@example.com", "invalid_email"),
        ("email", 7, "wrong_type"),
        ("email", "a" * 250 + "@example.com", "too_long"),
        ("language", "en", "not_offered"),
        ("language", None, "not_offered"),
        ("name", "Alice", "unknown_field"),
    ],
)
def test_bad_input_to_asking_is_told_at_its_field(
    alice: Person, field: str, value: object, code: str
) -> None:
    before = everything()
    body = {"email": alice.email, "language": "sr", field: value}
    answer = Client().post("/api/password-resets", body)
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert everything() == before


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("token", "", "required"),
        ("token", None, "wrong_type"),
        ("token", ["x"], "wrong_type"),
        ("token", {"$ne": ""}, "wrong_type"),
        ("token", "x" * 201, "too_long"),
        ("new", "", "required"),
        ("new", "kratka", "too_short"),
        ("new", "qwertyuiop", "too_common"),
        ("new", "moja tilia preko reke", "provider_word"),
        ("new", "x" * 129, "too_long"),
        ("email", "alice@example.com", "unknown_field"),
    ],
)
def test_bad_input_to_choosing_is_told_at_its_field_and_the_link_still_works(
    alice: Person, mailbox: Mailbox, field: str, value: object, code: str
) -> None:
    ask(alice.email)
    token = mailbox.token()
    before = everything()
    answer = Client().post("/api/password-resets/complete", {"token": token, "new": NEW, field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert everything() == before
    assert complete(token).status == 204


def test_a_link_cannot_replace_a_password_that_was_chosen_after_it(alice: Person, mailbox: Mailbox) -> None:
    ask(alice.email)
    first = mailbox.token()
    ask(alice.email)
    second = mailbox.token()
    assert complete(second).status == 204
    late = complete(first, "još jedna nova lozinka")
    assert (late.status, late.code) == (410, "link_expired")
    assert alice.signs_in(NEW)
