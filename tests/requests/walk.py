"""Every route, with a body that it takes and an id that is there: what tests that walk all of them send."""

from dataclasses import dataclass
from typing import Any

from chalicelib.routing import ANY_USER, ANYBODY, MAKES_A_CHANGE, Endpoint

from tests.client import Answer, Client, endpoints
from tests.conftest import PASSWORD, Person, settle
from tests.people.contacts import VERA, added
from tests.tickets.conversations import NO_MAIL, opened

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
    ("POST", "/api/contacts"): {**VERA, "email": "another@example.com"},
    ("PATCH", "/api/contacts/{id}"): {"city": "Niš"},
    ("POST", "/api/tickets"): NO_MAIL,
    ("POST", "/api/tickets/{id}/messages"): {"text": "And one more thing"},
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
        """Make what is there to be found."""
        client = alice.signed_in()
        contact, removed = added(client), added(client, email="removed@example.com")
        client.delete(f"/api/contacts/{removed}")
        return cls(alice, contact, removed, opened(client))

    def path(self, endpoint: Endpoint) -> str:
        """A route's path, to something that is there."""
        if endpoint.path.endswith("/restore"):
            return endpoint.path.replace("{id}", self.removed)
        return endpoint.path.replace("{id}", self.contact if "contacts" in endpoint.path else self.ticket)


def knock(client: Client, endpoint: Endpoint, path: str = "", body: Any = ..., **headers: str | None) -> Answer:
    """Call a route as its page does, or with another body."""
    sent = body_of(endpoint) if body is ... else body
    named_headers: dict[str, str | None] = {name.lower().replace("-", "_"): "k" for name in endpoint.headers}
    return client.send(endpoint.method, path or endpoint.path, sent, **{**named_headers, **headers})


def user_with(alice: Person, *permissions: str) -> Person:
    """A user of Alice's account with these permissions."""
    return settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=permissions)
