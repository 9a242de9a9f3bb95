"""Turns `/// form | add-contact` into the form's card, in the language of the page.

What a reader fills in is declared once, in a room's forms.py; this draws it, and app.py's table of routes says where
the page sends it. A form, an option or a value that does not exist stops the build at its file and line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import jinja2
from markupsafe import Markup, escape
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from pydantic import ValidationError
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block, type_any

from app import ROOMS
from chalicelib import brand
from chalicelib.fields import ERROR_WORDS, Card, Form, Input, field_errors
from chalicelib.permissions import PERMISSIONS
from chalicelib.routing import Endpoint
from chalicelib.words import LANGUAGES, catalog, say
from theme.hooks.languages import build_language

TEMPLATES = Path(__file__).resolve().parents[1] / "forms"
SIGN_IN = "sign-in"

# The article where a card lives, for the links of other cards.
ARTICLES = {
    "register": "account/open-account",
    "change-password": "account/change-password",
    "forgot-password": "account/change-password",
    "add-contact": "people/add-contact",
    "open-ticket": "support/open-ticket",
}

# Kinds that a page must not fill in beforehand: what they hold is a secret, or comes with a mail's link.
_NEVER_PRESET = frozenset({"password", "token"})

_BLOCK = re.compile(r"^(?P<indent>[ \t]*)/{3,}[ \t]*form\b[ \t]*(?:\|[ \t]*(?P<name>.*?)[ \t]*)?$")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")


@dataclass(frozen=True)
class CardForm:
    """A form that articles can hold, and the endpoint that takes it."""

    card: Card
    form: type[Form]
    endpoint: Endpoint

    @property
    def presets(self) -> dict[str, Input]:
        """The fields that an article may fill in beforehand."""
        return {name: one for name, one in self.form.inputs().items() if one.kind not in _NEVER_PRESET}


@cache
def card_forms() -> dict[str, CardForm]:
    """Every form with a card, by the card's name."""
    endpoints = (endpoint for room in ROOMS for endpoint in room.endpoints)
    found = [
        CardForm(endpoint.form.card, endpoint.form, endpoint)
        for endpoint in endpoints
        if endpoint.form and endpoint.form.card
    ]
    return {one.card.name: one for one in sorted(found, key=lambda one: one.card.name)}


@cache
def _alongside() -> frozenset[str]:
    return frozenset(name for one in card_forms().values() for name in one.card.alongside)


@cache
def for_articles() -> list[str]:
    """The names that an article may give: a card that comes with another, or has no result to show, is none of them."""
    has_result = {path.stem for path in (TEMPLATES / "states").iterdir()}
    return [name for name in card_forms() if name in has_result - _alongside()]


@dataclass(frozen=True)
class Field:
    """A field as the templates draw it, its words in the page's language."""

    id: str
    name: str
    kind: str
    label: str
    hint: str
    is_required: bool
    longest: int | None
    shortest: int | None
    autocomplete: str
    inputmode: str
    choices: Mapping[str, str]
    value: str | list[str]
    repeated_label: str
    errors: Mapping[str, str]

    @property
    def is_on_line_with_next(self) -> bool:
        """A postcode is short, so it shares a line with its city."""
        return self.name == "city"


@dataclass(frozen=True)
class View:
    """A form as the templates draw it."""

    name: str
    title: str
    lead: str
    submit: str
    busy: str
    method: str
    path: str
    needs: str
    is_private: bool
    is_idempotent: bool
    token: str
    fields: list[Field]


@cache
def _constraints(form: type[Form]) -> tuple[Mapping[str, Any], frozenset[str]]:
    """What the API's own schema says of a form: its properties, and which of them are required."""
    schema = form.model_json_schema()
    return schema["properties"], frozenset(schema.get("required", ()))


def _field(card_form: CardForm, name: str, asked: Input, language: str, presets: Mapping[str, Any]) -> Field:
    properties, required = _constraints(card_form.form)
    longest = properties[name].get("maxLength")
    shortest = brand.SHORTEST_PASSWORD if asked.autocomplete == "new-password" else None
    told = {
        "required": name in required,
        "too_long": longest,
        "too_short": shortest,
        "invalid_email": asked.kind == "email",
        "not_the_same": asked.confirmed_by,
    }
    errors = {
        code: say(
            language, asked.errors.get(code, ERROR_WORDS[code]), max_length=longest, min_length=shortest
        )
        for code, is_checked_by_the_page in told.items()
        if is_checked_by_the_page
    }
    default = properties[name].get("default", [] if asked.kind == "checkboxes" else "")
    if name == "language":
        default = language
    return Field(
        id=f"{card_form.card.name}-{name}",
        name=name,
        kind=asked.kind,
        label=_said(language, asked.label),
        hint=_said(language, asked.hint),
        is_required=name in required,
        longest=longest,
        shortest=shortest,
        autocomplete=asked.autocomplete,
        inputmode=asked.inputmode,
        choices={value: _said(language, label) for value, label in asked.choices.items()},
        value=presets.get(name, default),
        repeated_label=_said(language, asked.confirmed_by),
        errors=errors,
    )


