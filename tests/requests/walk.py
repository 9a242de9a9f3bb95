"""Every route, with a body that it takes and an id that is there: what tests that walk all of them send."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib import table
from chalicelib.people import repository as people
from chalicelib.people.repository import Contact
from chalicelib.routing import ANY_USER, ANYBODY, MAKES_A_CHANGE, Endpoint
from chalicelib.tickets import repository as tickets
from chalicelib.tickets.repository import Message, Ticket
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import new_id
from tests.client import Answer, Client, endpoints
from tests.conftest import PASSWORD, Person, settle
from tests.mailbox import Mailbox
from tests.people.contacts import VERA
from tests.tickets.conversations import NO_MAIL

ENDPOINTS = sorted(endpoints().values(), key=lambda each: (each.path, each.method))
WRITING = [each for each in ENDPOINTS if each.method in MAKES_A_CHANGE]
ANONYMOUS = [each for each in ENDPOINTS if each.needs == ANYBODY]
FOR_USERS = [each for each in ENDPOINTS if each.needs != ANYBODY]
WITH_PERMISSION = [each for each in FOR_USERS if each.needs != ANY_USER]
WITH_FORM = [each for each in ENDPOINTS if each.form]

NEW = "nova čaplja preko druge reke"
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/registrations"): {"name": "Dana", "email": "dana@example.com", "language": "sr"},
    ("POST", "/api/registrations/confirm"): {"token": "x" * 43, "password": NEW},
    ("PATCH", "/api/me"): {"name": "Alice"},
    ("POST", "/api/session"): {"email": "alice@example.com", "password": PASSWORD},
    ("POST", "/api/session/elevation"): {"password": PASSWORD},
    ("PUT", "/api/session/account"): {"account": "account-alice"},
    ("PUT", "/api/me/password"): {"current": PASSWORD, "new": NEW},
    ("POST", "/api/password-resets"): {"email": "alice@example.com", "language": "sr"},
    ("POST", "/api/password-resets/complete"): {"token": "x" * 43, "new": NEW},
    ("POST", "/api/session/second-factor"): {"code": "000000"},
    ("POST", "/api/two-factor/confirm"): {"code": "000000"},
    ("POST", "/api/invitations"): {
        "email": "dora@example.com",
        "language": "es",
        "permissions": ["invoices"],
    },
    ("POST", "/api/invitations/preview"): {"token": "x" * 43},
    ("POST", "/api/invitations/accept"): {"token": "x" * 43, "name": "Dora", "password": NEW},
    ("PATCH", "/api/users/{id}"): {"permissions": "all"},
    ("POST", "/api/contacts"): {**VERA, "email": "another@example.com"},
    ("PATCH", "/api/contacts/{id}"): {"city": "Niš"},
    ("POST", "/api/tickets"): NO_MAIL,
    ("POST", "/api/tickets/{id}/messages"): {"text": "And one more thing"},
}

# Which route mails the link that another one takes.
LINKS = {
    ("POST", "/api/registrations/confirm"): ("POST", "/api/registrations"),
    ("POST", "/api/password-resets/complete"): ("POST", "/api/password-resets"),
}


def named(endpoint: Endpoint) -> str:
    """A route's name in a list of tests."""
    return f"{endpoint.method} {endpoint.path}"


def body_of(endpoint: Endpoint) -> dict[str, Any] | None:
    """A body that a route takes."""
    return BODIES[endpoint.method, endpoint.path] if endpoint.form else None


@dataclass
class Place:
    """Alice's account with a contact, a removed one and a ticket, whose ids stand in for `{id}`."""

    alice: Person
    contact: str
    removed: str
    ticket: str

    @classmethod
    def furnished(cls, alice: Person) -> "Place":
        """Put what is there to be found into the table, as the routes would, in one transaction."""
        now = datetime.now(UTC)
        here, gone = (
            Contact(id=f"{name:0<26}", created_at=rfc3339(now), **{**VERA, "email": f"{name}@example.com"})
            for name in ("here", "gone")
        )
        ticket = Ticket(
            id="7" * 64,
            number="KLZ-7777-7777",
            account_id=alice.account_id,
            user_id=alice.id,
            department=NO_MAIL["department"],
            subject=NO_MAIL["subject"],
            state="open",
            created_at=rfc3339(now),
            updated_at=rfc3339(now),
            body_digest="",
        )
        message = Message(new_id(now), alice.name, False, NO_MAIL["description"], rfc3339(now))
        removed = people.remove(alice.account_id, gone, now)[0]
        table.commit([people.add(alice.account_id, gone)[0]])
        table.commit(
            [
                *people.add(alice.account_id, here),
                removed,
                tickets.new_ticket(ticket),
                tickets.new_message(ticket.id, message),
            ]
        )
        return cls(alice, here.id, gone.id, ticket.id)

    def path(self, endpoint: Endpoint) -> str:
        """A route's path, to something that is there."""
        if endpoint.path.endswith("/restore"):
            return endpoint.path.replace("{id}", self.removed)
        return endpoint.path.replace("{id}", self.contact if "contacts" in endpoint.path else self.ticket)


def knock(
    client: Client, endpoint: Endpoint, path: str = "", body: Any = ..., **headers: str | None
) -> Answer:
    """Call a route as its page does, or with another body."""
    sent = body_of(endpoint) if body is ... else body
    named_headers: dict[str, str | None] = {name.lower().replace("-", "_"): "k" for name in endpoint.headers}
    return client.send(endpoint.method, path or endpoint.path, sent, **{**named_headers, **headers})


def who_may(endpoint: Endpoint, alice: Person, mailbox: Mailbox) -> tuple[Client, str, dict[str, Any] | None]:
    """Somebody whom a route answers with success, its path, and the body to send: with the token of a mailed link."""
    place, body = Place.furnished(alice), body_of(endpoint)
    asking = LINKS.get((endpoint.method, endpoint.path))
    if asking and body:
        knock(Client(), endpoints()[asking])
        body = {**body, "token": mailbox.token()}
    return alice.signed_in() if endpoint.needs != ANYBODY else Client(), place.path(endpoint), body


def user_with(alice: Person, *permissions: str) -> Person:
    """A user of Alice's account with these permissions."""
    return settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=permissions)
