"""Opening a ticket: one per submit, however often it is sent, and acknowledged by mail."""

import re

import pytest

from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import Person, everything, items, settle
from tests.mailbox import Mailbox, html_of, text_of
from tests.tickets.conversations import NO_MAIL, open_ticket, opened

NUMBER = re.compile(r"KLZ-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}")


def test_it_is_stored_and_shown(alice: Person) -> None:
    client = alice.signed_in()
    answer = open_ticket(client)
    assert answer.status == 201
    ticket = answer.body
    assert NUMBER.fullmatch(ticket["number"])
    assert (ticket["department"], ticket["subject"], ticket["state"]) == (
        "technical",
        NO_MAIL["subject"],
        "open",
    )
    (message,) = client.get(f"/api/tickets/{ticket['id']}").body["messages"]
    assert (message["author"], message["text"]) == (alice.name, NO_MAIL["description"])
    assert message["from_support"] is False
    (stored,) = items("Ticket")
    assert (stored["account_id"], stored["user_id"]) == (alice.account_id, alice.id)
    assert items("TicketNumber")[0]["pk"] == f"TICKET_NUMBER#{ticket['number']}"


def test_its_number_is_its_own(alice: Person) -> None:
    client = alice.signed_in()
    numbers = {open_ticket(client).body["number"] for _time in range(20)}
    assert len(numbers) == 20 == len(items("TicketNumber"))


def test_it_is_acknowledged_by_mail_in_the_addressees_language(alice: Person, mailbox: Mailbox) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("tickets",))
    client = erika.signed_in()
    client.language = "es"  # The page's language is another matter.
    number = open_ticket(client).body["number"]
    mail = mailbox.only()
    assert (mail["To"], mail["Content-Language"]) == (erika.email, "hu")
    assert number in mail["Subject"]
    assert number in text_of(mail) and NO_MAIL["subject"] in text_of(mail)
    assert number in html_of(mail) and NO_MAIL["subject"] in html_of(mail)
    assert NO_MAIL["description"] not in text_of(mail)


def test_the_mail_has_exactly_the_expected_headers(alice: Person, mailbox: Mailbox) -> None:
    open_ticket(alice.signed_in(), subject="Subject: x <y@example.com> =?utf-8?q?=0ABcc=3A?=")
    mail = mailbox.only()
    assert sorted(mail.keys()) == sorted(
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "X-Entity-Ref-ID",
            "Auto-Submitted",
            "Content-Language",
            "MIME-Version",
            "Content-Type",
        ]
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Tilia Hosting <podrska@tilia.example>"
    assert mail["Message-ID"] == f"<{items('Email')[0]['reference']}@tilia.example>"
    assert mail["X-Entity-Ref-ID"] == items("Email")[0]["reference"]
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_the_mail_belongs_to_the_account(alice: Person) -> None:
    open_ticket(alice.signed_in())
    (mail,) = items("Email")
    assert (mail["pk"], mail["kind"]) == (f"ACCOUNT#{alice.account_id}", "ticket_opened")


def test_the_same_key_meets_the_same_ticket(alice: Person, mailbox: Mailbox) -> None:
    client = alice.signed_in()
    first = open_ticket(client, "k1")
    before = everything()
    again = open_ticket(client, "k1")
    assert (again.status, again.body) == (201, first.body)
    assert everything() == before
    assert len(mailbox.collect()) == 1


def test_the_same_key_meets_it_from_another_session_too(alice: Person) -> None:
    first = open_ticket(alice.signed_in(), "k1").body
    assert open_ticket(alice.signs_in(), "k1").body == first


def test_a_form_trimmed_in_another_way_is_the_same(alice: Person) -> None:
    client = alice.signed_in()
    first = open_ticket(client, "k1", description="one\ntwo").body
    assert open_ticket(client, "k1", description=" one\r\ntwo \n").body == first


