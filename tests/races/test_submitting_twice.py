"""Submitting twice, or fifty times (trust.md, 37): one ticket, one mail, and one answer for all."""

from collections import Counter

import pytest

from tests.client import Answer, Client
from tests.conftest import Person, items
from tests.mailbox import Mailbox
from tests.races.racing import at_once, without
from tests.tickets.conversations import open_ticket

pytestmark = pytest.mark.xdist_group("ministack")

THREADS = 50
IS_NEW = "chalicelib.tickets.repository.IS_NEW"


def race(alice: Person, *descriptions: str) -> list[Answer]:
    cookies = alice.signed_in().cookies

    def submit(place: int) -> Answer:
        description = descriptions[place % len(descriptions)]
        return open_ticket(Client(cookies=dict(cookies)), "the-key", description=description)

    return at_once(THREADS, submit)


def is_one(answers: list[Answer]) -> bool:
    kept = [items(entity) for entity in ("Ticket", "TicketNumber", "TicketMessage", "Email", "AuditEvent")]
    return (
        {answer.status for answer in answers} == {201}
        and len({answer.text for answer in answers}) == 1
        and all(len(found) == 1 for found in kept)
        and len(Mailbox().collect()) == 1
    )


def test_fifty_submits_of_one_key_are_one_ticket(alice: Person) -> None:
    assert is_one(race(alice, "one text"))


def test_without_the_condition_they_are_not(alice: Person) -> None:
    with without((IS_NEW, None)):
        answers = race(alice, "one text")
    assert {answer.status for answer in answers} == {201}
    assert not is_one(answers) and len(items("TicketNumber")) > 1


def test_of_two_contents_under_one_key_the_first_wins_and_the_other_is_told(alice: Person) -> None:
    answers = race(alice, "one text", "another text")
    assert Counter((answer.status, answer.code) for answer in answers) == {
        (201, ""): THREADS // 2,
        (409, "key_reused"): THREADS // 2,
    }
    assert len({answer.text for answer in answers if answer.status == 201}) == 1
    assert len(items("Ticket")) == len(items("Email")) == 1


def test_fifty_keys_are_fifty_tickets(alice: Person) -> None:
    cookies = alice.signed_in().cookies
    answers = at_once(THREADS, lambda place: open_ticket(Client(cookies=dict(cookies)), f"k{place}"))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["number"] for answer in answers}) == len(items("Ticket")) == THREADS
