"""TotpEnrolment, TotpCredential and RecoveryCode in the table.

TotpEnrolment     USER#id / TOTP#PENDING    the newest secret that was begun with; 10 minutes, of one session
TotpCredential    USER#id / TOTP            the secret that counts, and the last step that was accepted
RecoveryCode      USER#id / RECOVERY#hash   deleted by its use

Secrets are sealed with their user as context. A set of recovery codes has an id, which the credential names: codes
are spent, renewed and withdrawn only while it is still the one that was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import keys, table
from chalicelib.keys import Key
from chalicelib.problems import Problem
from chalicelib.table import IS_NEW, IS_THERE, Write
from chalicelib.timestamps import epoch, rfc3339

ENROLMENT_LASTS = timedelta(minutes=10)

IS_THE_NEWEST = "sealed = :sealed"
IS_A_LATER_STEP = "sealed = :sealed AND last_step < :step"
HAS_THESE_CODES = "recovery_set = :set"


@dataclass(frozen=True)
class Enrolment:
    """A secret that waits for its first code."""

    sealed: bytes
    session_digest: str
    expires_at: int


@dataclass(frozen=True)
class Credential:
    """A secret whose codes are asked for."""

    sealed: bytes
    last_step: int  # of 30 seconds since 1970 (RFC 6238, 4.2)
    since: str
    recovery_set: str
    recovery_codes_left: int


def begin(user_id: str, sealed: bytes, session_digest: str, now: datetime) -> Write:
    """Keep a secret until its first code, in the place of one that was begun with before."""
    return table.put(
        {
            **keys.totp_enrolment(user_id),
            "entity": "TotpEnrolment",
            "version": 1,
            "sealed": sealed,
            "session_digest": session_digest,
            "expires_at": epoch(now + ENROLMENT_LASTS),
        }
    )


def enrolment(user_id: str) -> Enrolment | None:
    """What a user began with last."""
    item = table.get(keys.totp_enrolment(user_id))
    return Enrolment(item["sealed"], item["session_digest"], item["expires_at"]) if item else None


def confirm(
    user_id: str, enrolment: Enrolment, step: int, set_id: str, hashes: Iterable[str], now: datetime
) -> list[Write]:
    """Let the secret count from now on, from the step behind the one that confirmed it.

    Raises already_enrolled when one counts already, link_expired when it is no longer the newest.
    """
    codes = [_new_code(user_id, code_hash) for code_hash in hashes]
    credential = {
        **keys.totp_credential(user_id),
        "entity": "TotpCredential",
        "version": 1,
        "sealed": enrolment.sealed,
        "last_step": step,
        "since": rfc3339(now),
        "recovery_set": set_id,
        "recovery_codes_left": len(codes),
    }
    return [
        table.put(credential, when=IS_NEW).or_else(Problem("already_enrolled")),
        table.delete(
            keys.totp_enrolment(user_id), when=IS_THE_NEWEST, values={"sealed": enrolment.sealed}
        ).or_else(Problem("link_expired")),
        *codes,
    ]


def credential(user_id: str) -> Credential | None:
    """The secret that counts; None while two-factor is off."""
    item = table.get(keys.totp_credential(user_id))
    if item is None:
        return None
    return Credential(
        item["sealed"], item["last_step"], item["since"], item["recovery_set"], item["recovery_codes_left"]
    )


def accept_step(user_id: str, credential: Credential, step: int) -> Write:
    """Note the step of an accepted code, which must be a later one (RFC 6238, 5.2)."""
    return table.update(
        keys.totp_credential(user_id),
        sets={"last_step": step},
        when=IS_A_LATER_STEP,
        values={"sealed": credential.sealed, "step": step},
    )


def spend_recovery_code(user_id: str, credential: Credential, code_hash: str) -> list[Write]:
    """Delete a recovery code, which must be there, and count it."""
    return [
        table.delete(keys.recovery_code(user_id, code_hash), when=IS_THERE),
        table.update(
            keys.totp_credential(user_id),
            adds={"recovery_codes_left": -1},
            when=HAS_THESE_CODES,
            values={"set": credential.recovery_set},
        ),
    ]


def recovery_codes(user_id: str) -> list[Key]:
    """The keys of the recovery codes that are left."""
    items = table.query(f"USER#{user_id}", sk_prefix="RECOVERY#").items
    return [keys.key(item["pk"], item["sk"]) for item in items]


def renew_recovery_codes(
    user_id: str, credential: Credential, old: Iterable[Key], set_id: str, hashes: Iterable[str]
) -> list[Write]:
    """Another set of recovery codes in the place of the old one."""
    codes = [_new_code(user_id, code_hash) for code_hash in hashes]
    return [
        table.update(
            keys.totp_credential(user_id),
            sets={"recovery_set": set_id, "recovery_codes_left": len(codes)},
            when=HAS_THESE_CODES,
            values={"set": credential.recovery_set},
        ),
        *(table.delete(key) for key in old),
        *codes,
    ]


def forget(user_id: str, credential: Credential, codes: Iterable[Key]) -> list[Write]:
    """Delete the secret and its recovery codes."""
    return [
        table.delete(
            keys.totp_credential(user_id), when=HAS_THESE_CODES, values={"set": credential.recovery_set}
        ),
        *(table.delete(key) for key in codes),
    ]


def _new_code(user_id: str, code_hash: str) -> Write:
    code = {"entity": "RecoveryCode", "version": 1}
    return table.put({**keys.recovery_code(user_id, code_hash), **code}, when=IS_NEW)
