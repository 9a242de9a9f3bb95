"""What a writer or programmer changes, as it is changed."""

import threading
import time
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

FOLDERS = ("docs", "theme", "functions", "infra/local", "writing")
FILES = ("mkdocs.yml", "brand.toml")
# An editor writes a file in several steps, and a checkout changes many files: wait until it is quiet.
QUIET_SECONDS = 0.1
_CHANGES = frozenset({"created", "modified", "deleted", "moved"})
# What programs leave beside the files that people edit.
_BY_THE_WAY = frozenset({".pyc", ".swp", ".swx", ".tmp", ".part"})


class Watching(FileSystemEventHandler):
    """Collects changed files under a root, given relative to it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._changed: set[Path] = set()
        self._latest = 0.0
        self._observer = Observer()
        for folder in FOLDERS:
            self._observer.schedule(self, str(root / folder), recursive=True)
        self._observer.schedule(self, str(root), recursive=False)
        self._observer.start()

    def stop(self) -> None:
        """Look no more."""
        self._observer.stop()
        self._observer.join()

    def is_due(self) -> bool:
        """Whether something changed, and nothing since a moment."""
        with self._lock:
            return bool(self._changed) and time.monotonic() - self._latest > QUIET_SECONDS

    def take(self) -> set[Path]:
        """The files that changed since the last time."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note a change; called by the observer's thread."""
        if event.is_directory or event.event_type not in _CHANGES:
            return
        for name in filter(None, (event.src_path, event.dest_path)):
            path = Path(str(name)).relative_to(self._root)
            if self._counts(path):
                with self._lock:
                    self._changed.add(path)
                    self._latest = time.monotonic()

    @staticmethod
    def _counts(path: Path) -> bool:
        if len(path.parts) == 1 and path.name not in FILES:
            return False
        is_hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
        return not (is_hidden or path.suffix in _BY_THE_WAY or path.name.endswith("~") or path.name == "4913")
