"""Lets a page ask whether it was helpful: by the name under which the API counts its votes, and in right plurals."""

from pathlib import PurePosixPath

import jinja2
from babel import Locale
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from chalicelib.articles.forms import LONGEST_REASON
from theme.hooks.languages import build_language


def article_path(page: Page) -> str:
    """`people/add-contact`, the same in every language; nothing for a page that only leads to others."""
    path = PurePosixPath(page.file.src_uri).with_suffix("")
    return "" if path.name == "index" else "/".join(path.parts[1:])


def plurals(language: str) -> dict[str, int]:
    """A number for each plural category of a language (CLDR), under the name that a browser's Intl gives it."""
    category_of = Locale.parse(language).plural_form
    return {category_of(number): number for number in range(100, -1, -1)}


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates write page | article_path, and ask plurals.items() for what to say of which number."""
    env.filters["article_path"] = article_path
    env.globals.update(plurals=plurals(build_language(config)), longest_reason=LONGEST_REASON)
    return env
