"""/api/tickets."""

from dataclasses import asdict

from chalicelib.fields import View
from chalicelib.routing import Answer, Call, Room
from chalicelib.tickets import actions
from chalicelib.tickets.forms import AnswerTicket, OpenTicket
from chalicelib.tickets.repository import Message, Ticket

room = Room(__name__)


class TicketView(View):
    """A ticket in a list; `number` is its public ticket ID."""

    id: str
    number: str
    department: str
    subject: str
    state: str
    created_at: str
    updated_at: str


class MessageView(View):
    """One message of a thread."""

    id: str
    author: str
    from_support: bool
    text: str
    sent_at: str


class ThreadView(TicketView):
    """A ticket with its messages, oldest first."""

    messages: list[MessageView]


class TicketList(View):
    """One page of tickets, and the cursor of the next."""

    items: list[TicketView]
    next: str | None


@room.endpoint("GET /api/tickets", needs="tickets", query=("cursor",), answers={200: TicketList})
def list_tickets(call: Call[None]) -> Answer:
    """The account's tickets, the latest first."""
    tickets, following = actions.list_tickets(call.by, call.query.get("cursor", ""))
    return Answer(200, TicketList(items=[_view(one) for one in tickets], next=following))


@room.endpoint(
    "POST /api/tickets",
    needs="tickets",
    form=OpenTicket,
    headers=("Idempotency-Key",),
    answers={201: TicketView},
    problems=("key_reused",),
)
def open_ticket(call: Call[OpenTicket]) -> Answer:
    """Open a ticket; the same Idempotency-Key never opens two."""
    ticket = actions.open_ticket(call.by, call.form, call.headers.get("idempotency-key", ""), call.now)
    return Answer(201, _view(ticket))


@room.endpoint("GET /api/tickets/{id}", needs="tickets", answers={200: ThreadView})
def read_ticket(call: Call[None]) -> Answer:
    """One ticket and its messages."""
    ticket, messages = actions.read_ticket(call.by, call.ids["id"])
    view = _view(ticket).model_dump()
    return Answer(200, ThreadView(**view, messages=[_message_view(one) for one in messages]))


@room.endpoint(
    "POST /api/tickets/{id}/messages", needs="tickets", form=AnswerTicket, answers={201: MessageView}
)
def answer_ticket(call: Call[AnswerTicket]) -> Answer:
    """Add a message to a ticket."""
    return Answer(201, _message_view(actions.answer_ticket(call.by, call.ids["id"], call.form, call.now)))


def _view(ticket: Ticket) -> TicketView:
    return TicketView(**{name: getattr(ticket, name) for name in TicketView.model_fields})


def _message_view(message: Message) -> MessageView:
    return MessageView(**asdict(message))
