"""Whether the time of an answer tells a registered address from any other (trust.md, 14)."""

import random
from collections.abc import Iterator
from math import comb
from statistics import median
from typing import Any

from infra.bench.metering import Meter, metering
from infra.bench.rows import Row, seconds, times, verdict
from infra.bench.setting import Setting
from tests.client import Client
from tests.conftest import settle

PAIRS = 200
# Where one comparison tells an attacker next to nothing; of fair coins thrown 200 times, no series in 50,000 leaves it.
FAIR = (0.35, 0.65)


def rows(setting: Setting) -> Iterator[Row]:
    """A row for each form that anybody may send with an address."""
    setting.use_ministack()
    for number in range(PAIRS):
        settle(f"known-{number:03}", "Alice Petrović", "sr", owns=True)
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "sign-in": ("/api/session", {"password": "not the right one"}),
        "registration": ("/api/registrations", {"name": "Dana", "language": "sr"}),
        "password reset": ("/api/password-resets", {"language": "sr"}),
    }
    with metering() as meter:
        for what, (path, fields) in forms.items():
            yield _row(what, [_pair(meter, path, fields, number) for number in range(PAIRS)])


def _pair(meter: Meter, path: str, fields: dict[str, Any], number: int) -> tuple[float, float]:
    """The seconds of a request with a known address and of one with an unknown one; who comes first is drawn by lot."""
    taken = {}
    for who in random.sample(("known", "other"), 2):
        meter.read()
        Client().post(path, {**fields, "email": f"{who}-{number:03}@example.com"})
        taken[who] = meter.read().handler
    return taken["known"], taken["other"]


def _row(what: str, pairs: list[tuple[float, float]]) -> Row:
    known, other = (median(times) for times in zip(*pairs, strict=True))
    slower = sum(one > another for one, another in pairs)
    share = slower / len(pairs)
    return Row(
        f"{what} with a known address",
        f"{seconds(known)}, slower in {share:.0%}, p {_chance(slower, len(pairs)):.2f}",
        f"{seconds(other)} an unknown one",
        times(known / other),
        "{:.0%} to {:.0%}".format(*FAIR),
        verdict(FAIR[0] <= share <= FAIR[1]),
    )


def _chance(heads: int, throws: int) -> float:
    """How probable it is that a fair coin is at least as far from the middle (the sign test)."""
    distance = abs(heads - throws / 2)
    as_far = sum(comb(throws, each) for each in range(throws + 1) if abs(each - throws / 2) >= distance)
    return as_far / float(2**throws)
