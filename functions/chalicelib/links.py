"""Addresses of our own pages, for mails: built from configuration, never from a request."""

from chalicelib import settings
from chalicelib.words import DEFAULT_LANGUAGE


def page(language: str, path: str, *, token: str = "") -> str:
    """The page of an article such as `account/open-account`; a token goes into the fragment, which no server sees."""
    prefix = "" if language == DEFAULT_LANGUAGE else f"{language}/"
    fragment = f"#token={token}" if token else ""
    return f"{settings.origins()[0]}/{prefix}{path}/{fragment}"
