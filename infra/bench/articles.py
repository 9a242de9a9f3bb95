"""As many articles as a measurement wants: docs/ as it is, and sections of made-up articles beside it.

A made-up article has the build of a real one (front matter, form or none, steps, headings, links to its neighbours)
and about as many words. Its sentences are those of docs/ in its language, in another order, and one word in five is
replaced by one put together of two real words' halves. How often such a word occurs follows Zipf's law over 30,000 of
them, so that 1,000 articles have about 14,000 different words a language, between what docs/ itself would come to by
Heaps' law: 12,000 in Serbian, 21,000 in Hungarian, 9,000 in Spanish. The same number gives the same article.
"""

import json
import math
import re
import shutil
import tomllib
from pathlib import Path
from random import Random
from typing import Any

import yaml

from chalicelib.words import LANGUAGES
from infra.local.building import CONFIG
from infra.local.ministack import ROOT
from theme import cards

SECTION = 25  # articles, beside the section's own page
MADE_UP_SHARE = 0.2
MADE_UP_WORDS = 30_000

_SENTENCE = re.compile(
    r"(?<![^.!?\n] )(?:^|(?<=[.!?] ))[^\W\d_][^.!?\n\[\]{}|/*`<>#]{30,200}[.!?]", re.MULTILINE
)
_WORD = re.compile(r"[^\W\d_]{4,}")


class Language:
    """What made-up articles in a language are put together of."""

    def __init__(self, name: str) -> None:
        texts = [path.read_text("utf-8") for path in sorted((ROOT / "docs" / name).rglob("*.md"))]
        self._sentences = [found for text in texts for found in _SENTENCE.findall(text.split("---\n", 2)[2])]
        self._words: list[str] = sorted(
            {word.lower() for one in self._sentences for word in _WORD.findall(one)}
        )
        self._name = name
        tags = tomllib.loads((ROOT / "writing" / "tags.toml").read_text("utf-8"))
        self._tags = [tag[name] for tag in tags.values()]

    def article(self, number: int) -> str:
        """The article that bears a number, the same every time. An even one has a form."""
        chance = Random(f"{self._name} {number}")  # noqa: S311 - nothing secret.
        forms = cards.for_articles()
        links = [f"[{self._title(chance)}](article-{chance.randrange(SECTION):02}.md)" for _link in range(2)]
        parts = [
            self._head(chance, number),
            f"# {self._title(chance)}",
            self._text(chance, 3),
            "" if number % 2 else f"/// form | {forms[number // 2 % len(forms)]}\n///",
            f"## {self._title(chance)}",
            "\n".join(f"{step}. {self._text(chance, 3)}" for step in range(1, 6)),
            *(f"## {self._title(chance)}\n\n{self._text(chance, 8)}" for _section in range(3)),
            *(f"- {link}" for link in links),
        ]
        return "\n\n".join(filter(None, parts)) + "\n"

    def section(self, number: int) -> str:
        """The page of a section itself."""
        chance = Random(f"{self._name} section {number}")  # noqa: S311 - nothing secret.
        return f"{self._head(chance, number)}\n\n# {self._title(chance)}\n\n{self._text(chance, 2)}\n"

    def _head(self, chance: Random, number: int) -> str:
        tags = [self._tags[(number + step) % len(self._tags)] for step in (0, 3)]
        said = {"title": self._title(chance), "description": self._sentence(chance)[:150]}
        lines = [f"{key}: {json.dumps(words, ensure_ascii=False)}" for key, words in said.items()]
        return "\n".join(["---", *lines, f"tags: [{', '.join(tags)}]", "checked: 2026-11-22", "---"])

    def _title(self, chance: Random) -> str:
        return " ".join(_WORD.findall(self._sentence(chance))[:3]).capitalize()

    def _text(self, chance: Random, sentences: int) -> str:
        return " ".join(self._sentence(chance) for _sentence in range(sentences))

    def _sentence(self, chance: Random) -> str:
        def word(match: re.Match[str]) -> str:
            return self._made_up(chance) if chance.random() < MADE_UP_SHARE else match[0]

        return _WORD.sub(word, chance.choice(self._sentences))

    def _made_up(self, chance: Random) -> str:
        # A word of rank r comes in 1/r of the times of the first.
        rank = int(math.pow(MADE_UP_WORDS, chance.random()))
        own = Random(f"{self._name} word {rank}")  # noqa: S311 - nothing secret.
        first, last = own.sample(self._words, 2)
        return first[: (len(first) + 1) // 2] + last[len(last) // 2 :]


def write(docs: Path, pages: int) -> list[Any]:
    """Write so many pages or a few more into a folder, in all languages; returns their `nav` for mkdocs.yml."""
    for language in LANGUAGES:
        shutil.copytree(ROOT / "docs" / language, docs / language, dirs_exist_ok=True)
    nav: list[Any] = yaml.safe_load(CONFIG.read_text("utf-8"))["nav"]
    have = len(list(docs.rglob("*.md")))
    sections = max(0, -(-(pages - have) // (len(LANGUAGES) * (SECTION + 1))))
    for language in LANGUAGES:
        made = Language(language)
        for section in range(sections):
            folder = docs / language / f"section-{section}"
            folder.mkdir(exist_ok=True)
            (folder / "index.md").write_text(made.section(section), "utf-8")
            for place in range(SECTION):
                article = made.article(section * SECTION + place)
                (folder / f"article-{place:02}.md").write_text(article, "utf-8")
    for section in range(sections):
        names = ["index", *(f"article-{place:02}" for place in range(SECTION))]
        nav.append({f"Section {section}": [f"section-{section}/{name}.md" for name in names]})
    return nav
