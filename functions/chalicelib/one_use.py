"""What a mail's link opens, once: an item found by the hash of its token, with an expiry and a mark of its use."""

from datetime import datetime

from chalicelib import table
from chalicelib.keys import Key
from chalicelib.problems import Problem
from chalicelib.table import Item, Write
from chalicelib.timestamps import epoch, rfc3339

# The first use marks the item, every later one finds the mark.
UNUSED = "attribute_exists(pk) AND attribute_not_exists(used_at)"


def usable(key: Key, now: datetime) -> Item:
    """The item that a link opens. Raises not_found where there never was one, link_expired for a used or old one.

    TTL itself may be two days late, so the expiry is compared here.
    """
    item = table.get(key)
    if item is None:
        raise Problem("not_found")
    if "used_at" in item or item["expires_at"] <= epoch(now):
        raise Problem("link_expired")
    return item


def use(key: Key, now: datetime) -> Write:
    """Mark an item as used; of parallel uses one succeeds, the others raise link_expired."""
    return table.update(key, sets={"used_at": rfc3339(now)}, when=UNUSED).or_else(Problem("link_expired"))
