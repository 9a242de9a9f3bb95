"""How often something may be tried: sliding windows, charged before the try is judged (RFC 4226, 7.3).

One item holds the latest attempts of a subject, newest first, so one condition decides a window of
N times in W seconds: the N-th latest attempt is missing or older than W.

    now ──┬────┬─────────┬──┬──────────────┬──▶ past
        [0]  [1]       [2][3]            [4]
          └───────── W seconds ──────┘        times[4] is older than W: a fifth may be tried.
"""

from datetime import datetime

from chalicelib import brand, keys, settings, table
from chalicelib.problems import Problem
from chalicelib.timestamps import epoch


def charge(what: str, subject: str, now: datetime) -> None:
    """Count one attempt of a kind that brand.toml limits, by or against a subject, in one round trip.

    Raises too_many_attempts with the seconds to wait; a refused attempt is not counted.
    """
    windows = brand.windows(what, local=settings.is_local())
    moment = epoch(now)
    admitted = " AND ".join(
        f"(attribute_not_exists(times[{window.times - 1}]) OR times[{window.times - 1}] <= :since{place})"
        for place, window in enumerate(windows)
    )
    longest = max(window.seconds for window in windows)
    key = keys.attempts(what, subject)
    step = table.change(
        key,
        "SET times = list_append(:latest, if_not_exists(times, :none)), "
        "expires_at = :expires, entity = :entity, version = :version",
        when=admitted,
        values={
            "latest": [moment],
            "none": [],
            "expires": moment + longest,
            "entity": "Attempts",
            "version": 1,
            **{f"since{place}": moment - window.seconds for place, window in enumerate(windows)},
        },
    )
    try:
        item = table.write(step)
    except table.ConditionFailed as refusal:
        times = (refusal.item or {}).get("times", [])
        raise Problem("too_many_attempts", retry_after=_wait(windows, times, moment)) from refusal
    _forget(key, item.get("times", []), keep=max(window.times for window in windows))


def _wait(windows: tuple[brand.Window, ...], times: list[int], moment: int) -> int:
    """Seconds until every window admits one more."""
    waits = [
        times[window.times - 1] + window.seconds - moment for window in windows if len(times) >= window.times
    ]
    return max(1, *waits) if waits else 1


def _forget(key: keys.Key, times: list[int], *, keep: int) -> None:
    """Once in `keep` charges, drop what no window looks at any more; later charges only push it further back."""
    if len(times) >= 2 * keep:
        stale = ", ".join(f"times[{place}]" for place in range(keep, len(times)))
        table.write(table.change(key, f"REMOVE {stale}", when=None))
