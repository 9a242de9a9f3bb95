"""Hearing from SES what became of a mail: it is kept with the mail, whatever comes twice, late or of nobody."""

import json
import re
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from chalicelib import keys, table
from chalicelib.keys import Key
from chalicelib.mail import actions, feedback
from chalicelib.mail.routes import hear_of_mails, note_records
from chalicelib.tokens import new_id
from tests.aws_calls import Calls, Faults, fails
from tests.conftest import Person, everything
from tests.infra.lambda_runtime import Context
from tests.lines import Lines, told
from tests.mail.news import ADDRESS, AT, bounce, complaint, delay, event, published, rejection
from tests.mail.outbox import queue, stored
from tests.mailbox import Mailbox

NOW = datetime.now(UTC)
LATER = "2026-11-22T17:10:02.669Z"


def hear(*news: Any) -> None:
    """SNS brings news."""
    hear_of_mails({"Records": [published(each) for each in news]}, Context())


def sent(person: Person, mailbox: Mailbox) -> Key:
    """A mail that went out."""
    key = queue(person, NOW)
    actions.deliver(key, NOW, mailbox.post)
    return key


def kept(key: Key) -> dict[str, str]:
    """What is known of a mail since it was sent."""
    what = ("bounced", "complained", "delayed", "rejected")
    return {name: value for name, value in stored(key).items() if name.startswith(what)}


def test_a_bounce_is_kept_with_its_mail(alice: Person, mailbox: Mailbox) -> None:
    key = sent(alice, mailbox)
    before = stored(key)
    hear(bounce(key))
    assert kept(key) == {
        "bounced_at": "2026-11-22T16:10:02.669000Z",
        "bounced_kind": "permanent",
        "bounced_reason": "General",
        "bounced_status": "5.1.1",
    }
    assert before.items() <= stored(key).items()


@pytest.mark.parametrize(
    ("news", "known"),
    [
        (complaint, {"complained_reason": "abuse"}),
        (delay, {"delayed_reason": "MailboxFull", "delayed_status": "4.2.2"}),
    ],
)
def test_a_complaint_and_a_delay_are_kept_too(
    alice: Person, mailbox: Mailbox, news: Any, known: dict[str, str]
) -> None:
    key = sent(alice, mailbox)
    hear(news(key))
    what = next(iter(known)).partition("_")[0]
    assert kept(key) == {f"{what}_at": "2026-11-22T16:10:02.669000Z", **known}


def test_a_rejection_is_dated_by_the_sending(alice: Person, mailbox: Mailbox) -> None:
    key = sent(alice, mailbox)
    hear(rejection(key))
    assert kept(key) == {"rejected_at": "2026-11-22T16:04:45.012000Z"}


def test_a_complaint_that_the_suppression_list_made_says_so(alice: Person, mailbox: Mailbox) -> None:
    key = sent(alice, mailbox)
    hear(complaint(key, reason=None))
    assert kept(key)["complained_reason"] == "OnAccountSuppressionList"


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        ({"status": "4.4.7"}, "4.4.7"),
        ({"status": "", "diagnosticCode": "smtp; 550 5.7.1 refused"}, "5.7.1"),
        ({"status": "", "diagnosticCode": "smtp; 554 mailbox of 5.1.1.9 is gone"}, "554"),
        ({"status": "5.1.1 <x@y.example>", "diagnosticCode": f"x-unix; {ADDRESS}"}, None),
        ({"status": "9.9.9", "diagnosticCode": ""}, None),
    ],
)
def test_of_what_the_other_side_answered_only_the_number_is_kept(
    alice: Person, mailbox: Mailbox, answered: dict[str, str], status: str | None
) -> None:
    key = sent(alice, mailbox)
    hear(bounce(key, **answered))
    assert kept(key).get("bounced_status") == status


