"""Links and pictures: each leads to a file that is there, and to a heading that it has."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import PurePosixPath
from posixpath import normpath
from typing import NamedTuple

from infra.writing.articles import Article, Docs
from infra.writing.findings import Finding, nearest
from theme import cards
from theme.hooks import forms
from theme.hooks.brand import fill
from theme.written import Line

_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1")
_LINK = re.compile(
    r"(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?(?P<to>[^\s)>]*)>?(?:\s+[\"'][^)]*)?\)"
)
_NAMED = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]+)\]\[(?P<name>[^\]]*)\]")
_TARGET = re.compile(r"^\s{0,3}\[(?P<name>[^\]]+)\]:\s*<?(?P<to>[^\s>]+)>?")
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(["'])\s*[^"'\s]""", re.IGNORECASE)
_ID = re.compile(r"""(?:\bid\s*=\s*["']|\{:?[^}]*#)([\w-]+)""")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Link(NamedTuple):
    """A link or a picture in an article."""

    line: int
    text: str
    to: str
    is_picture: bool


def links_of(article: Article) -> Iterator[Link]:
    """The article's links and pictures, those written `[text][name]` too, without the ones in `code`."""
    targets = {
        match["name"].lower(): match["to"] for line in article.lines if (match := _TARGET.match(line.text))
    }
    for lines in _paragraphs(article):
        text = _CODE.sub(lambda code: " " * len(code[0]), "\n".join(line.text for line in lines))
        for match in _LINK.finditer(text):
            number = lines[text.count("\n", 0, match.start())].number
            yield Link(number, match["text"], match["to"], bool(match["picture"]))
            if not match["picture"]:
                for inner in _LINK.finditer(match["text"]):
                    yield Link(number, inner["text"], inner["to"], bool(inner["picture"]))
        for match in _NAMED.finditer(text):
            number = lines[text.count("\n", 0, match.start())].number
            name = " ".join((match["name"] or match["text"]).split())
            yield Link(number, match["text"], targets.get(name.lower(), f"[{name}]"), bool(match["picture"]))


def _paragraphs(article: Article) -> Iterator[list[Line]]:
    """Lines that follow each other without an empty one: a link may go on in the next line."""
    for is_text, lines in groupby(article.lines, key=lambda line: bool(line.text.strip())):
        if is_text:
            yield list(lines)


def addresses(article: Article) -> list[str]:
    """What `#…` may lead to on an article's page: its headings, ids that it gives, and its form."""
    found = [heading.anchor for heading in article.headings]
    found += [match[1] for line in article.lines for match in _ID.finditer(line.text)]
    for _line, name in forms.blocks(article.text):
        if name in cards.card_forms():
            found += ["uradi", *cards.companions(cards.card_forms()[name].card, with_sign_in=True)]
    return list(dict.fromkeys(found))


def links(docs: Docs) -> Iterator[Finding]:
    """Links that lead nowhere, by file or by heading, or that would work in one place only."""
    files = {
        path.relative_to(docs.root).as_posix() for path in (docs.root / "docs").rglob("*") if path.is_file()
    }
    known = cache(lambda language, path: addresses(docs.articles[language, path]))
    for article in docs.articles.values():
        for link in links_of(article):
            yield from _link(docs, files, known, article, link)


def _link(
    docs: Docs, files: set[str], known: Callable[[str, str], list[str]], article: Article, link: Link
) -> Iterator[Finding]:
    to = fill(link.to)
    what = "picture" if link.is_picture else "link"
    if to.startswith("["):
        mend = f"write `{to}: address` on a line of its own, or `[text](address)`"
        yield article.finding(link.line, f"there is no address for {to}", mend)
        return
    if _SCHEME.match(to) or to.startswith("//"):
        if not re.match(r"(https|mailto|tel):", to, re.IGNORECASE):
            yield article.finding(link.line, f"the {what} '{to}' is not safe", "begin it with https://")
        return
    path, _mark, fragment = to.partition("#")
    file = article.file
    if path:
        file = normpath(f"{PurePosixPath(article.file).parent}/{path}")
        if path.startswith("/"):
            mend = "write the way to its file from here, such as ../people/add-contact.md"
            yield article.finding(link.line, f"the {what} '{to}' begins at the root", mend)
            return
        if file not in files:
            there = f"{file.removesuffix('/')}.md"
            near = nearest(file, sorted(files)) if there not in files else f"write '{path.rstrip('/')}.md'"
            yield article.finding(link.line, f"the {what} '{to}' leads to {file}, which is not there", near)
            return
    elif not fragment:
        yield article.finding(link.line, f"the {what} '{link.text}' leads nowhere", "write its address")
        return
    language, _slash, rest = file.removeprefix("docs/").partition("/")
    path = rest.removesuffix(".md")
    if fragment and (language, path) in docs.articles and fragment not in known(language, path):
        mend = nearest(fragment, known(language, path))
        yield article.finding(link.line, f"{file} has no heading with the address '#{fragment}'", mend)


def pictures(docs: Docs) -> Iterator[Finding]:
    """Pictures that say nothing to who cannot see them."""
    for article in docs.articles.values():
        wordless = [link.line for link in links_of(article) if link.is_picture and not link.text.strip()]
        wordless += [
            line.number
            for line in article.lines
            for match in _IMG.finditer(_CODE.sub("", line.text))
            if not _ALT.search(match[0])
        ]
        for line in wordless:
            mend = "say in words what it shows: ![The list of contacts](list.png)"
            yield article.finding(line, "a picture has no text for who cannot see it", mend)
