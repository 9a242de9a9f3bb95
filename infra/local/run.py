"""`make run`: the site with its live forms on one port, with everything that it needs, until Ctrl+C.

Claim the folder, find the port ▶ ministack starts while the site is built ▶ stack, people ▶ serve.
"""

import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local import building, mail_page, people, port, stack
from infra.local.building import Builder
from infra.local.ending import Ending, Endings
from infra.local.folder import LocalFolder, local_folder
from infra.local.ministack import Ministack
from infra.local.server import RunningServer, serve
from infra.local.trouble import CannotRun

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Kalauz:
    """All of it, running."""

    folder: LocalFolder
    builder: Builder
    ministack: Ministack
    server: RunningServer


def start(
    cleanup: contextlib.ExitStack, *, script: str = "", tools: "Mapping[str, WSGIApplication] | None" = None
) -> Kalauz:
    """Start everything; `cleanup` stops it, in the reverse order. Raises CannotRun.

    `script` is one that every page gets, and `tools` are applications under paths of their own.
    """
    number = port.wanted()
    address = f"http://localhost:{number}"
    folder = local_folder()
    folder.claim()
    site = folder.site / "1"
    builder = Builder()
    cleanup.callback(builder.stop)
    builder.begin(building.build, site, address, script)
    ministack = _start_ministack(folder, cleanup)
    builder.finish()
    try:
        server = serve(site, mails=folder.mails, port=number, tools=tools)
    except OSError as failure:
        raise CannotRun(f"Port {number} was taken meanwhile. Start again.") from failure
    cleanup.callback(server.stop)
    return Kalauz(folder, builder, ministack, server)


def _start_ministack(folder: LocalFolder, cleanup: contextlib.ExitStack) -> Ministack:
    kept = folder.keeps_something()
    ministack = Ministack.start(folder.ministack, keeps_state=True, inherits=(folder.lock,))
    with contextlib.ExitStack() as half_done:
        # A state that it could not read, or that is made by halves, must not be saved.
        half_done.callback(ministack.abandon)
        ministack.wait_until_ready()
        stack.environment(ministack)
        if kept and not stack.is_whole():
            raise folder.cannot_be_read()
        stack.create()
        try:
            people.seed()
        except KeyError as other_shape:  # Items that a version before this one wrote.
            raise folder.cannot_be_read() from other_shape
        half_done.pop_all()
        cleanup.callback(ministack.stop)
    return ministack


def announce(address: str, *, also: str = "") -> None:
    """What the terminal says when all is ready."""
    width = max(len(person.email) for person in people.PEOPLE)
    lines = [
        f"Kalauz is ready:  {address}/",
        f"Mails sent here:  {address}{mail_page.PATH}",
        f"To sign in, the password is  {people.PASSWORD}  for",
        *(f"  {person.email:{width}}  {person.name}: {person.story}" for person in people.PEOPLE),
        f"{also}Ctrl+C stops it; what you did is kept.",
    ]
    print("\n".join(lines), flush=True)


def end_of_ministack(kalauz: Kalauz) -> None:
    """Raise CannotRun when it was ministack that ended, and not we."""
    if kalauz.ministack.has_ended:
        raise CannotRun(f"ministack ended by itself; {kalauz.ministack.log} says why. Start again.")


def until_ended(work: Callable[[contextlib.ExitStack, Endings], None]) -> int:
    """Do the work until a signal ends it, then clean up whatever was started; returns the exit status."""
    endings = Endings()
    try:
        with contextlib.ExitStack() as cleanup:
            try:
                work(cleanup, endings)
            finally:
                endings.ignore()
    except Ending:
        return 0
    except CannotRun as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def _work(cleanup: contextlib.ExitStack, endings: Endings) -> None:
    kalauz = start(cleanup)
    kalauz.builder.stop()
    announce(kalauz.server.address)
    endings.wait(lambda: kalauz.ministack.has_ended)
    end_of_ministack(kalauz)


if __name__ == "__main__":
    sys.exit(until_ended(_work))