def test_no_address_and_no_text_is_kept_or_logged(alice: Person, mailbox: Mailbox, lines: Lines) -> None:
    key = sent(alice, mailbox)
    lines.taken()
    text = f"smtp; 550 the secret word is Rumpelstiltskin, {ADDRESS}"
    spoiled = bounce(key, status=ADDRESS, diagnosticCode=text)
    spoiled["bounce"]["bounceSubType"] = f"{ADDRESS} is gone"
    unreadable = bounce(key)
    unreadable["bounce"]["timestamp"] = f"yesterday, {ADDRESS}"
    hear(spoiled, unreadable, f"{{{ADDRESS}")
    said = lines.taken()
    assert [line["event"] for line in said] == [
        "mail_bounced",
        "news_not_understood",
        "news_not_understood",
    ]
    assert told(said, {ADDRESS, "Rumpelstiltskin"}) == set()
    assert told([str(item) for item in everything()], {ADDRESS, "Rumpelstiltskin"}) == set()


# --- Twice, late, out of order ---


def test_the_same_twice_changes_nothing(alice: Person, mailbox: Mailbox) -> None:
    key = sent(alice, mailbox)
    news = [bounce(key), complaint(key), delay(key)]
    hear(*news)
    first = stored(key)
    hear(*news)
    assert stored(key) == first


def test_in_whatever_order_it_comes_the_same_is_known_in_the_end(alice: Person) -> None:
    def news(key: Key) -> list[dict[str, Any]]:
        return [
            bounce(key),
            bounce(key, kind="Transient", at=LATER, status="4.4.7"),
            delay(key),
            delay(key, at=LATER, reason="SpamDetected"),
        ]

    known = []
    mail = stored(queue(alice, NOW))
    for number, order in enumerate(permutations(range(4))):
        key = keys.email(mail["pk"], f"copy-{number}")
        table.write(table.put({**mail, **key}))
        hear(*(news(key)[place] for place in order))
        known.append(kept(key))
    assert known[0]["bounced_kind"] == "permanent" and known[0]["bounced_status"] == "5.1.1"
    assert known[0]["delayed_reason"] == "SpamDetected"
    assert known == [known[0]] * len(known)


def test_of_two_transient_bounces_the_later_stands(alice: Person, mailbox: Mailbox) -> None:
    key = sent(alice, mailbox)
    for at, status in ((AT, "4.4.7"), (LATER, "4.2.2"), (AT, "4.4.7")):
        hear(bounce(key, kind="Transient", at=at, status=status))
    assert (kept(key)["bounced_kind"], kept(key)["bounced_status"]) == ("transient", "4.2.2")


def test_later_news_leave_nothing_of_what_was_known_before(alice: Person, mailbox: Mailbox) -> None:
    key = sent(alice, mailbox)
    hear(bounce(key, kind="Transient", status="4.4.7"))
    hear(bounce(key, kind="Transient", at=LATER, status="", diagnosticCode=""))
    assert "bounced_status" not in kept(key)


def test_news_may_come_before_the_sender_has_marked_the_mail(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, NOW)
    hear(bounce(key))
    actions.deliver(key, NOW, mailbox.post)
    assert stored(key)["sent_at"] and kept(key)["bounced_kind"] == "permanent"


# --- Of nobody, or of no use ---


def test_news_of_an_unknown_mail_make_none(alice: Person, lines: Lines) -> None:
    before = everything()
    hear(bounce(keys.email(f"USER#{alice.id}", "01JDAAAAAAAAAAAAAAAAAAAAAA")))
    assert everything() == before
    (line,) = lines.taken()
    assert (line["event"], line["reference"]) == ("news_of_unknown_mail", "01JDAAAAAAAAAAAAAAAAAAAAAA")


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"owner_kind": ["SESSION"], "owner": ["1"], "mail": ["1"]},
        {"owner_kind": ["USER"], "owner": ["1#x"], "mail": ["1"]},
        {"owner_kind": ["USER"], "owner": ["1"], "mail": []},
        {"owner_kind": "USER", "owner": "user-alice", "mail": "x/y"},
        {"owner_kind": ["USER"], "owner": [None], "mail": ["1"]},
    ],
)
def test_only_a_mail_of_an_account_or_a_user_is_ever_touched(
    alice: Person, mailbox: Mailbox, calls: Calls, tags: dict[str, Any]
) -> None:
    news = bounce(sent(alice, mailbox))
    calls.taken()
    news["mail"]["tags"] = tags
    hear(news)
    assert calls.names == []


