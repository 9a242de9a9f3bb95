"""Mails as a mail program sees them: what the sender hands over, parsed."""

import email
import email.policy
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage

from chalicelib.mail import actions
from chalicelib.mail.repository import Email


@dataclass
class Mailbox:
    """Takes every mail that the outbox sends, as bytes, and parses it."""

    messages: list[EmailMessage] = field(default_factory=list)

    def post(self, _queued: Email, message: EmailMessage) -> None:
        parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)

    def collect(self, now: datetime | None = None) -> list[EmailMessage]:
        """Run the sender over the outbox; every mail so far, oldest first."""
        actions.sweep(now or datetime.now(UTC), self.post)
        self.messages.sort(key=lambda message: str(message["Message-ID"]))  # ULIDs, in the order of time
        return self.messages

    def only(self) -> EmailMessage:
        """The one mail that was sent."""
        (message,) = self.collect()
        return message

    def token(self) -> str:
        """The token of the link in the newest mail."""
        found = re.search(r"#token=([\w-]+)", text_of(self.collect()[-1]))
        assert found, text_of(self.messages[-1])
        return found[1]


def text_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    """The HTML of a mail."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())
