"""One `send_*` a mail: the writes that queue it, for the transaction of the action that causes it; and its delivery."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from time import monotonic
from typing import Any

from chalicelib import aws, keys, logs, metrics, settings
from chalicelib.accounts import repository as accounts
from chalicelib.keys import Key
from chalicelib.mail import repository
from chalicelib.mail.repository import Email, Feedback
from chalicelib.metrics import Metric
from chalicelib.table import Write
from chalicelib.tokens import new_id

Post = Callable[[Email, EmailMessage], None]
HasTime = Callable[[], bool]


def send_confirm_address(
    owner_pk: str, to: str, language: str, name: str, sealed: bytes, now: datetime
) -> list[Write]:
    """The link that confirms an address, valid for 24 hours."""
    return _queued("confirm_address", owner_pk, to, language, now, sealed, name=name)


def send_account_exists(owner_pk: str, to: str, language: str, now: datetime) -> list[Write]:
    """To an address that somebody tried to register again: you have an account already."""
    return _queued("account_exists", owner_pk, to, language, now)


def send_password_reset(owner_pk: str, to: str, language: str, sealed: bytes, now: datetime) -> list[Write]:
    """The link that resets a password, valid for 30 minutes."""
    return _queued("password_reset", owner_pk, to, language, now, sealed)


def send_password_changed(owner_pk: str, to: str, language: str, name: str, now: datetime) -> list[Write]:
    """The notice that a password was changed or reset."""
    return _queued("password_changed", owner_pk, to, language, now, name=name)


def send_two_factor_enabled(owner_pk: str, to: str, language: str, name: str, now: datetime) -> list[Write]:
    """The notice that two-factor was switched on."""
    return _queued("two_factor_enabled", owner_pk, to, language, now, name=name)


def send_two_factor_disabled(owner_pk: str, to: str, language: str, name: str, now: datetime) -> list[Write]:
    """The notice that two-factor was switched off."""
    return _queued("two_factor_disabled", owner_pk, to, language, now, name=name)


def send_recovery_codes_renewed(
    owner_pk: str, to: str, language: str, name: str, now: datetime
) -> list[Write]:
    """The notice that there are new recovery codes, and the old ones are worthless."""
    return _queued("recovery_codes_renewed", owner_pk, to, language, now, name=name)


def send_recovery_code_used(
    owner_pk: str, to: str, language: str, name: str, left: str, now: datetime
) -> list[Write]:
    """The notice that a recovery code stood in for the app, and how many are left."""
    return _queued("recovery_code_used", owner_pk, to, language, now, name=name, left=left)


def send_invitation(
    owner_pk: str, to: str, language: str, inviter: str, account: str, sealed: bytes, now: datetime
) -> list[Write]:
    """The link that makes its addressee a user of an account, valid for 7 days."""
    return _queued("invitation", owner_pk, to, language, now, sealed, inviter=inviter, account=account)


def send_invitation_accepted(
    owner_pk: str, to: str, language: str, name: str, email: str, account: str, now: datetime
) -> list[Write]:
    """The notice to who invited that the invited person is a user of the account now."""
    return _queued(
        "invitation_accepted", owner_pk, to, language, now, name=name, email=email, account=account
    )


def send_ticket_opened(
    owner_pk: str, to: str, language: str, name: str, number: str, subject: str, now: datetime
) -> list[Write]:
    """The acknowledgement of a ticket, with its public ticket ID."""
    return _queued("ticket_opened", owner_pk, to, language, now, name=name, number=number, subject=subject)


def _queued(
    kind: str,
    owner_pk: str,
    to: str,
    language: str,
    now: datetime,
    sealed: bytes | None = None,
    **parameters: str,
) -> list[Write]:
    email_id = new_id(now)
    email = Email(
        key=keys.email(owner_pk, email_id),
        kind=kind,
        to=to,
        language=language,
        parameters=parameters,
        sealed=sealed,
        reference=email_id,
    )
    return [repository.queue(email, now)]


def deliver(key: Key, now: datetime, post: Post) -> bool:
    """Send one queued mail, if it is ours to send; returns whether nothing is left to do about it.

    Takes the key of an Email item and what hands a mail over (`by_ses`). At least once: a second copy goes out only
    when SES's answer is lost, or the sender dies between it and the mark; it has the same reference.
    """
    # The API, which only queues, never loads what renders.
    from chalicelib.mail import letters

    email = repository.claim(key, now)
    if email is None:
        return True
    if email.tries > repository.TRIES:
        _tell("mail_parked", email, metrics.MAILS_PARKED, logging.ERROR)
        repository.park(key, now)
        return True
    try:
        post(email, letters.letter(email, _language(email), now))
    except Exception as fault:
        # Whatever it is (SES throttles, a template has a fault), the mail stays queued for the next sweep.
        _tell("mail_not_sent", email, metrics.MAILS_FAILED, logging.ERROR, fault)
        repository.release(email, now + repository.LEASE / 6 * email.tries)
        return False
    _tell("mail_sent", email, metrics.MAILS_SENT)
    repository.mark_sent(key, now)
    return True


def _tell(
    event: str, email: Email, counted: Metric, level: int = logging.INFO, fault: Exception | None = None
) -> None:
    tries = min(email.tries, repository.TRIES)
    logs.note(
        event,
        level=level,
        fault=fault,
        counts={counted: 1},
        kind=email.kind,
        reference=email.reference,
        tries=tries,
    )


def always() -> bool:
    """For who has no time limit."""
    return True


def sweep(now: datetime, post: Post, has_time: HasTime = always) -> int:
    """Send what is stuck in the queue while there is time; returns how many mails were looked at.

    What is left stays queued for the next sweep. Of each shard it sees the hundred oldest.
    """
    began = monotonic()
    stuck = [waiting for shard in range(repository.SHARDS) for waiting in repository.queued(shard)]
    longest = max(((now - waiting.since).total_seconds() for waiting in stuck), default=0)
    looked_at = 0
    for waiting in stuck:
        if not has_time():
            logs.note("sweep_out_of_time", level=logging.WARNING, left=len(stuck) - looked_at)
            break
        looked_at += 1
        try:
            # A sweep may last longer than a lease: each mail is claimed as of the time that it is by then.
            deliver(waiting.key, now + timedelta(seconds=int(monotonic() - began)), post)
        except Exception as fault:  # One mail must not hold up those behind it.
            reference = waiting.key["sk"].removeprefix("EMAIL#")
            logs.note("mail_not_handled", level=logging.ERROR, fault=fault, reference=reference)
    # As it was when the sweep began, told at its end: a sweep that dies tells of no queue.
    logs.note("sweep", counts={metrics.MAILS_WAITING: len(stuck), metrics.OLDEST_MAIL: max(0, longest)})
    return looked_at


def note(news: Feedback) -> None:
    """Keep with a mail what SES tells of it. News of a mail that is not there (any more) is passed over."""
    is_known = repository.note(news)
    event, level = (
        ("mail_" + news.what, logging.INFO) if is_known else ("news_of_unknown_mail", logging.WARNING)
    )
    counted = {"bounced": metrics.MAILS_BOUNCED, "complained": metrics.MAILS_COMPLAINED}.get(news.what)
    logs.note(
        event,
        level=level,
        counts={counted: 1} if counted and is_known else None,
        what=news.what,
        reference=news.key["sk"].removeprefix("EMAIL#"),
        kind=news.details.get("kind", ""),
    )


def by_ses(email: Email, message: EmailMessage) -> None:
    """Hand a mail over to SES, in AWS with the tags that its events bring back."""
    from chalicelib.mail import feedback

    configuration = settings.mail_configuration()
    reported = {"ConfigurationSetName": configuration, "Tags": feedback.tags(email.key)}
    _ses().send_raw_email(
        Source=message["From"],
        Destinations=[message["To"]],
        RawMessage={"Data": message.as_bytes()},
        **(reported if configuration else {}),
    )


def _language(email: Email) -> str:
    """The addressee's own language as it is stored now; the mail's, where nobody is stored yet."""
    user_id = email.key["pk"].removeprefix("USER#")
    user = accounts.user(user_id) if user_id != email.key["pk"] else None
    return str(user["language"]) if user else email.language


@cache
def _ses() -> Any:
    return aws.client("ses")
