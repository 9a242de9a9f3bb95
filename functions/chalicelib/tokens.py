"""Tokens that open something, and ids that only name it."""

import hashlib
import secrets
from datetime import datetime

from ulid import ULID

TOKEN_BYTES = 32  # 256 bits; OWASP ASVS 5.0, 7.2.3 asks for 128.


def new_token() -> str:
    """A secret for a link or a cookie: URL-safe, 256 bits from the system's CSPRNG."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What the table keeps of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_id(now: datetime) -> str:
    """A ULID: unique, and in the order of time."""
    return str(ULID.from_datetime(now))