@pytest.mark.parametrize("field", ["department", "subject", "description"])
def test_the_same_key_with_another_content_is_refused(alice: Person, field: str) -> None:
    client = alice.signed_in()
    open_ticket(client, "k1")
    before = everything()
    answer = open_ticket(client, "k1", **{field: "billing"})
    assert (answer.status, answer.code) == (409, "key_reused")
    assert everything() == before


def test_content_cannot_be_moved_between_fields(alice: Person) -> None:
    client = alice.signed_in()
    open_ticket(client, "k1", subject="ab", description="c")
    assert open_ticket(client, "k1", subject="a", description="bc").code == "key_reused"


def test_two_people_may_use_the_same_key(alice: Person, charlie: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("tickets",))
    tickets = {open_ticket(one.signed_in(), "k1").body["number"] for one in (alice, erika, charlie)}
    assert len(tickets) == 3


def test_another_key_opens_another_ticket_though_the_content_is_the_same(alice: Person) -> None:
    client = alice.signed_in()
    assert open_ticket(client, "k1").body["id"] != open_ticket(client, "k2").body["id"]


def test_a_repeated_submit_is_answered_with_the_ticket_as_it_is_now(alice: Person) -> None:
    client = alice.signed_in()
    ticket = open_ticket(client, "k1").body
    client.post(f"/api/tickets/{ticket['id']}/messages", {"text": "And one more thing"})
    again = open_ticket(client, "k1")
    assert (again.status, again.body["number"]) == (201, ticket["number"])


@pytest.mark.parametrize("key", [None, "", " ", "a b", "x" * 201, "ključ", "a\tb"])
def test_without_a_usable_key_nothing_is_opened(alice: Person, key: str | None) -> None:
    client = alice.signed_in()
    answer = client.post("/api/tickets", NO_MAIL, idempotency_key=key)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.field_codes == {"#/Idempotency-Key": "required"}
    assert not items("Ticket")


@pytest.mark.parametrize("key", ["x", "x" * 200, "7f3c1b1e-3e5d-4a57-9d0e-0a6b0d1c2e3f", "#/?&=%20"])
def test_any_printable_key_will_do(alice: Person, key: str) -> None:
    assert open_ticket(alice.signed_in(), key).status == 201


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(document.cookie)</script>",
        "{{ 7 * 7 }} {% trans %} ${x} %s %(name)s {0}",
        "🙂 čaplja 日本",
        "שלום עולם و مرحبا",
        "' OR 1=1; --",
        "a\u200bb\u00a0c",
    ],
)
def test_what_was_written_is_kept_letter_by_letter_and_inert_in_the_mail(
    alice: Person, mailbox: Mailbox, text: str
) -> None:
    client = alice.signed_in()
    ticket_id = opened(client, subject=text, description=text)
    thread = client.get(f"/api/tickets/{ticket_id}").body
    assert thread["subject"] == thread["messages"][0]["text"] == text
    mail = mailbox.only()
    assert text in text_of(mail)
    assert "<script" not in html_of(mail)


def test_a_name_cannot_break_out_of_the_mail(alice: Person, mailbox: Mailbox) -> None:
    """Names are checked when they are given; a mail does not rely on it."""
    from chalicelib import keys, table

    table.write(table.update(keys.user(alice.id), sets={"name": "<a href=x>&{{name}}%s"}))
    open_ticket(alice.signed_in())
    mail = mailbox.only()
    assert "<a href=x>&{{name}}%s" in text_of(mail)
    assert "<a href=x>" not in html_of(mail) and "&lt;a href=x&gt;&amp;{{name}}%s" in html_of(mail)


def test_lines_and_tabs_of_a_description_stay(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client, description="  one\r\n\ttwo\rthree\n\n\nfour  \n")
    (message,) = client.get(f"/api/tickets/{ticket_id}").body["messages"]
    assert message["text"] == "one\n\ttwo\nthree\n\n\nfour"


