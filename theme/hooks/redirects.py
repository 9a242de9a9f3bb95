"""Keeps the addresses where an article stood before: what `was:` in its front matter lists, in all languages alike.

    was: [people/new-contact]

The build writes redirects.json into the site: an old address and where it leads, each from the site's root. What serves
the pages answers by it, since a page that redirects would need a script in it.
"""

import json
import re
from pathlib import Path

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files

from chalicelib.words import DEFAULT_LANGUAGE
from theme.hooks.front_matter import listed, place
from theme.hooks.languages import build_language

log = get_plugin_logger("redirects")

FILE = "redirects.json"

# As `was:` and `related:` name an article: people/add-contact.
PATH = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")


class Moves:
    """Where articles stood and stand, language by language."""

    def __init__(self) -> None:
        self._now: dict[str, dict[str, str]] = {}
        self._written: dict[str, set[str]] = {}

    def read(self, language: str, files: Files) -> list[str]:
        """Take a language's articles as they are now. Returns what is wrong with their `was:`, each with its place."""
        pages = {
            file.src_uri.removeprefix(f"{language}/").removesuffix(".md").removesuffix("/index"): file.page
            for file in files.documentation_pages()
            if file.page
        }
        now: dict[str, str] = {}
        claimed_at: dict[str, str] = {}
        wrong = []
        for path, page in pages.items():
            for old in listed(page, "was"):
                where = place(page, old)
                if not PATH.fullmatch(old):
                    wrong.append(f"{where}: was: '{old}' is no path such as people/add-contact")
                elif old in pages:
                    wrong.append(
                        f"{where}: was: an article stands at '{old}' now, so nothing leads away from it"
                    )
                elif old in now and now[old] != path:
                    wrong.append(f"{where}: was: '{old}' leads to another article by {claimed_at[old]}")
                else:
                    now[old], claimed_at[old] = path, where
        self._written[language], self._now[language] = set(pages), now
        return wrong

    def addresses(self) -> dict[str, str]:
        """The old addresses and where each leads, in every language that the article is written in.

        What one translation lists holds for the others too, unless they say otherwise.
        """
        everywhere = {old: now for moves in reversed(self._now.values()) for old, now in moves.items()}
        return {
            _address(language, old): _address(language, now)
            for language, written in self._written.items()
            for old, now in sorted({**everywhere, **self._now[language]}.items())
            if now in written and old not in written
        }


def _address(language: str, path: str) -> str:
    return f"/{path}/" if language == DEFAULT_LANGUAGE else f"/{language}/{path}/"


_moves = Moves()


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """All articles of the language are read by now. A warning fails the strict build."""
    for wrong in _moves.read(build_language(config), files):
        log.warning(wrong)
    return env


def on_post_build(config: MkDocsConfig) -> None:
    """Written after each language; the last one's is whole."""
    path = Path(config.site_dir, FILE)
    path.write_text(json.dumps(_moves.addresses(), indent=1) + "\n", "utf-8")
