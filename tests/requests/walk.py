"""Every route, with a body that it takes and an id that is there: what tests that walk all of them send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import keys, table
from chalicelib.accounts import repository as accounts
from chalicelib.accounts.repository import Registration
from chalicelib.invitations import repository as invitations
from chalicelib.invitations.repository import Invitation
from chalicelib.passwords import repository as passwords
from chalicelib.passwords.repository import PasswordReset
from chalicelib.people import repository as people
from chalicelib.people.repository import Contact
from chalicelib.routing import ANY_USER, ANYBODY, MAKES_A_CHANGE, Endpoint
from chalicelib.tickets import repository as tickets
from chalicelib.tickets.repository import Message, Ticket
from chalicelib.timestamps import epoch, rfc3339
from chalicelib.tokens import digest, new_id
from tests.client import Answer, Client, endpoints
from tests.conftest import PASSWORD, Person, password_hash, settle
from tests.people.contacts import VERA
from tests.tickets.conversations import NO_MAIL
from tests.two_factor.authenticator import APP, awaited, begun, switched_on

ENDPOINTS = sorted(endpoints().values(), key=lambda each: (each.path, each.method))
WRITING = [each for each in ENDPOINTS if each.method in MAKES_A_CHANGE]
# Of those, what leaves no record of who did what: it only looks, by a token that is nobody's business but its
# bearer's and so is in the body, or nobody in particular did it.
UNRECORDED = {"/api/invitations/preview", "/api/votes", "/api/search-misses"}
CHANGING = [each for each in WRITING if each.path not in UNRECORDED]
ANONYMOUS = [each for each in ENDPOINTS if each.needs == ANYBODY]
FOR_USERS = [each for each in ENDPOINTS if each.needs != ANYBODY]
WITH_PERMISSION = [each for each in FOR_USERS if each.needs != ANY_USER]
WITH_ELEVATION = [each for each in ENDPOINTS if each.needs_elevation]
WITH_FORM = [each for each in ENDPOINTS if each.form]

NEW = "nova čaplja preko druge reke"
ARTICLE = "people/add-contact"
# The tokens of links that wait in a furnished place.
REGISTRATION, RESET, INVITATION = (letter * 43 for letter in "rpi")

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/registrations"): {"name": "Dana", "email": "dana@example.com", "language": "sr"},
    ("POST", "/api/registrations/confirm"): {"token": REGISTRATION, "password": NEW},
    ("PATCH", "/api/me"): {"name": "Alice"},
    ("POST", "/api/session"): {"email": "alice@example.com", "password": PASSWORD},
    ("POST", "/api/session/second-factor"): {"code": "of the app"},
    ("POST", "/api/session/elevation"): {"password": PASSWORD},
    ("PUT", "/api/session/account"): {"account": "account-alice"},
    ("PUT", "/api/me/password"): {"current": PASSWORD, "new": NEW},
    ("POST", "/api/password-resets"): {"email": "alice@example.com", "language": "sr"},
    ("POST", "/api/password-resets/complete"): {"token": RESET, "new": NEW},
    ("POST", "/api/two-factor/confirm"): {"code": "of the app"},
    ("POST", "/api/invitations"): {
        "email": "dora@example.com",
        "language": "es",
        "permissions": ["invoices"],
    },
    ("POST", "/api/invitations/preview"): {"token": INVITATION},
    ("POST", "/api/invitations/accept"): {"token": INVITATION, "name": "Greta", "password": NEW},
    ("PATCH", "/api/users/{id}"): {"permissions": "all"},
    ("POST", "/api/contacts"): {**VERA, "email": "another@example.com"},
    ("PATCH", "/api/contacts/{id}"): {"city": "Niš"},
    ("POST", "/api/tickets"): NO_MAIL,
    ("POST", "/api/tickets/{id}/messages"): {"text": "And one more thing"},
    ("POST", "/api/votes"): {"article": ARTICLE, "language": "sr", "helpful": False, "reason": "Too short."},
    ("POST", "/api/search-misses"): {"query": "prenos domena", "language": "sr"},
}

# What a route is asked about in its address.
QUERIES = {"GET /api/votes": f"?article={ARTICLE}"}

# Routes that want two-factor on.
WITH_TWO_FACTOR = {"DELETE /api/two-factor", "POST /api/two-factor/recovery-codes"}


def named(endpoint: Endpoint) -> str:
    """A route's name in a list of tests."""
    return f"{endpoint.method} {endpoint.path}"


