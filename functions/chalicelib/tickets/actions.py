"""Tickets: open one, whatever the network does; read and answer them."""

import hashlib
import re
from datetime import datetime

from chalicelib import audit, brand
from chalicelib.audit import Event
from chalicelib.fields import field_error
from chalicelib.mail import actions as mail
from chalicelib.problems import Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.table import ConditionFailed, Item, commit
from chalicelib.tickets import repository
from chalicelib.tickets.forms import AnswerTicket, OpenTicket
from chalicelib.tickets.repository import Message, Ticket
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import legible_code, new_id

OPEN = "open"

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def open_ticket(by: SignedIn, form: OpenTicket, idempotency_key: str, now: datetime) -> Ticket:
    """Open a ticket and queue its acknowledgement, once per Idempotency-Key, however often it is sent.

    Raises validation_failed without a key, key_reused when the key came with other content before.
    """
    if not _KEY.fullmatch(idempotency_key):
        raise validation_failed(field_error("#/Idempotency-Key", "required"))
    moment = rfc3339(now)
    ticket = Ticket(
        id=_digest(by.user_id, by.account_id, idempotency_key),
        number=_new_number(),
        account_id=by.account_id,
        user_id=by.user_id,
        department=form.department,
        subject=form.subject,
        state=OPEN,
        created_at=moment,
        updated_at=moment,
        body_digest=_digest(form.department, form.subject, form.description),
    )
    try:
        commit(
            [
                repository.new_ticket(ticket),
                repository.claim_number(ticket).or_else(Problem("unavailable", retry_after=1)),
                repository.new_message(ticket.id, _message(by, form.description, now)),
                *mail.send_ticket_opened(
                    f"ACCOUNT#{by.account_id}",
                    by.email,
                    by.language,
                    by.name,
                    ticket.number,
                    ticket.subject,
                    now,
                ),
                audit.by_user(Event.USER_TICKET_OPENED, by, ticket.id, now),
            ]
        )
    except ConditionFailed as earlier:
        return _same(ticket, earlier.item)
    return ticket


def list_tickets(by: SignedIn, cursor: str) -> tuple[list[Ticket], str | None]:
    """One page of the account's tickets, the latest first, and the cursor of the next. Raises malformed_body."""
    return repository.tickets(by.account_id, cursor)


def read_ticket(by: SignedIn, ticket_id: str) -> tuple[Ticket, list[Message]]:
    """A ticket and its thread. Raises not_found, also for another account's."""
    ticket, messages = repository.ticket_with_messages(ticket_id)
    if ticket is None or ticket.account_id != by.account_id:
        raise Problem("not_found")
    return ticket, messages


def answer_ticket(by: SignedIn, ticket_id: str, form: AnswerTicket, now: datetime) -> Message:
    """Add the customer's message to a ticket, which support then looks at again. Raises not_found."""
    ticket = repository.ticket(ticket_id)
    if ticket is None or ticket.account_id != by.account_id:
        raise Problem("not_found")
    message = _message(by, form.text, now)
    commit(
        [
            repository.new_message(ticket_id, message),
            repository.touch(ticket_id, OPEN, now),
            audit.by_user(Event.USER_TICKET_ANSWERED, by, ticket_id, now),
        ]
    )
    return message


def _same(ticket: Ticket, item: Item | None) -> Ticket:
    """The ticket that an earlier submit with this key made. Raises key_reused when its content was another."""
    earlier = repository.from_item(item) if item else repository.ticket(ticket.id)
    if earlier is None:
        raise Problem("unavailable", retry_after=1)
    if earlier.body_digest != ticket.body_digest:
        raise Problem("key_reused")
    return earlier


def _message(by: SignedIn, text: str, now: datetime) -> Message:
    return Message(id=new_id(now), author=by.name, from_support=False, text=text, sent_at=rfc3339(now))


def _new_number() -> str:
    """A public ticket ID such as KLZ-7F3K-92QM: 39 bits, so that nobody guesses another's."""
    return f"{brand.TICKET_PREFIX}-{legible_code(2)}"


def _digest(*parts: str) -> str:
    """SHA-256 over the parts and their lengths, so that no two lists of parts look alike."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()
