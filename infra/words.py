"""The catalogs and the code, held together: `update` brings new words in, `check` says what is missing where."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from chalicelib.words import LANGUAGES

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "functions/chalicelib/locale"
# Where words are said, and how Babel reads them there.
SOURCES = [
    ("functions/chalicelib/**.py", "python"),
    ("functions/chalicelib/mail/templates/**", "jinja2"),
    ("theme/**.py", "python"),
    ("theme/**.html", "jinja2"),
]
JINJA = {"jinja2": {"trimmed": "true", "silent": "false"}}
SINCE = datetime(2026, 11, 22, tzinfo=UTC)
BABEL_LOCALES = {"sr": "sr_Latn", "hu": "hu", "es": "es"}


def said() -> Catalog:
    """Every word that the code and the templates say, with where they say it."""
    template = Catalog(project="Kalauz", charset="utf-8")
    options = {pattern: JINJA.get(method, {}) for pattern, method in SOURCES}
    found = extract_from_dir(
        ROOT, method_map=SOURCES, options_map=options, directory_filter=lambda folder: True
    )
    for path, _line, message, comments, context in found:
        template.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return template


def path_of(language: str) -> Path:
    """The catalog of a language."""
    return LOCALE / language / "LC_MESSAGES/kalauz.po"


def read(language: str) -> Catalog:
    """A language's catalog; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=BABEL_LOCALES[language], project="Kalauz", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=BABEL_LOCALES[language])


def update() -> None:
    """Bring every catalog up to the words that are said: new ones empty, gone ones out."""
    template = said()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        catalog.fuzzy = False  # A fuzzy header would keep the whole catalog from being compiled.
        catalog.creation_date = catalog.revision_date = SINCE  # so that a diff shows words, not dates
        catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = "Kalauz"
        catalog.header_comment = f"# The words of Kalauz in {language}."
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=110, sort_output=True, omit_header=False, include_lineno=False)


def complaints() -> list[str]:
    """What is missing, doubtful or left over in the catalogs, a line each."""
    template = said()
    found = []
    for language in LANGUAGES:
        catalog, place = read(language), path_of(language).relative_to(ROOT)
        if catalog.fuzzy:
            found.append(f"{place}: its header is fuzzy, so it is not compiled")
        for message in template:
            if not message.id:
                continue
            translated = catalog.get(message.id, message.context)
            if translated is None or not all(_strings(translated.string)):
                found.append(f"{place}: no words for {message.id!r}")
            elif translated.fuzzy:
                found.append(f"{place}: fuzzy: {message.id!r}")
            elif errors := list(translated.check(catalog)):
                found.append(f"{place}: {errors[0]}: {message.id!r}")
        known = {(message.id, message.context) for message in template}
        found += [
            f"{place}: nobody says {message.id!r} any more"
            for message in catalog
            if message.id and (message.id, message.context) not in known
        ]
    return found


def _strings(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string or ""),)


def main() -> None:
    """`python -m infra.words update` or `check`."""
    if sys.argv[1:] == ["update"]:
        update()
    found = complaints()
    print(*found, sep="\n", end="\n" if found else "")
    if found:
        sys.exit("Translate these in functions/chalicelib/locale (see CONTRIBUTING.md, 'Add a word').")


if __name__ == "__main__":
    main()