def path_of(endpoint: Endpoint) -> str:
    """A route's path, with what it is asked about."""
    return endpoint.path + QUERIES.get(named(endpoint), "")


def body_of(endpoint: Endpoint) -> dict[str, Any] | None:
    """A body that a route takes."""
    if endpoint.form is None:
        return None
    body = BODIES[endpoint.method, endpoint.path]
    return {**body, "code": APP.code()} if "code" in body else body


@dataclass
class Place:
    """Alice's account with something for every route to find, whose ids stand in for `{id}`.

    A contact, a removed one, a ticket, a user, a pending invitation; and links of mails that wait for their readers.
    """

    alice: Person
    ids: Mapping[str, str]
    removed: str

    @classmethod
    def furnished(cls, alice: Person) -> "Place":
        """Put it all into the table, as the routes would."""
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
        invitation = Invitation(
            id=new_id(now),
            account_id=alice.account_id,
            account=alice.name,
            inviter_id=alice.id,
            inviter=alice.name,
            inviter_email=alice.email,
            inviter_language=alice.language,
            email="greta@example.com",
            language="hu",
            permissions=["invoices"],
            token_digest=digest(INVITATION),
            created_at=rfc3339(now),
            sent_at=rfc3339(now),
            valid_until=epoch(now + invitations.LASTS),
        )
        soon = epoch(now + timedelta(minutes=20))
        registration = Registration(
            digest(REGISTRATION), "user-heda", "account-heda", "Heda", "heda@example.com", "sr", soon
        )
        reset = PasswordReset(
            digest(RESET), alice.id, alice.email, alice.language, password_hash(), expires_at=soon
        )
        user = settle("frida", "Frida", "hu", account_id=alice.account_id, permissions=("invoices",))
        table.commit([people.add(alice.account_id, gone)[0]])
        table.commit(
            [
                *people.add(alice.account_id, here),
                people.remove(alice.account_id, gone, now)[0],
                tickets.new_ticket(ticket),
                tickets.new_message(ticket.id, message),
                *invitations.new_invitation(invitation, now),
                invitations.claim_mark(invitation, now),
                accounts.new_registration(registration),
                passwords.new_reset(reset),
            ]
        )
        ids = {"contacts": here.id, "tickets": ticket.id, "invitations": invitation.id, "users": user.id}
        return cls(alice, ids, gone.id)

    def path(self, endpoint: Endpoint) -> str:
        """A route's path, to something that is there."""
        if endpoint.path.endswith("/restore"):
            return endpoint.path.replace("{id}", self.removed)
        return path_of(endpoint).replace("{id}", self.ids.get(endpoint.path.split("/")[2], ""))


def knock(
    client: Client, endpoint: Endpoint, path: str = "", body: Any = ..., **headers: str | None
) -> Answer:
    """Call a route as its page does, or with another body."""
    sent = body_of(endpoint) if body is ... else body
    named_headers: dict[str, str | None] = {name.lower().replace("-", "_"): "k" for name in endpoint.headers}
    return client.send(endpoint.method, path or path_of(endpoint), sent, **{**named_headers, **headers})


def caller(endpoint: Endpoint, person: Person) -> Client:
    """A person's browser where a route expects it: signed out where anybody may call, with two-factor on where it
    must be, and so on. If they may call it at all, it answers with success."""
    if endpoint.path == "/api/session/second-factor":
        switched_on(person)
        return awaited(person)
    if endpoint.needs == ANYBODY:
        return Client()
    if named(endpoint) in WITH_TWO_FACTOR:
        switched_on(person)
        return person.signed_in(with_code=True)
    client = person.signed_in()
    if endpoint.path == "/api/two-factor/confirm":
        begun(person, client)
    return client


def user_with(alice: Person, *permissions: str) -> Person:
    """A user of Alice's account with these permissions."""
    return settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=permissions)


def elevated_until(client: Client, moment: datetime) -> None:
    """Let a browser's elevation end at a time."""
    session = keys.under_hash("SESSION", digest(client.cookies["session"]))
    table.write(table.update(session, sets={"elevated_until": rfc3339(moment)}))
