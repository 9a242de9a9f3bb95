"""Another password: for who knows the current one, or reads the mailbox."""

from datetime import datetime, timedelta

from chalicelib import audit, hashing, limits, sealing
from chalicelib.accounts import repository as accounts
from chalicelib.audit import Event
from chalicelib.keys import normalised_email
from chalicelib.mail import actions as mail
from chalicelib.passwords import repository
from chalicelib.passwords.forms import AskForReset, ChangePassword, CompleteReset
from chalicelib.passwords.repository import PasswordReset
from chalicelib.problems import Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.sessions import actions as sessions
from chalicelib.sign_in import actions as sign_in
from chalicelib.table import commit
from chalicelib.timestamps import epoch
from chalicelib.tokens import digest, new_id, new_token

RESET_LASTS = timedelta(minutes=30)


def change_password(by: SignedIn, form: ChangePassword, now: datetime) -> sessions.NewSession:
    """Replace the password; every other session ends, this one is renewed, and a notice is mailed.

    Raises validation_failed at #/current when that is wrong, and too_many_attempts.
    """
    known = sign_in.prove_password(by, form.current, "#/current", now)
    new = sessions.begin_anew(by, by.session_generation + 1, now)
    changed_meanwhile = validation_failed(sign_in.wrong_password("#/current"))
    commit(
        [
            accounts.set_password(
                known.email, hashing.hashed(form.new), instead_of=known.password_hash
            ).or_else(changed_meanwhile),
            accounts.end_other_sessions(by.user_id, by.session_generation),
            *new.writes,
            *mail.send_password_changed(f"USER#{by.user_id}", by.email, by.language, by.name, now),
            audit.of_user(Event.USER_PASSWORD_CHANGED, by.user_id, now),
        ]
    )
    return new


def ask_for_reset(form: AskForReset, address: str, now: datetime) -> None:
    """Mail a reset link to an address that has an account; for any other the same calls write as much, for nobody.

    Raises too_many_attempts.
    """
    limits.charge("mail_per_address", address, now)
    limits.charge("mail_per_addressee", normalised_email(form.email), now)
    known = accounts.sign_in_address(form.email)
    token = new_token()
    user_id = known.user_id if known else f"nobody-{new_id(now)}"
    reset = PasswordReset(
        digest=digest(token),
        user_id=user_id,
        email=form.email,
        language=form.language,
        password_hash=known.password_hash if known else "",
        expires_at=epoch(now + RESET_LASTS),
    )
    owner = f"USER#{user_id}"
    sealed = sealing.seal(token, owner=owner)
    if known:
        letter = mail.send_password_reset(owner, known.email, form.language, sealed, now)
    else:
        letter = [repository.no_mail(reset, sealed)]
    commit(
        [
            repository.new_reset(reset),
            *letter,
            audit.of_user(Event.VISITOR_PASSWORD_RESET_REQUESTED, user_id, now, actor=audit.VISITOR),
        ]
    )


def complete_reset(form: CompleteReset, address: str, now: datetime) -> None:
    """Set the password that a reset link's bearer chooses, once; every session ends, and a notice is mailed.

    Raises not_found for a token that never was, link_expired for one that is used, too old, or
    older than the password that it would replace, and too_many_attempts.
    """
    limits.charge("link_per_address", address, now)
    reset = repository.reset(digest(form.token), now)
    user = accounts.user(reset.user_id)
    if user is None:
        raise Problem("not_found")
    commit(
        [
            repository.use_reset(reset.digest, now),
            accounts.set_password(
                reset.email, hashing.hashed(form.new), instead_of=reset.password_hash
            ).or_else(Problem("link_expired")),
            accounts.end_all_sessions(reset.user_id),
            *mail.send_password_changed(
                f"USER#{reset.user_id}", user["email"], user["language"], user["name"], now
            ),
            audit.of_user(Event.USER_PASSWORD_RESET, reset.user_id, now),
        ]
    )
