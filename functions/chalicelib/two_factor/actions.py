"""Two-factor authentication: switch it on, prove a code, renew the recovery codes, switch it off.

    begin ──▶ the secret waits 10 minutes ──confirm with a first code──▶ on ──▶ prove … prove
                                                                          └──▶ disable

A code counts for the step of 30 seconds that it belongs to, and for one before and after it (RFC 6238, 5.2):

    step   N-1 │  N  │ N+1      accepted: these, if later than the last one accepted
               now
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from chalicelib import audit, brand, limits, sealing
from chalicelib.accounts import repository as accounts
from chalicelib.audit import Event
from chalicelib.fields import field_error
from chalicelib.mail import actions as mail
from chalicelib.problems import Problem
from chalicelib.request import SignedIn
from chalicelib.sessions import actions as sessions
from chalicelib.table import Write, commit
from chalicelib.timestamps import epoch, rfc3339
from chalicelib.tokens import digest, legible_code, new_id
from chalicelib.two_factor import repository
from chalicelib.two_factor.forms import ConfirmEnrolment
from chalicelib.two_factor.repository import ENROLMENT_LASTS

SECRET_LETTERS = 32  # of base32: the 160 bits that RFC 4226, 4 recommends
STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # steps; the present one is likeliest
RECOVERY_CODES = 10
RECOVERY_CODE_GROUPS = 4  # of four letters: 78 bits


@dataclass(frozen=True)
class Begun:
    """What the authenticator app needs, in three forms; and until when its first code is awaited."""

    otpauth_uri: str
    secret: str
    qr_svg: str
    expires_at: str


@dataclass(frozen=True)
class Enrolled:
    """Two-factor is on: the recovery codes, to show once, and the renewed session."""

    recovery_codes: list[str]
    since: str
    session: sessions.NewSession


@dataclass(frozen=True)
class Status:
    """Whether two-factor is on, since when (RFC 3339), and how many recovery codes are left."""

    on: bool
    since: str | None
    recovery_codes_left: int


def status(by: SignedIn) -> Status:
    """What is on for a user."""
    credential = repository.credential(by.user_id)
    if credential is None:
        return Status(on=False, since=None, recovery_codes_left=0)
    return Status(on=True, since=credential.since, recovery_codes_left=credential.recovery_codes_left)


def begin(by: SignedIn, now: datetime) -> Begun:
    """Make a secret; it counts for nothing until its first code confirms it. Raises already_enrolled."""
    import pyotp

    if by.two_factor_since:
        raise Problem("already_enrolled")
    secret = pyotp.random_base32(SECRET_LETTERS)
    sealed = sealing.seal(secret, owner=_owner(by.user_id))
    commit(
        [
            repository.begin(by.user_id, sealed, by.session_digest, now),
            audit.of_user(Event.USER_TWO_FACTOR_BEGUN, by.user_id, now),
        ]
    )
    uri = pyotp.TOTP(secret).provisioning_uri(name=by.email, issuer_name=brand.COMPANY)
    return Begun(uri, secret, _qr_svg(uri), rfc3339(now + ENROLMENT_LASTS))


def confirm(by: SignedIn, form: ConfirmEnrolment, address: str, now: datetime) -> Enrolled:
    """Switch two-factor on with the app's first code, which can't sign in any more; the session is renewed.

    Raises already_enrolled, not_found when this session began nothing, link_expired when it began too long ago,
    second_factor_failed, and too_many_attempts.
    """
    limits.charge("second_factor_per_address", address, now)
    limits.charge("second_factor_per_user", by.user_id, now)
    if by.two_factor_since:
        raise Problem("already_enrolled")
    enrolment = repository.enrolment(by.user_id)
    if enrolment is None or enrolment.session_digest != by.session_digest:
        raise Problem("not_found")
    if enrolment.expires_at <= epoch(now):
        raise Problem("link_expired")
    step = _matching_step(by.user_id, enrolment.sealed, form.code, now)
    if step is None:
        raise wrong_code()
    codes = _new_recovery_codes()
    session = sessions.renew(by, by.session_generation, now, with_code=True)
    commit(
        [
            *repository.confirm(by.user_id, enrolment, step, new_id(now), map(_hash, codes), now),
            *accounts.switch_two_factor(by, since=now),
            *session.writes,
            *mail.send_two_factor_enabled(_owner(by.user_id), by.email, by.language, by.name, now),
            audit.of_user(Event.USER_TWO_FACTOR_ENABLED, by.user_id, now),
        ]
    )
    return Enrolled(codes, rfc3339(now), session)


def prove(user_id: str, code: str, now: datetime) -> list[Write]:
    """Check a code of the app, or a recovery code, of a user who has two-factor on.

    Returns the writes that spend it, for the transaction of what it opens: of parallel uses one succeeds. Charged
    before it is checked. Raises second_factor_failed, in the same words for a wrong and a used code,
    too_many_attempts, and not_signed_in where two-factor was switched off meanwhile, so that no code is right.
    """
    limits.charge("second_factor_per_user", user_id, now)
    credential = repository.credential(user_id)
    if credential is None:
        raise Problem("not_signed_in")
    if len(code) > 6:
        return _prove_recovery_code(user_id, credential, code, now)
    step = _matching_step(user_id, credential.sealed, code, now)
    if step is None or step <= credential.last_step:
        raise wrong_code()
    return [repository.accept_step(user_id, credential, step).or_else(wrong_code())]


def renew_recovery_codes(by: SignedIn, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones are worthless. Raises not_found while two-factor is off."""
    credential = _credential(by)
    codes = _new_recovery_codes()
    old = repository.recovery_codes(by.user_id)
    renewed = repository.renew_recovery_codes(by.user_id, credential, old, new_id(now), map(_hash, codes))
    commit(
        [
            *_unless_meanwhile(renewed),
            accounts.two_factor_is_as_looked_up(by),
            *mail.send_recovery_codes_renewed(_owner(by.user_id), by.email, by.language, by.name, now),
            audit.of_user(Event.USER_RECOVERY_CODES_RENEWED, by.user_id, now),
        ]
    )
    return codes


