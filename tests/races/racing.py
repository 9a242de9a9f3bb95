"""Doing one thing many times at once, as the code stands or without what guards it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pkgutil import resolve_name
from threading import Barrier
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


def at_once(times: int, act: Callable[[int], T], *, once_all_did: str = "") -> list[T]:
    """What each of so many threads got, which all start together; each is told its place.

    None goes on from the function that is named (`chalicelib.passwords.repository.reset`) before all have
    returned from it: so each has read what the others are about to change, whichever is the slowest.
    """
    start, read = Barrier(times), Barrier(times, timeout=30)

    def run(place: int) -> T:
        start.wait()
        return act(place)

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(times) as threads:
        if once_all_did:
            function: Callable[..., Any] = resolve_name(once_all_did)

            def together(*arguments: Any) -> Any:
                found = function(*arguments)
                read.wait()
                return found

            patch.setattr(once_all_did, together)
        return list(threads.map(run, range(times)))


@contextmanager
def without(*conditions: tuple[str, str | None]) -> Iterator[None]:
    """Named conditions (`chalicelib.people.repository.HAS_ROOM`), replaced until the end of the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, replacement in conditions:
            patch.setattr(name, replacement)
        yield
