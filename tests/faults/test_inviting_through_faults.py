"""Inviting and accepting while AWS is busy, or its answer is lost (trust.md, 38 and 39)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib import brand
from tests.aws_calls import (
    Answering,
    Faults,
    Killed,
    conflicts,
    fails,
    is_killed,
    loses_the_answer,
    never_answers,
    throttles,
)
from tests.client import Answer, Client
from tests.conftest import Person, items, settle
from tests.invitations.guests import (
    NEW_USER,
    accept,
    agree,
    invite,
    invited,
    permissions_of,
    preview,
    register,
    resent,
    standing,
    states,
)
from tests.mailbox import Mailbox

READER_SECONDS = 15


@dataclass
class Story:
    """Alice, who invites, and Charlie, who has a user already."""

    owner: Client
    charlie: Person

    @classmethod
    def begun(cls) -> "Story":
        """Both settled, and Alice signed in."""
        alice = settle("alice", "Alice Petrović", "sr", owns=True)
        return cls(alice.signed_in(), settle("charlie", "Charlie Núñez", "es", owns=True))


@pytest.fixture
def story(aws: None) -> Story:
    """The story in memory."""
    return Story.begun()


@pytest.fixture
def emulated_story(emulated: None) -> Story:
    """The story before ministack, which keeps the tokens of transactions as DynamoDB does."""
    return Story.begun()


def invites(story: Story) -> Callable[[], Answer]:
    return lambda: invite(story.owner)


def resends(story: Story) -> Callable[[], Answer]:
    invitation_id, _token = invited(story.owner)
    return lambda: story.owner.post(f"/api/invitations/{invitation_id}/resend")


def revokes(story: Story) -> Callable[[], Answer]:
    invitation_id, _token = invited(story.owner)
    return lambda: story.owner.delete(f"/api/invitations/{invitation_id}")


def previews(story: Story) -> Callable[[], Answer]:
    _id, token = invited(story.owner)
    return lambda: preview(token)


def registers(story: Story) -> Callable[[], Answer]:
    _id, token = invited(story.owner)
    return lambda: register(token)


def joins(story: Story) -> Callable[[], Answer]:
    _id, token = invited(story.owner, email=story.charlie.email)
    client = story.charlie.signed_in()
    return lambda: accept(token, client)


def changes(story: Story) -> Callable[[], Answer]:
    joined = joins(story)()
    assert joined.status == 201
    return lambda: story.owner.patch(f"/api/users/{story.charlie.id}", {"permissions": "all"})


def removes(story: Story) -> Callable[[], Answer]:
    joined = joins(story)()
    assert joined.status == 201
    return lambda: story.owner.delete(f"/api/users/{story.charlie.id}")


Step = Callable[[Story], Callable[[], Answer]]
WRITES: tuple[Step, ...] = (invites, resends, revokes, registers, joins, changes, removes)


def named(step: Step) -> str:
    return step.__name__


def killed_after(calls: int) -> Answering:
    """The process ends before the call that follows so many."""
    made = count()
    return lambda request: is_killed(request) if next(made) == calls else None


def is_told_to_come_back(answer: Answer) -> bool:
    return (answer.status, answer.code) == (503, "unavailable") and 1 <= int(
        answer.headers["Retry-After"]
    ) <= 60


@pytest.mark.xdist_group("ministack")
def test_the_first_try_of_every_transaction_meets_another_and_nobody_notices(
    emulated_story: Story, faults: Faults
) -> None:
    story, seen = emulated_story, set[str]()

    def first_try(request: AWSPreparedRequest) -> AWSResponse | None:
        token = json.loads(request.body or b"{}")["ClientRequestToken"]
        if token in seen:
            return None
        seen.add(token)
        return conflicts(request)

    faults.always_meets("TransactWriteItems", first_try)
    invitation_id, _token = invited(story.owner)
    token = resent(story.owner, invitation_id)
    assert register(token).status == 201
    assert joins(story)().status == 201
    assert story.owner.patch(f"/api/users/{story.charlie.id}", {"permissions": "all"}).status == 200
    assert story.owner.delete(f"/api/users/{story.charlie.id}").status == 204
    assert revokes_another(story).status == 204
    assert invite(story.owner, email="dora@example.com").code == "already_exists"
    faults.are_over()
    assert len(seen) > 8
    assert states(story.owner) == ["revoked", "accepted", "accepted"]
    agree()


def revokes_another(story: Story) -> Answer:
    invitation_id, _token = invited(story.owner, email="erik@example.com")
    return story.owner.delete(f"/api/invitations/{invitation_id}")


@pytest.mark.parametrize("step", (*WRITES, previews), ids=named)
@pytest.mark.parametrize("times", [1, 2])
def test_throttled_once_or_twice_nobody_notices(
    story: Story, faults: Faults, slept: list[float], step: Step, times: int
) -> None:
    act = step(story)
    for operation in ("GetItem", "BatchGetItem", "Encrypt", "UpdateItem", "TransactWriteItems"):
        faults.meets(operation, *[throttles] * times)
    assert act().status < 300
    assert sum(slept) < READER_SECONDS
    faults.are_over()
    agree()


@pytest.mark.parametrize("step", (*WRITES, previews), ids=named)
def test_throttled_always_the_reader_is_told_to_come_back_and_may(
    story: Story, faults: Faults, step: Step
) -> None:
    act = step(story)
    before = standing()
    faults.always_meets("*", throttles)
    assert is_told_to_come_back(act())
    faults.are_over()
    assert standing() == before
    assert act().status < 300
    agree()


def test_a_throttled_key_service_invites_nobody_and_counts_nothing(story: Story, faults: Faults) -> None:
    faults.always_meets("Encrypt", throttles)
    assert is_told_to_come_back(invite(story.owner))
    faults.are_over()
    assert not items("Invitation") and not items("InvitationsOfDay") and not items("InvitedMark")


@pytest.mark.parametrize("fault", [never_answers, fails], ids=["never answers", "fails"])
@pytest.mark.parametrize("step", WRITES, ids=named)
def test_before_the_commit_nothing_is_written(
    story: Story, faults: Faults, step: Step, fault: Answering
) -> None:
    act = step(story)
    before = standing()
    faults.always_meets("TransactWriteItems", fault)
    assert is_told_to_come_back(act())
    faults.are_over()
    assert standing() == before
    assert act().status < 300


@pytest.mark.parametrize("step", WRITES, ids=named)
def test_killed_at_any_call_nothing_is_half_done(
    story: Story, faults: Faults, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    """The process dies at the first call, then at the second, and so on, until it gets through (trust.md, 40)."""
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "mail_per_addressee", ["100 in 3600"])
    act = step(story)
    before, deaths = standing(), 0
    while True:
        faults.always_meets("*", killed_after(deaths))
        try:
            answer = act()
        except Killed:
            faults.are_over()
            assert standing() == before
            deaths += 1
        else:
            break
    faults.are_over()
    assert answer.status < 300 and deaths >= 3
    agree()


@pytest.mark.xdist_group("ministack")
@pytest.mark.parametrize("step", WRITES, ids=named)
def test_one_lost_answer_nobody_notices(emulated_story: Story, faults: Faults, step: Step) -> None:
    """The second try carries the token of the first, and DynamoDB knows it again."""
    act = step(emulated_story)
    faults.meets("TransactWriteItems", loses_the_answer)
    assert act().status < 300
    faults.are_over()
    agree()


# Every answer is lost, and what was asked for is done: what the reader meets who tries again.


def loses_every_answer(faults: Faults, act: Callable[[], Answer]) -> None:
    faults.always_meets("TransactWriteItems", loses_the_answer)
    assert is_told_to_come_back(act())
    faults.are_over()


@pytest.mark.xdist_group("ministack")
def test_who_invites_again_is_told_that_the_address_is_invited(emulated_story: Story, faults: Faults) -> None:
    owner = emulated_story.owner
    loses_every_answer(faults, lambda: invite(owner))
    again = invite(owner)
    assert (again.code, again.field_codes) == ("already_exists", {"#/email": "already_invited"})
    assert len(Mailbox().collect()) == len(items("Invitation")) == 1
    assert states(owner) == ["pending"]


@pytest.mark.xdist_group("ministack")
def test_who_resends_again_sends_another_mail_and_its_link_counts(
    emulated_story: Story, faults: Faults
) -> None:
    owner = emulated_story.owner
    invitation_id, old = invited(owner)
    loses_every_answer(faults, lambda: owner.post(f"/api/invitations/{invitation_id}/resend"))
    lost = Mailbox().token()
    fresh = resent(owner, invitation_id)
    assert [preview(token).status for token in (old, lost, fresh)] == [410, 410, 200]


@pytest.mark.xdist_group("ministack")
def test_who_revokes_again_is_told_that_it_is_over(emulated_story: Story, faults: Faults) -> None:
    owner = emulated_story.owner
    invitation_id, token = invited(owner)
    loses_every_answer(faults, lambda: owner.delete(f"/api/invitations/{invitation_id}"))
    again = owner.delete(f"/api/invitations/{invitation_id}")
    assert (again.status, again.code) == (410, "link_expired")
    assert preview(token).code == "link_expired" and states(owner) == ["revoked"]


@pytest.mark.xdist_group("ministack")
def test_who_registers_again_is_told_to_sign_in_and_can(emulated_story: Story, faults: Faults) -> None:
    """Their password was kept: what the link was for is done, and signing in leads to the account."""
    guest = Client("es")
    _id, token = invited(emulated_story.owner)
    loses_every_answer(faults, lambda: register(token, guest))
    assert guest.cookies == {}
    again = register(token, guest)
    assert (again.status, again.code) == (410, "link_expired")
    assert "inicie sesión" in again.body["title"]
    signed_in = guest.post("/api/session", {"email": "dora@example.com", "password": NEW_USER["password"]})
    assert signed_in.status == 201
    assert guest.get("/api/me").body["permissions"] == ["invoices", "tickets"]
    assert len([mail for mail in items("Email") if mail["kind"] == "invitation_accepted"]) == 1
    agree()


@pytest.mark.xdist_group("ministack")
def test_who_accepts_again_in_a_session_has_the_account_already(
    emulated_story: Story, faults: Faults
) -> None:
    owner, guest = emulated_story.owner, emulated_story.charlie.signed_in()
    _id, token = invited(owner, email=emulated_story.charlie.email)
    loses_every_answer(faults, lambda: accept(token, guest))
    again = accept(token, guest)
    assert (again.status, again.code) == (410, "link_expired")
    assert guest.get("/api/me").body["account"]["name"] == "Alice Petrović"
    assert permissions_of(owner, emulated_story.charlie.email) == ["invoices", "tickets"]
    agree()


@pytest.mark.xdist_group("ministack")
def test_who_removes_again_is_told_that_nobody_is_there(emulated_story: Story, faults: Faults) -> None:
    act = removes(emulated_story)
    loses_every_answer(faults, act)
    assert act().code == "not_found"
    assert permissions_of(emulated_story.owner, emulated_story.charlie.email) is None
