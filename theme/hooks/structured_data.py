"""What search engines read of an article beside its text: its steps, what can go wrong, its place (JSON-LD).

The steps are the numbered lists of the article, which the page draws as steps; what can go wrong stands under the
heading that every article has for it. A block of data is no script, so the site's CSP need not allow it.
"""

import json
import re
from html import unescape
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, ETX, HTML_PLACEHOLDER_RE, STX
from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Section
from mkdocs.structure.pages import Page

from theme.extending import HEADINGS, extend
from theme.hooks.sections import index_page

# The heading over what can go wrong, in each language: 'Ako nešto ne ide', 'Ha elakad', 'Si algo no sale bien'.
TROUBLE = frozenset({"ako-nesto-ne-ide", "ha-elakad", "si-algo-no-sale-bien"})
# What only holds blocks: their words are not to run together.
GROUPS = frozenset({"ul", "ol", "table", "thead", "tbody", "tr", "div", "details", "blockquote"})

_ESCAPED = re.compile(f"{STX}([0-9]+){ETX}")  # Markdown's way to keep a letter that a backslash protected.
_SPACES = re.compile(r"\s+")


class Steps(NamedTuple):
    """A numbered list: the heading that it stands under, and each step's name (which may be missing) and text."""

    heading: str
    steps: list[tuple[str, str]]


class Contents(NamedTuple):
    """What an article tells step by step, and what it answers."""

    steps: list[Steps]
    answers: dict[str, str]


class Reading(Treeprocessor):
    """Reads the article while it is a tree: taking the finished page apart again would cost many times as much."""

    extension: "ReadingExtension"

    def run(self, root: Element) -> None:
        """Keep what the article has, and change nothing."""
        contents = Contents([], {})
        heading = question = ""
        in_trouble = False
        for element in root:
            if element.tag in HEADINGS:
                heading = self._text(element)
                if element.tag != "h3":
                    in_trouble = element.get("id") in TROUBLE
                question = heading if element.tag == "h3" and in_trouble else ""
            elif question:
                said = f"{contents.answers.get(question, '')} {self._text(element)}"
                contents.answers[question] = said.strip()
            elif element.tag == "ol":
                contents.steps.append(Steps(heading, [self._step(item) for item in element]))
        self.extension.contents = contents

    def _step(self, item: Element) -> tuple[str, str]:
        """The bold words that a step begins with are its name."""
        first = item[0] if len(item) and item[0].tag == "p" else item
        if not len(first) or first[0].tag != "strong" or (first.text or "").strip():
            return "", self._text(item)
        name, text = self._text(first[0]), self._text(item)
        return name.rstrip(".:"), text.removeprefix(name).strip() or name

    def _text(self, element: Element) -> str:
        """The words, without what Markdown keeps aside: a form's card, or another piece of HTML."""
        if element.tag in GROUPS:
            return " ".join(filter(None, map(self._text, element)))
        kept = self.md.htmlStash.rawHtmlBlocks
        words = "".join(element.itertext())
        words = HTML_PLACEHOLDER_RE.sub(lambda match: _entity(kept[int(match[1])]), words)
        words = _ESCAPED.sub(lambda match: chr(int(match[1])), words.replace(AMP_SUBSTITUTE, "&"))
        return _SPACES.sub(" ", unescape(words)).strip()


def _entity(kept: Any) -> str:
    return kept if isinstance(kept, str) and re.fullmatch(r"&#?\w+;", kept) else " "


class ReadingExtension(Extension):
    """Registers what reads; `contents` are those of the page converted last."""

    contents = Contents([], {})

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's name
        """Markdown calls this for each page; headings have their ids by then, and no links to copy yet."""
        reading = Reading(md)
        reading.extension = self
        md.treeprocessors.register(reading, "structured-data", -5)


_EXTENSION = ReadingExtension()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Every article is read as it is converted."""
    return extend(config, _EXTENSION)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page was converted just now."""
    page.meta["contents"] = _EXTENSION.contents
    return html


def structured_data(page: Page, home: tuple[str, str]) -> list[dict[str, Any]]:
    """What the article is to a search engine. `home` is the name and the address of the language's home page,
    which itself tells nothing of the kind.
    """
    contents: Contents = page.meta["contents"]
    told = [_breadcrumbs(page, home)] if page.canonical_url != home[1] else []
    if contents.steps:
        told.append(_how_to(page, contents.steps))
    if contents.answers:
        told.append(_questions(contents.answers))
    return told


def _breadcrumbs(page: Page, home: tuple[str, str]) -> dict[str, Any]:
    """The way that the page itself shows, without a section that has no page of its own."""
    way = [index_page(section) for section in reversed(list(page.ancestors)) if isinstance(section, Section)]
    pages = [other for other in way if other and other is not page]
    entries = [home, *((other.title, other.canonical_url) for other in [*pages, page])]
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": address}
        for place, (name, address) in enumerate(entries, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _how_to(page: Page, steps: list[Steps]) -> dict[str, Any]:
    sections = [[_step(*step) for step in part.steps] for part in steps]
    if len(steps) == 1:
        told: list[dict[str, Any]] = sections[0]
    else:
        told = [
            {"@type": "HowToSection", "name": part.heading, "itemListElement": section}
            for part, section in zip(steps, sections, strict=True)
        ]
    return {"@type": "HowTo", "name": page.title, "description": page.meta["description"], "step": told}


def _step(name: str, text: str) -> dict[str, Any]:
    return {"@type": "HowToStep", **({"name": name} if name else {}), "text": text}


def _questions(answers: dict[str, str]) -> dict[str, Any]:
    asked = [
        {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}}
        for question, answer in answers.items()
    ]
    return {"@type": "FAQPage", "mainEntity": asked}


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates write {{ structured_data(page, nav.homepage) }} into a block of data."""

    def block(page: Page, home: Page) -> Markup:
        told = structured_data(page, (config.site_name, str(home.canonical_url)))
        graph = {"@context": "https://schema.org", "@graph": told}
        return htmlsafe_json_dumps(graph, dumps=_written) if told else Markup()

    env.globals["structured_data"] = block
    return env


def _written(value: Any, **_how: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
