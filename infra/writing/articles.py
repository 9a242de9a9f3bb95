"""Every article in every language, read once for all rules."""

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.writing.findings import Finding
from theme.written import Written

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"sr": "Serbian", "hu": "Hungarian", "es": "Spanish"}


def section(path: str) -> str:
    """`people` for people/index, as its address is; any other path as it is."""
    return path.removesuffix("/index")


@dataclass(frozen=True)
class Article(Written):
    """One article in one language; its path is the same in every language: `people/add-contact`."""

    language: str
    path: str

    @property
    def file(self) -> str:
        """Its file from the root of the project."""
        return f"docs/{self.language}/{self.path}.md"

    @property
    def is_index(self) -> bool:
        """Whether it opens a section, or is the home page."""
        return self.path.rpartition("/")[2] == "index"

    def finding(self, line: int, what: str, mend: str) -> Finding:
        """What is wrong in it."""
        return Finding(self.file, line, what, mend)


@dataclass(frozen=True)
class Docs:
    """All that is written, under one root: docs/, writing/ and mkdocs.yml."""

    root: Path

    @cached_property
    def articles(self) -> Mapping[tuple[str, str], Article]:
        """The articles by language and path, in the order of their files."""
        return {(article.language, article.path): article for article in self._read()}

    def _read(self) -> Iterator[Article]:
        for language in LANGUAGES:
            folder = self.root / "docs" / language
            for file in sorted(folder.rglob("*.md")):
                path = file.relative_to(folder).with_suffix("").as_posix()
                # What is not UTF-8 is told as a foreign letter, with its line.
                yield Article(file.read_text("utf-8-sig", errors="replace"), language, path)

    @cached_property
    def paths(self) -> list[str]:
        """The path of every article, whatever language it is written in."""
        return sorted({path for _language, path in self.articles})

    def original(self, article: Article) -> Article | None:
        """The Serbian article that a translation is made from."""
        return self.articles.get((DEFAULT_LANGUAGE, article.path))

    @cached_property
    def tags(self) -> Mapping[str, Mapping[str, str]]:
        """writing/tags.toml: a tag's word in each language; nothing where it cannot be read."""
        return self._toml("tags.toml")

    @cached_property
    def terms(self) -> Mapping[str, list[dict[str, Any]]]:
        """writing/terms.toml: the words that each language's articles avoid; nothing where it cannot be read."""
        return self._toml("terms.toml")

    def allowed(self, language: str) -> list[str]:
        """writing/allowed.<language>.txt: right words that the dictionary lacks."""
        file = self.root / "writing" / f"allowed.{language}.txt"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return [word for line in lines if (word := line.partition("#")[0].strip())]

    def _toml(self, name: str) -> dict[str, Any]:
        file = self.root / "writing" / name
        with contextlib.suppress(tomllib.TOMLDecodeError, FileNotFoundError):
            return tomllib.loads(file.read_text("utf-8"))
        return {}
