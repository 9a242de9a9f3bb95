"""How far a long job is, on stderr: items, bytes, how fast, and how much is left."""

import sys
import threading
import time
from types import TracebackType

TERMINAL_EVERY = 0.5  # seconds; a terminal's line is written over
LOG_EVERY = 10.0


class Progress:
    """Counts from several threads at once, and tells now and then; `about` tells what the total is worth."""

    def __init__(self, doing: str, total: int, *, about: str = "") -> None:
        self._doing = doing
        self._total = total
        self._about = about
        self._lock = threading.Lock()
        self._items = self._bytes = self._earlier = 0
        self._began = time.monotonic()
        self._on_terminal = sys.stderr.isatty()
        self._told_at = self._began

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._tell()
            if self._on_terminal:
                sys.stderr.write("\n")

    def resume(self, items: int, bytes: int) -> None:
        """Count what an earlier run did, which tells nothing about how fast this one is."""
        with self._lock:
            self._items += items
            self._bytes += bytes
            self._earlier += items

    def add(self, items: int, bytes: int) -> None:
        """Count what was just done."""
        with self._lock:
            self._items += items
            self._bytes += bytes
            every = TERMINAL_EVERY if self._on_terminal else LOG_EVERY
            if time.monotonic() - self._told_at >= every:
                self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        seconds = max(self._told_at - self._began, 0.001)
        rate = (self._items - self._earlier) / seconds
        left = max(self._total - self._items, 0)
        words = [
            f"{self._doing} {self._items:,} items",
            f"{self._bytes / 1e6:,.1f} MB",
            f"{rate:,.0f} items/s",
        ]
        if not self._items:
            words = [f"{self._doing} {self._bytes / 1e6:,.1f} MB", f"{self._bytes / 1e6 / seconds:,.0f} MB/s"]
        if left and rate:
            words.append(f"{left:,} of {self._about}{self._total:,} left: {_duration(left / rate)}")
        end = "\x1b[K" if self._on_terminal else "\n"
        start = "\r" if self._on_terminal else ""
        sys.stderr.write(f"{start}{', '.join(words)}{end}")
        sys.stderr.flush()


def _duration(seconds: float) -> str:
    """40 s · 12 min · 3.5 h"""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
