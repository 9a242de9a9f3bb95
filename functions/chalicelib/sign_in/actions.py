"""Signing in by password and second factor, and proving once more who one is."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib import audit, cookies, hashing, limits
from chalicelib.accounts import repository as accounts
from chalicelib.audit import Event
from chalicelib.fields import field_error
from chalicelib.keys import normalised_email
from chalicelib.problems import FieldError, Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.sessions import actions as sessions
from chalicelib.sessions import repository as kept_sessions
from chalicelib.sessions.actions import NewSession
from chalicelib.sign_in import repository
from chalicelib.sign_in.forms import Elevate, SecondFactor, SignIn
from chalicelib.table import Write, commit
from chalicelib.tokens import digest, new_token
from chalicelib.two_factor import actions as two_factor


@dataclass(frozen=True)
class Awaiting:
    """The password was right; the cookies carry the wait for a second factor."""

    cookies: tuple[str, ...]


def sign_in(form: SignIn, address: str, old_token: str, now: datetime) -> NewSession | Awaiting:
    """Start a session, in the place of the one that the browser still had; with two-factor on, await the code.

    An unknown address costs the same calls and one argon2 verification, and is refused in the same words.
    Raises sign_in_failed and too_many_attempts.
    """
    limits.charge("sign_in_per_address", address, now)
    limits.charge("sign_in_per_email", normalised_email(form.email), now)
    known = accounts.sign_in_address(form.email)
    if not hashing.is_right(form.password, known.password_hash if known else None) or known is None:
        raise Problem("sign_in_failed")
    if hashing.is_outgrown(known.password_hash):
        unchanged = accounts.rehash_password(known, hashing.hashed(form.password))
    else:
        unchanged = accounts.password_is_still(known)
    unchanged = unchanged.or_else(Problem("sign_in_failed"))
    if known.two_factor:
        token = new_token()
        waiting = repository.await_second_factor(token, known, now)
        commit([unchanged, waiting, audit.of_user(Event.USER_SECOND_FACTOR_AWAITED, known.user_id, now)])
        return Awaiting(cookies.begin_sign_in(token, int(repository.LASTS.total_seconds())))
    new = sessions.begin(known.user_id, known.account_id, now, generation=known.generation)
    commit([unchanged, *_begun(new, old_token, now)])
    return new


def finish(form: SecondFactor, token: str, address: str, old_token: str, now: datetime) -> NewSession:
    """Start the session of a sign-in whose second factor is right; it may be tried again within its limits.

    Takes the awaited sign-in's token. Raises not_signed_in when nothing is awaited (any more), too_many_attempts,
    and second_factor_failed for a wrong code as for one that is sent twice.
    """
    limits.charge("second_factor_per_address", address, now)
    awaited = repository.awaited(token, now)
    spent = two_factor.prove(awaited.user_id, form.code, now)
    if awaited.is_finished:
        # Somebody with a right code, whom the answer to the first one did not reach.
        raise Problem("not_signed_in")
    new = sessions.begin(
        awaited.user_id, awaited.account_id, now, generation=awaited.generation, with_code=True
    )
    commit(
        [
            repository.finish(awaited, now).or_else(two_factor.wrong_code()),
            *spent,
            accounts.session_still_counts(awaited.user_id, awaited.generation),
            *_begun(new, old_token, now),
        ]
    )
    return new


def elevate(by: SignedIn, form: Elevate, address: str, now: datetime) -> NewSession:
    """Renew the session of a user who proves once more who they are: by password, and by code with two-factor on.

    Raises validation_failed for a wrong password or a missing code, second_factor_failed, too_many_attempts.
    """
    if by.two_factor_since and not form.code:
        raise validation_failed(field_error("#/code", "not_a_code"))
    prove_password(by, form.password, "#/password", now)
    spent: list[Write] = []
    if by.two_factor_since and form.code:
        limits.charge("second_factor_per_address", address, now)
        spent = two_factor.prove(by.user_id, form.code, now)
    new = sessions.begin_anew(by, by.session_generation, now, with_code=bool(spent))
    commit(
        [
            *spent,
            accounts.session_still_counts(by.user_id, by.session_generation),
            *new.writes,
            audit.of_user(Event.USER_SESSION_ELEVATED, by.user_id, now),
        ]
    )
    return new


def prove_password(by: SignedIn, password: str, pointer: str, now: datetime) -> accounts.SignInAddress:
    """Check the password of somebody who is signed in; returns their address with the hash that was right.

    Raises validation_failed at the pointer when it is wrong, and too_many_attempts.
    """
    limits.charge("password_per_user", by.user_id, now)
    known = accounts.sign_in_address(by.email)
    if not hashing.is_right(password, known.password_hash if known else None) or known is None:
        raise validation_failed(wrong_password(pointer))
    return known


def wrong_password(pointer: str) -> FieldError:
    """What is said at the field of a password that is not the current one."""
    return field_error(pointer, "wrong_password")


def _begun(new: NewSession, old_token: str, now: datetime) -> list[Write]:
    """A new session, on record, in the place of the one that the browser still had."""
    ended = [kept_sessions.end_session(digest(old_token))] if old_token else []
    return [*ended, *new.writes, audit.of_user(Event.USER_SESSION_STARTED, new.session.user_id, now)]
