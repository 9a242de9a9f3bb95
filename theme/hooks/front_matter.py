"""Tells a writer which page lacks what search engines, browsers and readers are shown of it."""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

log = get_plugin_logger("front matter")

REQUIRED = ("title", "description", "checked")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A warning fails the strict build."""
    missing = [name for name in REQUIRED if not page.meta.get(name)]
    if missing and not page.file.generated_by:
        log.warning(f"docs/{page.file.src_uri}:1: the front matter lacks {', '.join(missing)}")
    return markdown
