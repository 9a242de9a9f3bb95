"""What happened, on record: one event a change, in the transaction that makes the change."""

from datetime import datetime
from enum import StrEnum

from chalicelib import keys, table
from chalicelib.request import SignedIn
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import new_id

# Who has no user yet, or did not say who they are.
VISITOR = "visitor"


class Event(StrEnum):
    """The closed list, as `subject:object:action`."""

    VISITOR_REGISTRATION_STARTED = "visitor:registration:started"
    VISITOR_PASSWORD_RESET_REQUESTED = "visitor:password:reset_requested"
    USER_ACCOUNT_OPENED = "user:account:opened"
    USER_ACCOUNT_CHOSEN = "user:account:chosen"
    USER_SECOND_FACTOR_AWAITED = "user:second_factor:awaited"
    USER_SESSION_STARTED = "user:session:started"
    USER_SESSION_ELEVATED = "user:session:elevated"
    USER_SESSION_ENDED = "user:session:ended"
    USER_SESSIONS_ENDED = "user:sessions:ended"
    USER_PROFILE_CHANGED = "user:profile:changed"
    USER_PASSWORD_CHANGED = "user:password:changed"
    USER_PASSWORD_RESET = "user:password:reset"
    USER_TWO_FACTOR_BEGUN = "user:two_factor:begun"
    USER_TWO_FACTOR_ENABLED = "user:two_factor:enabled"
    USER_TWO_FACTOR_DISABLED = "user:two_factor:disabled"
    USER_RECOVERY_CODES_RENEWED = "user:recovery_codes:renewed"
    USER_RECOVERY_CODE_USED = "user:recovery_code:used"
    USER_INVITATION_SENT = "user:invitation:sent"
    USER_INVITATION_RESENT = "user:invitation:resent"
    USER_INVITATION_REVOKED = "user:invitation:revoked"
    USER_INVITATION_ACCEPTED = "user:invitation:accepted"
    USER_PERMISSIONS_CHANGED = "user:permissions:changed"
    USER_MEMBERSHIP_REMOVED = "user:membership:removed"
    USER_CONTACT_ADDED = "user:contact:added"
    USER_CONTACT_CHANGED = "user:contact:changed"
    USER_CONTACT_REMOVED = "user:contact:removed"
    USER_CONTACT_RESTORED = "user:contact:restored"
    USER_TICKET_OPENED = "user:ticket:opened"
    USER_TICKET_ANSWERED = "user:ticket:answered"
    USER_TICKET_CLOSED = "user:ticket:closed"


def of_user(event: Event, user_id: str, now: datetime, *, actor: str = "", about: str = "") -> table.Write:
    """Record an event of a user's own; who did it and what it was done to are they themselves, unless said."""
    return _recorded(event, f"USER#{user_id}", now, actor=actor or user_id, about=about or user_id)


def by_user(event: Event, by: SignedIn, about: str, now: datetime) -> table.Write:
    """Record what a user who is signed in did to something of their account; takes that thing's id."""
    return of_account(event, by.account_id, now, actor=by.user_id, about=about)


def of_account(event: Event, account_id: str, now: datetime, *, actor: str, about: str) -> table.Write:
    """Record an event of an account: takes the id of the user who did it, and of what it was done to."""
    return _recorded(event, f"ACCOUNT#{account_id}", now, actor=actor, about=about)


def _recorded(event: Event, owner_pk: str, now: datetime, *, actor: str, about: str) -> table.Write:
    """The write that records an event, by ids alone: no address, text, token or secret."""
    event_id = new_id(now)
    return table.put(
        {
            **keys.audit(owner_pk, event_id),
            "entity": "AuditEvent",
            "version": 1,
            "event": str(event),
            "actor": actor,
            "about": about,
            "at": rfc3339(now),
        }
    )
