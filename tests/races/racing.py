"""Doing one thing many times at once, as the code stands or without what guards it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

import pytest

T = TypeVar("T")


def at_once(times: int, act: Callable[[int], T]) -> list[T]:
    """What each of so many threads got, which all start together; each is told its place."""
    start = Barrier(times)

    def run(place: int) -> T:
        start.wait()
        return act(place)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


@contextmanager
def without(*conditions: tuple[str, str | None]) -> Iterator[None]:
    """Named conditions (`chalicelib.people.repository.HAS_ROOM`), replaced until the end of the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, replacement in conditions:
            patch.setattr(name, replacement)
        yield
