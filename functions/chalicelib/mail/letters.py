"""A mail as it leaves: rendered from its kind's two templates, in one language, as MIME."""

from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib import brand, links, sealing
from chalicelib.keys import normalised_email
from chalicelib.mail.repository import Email
from chalicelib.words import LANGUAGE_TAGS, catalog

if TYPE_CHECKING:
    from jinja2 import Environment

# Where a mail's button leads.
PAGES = {
    "confirm_address": "account/open-account",
    "account_exists": "account/change-password",
    "password_reset": "account/change-password",
    "password_changed": "account/change-password",
    "two_factor_enabled": "security/two-factor",
    "two_factor_disabled": "security/two-factor",
    "recovery_codes_renewed": "security/two-factor",
    "recovery_code_used": "security/two-factor",
    "invitation": "people/accept-invitation",
    "invitation_accepted": "people/permissions",
    "ticket_opened": "support/open-ticket",
}


class _Policy(EmailPolicy):
    """Python's own, but for subjects beyond ASCII: its folding loses spaces between encoded words (RFC 2047, 6.2)."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """A header as it is sent."""
        if name == "Subject" and not value.isascii():
            folded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
            return f"{name}: {folded}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def letter(email: Email, language: str, now: datetime) -> EmailMessage:
    """The mail, text and HTML, in a language of the site.

    `Auto-Submitted` keeps auto-responders from answering (RFC 3834, 5). The Message-ID is the mail's reference, so
    that a second copy is known as one; SES puts its own in that place, so the reference stands beside it too.
    """
    token = sealing.unseal(email.sealed, owner=email.key["pk"]) if email.sealed else ""
    values = {
        **email.parameters,
        "language": LANGUAGE_TAGS[language],
        "company": brand.COMPANY,
        "link": links.page(language, PAGES[email.kind], token=token),
    }
    templates = _templates(language)
    # The text template's first line is the subject.
    subject, _newline, text = templates.get_template(f"{email.kind}.txt").render(values).partition("\n")
    message = EmailMessage(policy=_Policy())
    message["From"] = formataddr((brand.COMPANY, brand.SUPPORT_EMAIL))
    message["To"] = _ascii_domain(email.to)
    message["Subject"] = subject.strip()
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{email.reference}@{brand.SUPPORT_EMAIL.rpartition('@')[2]}>"
    message["X-Entity-Ref-ID"] = email.reference
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    message.add_alternative(
        templates.get_template(f"{email.kind}.html").render({**values, "heading": subject.strip()}),
        subtype="html",
    )
    # Last: making it multipart moves every Content header that is there to the text's part.
    message["Content-Language"] = LANGUAGE_TAGS[language]
    return message


def _ascii_domain(address: str) -> str:
    """The address with its domain in IDNA, and the part before the @ as it was typed."""
    return f"{address.rpartition('@')[0]}@{normalised_email(address).rpartition('@')[2]}"


@cache
def _templates(language: str) -> "Environment":
    # Of all functions only the mail sender renders: no other's cold start shall pay for Jinja.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(catalog(language), newstyle=True)  # type: ignore[attr-defined]
    return environment
