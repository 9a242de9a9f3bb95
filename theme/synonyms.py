"""The customers' words for the provider's terms, which writers keep in writing/synonyms.toml."""

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from chalicelib.words import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "writing" / "synonyms.toml"
DOCS = ROOT / "docs"
_WORD = re.compile(r"[^\W_]+")


def load(file: Path = FILE) -> dict[str, dict[str, list[str]]]:
    """By language, what customers say, and the terms that the articles have for it. Raises tomllib.TOMLDecodeError."""
    return tomllib.loads(file.read_text("utf-8"))


def problems(file: Path = FILE, docs: Path = DOCS) -> list[str]:
    """What a writer has to mend, each with file and line: an unknown language, no list, a word that no article has."""
    lines = file.read_text("utf-8").splitlines()
    name = f"{file.parent.name}/{file.name}"
    try:
        tables: dict[str, Any] = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as failure:
        found = re.search(r"at line (\d+)", str(failure))
        return [f"{name}:{found[1] if found else len(lines)}: {failure}"]
    wrong = []
    for language, entries in tables.items():
        if language not in LANGUAGES or not isinstance(entries, dict):
            wrong.append(
                (_line(lines, language), f"[{language}] is no language of the site: {', '.join(LANGUAGES)}")
            )
            continue
        written = _written(docs / language)
        for said, terms in entries.items():
            line = _line(lines, said, _line(lines, language))
            if not isinstance(terms, list) or not terms or not all(isinstance(term, str) for term in terms):
                wrong.append((line, f'"{said}" needs a list of terms in quotes: ["…", "…"]'))
                continue
            missing = [word for term in terms for word in _words(term) if word not in written]
            wrong += [(line, f'"{said}": no article in {language} has the word "{word}"') for word in missing]
    return [f"{name}:{line}: {what}" for line, what in sorted(wrong)]


def _line(lines: list[str], key: str, after: int = 0) -> int:
    """The number of the line, from `after` on, that begins a table or gives a key."""
    begins = re.compile(rf"""\s*(?:\[\s*)?["']?{re.escape(key)}["']?\s*(?:\]|=)""")
    return next(
        (number for number, line in enumerate(lines, 1) if number > after and begins.match(line)), after or 1
    )


def _written(folder: Path) -> set[str]:
    return {
        word for path in folder.rglob("*.md") for word in _words(path.read_text("utf-8", errors="replace"))
    }


def _words(text: str) -> list[str]:
    """Words as the search compares them: without marks and case, a d for đ (theme/assets/folding.js)."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(letter)
    )
    return _WORD.findall(bare.replace("đ", "d").replace("dj", "d"))
