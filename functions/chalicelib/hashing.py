"""Passwords at rest: argon2id (RFC 9106), at the OWASP cheat sheet's parameters or more."""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1


def hashed(password: str) -> str:
    """The hash to store."""
    return _hasher().hash(_normal(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one. It costs one verification also where nothing is stored."""
    from argon2.exceptions import VerificationError

    try:
        _hasher().verify(stored or _nobodys_hash(), _normal(password))
    except VerificationError:
        return False
    return stored is not None


def is_outgrown(stored: str) -> bool:
    """Whether a hash was made with lesser parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def _normal(password: str) -> bytes:
    """One form for one password, however a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    """What an unknown address is compared with; made once a process, of nothing that can be typed."""
    import secrets

    return hashed(secrets.token_hex(32))