def view(card_form: CardForm, language: str, presets: Mapping[str, Any]) -> View:
    """A form's card in a language, with the values that the article gives."""
    card, endpoint, inputs = card_form.card, card_form.endpoint, card_form.form.inputs()
    return View(
        name=card.name,
        title=_said(language, card.title),
        lead=_said(language, card.lead),
        submit=_said(language, card.submit),
        busy=_said(language, card.busy),
        method=endpoint.method,
        path=endpoint.path,
        needs=endpoint.needs if endpoint.needs in PERMISSIONS else "",
        is_private=card.needs_session,
        is_idempotent="Idempotency-Key" in endpoint.headers,
        token=next((name for name, asked in inputs.items() if asked.kind == "token"), ""),
        fields=[
            _field(card_form, name, asked, language, presets)
            for name, asked in inputs.items()
            if asked.kind != "token"
        ],
    )


def _said(language: str, words: str) -> str:
    """The words in a language; gettext would answer none with the catalog's head."""
    return say(language, words) if words else ""


def slots(words: str) -> Markup:
    """Words whose `{name}` places the page fills in, with text only."""
    return Markup(re.sub(r"\{(\w+)\}", r'<span data-text="\1"></span>', str(escape(words))))  # noqa: S704


@cache
def _templates(language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    installer: Any = environment
    installer.install_gettext_translations(catalog(language), newstyle=False)
    environment.filters["slots"] = slots
    return environment


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
        """The way from this page to a card, or nothing where its article is not written in this language."""
        target = self.files.get_file_from_path(f"{self.language}/{ARTICLES[card]}.md")
        if target is None:
            return ""
        fragment = f"#{card}" if card in _alongside() else "#uradi"
        if target == self.page.file:
            return fragment
        return get_relative_url(target.url, self.page.url) + fragment


def draw(article: Article, card_form: CardForm, presets: Mapping[str, Any]) -> str:
    """The card's HTML, between the comments by which the page's template finds it."""
    card, language = card_form.card, article.language
    names = [*card.alongside, *([SIGN_IN] if card.needs_session or card.alongside else [])]
    others = [view(card_forms()[name], language, {}) for name in names if name != card.name]
    html = (
        _templates(language)
        .get_template("card.html")
        .render(
            card=card,
            primary=view(card_form, language, presets),
            others=others,
            address=article.address,
            brand=brand,
        )
    )
    return f"<!-- card -->\n{html.strip()}\n<!-- /card -->"


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
        card_form = card_forms()[name]
        checked = {
            option: _accepted(article, card_form, option, value, line) for option, value in presets.items()
        }
        self.options = {"attrs": {}}
        element = SubElement(parent, "p")
        element.text = self.md.htmlStash.store(draw(article, card_form, checked))
        article.cards.append((line, element))
        return element

    def _refuse_unless_fit(self, article: Article, parent: Element, name: str, line: int) -> None:
        if name not in for_articles():
            raise article.refuse(line, f"there is no form '{name}'; there are: {', '.join(for_articles())}")
        if parent is not self._block_mgr.parser.root:
            raise article.refuse(
                line, "a form stands by itself: move it out of the list, the note or the quotation"
            )
        if article.cards:
            raise article.refuse(line, "a page has one form; link to the article that has the other")


def _accepted(article: Article, card_form: CardForm, option: str, value: object, block_line: int) -> Any:
    """The value of an option, if the form has such a field and its own validation takes the value."""
    line, name = article.line_of_option(block_line, option), card_form.card.name
    if option not in card_form.presets:
        fields = ", ".join(card_form.presets)
        raise article.refuse(line, f"the form '{name}' has no field '{option}' to fill in; it has: {fields}")
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
            raise article.refuse(
                line, f"{value!r} does not fit into '{option}': {wrong[0]}{offered}"
            ) from failure
    return value


class FormExtension(BlocksExtension):  # type: ignore[misc]
    """Registers the block."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: list[Article] = []

    def extendMarkdownBlocks(self, _md: Any, block_mgr: Any) -> None:  # noqa: N802 - pymdownx's name
        """pymdownx calls this for each page."""
        block_mgr.register(FormBlock, {"articles": self.articles})


def blocks(source: str) -> Iterator[tuple[int, str]]:
    """The line and the name of each form block in an article's file, whose examples in fences are none."""
    fence = ""
    for number, line in enumerate(source.splitlines(), start=1):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip().startswith(fence):
            fence = ""
        elif not fence and (block := _BLOCK.match(line)):
            yield number, block["name"] or ""


_EXTENSION = FormExtension()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """mkdocs-static-i18n runs this once a language."""
    if _EXTENSION not in config.markdown_extensions:
        config.markdown_extensions.append(_EXTENSION)
    return config


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
                raise article.refuse(
                    line, "a form holds options only, each indented by four spaces, and ends with ///"
                )
    return html
