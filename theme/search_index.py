"""What the search reads, made of the built site. It comes after the build of all languages.

    vocabularies.json           each language's vocabulary
    vocabulary.sr.<hash>.json   its articles, their words, the customers' words: by it the search understands a query
    places.sr.<hash>.json       where some of the words stand, in alphabetical order: by them it ranks what answers
    fragment/sr-latn_<hash>…    an article's text, as Pagefind read it of the page: sections and excerpts come from it

A visit loads the first two when the search is opened, and of the others what its queries need. All but the first have
names that change with their content, so a browser keeps them.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGE_TAGS
from theme import synonyms

FOLDER = "pagefind"
NAMES = "vocabularies.json"
TEXTS = "fragment"

# Where a word stands is one number, as theme/assets/ranking.js reads it: the article's place in the list, times
# ARTICLE, and the fields that have the word, and how often the text has it: once, at most SOME times, or more.
ARTICLE = 64
TITLE, TAG, HEADING, DESCRIPTION = 32, 16, 8, 4
SOME = 3
PIECE = 12_000  # bytes of a file of places, which a server then compresses to some 5,000
# A word that stands in so many texts, and in no other field of theirs, tells the rest apart too little for its bytes.
MOST_TEXTS = 100

_LINK = re.compile(r"""<a href="?([^"#?\s>]+)""")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_SIGNATURE = b"pagefind_dcd"


def write(site: Path) -> None:
    """Index what the templates mark with data-pagefind-body.

    Raises CalledProcessError when Pagefind fails, which says why itself, and ValueError for what is wrong in
    writing/synonyms.toml.
    """
    # A program that is part of our lock, on a folder of ours.
    subprocess.run([sys.executable, "-m", "pagefind", "--quiet", "--site", site], check=True)  # noqa: S603
    folder = site / FOLDER
    for path in folder.iterdir():
        if path.name != TEXTS:
            _remove(path)
    customers_words = synonyms.load()
    names = {}
    for language, tag in LANGUAGE_TAGS.items():
        articles = list(_articles(folder, tag))
        _count_links(articles, site)
        places = _places(articles)
        vocabulary = {
            "articles": [_listed(article, language) for article in articles],
            "words": " ".join(places),
            "often": "".join(str(min(9, len(places[word]).bit_length())) for word in places),
            "pieces": [
                [first, _publish(folder, f"places.{language}", piece)]
                for first, piece in _pieces(list(places.values()))
            ],
            "synonyms": customers_words.get(language, {}),
        }
        names[language] = _publish(folder, f"vocabulary.{language}", vocabulary)
    (folder / NAMES).write_text(json.dumps(names), "utf-8")


def _remove(path: Path) -> None:
    """Pagefind's own index and program: no page asks for them."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _publish(folder: Path, name: str, content: object) -> str:
    """Write some JSON under a name with its hash; returns that name."""
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    hashed = f"{name}.{hashlib.sha256(raw).hexdigest()[:8]}.json"
    (folder / hashed).write_bytes(raw)
    return hashed


def _articles(folder: Path, tag: str) -> Iterator[dict[str, Any]]:
    """What Pagefind read of each page in a language, with the name of the file that holds it."""
    for path in sorted((folder / TEXTS).glob(f"{tag.lower()}_*.pf_fragment")):
        raw = gzip.decompress(path.read_bytes())
        yield {"id": path.stem, **json.loads(raw.removeprefix(_SIGNATURE))}


def _count_links(articles: list[dict[str, Any]], site: Path) -> None:
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


def _places(articles: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Each word of the articles, in alphabetical order, and where it stands."""
    places = defaultdict[str, list[int]](list)
    for number, article in enumerate(articles):
        for word, standing in _standings(article).items():
            places[word].append(number * ARTICLE + standing)
    return {word: _telling(places[word]) for word in sorted(places)}


def _pieces(places: list[list[int]]) -> Iterator[tuple[int, list[list[int]]]]:
    """The words' places in pieces of about PIECE bytes, each with the number of its first word.

    A place is written as its distance from the one before, which is shorter.
    """
    first, piece, size = 0, list[list[int]](), 0
    for number, standing in enumerate(places):
        piece.append([place - before for before, place in pairwise([0, *standing])])
        size += len(str(piece[-1]))
        if size >= PIECE:
            yield first, piece
            first, piece, size = number + 1, [], 0
    if piece:
        yield first, piece


def _listed(article: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What of an article is shown or compared as a whole. What stands in no section is no article about a matter."""
    meta, url = article["meta"], article["url"]
    path = url.strip("/").split("/")[0 if language == DEFAULT_LANGUAGE else 1 :]
    return {
        "id": article["id"],
        "url": url,
        "title": meta["title"],
        "name": meta.get("name", meta["title"]),
        "isArticle": len(path) > 1,
        "links": article["links"],
    }


def _standings(article: Mapping[str, Any]) -> dict[str, int]:
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


def _words(text: str) -> Iterator[str]:
    """Each word of a text in small letters; one with hyphens, and then its parts too."""
    for match in _WORD.finditer(text.lower()):
        yield match[0]
        parts = re.split(r"[-'’]", match[0])
        if len(parts) > 1:
            yield from (part for part in parts if len(part) > 1)
