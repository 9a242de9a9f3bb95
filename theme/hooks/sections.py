"""Names a section of the navigation after its folder, the same in every language, and finds its own page."""

from pathlib import PurePosixPath

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Section
from mkdocs.structure.pages import Page


def pages(section: Section) -> list[Page]:
    """The articles of a section, without its own index page."""
    return [child for child in section.children if isinstance(child, Page) and not child.is_index]


def index_page(section: Section) -> Page | None:
    """The page about the section itself, where one is written."""
    return next((child for child in section.children if isinstance(child, Page) and child.is_index), None)


def folder(section: Section) -> str:
    """`people`, for docs/hu/people/add-contact.md: the section's anchor on the home page."""
    return next((PurePosixPath(page.file.src_uri).parent.name for page in pages(section)), "")


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates write section | pages, section | index_page and section | folder."""
    env.filters.update(pages=pages, index_page=index_page, folder=folder)
    return env
