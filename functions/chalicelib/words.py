"""The words that readers see: English in the code, Serbian, Hungarian and Spanish in the catalogs under locale/."""

import gettext
from functools import cache
from pathlib import Path

LANGUAGES = ("sr", "hu", "es")
DEFAULT_LANGUAGE = "sr"
# Serbian here is in Latin script, which browsers and screen readers must be told.
LANGUAGE_TAGS = {"sr": "sr-Latn", "hu": "hu", "es": "es"}

_LOCALE = Path(__file__).with_name("locale")


def _(words: str) -> str:
    """Mark words for the catalogs and return them as they are: they are said later, in the reader's language."""
    return words


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The translations of one of LANGUAGES; words that a catalog lacks come back in English."""
    return gettext.translation("kalauz", _LOCALE, [language], fallback=True)


def say(language: str, words: str, **values: object) -> str:
    """The words in a language, with `{name}` places filled from values."""
    said = catalog(language).gettext(words)
    return said.format(**values) if values else said


def preferred_language(accept_language: str) -> str:
    """The first of the site's languages that an Accept-Language header asks for (RFC 9110, 12.5.4), else Serbian."""
    wishes = []
    for place, part in enumerate(accept_language.split(",")[:20]):
        tag, _semicolon, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        language = tag.strip().split("-")[0].lower()
        if language in LANGUAGES and quality > 0:
            wishes.append((-quality, place, language))
    return min(wishes)[2] if wishes else DEFAULT_LANGUAGE
