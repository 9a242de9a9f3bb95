"""The words that a reader reads, without what is no language: code, addresses, placeholders, marks."""

import re
from collections.abc import Iterator

import yaml

from infra.writing.articles import Article
from infra.writing.blocks import blocks, without_forms
from theme import cards
from theme.written import Line

_NO_LANGUAGE = re.compile(
    r"""
      (?P<code>`+).+?(?P=code)
    | \{\{.*?\}\}                     # {{ brand.name }}
    | \]\([^)]*\) | \]\[[^\]]*\]      # where a link leads
    | ^\s{0,3}\[[^\]]+\]:.*$          # the same, on a line of its own
    | \{[:#. ][^}]*\}                 # {#lost-phone}
    | <[^>]*>                         # a tag, an address in angle brackets
    | \bhttps?://\S+
    | [\w.+-]+@[\w.-]+\w              # an e-mail address
    | [\w*-]+(?:\.[\w*-]+)*\.[a-z]{2,}\b   # primer.rs, index.html
    """,
    re.VERBOSE,
)
_HEAD = ("title", "description", "do", "tags")
_MARKS = str.maketrans("", "", "*_")


def prose(article: Article) -> Iterator[Line]:
    """Each line of the body as it is read, and the words of the front matter and of what a form is filled in with."""
    for key in _HEAD:
        if key in article.front_matter.entries:
            yield from (_plain(line) for line in article.front_matter.entries[key].values)
    yield from (_plain(line) for line in without_forms(article))
    for block in blocks(article):
        card = cards.card_forms().get(block.title) if block.name == "form" else None
        if card:
            try:
                options = block.options()
            except yaml.YAMLError:
                continue  # The rule on forms tells of it.
            for (line, option), value in options:
                asked = card.presets.get(option)
                if asked and asked.kind != "hidden" and not asked.choices and isinstance(value, str):
                    yield _plain(Line(line, value))


def _plain(line: Line) -> Line:
    return Line(line.number, _NO_LANGUAGE.sub(" ", line.text).translate(_MARKS))
