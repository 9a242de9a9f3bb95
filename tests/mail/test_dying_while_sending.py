"""Dying while sending (trust.md, 41): every mail is delivered, and a second copy only in the one window there is.

claim ──▶ render ──▶ hand over to SES ──┬──▶ mark
                                        └ who dies here leaves a mail that was sent and looks as if it was not
"""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from chalicelib.mail import actions, letters, repository
from chalicelib.mail.repository import Email
from tests.aws_calls import Faults, Killed, fails, is_killed
from tests.conftest import Person, settle
from tests.mail.outbox import is_queued, queue, stored
from tests.mailbox import Mailbox, text_of

NOW = datetime.now(UTC)
SOON = NOW + timedelta(seconds=59)
ONCE_THE_LEASE_IS_OUT = NOW + timedelta(seconds=61)


def test_before_the_claim_nothing_has_happened(alice: Person, mailbox: Mailbox, faults: Faults) -> None:
    key = queue(alice, NOW)
    faults.meets("UpdateItem", is_killed)
    with pytest.raises(Killed):
        actions.deliver(key, NOW, mailbox.post)
    assert len(mailbox.collect(NOW)) == 1 and not is_queued(key)


def test_before_the_send_it_goes_out_once_the_lease_is_out(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, NOW)

    def killed(_queued: Email, _message: EmailMessage) -> None:
        raise Killed

    with pytest.raises(Killed):
        actions.deliver(key, NOW, killed)
    assert mailbox.collect(SOON) == []
    assert len(mailbox.collect(ONCE_THE_LEASE_IS_OUT)) == 1
    assert not is_queued(key)


def test_while_rendering_it_goes_out_once_the_lease_is_out(
    alice: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = queue(alice, NOW)

    def killed(*_arguments: object) -> EmailMessage:
        raise Killed

    monkeypatch.setattr(letters, "letter", killed)
    with pytest.raises(Killed):
        actions.deliver(key, NOW, mailbox.post)
    monkeypatch.undo()
    assert len(mailbox.collect(ONCE_THE_LEASE_IS_OUT)) == 1 and not is_queued(key)


def test_between_send_and_mark_a_second_copy_carries_the_same_reference(
    alice: Person, mailbox: Mailbox
) -> None:
    key = queue(alice, NOW)

    def sent_and_killed(queued: Email, message: EmailMessage) -> None:
        mailbox.post(queued, message)
        raise Killed

    with pytest.raises(Killed):
        actions.deliver(key, NOW, sent_and_killed)
    assert len(mailbox.collect(SOON)) == 1
    first, second = mailbox.collect(ONCE_THE_LEASE_IS_OUT)
    for header in ("Message-ID", "X-Entity-Ref-ID", "To", "Subject"):
        assert first[header] == second[header]
    assert text_of(first) == text_of(second)
    mailbox.collect(NOW + timedelta(days=1))
    assert len(mailbox.messages) == 2, "the window is the only one"


def test_after_the_mark_nothing_is_left_to_do(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, NOW)
    actions.deliver(key, NOW, mailbox.post)
    assert len(mailbox.collect(NOW + timedelta(days=1))) == 1


def test_a_mark_that_dynamodb_refuses_is_the_same_window(
    alice: Person, mailbox: Mailbox, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    key = queue(alice, NOW)
    faults.meets("UpdateItem", None, fails, fails, fails)
    with pytest.raises(Exception, match="unavailable"):
        actions.deliver(key, NOW, mailbox.post)
    assert is_queued(key)
    assert len(mailbox.collect(SOON)) == 1
    assert len(mailbox.collect(ONCE_THE_LEASE_IS_OUT)) == 2
    assert not is_queued(key)


def test_at_every_call_of_aws_in_turn_the_mail_is_delivered(
    alice: Person, mailbox: Mailbox, faults: Faults
) -> None:
    later = NOW
    for place in range(8):
        key = queue(alice, later)
        before, attempts = len(mailbox.messages), 0

        def killed_here(_request: object, die_at: int = place) -> None:
            nonlocal attempts
            attempts += 1
            if attempts == die_at + 1:
                raise Killed

        faults.always_meets("*", killed_here)  # type: ignore[arg-type]
        died = False
        try:
            actions.deliver(key, later, mailbox.post)
        except Killed:
            died = True
        faults.are_over()
        later += timedelta(minutes=2)
        actions.sweep(later, mailbox.post)
        assert not is_queued(key)
        assert 1 <= len(mailbox.messages) - before <= (2 if died else 1)
    assert not died, "the last round needs more calls than there are"


def test_a_slow_sender_does_not_undo_what_its_successor_did(alice: Person, mailbox: Mailbox) -> None:
    """Its lease runs out while SES makes it wait; another sends; then SES refuses the first."""
    key = queue(alice, NOW)

    def slow(_queued: Email, _message: EmailMessage) -> None:
        mailbox.collect(ONCE_THE_LEASE_IS_OUT)
        raise RuntimeError("SES did not answer")

    actions.deliver(key, NOW, slow)
    assert not is_queued(key)
    mailbox.collect(NOW + timedelta(days=1))
    assert len(mailbox.messages) == 1


def test_a_slow_sender_does_not_shorten_the_lease_of_its_successor(alice: Person) -> None:
    key = queue(alice, NOW)
    first = repository.claim(key, NOW)
    second = repository.claim(key, ONCE_THE_LEASE_IS_OUT)
    assert first and second
    repository.release(first, ONCE_THE_LEASE_IS_OUT + timedelta(seconds=10))
    assert stored(key)["leased_until"] == second.leased_until
    assert repository.claim(key, ONCE_THE_LEASE_IS_OUT + timedelta(seconds=59)) is None


def test_two_people_get_each_their_own(alice: Person, mailbox: Mailbox) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id)
    first, second = queue(alice, NOW), queue(erika, NOW)

    def killed(_queued: Email, _message: EmailMessage) -> None:
        raise Killed

    for key in (first, second):
        with pytest.raises(Killed):
            actions.deliver(key, NOW, killed)
    mailbox.collect(ONCE_THE_LEASE_IS_OUT)
    assert sorted(str(message["To"]) for message in mailbox.messages) == [alice.email, erika.email]
