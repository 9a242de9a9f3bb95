"""Takes the form's card out of the article's text, so that a wide page keeps it in view beside the steps."""

import re
from typing import NamedTuple

import jinja2
from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

_CARD = re.compile(r"<!-- card -->(.*?)<!-- /card -->", re.DOTALL)


class Parts(NamedTuple):
    """An article around its first card; `card` is empty where there is none."""

    before: Markup
    card: Markup
    after: Markup


def split_at_card(content: str) -> Parts:
    """The order stays that of the text, which is what a phone shows and a screen reader reads."""
    match = _CARD.search(content)
    if not match:
        return Parts(Markup(content), Markup(""), Markup(""))  # noqa: S704 - our own markdown, rendered
    parts = content[: match.start()], match[1], content[match.end() :]
    return Parts(*(Markup(part.strip()) for part in parts))  # noqa: S704 - the same


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Templates write {% set parts = page.content | split_at_card %}."""
    env.filters["split_at_card"] = split_at_card
    env.tests["with_card"] = lambda page: bool(_CARD.search(page.content or ""))
    return env
