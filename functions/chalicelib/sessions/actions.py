"""Signing in and out, and who a request is from."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import audit, cookies, hashing, limits
from chalicelib.accounts import repository as accounts
from chalicelib.fields import View, field_error
from chalicelib.keys import normalised_email
from chalicelib.problems import FieldError, Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.sessions import repository
from chalicelib.sessions.forms import ChooseAccount, Elevate, SignIn
from chalicelib.sessions.repository import LASTS, SEEN_EVERY, Session
from chalicelib.table import Write, commit, write
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import digest, new_token

# Signing in counts as elevation this long; a later sensitive step asks again.
ELEVATION_LASTS = timedelta(minutes=10)


class SessionTimes(View):
    """What a page may know of a session: RFC 3339 times."""

    created_at: str
    expires_at: str
    elevated_until: str


@dataclass(frozen=True)
class NewSession:
    """A session about to begin: the writes that keep it, and the cookies that carry its token."""

    session: Session
    writes: tuple[Write, ...]
    cookies: tuple[str, ...]

    @property
    def times(self) -> SessionTimes:
        """Its times, to show."""
        return SessionTimes(
            created_at=rfc3339(self.session.created_at),
            expires_at=rfc3339(self.session.expires_at),
            elevated_until=rfc3339(self.session.elevated_until),
        )


def begin(user_id: str, account_id: str, now: datetime, *, generation: int = 0) -> NewSession:
    """A fresh session, with a fresh token (OWASP ASVS 5.0, 7.2.4)."""
    token = new_token()
    session = Session(
        digest(token), user_id, account_id, now, now, now + ELEVATION_LASTS, now + LASTS, generation
    )
    return _kept(session, token)


def begin_anew(by: SignedIn, generation: int, now: datetime) -> NewSession:
    """A fresh session of somebody who proved once more who they are, in the place of the one that they have.

    Its writes raise not_signed_in when that one is over by now.
    """
    return _instead_of(by, begin(by.user_id, by.account_id, now, generation=generation))


def _renewed(by: SignedIn, generation: int, now: datetime) -> NewSession:
    """The same session under a fresh token: nothing was proved, so it gains neither time nor elevation."""
    token = new_token()
    session = Session(
        digest(token),
        by.user_id,
        by.account_id,
        now,
        now,
        by.elevated_until,
        by.session_expires_at,
        generation,
    )
    return _instead_of(by, _kept(session, token))


def _kept(session: Session, token: str) -> NewSession:
    seconds = int((session.expires_at - session.created_at).total_seconds())
    return NewSession(session, (repository.new_session(session),), cookies.begin(token, seconds))


def _instead_of(by: SignedIn, new: NewSession) -> NewSession:
    return replace(new, writes=(repository.renew_session(by.session_digest), *new.writes))


def sign_in(form: SignIn, address: str, old_token: str, now: datetime) -> NewSession:
    """Start a session; the one that the browser still had ends.

    An unknown address costs the same calls and one argon2 verification, and is refused in the same words.
    Raises sign_in_failed and too_many_attempts.
    """
    limits.charge("sign_in_per_address", address, now)
    limits.charge("sign_in_per_email", normalised_email(form.email), now)
    known = accounts.sign_in_address(form.email)
    if not hashing.is_right(form.password, known.password_hash if known else None) or known is None:
        raise Problem("sign_in_failed")
    new = begin(known.user_id, known.account_id, now, generation=known.generation)
    ended = [repository.end_session(digest(old_token))] if old_token else []
    changed_meanwhile = Problem("sign_in_failed")
    if hashing.is_outgrown(known.password_hash):
        unchanged = accounts.rehash_password(known, hashing.hashed(form.password)).or_else(changed_meanwhile)
    else:
        unchanged = accounts.password_is_still(known).or_else(changed_meanwhile)
    commit([unchanged, *ended, *new.writes, _audited(audit.Event.USER_SESSION_STARTED, known.user_id, now)])
    return new


def authorise(token: str, now: datetime) -> SignedIn:
    """Who a request is from, in two consistent round trips: the session; then user, membership and account.

    Raises not_signed_in for a session that is missing, idle, expired, or of an earlier generation than its user's.
    A user whom the account has lost stays signed in, with no account and no permission.
    """
    session = repository.session(token) if token else None
    if session is None or not session.is_live(now):
        raise Problem("not_signed_in")
    user, membership, account = repository.who(session)
    if user is None or session.generation != user["generation"]:
        raise Problem("not_signed_in")
    if now - session.last_seen > SEEN_EVERY:
        write(repository.seen(session.digest, now).or_else(Problem("not_signed_in")))
    belongs = membership is not None and account is not None
    return SignedIn(
        user_id=session.user_id,
        name=user["name"],
        email=user["email"],
        language=user["language"],
        account_id=session.account_id if belongs else "",
        account_name=account["name"] if belongs and account else "",
        is_owner=bool(membership and belongs and membership["role"] == accounts.OWNER_ROLE),
        permissions=frozenset(membership["permissions"]) if membership and belongs else frozenset(),
        session_digest=session.digest,
        session_generation=session.generation,
        session_expires_at=session.expires_at,
        elevated_until=session.elevated_until,
    )


def choose_account(by: SignedIn, form: ChooseAccount, now: datetime) -> None:
    """Act on another account of the user's, now and at the next sign-in.

    Raises not_found for an account that is not the user's, or none.
    """
    commit(
        [
            accounts.is_member(form.account, by.user_id).or_else(Problem("not_found")),
            repository.choose_account(by.session_digest, form.account).or_else(Problem("not_signed_in")),
            accounts.open_next(by.email, form.account),
            audit.record(
                audit.Event.USER_ACCOUNT_CHOSEN,
                f"USER#{by.user_id}",
                actor=by.user_id,
                about=form.account,
                now=now,
            ),
        ]
    )


def elevate(by: SignedIn, form: Elevate, now: datetime) -> NewSession:
    """Renew the session of a user who proves once more who they are. Raises validation_failed, too_many_attempts."""
    prove_password(by, form.password, "#/password", now)
    new = begin_anew(by, by.session_generation, now)
    commit(
        [
            accounts.session_still_counts(by.user_id, by.session_generation),
            *new.writes,
            _audited(audit.Event.USER_SESSION_ELEVATED, by.user_id, now),
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


def sign_out(by: SignedIn, now: datetime) -> tuple[str, ...]:
    """End the session; returns the cookies that say so."""
    commit(
        [
            repository.end_session(by.session_digest),
            _audited(audit.Event.USER_SESSION_ENDED, by.user_id, now),
        ]
    )
    return cookies.end()


def end_other_sessions(by: SignedIn, now: datetime) -> NewSession:
    """End every session of a user but this one, which is renewed."""
    new = _renewed(by, by.session_generation + 1, now)
    commit(
        [
            accounts.end_other_sessions(by.user_id, by.session_generation),
            accounts.count_generation(by.email),
            *new.writes,
            _audited(audit.Event.USER_SESSIONS_ENDED, by.user_id, now),
        ]
    )
    return new


def _audited(event: audit.Event, user_id: str, now: datetime) -> Write:
    return audit.record(event, f"USER#{user_id}", actor=user_id, about=user_id, now=now)
