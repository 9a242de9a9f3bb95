"""The site, built strictly in a process of its own: its hooks are imported anew each time.

`python -m infra.local.building SITE ADDRESS [SCRIPT]` prints what is wrong, with file and line, and ends with 1.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path

from infra.local.ministack import ROOT

CONFIG = ROOT / "mkdocs.yml"


def start(site: Path, address: str, *, script: str = "") -> "subprocess.Popen[str]":
    """Begin to build the site that will stand at an address; what is wrong comes on its stdout.

    `script` is the address of one that every page gets beside its own, for `make write`.
    """
    paths = [str(ROOT / "functions"), str(ROOT)]
    return subprocess.Popen(
        [sys.executable, "-m", "infra.local.building", str(site), address, *filter(None, [script])],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def build(site: Path, address: str, script: str = "") -> str:
    """Build into a folder, with compressed copies; returns what is wrong, or nothing."""
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config
    from mkdocs.exceptions import ConfigurationError, MkDocsException

    from infra.local.compress import compress
    from theme import search_index

    messages = _Messages()
    logging.getLogger("mkdocs").addHandler(messages)
    try:
        config = load_config(str(CONFIG), site_dir=str(site), site_url=f"{address}/", strict=True)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build_site(config)
        finally:
            config.plugins.on_shutdown()
        search_index.write(site)
    except (MkDocsException, ConfigurationError, subprocess.CalledProcessError) as failure:
        return "\n".join([*messages.written, str(failure)])
    if script:
        _add_script(site, script)
    compress(site)
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


def main() -> int:
    """Build what the command line names."""
    site, address, *script = sys.argv[1:]
    wrong = build(Path(site), address, *script)
    if wrong:
        print(wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
