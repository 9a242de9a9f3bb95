"""Forms in articles, and the blocks that they and notes are."""

import re
from collections.abc import Iterator

import yaml

from infra.writing.articles import Article, Docs
from infra.writing.blocks import Block, blocks
from infra.writing.findings import Finding, nearest
from theme import cards
from theme.hooks import forms as hook

# The blocks that mkdocs.yml allows.
KINDS = ("form", "note", "tip", "warning", "details")


def forms(docs: Docs) -> Iterator[Finding]:
    """Forms, fields and values that do not exist, a form in a list or a note, and a second form."""
    for article in docs.articles.values():
        first = 0
        for block in blocks(article):
            if block.name not in KINDS:
                yield article.finding(
                    block.line, f"there is no block '{block.name}'", nearest(block.name, KINDS)
                )
            elif not block.end:
                yield article.finding(
                    block.line, f"the block '{block.name}' has no end", "close it by a line ///"
                )
            elif block.name == "form":
                if block.is_nested:
                    yield _told(article, block.line, hook.NOT_BY_ITSELF)
                elif first:
                    yield _told(article, block.line, f"{hook.SECOND} (the first is in line {first})")
                first = first or block.line
                yield from _form(article, block)


def _form(article: Article, block: Block) -> Iterator[Finding]:
    if block.title not in cards.for_articles():
        yield _told(article, block.line, hook.unknown(block.title))
        return
    for line in block.lines:
        if line.text.strip() and not re.match(r" {4}|\t", line.text) and not block.is_nested:
            yield _told(article, line.number, hook.OPTIONS_ONLY)
            return
    try:
        options = block.options()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = block.lines[min(mark.line, len(block.lines) - 1)].number if mark else block.line
        yield article.finding(place, "the option cannot be read", "write `name: value`")
        return
    for (line_number, option), value in options:
        if wrong := hook.misfit(cards.card_forms()[block.title], option, value):
            yield _told(article, line_number, wrong)


def _told(article: Article, line: int, words: str) -> Finding:
    """The build's own words, which tell what is wrong and then how to mend it."""
    what, mark, mend = words.partition("; ")
    return article.finding(line, what, mend if mark else "write one that fits")
