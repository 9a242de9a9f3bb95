"""What a writer has to mend, and where."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Finding(NamedTuple):
    """Something wrong in a file; `may_wait` says that readers can live with it until the next release."""

    file: str
    line: int
    what: str
    mend: str
    may_wait: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; {self.mend}"


def nearest(word: str, words: Iterable[str]) -> str:
    """ "did you mean 'x'?" for the likeliest of some words, or all of them where none is near."""
    words = list(words)
    near = get_close_matches(word, words, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(words)}"
