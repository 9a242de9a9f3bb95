"""How far the articles are in each language, as a table for the terminal."""

from collections import Counter

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.columns import aligned
from infra.writing.articles import NAMES, Article, Docs
from infra.writing.translations import behind
from theme.written import is_source


def status(docs: Docs) -> str:
    """Each article with its state in every language, the counts, and what each stale one has to catch up with."""
    states = {(language, path): _state(docs, language, path) for path in docs.paths for language in LANGUAGES}
    rows = [["article", *(NAMES[language] for language in LANGUAGES)]]
    rows += [[path, *(states[language, path] for language in LANGUAGES)] for path in docs.paths]
    lines = [aligned(rows), "", aligned(_counts(docs, states))]
    stale = [
        f"{article.file}: {', '.join(changed)}"
        for article in docs.articles.values()
        if (changed := behind(docs, article))
    ]
    return "\n".join([*lines, *(["", "Stale, changed in Serbian since:"] if stale else []), *stale])


def _state(docs: Docs, language: str, path: str) -> str:
    """`2026-11-22` for a complete article, when it was checked; else what it is."""
    article = docs.articles.get((language, path))
    if not article:
        return "missing"
    if _is_stale(docs, article):
        return "stale"
    return article.front_matter.text("checked") or "never checked"


def _is_stale(docs: Docs, article: Article) -> bool:
    """A translation that does not say what it was made from counts as stale."""
    if article.language == DEFAULT_LANGUAGE:
        return False
    return not is_source(article.front_matter.text("source")) or bool(behind(docs, article))


def _counts(docs: Docs, states: dict[tuple[str, str], str]) -> list[list[str]]:
    rows = [["", *(NAMES[language] for language in LANGUAGES)]]
    counts = {
        language: Counter(state for (one, _), state in states.items() if one == language)
        for language in LANGUAGES
    }
    rows.append(["complete", *(str(_complete(counts[language])) for language in LANGUAGES)])
    for state in ("stale", "missing"):
        rows.append([state, *(str(counts[language][state]) for language in LANGUAGES)])
    return [*rows, ["oldest check", *(_oldest(docs, language) for language in LANGUAGES)]]


def _complete(counts: Counter[str]) -> int:
    return counts.total() - counts["stale"] - counts["missing"]


def _oldest(docs: Docs, language: str) -> str:
    articles = [article for article in docs.articles.values() if article.language == language]
    return min((day for one in articles if (day := one.front_matter.text("checked"))), default="-")
