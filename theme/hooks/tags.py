"""A page of all tags in each language, /hu/tags/, and the articles that are related to an article.

The tags stand in writing/tags.toml. Related are the articles that `related:` in the front matter names, then those that
share tags; one that few articles bear says more of them than one that many do.
"""

import heapq
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES, _, say
from theme.hooks.front_matter import listed, place
from theme.hooks.languages import build_language

log = get_plugin_logger("tags")

SOURCE = Path(__file__).resolve().parents[2] / "writing" / "tags.toml"
MOST_RELATED = 4
PATH = "tags"


class Tag(NamedTuple):
    """A tag in a language, with the articles that bear it. Its anchor stays when its words change."""

    words: str
    anchor: str
    pages: list[Page]


class Tagged:
    """The pages of a language, by their tags."""

    def __init__(self, pages: Iterable[Page], words: Mapping[str, str]) -> None:
        """`words` are the language's words for each tag, by the tag's name, in the order of the page of tags."""
        self._by_words = {said: Tag(said, name.replace("_", "-"), []) for name, said in words.items()}
        for page in pages:
            for tag in self.of(page):
                tag.pages.append(page)

    @property
    def tags(self) -> list[Tag]:
        """Those that some page bears."""
        return [tag for tag in self._by_words.values() if tag.pages]

    def of(self, page: Page) -> list[Tag]:
        """What a page is tagged with, as far as there are such tags."""
        return [self._by_words[words] for words in listed(page, "tags") if words in self._by_words]

    def alike(self, page: Page) -> list[Page]:
        """The articles that share the most with a page, the nearest first; those of its own section before others."""
        weights: defaultdict[str, float] = defaultdict(float)
        pages: dict[str, Page] = {}
        for tag in self.of(page):
            for other in tag.pages:
                weights[other.url] += 1 / len(tag.pages)
                pages[other.url] = other
        section = _section(page)
        ranked = (
            (-weight, _section(pages[url]) != section, url)
            for url, weight in weights.items()
            if url != page.url and not pages[url].is_index
        )
        # As many again, since the curated ones may be among them.
        return [pages[place[2]] for place in heapq.nsmallest(2 * MOST_RELATED, ranked)]


def words_in(language: str) -> dict[str, str]:
    """The language's words for each tag, by the tag's name."""
    return {name: words[language] for name, words in tomllib.loads(SOURCE.read_text("utf-8")).items()}


def related(page: Page, tagged: Tagged, files: Files, language: str) -> list[Page]:
    """At most MOST_RELATED articles: curated ones first. A section's own page has none, since it lists its articles."""
    if page.is_index:
        return []
    found: dict[str, Page] = {}
    for path in listed(page, "related"):
        file = files.get_file_from_path(f"{language}/{path}.md")
        if file and file.page:
            found[file.page.url] = file.page
        else:
            log.warning(f"{place(page, path)}: related: there is no article '{path}' in this language")
    for other in tagged.alike(page):
        found.setdefault(other.url, other)
    return list(found.values())[:MOST_RELATED]


def _section(page: Page) -> str:
    return page.file.src_uri.rpartition("/")[0]


def _tags_file(config: MkDocsConfig, language: str) -> File:
    """The page of tags, as mkdocs-static-i18n would have made it of a written one."""
    title, description = say(language, _("Tags")), say(language, _("All articles, by their tags."))
    head = f"---\ntitle: {title}\ndescription: {description}\ntemplate: tags.html\n---\n"
    file = File.generated(
        config,
        f"{language}/{PATH}.md",
        content=f"{head}\n# {title}\n\n{description}\n",
        inclusion=InclusionLevel.NOT_IN_NAV,
    )
    home = "" if language == DEFAULT_LANGUAGE else f"{language}/"
    file.dest_uri = f"{home}{PATH}/index.html"
    return file


@event_priority(-200)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """After mkdocs-static-i18n (-100), which reads every file that it knows from docs/."""
    i18n: Any = config.plugins["i18n"]
    alternates = {language: _tags_file(config, language) for language in LANGUAGES}
    own: Any = alternates[build_language(config)]
    own.alternates = alternates
    files.append(own)
    i18n.i18n_files_per_language[build_language(config)].append(own)  # The sitemap lists what stands there.
    return files


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates write {{ tagged.tags }}, tagged.of(page) and related(page); all articles are read by now."""
    language = build_language(config)
    pages = [file.page for file in files.documentation_pages() if file.page]
    tagged = Tagged(pages, words_in(language))
    env.globals.update(
        tagged=tagged,
        tags_page=files.get_file_from_path(f"{language}/{PATH}.md"),
        related=lambda page: related(page, tagged, files, language),
    )
    return env
