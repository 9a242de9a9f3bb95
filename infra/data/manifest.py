"""The manifest of an export: what it is, what it holds, and the digest of each file, signed by the export's key."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chalicelib import versions
from infra.data import contents
from infra.data.export_key import ExportKey
from infra.data.kept import keep, kept
from infra.local.trouble import CannotRun

FORMAT = "kalauz-export"
VERSION = 1  # of the format; an import takes this one and the one before, once there is one
FILE = "manifest.json"
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class DataFile:
    """One file of lines."""

    name: str
    items: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an export says of itself; times are RFC 3339."""

    id: str
    table: str
    began_at: str
    finished_at: str
    key: str  # the fingerprint of the export's key
    items: int
    bytes: int
    entities: Mapping[str, int]  # how many items of each
    versions: Mapping[str, Sequence[int]]  # which there are of each entity, the oldest first
    left: Mapping[str, int]  # how many of what stayed behind
    files: tuple[DataFile, ...]

    def write(self, folder: Path, key: ExportKey) -> None:
        """Sign it, and finish the export with it."""
        said = {"format": FORMAT, "version": VERSION, **asdict(self)}
        keep(folder / FILE, {**said, "signature": key.signature(_canonical(said))})


def read(folder: Path, key_file: Path) -> tuple[Manifest, ExportKey]:
    """The manifest of a finished export and the key that it was made with.

    Raises CannotRun for what is no export, an unfinished one, another format, a wrong key, or an altered manifest.
    """
    said = kept(folder / FILE)
    if said is None:
        raise CannotRun(f"{folder} holds no finished export: there is no {FILE}.")
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise CannotRun(f"{folder / FILE} is not one of `make export`.")
    if said.get("version") != VERSION:
        raise CannotRun(
            f"{folder} is in version {said.get('version')} of the format, and this release reads {VERSION}."
        )
    key = ExportKey.read(key_file)
    if said.get("key") != key.fingerprint:
        raise CannotRun(f"{key_file} is the key of another export. KEY=… names the file of the right one.")
    signature = said.pop("signature", "")
    if signature != key.signature(_canonical(said)):
        raise CannotRun(f"{folder / FILE} was altered after the export.")
    del said["format"], said["version"]
    files = tuple(DataFile(**each) for each in said.pop("files"))
    return Manifest(**said, files=files), key


def verify(manifest: Manifest, folder: Path, seen: Callable[[int], None]) -> None:
    """Compare each file with its digest, and the items' entities and versions with what this release reads.

    `seen` hears of the bytes as they are read. Raises CannotRun at the first that differs.
    """
    for entity, found in manifest.versions.items():
        if entity not in contents.CARRIED:
            raise CannotRun(
                f"The export holds items of '{entity}', which this release does not know: import with the release "
                "that wrote it."
            )
        if found[-1] > versions.newest(entity):
            raise CannotRun(
                f"The export holds {entity} of version {found[-1]}, and this release reads "
                f"{versions.newest(entity)}: import with the release that wrote it."
            )
        if found[0] < versions.oldest(entity):
            raise CannotRun(
                f"The export holds {entity} of version {found[0]}, which this release does not read any more: import "
                "with the release that wrote it, migrate there, and deploy this one over it."
            )
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            raise CannotRun(f"{path} is missing.")
        if digest(path, seen) != file.sha256:
            raise CannotRun(f"{path} is not as it was exported: its SHA-256 differs from the manifest's.")


def digest(file: Path, seen: Callable[[int], None] = lambda _bytes: None) -> str:
    """The SHA-256 of a file, read in pieces."""
    found = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(CHUNK_BYTES):
            found.update(piece)
            seen(len(piece))
    return found.hexdigest()


def _canonical(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
