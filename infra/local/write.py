"""`make write`: what `make run` is, and an edited article shows itself in the browser.

A change to an article or to the theme builds the site anew, beside the one that is served; a mistake is told with
file and line, and the last good site stays up. One process builds it as long as only articles change, so that an edit
shows within two seconds. A change to the functions, to this folder or to brand.toml starts everything anew, once the
changed code can be imported.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from infra.local import building, live
from infra.local.building import Builder
from infra.local.ending import Endings
from infra.local.live import Live
from infra.local.ministack import ROOT
from infra.local.pages import Pages
from infra.local.run import Kalauz, announce, end_of_ministack, start, until_ended
from infra.local.trouble import CannotRun
from infra.local.watching import Watching


class Writing:
    """A site that follows what is written."""

    def __init__(self, kalauz: Kalauz, tool: Live) -> None:
        self._kalauz = kalauz
        self._builder = kalauz.builder
        self._tool = tool
        self._places = [kalauz.folder.site / "1", kalauz.folder.site / "2"]  # The first one is served.

    def take_up(self, changed: Iterable[Path]) -> bool:
        """Show what changed, or say what is wrong with it; returns whether it takes a new process."""
        changed = sorted(changed)
        for catalog in changed:
            if catalog.suffix == ".po":
                _compile(ROOT / catalog)
        try:
            code = [path for path in changed if _is_code(path)]
            if code:
                _try_to_import()
            if self._builder.has_ended or not all(map(_is_article, changed)):
                self._take_another_builder()
            self._build()
        except CannotRun as trouble:
            print(f"{trouble}\nThe site stays as it was.", flush=True)
            return False
        print(f"Built anew: {', '.join(str(path) for path in changed[:5])}", flush=True)
        return bool(code)

    def stop(self) -> None:
        """Build no more."""
        self._builder.stop()

    def _take_another_builder(self) -> None:
        self._builder.stop()
        self._builder = Builder()

    def _build(self) -> None:
        """The pages first: a writer waits for them, and nobody searches within the moment that the index takes."""
        build, beside = live.new_build(), self._places[1]
        server = self._kalauz.server
        self._builder.begin(building.build_pages, beside, server.address, live.script(build))
        self._builder.finish()
        server.origin.pages = Pages(beside)
        self._tool.built = build
        self._places.reverse()
        self._builder.begin(building.index, beside)
        self._builder.finish()
        server.origin.pages = Pages(beside)


def _is_article(path: Path) -> bool:
    """Whether every process that builds reads it anew."""
    return path.parts[0] == "docs"


def _is_code(path: Path) -> bool:
    """Whether this process runs it: the theme's hooks run in the build's own process."""
    return path.parts[0] in ("functions", "infra") or path.name == "brand.toml"


def _compile(catalog: Path) -> None:
    """Make the .mo of a catalog; its absence of mistakes is `make check`'s business."""
    compiled = catalog.with_suffix(".mo")
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "compile", "-i", catalog, "-o", compiled],
        check=False,
    )


def _try_to_import() -> None:
    """Raise CannotRun when the changed code would not start."""
    tried = subprocess.run(
        [sys.executable, "-c", "import app, infra.local.write"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        raise CannotRun(tried.stderr.rstrip())


def _work(cleanup: contextlib.ExitStack, endings: Endings) -> None:
    tool = Live()
    kalauz = start(cleanup, script=live.script(tool.built), tools={live.PATH: tool})
    watching = Watching(ROOT)
    cleanup.callback(watching.stop)
    writing = Writing(kalauz, tool)
    cleanup.callback(writing.stop)
    announce(kalauz.server.address, also="What you edit under docs/ shows itself in the browser. ")
    while True:
        endings.wait(lambda: watching.is_due() or kalauz.ministack.has_ended)
        if not watching.is_due():
            break
        if writing.take_up(watching.take()):
            _start_anew(cleanup, kalauz)
    end_of_ministack(kalauz)


def _start_anew(cleanup: contextlib.ExitStack, kalauz: Kalauz) -> None:
    """Stop all of it, and let a new process take this one's place, on the same port."""
    print("Starting anew with the changed code …", flush=True)
    os.environ["PORT"] = kalauz.server.address.rpartition(":")[2]
    cleanup.close()
    os.execv(sys.executable, [sys.executable, "-m", "infra.local.write"])  # noqa: S606 - our own module.


if __name__ == "__main__":
    sys.exit(until_ended(_work))
