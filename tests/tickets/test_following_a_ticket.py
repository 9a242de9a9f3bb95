"""Following one's tickets: the list, a thread, and an answer to it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import table
from chalicelib.tickets import repository
from chalicelib.tickets.repository import Message
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import new_id
from tests.client import Answer, Client
from tests.conftest import Person, everything, items, settle
from tests.tickets.conversations import NO_MAIL, open_ticket, opened


def answer(client: Client, ticket_id: str, text: object = "And one more thing") -> Answer:
    return client.post(f"/api/tickets/{ticket_id}/messages", {"text": text})


def listed(client: Client) -> list[str]:
    return [ticket["subject"] for ticket in client.get("/api/tickets").body["items"]]


def test_the_latest_stands_first(alice: Person) -> None:
    client = alice.signed_in()
    for subject in ("first", "second", "third"):
        opened(client, subject=subject)
    assert listed(client) == ["third", "second", "first"]


def test_an_answer_brings_a_ticket_to_the_top(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client, subject="first")
    opened(client, subject="second")
    answer(client, ticket_id)
    assert listed(client) == ["first", "second"]


def test_the_list_holds_the_accounts_tickets_alone(alice: Person, charlie: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("tickets",))
    opened(alice.signed_in(), subject="Alice's")
    opened(erika.signed_in(), subject="Erika's")
    opened(charlie.signed_in(), subject="Charlie's")
    assert listed(alice.signed_in()) == listed(erika.signed_in()) == ["Erika's", "Alice's"]
    assert listed(charlie.signed_in()) == ["Charlie's"]


def test_it_is_told_in_pages_of_twenty_five(alice: Person) -> None:
    client = alice.signed_in()
    subjects = [f"ticket {place}" for place in range(27)]
    for subject in subjects:
        opened(client, subject=subject)
    first = client.get("/api/tickets").body
    second = client.get(f"/api/tickets?cursor={first['next']}").body
    told = [ticket["subject"] for ticket in first["items"] + second["items"]]
    assert (len(first["items"]), told, second["next"]) == (25, subjects[::-1], None)


def cursor_of(**key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "=",
        "%00",
        "%F0%9F%99%82",
        "W10=",
        "bnVsbA==",
        "eyJhIjoxfQ==",
        "x" * 501,
        "x" * 5000,
        base64.urlsafe_b64encode(b"[" * 300).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        cursor_of(pk="", sk="", gsi1pk="ACCOUNT#account-alice#TICKETS", gsi1sk=""),
        cursor_of(pk="TICKET#x", sk="", gsi1pk="ACCOUNT#account-alice#TICKETS", gsi1sk="2026"),
        cursor_of(pk={"S": "x"}, sk="TICKET", gsi1pk="ACCOUNT#account-alice#TICKETS", gsi1sk="2026"),
        cursor_of(pk=1, sk=2, gsi1pk="ACCOUNT#account-alice#TICKETS", gsi1sk=3),
        cursor_of(pk="TICKET#x", sk="TICKET", gsi1pk="ACCOUNT#account-alice#TICKETS"),
        cursor_of(pk="TICKET#x", sk="TICKET", gsi1pk="ACCOUNT#account-charlie#TICKETS", gsi1sk="2026"),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(alice: Person, cursor: str) -> None:
    client = alice.signed_in()
    opened(client)
    assert client.get(f"/api/tickets?cursor={cursor}").code in ("malformed_body", "not_found")


def test_another_accounts_cursor_shows_nothing_of_it(alice: Person, charlie: Person) -> None:
    theirs = charlie.signed_in()
    for place in range(26):
        opened(theirs, subject=f"Charlie's {place}")
    cursor = theirs.get("/api/tickets").body["next"]
    answer = alice.signed_in().get(f"/api/tickets?cursor={cursor}")
    assert answer.status in (400, 404) or answer.body["items"] == []


def test_a_cursor_tells_nothing_but_a_place(alice: Person) -> None:
    client = alice.signed_in()
    for place in range(26):
        opened(client, subject=f"secret {place}")
    cursor = client.get("/api/tickets").body["next"]
    assert "secret" not in cursor and "secret" not in base64.urlsafe_b64decode(cursor + "==").decode(
        "latin-1"
    )


def test_a_thread_is_told_oldest_first(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client)
    for text in ("second", "third"):
        assert answer(client, ticket_id, text).status == 201
    thread = client.get(f"/api/tickets/{ticket_id}").body
    assert [message["text"] for message in thread["messages"]] == [NO_MAIL["description"], "second", "third"]
    assert thread["updated_at"] > thread["created_at"]


def test_a_thread_of_any_length_can_be_read_and_answered(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client, description="0")
    for place in range(1, 120):
        sent = datetime.now(UTC) + timedelta(seconds=place)
        message = Message(new_id(sent), alice.name, False, str(place), rfc3339(sent))
        table.write(repository.new_message(ticket_id, message))
    thread = client.get(f"/api/tickets/{ticket_id}").body
    assert [message["text"] for message in thread["messages"]] == [str(place) for place in range(120)]
    assert answer(client, ticket_id).status == 201


def test_long_messages_do_not_hide_the_ticket(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB ends a page at 1 MB, wherever that is in the thread."""
    client = alice.signed_in()
    ticket_id = opened(client, description="0")
    for place in range(1, 5):
        answer(client, ticket_id, str(place))
    query = table.query

    def short(*arguments: object, **named: object) -> table.Page:
        return query(*arguments, **{**named, "limit": 2})  # type: ignore[arg-type]

    monkeypatch.setattr(table, "query", short)
    thread = client.get(f"/api/tickets/{ticket_id}").body
    assert [message["text"] for message in thread["messages"]] == ["0", "1", "2", "3", "4"]


