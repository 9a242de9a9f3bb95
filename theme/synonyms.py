"""The customers' words for the provider's terms, which writers keep in writing/synonyms.toml."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "writing" / "synonyms.toml"
DOCS = ROOT / "docs"
_WORD = re.compile(r"[^\W_]+")


def load(file: Path = FILE) -> dict[str, dict[str, list[str]]]:
    """By language, what customers say, and the terms that the articles have for it.

    Raises ValueError with what a writer has to mend before the file can be read at all.
    """
    wrong = list(_malformed(file))
    if wrong:
        raise ValueError("\n".join(wrong))
    return tomllib.loads(file.read_text("utf-8"))


def problems(file: Path = FILE, docs: Path = DOCS) -> list[str]:
    """What a writer has to mend, each with file and line: what cannot be read, or else a word that no article has."""
    malformed = list(_malformed(file))
    if malformed:
        return malformed
    lines = file.read_text("utf-8").splitlines()
    wrong = []
    for language, entries in load(file).items():
        # An article that is not UTF-8 is told of as such by `make lint-docs`.
        texts = (path.read_text("utf-8", errors="replace") for path in (docs / language).rglob("*.md"))
        written = {word for text in texts for word in _words(text)}
        begin = _line(lines, language)
        for said, terms in entries.items():
            for word in _words(" ".join(terms)):
                if word not in written:
                    what = f'"{said}": no article in {language} has the word "{word}"'
                    wrong.append((_line(lines, said, begin), what))
    return [f"{_name(file)}:{line}: {what}" for line, what in sorted(wrong)]


def _malformed(file: Path) -> Iterator[str]:
    """What is no TOML, no language of the site, or no list of terms."""
    text = file.read_text("utf-8")
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        found = re.search(r"at line (\d+)", str(failure))
        yield f"{_name(file)}:{found[1] if found else text.count(chr(10)) + 1}: {failure}"
        return
    lines = text.splitlines()
    for language, entries in tables.items():
        begin = _line(lines, language)
        if language not in LANGUAGES or not isinstance(entries, dict):
            yield f"{_name(file)}:{begin}: {language} is no table of a language: {', '.join(LANGUAGES)}"
            continue
        for said, terms in entries.items():
            if not (isinstance(terms, list) and terms and all(isinstance(term, str) for term in terms)):
                line = _line(lines, said, begin)
                yield f'{_name(file)}:{line}: "{said}" needs a list of terms, each in quotes: ["…", "…"]'


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _line(lines: list[str], key: str, after: int = 0) -> int:
    """The number of the line, after another, that begins a table or an entry."""
    begins = re.compile(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[]=]""")
    return next((number for number, line in enumerate(lines, 1) if number > after and begins.match(line)), 1)


def _words(text: str) -> list[str]:
    """Words as the search compares them: without marks and case, a d for đ (theme/assets/folding.js)."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _WORD.findall(bare.replace("đ", "d").replace("dj", "d"))
