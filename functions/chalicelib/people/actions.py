"""Contacts of an account: add, change, remove, and take a removal back."""

from dataclasses import replace
from datetime import datetime

from chalicelib import audit
from chalicelib.audit import Event
from chalicelib.fields import field_error
from chalicelib.people import repository
from chalicelib.people.forms import AddContact, ChangeContact
from chalicelib.people.repository import Contact
from chalicelib.problems import Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.table import Page, commit
from chalicelib.timestamps import epoch, rfc3339
from chalicelib.tokens import new_id


def add_contact(by: SignedIn, form: AddContact, now: datetime) -> Contact:
    """Add a contact. Raises already_exists for an address that is one, limit_reached when the account is full."""
    contact = Contact(id=new_id(now), created_at=rfc3339(now), **form.model_dump())
    commit(
        [
            *repository.add(by.account_id, contact),
            audit.by_user(Event.USER_CONTACT_ADDED, by, contact.id, now),
        ]
    )
    return contact


def list_contacts(by: SignedIn, after: str | None) -> tuple[list[Contact], Page]:
    """One page of the account's contacts."""
    return repository.contacts(by.account_id, after)


def find_contact(by: SignedIn, contact_id: str) -> Contact:
    """A contact of the account. Raises not_found, also for one that was removed or is another account's."""
    contact = repository.contact(by.account_id, contact_id)
    if contact is None or contact.restorable_until is not None:
        raise Problem("not_found")
    return contact


def change_contact(by: SignedIn, contact_id: str, form: ChangeContact, now: datetime) -> Contact:
    """Change what the form names of a contact.

    Raises not_found, already_exists for an address that is one, and validation_failed for mails of a domain contact.
    """
    old = find_contact(by, contact_id)
    if old.kind == "domain" and form.categories:
        raise validation_failed(field_error("#/categories", "no_mails"))
    new = replace(old, **form.model_dump(exclude_none=True))
    if new != old:
        commit(
            [
                *repository.change(by.account_id, old, new),
                audit.by_user(Event.USER_CONTACT_CHANGED, by, new.id, now),
            ]
        )
    return new


def remove_contact(by: SignedIn, contact_id: str, now: datetime) -> None:
    """Remove a contact; it can be restored for the minutes that brand.toml sets. Raises not_found."""
    contact = find_contact(by, contact_id)
    commit(
        [
            *repository.remove(by.account_id, contact, now),
            audit.by_user(Event.USER_CONTACT_REMOVED, by, contact.id, now),
        ]
    )


def restore_contact(by: SignedIn, contact_id: str, now: datetime) -> Contact:
    """Take back a removal. Raises not_found when it is too late, already_exists and limit_reached as adding does."""
    contact = repository.contact(by.account_id, contact_id)
    if contact is None or contact.restorable_until is None or contact.restorable_until <= epoch(now):
        raise Problem("not_found")
    commit(
        [
            *repository.restore(by.account_id, contact, now),
            audit.by_user(Event.USER_CONTACT_RESTORED, by, contact.id, now),
        ]
    )
    return replace(contact, restorable_until=None)