def disable(by: SignedIn, now: datetime) -> None:
    """Switch two-factor off and forget its secret and codes. Raises not_found while it is off."""
    credential = _credential(by)
    forgotten = repository.forget(by.user_id, credential, repository.recovery_codes(by.user_id))
    commit(
        [
            *_unless_meanwhile(forgotten),
            *accounts.switch_two_factor(by, since=None),
            *mail.send_two_factor_disabled(_owner(by.user_id), by.email, by.language, by.name, now),
            audit.of_user(Event.USER_TWO_FACTOR_DISABLED, by.user_id, now),
        ]
    )


def wrong_code() -> Problem:
    """What is said of a code that is wrong, and of one that was used already."""
    return Problem("second_factor_failed", errors=(field_error("#/code", "wrong_code"),))


def _credential(by: SignedIn) -> repository.Credential:
    credential = repository.credential(by.user_id)
    if credential is None:
        raise Problem("not_found")
    return credential


def _prove_recovery_code(
    user_id: str, credential: repository.Credential, code: str, now: datetime
) -> list[Write]:
    spent = repository.spend_recovery_code(user_id, credential, _hash(code))
    user = accounts.user(user_id)
    if user is None:
        raise wrong_code()
    left = str(max(0, credential.recovery_codes_left - 1))
    notice = mail.send_recovery_code_used(
        _owner(user_id), user["email"], user["language"], user["name"], left, now
    )
    event = audit.of_user(Event.USER_RECOVERY_CODE_USED, user_id, now)
    return [*(write.or_else(wrong_code()) for write in spent), *notice, event]


def _matching_step(user_id: str, sealed: bytes, code: str, now: datetime) -> int | None:
    """The step whose code this is, of those that count now."""
    import pyotp

    totp = pyotp.TOTP(sealing.unseal(sealed, owner=_owner(user_id)), interval=STEP_SECONDS)
    present = epoch(now) // STEP_SECONDS
    steps = (present + drift for drift in DRIFT)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None)


def _new_recovery_codes() -> list[str]:
    return [legible_code(RECOVERY_CODE_GROUPS) for _code in range(RECOVERY_CODES)]


def _hash(recovery_code: str) -> str:
    """What the table keeps of a recovery code, however it was typed. It is long enough to need no slow hash."""
    return digest(recovery_code.replace("-", "").upper())


def _qr_svg(uri: str) -> str:
    """The picture that the app's camera reads, as SVG."""
    import segno

    picture = BytesIO()
    segno.make_qr(uri, error="m").save(
        picture, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff"
    )
    return picture.getvalue().decode().strip()


def _unless_meanwhile(writes: list[Write]) -> list[Write]:
    """Writes on a set of recovery codes, which another request may have replaced or spent since it was read."""
    return [write.or_else(Problem("unavailable", retry_after=1)) for write in writes]


def _owner(user_id: str) -> str:
    return f"USER#{user_id}"
