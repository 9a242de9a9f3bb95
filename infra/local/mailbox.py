"""The mails that were sent here, kept as files, so that /_local/mail can show them over restarts.

SES's double keeps them too, but without their headers; and the Email item forgets its token once it is sent.
"""

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from chalicelib.mail.repository import Email
from chalicelib.timestamps import rfc3339
from chalicelib.words import LANGUAGE_TAGS

_LANGUAGES = {tag: language for language, tag in LANGUAGE_TAGS.items()}


@dataclass(frozen=True)
class SentMail:
    """A mail as its addressee gets it."""

    to: str
    subject: str
    language: str
    kind: str
    text: str
    html: str
    sent_at: str


class Mailbox:
    """Every mail that left, in a folder, one JSON file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, email: Email, message: EmailMessage) -> None:
        """Keep a mail; a second copy takes the place of the first, as its reference is the same."""
        mail = SentMail(
            to=email.to,
            subject=str(message["Subject"]),
            language=_LANGUAGES[str(message["Content-Language"])],
            kind=email.kind,
            text=_part(message, "plain"),
            html=_part(message, "html"),
            sent_at=rfc3339(datetime.now(UTC)),
        )
        path = self.folder / f"{email.reference}.json"
        unfinished = path.with_suffix(".part")  # A reader never meets half a file.
        unfinished.write_text(json.dumps(asdict(mail), ensure_ascii=False, indent=2), "utf-8")
        unfinished.replace(path)

    def newest_first(self) -> dict[str, SentMail]:
        """Every mail under its reference."""
        mails = [(path.stem, self._read(path)) for path in self.folder.glob("*.json")]
        return dict(sorted(mails, key=lambda mail: mail[1].sent_at, reverse=True))

    def _read(self, path: Path) -> SentMail:
        kept = json.loads(path.read_text("utf-8"))
        return SentMail(**{field.name: kept[field.name] for field in fields(SentMail)})


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if part else ""
