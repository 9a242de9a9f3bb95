"""What our hooks and templates cost the site's build, against mkdocs' own theme, and what the search's index adds.

    python -m infra.bench.site_build DOCS SITE [HOW]     builds once, and prints the seconds

There are BENCH_PAGES (300) pages of infra.bench.articles. What is told is the processor's time, so that a busy machine
changes it little.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.bench import articles
from infra.bench.rows import Row, compared
from infra.bench.setting import Setting
from infra.bench.taking_turns import quickest
from infra.local.building import CONFIG
from infra.local.ministack import ROOT

PAGES = 300
TURNS = 3
MOST = 1.2  # times the same configuration without our hooks

# Our templates ask for what our hooks make, so without them the pages are drawn by the theme that ours extends.
_WITHOUT_HOOKS: dict[str, Any] = {
    "hooks": [],
    "theme": {"name": "material", "font": False, "features": ["navigation.prune"]},
    "site_url": "http://localhost/",
}


def rows(setting: Setting) -> Iterator[Row]:
    """The build without what searches it, and that."""
    from theme import search_index

    docs, site, bare_site = (setting.folder / name for name in ("docs", "built", "built-bare"))
    pages = write_articles(docs, int(os.environ.get("BENCH_PAGES") or PAGES))
    ours, bare = quickest(lambda: build(docs, site), lambda: build(docs, bare_site, "bare"), turns=TURNS)
    yield compared(f"site build of {pages} pages", ours, "without our hooks", bare, MOST)
    index = processor_time(lambda: search_index.write(site))
    yield compared("search index after it", index, "the build without our hooks", bare, MOST)


def processor_time(work: Callable[[], None]) -> float:
    """Seconds of the processor that some work takes, here and in the programs that it starts."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def write_articles(docs: Path, wanted: int) -> int:
    """Write articles for `build` into a folder that has none; returns how many pages they make."""
    nav = articles.write(docs, wanted)
    (docs.parent / "nav.json").write_text(json.dumps(nav), "utf-8")
    return len(list(docs.rglob("*.md")))


def build(docs: Path, site: Path, how: str = "ours") -> float:
    """Build a site as HOW_TO_BUILD says, in a process of its own; returns the processor's seconds."""
    command = [sys.executable, "-m", "infra.bench.site_build", str(docs), str(site), how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout.split()[-1])


def _plain_material() -> dict[str, Any]:
    """Material as it comes: its navigation, and its search for all languages in one index."""
    i18n = yaml.safe_load(CONFIG.read_text("utf-8"))["plugins"][0]["i18n"]
    i18n |= {"reconfigure_material": True, "reconfigure_search": True}
    theme = {"name": "material", "font": False}
    return _WITHOUT_HOOKS | {"theme": theme, "plugins": [{"i18n": i18n}, "search"]}


HOW_TO_BUILD: dict[str, Callable[[], dict[str, Any]]] = {
    "ours": dict,
    "bare": lambda: _WITHOUT_HOOKS,
    "plain": _plain_material,
}


def main() -> None:
    """Build what the command line names."""
    import logging

    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    docs, site, how = sys.argv[1:]
    logging.getLogger("mkdocs").setLevel(logging.ERROR)  # Without our hooks forms' anchors are missing.
    start = time.process_time()
    nav = json.loads((Path(docs).parent / "nav.json").read_text("utf-8"))
    config = load_config(str(CONFIG), docs_dir=docs, site_dir=site, nav=nav, **HOW_TO_BUILD[how]())
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    print(time.process_time() - start)


if __name__ == "__main__":
    main()
