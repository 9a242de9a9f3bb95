"""The site, built strictly in a process of its own, which can build it again: at once, for its imports are done.

Its hooks are those of its start, so what changes the hooks, the words or the brand takes another process.
`python -m infra.local.building` reads a task a line, and answers with what is wrong, with file and line, and with DONE
or NOT_DONE on a line of its own. It ends with its input.
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.local.ministack import ROOT
from infra.local.trouble import CannotRun

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

    def begin(self, task: Callable[..., str], site: Path, *more: str) -> None:
        """Begin one of TASKS on the site in a folder; `finish` it before beginning another."""
        assert self._process.stdin  # noqa: S101 - a pipe, as asked for.
        with contextlib.suppress(BrokenPipeError):  # It died: `finish` tells what of.
            self._process.stdin.write(json.dumps([task.__name__, str(site), *more]) + "\n")
            self._process.stdin.flush()

    def finish(self) -> None:
        """Wait for what was begun. Raises CannotRun with what is wrong."""
        assert self._process.stdout  # noqa: S101 - a pipe, as asked for.
        wrong: list[str] = []
        for line in self._process.stdout:
            if line.rstrip() == DONE:
                return
            if line.rstrip() == NOT_DONE:
                break
            wrong.append(line)
        raise CannotRun(f"The site cannot be built:\n{''.join(wrong).rstrip()}")

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone, as after a mistake that nobody foresaw."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.communicate()


def build(site: Path, address: str, script: str = "") -> str:
    """Build the site that will stand at an address: pages, and what searches them. Returns what is wrong, or nothing.

    There are compressed copies too, unless every page gets a script: what a page weighs is no writer's business.
    """
    from infra.local.compress import compress

    wrong = build_pages(site, address, script) or index(site)
    if not wrong and not script:
        compress(site)
    return wrong


def build_pages(site: Path, address: str, script: str = "") -> str:
    """Build what mkdocs builds; returns what is wrong, or nothing.

    `script` is the address of one that every page gets beside its own, for `make write`.
    """
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config
    from mkdocs.exceptions import ConfigurationError, MkDocsException

    messages, log = _Messages(), logging.getLogger("mkdocs")
    log.addHandler(messages)
    try:
        config = load_config(str(CONFIG), site_dir=str(site), site_url=f"{address}/", strict=True)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build_site(config)
        finally:
            config.plugins.on_shutdown()
    except (MkDocsException, ConfigurationError) as failure:
        return "\n".join([*messages.written, str(failure)])
    finally:
        log.removeHandler(messages)
    if script:
        _add_script(site, script)
    return ""


def index(site: Path) -> str:
    """Make built pages searchable; returns what is wrong, or nothing."""
    from theme import search_index

    try:
        search_index.write(site)
    except subprocess.CalledProcessError as failure:
        return str(failure)
    return ""


def _add_script(site: Path, script: str) -> None:
    tag = f'<script type="module" src="{script}"></script></body>'
    for page in site.rglob("*.html"):
        page.write_text(page.read_text("utf-8").replace("</body>", tag), "utf-8")


class _Messages(logging.Handler):
    """Keeps what mkdocs warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(f"{record.levelname}: {record.getMessage()}")


TASKS = {task.__name__: task for task in (build, build_pages, index)}


def main() -> None:
    """Do what each line says."""
    for line in sys.stdin:
        task, site, *more = json.loads(line)
        wrong = TASKS[task](Path(site), *more)
        print(*filter(None, [wrong]), NOT_DONE if wrong else DONE, sep="\n", flush=True)


if __name__ == "__main__":
    main()
