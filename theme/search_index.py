"""What the search reads, made of the built site. It comes after the build of all languages.

Pagefind reads the pages, as the templates mark them for it; of what it read we write an index of our own, since the
search has to understand a query by all words at once, and its own index is ten times as much to load at 1,000
articles a language (DECISIONS.md). There are, each under a name with a hash, which `names.json` leads to:

- a language's vocabulary: the articles, their words, and what customers say for them: once a visit;
- places: where some of the words stand, in pieces of which a query loads those that have its words;
- texts: an article's sections, of which the results load theirs.

Nothing of it is loaded before the search is opened. At 29 articles a language a first query loads about 35 KB
compressed; at 1,000, about 140 KB: `make bench` measures it against the search of plain Material.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGE_TAGS
from theme import synonyms
from theme.folding import folded

FOLDER = "search"
NAMES = "names.json"

# Where a word stands is one number, as theme/assets/ranking.js reads it: the article's place in the list, times
# ARTICLE, and the fields that have the word, and how often the text has it: once, at most SOME times, or more.
ARTICLE = 64
TITLE, TAG, HEADING, DESCRIPTION = 32, 16, 8, 4
SOME = 3
# A word that stands in so many texts, and in no other field of theirs, tells the rest apart too little for its bytes.
MOST_TEXTS = 100
PIECE = 24_000  # characters of the places of neighbouring words, which forms of one word are

_LINK = re.compile(r"""<a href="?([^"#?\s>]+)""")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_HEADING = re.compile(r"h[1-6]")
_SIGNATURE = b"pagefind_dcd"

Article = dict[str, Any]


def write(site: Path) -> None:
    """Index what the templates mark with data-pagefind-body.

    Raises CalledProcessError when Pagefind fails, which says why itself, and ValueError for what is wrong in
    writing/synonyms.toml.
    """
    customers_words = synonyms.load()
    folder = site / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    names = {}
    with TemporaryDirectory() as read:
        # A program that is part of our lock, on a folder of ours.
        command = [sys.executable, "-m", "pagefind", "--quiet", "--site", str(site), "--output-path", read]
        subprocess.run(command, check=True)  # noqa: S603
        for language, tag in LANGUAGE_TAGS.items():
            articles = list(_articles(Path(read), tag))
            _count_links(articles, site)
            vocabulary = _vocabulary(articles, language, folder)
            names[language] = _publish(
                folder / language, "vocabulary", vocabulary | {"synonyms": customers_words.get(language, {})}
            )
    (folder / NAMES).write_text(json.dumps(names), "utf-8")


def _articles(read: Path, tag: str) -> Iterator[Article]:
    """What Pagefind read of each page in a language, in the order of their addresses."""
    paths = (read / "fragment").glob(f"{tag.lower()}_*.pf_fragment")
    raw = (gzip.decompress(path.read_bytes()).removeprefix(_SIGNATURE) for path in paths)
    yield from sorted(map(json.loads, raw), key=lambda article: str(article["url"]))


def _count_links(articles: list[Article], site: Path) -> None:
    """Tell of each article how many others link to it: of two that answer alike, that one is rather meant."""
    linked = Counter(
        target
        for article in articles
        for target in {
            urljoin(article["url"], link)
            for link in _LINK.findall((site / article["url"].strip("/") / "index.html").read_text("utf-8"))
        }
    )
    for article in articles:
        article["links"] = linked[article["url"]]


def _vocabulary(articles: Iterable[Article], language: str, folder: Path) -> dict[str, Any]:
    """The articles and their words, whose places and texts are written beside.

    Words that compare alike stand together, the one that most articles have first; `often` has a digit for each, which
    grows by one as they double; `pieces` tells of each piece of places its name and how many words it has.
    """
    listed, places = [], defaultdict[str, list[int]](list)
    for number, article in enumerate(articles):
        text = _publish(folder / language, "text", _sections(article))
        listed.append(_listed(article, language) | {"text": text})
        for word, standing in _standings(article).items():
            places[word].append(number * ARTICLE + standing)
    words = sorted(places, key=lambda word: (folded(word), -len(places[word]), word))
    pieces = [
        [_publish(folder / language, "places", piece), len(piece)]
        for piece in _pieces([_gaps(_telling(places[word])) for word in words])
    ]
    often = "".join(str(min(9, len(places[word]).bit_length())) for word in words)
    return {"articles": listed, "words": words, "often": often, "pieces": pieces}


