"""The index that the search reads, made of the built site by Pagefind. It comes after the build of all languages."""

import subprocess
import sys
from pathlib import Path

FOLDER = "pagefind"
# Its ready-made interfaces, and what it would do in a language that it does not know: no page asks for them.
_SUPERFLUOUS = (
    "pagefind-component-ui.*",
    "pagefind-highlight.js",
    "pagefind-modular-ui.*",
    "pagefind-ui.*",
    "wasm.unknown.pagefind",
)


def write(site: Path) -> None:
    """Index what the templates mark with data-pagefind-body. Raises CalledProcessError; Pagefind itself says why."""
    # A program that is part of our lock, on a folder of ours.
    subprocess.run([sys.executable, "-m", "pagefind", "--quiet", "--site", site], check=True)  # noqa: S603
    for pattern in _SUPERFLUOUS:
        for path in (site / FOLDER).glob(pattern):
            path.unlink()
