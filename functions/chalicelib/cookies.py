"""The cookies: the session's, which no script reads, a readable one that only says that there is a session, one that
waits for a second factor and opens nothing else, and one by which a visitor can change a vote."""

import re
from collections.abc import Mapping

from chalicelib import settings

# `__Host-` binds the cookie to this host over TLS (RFC 6265bis, 4.1.3.2); locally there is no TLS.
_TLS_ONLY = "__Host-"
_SESSION = "session"
_SIGN_IN = "sign_in"
_HINT = "signed_in"
_VISITOR = "visitor"

# What new_token and digest write; anything else was not set by us.
_VISITOR_VALUE = re.compile(r"[A-Za-z0-9_-]{43}|[0-9a-f]{64}")


def session_token(headers: Mapping[str, str]) -> str:
    """The session's token that a request carries, or nothing."""
    return _value(headers, _SESSION)


def sign_in_token(headers: Mapping[str, str]) -> str:
    """The token of a sign-in that awaits its second factor, or nothing."""
    return _value(headers, _SIGN_IN)


def visitor(headers: Mapping[str, str]) -> str:
    """The random name of a visitor who voted from this browser, or nothing."""
    value = _value(headers, _VISITOR)
    return value if _VISITOR_VALUE.fullmatch(value) else ""


def remember_visitor(name: str, seconds: int) -> tuple[str, ...]:
    """The Set-Cookie value that lets a visitor change their vote for so many seconds."""
    return (_kept_from_scripts(_VISITOR, name, seconds),)


def begin(token: str, seconds: int) -> tuple[str, ...]:
    """The Set-Cookie values that start a session of so many seconds."""
    return (_kept_from_scripts(_SESSION, token, seconds), f"{_HINT}=1; {_attributes(seconds)}")


def begin_sign_in(token: str, seconds: int) -> tuple[str, ...]:
    """The Set-Cookie value that starts the wait for a second factor."""
    return (_kept_from_scripts(_SIGN_IN, token, seconds),)


def end_sign_in() -> tuple[str, ...]:
    """The Set-Cookie value that ends it."""
    return begin_sign_in("", 0)


def end() -> tuple[str, ...]:
    """The Set-Cookie values that end one."""
    return begin("", 0)


def _value(headers: Mapping[str, str], wanted: str) -> str:
    """Read by hand: Python's SimpleCookie drops every cookie of a header in which one, whoever set it, is malformed."""
    for cookie in headers.get("cookie", "").split(";"):
        name, _equals, value = cookie.strip().partition("=")
        if name == _name(wanted):
            return value
    return ""


def _kept_from_scripts(name: str, token: str, seconds: int) -> str:
    return f"{_name(name)}={token}; HttpOnly; {_attributes(seconds)}"


def _name(name: str) -> str:
    return name if settings.is_local() else f"{_TLS_ONLY}{name}"


def _attributes(seconds: int) -> str:
    secure = "" if settings.is_local() else "; Secure"
    return f"Path=/; Max-Age={seconds}; SameSite=Lax{secure}"
