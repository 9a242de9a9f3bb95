"""Everything that can be wrong, in one shape (RFC 9457): a code and data here, the words in the catalogs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice.app import ChaliceUnhandledError

from chalicelib.words import _, say

# code: (status, what the reader is told, and how to mend it)
PROBLEMS: Mapping[str, tuple[int, str]] = {
    "malformed_body": (400, _("The request could not be read. Reload the page and try again.")),
    "not_signed_in": (401, _("Sign in to go on. What you typed is kept.")),
    "sign_in_failed": (
        401,
        _("This e-mail address and password do not belong together. Check both, or reset the password."),
    ),
    "second_factor_failed": (
        401,
        _("This code is not right, or was used already. Wait for the next one in the app and enter that."),
    ),
    "not_allowed": (403, _("You have no permission for this. The owner of the account can give it to you.")),
    "elevation_required": (403, _("Confirm your password to go on.")),
    "cross_site": (403, _("This request did not come from our page. Open the page again and try there.")),
    "other_addressee": (
        403,
        _(
            "This invitation is for {invited}, and you are signed in as {you}. Sign out, and accept it as {invited}."
        ),
    ),
    "not_found": (404, _("There is no such thing here. It may have been removed.")),
    "method_not_allowed": (405, _("This cannot be done here. Reload the page and try again.")),
    "already_exists": (409, _("This is already on the account.")),
    "already_enrolled": (409, _("Two-factor authentication is on already. Reload the page to see it.")),
    "limit_reached": (409, _("The account is at its limit. Remove something you no longer need first.")),
    "key_reused": (409, _("This was sent before with other content. Send it again as a new one.")),
    "link_expired": (410, _("This link has expired or was used already. Ask for a new one.")),
    "body_too_large": (413, _("This is too much at once. Shorten the text and try again.")),
    "unsupported_media_type": (415, _("The request has a wrong type. Reload the page and try again.")),
    "validation_failed": (422, _("Some fields need your attention.")),
    "too_many_attempts": (429, _("Too many attempts. Wait {wait} and try again.")),
    "internal_error": (500, _("Something went wrong on our side. Try again; if it stays, write to support.")),
    "unavailable": (503, _("The service is busy at the moment. Nothing was lost; try again shortly.")),
}


@dataclass(frozen=True)
class FieldError:
    """One wrong field: `pointer` by RFC 6901 with a leading `#`, a code, and the words with their values."""

    pointer: str
    code: str
    words: str
    values: Mapping[str, object] = field(default_factory=dict)

    def document(self, language: str) -> dict[str, str]:
        """The error as it stands under `errors` in a problem document."""
        return {
            "pointer": self.pointer,
            "code": self.code,
            "detail": say(language, self.words, **self.values),
        }


class Problem(ChaliceUnhandledError):
    """A refusal with a code of PROBLEMS. Chalice lets it pass to the middleware, which renders it."""

    def __init__(
        self,
        code: str,
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
        words: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status, said = PROBLEMS[code]
        self.words = words or said
        self.values = values or {}
        self.errors = errors
        self.retry_after = retry_after

    def document(self, language: str, request_id: str) -> dict[str, Any]:
        """The problem document in a language; `instance` is the request id that the logs carry too."""
        wait = {"wait": _wait(language, self.retry_after)} if "{wait}" in self.words else {}
        document: dict[str, Any] = {
            "type": f"/problems/{self.code.replace('_', '-')}",
            "title": say(language, self.words, **wait, **self.values),
            "status": self.status,
            "code": self.code,
            "instance": request_id,
        }
        if self.errors:
            document["errors"] = [error.document(language) for error in self.errors]
        return document


def validation_failed(*errors: FieldError) -> Problem:
    """422, with every wrong field at once."""
    return Problem("validation_failed", errors=errors)


def _wait(language: str, seconds: int | None) -> str:
    minutes = max(1, round((seconds or 60) / 60))
    return say(language, _("{minutes} min"), minutes=minutes)
