"""The two cookies: the session's, which no script reads, and a readable one that only says that there is a session."""

from collections.abc import Mapping

from chalicelib import settings

# `__Host-` binds the cookie to this host over TLS (RFC 6265bis, 4.1.3.2); locally there is no TLS.
_SESSION = "__Host-session"
_LOCAL_SESSION = "session"
_HINT = "signed_in"


def session_token(headers: Mapping[str, str]) -> str:
    """The session's token that a request carries, or nothing.

    Read by hand: Python's SimpleCookie drops every cookie of a header in which one, whoever set it, is malformed.
    """
    for cookie in headers.get("cookie", "").split(";"):
        name, _equals, value = cookie.strip().partition("=")
        if name == _session_name():
            return value
    return ""


def begin(token: str, seconds: int) -> tuple[str, ...]:
    """The Set-Cookie values that start a session of so many seconds."""
    return (
        f"{_session_name()}={token}; HttpOnly; {_attributes(seconds)}",
        f"{_HINT}=1; {_attributes(seconds)}",
    )


def end() -> tuple[str, ...]:
    """The Set-Cookie values that end one."""
    return begin("", 0)


def _session_name() -> str:
    return _LOCAL_SESSION if settings.is_local() else _SESSION


def _attributes(seconds: int) -> str:
    secure = "" if settings.is_local() else "; Secure"
    return f"Path=/; Max-Age={seconds}; SameSite=Lax{secure}"
