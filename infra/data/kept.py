"""Files that a kill at any moment leaves whole: an earlier state or a later one, never half of one."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path
from typing import Any, Literal

from infra.local.trouble import CannotRun


def keep(file: Path, content: Any) -> None:
    """Write JSON in the place of what a file held."""
    half_done = file.with_name(f"{file.name}.new")
    with open_private(half_done, "wb") as output:
        output.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
        output.flush()
        os.fsync(output.fileno())
    half_done.replace(file)
    _settle(file.parent)


def kept(file: Path) -> Any:
    """The JSON in a file; None where there is none. Raises CannotRun for what is no JSON."""
    try:
        return json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as failure:
        raise CannotRun(f"{file} cannot be read: it is damaged, or not ours.") from failure


def open_private(file: Path, mode: Literal["wb", "ab"]) -> BufferedWriter:
    """Open a file that, when it is new, only its owner may read."""
    return open(file, mode, opener=lambda path, flags: os.open(path, flags, 0o600))


@contextmanager
def ours_alone(folder: Path) -> Iterator[None]:
    """Make a folder, and hold it until the end of the block. Raises CannotRun while another process holds it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as failure:
        raise CannotRun(f"{folder} cannot be used: {(failure.strerror or '').lower()}.") from failure
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotRun(f"Another export writes into {folder}.") from None
    finally:
        os.close(descriptor)


def _settle(folder: Path) -> None:
    """Let the folder itself, with the new name in it, outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
