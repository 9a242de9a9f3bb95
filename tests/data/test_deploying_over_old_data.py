"""Deploying over old data: what an earlier release wrote is read, used and changed by this one.

A changed shape takes three releases (chalicelib/versions.py), and each step of it has items that it was tried on.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

import pytest

from chalicelib import keys, limits, table, versions
from chalicelib.articles import repository as articles
from chalicelib.problems import Problem
from chalicelib.table import Item
from chalicelib.versions import Step
from tests.articles.visitors import ARTICLE, YES, agree, vote, votes
from tests.client import Client
from tests.conftest import PASSWORD, Clock, everything, items
from tests.data.items import (
    ALICES_SESSION,
    BOBS_SIGN_IN,
    MOMENT,
    TOKEN,
    VISITOR,
    fixtures,
    literals,
    mentions,
    put_kept,
    written,
)
from tests.mailbox import Mailbox, text_of
from tests.requests.walk import INVITATION, NEW, REGISTRATION, RESET
from tests.two_factor.authenticator import APP, RECOVERY_CODES

# --- The rules ---


def refusals(
    code: Mapping[str, set[int]],
    writes: Mapping[str, int],
    steps: Mapping[tuple[str, int], Step],
    kept: Collection[tuple[str, int]],
) -> Iterator[str]:
    """What is wrong with the versions that the code writes, those that WRITTEN tells, the steps and the kept items."""
    for entity in sorted({*code, *writes, *(name for name, _version in (*steps, *kept))}):
        now = writes.get(entity, 1)
        stepped = sorted(version for name, version in steps if name == entity)
        had = sorted(version for name, version in kept if name == entity)
        newest = stepped[-1] + 1 if stepped else now
        if code.get(entity) != {now}:
            yield f"{entity}: the code writes {code.get(entity)}, WRITTEN says {now}"
        if not now <= newest <= now + 1 or (stepped and stepped[0] < now - 1):
            yield f"{entity}: steps lead from {stepped}, {now} is written: one version back, one ahead at most"
        if now not in had or newest not in had:
            yield f"{entity}: tests/data keeps {had}, and {now} is written, {newest} is read"
        if had[:-1] != stepped:
            yield f"{entity}: tests/data keeps {had}, and steps lead from {stepped}"


def test_every_entity_that_the_code_writes_is_known_to_this_test() -> None:
    assert literals() == mentions() > 25


def test_no_version_is_written_without_a_step_to_it_and_items_that_it_was_tried_on() -> None:
    assert list(refusals(written(), versions.WRITTEN, versions.STEPS, fixtures())) == []


def same(item: Item) -> Item:
    """A step that changes nothing."""
    return item


@pytest.mark.parametrize(
    ("code", "writes", "stepped", "had", "words"),
    [
        pytest.param({2}, {"E": 2}, [], [1], "keeps [1], and 2 is written", id="no step and no items"),
        pytest.param({2}, {"E": 2}, [], [1, 2], "steps lead from []", id="no step"),
        pytest.param({2}, {"E": 2}, [1], [1], "keeps [1], and 2 is written", id="no items"),
        pytest.param({3}, {"E": 3}, [2], [1, 3], "steps lead from [2]", id="one left out"),
        pytest.param({3}, {"E": 3}, [1, 2], [1, 2, 3], "one version back", id="two behind"),
        pytest.param({1}, {}, [1, 2], [1, 2, 3], "one ahead at most", id="two ahead"),
        pytest.param({2}, {}, [1], [1, 2], "the code writes {2}, WRITTEN says 1", id="WRITTEN forgotten"),
        pytest.param({1, 2}, {"E": 2}, [1], [1, 2], "the code writes {1, 2}", id="one place forgotten"),
        pytest.param({1}, {}, [], [], "keeps [], and 1 is written", id="a new entity without items"),
    ],
)
def test_a_version_that_lacks_something_is_refused(
    code: set[int], writes: dict[str, int], stepped: list[int], had: list[int], words: str
) -> None:
    found = refusals({"E": code}, writes, {("E", one): same for one in stepped}, [("E", one) for one in had])
    assert words in "; ".join(found)


@pytest.mark.parametrize(
    ("code", "writes", "stepped", "had"),
    [
        pytest.param({1}, {}, [], [1], id="the first"),
        pytest.param({1}, {}, [1], [1, 2], id="expand"),
        pytest.param({2}, {"E": 2}, [1], [1, 2], id="written"),
        pytest.param({2}, {"E": 2}, [], [2], id="contract"),
        pytest.param({2}, {"E": 2}, [1, 2], [1, 2, 3], id="written, and the next one expands"),
    ],
)
def test_each_of_the_three_releases_of_a_new_version_is_taken(
    code: set[int], writes: dict[str, int], stepped: list[int], had: list[int]
) -> None:
    steps = {("E", one): same for one in stepped}
    assert not list(refusals({"E": code}, writes, steps, [("E", one) for one in had]))


@pytest.mark.parametrize(("entity", "before"), versions.STEPS)
def test_a_step_makes_of_each_kept_item_one_that_looks_as_the_next_version_does(
    entity: str, before: int
) -> None:
    expected = {frozenset(item) for item in fixtures()[entity, before + 1]}
    for item in fixtures()[entity, before]:
        untouched = dict(item)
        stepped = versions.STEPS[entity, before](item)
        assert versions.of(stepped) == before + 1
        assert frozenset(stepped) in expected
        assert item == untouched


def test_an_item_that_is_older_than_what_is_read_is_told() -> None:
    with pytest.raises(LookupError, match="Contact of version 0 is not read any more"):
        versions.brought_to(1, {"entity": "Contact", "version": 0})


# --- The items that there were ---


@pytest.fixture
def old_data(memory: None, aws: None, clock: Clock) -> Clock:
    """The table as the first release left it, at that moment."""
    put_kept()
    clock.ahead = MOMENT - datetime.now(UTC)
    return clock


def alice() -> Client:
    """Her browser, in the session that she had."""
    return Client(cookies={"session": ALICES_SESSION, "signed_in": "1"})


def test_who_was_signed_in_goes_on_with_what_was_there(old_data: Clock) -> None:
    client = alice()
    assert client.get("/api/me").body["user"]["email"] == "alice@example.com"
    (contact,) = client.get("/api/contacts").body["items"]
    assert client.patch(f"/api/contacts/{contact['id']}", {"city": "Niš"}).status == 200
    assert client.post(f"/api/contacts/{'gone':0<26}/restore").status == 200
    assert client.delete(f"/api/contacts/{contact['id']}").status == 204
    assert {user["email"] for user in client.get("/api/users").body["items"]} >= {"bob@example.com"}
    assert client.patch("/api/users/user-frida", {"permissions": "all"}).status == 200
    for ticket in client.get("/api/tickets").body["items"]:
        assert client.get(f"/api/tickets/{ticket['id']}").body["messages"]
        assert client.post(f"/api/tickets/{ticket['id']}/messages", {"text": "?"}).status == 201
    states = {one["email"]: one["state"] for one in client.get("/api/invitations").body["items"]}
    assert states == {
        "greta@example.com": "accepted",
        "dora@example.com": "pending",
        "queued@example.com": "pending",
        "revoked@example.com": "revoked",
    }
    for one in client.get("/api/invitations").body["items"]:
        if one["state"] == "pending":
            assert client.post(f"/api/invitations/{one['id']}/resend").status == 200
            assert client.delete(f"/api/invitations/{one['id']}").status == 204
    assert client.post("/api/invitations/preview", {"token": INVITATION}).code == "link_expired"
    confirmed = client.post("/api/two-factor/confirm", {"code": APP.code(old_data.now())})
    assert confirmed.status == 201, confirmed.text


def test_links_codes_and_passwords_of_then_are_taken(old_data: Clock) -> None:
    bob = Client("hu", cookies={"sign_in": BOBS_SIGN_IN})
    finished = bob.post("/api/session/second-factor", {"code": APP.code(old_data.now())})
    assert finished.status == 201, finished.text
    signed_in = {"email": "charlie@example.com", "password": PASSWORD}
    assert Client("es").post("/api/session", signed_in).status == 201
    confirmed = {"token": REGISTRATION, "password": NEW}
    assert Client().post("/api/registrations/confirm", confirmed).status == 201
    assert Client().post("/api/password-resets/complete", {"token": RESET, "new": NEW}).status == 204
    old_data.forward(minutes=1)
    again = Client("hu")
    password = {"email": "bob@example.com", "password": PASSWORD}
    assert again.post("/api/session", password).status == 202
    assert again.post("/api/session/second-factor", {"code": RECOVERY_CODES[0]}).status == 201


def test_what_was_queued_is_sent_as_it_was(old_data: Clock, mailbox: Mailbox) -> None:
    queued = [item for item in items("Email") if "gsi1pk" in item]
    assert len(mailbox.collect(old_data.now())) == len(queued) == 4
    assert sum(TOKEN in text_of(one) for one in mailbox.messages) == 3


def test_a_limit_that_was_reached_still_is(old_data: Clock) -> None:
    for _time in range(2):
        limits.charge("mail_per_addressee", "dora@example.com", old_data.now())
    with pytest.raises(Problem):  # Three an hour, and one of them was then.
        limits.charge("mail_per_addressee", "dora@example.com", old_data.now())


def test_a_vote_of_the_first_shape_is_counted_shown_and_changed(old_data: Clock) -> None:
    """It stood at its third revision, which its first shape called its version."""
    client = Client("hu", cookies={"visitor": VISITOR})
    assert votes(client) == {"article": ARTICLE, "yes": 1, "no": 1, "mine": False}
    assert [one.reason for one in articles.votes_with_reason(ARTICLE)] == ["Ipak nema slike."]
    assert vote(client, YES).status == 200
    assert votes(client) == {"article": ARTICLE, "yes": 2, "no": 0, "mine": True}
    changed = next(item for item in items("Vote") if item["revision"] > 1)
    assert (changed["version"], changed["revision"]) == (2, 4)
    assert articles.misses(MOMENT.date())[0].times == 1
    agree()


def test_every_kept_item_is_read(old_data: Clock) -> None:
    """By the key that it has, as every reader of table.py gets it."""
    for item in everything():
        assert table.get(keys.key(item["pk"], item["sk"])) == item
        assert versions.of(item) == versions.newest(item["entity"])
