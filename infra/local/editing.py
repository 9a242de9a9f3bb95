"""One article's page, drawn anew with what mkdocs had at hand when it built the whole site.

A build of the whole site reads every article first, for what pages say of each other. Here the edited one is read
again, and its own page drawn; what other pages say of it, such as its title, is the next whole build's business.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

# mkdocs has no other way to build a single page; our lock holds its version.
from mkdocs.commands.build import _build_page, _populate_page
from mkdocs.config.base import LegacyConfig
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation

from theme.hooks.languages import build_language

_LAST = -200  # mkdocs-static-i18n, which sorts files and navigation by language, has -100.


class _AtHand(NamedTuple):
    files: Files
    nav: Navigation
    env: jinja2.Environment


class Kept(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call] # mkdocs' own __init_subclass__
    """A plugin that changes nothing in a build: it keeps what is at hand in each language, for later edits."""

    def __init__(self, config: MkDocsConfig) -> None:
        self._config = config
        self._languages: dict[str, _AtHand] = {}
        config.plugins["kept"] = self

    @event_priority(_LAST)
    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """mkdocs calls it before on_env, in each language."""
        self._nav = nav
        return nav

    @event_priority(_LAST)
    def on_env(self, env: jinja2.Environment, /, *, config: MkDocsConfig, files: Files) -> jinja2.Environment:
        """Keep it all; later builds in other languages leave these objects alone."""
        self._languages.setdefault(build_language(config), _AtHand(files, self._nav, env))
        return env

    def draw(self, article: str, page_file: Path) -> str:
        """Read `hu/people/add-contact.md` again and draw its page into a file; returns the page's place in the site.

        Warns of what the whole build would warn of, links from other articles to its headings included.
        Raises KeyError for an article that the build did not have.
        """
        language = article.split("/")[0]
        files, nav, env = self._languages[language]
        file = files.src_uris[article]
        page = file.page
        assert page  # noqa: S101 - the build made one for each article.
        # From here on as mkdocs' own build does it; the language of the last one is still in force.
        i18n: Any = self._config.plugins["i18n"]
        i18n.current_language = language
        config = self._config.plugins.on_config(self._config)
        _populate_page(page, config, files)
        config.plugins.on_env(env, config=config, files=files)
        articles = files.documentation_pages()
        for other in (one.page for one in articles):
            if other and (other is page or file in (other.links_to_anchors or {})):
                other.validate_anchor_links(files=files, log_level=config.validation.links.anchors)
        place, file.abs_dest_path = file.abs_dest_path, str(page_file)
        try:
            _build_page(page, config, articles, nav, env)
        finally:
            file.abs_dest_path = place
        return os.path.relpath(place, config.site_dir)