@pytest.mark.parametrize("kind", ["Send", "Delivery", "Open", "Click", "Rendering Failure", "Subscription"])
def test_an_event_of_another_kind_changes_nothing(
    alice: Person, mailbox: Mailbox, lines: Lines, kind: str
) -> None:
    key = sent(alice, mailbox)
    lines.taken()
    hear(event(key, kind))
    assert kept(key) == {} and lines.taken() == []


def test_what_ses_says_of_the_topic_itself_is_no_news(lines: Lines, aws: None) -> None:
    """SES publishes it once, when it is told where to; https://github.com/ope-tech/laravel-ses/issues/10 quotes it."""
    hear("Successfully validated SNS topic for Amazon SES event publishing.")
    assert lines.taken() == []


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        "null",
        '{"eventType":"Bounce"}',
        '{"eventType":["Bounce"]}',
        "[" * 100_000,
        json.dumps({"Type": "SubscriptionConfirmation"}),
        json.dumps({"eventType": "Bounce", "bounce": [], "mail": None}),
    ],
)
def test_what_cannot_be_read_is_told_and_not_asked_for_again(lines: Lines, aws: None, told: str) -> None:
    hear(told)
    assert [line["event"] for line in lines.taken()] == ["news_not_understood"]


def test_the_others_are_kept_beside_what_cannot_be_read(alice: Person, mailbox: Mailbox) -> None:
    first, second = sent(alice, mailbox), sent(alice, mailbox)
    hear(bounce(first), "no JSON", bounce(second))
    assert kept(first) and kept(second)


# --- When the table does not answer ---


def test_what_could_not_be_written_is_asked_for_again(
    alice: Person, mailbox: Mailbox, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    first, second = sent(alice, mailbox), sent(alice, mailbox)
    faults.meets("UpdateItem", fails, fails, fails)
    with pytest.raises(Exception, match="NotAllHandled"):
        hear(bounce(first), bounce(second))
    assert kept(first) == {} and kept(second)
    hear(bounce(first), bounce(second))
    assert kept(first) == kept(second)


def test_what_there_is_no_time_for_is_asked_for_again(alice: Person, mailbox: Mailbox) -> None:
    first, second = sent(alice, mailbox), sent(alice, mailbox)
    turns = iter([True, False])
    with pytest.raises(Exception, match="1 of 2"):
        note_records([published(bounce(first)), published(bounce(second))], lambda: next(turns))
    assert kept(first) and kept(second) == {}


# --- The tags ---


def test_a_mail_is_sent_with_tags_that_name_it(
    alice: Person, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KALAUZ_MAIL_CONFIGURATION", "kalauz-mails")
    key = queue(alice, NOW)
    actions.deliver(key, NOW, actions.by_ses)
    asked = dict(calls.made)["SendRawEmail"]
    assert asked["ConfigurationSetName"] == "kalauz-mails"
    places = range(1, 4)
    tags = {asked[f"Tags.member.{each}.Name"]: asked[f"Tags.member.{each}.Value"] for each in places}
    assert tags == {"owner_kind": "USER", "owner": alice.id, "mail": stored(key)["reference"]}


def test_on_one_machine_nothing_is_said_of_it(alice: Person, calls: Calls) -> None:
    actions.deliver(queue(alice, NOW), NOW, actions.by_ses)
    asked = dict(calls.made)["SendRawEmail"]
    assert not [name for name in asked if name.startswith(("ConfigurationSetName", "Tags"))]


def test_every_id_fits_into_a_tag() -> None:
    allowed = re.compile(r"[A-Za-z0-9_-]{1,256}")
    for owner in ("ACCOUNT", "USER"):
        for tag in feedback.tags(keys.email(f"{owner}#{new_id(NOW)}", new_id(NOW))):
            assert allowed.fullmatch(tag["Name"]) and allowed.fullmatch(tag["Value"])
