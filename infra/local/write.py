"""`make write`: what `make run` is, and an edited article shows itself in the browser.

Two processes take turns. The one that built the site that is served draws an edited article's page anew, at once;
then the other builds the whole site beside it, until the next edit stops it, so that menus, lists and the search
follow, and serves from then on. A mistake is told with file and line, and the last good page stays up. A change to
the theme takes two new processes. One to the functions, to this folder or to brand.toml starts everything anew,
once the changed code can be imported and the site built with it.
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
from infra.local.ministack import ROOT
from infra.local.pages import Pages
from infra.local.run import Kalauz, announce, end_of_ministack, start, until_ended
from infra.local.trouble import CannotRun
from infra.local.watching import Watching


class Writing:
    """A site that follows what is written."""

    def __init__(self, kalauz: Kalauz) -> None:
        self._server = kalauz.server
        self._served, self._beside = kalauz.folder.site / "1", kalauz.folder.site / "2"
        self._serving = kalauz.builder  # It built what is served.
        self._waiting = Builder()
        # What can be edited in the site that is served; nothing as long as that is behind by more than texts.
        self._known = _articles()
        self._found = self._known
        self._changed: set[Path] = set()
        self._is_building = False

    def take_up(self, changed: set[Path]) -> None:
        """Show what changed in articles, and begin to build the whole site; or say what is wrong."""
        for catalog in changed:
            if catalog.suffix == ".po":
                _compile(ROOT / catalog)
        if self._is_building:
            self._waiting = _another(self._waiting)
            self._is_building = False
        self._changed |= changed
        try:
            if any(map(_is_code, changed)):
                _try_to_import()
            if not all(map(_is_read_anew, changed)):
                self._serving, self._waiting = _another(self._serving), _another(self._waiting)
                self._known = frozenset()
            if changed <= self._known & _articles():
                self._show(changed)
            else:
                self._known = frozenset()
            self._begin()
        except CannotRun as trouble:
            _tell(trouble)

    @property
    def is_due(self) -> bool:
        """Whether the whole site was built, or could not be: `go_on`."""
        return self._is_building and not self._waiting.is_busy

    def go_on(self) -> bool:
        """Serve the site that was built, or say what is wrong with it; returns whether it takes a new process."""
        self._is_building = False
        try:
            self._waiting.finish()
        except CannotRun as trouble:
            _tell(trouble)
            return False
        self._server.origin.pages = Pages(self._beside)
        self._served, self._beside = self._beside, self._served
        self._serving, self._waiting = self._waiting, self._serving
        self._known, changed, self._changed = self._found, self._changed, set()
        print(f"Built anew: {_named(changed)}", flush=True)
        return any(map(_is_code, changed))

    def stop(self) -> None:
        """Build no more."""
        self._serving.stop()
        self._waiting.stop()

    def _show(self, articles: set[Path]) -> None:
        if self._serving.has_ended:  # A mistake that nobody foresaw; the whole build is not hurt by it.
            return
        for article in articles:
            name = article.relative_to("docs").as_posix()
            self._serving.begin(building.edit, self._served, name, live.SCRIPT)
            self._serving.finish()
        self._server.origin.pages = Pages(self._served)
        print(f"Shown: {_named(articles)}. The rest of the site follows.", flush=True)

    def _begin(self) -> None:
        if self._waiting.has_ended:
            self._waiting = _another(self._waiting)
        self._found = _articles()
        self._waiting.begin(building.build, self._beside, self._server.address, live.SCRIPT)
        self._is_building = True


def _another(builder: Builder) -> Builder:
    builder.stop()
    return Builder()


def _tell(trouble: CannotRun) -> None:
    print(f"{trouble}\nThe site stays as it was.", flush=True)


def _named(paths: Iterable[Path]) -> str:
    return ", ".join(str(path) for path in sorted(paths)[:5])


def _articles() -> frozenset[Path]:
    return frozenset(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md"))


def _is_read_anew(path: Path) -> bool:
    """Whether every build reads it, and not every process once."""
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
    kalauz = start(cleanup, script=live.SCRIPT, tools={live.PATH: live.live})
    watching = Watching(ROOT)
    cleanup.callback(watching.stop)
    writing = Writing(kalauz)
    cleanup.callback(writing.stop)
    announce(kalauz.server.address, also="What you edit under docs/ shows itself in the browser. ")
    while True:
        endings.wait(lambda: watching.is_due() or writing.is_due or kalauz.ministack.has_ended)
        if watching.is_due():
            writing.take_up(watching.take())
        elif not writing.is_due:
            break
        elif writing.go_on():
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
