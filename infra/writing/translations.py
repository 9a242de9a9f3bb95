"""Translations: which are missing, which have no source, and which their source has left behind."""

import re
from collections.abc import Iterator

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.writing.articles import NAMES, Article, Docs
from infra.writing.findings import Finding
from theme.hooks import forms
from theme.written import is_source


def behind(docs: Docs, article: Article) -> list[str]:
    """The headings that a translation has to catch up with; none for a fresh one, and for a Serbian article."""
    original, source = docs.original(article), article.front_matter.text("source")
    if article.language == DEFAULT_LANGUAGE or not original or not is_source(source):
        return []
    return original.changed_since(source)


def translations(docs: Docs) -> Iterator[Finding]:
    """Articles that a language lacks, and translations that are behind their source."""
    for path in docs.paths:
        written = {language: docs.articles.get((language, path)) for language in LANGUAGES}
        original = written[DEFAULT_LANGUAGE]
        for language, article in written.items():
            if not article and original:
                mend = f"write docs/{language}/{path}.md, then `make translated ARTICLE={path} LANGUAGE={language}`"
                yield original.finding(1, f"there is no {NAMES[language]} translation", mend)
            elif article and not original:
                mend = f"write docs/{DEFAULT_LANGUAGE}/{path}.md, or remove this one"
                yield article.finding(1, "there is no Serbian article to translate", mend)
            elif article and original and article is not original:
                yield from _translation(docs, article, original)


def _translation(docs: Docs, article: Article, original: Article) -> Iterator[Finding]:
    mark = f"`make translated ARTICLE={article.path} LANGUAGE={article.language}`"
    source, line = article.front_matter.text("source"), article.front_matter.line("source")
    if not article.front_matter.entries:
        return  # What is wrong with the front matter is told, and its source cannot be read.
    if not is_source(source):
        what = f"'{source}' is no mark of a source" if source else "the front matter lacks source"
        yield article.finding(line, what, f"let {mark} write it once this says what the Serbian article says")
    elif changed := behind(docs, article):
        what = f"the Serbian article has changed since: {', '.join(changed)}"
        mend = f"bring this up to date, then {mark}"
        yield Finding(article.file, line, what, mend, may_wait=True)
    own, asked = ([name for _line, name in forms.blocks(one.text)] for one in (article, original))
    if sorted(own) != sorted(asked):
        place = next((number for number, _name in forms.blocks(article.text)), 1)
        what = f"the form is {_named(own)}, and the Serbian article's is {_named(asked)}"
        yield article.finding(place, what, "embed the same one")


def _named(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"


def mark_translated(docs: Docs, article: Article) -> str:
    """The text of a translation that is made from the Serbian article as it stands now.

    Raises ValueError, with what to do, where there is no Serbian article, or no front matter to mark.
    """
    original = docs.original(article)
    if not original or article.language == DEFAULT_LANGUAGE:
        raise ValueError(f"{article.file} is no translation of a Serbian article")
    if not article.front_matter.entries:
        raise ValueError(f"{article.file}:1: mend its front matter first: `make lint-docs` tells how")
    line = f"source: {original.source}"
    if "source" in article.front_matter.entries:
        return re.sub(r"^source:.*$", line, article.text, count=1, flags=re.MULTILINE)
    lines = article.text.splitlines(keepends=True)
    lines.insert(article.front_matter.end - 1, line + "\n")
    return "".join(lines)
