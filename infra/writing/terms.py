"""One term for one thing: words that the glossary has another one for, from writing/terms.toml."""

import re
from collections.abc import Iterator
from typing import Any

from infra.writing.articles import Docs
from infra.writing.findings import Finding
from infra.writing.prose import prose


def terms(docs: Docs) -> Iterator[Finding]:
    """A word that a rule of the article's language says is wrong, except in the articles that the rule names."""
    rules = {
        language: [(pattern(rule), rule) for rule in rules if "wrong" in rule and "right" in rule]
        for language, rules in docs.terms.items()
    }
    for article in docs.articles.values():
        for line in prose(article):
            for wrong, rule in rules.get(article.language, []):
                if article.path not in rule.get("except", []) and (match := wrong.search(line.text)):
                    mend = f"write '{rule['right']}' (writing/terms.toml)"
                    yield article.finding(line.number, f"'{match[0]}' is not the site's term", mend)


def pattern(rule: dict[str, Any]) -> re.Pattern[str]:
    """A rule's `wrong` words, where `*` stands for any ending."""
    words = (re.escape(words).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for words in rule["wrong"])
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
