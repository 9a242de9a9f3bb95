"""The headers of theme/hooks/headers.py as a ResponseHeadersPolicy of CloudFront takes them.

None is put over what an origin says itself.
"""

from collections.abc import Mapping
from typing import Any

from theme.hooks.headers import HEADERS


def config(headers: Mapping[str, str] = HEADERS) -> dict[str, Any]:
    """The policy's settings. Raises ValueError for a value that CloudFront has no setting for."""
    rest = dict(headers)
    if rest.pop("X-Content-Type-Options") != "nosniff":
        raise ValueError("X-Content-Type-Options: CloudFront says nosniff, and nothing else.")
    age_name, _equals, age = rest.pop("Strict-Transport-Security").partition("=")
    if age_name != "max-age" or not age.isdigit():
        raise ValueError("Strict-Transport-Security: only its max-age is handed on to CloudFront.")
    security: dict[str, dict[str, Any]] = {
        "ContentSecurityPolicy": {"ContentSecurityPolicy": rest.pop("Content-Security-Policy")},
        "ContentTypeOptions": {},
        "FrameOptions": {"FrameOption": rest.pop("X-Frame-Options")},
        "ReferrerPolicy": {"ReferrerPolicy": rest.pop("Referrer-Policy")},
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": int(age)},
    }
    others = [{"Header": name, "Value": value, "Override": False} for name, value in rest.items()]
    return {
        "SecurityHeadersConfig": {name: {**said, "Override": False} for name, said in security.items()},
        "CustomHeadersConfig": {"Items": others},
    }
