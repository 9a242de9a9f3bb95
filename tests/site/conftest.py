"""One strict build of the site for all tests of its pages, and a way to build what a writer got wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.site.pages import ROOT, Site, article
from theme import pictures, search_index


def _build(target: Path, docs: Path | None, *, strict: bool) -> Site:
    options = {"docs_dir": str(docs)} if docs else {}
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(target), strict=strict, **options))
    return Site(target)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site as it is published."""
    site = _build(tmp_path_factory.mktemp("site"), None, strict=True)
    search_index.write(site.folder)
    pictures.write(site.folder)
    return site


@pytest.fixture
def build_docs(tmp_path: Path) -> Callable[[dict[str, str]], Site]:
    """Build a writer's own files, given as {path under docs/: markdown}; warnings go to caplog."""

    def build_docs(written: dict[str, str]) -> Site:
        homes = {f"{language}/index.md": article("Home") for language in ("sr", "hu", "es")}
        for name, markdown in {**homes, **written}.items():
            path = tmp_path / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(markdown, "utf-8")
        return _build(tmp_path / "site", tmp_path / "docs", strict=False)

    return build_docs
