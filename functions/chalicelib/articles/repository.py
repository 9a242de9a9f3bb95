"""Vote, its counter and SearchMiss in the table; and the list of the articles that there are.

Vote           ARTICLE#path / VOTE#hash            hash = SHA-256(visitor, path), so that nobody's votes can be joined;
                                                   `revision` counts how often they voted
the counter    ARTICLE#path / VOTES                `yes_sr`, `no_sr`, `yes_hu`, ...: changes with the vote
SearchMiss     SEARCH_MISSES#day / language#query  a count, without anybody who asked
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from chalicelib import keys, table
from chalicelib.table import IS_NEW, Item, Write
from chalicelib.timestamps import epoch, rfc3339

REMEMBERED = timedelta(days=365)  # how long a browser can change its vote
MISSES_KEPT = timedelta(days=90)

# A vote of version 1, which `make migrate` has not met yet, counted its revisions in `version`.
IS_UNCHANGED = "revision = :seen OR (attribute_not_exists(revision) AND version = :seen)"

# One path a line, as `make` lists them from docs/sr.
_PUBLISHED = Path(__file__).with_name("published.txt")


@dataclass(frozen=True)
class Vote:
    """What a visitor says of an article. `revision` counts how often they said it anew."""

    helpful: bool
    language: str
    reason: str
    at: str = ""
    revision: int = 1

    @property
    def counted_as(self) -> str:
        """The attribute of the counter where it counts."""
        return f"{'yes' if self.helpful else 'no'}_{self.language}"

    def says(self, other: "Vote") -> bool:
        """Whether another vote would change nothing."""
        return (self.counted_as, self.reason) == (other.counted_as, other.reason)


@dataclass(frozen=True)
class Tally:
    """How many visitors found an article helpful, and how many did not: in all languages, and in each."""

    yes: int
    no: int
    by_language: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Miss:
    """A query that found nothing, and how often on a day."""

    day: str
    language: str
    query: str
    times: int


@cache
def published() -> frozenset[str]:
    """The paths of all articles."""
    return frozenset(_PUBLISHED.read_text("utf-8").split())


def cast(article: str, voter: str, vote: Vote, earlier: Vote | None, now: datetime) -> list[Write]:
    """A vote in the place of the visitor's earlier one, and in the count: one more here, and one less there.

    Its condition fails, with what stands there instead, unless the earlier vote is still as it was seen.
    """
    item = {
        **keys.vote(article, voter),
        "entity": "Vote",
        "version": 2,
        "revision": earlier.revision + 1 if earlier else 1,
        "helpful": vote.helpful,
        "language": vote.language,
        "reason": vote.reason,
        "at": rfc3339(now),
        "expires_at": epoch(now + REMEMBERED),
    }
    if earlier is None:
        return [table.put(item, when=IS_NEW), _count(article, {vote.counted_as: 1})]
    change = table.put(item, when=IS_UNCHANGED, values={"seen": earlier.revision})
    if vote.counted_as == earlier.counted_as:
        return [change]
    return [change, _count(article, {vote.counted_as: 1, earlier.counted_as: -1})]


def vote(article: str, voter: str) -> Vote | None:
    """What a visitor said of an article."""
    item = table.get(keys.vote(article, voter))
    return from_item(item) if item else None


def tally(article: str, voter: str = "") -> tuple[Tally, Vote | None]:
    """An article's votes, and among them a visitor's own, in one round trip."""
    wanted = [keys.votes(article), *([keys.vote(article, voter)] if voter else [])]
    counter, *own = table.batch_get(*wanted)
    return _tally(counter or {}), from_item(own[0]) if own and own[0] else None


def votes_with_reason(article: str) -> list[Vote]:
    """The votes on an article that say why it did not help, the newest first. For writers: it reads all votes."""
    found = [from_item(item) for item in _all(f"ARTICLE#{article}", "VOTE#")]
    return sorted((one for one in found if one.reason), key=lambda one: one.at, reverse=True)


def count_miss(query: str, language: str, now: datetime) -> Write:
    """One more search in vain on this day."""
    day = now.date().isoformat()
    return table.update(
        keys.search_miss(day, language, query),
        sets={
            "entity": "SearchMiss",
            "version": 1,
            "language": language,
            "query": query,
            "expires_at": epoch(now + MISSES_KEPT),
        },
        adds={"times": 1},
        when=None,
    )


def misses(day: date) -> list[Miss]:
    """What was searched for in vain on a day (UTC)."""
    items = _all(f"SEARCH_MISSES#{day.isoformat()}")
    return [Miss(day.isoformat(), item["language"], item["query"], item["times"]) for item in items]


def from_item(item: Item) -> Vote:
    """The vote that a failed condition found."""
    return Vote(item["helpful"], item["language"], item["reason"], item["at"], item["revision"])


def _count(article: str, adds: dict[str, int]) -> Write:
    return table.update(keys.votes(article), sets={"entity": "Votes", "version": 1}, adds=adds, when=None)


def _tally(counter: Item) -> Tally:
    languages = sorted({name.partition("_")[2] for name in counter if name.startswith(("yes_", "no_"))})
    by_language = {one: (counter.get(f"yes_{one}", 0), counter.get(f"no_{one}", 0)) for one in languages}
    yes, no = (sum(pair[place] for pair in by_language.values()) for place in (0, 1))
    return Tally(yes, no, by_language)


def _all(pk: str, sk_prefix: str = "") -> Iterator[Item]:
    page = table.query(pk, sk_prefix=sk_prefix)
    yield from page.items
    while page.last_key:
        page = table.query(pk, sk_prefix=sk_prefix, after=page.last_key)
        yield from page.items
