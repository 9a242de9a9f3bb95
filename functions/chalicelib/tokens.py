"""Tokens that open something, and ids that only name it."""

import hashlib
import secrets
from datetime import datetime

# Crockford's letters: nobody reads 0 for O or 1 for I over the telephone, or off a printed sheet.
LEGIBLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

TOKEN_BYTES = 32  # 256 bits; OWASP ASVS 5.0, 7.2.3 asks for 128.


def new_token() -> str:
    """A secret for a link or a cookie: URL-safe, 256 bits from the system's CSPRNG."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What the table keeps of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_id(now: datetime) -> str:
    """A ULID: unique, and in the order of time."""
    # Loading it looks up its version on the disk, which neither reading a list nor sending a mail shall pay for.
    from ulid import ULID

    return str(ULID.from_datetime(now))


def legible_code(groups: int) -> str:
    """A secret to read and type: so many groups of four letters, such as `7F3K-92QM`; 19.6 bits a group."""
    letters = "".join(secrets.choice(LEGIBLE) for _place in range(4 * groups))
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
