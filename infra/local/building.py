"""The site, built strictly in a process of its own, which can build it again, or a page of it: its imports are done.

Its hooks are those of its start, so what changes the hooks, the words or the brand takes another process.
`python -m infra.local.building` reads a task a line, and answers with what is wrong, with file and line, and with DONE
or NOT_DONE on a line of its own. It ends with its input.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.ministack import ROOT
from infra.local.trouble import CannotRun

if TYPE_CHECKING:
    from infra.local.editing import Kept

CONFIG = ROOT / "mkdocs.yml"
DONE, NOT_DONE = "-- done --", "-- not done --"


class Builder:
    """The process, which does one task after the other."""

    def __init__(self) -> None:
        paths = [str(ROOT / "functions"), str(ROOT)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.building"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_MKDOCS_2_WARNING": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = ThreadPoolExecutor(1)
        self._answer: Future[None] | None = None

    def begin(self, task: Callable[..., str], site: Path, *more: str) -> None:
        """Begin one of TASKS on the site in a folder; `finish` it before beginning another."""
        assert self._process.stdin  # noqa: S101 - a pipe, as asked for.
        with contextlib.suppress(BrokenPipeError):  # It died: `finish` tells what of.
            self._process.stdin.write(json.dumps([task.__name__, str(site), *more]) + "\n")
            self._process.stdin.flush()
        self._answer = self._reader.submit(self._read)

    @property
    def is_busy(self) -> bool:
        """Whether something was begun, and `finish` would wait for it."""
        return self._answer is not None and not self._answer.done()

    def finish(self) -> None:
        """Wait for what was begun. Raises CannotRun with what is wrong."""
        assert self._answer  # noqa: S101 - something was begun.
        self._answer.result()

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone, as after a mistake that nobody foresaw."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End the process, whatever it is at, and what it started."""
        if not self.has_ended:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.shutdown()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _read(self) -> None:
        assert self._process.stdout  # noqa: S101 - a pipe, as asked for.
        wrong: list[str] = []
        for line in self._process.stdout:
            if line.rstrip() == DONE:
                return
            if line.rstrip() == NOT_DONE:
                break
            wrong.append(line)
        raise CannotRun(f"The site cannot be built:\n{''.join(wrong).rstrip()}")


def build(site: Path, address: str, script: str = "", *, compressed: bool = True) -> str:
    """Build the site that will stand at an address: pages, and what searches them. Returns what is wrong, or nothing.

    `script` is the address of one that every page gets beside its own, for `make write`. Without it there are
    pictures for links too, and, unless what serves them compresses by itself, compressed copies: neither is a
    writer's business.
    """
    from infra.local.compress import compress
    from theme import pictures, search_index

    wrong = _build_pages(site, address)
    if wrong:
        return wrong
    if script:
        for page in site.rglob("*.html"):
            _add_script(page, script)
    try:
        search_index.write(site)
    except (subprocess.CalledProcessError, ValueError) as failure:
        return str(failure)
    if not script:
        pictures.write(site)
        if compressed:
            compress(site)
    return ""


def edit(site: Path, article: str, script: str) -> str:
    """Build the page of one article anew, in the site that this process built; returns what is wrong, or nothing.

    A page with something wrong is not published.
    """
    assert _kept  # noqa: S101 - only who built the site is asked.
    page = site.with_name(f"{site.name}.page")
    with _mistakes() as mistakes:
        place = _kept.draw(article, page)
    if mistakes:
        return "\n".join(mistakes)
    _add_script(page, script)
    page.replace(site / place)
    return ""


# What the latest build of the whole site had at hand.
_kept: "Kept | None" = None


def _build_pages(site: Path, address: str) -> str:
    """What mkdocs builds."""
    global _kept
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config

    from infra.local.editing import Kept

    shutil.rmtree(
        site, ignore_errors=True
    )  # mkdocs-static-i18n leaves mkdocs unable to, once a build failed.
    with _mistakes() as mistakes:
        config = load_config(str(CONFIG), site_dir=str(site), site_url=f"{address}/", strict=True)
        kept = Kept(config)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build_site(config)
        finally:
            config.plugins.on_shutdown()
        _kept = kept
    return "\n".join(mistakes)


@contextlib.contextmanager
def _mistakes() -> Iterator[list[str]]:
    """What mkdocs warns of and stops for within the block."""
    from mkdocs.exceptions import ConfigurationError, MkDocsException

    messages, log = _Messages(), logging.getLogger("mkdocs")
    log.addHandler(messages)
    try:
        yield messages.written
    except (MkDocsException, ConfigurationError) as failure:
        messages.written.append(str(failure))
    finally:
        log.removeHandler(messages)


def _add_script(page: Path, script: str) -> None:
    tag = f'<script type="module" src="{script}"></script></body>'
    page.write_text(page.read_text("utf-8").replace("</body>", tag), "utf-8")


class _Messages(logging.Handler):
    """Keeps what mkdocs warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(f"{record.levelname}: {record.getMessage()}")


TASKS = {task.__name__: task for task in (build, edit)}


def main() -> None:
    """Do what each line says."""
    for line in sys.stdin:
        task, site, *more = json.loads(line)
        wrong = TASKS[task](Path(site), *more)
        print(*filter(None, [wrong]), NOT_DONE if wrong else DONE, sep="\n", flush=True)


if __name__ == "__main__":
    main()
