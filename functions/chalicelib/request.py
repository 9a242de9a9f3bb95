"""What comes in: one parser for bodies, where the request is from, and who sends it."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import settings
from chalicelib.problems import Problem

LARGEST_BODY = 64 * 1024  # bytes
DEEPEST_BODY = 8  # levels; the deepest form has two


@dataclass(frozen=True)
class SignedIn:
    """Who acts: a user with a live session, on the account that the session has chosen."""

    user_id: str
    name: str
    email: str
    language: str
    account_id: str
    account_name: str
    is_owner: bool
    permissions: frozenset[str]
    session_digest: str
    session_generation: int
    session_expires_at: datetime
    elevated_until: datetime
    elevated_with_code: bool
    two_factor_since: str  # RFC 3339; empty while it is off

    def may(self, permission: str) -> bool:
        """Whether they have a permission; the owner has all."""
        return self.is_owner or permission in self.permissions


def parsed_body(raw: bytes) -> dict[str, Any]:
    """A JSON object (RFC 8259). Raises malformed_body for anything else, repeated keys and too deep nesting."""
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Problem("malformed_body") from error
    if not isinstance(body, dict) or _is_deeper(body, DEEPEST_BODY):
        raise Problem("malformed_body")
    return body


def refuse_cross_site(headers: Mapping[str, str]) -> None:
    """Let a write through only from our own pages: by Sec-Fetch-Site, or, where a browser sends none, by Origin.

    Raises cross_site.
    """
    site = headers.get("sec-fetch-site")
    ours = site == "same-origin" if site else headers.get("origin") in settings.origins()
    if not ours:
        raise Problem("cross_site")


def client_address(headers: Mapping[str, str], peer: str) -> str:
    """The address that limits count by; an IPv6 one counts by its /64.

    Takes the socket's peer, which is right where there is no CloudFront. In AWS it is the address that CloudFront
    saw, believed only with the secret that our CloudFront adds. Raises not_allowed without it.
    """
    address = peer
    if not settings.is_local():
        import hmac

        shown = headers.get("x-kalauz-edge", "").encode()
        # Each is compared, whichever it is: the time that it takes tells nothing.
        found = [hmac.compare_digest(shown, secret.encode()) for secret in settings.edge_secrets()]
        if not any(found):
            raise Problem("not_allowed")
        # `198.51.100.10:46532`, or `2001:db8::1:46532`: the port stands behind the last colon.
        address = headers.get("cloudfront-viewer-address", "").rpartition(":")[0]
    try:
        ip = ipaddress.ip_address(address.strip("[]"))
    except ValueError as error:
        raise Problem("not_allowed") from error
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip), 64), strict=False))


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a key stands twice")
    return body


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether arrays and objects are nested in more than so many levels; looks no deeper than that."""
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in parts)
