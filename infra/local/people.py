"""The people of design.md, so that every page can be tried as soon as `make run` is up."""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib import hashing
from chalicelib.accounts import repository as accounts
from chalicelib.table import Write, commit
from chalicelib.tokens import new_id
from chalicelib.users import repository as users

PASSWORD = "correct horse battery staple"  # noqa: S105 - everybody shall know it.


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in, and what the terminal says of them."""

    email: str
    name: str
    language: str
    story: str


OWNER = Person("owner@example.com", "Milica Jovanović", "sr", "owns an account")
ACCOUNTANT = Person("accountant@example.com", "Szabó Eszter", "hu", "was invited to it, for its invoices")
AGENT = Person("agent@example.com", "Lucía Ibáñez", "es", "answers for the provider, and has no account")
PEOPLE = (OWNER, ACCOUNTANT, AGENT)
ACCOUNT = "Studio Lipa"


def seed() -> None:
    """Add who is missing; who is there stays as they are."""
    now = datetime.now(UTC)
    owner_id, accountant_id, account_id = new_id(now), new_id(now), new_id(now)
    _add(
        OWNER,
        owner_id,
        account_id,
        accounts.new_account(account_id, ACCOUNT, now),
        users.new_membership(account_id, owner_id, now, is_owner=True),
    )
    owner = accounts.sign_in_address(OWNER.email)
    owned = owner.account_id if owner else account_id
    _add(
        ACCOUNTANT,
        accountant_id,
        owned,
        users.new_membership(owned, accountant_id, now, permissions=["invoices"]),
    )
    _add(AGENT, new_id(now), "")


def _add(person: Person, user_id: str, account_id: str, *writes: Write) -> None:
    """The user with the address and the password, and what else makes them, unless somebody has the address."""
    if accounts.sign_in_address(person.email):
        return
    now = datetime.now(UTC)
    commit(
        [
            accounts.claim_address(person.email, user_id, account_id, hashing.hashed(PASSWORD)),
            accounts.new_user(user_id, person.name, person.email, person.language, now),
            *writes,
        ]
    )
