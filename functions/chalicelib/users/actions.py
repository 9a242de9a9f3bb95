"""The users of an account: who they are, what each may do, and taking it away."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib import audit
from chalicelib.accounts import repository as accounts
from chalicelib.audit import Event
from chalicelib.request import SignedIn
from chalicelib.table import commit
from chalicelib.users import repository
from chalicelib.users.forms import ChangePermissions
from chalicelib.users.repository import Membership


@dataclass(frozen=True)
class User:
    """A person and their place on the account."""

    name: str
    email: str
    membership: Membership


def list_users(by: SignedIn, after: str | None) -> tuple[list[User], str | None]:
    """One page of the account's users, the owner among them, and the user after whom the next page starts."""
    memberships, page = repository.memberships(by.account_id, after)
    people = accounts.users(one.user_id for one in memberships) if memberships else []
    found = [
        User(person["name"], person["email"], membership)
        for membership, person in zip(memberships, people, strict=True)
        if person
    ]
    return found, memberships[-1].user_id if page.last_key else None


def change_permissions(by: SignedIn, user_id: str, form: ChangePermissions, now: datetime) -> list[str]:
    """Give a user these permissions and no others, from their next request on; returns them.

    Raises not_found, also for the owner, who has all.
    """
    change = repository.change_permissions(by.account_id, user_id, form.permissions)
    commit(
        [
            change,
            audit.by_user(Event.USER_PERMISSIONS_CHANGED, by, user_id, now),
        ]
    )
    return list(form.permissions)


def remove_user(by: SignedIn, user_id: str, now: datetime) -> None:
    """Let a user no longer reach the account, from their next request on. Raises not_found, also for the owner."""
    removal = repository.remove(by.account_id, user_id)
    commit(
        [
            removal,
            audit.by_user(Event.USER_MEMBERSHIP_REMOVED, by, user_id, now),
        ]
    )
