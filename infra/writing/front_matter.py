"""The front matter: what an article must have, what it may have, and values that lead somewhere."""

from collections.abc import Iterator
from datetime import date

from chalicelib.words import DEFAULT_LANGUAGE
from infra.writing.articles import NAMES, Article, Docs, section
from infra.writing.findings import Finding, nearest
from theme.hooks import brand, forms
from theme.hooks.front_matter import REQUIRED
from theme.hooks.redirects import PATH
from theme.written import Line

# What a search engine shows of a description.
LONGEST_DESCRIPTION = 155
KNOWN = ("title", "description", "tags", "checked", "source", "do", "related", "was")
LISTS = ("tags", "related", "was")
_QUOTES = "write `name: value`, and put a value that holds a colon or begins with a sign in quotes"
_MEND = {
    "title": "add `title: …`, short: navigation and the browser's tab show it",
    "description": f"add `description: …`, one sentence of at most {LONGEST_DESCRIPTION} characters",
    "checked": "add `checked: 2026-11-22`, the day when somebody last tried the steps",
    "tags": "add `tags:` and a line `  - …` for each, from writing/tags.toml",
    "do": "add `do: …`, the line on the home page's card, as an order: Dodajte kontakt",
}


def front_matter(docs: Docs) -> Iterator[Finding]:
    """What cannot be read, is missing, unknown or too long."""
    for article in docs.articles.values():
        head = article.front_matter
        yield from (article.finding(line, what, _QUOTES) for line, what in head.wrong)
        if head.entries:
            yield from _lacking(article)
            yield from _unfit(article)
        for line, key in brand.unknown_keys(article.text):
            yield article.finding(line, f"brand has no '{key}'", nearest(key, sorted(brand.VALUES)))


def _lacking(article: Article) -> Iterator[Finding]:
    due = list(REQUIRED)
    if not article.is_index:
        due.append("tags")
        due += ["do"] if any(forms.blocks(article.text)) else []
    for key in due:
        entry = article.front_matter.entries.get(key)
        if not entry or not entry.values:
            yield article.finding(article.front_matter.line(key), f"the front matter lacks {key}", _MEND[key])


def _unfit(article: Article) -> Iterator[Finding]:
    head = article.front_matter
    for key, entry in head.entries.items():
        if key not in KNOWN:
            yield article.finding(entry.line, f"the front matter knows no '{key}'", nearest(key, KNOWN))
        elif entry.is_list and key not in LISTS:
            yield article.finding(entry.line, f"'{key}' is a list", "give it one value")
        elif entry.values and not entry.is_list and key in LISTS:
            yield article.finding(entry.line, f"'{key}' is no list", "write each value on a line `  - …`")
    length = len(brand.fill(head.text("description")))
    if length > LONGEST_DESCRIPTION:
        shorten = f"shorten it to {LONGEST_DESCRIPTION}: a search engine cuts the rest off"
        yield article.finding(head.line("description"), f"the description has {length} characters", shorten)
    if (checked := head.text("checked")) and not _is_date(checked):
        yield article.finding(
            head.line("checked"), f"'{checked}' is no date", "write year-month-day: 2026-11-22"
        )
    if "source" in head.entries and article.language == DEFAULT_LANGUAGE:
        yield article.finding(
            head.line("source"), "a Serbian article has no source: it is the source", "remove the line"
        )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _values(article: Article, key: str) -> tuple[Line, ...]:
    entry = article.front_matter.entries.get(key)
    return entry.values if entry and entry.is_list else ()


def _repeated(article: Article, key: str) -> Iterator[Finding]:
    seen = set()
    for line, value in _values(article, key):
        if value in seen:
            yield article.finding(line, f"'{value}' stands in '{key}' twice", "remove one")
        seen.add(value)


def tags(docs: Docs) -> Iterator[Finding]:
    """Tags that writing/tags.toml does not have in the article's language."""
    for article in docs.articles.values():
        known = {words[article.language]: words for words in docs.tags.values() if article.language in words}
        yield from _repeated(article, "tags")
        for line, tag in _values(article, "tags"):
            if tag in known:
                continue
            own = next((words[article.language] for words in docs.tags.values() if tag in words.values()), "")
            yield article.finding(
                line,
                f"there is no tag '{tag}' in {NAMES[article.language]}",
                f"write '{own}'" if own else nearest(tag, known) + " (writing/tags.toml)",
            )


def related(docs: Docs) -> Iterator[Finding]:
    """Curated articles that do not exist."""
    paths: dict[str, list[str]] = {}
    for language, path in docs.articles:
        paths.setdefault(language, []).append(path)
    for article in docs.articles.values():
        yield from _repeated(article, "related")
        others = paths[article.language]
        for line, path in _values(article, "related"):
            if path == article.path:
                yield article.finding(line, "an article is not related to itself", "remove the line")
            elif path not in others:
                yield article.finding(line, f"there is no article '{path}'", _path_of(path, others))


def was(docs: Docs) -> Iterator[Finding]:
    """Earlier places of an article that could not lead to it."""
    claimed: dict[str, Article] = {}
    places = {(language, section(path)) for language, path in docs.articles}
    for article in docs.articles.values():
        yield from _repeated(article, "was")
        for line, path in _values(article, "was"):
            other = claimed.setdefault(path, article)
            if other.path != article.path:
                what = f"{other.file} stood at '{path}' too"
                yield article.finding(line, what, "an address leads to one article: remove one")
            elif not PATH.fullmatch(path) or path.split("/")[0] in NAMES:
                mend = "write it without the language, as in people/add-contact"
                yield article.finding(line, f"'{path}' is no path of an article", mend)
            elif (article.language, path) in places:
                mend = "remove the line, or that article"
                yield article.finding(line, f"an article stands at '{path}' today", mend)


def _path_of(path: str, paths: list[str]) -> str:
    plain = path.strip("/").removesuffix(".md")
    return f"write '{plain}'" if plain in paths else nearest(path, paths)
