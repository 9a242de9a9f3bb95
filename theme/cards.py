"""A form's card: what is declared in a room's forms.py, as the templates in theme/forms draw it, in one language.

app.py's table of routes says where the page sends the form, and the API's own schema which constraints it shows.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from app import ROOMS
from chalicelib import brand
from chalicelib.fields import ERROR_WORDS, Card, Form, Input
from chalicelib.permissions import PERMISSION_NAMES, PERMISSIONS
from chalicelib.routing import ANY_USER, OWNER, Endpoint
from chalicelib.words import catalog, say

TEMPLATES = Path(__file__).with_name("forms")
SIGN_IN = "sign-in"

# The article where a card lives, for the links of other cards.
ARTICLES = {
    "register": "account/open-account",
    "change-password": "account/change-password",
    "forgot-password": "account/change-password",
    "add-contact": "people/add-contact",
    "invite-user": "people/invite-user",
    "accept-invitation": "people/accept-invitation",
    "open-ticket": "support/open-ticket",
    "enrol-two-factor": "security/two-factor",
}
# What an article tells under a heading of its own, which bears this address in every language: `## … {#lost-phone}`.
SECTIONS = {"lost-phone": "security/two-factor"}


@dataclass(frozen=True)
class CardForm:
    """A form that articles can hold, and the endpoint that takes it."""

    card: Card
    form: type[Form]
    endpoint: Endpoint

    @property
    def presets(self) -> dict[str, Input]:
        """The fields that an article may fill in beforehand: none that holds a secret or comes with a mail's link."""
        return {name: one for name, one in self.form.inputs().items() if not one.is_secret}


@cache
def card_forms() -> dict[str, CardForm]:
    """Every form with a card, by the card's name. A form that extends another is one more way to fill that in."""
    endpoints = (endpoint for room in ROOMS for endpoint in room.endpoints)
    found = [
        CardForm(form.card, form, endpoint)
        for endpoint in endpoints
        if endpoint.form
        for form in (endpoint.form, *endpoint.form.__subclasses__())
        if form.card
    ]
    return {one.card.name: one for one in sorted(found, key=lambda one: one.card.name)}


@cache
def alongside() -> frozenset[str]:
    """The cards that come with another one, and stand in its place for a while."""
    return frozenset(name for one in card_forms().values() for name in one.card.alongside)


def companions(card: Card, *, with_sign_in: bool) -> list[str]:
    """The cards that a card's place can turn into, each once: what comes with it, and with those in turn."""
    found: dict[str, None] = {}
    waiting = [*card.alongside, *([SIGN_IN] if with_sign_in else [])]
    while waiting:
        name = waiting.pop(0)
        if name not in found and name != card.name:
            found[name] = None
            waiting += card_forms()[name].card.alongside
    return list(found)


@cache
def for_articles() -> list[str]:
    """The names that an article may give: a card that comes with another, or has no result to show, is none of them."""
    has_result = {path.stem for path in (TEMPLATES / "states").iterdir()}
    return [name for name in card_forms() if name in has_result - alongside()]


@dataclass(frozen=True)
class Field:
    """A field as the templates draw it, its words in the page's language."""

    id: str
    name: str
    kind: str
    label: str
    hint: str
    is_required: bool
    is_secret: bool
    longest: int | None
    shortest: int | None
    pattern: str
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
    is_about_user: bool
    is_private: bool
    is_idempotent: bool
    token: str
    kind: str
    draft: str
    fields: list[Field]


@cache
def _constraints(form: type[Form]) -> tuple[Mapping[str, Any], frozenset[str]]:
    """What the API's own schema says of a form: its properties, and which of them are required."""
    schema = form.model_json_schema()
    return schema["properties"], frozenset(schema.get("required", ()))


