"""When to end: Ctrl+C, SIGTERM, a closed terminal, or the end of the `make` that started us."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

LOOKS_EVERY = 0.1  # seconds
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending(BaseException):
    """Raised in the main thread by the first signal to end, wherever it is; later ones are not heeded."""


class Endings:
    """Watches for what should end this process, from when it is made."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._caught_by_parent = _caught_signals(self._parent)
        for number in _SIGNALS:
            signal.signal(number, self._end)

    def ignore(self) -> None:
        """Nothing interrupts the cleaning up."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Return when `is_over`, when the parent is gone or about to go; a signal raises Ending."""
        while not is_over() and not self._parent_ends():
            time.sleep(LOOKS_EVERY)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.ignore()
        raise Ending

    def _parent_ends(self) -> bool:
        """Whether the parent died, or is a `make` that got a signal to end and waits for its child, which did not.

        GNU make passes only SIGTERM on to its children. At the other signals it puts their default action back
        in force and waits, which shows in the set of signals that it catches.
        """
        return os.getppid() != self._parent or bool(self._caught_by_parent & ~_caught_signals(self._parent))


def _caught_signals(process: int) -> int:
    """Those of our signals that `make` catches, as bits; none for other programs, and where there is no /proc."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    except OSError:
        return 0
    if status["Name"].strip() != "make":
        return 0
    ours = sum(1 << (number - 1) for number in _SIGNALS)
    return int(status["SigCgt"], 16) & ours
