"""The headers that every page is sent with: CloudFront and `make run` read them from build/headers.json."""

import json
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

HEADERS = {
    "Content-Security-Policy": "; ".join(
        f"{name} {sources}" for name, sources in CONTENT_SECURITY_POLICY.items()
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not no-referrer: under it a browser writes `Origin: null` on some of the site's own requests.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def on_post_build(config: MkDocsConfig) -> None:
    """Outside of site/, which is public."""
    path = Path(config.config_file_path).with_name("build") / "headers.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(HEADERS, indent=2) + "\n", "utf-8")
