"""Sessions: begin, renew and end them, and who a request is from."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import audit, cookies
from chalicelib.accounts import repository as accounts
from chalicelib.audit import Event
from chalicelib.fields import View
from chalicelib.problems import Problem
from chalicelib.request import SignedIn
from chalicelib.sessions import repository
from chalicelib.sessions.forms import ChooseAccount
from chalicelib.sessions.repository import LASTS, SEEN_EVERY, Session
from chalicelib.table import Write, commit, write
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import digest, new_token
from chalicelib.users import repository as users

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


def begin(
    user_id: str, account_id: str, now: datetime, *, generation: int = 0, with_code: bool = False
) -> NewSession:
    """A fresh session, with a fresh token (OWASP ASVS 5.0, 7.2.4); `with_code` tells of a proved second factor."""
    token = new_token()
    session = Session(
        digest(token),
        user_id,
        account_id,
        created_at=now,
        last_seen=now,
        elevated_until=now + ELEVATION_LASTS,
        elevated_with_code=with_code,
        expires_at=now + LASTS,
        generation=generation,
    )
    return _kept(session, token)


def begin_anew(by: SignedIn, generation: int, now: datetime, *, with_code: bool = False) -> NewSession:
    """A fresh session of somebody who proved once more who they are, in the place of the one that they have.

    Its writes raise not_signed_in when that one is over by now.
    """
    new = begin(by.user_id, by.account_id, now, generation=generation, with_code=with_code)
    return _instead_of(by, new)


def renew(by: SignedIn, generation: int, now: datetime, *, with_code: bool) -> NewSession:
    """The same session under a fresh token: who it is was not proved anew, so it gains neither time nor elevation.

    `with_code` tells whether a second factor stands behind the elevation that it has.
    """
    token = new_token()
    session = Session(
        digest(token),
        by.user_id,
        by.account_id,
        created_at=now,
        last_seen=now,
        elevated_until=by.elevated_until,
        elevated_with_code=with_code,
        expires_at=by.session_expires_at,
        generation=generation,
    )
    return _instead_of(by, _kept(session, token))


def _kept(session: Session, token: str) -> NewSession:
    seconds = int((session.expires_at - session.created_at).total_seconds())
    return NewSession(session, (repository.new_session(session),), cookies.begin(token, seconds))


def _instead_of(by: SignedIn, new: NewSession) -> NewSession:
    return replace(new, writes=(repository.renew_session(by.session_digest), *new.writes))


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
    # With two-factor on, an elevation by the password alone is none, not even one from before it was switched on.
    elevation_counts = session.elevated_with_code or not user["two_factor_since"]
    return SignedIn(
        user_id=session.user_id,
        name=user["name"],
        email=user["email"],
        language=user["language"],
        account_id=session.account_id if belongs else "",
        account_name=account["name"] if belongs and account else "",
        is_owner=bool(membership and belongs and membership["is_owner"]),
        permissions=frozenset(membership["permissions"]) if membership and belongs else frozenset(),
        session_digest=session.digest,
        session_generation=session.generation,
        session_expires_at=session.expires_at,
        elevated_until=session.elevated_until if elevation_counts else session.created_at,
        elevated_with_code=session.elevated_with_code,
        two_factor_since=user["two_factor_since"],
    )


def choose_account(by: SignedIn, form: ChooseAccount, now: datetime) -> None:
    """Act on another account of the user's, now and at the next sign-in.

    Raises not_found for an account that is not the user's, or none.
    """
    commit(
        [
            users.is_member(form.account, by.user_id).or_else(Problem("not_found")),
            repository.choose_account(by.session_digest, form.account).or_else(Problem("not_signed_in")),
            accounts.open_next(by.email, form.account),
            audit.of_user(Event.USER_ACCOUNT_CHOSEN, by.user_id, now, about=form.account),
        ]
    )


def sign_out(by: SignedIn, now: datetime) -> tuple[str, ...]:
    """End the session; returns the cookies that say so."""
    commit(
        [
            repository.end_session(by.session_digest),
            audit.of_user(Event.USER_SESSION_ENDED, by.user_id, now),
        ]
    )
    return cookies.end()


def end_other_sessions(by: SignedIn, now: datetime) -> NewSession:
    """End every session of a user but this one, which is renewed."""
    new = renew(by, by.session_generation + 1, now, with_code=by.elevated_with_code)
    commit(
        [
            accounts.end_other_sessions(by.user_id, by.session_generation),
            accounts.count_generation(by.email),
            *new.writes,
            audit.of_user(Event.USER_SESSIONS_ENDED, by.user_id, now),
        ]
    )
    return new
