"""Versions of items: which of each entity is written now, and how an older item is read.

A step brings an item from one version to the next. It is a pure function, applied wherever table.py reads, so that
rooms know the newest shape alone; `make migrate` applies the same steps to what lies in the table. A new shape takes
three releases, so that each can go back to the one before it:

    release   reads   writes
       1      1       1
       2      1, 2    1        expand: the step from 1 is here, WRITTEN does not tell of 2 yet
       3      1, 2    2        then `make migrate`, until its dry run finds no 1
       4      2       2        contract: the step from 1 is gone
"""

from collections.abc import Callable, Mapping
from typing import Any

Item = dict[str, Any]
Step = Callable[[Item], Item]

# The version that this release writes, of each entity that is not at its first.
WRITTEN: Mapping[str, int] = {"Vote": 2}


def _vote_counts_its_revisions(vote: Item) -> Item:
    """Until then `version` counted how often a visitor had voted on an article."""
    return {**vote, "revision": vote["version"], "version": 2}


# From which version of which entity: the way to the next.
STEPS: Mapping[tuple[str, int], Step] = {("Vote", 1): _vote_counts_its_revisions}

_NEWEST = {entity: before + 1 for entity, before in sorted(STEPS)}


def written(entity: str) -> int:
    """The version of an entity that this release writes."""
    return WRITTEN.get(entity, 1)


def newest(entity: str) -> int:
    """The newest version of an entity that this release can read; at most one more than it writes."""
    return _NEWEST.get(entity, written(entity))


def oldest(entity: str) -> int:
    """The oldest version of an entity that this release can read."""
    return min((before for name, before in STEPS if name == entity), default=written(entity))


def of(item: Item) -> int:
    """The version of an item's shape, whatever a vote of the first shape has counted to."""
    if item["entity"] == "Vote" and "revision" not in item:
        return 1
    return int(item["version"])


def read(item: Item) -> Item:
    """An item as the rooms know it: in the newest version. What is no item of an entity with steps stays as it is."""
    entity = item.get("entity")
    return brought_to(_NEWEST[entity], item) if entity in _NEWEST else item


def brought_to(version: int, item: Item) -> Item:
    """An item in this version; one that is there already, or beyond, as it is.

    Raises LookupError for an item that is older than what this release reads.
    """
    while (found := of(item)) < version:
        step = STEPS.get((item["entity"], found))
        if step is None:
            raise LookupError(f"{item['entity']} of version {found} is not read any more")
        item = step(item)
    return item