def _publish(folder: Path, kind: str, content: object) -> str:
    """Write what the search reads; returns its name, from FOLDER."""
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    name = f"{kind}.{hashlib.sha256(raw).hexdigest()[:12]}.json"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(raw)
    return f"{folder.name}/{name}"


def _listed(article: Article, language: str) -> dict[str, Any]:
    """What of an article is shown or compared as a whole. What stands in no section is no article about a matter."""
    meta, url = article["meta"], article["url"]
    path = url.strip("/").split("/")[0 if language == DEFAULT_LANGUAGE else 1 :]
    return {
        "url": url,
        "title": meta["title"],
        "name": meta.get("name", meta["title"]),
        "isArticle": len(path) > 1,
        "links": article["links"],
    }


def _sections(article: Article) -> list[dict[str, str]]:
    """The text under each heading, the first one without its anchor: it is the page's own."""
    written = article["content"].split()
    headings = [anchor for anchor in article["anchors"] if _HEADING.fullmatch(anchor["element"])]
    ends = [anchor["location"] for anchor in headings[1:]] + [len(written)]
    return [
        {
            "anchor": anchor["id"] if number else "",
            "heading": anchor["text"],
            "text": " ".join(written[anchor["location"] + len(anchor["text"].split()) : end]),
        }
        for number, (anchor, end) in enumerate(zip(headings, ends, strict=True))
    ]


def _standings(article: Article) -> dict[str, int]:
    """Of each word of an article its fields and how often its text has it."""
    meta = article["meta"]
    fields = {
        TITLE: [meta["title"], meta.get("name", ""), meta.get("do", "")],
        TAG: [meta.get("tags", "")],
        HEADING: [anchor["text"] for anchor in article["anchors"] if anchor["element"] != "h1"],
        DESCRIPTION: [meta.get("description", "")],
    }
    often = Counter(_words(article["content"]))
    found = {word: 1 if times == 1 else 2 if times <= SOME else 3 for word, times in often.items()}
    for bit, texts in fields.items():
        for word in set(_words(" ".join(texts))):
            found[word] = found.get(word, 0) | bit
    return found


def _telling(places: list[int]) -> list[int]:
    """Where a word stands, but of the texts that only have it somewhere no more than tell them apart."""
    named = [place for place in places if place % ARTICLE >= DESCRIPTION]
    texts = [place for place in places if place % ARTICLE < DESCRIPTION]
    most_often_first = sorted(texts, key=lambda place: -(place % ARTICLE))
    return sorted(named + most_often_first[:MOST_TEXTS])


def _gaps(places: list[int]) -> list[int]:
    """The same with articles counted from the last one: small numbers compress to less."""
    last, gaps = 0, []
    for place in places:
        gaps.append(place - last)
        last = place - place % ARTICLE
    return gaps


def _pieces(places: list[list[int]]) -> Iterator[list[list[int]]]:
    """The places of neighbouring words, PIECE characters or a little more at a time."""
    piece: list[list[int]] = []
    size = 0
    for one in places:
        piece.append(one)
        size += len(json.dumps(one, separators=(",", ":"))) + 1
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _words(text: str) -> Iterator[str]:
    """Each word of a text in small letters; one with hyphens, and then its parts too."""
    for match in _WORD.finditer(text.lower()):
        yield match[0]
        parts = re.split(r"[-'’]", match[0])
        if len(parts) > 1:
            yield from (part for part in parts if len(part) > 1)