def _filled_in(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a field; of one that may be left out, with that of what may be filled in."""
    return {**schema, **next(iter(schema.get("anyOf", ())), {})}


def _field(card_form: CardForm, name: str, asked: Input, language: str, presets: Mapping[str, Any]) -> Field:
    properties, required = _constraints(card_form.form)
    schema = _filled_in(properties[name])
    is_required = name in required or asked.is_asked_for
    longest, pattern = schema.get("maxLength"), schema.get("pattern", "")
    shortest = brand.SHORTEST_PASSWORD if asked.autocomplete == "new-password" else None
    told = {
        "required": is_required,
        "too_long": longest,
        "too_short": shortest,
        "invalid_email": asked.kind == "email",
        "not_the_same": asked.confirmed_by,
        "not_a_code": pattern,
        # The API takes two kinds of code in one field, and can't know which one the page asked for.
        "wrong_code": "wrong_code" in asked.errors,
    }
    errors = {
        code: say(
            language, asked.errors.get(code, ERROR_WORDS[code]), max_length=longest, min_length=shortest
        )
        for code, is_checked_by_the_page in told.items()
        if is_checked_by_the_page
    }
    default = schema.get("default") or ([] if asked.kind in ("checkboxes", "permissions") else "")
    if name == "language":
        default = language
    return Field(
        id=f"{card_form.card.name}-{name}",
        name=name,
        kind=asked.kind,
        label=_said(language, asked.label),
        hint=_said(language, asked.hint),
        is_required=is_required,
        is_secret=asked.is_secret,
        longest=longest,
        shortest=shortest,
        pattern=pattern,
        autocomplete=asked.autocomplete,
        inputmode=asked.inputmode,
        choices={value: _said(language, label) for value, label in asked.choices.items()},
        value=presets.get(name, default),
        repeated_label=_said(language, asked.confirmed_by),
        errors=errors,
    )


def view(card_form: CardForm, language: str, presets: Mapping[str, Any], draft: str = "") -> View:
    """A form's card in a language, with the values that the article gives.

    Where those make it another thing to fill in, `draft` names what the page keeps of it apart from the form's own.
    """
    endpoint, inputs = card_form.endpoint, card_form.form.inputs()
    properties, _required = _constraints(card_form.form)
    kind = presets.get("kind") or properties.get("kind", {}).get("default", "")
    card = card_form.card.kinds.get(kind, card_form.card)
    return View(
        name=card.name,
        title=_said(language, card.title),
        lead=_said(language, card.lead),
        submit=_said(language, card.submit),
        busy=_said(language, card.busy),
        method=endpoint.method,
        path=endpoint.path,
        needs=endpoint.needs if endpoint.needs in (*PERMISSIONS, OWNER) else "",
        is_about_user=endpoint.needs == ANY_USER,
        is_private=card_form.card.needs_session,
        is_idempotent="Idempotency-Key" in endpoint.headers,
        token=next((name for name, asked in inputs.items() if asked.kind == "token"), ""),
        kind=kind,
        draft=draft if presets else "",
        fields=[
            _field(card_form, name, asked, language, presets)
            for name, asked in inputs.items()
            if asked.kind != "token" and asked.of_kind in ("", kind)
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
    environment.globals["PERMISSION_NAMES"] = PERMISSION_NAMES
    return environment


def draw(
    card_form: CardForm,
    presets: Mapping[str, Any],
    language: str,
    path: str,
    address: Callable[[str], str],
) -> str:
    """The card's HTML, between the comments by which the page's template finds it.

    Takes the values that the article gives, the article's path, and what tells the way from it to another card.
    """
    card = card_form.card
    asks_who = bool(card.needs_session or card.alongside or card_form.endpoint.knows_who)
    others = [view(card_forms()[name], language, {}) for name in companions(card, with_sign_in=asks_who)]
    html = (
        _templates(language)
        .get_template("card.html")
        .render(
            card=card,
            primary=view(card_form, language, presets, draft=f"{card.name}@{path}"),
            others=others,
            address=address,
            brand=brand,
        )
    )
    return f"<!-- card -->\n{html.strip()}\n<!-- /card -->"
