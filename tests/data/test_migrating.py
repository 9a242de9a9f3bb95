"""`make migrate`: old items are rewritten as they are written now, while readers and the functions go on."""

import threading

import pytest

from chalicelib import settings, table, versions
from infra.data import migrating, tables
from infra.data.lines import TypedItem
from infra.local.trouble import CannotRun
from tests.articles.visitors import ARTICLE, NO, YES, agree, vote, votes
from tests.aws_calls import Killed
from tests.client import Client
from tests.data.items import kept, put_kept
from tests.data.moving import commanded, job, kill_in_the_middle, killed_at, of, raw


def stored(entity: str = "Vote") -> list[TypedItem]:
    """The items of an entity as they lie in the table, in whatever version."""
    return of(entity, raw())


def aged() -> None:
    """Let every vote lie as the first release wrote it."""
    for item in stored():
        old = {name: value for name, value in item.items() if name != "revision"}
        table.dynamodb().put_item(TableName=settings.table_name(), Item={**old, "version": item["revision"]})


def with_old_votes(count: int) -> None:
    """So many visitors' votes of the first shape; every fourth is a no."""
    for place in range(count):
        vote(Client(), YES if place % 4 else NO)
    aged()


# --- What it does ---


def test_a_dry_run_counts_and_shows_and_changes_nothing(
    aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_old_votes(4)
    vote(Client(), NO, reason="Milica Jovanović, milica@example.com")
    before = raw()
    status, printed, _said = commanded("migrate", monkeypatch, capsys, TABLE=settings.table_name(), DRY="1")
    assert (status, raw()) == (0, before)
    assert printed.splitlines() == [
        "entity  version  items",
        "Vote    1        4      to rewrite",
        "Vote    2        1",
        *["Vote 1 → 2: ARTICLE#… / VOTE#… sets revision, version"] * 3,
    ]


def test_it_rewrites_old_items_and_a_second_time_nothing(aws: None) -> None:
    put_kept()
    before = raw()
    told = migrating.migrate(entity="", is_dry=False)
    assert "2 rewritten" in told
    after = raw()
    changed = {key for key in before if after[key] != before[key]}
    assert {before[key]["entity"]["S"] for key in changed} == {"Vote"} and len(changed) == 2
    for key in changed:
        assert after[key] == {**before[key], "version": {"N": "2"}, "revision": before[key]["version"]}
    assert set(after) == set(before)
    assert "0 rewritten" in migrating.migrate(entity="Vote", is_dry=False)
    assert raw() == after
    agree()


@pytest.mark.parametrize(("entity", "before"), versions.STEPS)
def test_every_kept_item_of_an_older_version_is_rewritten(aws: None, entity: str, before: int) -> None:
    old = [item for item in kept() if item["entity"]["S"] == entity]
    for item in old:
        table.dynamodb().put_item(TableName=settings.table_name(), Item=item)
    migrating.migrate(entity=entity, is_dry=False)
    assert {versions.of(table._from_dynamodb(item) or {}) for item in stored(entity)} == {
        versions.written(entity)
    }
    assert {item["version"]["N"] for item in stored(entity)} == {str(versions.written(entity))}
    assert len(stored(entity)) == len(old) > 1


def test_what_no_step_touches_stays_to_the_last_digit(aws: None) -> None:
    with_old_votes(1)
    odd = {"M": {"n": {"N": "12345678901234567890.123456789"}, "b": {"B": b"\x00"}, "s": {"NS": ["1", "2"]}}}
    (item,) = stored()
    table.dynamodb().put_item(TableName=settings.table_name(), Item={**item, "odd": odd})
    migrating.migrate(entity="", is_dry=False)
    assert stored() == [{**item, "odd": odd, "version": {"N": "2"}, "revision": {"N": "1"}}]


def test_killed_at_any_call_it_goes_on(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ITEMS_A_PAGE", 2)
    with_old_votes(5)
    kills = 0
    for call in range(1, 100, 2):
        with killed_at(call, monkeypatch) as made:
            try:
                migrating.migrate(entity="", is_dry=False)
            except Killed:
                kills += 1
        if made[0] < call:
            break
        migrating.migrate(entity="", is_dry=False)
        assert {item["version"]["N"] for item in stored()} == {"2"}
        assert "MIGRATION" not in str(table.dynamodb().scan(TableName=settings.table_name())["Items"])
        agree()
        aged()
    assert kills > 3


def test_a_segment_that_was_done_is_not_walked_again(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with_old_votes(4)
    pages: list[int] = []
    page = tables.page

    def counted(client: object, segment: int, segments: int, after: TypedItem | None) -> object:
        pages.append(segment)
        if segment == 3 and len(pages) < 5:
            raise Killed
        return page(client, segment, segments, after)

    monkeypatch.setattr(tables, "page", counted)
    # One after the other, so that the last one is killed when the others are done.
    monkeypatch.setattr(
        tables, "in_parallel", lambda act, times: [act(place, threading.Event()) for place in range(times)]
    )
    with pytest.raises(Killed):
        migrating.migrate(entity="", is_dry=False)
    assert pages == [0, 1, 2, 3]
    pages += [9]
    migrating.migrate(entity="", is_dry=False)
    assert pages[5:] == [3]


def test_an_entity_with_one_version_is_told(aws: None) -> None:
    with pytest.raises(CannotRun, match="Contact has no older version; there are: Vote"):
        migrating.migrate(entity="Contact", is_dry=False)


# --- While people change items ---


@pytest.mark.xdist_group("ministack")
@pytest.mark.usefixtures("emulated")
class TestWhilePeopleVote:
    """Each vote is changed between the migration's reading it and its writing it."""

    def met(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """Migrate old votes of two visitors, who change and delete theirs just before the migration writes."""
        first, second = Client(), Client()
        vote(first)
        vote(second, NO)
        aged()
        rewrite = migrating._rewrite
        changed: list[str] = []

        def late(client: object, item: TypedItem, target: int) -> bool:
            if item["sk"]["S"] not in changed:
                changed.append(item["sk"]["S"])
                if item["helpful"]["BOOL"]:
                    assert vote(first, NO, reason="Ipak ne.").status == 200
                else:
                    key = {name: item[name] for name in ("pk", "sk")}
                    table.dynamodb().delete_item(TableName=settings.table_name(), Key=key)
            return rewrite(client, item, target)

        monkeypatch.setattr(migrating, "_rewrite", late)
        return migrating.migrate(entity="", is_dry=False)

    def test_no_change_is_lost_and_nothing_that_was_deleted_comes_back(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = self.met(monkeypatch)
        (item,) = stored()
        assert (item["reason"], item["revision"], item["version"]) == (
            {"S": "Ipak ne."},
            {"N": "2"},
            {"N": "2"},
        )
        assert "0 rewritten; 2 times" in told

    def test_without_the_condition_both_go_wrong(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The revision falls back, so that a third change would meet none; half of a deleted vote comes back."""
        as_it_was_read = migrating.as_it_was_read

        def anyhow(had: list[str], lacked: list[str]) -> str:
            return f"({as_it_was_read(had, lacked)}) OR attribute_exists(pk) OR attribute_not_exists(pk)"

        monkeypatch.setattr(migrating, "as_it_was_read", anyhow)
        self.met(monkeypatch)
        changed, half = sorted((item for item in raw().values() if "revision" in item), key=len, reverse=True)
        assert (changed["reason"], changed["revision"]) == ({"S": "Ipak ne."}, {"N": "1"})
        assert set(half) == {"pk", "sk", "version", "revision"}

    def test_many_votes_at_once_and_a_migration_leave_counters_that_agree(self) -> None:
        """Twenty visitors change their old votes again and again while the table is walked several times."""
        clients = [Client() for _visitor in range(20)]
        for client in clients:
            vote(client)
        aged()
        answers: list[int] = []

        def voting(client: Client) -> None:
            for said in (NO, YES, NO):
                answers.append(vote(client, said).status)

        threads = [threading.Thread(target=voting, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            migrating.migrate(entity="", is_dry=False)
        for thread in threads:
            thread.join()
        assert set(answers) == {200} and len(answers) == 60
        assert {item["version"]["N"] for item in stored()} == {"2"}
        assert {item["revision"]["N"] for item in stored()} == {"4"}
        assert votes(clients[0]) == {"article": ARTICLE, "yes": 0, "no": 20, "mine": False}
        agree()

    def test_killed_in_the_middle_it_goes_on(self) -> None:
        with_old_votes(40)
        name = settings.table_name()
        kill_in_the_middle(
            "migrate", lambda: len([item for item in stored() if "revision" in item]) > 4, TABLE=name
        )
        assert any("revision" not in item for item in stored())
        status, printed, said = job("migrate", TABLE=name)
        assert status == 0, said
        assert "rewritten" in printed and all(item["version"] == {"N": "2"} for item in stored())
