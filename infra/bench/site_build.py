"""What our hooks and templates cost the site's build, against mkdocs' own theme, and what Pagefind adds.

    python -m infra.bench.site_build DOCS SITE [bare]     builds once, and prints the seconds

The articles are those of docs/, as often as it takes (BENCH_PAGES, 300); every other copy has no form. What is told is
the processor's time, so that a busy machine changes it little.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.words import LANGUAGES
from infra.bench.rows import Row, compared
from infra.bench.setting import Setting
from infra.bench.taking_turns import quickest
from infra.local.building import CONFIG
from infra.local.ministack import ROOT

PAGES = 300
TURNS = 3
MOST = 1.2  # times the same configuration without our hooks
SECTION = 25  # articles

_FORM = re.compile(r"^/// form.*?^///$\n", re.MULTILINE | re.DOTALL)
# Our templates ask for what our hooks make, so without them the pages are drawn by the theme that ours extends.
_BARE: dict[str, Any] = {
    "hooks": [],
    "theme": {"name": "material", "font": False, "features": ["navigation.prune"]},
    "site_url": "http://localhost/",
}


def rows(setting: Setting) -> Iterator[Row]:
    """The build without Pagefind, and Pagefind."""
    from theme import search_index

    docs, site = setting.folder / "docs", setting.folder / "built"
    pages = _write_articles(docs, int(os.environ.get("BENCH_PAGES") or PAGES))
    bare_site = setting.folder / "built-bare"
    ours, bare = quickest(lambda: _build(docs, site), lambda: _build(docs, bare_site, "bare"), turns=TURNS)
    yield compared(f"site build of {pages} pages", ours, "without our hooks", bare, MOST)
    start = _time_of_children()
    search_index.write(site)
    yield compared(
        "Pagefind after it", _time_of_children() - start, "the build without our hooks", bare, MOST
    )


def _time_of_children() -> float:
    """Seconds of the processor that the programs we started took so far."""
    times = os.times()
    return times.children_user + times.children_system


def _write_articles(docs: Path, wanted: int) -> int:
    """Copies of docs/ with so many pages or a few more, each article with its own links; returns how many."""
    source = ROOT / "docs"
    articles = sorted(
        path.relative_to(source / "sr") for path in (source / "sr").rglob("*.md") if path.name != "index.md"
    )
    copies = -(-wanted // (len(articles) * len(LANGUAGES)))
    for language in LANGUAGES:
        _copy(source / language / "index.md", docs / language / "index.md")
        for copy in range(copies):
            for article in articles:
                _copy(
                    source / language / article, docs / language / f"{copy:03}" / article, bare=copy % 2 == 1
                )
    paths = [f"{copy:03}/{article}" for copy in range(copies) for article in articles]
    nav: list[Any] = ["index.md"]
    nav += [
        {f"Section {place // SECTION}": paths[place : place + SECTION]}
        for place in range(0, len(paths), SECTION)
    ]
    (docs.parent / "nav.json").write_text(json.dumps(nav), "utf-8")
    return (len(paths) + 1) * len(LANGUAGES)


def _copy(source: Path, target: Path, *, bare: bool = False) -> None:
    text = source.read_text("utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_FORM.sub("", text) if bare else text, "utf-8")


def _build(docs: Path, site: Path, *how: str) -> float:
    command = [sys.executable, "-m", "infra.bench.site_build", str(docs), str(site), *how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout.split()[-1])


def main() -> None:
    """Build what the command line names."""
    import logging

    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    docs, site, *how = sys.argv[1:]
    logging.getLogger("mkdocs").setLevel(
        logging.ERROR
    )  # Copies link to sections' own pages, which have none.
    start = time.process_time()
    nav = json.loads((Path(docs).parent / "nav.json").read_text("utf-8"))
    config = load_config(str(CONFIG), docs_dir=docs, site_dir=site, nav=nav, **(_BARE if how else {}))
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    print(time.process_time() - start)


if __name__ == "__main__":
    main()
