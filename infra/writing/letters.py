"""Letters of another script that look like Latin ones: neither a search nor a reader's eye can tell."""

import re
import unicodedata
from collections.abc import Iterator

from infra.writing.articles import Docs
from infra.writing.findings import Finding

_WORD = re.compile(r"[^\W_]+")
# Cyrillic and Greek letters that look like a Latin one, with that one.
_LOOK_ALIKE = dict(
    zip(
        "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅαονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijshdqwABEKMHOPCTYXIJSaovABEZHIKMNOPTYX",
        strict=True,
    )
)


def letters(docs: Docs) -> Iterator[Finding]:
    """A foreign letter in a word with Latin ones, or a word of look-alikes alone, anywhere in the file."""
    for article in docs.articles.values():
        for number, text in enumerate(article.text.splitlines(), start=1):
            if text.isascii():
                continue
            if "\ufffd" in text:
                what = f"a letter in column {text.index(chr(0xFFFD)) + 1} is not UTF-8"
                yield article.finding(number, what, "save the file as UTF-8")
            for word in _WORD.finditer(text):
                foreign = [(place, letter) for place, letter in enumerate(word[0]) if _is_foreign(letter)]
                mixed = any("LATIN" in unicodedata.name(letter, "") for letter in word[0])
                if not foreign or not (mixed or all(letter in _LOOK_ALIKE for _, letter in foreign)):
                    continue
                place, letter = foreign[0]
                name = unicodedata.name(letter).capitalize()
                latin = _LOOK_ALIKE.get(letter)
                yield article.finding(
                    number,
                    f"'{word[0]}' holds a {name} ({letter}) in column {word.start() + place + 1}",
                    f"type the Latin {latin}" if latin else "type it in Latin letters",
                )


def _is_foreign(letter: str) -> bool:
    return (
        letter.isalpha()
        and not letter.isascii()
        and unicodedata.name(letter, "").startswith(("CYRILLIC", "GREEK"))
    )
