"""Turns `/// form | add-contact` into the form's card, in the language of the page.

A form, an option or a value that does not exist stops the build at its file and line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from pydantic import ValidationError
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block, type_any

from chalicelib.fields import field_errors
from chalicelib.words import LANGUAGES
from theme import cards
from theme.extending import extend
from theme.hooks.languages import build_language
from theme.written import Written

_BLOCK = re.compile(r"^[ \t]*/{3,}[ \t]*form\b[ \t]*(?:\|[ \t]*(?P<name>.*?)[ \t]*)?$")

# What a writer is told, here and by `make lint-docs`.
NOT_BY_ITSELF = "a form stands by itself; move it out of the list, the note or the quotation"
SECOND = "a page has one form; link to the article that has the other"
OPTIONS_ONLY = "a form holds options only; write them each indented by four spaces, and end the form with ///"


@dataclass
class Article:
    """The page that is being converted, and the form blocks that its source holds and that were not yet met."""

    page: Page
    files: Files
    language: str
    waiting: list[tuple[int, str]] = field(default_factory=list)
    cards: list[tuple[int, Element]] = field(default_factory=list)

    def place(self, line: int) -> str:
        """`docs/sr/people/add-contact.md:14`"""
        return f"docs/{self.page.file.src_uri}:{line}"

    @property
    def path(self) -> str:
        """`people/add-contact`, the same in each language."""
        return self.page.file.src_uri.removeprefix(f"{self.language}/").removesuffix(".md")

    def refuse(self, line: int, what: str) -> PluginError:
        """The error that stops the build."""
        return PluginError(f"{self.place(line)}: {what}")

    def line_of(self, name: str) -> int:
        """The line of the next block with this name; blocks are met in the order of the source."""
        for place, (line, waiting) in enumerate(self.waiting):
            if waiting == name:
                del self.waiting[place]
                return line
        return 1

    def line_of_option(self, block_line: int, option: str) -> int:
        """The line under the block's head where an option stands."""
        lines = self.page.file.content_string.splitlines()
        for number, line in enumerate(lines[block_line:], start=block_line + 1):
            if re.match(rf"\s*['\"]?{re.escape(option)}['\"]?\s*:", line):
                return number
        return block_line

    def address(self, card: str) -> str:
        """The way from this page to a card or a section, or nothing where that is not written in this language."""
        path = cards.ARTICLES.get(card) or cards.SECTIONS[card]
        target = self.files.get_file_from_path(f"{self.language}/{path}.md")
        if target is None:
            return ""
        fragment = f"#{card}" if card in cards.alongside() or card in cards.SECTIONS else "#uradi"
        if target == self.page.file:
            return fragment
        return get_relative_url(target.url, self.page.url) + fragment


class AnyOption(dict[str, Any]):
    """Takes every option, so that an unknown one is told of; pymdownx would leave the whole block as text."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> tuple[None, Any]:
        return (None, type_any)


class FormBlock(Block):  # type: ignore[misc]
    """`/// form | name`, with values to fill in beforehand as its options."""

    NAME = "form"
    ARGUMENT = None
    option_spec: dict[str, Any]
    options: dict[str, Any]

    def on_init(self) -> None:
        """Leave the judgement of options to on_create."""
        self.option_spec = AnyOption(self.option_spec)

    def on_create(self, parent: Element) -> Element:
        """Put the card's HTML where the block stands."""
        article: Article = self.config["articles"][-1]
        name = self.argument or ""
        line = article.line_of(name)
        presets = {key: value for key, value in self.options.items() if key != "attrs" or value}
        self._refuse_unless_fit(article, parent, name, line)
        card_form = cards.card_forms()[name]
        checked = {
            option: _accepted(article, card_form, option, value, line) for option, value in presets.items()
        }
        self.options = {"attrs": {}}
        element = SubElement(parent, "p")
        element.text = self.md.htmlStash.store(
            cards.draw(card_form, checked, article.language, article.path, article.address)
        )
        article.cards.append((line, element))
        return element

    def _refuse_unless_fit(self, article: Article, parent: Element, name: str, line: int) -> None:
        if name not in cards.for_articles():
            raise article.refuse(line, unknown(name))
        if parent is not self._block_mgr.parser.root:
            raise article.refuse(line, NOT_BY_ITSELF)
        if article.cards:
            raise article.refuse(line, SECOND)


def _accepted(
    article: Article, card_form: cards.CardForm, option: str, value: object, block_line: int
) -> Any:
    """The value of an option, if the form has such a field and its own validation takes the value."""
    if wrong := misfit(card_form, option, value):
        raise article.refuse(article.line_of_option(block_line, option), wrong)
    return value


def unknown(name: str) -> str:
    """What a writer is told of a form that does not exist."""
    return f"there is no form '{name}'; there are: {', '.join(cards.for_articles())}"


def misfit(card_form: cards.CardForm, option: str, value: object) -> str:
    """What a writer is told of an option that the form cannot take; nothing where it can."""
    if option not in card_form.presets:
        fields = ", ".join(card_form.presets)
        return f"the form '{card_form.card.name}' has no field '{option}' to fill in; it has: {fields}"
    try:
        card_form.form.model_validate({option: value})
    except ValidationError as failure:
        wrong = [
            error.document("")["detail"]
            for error in field_errors(card_form.form, failure)
            if error.pointer.split("/")[1] == option
        ]
        if wrong:
            choices = card_form.presets[option].choices
            offered = f" There are: {', '.join(choices)}." if choices else ""
            return f"{value!r} does not fit into '{option}': {wrong[0]}{offered}"
    return ""


class FormExtension(BlocksExtension):  # type: ignore[misc]
    """Registers the block."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[Article] = []

    def extendMarkdownBlocks(self, _md: Any, block_mgr: Any) -> None:  # noqa: N802 - pymdownx's name
        """pymdownx calls this for each page."""
        block_mgr.register(FormBlock, {"articles": self.articles})


def blocks(source: str) -> Iterator[tuple[int, str]]:
    """The line and the name of each form block in an article's file; those in fences and in comments are none."""
    for number, line in Written(source).lines:
        if block := _BLOCK.match(line):
            yield number, block["name"] or ""


_EXTENSION = FormExtension()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Articles may hold the block."""
    return extend(config, _EXTENSION)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Remember the page, since a block is not told where it stands; the file itself has the right line numbers."""
    language = build_language(config)
    assert language in LANGUAGES  # noqa: S101 - mkdocs.yml and words.py name the same three.
    _EXTENSION.articles[:] = [Article(page, files, language, list(blocks(page.file.content_string)))]
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """What looks like a form block and became none, or swallowed text, would leave an article that nobody meant."""
    for article in _EXTENSION.articles:
        for line, name in article.waiting:
            raise article.refuse(
                line,
                f"the form '{name}' cannot be read: it starts its line, has options as `name: value`, "
                "each indented by four spaces, and ends with ///",
            )
        for line, element in article.cards:
            if len(element) or "\n" in (element.text or ""):
                raise article.refuse(line, OPTIONS_ONLY)
    return html
