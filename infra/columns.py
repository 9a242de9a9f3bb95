"""Rows of words as a table for the terminal."""

from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[object]]) -> str:
    """The rows as lines, each column as wide as its widest cell. There is at least one row, and all are as long."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