def test_twenty_thousand_characters_fit_and_one_more_does_not(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client, description="ž" * 20_000)
    (message,) = client.get(f"/api/tickets/{ticket_id}").body["messages"]
    assert message["text"] == "ž" * 20_000
    answer = open_ticket(client, description="x" * 20_001)
    assert (answer.status, answer.field_codes) == (422, {"#/description": "too_long"})


def test_two_hundred_characters_of_subject_fit_whatever_they_are(alice: Person, mailbox: Mailbox) -> None:
    client = alice.signed_in()
    assert open_ticket(client, subject="🙂" * 200).status == 201
    assert "🙂" * 200 in text_of(mailbox.only())


@pytest.mark.parametrize("department", ["technical", "billing", "sales"])
def test_every_department_of_the_provider_takes_tickets(alice: Person, department: str) -> None:
    assert open_ticket(alice.signed_in(), department=department).body["department"] == department


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("department", "", "not_offered"),
        ("department", "kitchen", "not_offered"),
        ("department", None, "wrong_type"),
        ("department", ["sales"], "wrong_type"),
        ("subject", "", "required"),
        ("subject", "  ", "required"),
        ("subject", "x" * 201, "too_long"),
        ("subject", "x\r\nBcc: all@example.com", "control_characters"),
        ("subject", "x\ny", "control_characters"),
        ("subject", "x\x00y", "control_characters"),
        ("subject", "x\u202ey", "control_characters"),
        ("subject", "x\u2066y", "control_characters"),
        ("subject", 7, "wrong_type"),
        ("description", "", "required"),
        ("description", "\n\t ", "required"),
        ("description", "x\x00y", "control_characters"),
        ("description", "x\x1b[31m", "control_characters"),
        ("description", "x\u202ey", "control_characters"),
        ("description", {"text": "x"}, "wrong_type"),
        ("description", None, "wrong_type"),
        ("priority", "high", "unknown_field"),
        ("number", "KLZ-AAAA-AAAA", "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_writes_nothing(
    alice: Person, field: str, value: object, code: str
) -> None:
    client = alice.signed_in()
    before = everything()
    answer = open_ticket(client, **{field: value})
    assert (answer.status, answer.field_codes) == (422, {f"#/{field}": code})
    assert everything() == before


def test_an_empty_form_is_told_all_it_lacks(alice: Person) -> None:
    answer = alice.signed_in().post("/api/tickets", {}, idempotency_key="k")
    assert answer.field_codes == {
        "#/department": "required",
        "#/subject": "required",
        "#/description": "required",
    }


def test_who_lacks_the_permission_opens_none(bob: Person) -> None:
    assert open_ticket(bob.signed_in()).code == "not_allowed"
    assert not items("Ticket") and not items("Email")


def test_a_visitor_opens_none(visitor: Client) -> None:
    assert open_ticket(visitor).code == "not_signed_in"


def test_a_number_that_is_taken_is_drawn_anew_by_trying_again(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = alice.signed_in()
    monkeypatch.setattr("chalicelib.tickets.actions._new_number", lambda: "KLZ-2222-2222")
    assert open_ticket(client, "k1").status == 201
    answer = open_ticket(client, "k2")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "unavailable", "1")
    monkeypatch.undo()
    assert open_ticket(client, "k2").status == 201
    assert len(items("Ticket")) == 2


def test_it_is_on_record_without_its_text(alice: Person) -> None:
    ticket_id = opened(alice.signed_in())
    (event,) = items("AuditEvent")
    assert (event["event"], event["about"]) == ("user:ticket:opened", ticket_id)
    assert NO_MAIL["subject"] not in repr(event)


def test_all_of_it_is_one_transaction(alice: Person, calls: Calls) -> None:
    client = alice.signed_in()
    calls.taken()
    open_ticket(client)
    assert calls.taken() == ["GetItem", "BatchGetItem", "TransactWriteItems"]
