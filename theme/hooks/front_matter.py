"""Tells a writer which page lacks what search engines, browsers and readers are shown of it."""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

log = get_plugin_logger("front matter")

REQUIRED = ("title", "description", "checked")


def listed(page: Page, name: str) -> list[str]:
    """What the front matter lists under a name; one entry may stand there without a list."""
    value = page.meta.get(name) or []
    return [str(entry) for entry in (value if isinstance(value, list) else [value])]


def place(page: Page, words: str) -> str:
    """`docs/sr/people/add-contact.md:7`: the first line where the words stand."""
    lines = enumerate(page.file.content_string.splitlines(), start=1)
    line = next((number for number, text in lines if words in text), 1)
    return f"docs/{page.file.src_uri}:{line}"


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A warning fails the strict build."""
    missing = [name for name in REQUIRED if not page.meta.get(name)]
    if missing and not page.file.generated_by:
        log.warning(f"docs/{page.file.src_uri}:1: the front matter lacks {', '.join(missing)}")
    return markdown
