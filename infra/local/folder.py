"""The folder that keeps what `make run` must not forget: .local/, or the one that KALAUZ_LOCAL_DIR names.

- lock: held by who uses the folder, ministack included, until it has saved
- ministack/: its state, written when it stops, and its log
- mail/: the mails that were sent
- site/: the pages as they were built last
"""

import errno
import fcntl
import json
import os
import time
from pathlib import Path

from infra.local.ministack import ROOT, SAVES_WITHIN
from infra.local.trouble import CannotRun


class InUse(CannotRun):
    """Another `make run` has the folder."""


class LocalFolder:
    """The folder, ours alone from `claim` until this process and its ministack are gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ministack = path / "ministack"
        self.mails = path / "mail"
        self.site = path / "site"
        self.lock = -1  # A descriptor, once claimed.

    def claim(self) -> None:
        """Make sure that the folder can be used, and that nobody else uses it. Raises CannotRun, InUse."""
        try:
            self._lock()
            for folder in (self.ministack / "state", self.mails, self.site):
                folder.mkdir(parents=True, exist_ok=True)
                _try_to_write(folder)
            for kept in (*(self.ministack / "state").glob("*.json"), *self.mails.glob("*.json")):
                _try_to_read(kept)
        except OSError as failure:
            raise CannotRun(
                f"{self.path} cannot be used: {_reason(failure)}. "
                "Remove it, or let KALAUZ_LOCAL_DIR name another folder."
            ) from failure

    def keeps_something(self) -> bool:
        """Whether an earlier ministack saved its state here."""
        return any((self.ministack / "state").glob("*.json"))

    def cannot_be_read(self) -> CannotRun:
        """What to say when ministack does not find in its state what must be there."""
        return CannotRun(f"What {self.path} keeps cannot be read. Remove it to start anew: rm -r {self.path}")

    def _lock(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + SAVES_WITHIN
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(self.lock, 32, 0).decode("ascii", "replace").strip()
                # Where the holder was killed, its ministack is saving, and about to end.
                if _is_alive(holder) or time.monotonic() > deadline:
                    raise InUse(
                        f"{self.path} is in use by another `make run` (process {holder}). Stop that one, "
                        "or let KALAUZ_LOCAL_DIR name another folder."
                    ) from None
                time.sleep(0.1)
            else:
                os.ftruncate(self.lock, 0)
                os.pwrite(self.lock, str(os.getpid()).encode("ascii"), 0)
                return


def local_folder() -> LocalFolder:
    """The folder of this machine."""
    return LocalFolder(Path(os.environ.get("KALAUZ_LOCAL_DIR") or ROOT / ".local").absolute())


def _try_to_write(folder: Path) -> None:
    probe = folder / ".probe"
    probe.write_bytes(b"")
    probe.unlink()


def _try_to_read(kept: Path) -> None:
    """Ministack would go on without a state that it cannot read, and then write over it."""
    try:
        json.loads(kept.read_text("utf-8"))
    except ValueError as broken:
        raise OSError(errno.EINVAL, "it is damaged", str(kept)) from broken


def _reason(failure: OSError) -> str:
    if isinstance(failure, FileExistsError | NotADirectoryError):
        return "a file stands in its place"
    about = f"{failure.filename}: " if failure.filename else ""
    return f"{about}{(failure.strerror or str(failure)).lower()}"


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True
