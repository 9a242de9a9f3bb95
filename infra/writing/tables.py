"""The tables that writers tend beside articles: each can be read, and each row is whole."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from chalicelib.words import LANGUAGES
from infra.writing.articles import NAMES, Docs
from infra.writing.findings import Finding, nearest
from theme import synonyms


def tables(docs: Docs) -> Iterator[Finding]:
    """A table that cannot be read, or a row that lacks something."""
    for name in ("tags.toml", "terms.toml"):
        path = docs.root / "writing" / name
        text = path.read_text("utf-8") if path.exists() else ""
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            place = int(line[1]) if line else text.count("\n") + 1
            what = f"it cannot be read: {str(error).partition(' (')[0]}"
            yield Finding(f"writing/{name}", place, what, "write it as the rows above are")
    yield from _tags(docs)
    yield from _terms(docs)
    yield from _synonyms(docs)


def _tags(docs: Docs) -> Iterator[Finding]:
    lines = _lines(docs, "tags.toml")
    for name, words in docs.tags.items():
        place = next((number for number, text in lines if text == f"[{name}]"), 1)
        lacking = [NAMES[language] for language in LANGUAGES if not words.get(language)]
        if lacking:
            what = f"the tag '{name}' has no word in {', '.join(lacking)}"
            yield Finding("writing/tags.toml", place, what, 'add a line such as hu = "…"')


def _terms(docs: Docs) -> Iterator[Finding]:
    lines = _lines(docs, "terms.toml")
    for language, rules in docs.terms.items():
        heads = [number for number, text in lines if text == f"[[{language}]]"] or [1]
        if language not in LANGUAGES:
            what = f"'{language}' is no language of this site"
            yield Finding("writing/terms.toml", heads[0], what, nearest(language, LANGUAGES))
            continue
        for place, rule in zip(heads, rules, strict=False):
            if not _is_rule(rule):
                mend = 'write wrong = ["…"] and right = "…"'
                yield Finding(
                    "writing/terms.toml", place, "the rule lacks its wrong words or the right one", mend
                )
                continue
            for path in rule.get("except", []):
                if path not in docs.paths:
                    yield Finding(
                        "writing/terms.toml",
                        place,
                        f"there is no article '{path}'",
                        nearest(path, docs.paths),
                    )


def _synonyms(docs: Docs) -> Iterator[Finding]:
    """What the search says of writing/synonyms.toml, which it reads."""
    path = docs.root / "writing" / "synonyms.toml"
    for told in synonyms.problems(path, docs.root / "docs") if path.exists() else []:
        file, line, what = told.split(":", 2)
        mend = "write it as the top of the file says, with words that articles have"
        yield Finding(file, int(line), what.strip(), mend)


def _is_rule(rule: Any) -> bool:
    words = rule.get("wrong")
    return isinstance(words, list) and bool(words) and isinstance(rule.get("right"), str)


def _lines(docs: Docs, name: str) -> list[tuple[int, str]]:
    path = docs.root / "writing" / name
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [(number, text.partition("#")[0].strip()) for number, text in enumerate(lines, start=1)]
