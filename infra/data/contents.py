"""What an export carries, entity by entity, which of it is secret, and what it leaves behind and why.

A test compares this with the entities that the code writes, and with where its ciphertexts lie.
"""

from collections.abc import Mapping

from chalicelib import versions
from chalicelib.timestamps import epoch, parsed
from infra.data.lines import TypedItem
from infra.local.trouble import CannotRun

# The attributes that KMS seals, of each entity that is carried. The owner of each, KMS's encryption context, is the
# item's `pk`.
CARRIED: Mapping[str, tuple[str, ...]] = {
    "Account": (),
    "AuditEvent": (),
    "Contact": (),
    "ContactEmail": (),
    "Email": ("sealed",),
    "EmailAddress": (),
    "Invitation": (),
    "InvitationToken": (),
    "InvitationsOfDay": (),
    "InvitedMark": (),
    "Membership": (),
    "RecoveryCode": (),
    "Registration": (),
    "SearchMiss": (),
    "Ticket": (),
    "TicketMessage": (),
    "TicketNumber": (),
    "TotpCredential": ("sealed",),
    "User": (),
    "Vote": (),
    "Votes": (),
}

# What an import must not bring back, or need not.
LEFT: Mapping[str, str] = {
    "Session": "one that was ended after the export would live again: everybody signs in anew",
    "SignIn": "half of a sign-in; five minutes old at most",
    "TotpEnrolment": "belongs to a session; ten minutes old at most",
    "PasswordReset": "one that was used after the export would work again; thirty minutes old at most",
    "ResetNotMailed": "weighs as much as a mail, and says nothing",
    "Attempts": "says who tried what from which address; a day old at most",
    "Import": "what `make import` notes of its own",
    "Migration": "what `make migrate` notes of its own",
}
EXPIRED = "expired"


def reason_to_leave(item: TypedItem, began_at: str) -> str:
    """Why an item stays behind, as the manifest counts it: its entity, or that it had expired; empty for one to carry.

    Takes the moment when the export began (RFC 3339). Raises CannotRun for an entity that is not known here.
    """
    entity = entity_of(item)
    if entity in LEFT:
        return entity
    if entity not in CARRIED:
        raise CannotRun(
            f"The table holds items of '{entity}', which this release does not know: export with the release that "
            "wrote them."
        )
    expires_at = item.get("expires_at", {}).get("N")
    return EXPIRED if expires_at and int(expires_at) <= epoch(parsed(began_at)) else ""


def entity_of(item: TypedItem) -> str:
    """The entity of an item; empty where it names none."""
    return str(item.get("entity", {}).get("S", ""))


def version_of(item: TypedItem) -> int:
    """The version of an item."""
    return versions.of({name: next(iter(value.values())) for name, value in item.items()})


def place_of(item: TypedItem, attribute: str) -> str:
    """What a secret is bound to in a file: its owner, its item and its attribute, so that none opens elsewhere."""
    return "\0".join((item["pk"]["S"], item["sk"]["S"], attribute))


def is_queued_mail(item: TypedItem) -> bool:
    """Whether it is a mail that waits to be sent."""
    return entity_of(item) == "Email" and "gsi1pk" in item
