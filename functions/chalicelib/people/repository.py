"""Contact in the table, with the mark that keeps its address once per kind, and the account's count of them.

    Contact         ACCOUNT#id / CONTACT#ulid
    its mark        ACCOUNT#id / CONTACT_EMAIL#kind#normalised     claimed by the contact's id
    the counter     ACCOUNT#id / ACCOUNT, `contacts`

A removed contact keeps its item for the minutes of undo, but neither its mark nor its place in the count.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import brand, keys, table
from chalicelib.fields import field_error
from chalicelib.problems import Problem
from chalicelib.table import IS_NEW, Page, Write
from chalicelib.timestamps import epoch

UNDO = timedelta(minutes=brand.UNDO_MINUTES)

IS_ON_ACCOUNT = "attribute_exists(pk) AND attribute_not_exists(removed_at)"
IS_UNCHANGED_ON_ACCOUNT = f"{IS_ON_ACCOUNT} AND email = :email"
CAN_BE_RESTORED = "attribute_exists(removed_at) AND expires_at > :now"
MARK_IS_OURS = "contact_id = :contact"
HAS_ROOM = "contacts < :most"


@dataclass(frozen=True)
class Contact:
    """A person of an account: a `contact`, who gets mails, or a `domain` contact, who gets none."""

    id: str
    kind: str
    name: str
    email: str
    phone: str
    address: str
    city: str
    postcode: str
    categories: list[str]
    created_at: str
    restorable_until: int | None = None  # epoch seconds; only of a removed one


def contact(account_id: str, contact_id: str) -> Contact | None:
    """A contact of this account, a removed one too while it can be restored."""
    item = table.get(keys.contact(account_id, contact_id))
    return _contact(item) if item else None


def contacts(account_id: str, after: str | None) -> tuple[list[Contact], Page]:
    """One page of the account's contacts, in the order in which they were added."""
    page = table.query(
        f"ACCOUNT#{account_id}",
        sk_prefix="CONTACT#",
        after=keys.contact(account_id, after) if after else None,
    )
    found = [_contact(item) for item in page.items]
    return [one for one in found if one.restorable_until is None], page


def add(account_id: str, contact: Contact) -> list[Write]:
    """The contact, its mark, and its place in the count."""
    return [
        table.put({**keys.contact(account_id, contact.id), **_attributes(contact)}, when=IS_NEW),
        _claim_mark(account_id, contact),
        _take_place(account_id),
    ]


def change(account_id: str, old: Contact, new: Contact) -> list[Write]:
    """The attributes that differ, so that two changes at once both stay; and the mark, if the address is another."""
    before = _attributes(old)
    writes = [
        table.update(
            keys.contact(account_id, old.id),
            sets={name: value for name, value in _attributes(new).items() if value != before[name]},
            when=IS_UNCHANGED_ON_ACCOUNT,
            values={"email": old.email},
        ).or_else(Problem("not_found"))
    ]
    if keys.normalised_email(old.email) != keys.normalised_email(new.email):
        writes += [_release_mark(account_id, old), _claim_mark(account_id, new)]
    return writes


def remove(account_id: str, contact: Contact, now: datetime) -> list[Write]:
    """Mark the contact as removed, and free its mark and its place."""
    return [
        table.update(
            keys.contact(account_id, contact.id),
            sets={"removed_at": epoch(now), "expires_at": epoch(now + UNDO)},
            when=IS_UNCHANGED_ON_ACCOUNT,
            values={"email": contact.email},
        ).or_else(Problem("not_found")),
        _release_mark(account_id, contact),
        table.update(keys.account(account_id), adds={"contacts": -1}),
    ]


def restore(account_id: str, contact: Contact, now: datetime) -> list[Write]:
    """Take back a removal, if nobody took the address or the last place meanwhile."""
    return [
        table.update(
            keys.contact(account_id, contact.id),
            removes=("removed_at", "expires_at"),
            when=CAN_BE_RESTORED,
            values={"now": epoch(now)},
        ).or_else(Problem("not_found")),
        _claim_mark(account_id, contact),
        _take_place(account_id),
    ]


def _claim_mark(account_id: str, contact: Contact) -> Write:
    taken = Problem("already_exists", errors=(field_error("#/email", "already_a_contact"),))
    mark = {"entity": "ContactEmail", "version": 1, "contact_id": contact.id}
    return table.put(
        {**keys.contact_email(account_id, contact.kind, contact.email), **mark}, when=IS_NEW
    ).or_else(taken)


def _release_mark(account_id: str, contact: Contact) -> Write:
    return table.delete(
        keys.contact_email(account_id, contact.kind, contact.email),
        when=MARK_IS_OURS,
        values={"contact": contact.id},
    ).or_else(Problem("not_found"))


def _take_place(account_id: str) -> Write:
    return table.update(
        keys.account(account_id),
        adds={"contacts": 1},
        when=HAS_ROOM,
        values={"most": brand.CONTACTS_PER_ACCOUNT},
    ).or_else(Problem("limit_reached"))


def _attributes(contact: Contact) -> dict[str, Any]:
    stored = asdict(replace(contact, restorable_until=None))
    del stored["id"], stored["restorable_until"]
    return {"entity": "Contact", "version": 1, **stored}


def _contact(item: Mapping[str, Any]) -> Contact:
    return Contact(
        id=item["sk"].removeprefix("CONTACT#"),
        kind=item["kind"],
        name=item["name"],
        email=item["email"],
        phone=item["phone"],
        address=item["address"],
        city=item["city"],
        postcode=item["postcode"],
        categories=item["categories"],
        created_at=item["created_at"],
        restorable_until=item.get("expires_at"),
    )
