"""A row of the table that `make bench` prints, the table, and what its verdicts mean for the exit status."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from infra.columns import aligned

_HEADINGS = ("what", "figure", "against", "ratio", "budget", "")


class Verdict(StrEnum):
    """How a figure stands to its budget."""

    OK = "ok"
    OVER = "over"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Row:
    """One figure beside its budget, each as it is written."""

    what: str
    figure: str
    against: str = ""
    ratio: str = ""
    budget: str = ""
    verdict: Verdict = Verdict.OK


@dataclass(frozen=True)
class Counted(Row):
    """A figure that is the same on every machine and however busy it is, so that one over its budget is a fault."""


def verdict(is_within: bool) -> Verdict:
    """What is written beside a figure that is within its budget, or is not."""
    return Verdict.OK if is_within else Verdict.OVER


def compared(what: str, ours: float, against: str, theirs: float, most: float) -> Row:
    """Seconds of ours against those of another in the same run, and at most how many times as long ours may take."""
    return Row(
        what,
        seconds(ours),
        f"{seconds(theirs)} {against}",
        times(ours / theirs),
        f"≤ {times(most)}",
        verdict(ours <= most * theirs),
    )


def failed(what: str, failure: Exception) -> Row:
    """The row of what could not be measured, with the first line of why."""
    reason = str(failure).strip() or repr(failure)
    return Row(what, reason.splitlines()[0][:100], verdict=Verdict.FAILED)


def seconds(time: float) -> str:
    """0.42 ms · 4.20 s"""
    return f"{time:.2f} s" if time >= 1 else f"{time * 1000:.3g} ms"


def times(ratio: float) -> str:
    """1.15 ×"""
    return f"{ratio:.2f} ×"


def drawn(rows: Sequence[Row]) -> str:
    """The table as text, under its headings."""
    return aligned([_HEADINGS, *(astuple(row) for row in rows)])


def exit_status(rows: Sequence[Row]) -> int:
    """1 when a count is over its budget or something could not be measured; a time that is over only informs."""
    wrong = any(
        row.verdict is Verdict.FAILED or (isinstance(row, Counted) and row.verdict is Verdict.OVER)
        for row in rows
    )
    return int(wrong)