def test_an_answer_opens_the_ticket_again(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client)
    table.write(table.update({"pk": f"TICKET#{ticket_id}", "sk": "TICKET"}, sets={"state": "answered"}))
    answer(client, ticket_id)
    assert client.get(f"/api/tickets/{ticket_id}").body["state"] == "open"


def test_an_answer_carries_its_author(alice: Person) -> None:
    erika = settle("erika", "Erika Nagy", "hu", account_id=alice.account_id, permissions=("tickets",))
    ticket_id = opened(alice.signed_in())
    message = answer(erika.signed_in(), ticket_id).body
    assert (message["author"], message["from_support"]) == ("Erika Nagy", False)


def test_answering_is_on_record(alice: Person) -> None:
    client = alice.signed_in()
    ticket_id = opened(client)
    answer(client, ticket_id)
    events = sorted((event["event"], event["about"]) for event in items("AuditEvent"))
    assert events == [("user:ticket:answered", ticket_id), ("user:ticket:opened", ticket_id)]


def test_another_accounts_ticket_is_as_unknown_as_none(alice: Person, charlie: Person) -> None:
    ticket_id = opened(alice.signed_in())
    client = charlie.signed_in()
    before = everything()
    theirs, nobodys = client.get(f"/api/tickets/{ticket_id}"), client.get(f"/api/tickets/{'0' * 64}")
    assert (theirs.status, theirs.text, theirs.headers) == (nobodys.status, nobodys.text, nobodys.headers)
    assert theirs.code == answer(client, ticket_id).code == "not_found"
    assert everything() == before


@pytest.mark.parametrize(
    "ticket_id", ["x", "0" * 64, "%00", "%23", "..", "%F0%9F%99%82", "x" * 400, "x" * 3000]
)
def test_an_id_of_none_is_not_found(alice: Person, ticket_id: str) -> None:
    client = alice.signed_in()
    assert client.get(f"/api/tickets/{ticket_id}").code == "not_found"
    assert answer(client, ticket_id).code == "not_found"


def test_a_public_number_is_no_id(alice: Person) -> None:
    client = alice.signed_in()
    number = open_ticket(client).body["number"]
    assert client.get(f"/api/tickets/{number}").code == "not_found"


def test_who_lacks_the_permission_reads_and_answers_none(alice: Person, bob: Person) -> None:
    ticket_id = opened(alice.signed_in())
    client = bob.signed_in()
    assert client.get("/api/tickets").code == "not_allowed"
    assert client.get(f"/api/tickets/{ticket_id}").code == "not_allowed"
    assert answer(client, ticket_id).code == "not_allowed"


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "🙂 שלום", "a\nb\n\nc", "x" * 20_000])
def test_what_was_written_is_kept_letter_by_letter(alice: Person, text: str) -> None:
    client = alice.signed_in()
    ticket_id = opened(client)
    assert answer(client, ticket_id, text).body["text"] == text
    assert client.get(f"/api/tickets/{ticket_id}").body["messages"][-1]["text"] == text


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"#/text": "required"}),
        ({"text": ""}, {"#/text": "required"}),
        ({"text": " \n "}, {"#/text": "required"}),
        ({"text": "x" * 20_001}, {"#/text": "too_long"}),
        ({"text": "x\x00"}, {"#/text": "control_characters"}),
        ({"text": "\u202ex"}, {"#/text": "control_characters"}),
        ({"text": None}, {"#/text": "wrong_type"}),
        ({"text": ["x"]}, {"#/text": "wrong_type"}),
        ({"text": "x", "from_support": True}, {"#/from_support": "unknown_field"}),
    ],
)
def test_bad_input_is_told_at_its_field_and_writes_nothing(
    alice: Person, body: object, codes: dict[str, str]
) -> None:
    client = alice.signed_in()
    ticket_id = opened(client)
    before = everything()
    refused = client.post(f"/api/tickets/{ticket_id}/messages", body)
    assert (refused.status, refused.field_codes) == (422, codes)
    assert everything() == before
    assert len(items("TicketMessage")) == 1
