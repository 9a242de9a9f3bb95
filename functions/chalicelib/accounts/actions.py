"""Opening an account: anybody may ask, only the owner of the mailbox gets one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import audit, hashing, limits, sealing
from chalicelib.accounts import repository
from chalicelib.accounts.forms import ChangeMe, ConfirmAddress, Register
from chalicelib.accounts.repository import AccountName, Registration
from chalicelib.audit import Event
from chalicelib.keys import normalised_email
from chalicelib.mail import actions as mail
from chalicelib.problems import Problem
from chalicelib.request import SignedIn
from chalicelib.sessions import actions as sessions
from chalicelib.table import commit
from chalicelib.timestamps import epoch
from chalicelib.tokens import digest, new_id, new_token
from chalicelib.users import repository as users
from chalicelib.words import _

REGISTRATION_LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class OpenedAccount:
    """What a confirmation made."""

    registration: Registration
    session: sessions.NewSession


def register(form: Register, address: str, now: datetime) -> None:
    """Send the link that confirms an address; or, to an address that has an account, a mail that says so.

    Nobody who watches can tell the two apart: the same answer after the same calls. Raises too_many_attempts.
    """
    limits.charge("mail_per_address", address, now)
    limits.charge("mail_per_addressee", normalised_email(form.email), now)
    known = repository.sign_in_address(form.email)
    token = new_token()
    registration = Registration(
        digest=digest(token),
        user_id=new_id(now),
        account_id=new_id(now),
        name=form.name,
        email=form.email,
        language=form.language,
        expires_at=epoch(now + REGISTRATION_LASTS),
    )
    user_id = known.user_id if known else registration.user_id
    owner = f"USER#{user_id}"
    sealed = sealing.seal(token, owner=owner)  # Either way, so that the calls are the same.
    if known:
        letter = mail.send_account_exists(owner, known.email, form.language, now)
    else:
        letter = mail.send_confirm_address(owner, form.email, form.language, form.name, sealed, now)
    event = audit.of_user(
        Event.VISITOR_REGISTRATION_STARTED,
        user_id,
        now,
        actor=audit.VISITOR,
        about=registration.user_id,
    )
    # Kept of a known address too, though its link reaches nobody: as many writes, as much time.
    commit([repository.new_registration(registration), *letter, event])


def confirm_address(form: ConfirmAddress, address: str, now: datetime) -> OpenedAccount:
    """Make the account, its owner and their first session, in one transaction, once.

    Raises not_found for a token that never was, link_expired for one that is used or too old,
    already_exists when the address got an account meanwhile, and too_many_attempts.
    """
    limits.charge("link_per_address", address, now)
    registration = repository.registration(digest(form.token), now)
    user_id, account_id = registration.user_id, registration.account_id
    taken = Problem(
        "already_exists", words=_("There is an account with this address already. Sign in with its password.")
    )
    session = sessions.begin(user_id, account_id, now)
    commit(
        [
            repository.use_registration(registration.digest, now),
            repository.claim_address(
                registration.email, user_id, account_id, hashing.hashed(form.password)
            ).or_else(taken),
            repository.new_user(user_id, registration.name, registration.email, registration.language, now),
            repository.new_account(account_id, registration.name, now),
            users.new_membership(account_id, user_id, now, is_owner=True),
            *session.writes,
            audit.of_account(Event.USER_ACCOUNT_OPENED, account_id, now, actor=user_id, about=account_id),
        ]
    )
    return OpenedAccount(registration, session)


def accounts_of(by: SignedIn) -> list[AccountName]:
    """The accounts that a user may choose from; the chosen one is among them though its index entry may be late."""
    accounts = repository.named(users.account_ids_of(by.user_id))
    if by.account_id and by.account_id not in [account.id for account in accounts]:
        accounts.append(AccountName(by.account_id, by.account_name))
    return accounts


def change_me(by: SignedIn, form: ChangeMe, now: datetime) -> None:
    """Change the name or the language of the user who is signed in."""
    changes = form.model_dump(exclude_none=True)
    if not changes:
        return
    commit(
        [
            repository.change_user(by.user_id, changes),
            audit.of_user(Event.USER_PROFILE_CHANGED, by.user_id, now),
        ]
    )
