"""Tells the reader of a translation that its Serbian source has changed since; its form is current all the same."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from chalicelib.words import DEFAULT_LANGUAGE
from theme.hooks.languages import build_language
from theme.written import Written, is_source


def is_stale(translation: str, original: str) -> bool:
    """Whether an article, given as its file's text, was translated from another Serbian text than today's."""
    source = Written(translation).front_matter.text("source")
    return is_source(source) and source != source_of(original)


@lru_cache(maxsize=4096)
def source_of(original: str) -> str:
    """The source that a translation of a Serbian article has today, which both of its translations ask for."""
    return Written(original).source


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """The page's template shows parts/stale.html; `make lint-docs` tells the writer."""
    alternates: Mapping[str, File] = getattr(page.file, "alternates", {})
    original = alternates.get(DEFAULT_LANGUAGE)
    context["is_stale"] = bool(
        original
        and build_language(config) != DEFAULT_LANGUAGE
        and is_stale(page.file.content_string, original.content_string)
    )
    return context
