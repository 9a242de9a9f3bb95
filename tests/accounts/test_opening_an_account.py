"""Opening an account: register, read the mail, confirm."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import table
from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import PASSWORD, Person, items
from tests.mailbox import Mailbox, html_of, text_of

DANA = {"name": "Dana Đurić", "email": "dana@example.com", "language": "sr"}


def confirmed(client: Client, token: str, password: str = PASSWORD) -> object:
    return client.post("/api/registrations/confirm", {"token": token, "password": password})


def test_a_visitor_registers_confirms_and_is_signed_in(visitor: Client, mailbox: Mailbox) -> None:
    assert visitor.post("/api/registrations", DANA).status == 202
    answer = visitor.post("/api/registrations/confirm", {"token": mailbox.token(), "password": PASSWORD})
    assert answer.status == 201
    assert answer.body["user"]["email"] == "dana@example.com"
    me = visitor.get("/api/me").body
    assert me["account"] == {"id": answer.body["account"]["id"], "name": "Dana Đurić"}
    assert me["is_owner"]
    assert len(me["permissions"]) == 13


@pytest.mark.parametrize(
    ("language", "path"),
    [
        ("sr", "/account/open-account/"),
        ("hu", "/hu/account/open-account/"),
        ("es", "/es/account/open-account/"),
    ],
)
def test_the_mail_is_in_the_chosen_language_and_leads_to_its_page(
    visitor: Client, mailbox: Mailbox, language: str, path: str
) -> None:
    visitor.post("/api/registrations", {**DANA, "language": language})
    mail = mailbox.only()
    assert mail["To"] == "dana@example.com"
    assert mail["Content-Language"].startswith(language)
    link = re.search(r"http\S+", text_of(mail))
    assert link and link[0].startswith(f"http://localhost:8000{path}#token=")
    assert link[0] in html_of(mail)


def test_nothing_exists_before_the_address_is_confirmed(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", DANA)
    assert not items("User") and not items("Account") and not items("EmailAddress")


def test_a_known_address_looks_like_success_and_its_owner_gets_a_mail(
    alice: Person, mailbox: Mailbox
) -> None:
    stranger = Client("es")
    unknown = stranger.post("/api/registrations", DANA)
    known = stranger.post("/api/registrations", {**DANA, "email": "ALICE@Example.com"})
    assert (known.status, known.text) == (unknown.status, unknown.text)
    assert known.headers == unknown.headers
    mail = mailbox.collect()[-1]
    assert mail["To"] == alice.email
    assert mail["Content-Language"] == "sr-Latn"  # Alice's own language, not the stranger's.
    assert "#token=" not in text_of(mail)


def test_a_known_address_costs_the_same_calls(alice: Person, calls: Calls) -> None:
    Client().post("/api/registrations", DANA)
    unknown = calls.taken()
    Client().post("/api/registrations", {**DANA, "email": alice.email})
    assert (
        calls.taken() == unknown == ["UpdateItem", "UpdateItem", "GetItem", "Encrypt", "TransactWriteItems"]
    )


def test_a_link_works_once(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", DANA)
    token = mailbox.token()
    confirmed(visitor, token)
    again = visitor.post("/api/registrations/confirm", {"token": token, "password": PASSWORD})
    assert (again.status, again.code) == (410, "link_expired")


def test_an_unknown_token_is_not_found(visitor: Client) -> None:
    answer = visitor.post("/api/registrations/confirm", {"token": "x" * 43, "password": PASSWORD})
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_link_expires_though_its_item_is_still_there(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", DANA)
    (registration,) = items("Registration")
    long_ago = int((datetime.now(UTC) - timedelta(seconds=1)).timestamp())
    key = {"pk": registration["pk"], "sk": registration["sk"]}
    table.write(table.update(key, sets={"expires_at": long_ago}))
    answer = visitor.post("/api/registrations/confirm", {"token": mailbox.token(), "password": PASSWORD})
    assert answer.code == "link_expired"
    assert not items("User")


def test_of_two_registrations_the_first_confirmed_wins(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", DANA)
    first = mailbox.token()
    visitor.post("/api/registrations", {**DANA, "name": "Somebody Else"})
    second = mailbox.token()
    assert Client().post("/api/registrations/confirm", {"token": first, "password": PASSWORD}).status == 201
    late = Client().post("/api/registrations/confirm", {"token": second, "password": PASSWORD})
    assert (late.status, late.code) == (409, "already_exists")
    assert len(items("User")) == len(items("Account")) == 1


def test_no_token_or_password_stands_in_clear_in_the_table(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", DANA)
    before = table.dynamodb().scan(TableName="kalauz-test")["Items"]
    token = mailbox.token()
    confirmed(visitor, token)
    after = table.dynamodb().scan(TableName="kalauz-test")["Items"]
    for secret in (token, PASSWORD, visitor.cookies["session"]):
        assert secret not in repr(before) + repr(after)


def test_the_token_is_gone_from_the_outbox_once_sent(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", DANA)
    assert items("Email")[0]["sealed"]
    mailbox.collect()
    assert "sealed" not in items("Email")[0]


def test_a_fourth_mail_to_one_address_within_an_hour_is_refused(visitor: Client) -> None:
    for _time in range(3):
        assert visitor.post("/api/registrations", DANA).status == 202
    answer = visitor.post("/api/registrations", DANA)
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "required"),
        ("name", "   ", "required"),
        ("name", "A" * 201, "too_long"),
        ("name", 7, "wrong_type"),
        ("name", None, "wrong_type"),
        ("name", "<b>Dana</b>", "not_a_name"),
        ("name", "Dana 🙂", "not_a_name"),
        ("name", "Dana\r\nBcc: all@example.com", "control_characters"),
        ("name", "Dana\x00", "control_characters"),
        ("name", "Dana \u202eanaD", "control_characters"),
        ("email", "", "required"),
        ("email", "dana.example.com", "invalid_email"),
        ("email", "dana@", "invalid_email"),
        ("email", "dana@example", "invalid_email"),
        ("email", "dana@example.com\nBcc: x@example.com", "control_characters"),
        ("email", "a" * 250 + "@example.com", "too_long"),
        ("email", "🙂@example.com", "invalid_email"),
        ("email", ["dana@example.com"], "wrong_type"),
        ("language", "en", "not_offered"),
        ("language", 1, "not_offered"),
        ("nickname", "D", "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_writes_nothing(
    visitor: Client, field: str, value: object, code: str
) -> None:
    answer = visitor.post("/api/registrations", {**DANA, field: value})
    assert answer.status == 422
    assert answer.field_codes == {f"#/{field}": code}
    assert not items("Registration") and not items("Email")


def test_every_wrong_field_is_told_at_once(visitor: Client) -> None:
    answer = visitor.post("/api/registrations", {"name": "", "email": "x", "colour": "red"})
    assert answer.field_codes == {
        "#/name": "required",
        "#/email": "invalid_email",
        "#/language": "required",
        "#/colour": "unknown_field",
    }


def test_a_unicode_domain_is_the_same_as_its_idna_form(visitor: Client, mailbox: Mailbox) -> None:
    visitor.post("/api/registrations", {**DANA, "email": "Dana@Čaplja.example.com"})
    assert mailbox.only()["To"] == "Dana@xn--aplja-gya.example.com"
    confirmed(visitor, mailbox.token())
    signed_in = Client().post(
        "/api/session", {"email": "dana@xn--aplja-gya.example.com", "password": PASSWORD}
    )
    assert signed_in.status == 201


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kratka", "too_short"),
        ("a" * 129, "too_long"),
        ("password1", "too_common"),
        ("aaaaaaaaaaaa", "too_common"),
        ("moja-Tilia-2026", "provider_word"),
        ("", "required"),
        (12345678, "wrong_type"),
    ],
)
def test_a_poor_password_is_refused_and_the_link_still_works(
    visitor: Client, mailbox: Mailbox, password: object, code: str
) -> None:
    visitor.post("/api/registrations", DANA)
    token = mailbox.token()
    answer = visitor.post("/api/registrations/confirm", {"token": token, "password": password})
    assert answer.field_codes == {"#/password": code}
    assert visitor.post("/api/registrations/confirm", {"token": token, "password": PASSWORD}).status == 201


@pytest.mark.parametrize(
    "password",
    ["pass word", "  šest reči i razmaci  ", "🐢🐢🐢🐢🐢🐢🐢🐇", "密码密码密码密码", "x" * 64 + "y" * 64],
)
def test_any_unicode_and_spaces_make_a_password(visitor: Client, mailbox: Mailbox, password: str) -> None:
    visitor.post("/api/registrations", DANA)
    answer = visitor.post("/api/registrations/confirm", {"token": mailbox.token(), "password": password})
    assert answer.status == 201
    assert Client().post("/api/session", {"email": DANA["email"], "password": password}).status == 201
    shorter = Client().post("/api/session", {"email": DANA["email"], "password": password[:-1]})
    assert shorter.code == "sign_in_failed"
