"""`make export`, `make import` and `make migrate`.

    TO=folder STAGE=… python -m infra.data export        KEY=file: beside the folder, where it says nothing
    FROM=folder STAGE=… python -m infra.data import      QUEUED=send: also the mails that were still to be sent
    STAGE=… python -m infra.data migrate                 DRY=1: only tell; ENTITY=Vote: only these

Without STAGE or TABLE it is the table of `make run` (infra/local/reaching.py).
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.problems import Problem
from infra.data import tables
from infra.data.exporting import export
from infra.data.importing import import_
from infra.data.migrating import migrate
from infra.deploy.trouble import told
from infra.local.reaching import reaching_the_table
from infra.local.trouble import CannotRun


def _export() -> None:
    folder = _folder("TO")
    key_file = _key_file(folder)
    known = export(folder, key_file)
    left = ", ".join(f"{count:,} {what}" for what, count in known.left.items())
    print(
        f"{folder}: {known.items:,} items of {known.table}, {known.bytes:,} bytes, {len(known.files)} files."
    )
    if left:
        print(f"Left behind: {left}.")
    print(f"Its key: {key_file}. Keep it apart from the folder: who has both can read every secret,")
    print("and without it nobody can import.")


def _import() -> None:
    folder = _folder("FROM")
    sends_queued = _said("QUEUED", {"": False, "send": True})
    known, was_done = import_(folder, _key_file(folder), sends_queued=sends_queued)
    if was_done:
        print(f"{tables.name()} has this export already; nothing was changed.")
        return
    print(f"{tables.name()}: {known.items:,} items as {known.table} held them on {known.began_at}.")
    if not sends_queued:
        print("Mails that were still to be sent are parked: they are kept, and not sent.")


def _migrate() -> None:
    print(
        migrate(entity=os.environ.get("ENTITY", ""), is_dry=_said("DRY", {"": False, "0": False, "1": True}))
    )


JOBS: Mapping[str, tuple[Callable[[], None], bool]] = {
    "export": (_export, False),
    "import": (_import, True),
    "migrate": (_migrate, True),
}


def _folder(variable: str) -> Path:
    if not (said := os.environ.get(variable)):
        raise CannotRun(f"Say which folder: {variable}=…")
    return Path(said)


def _key_file(folder: Path) -> Path:
    """The file that KEY names, or the one beside the folder."""
    return Path(os.environ.get("KEY") or f"{folder.resolve()}.key")


def _said(variable: str, meanings: Mapping[str, bool]) -> bool:
    said = os.environ.get(variable, "")
    if said not in meanings:
        raise CannotRun(
            f"{variable}={said} is not known; say {variable}={list(meanings)[-1]}, or leave it out."
        )
    return meanings[said]


def main(what: str) -> int:
    """Do it; returns the exit status."""
    job, to_write = JOBS[what]
    try:
        with reaching_the_table(to_write=to_write):
            job()
    except CannotRun as trouble:
        print(trouble, file=sys.stderr)
    except Problem:
        print("AWS does not answer. Run the same again: it goes on from here.", file=sys.stderr)
    except (BotoCoreError, ClientError) as failure:
        print(told(failure, policy="infra/data/policy.json"), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. Run the same again: it goes on from here.", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
