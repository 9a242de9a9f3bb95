"""What SES tells of a mail after it took it over: that it bounced, was complained of, is delayed, was rejected.

A mail is sent with tags that name its item; SES puts them into each event. Of an event only words from SES's own
lists and the status code of the other side are kept: never an address, never a text.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib import keys
from chalicelib.keys import Key
from chalicelib.mail.repository import Feedback

OWNERS = ("ACCOUNT", "USER")

# What SES publishes once, as text, when it is told where to publish.
OF_THE_TOPIC = "Successfully validated SNS topic for Amazon SES event publishing."

# What the tags of SES may hold (API_MessageTag): ASCII letters, digits, _ and -, at most 256.
_TAG_VALUE = re.compile(r"[A-Za-z0-9_-]{1,256}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
# RFC 3463: class, subject, detail; RFC 5321, 4.2: the three digits of a reply, at the beginning of a diagnosis.
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_REPLY = re.compile(r"smtp; *([245]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?")


class Unreadable(Exception):
    """An event that is not of the kind that SES publishes, or of a mail that carries no tags of ours."""


def tags(key: Key) -> list[dict[str, str]]:
    """The tags by which SES's events name the item of a mail."""
    owner_kind, _hash, owner = key["pk"].partition("#")
    mail = key["sk"].removeprefix("EMAIL#")
    named = {"owner_kind": owner_kind, "owner": owner, "mail": mail}
    return [{"Name": name, "Value": value} for name, value in named.items()]


def read(message: str) -> Feedback | None:
    """The news in what a configuration set published, as JSON; None where they change nothing about a mail.

    Raises Unreadable.
    """
    if message == OF_THE_TOPIC:
        return None
    try:
        event = json.loads(message)
        if event["eventType"] not in _READERS:
            return None
        what, reader = _READERS[event["eventType"]]
        at, details = reader(event)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise Unreadable("a time without its zone")
        told = {name: word for name, word in details.items() if word}
        return Feedback(_key(event["mail"]["tags"]), what, moment, told)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as wrong:
        raise Unreadable(type(wrong).__name__) from wrong


def _bounced(event: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    bounce = event["bounce"]
    details = {
        "kind": _word(bounce["bounceType"]).lower(),
        "reason": _word(bounce.get("bounceSubType")),
        "status": _status(bounce.get("bouncedRecipients")),
    }
    return bounce["timestamp"], details


def _complained(event: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    complaint = event["complaint"]
    # A complaint of the suppression list has a sub-type in the place of what a mailbox provider reported.
    reason = complaint.get("complaintFeedbackType") or complaint.get("complaintSubType")
    return complaint["timestamp"], {"reason": _word(reason)}


def _delayed(event: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    delay = event["deliveryDelay"]
    details = {"reason": _word(delay.get("delayType")), "status": _status(delay.get("delayedRecipients"))}
    return delay["timestamp"], details


def _rejected(event: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    # SES's only reason is a virus in the mail, and it tells no time but that of the sending.
    return event["mail"]["timestamp"], {}


_READERS = {
    "Bounce": ("bounced", _bounced),
    "Complaint": ("complained", _complained),
    "DeliveryDelay": ("delayed", _delayed),
    "Reject": ("rejected", _rejected),
}


def _key(told: Mapping[str, Any]) -> Key:
    """The item that an event's tags name: always a mail of an account or of a user."""
    owner_kind, owner, mail = (told[name][0] for name in ("owner_kind", "owner", "mail"))
    if owner_kind not in OWNERS or not (_TAG_VALUE.fullmatch(owner) and _TAG_VALUE.fullmatch(mail)):
        raise Unreadable("tags that name no mail of ours")
    return keys.email(f"{owner_kind}#{owner}", mail)


def _word(told: Any) -> str:
    """A word of one of SES's lists; empty for anything else that may stand there."""
    return told if isinstance(told, str) and _WORD.fullmatch(told) else ""


def _status(recipients: Any) -> str:
    """What the other side answered for the one recipient of a mail, as a number."""
    recipient = recipients[0] if recipients else {}
    status = recipient.get("status")
    if isinstance(status, str) and _STATUS.fullmatch(status):
        return status
    said = _REPLY.match(str(recipient.get("diagnosticCode", "")))
    return (said[2] or said[1]) if said else ""
