"""/_local/mail: the mails that were sent here, for people and for tests. It exists on this machine only."""

import html
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.words import LANGUAGE_TAGS
from infra.local.mailbox import Mailbox, SentMail

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/_local/mail"
STYLESHEET = Path(__file__).with_name("mail_page.css")

# The page itself runs and loads nothing but its stylesheet.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# A mail is shown in a frame, where it gets the styles that mails carry, and no script, form or foreign image.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'none'; frame-ancestors 'self'"
)

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


class MailPage:
    """A WSGI application for /_local/mail and what is under it."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The list as HTML, or as JSON for who asks for that; its stylesheet; or one mail's own HTML."""
        asked = environ["PATH_INFO"].removeprefix(PATH).strip("/")
        status, media_type, policy, body = HTTPStatus.OK, "text/html", PAGE_POLICY, ""
        mails = self._mailbox.newest_first()
        if not asked and "application/json" in environ.get("HTTP_ACCEPT", ""):
            media_type = "application/json"
            body = json.dumps({"items": [asdict(mail) for mail in mails.values()]}, ensure_ascii=False)
        elif not asked:
            body = _page(mails)
        elif asked == STYLESHEET.name:
            media_type, body = "text/css", STYLESHEET.read_text("utf-8")
        elif asked in mails:
            policy, body = MAIL_POLICY, f'<base target="_blank">{mails[asked].html}'
        else:
            status, body = HTTPStatus.NOT_FOUND, "<!doctype html><title>No such mail</title><p>No such mail."
        raw = body.encode()
        headers = [
            ("Content-Type", f"{media_type}; charset=utf-8"),
            ("Content-Length", str(len(raw))),
            ("Content-Security-Policy", policy),
            ("Cache-Control", "no-store"),
            ("Vary", "Accept"),
            ("X-Frame-Options", "SAMEORIGIN" if policy == MAIL_POLICY else "DENY"),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [raw]


def _page(mails: dict[str, SentMail]) -> str:
    articles = "".join(_article(reference, mail) for reference, mail in mails.items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Mails sent here</title><link rel="stylesheet" href="{PATH}/{STYLESHEET.name}">'
        '<link rel="icon" href="data:,">'
        "<main><h1>Mails sent here</h1><p>Nothing left this machine. Reload the page for newer ones.</p>"
        f"{articles or '<p>None yet.</p>'}</main></html>"
    )


def _article(reference: str, mail: SentMail) -> str:
    shown = {name: html.escape(str(value)) for name, value in asdict(mail).items()}
    moment = f"{shown['sent_at'][:10]} {shown['sent_at'][11:19]} UTC"
    tag = LANGUAGE_TAGS[mail.language]
    return (
        f'<article aria-labelledby="m-{reference}">'
        f'<h2 id="m-{reference}" lang="{tag}">{shown["subject"]}</h2>'
        f"<p>To {shown['to']} · {shown['kind']} · {shown['language']} · "
        f'<time datetime="{shown["sent_at"]}">{moment}</time></p>'
        f'<pre lang="{tag}">{_clickable(mail.text)}</pre>'
        f'<details><summary>As HTML<span class="unseen"> of {shown["subject"]}</span></summary>'
        f'<iframe title="{shown["subject"]}" src="{PATH}/{reference}" loading="lazy" '
        'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe></details></article>'
    )


def _clickable(text: str) -> str:
    """The text, inert, with its addresses as links."""
    parts, place = [], 0
    for match in _LINK.finditer(text):
        address = html.escape(match[0])
        parts += [html.escape(text[place : match.start()]), f'<a href="{address}">{address}</a>']
        place = match.end()
    return "".join([*parts, html.escape(text[place:])])
