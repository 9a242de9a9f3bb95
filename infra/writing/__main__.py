"""`python -m infra.writing lint`, `check`, `status`, or `translated people/add-contact [hu]`."""

import sys

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.writing.articles import ROOT, Docs
from infra.writing.lint import findings
from infra.writing.status import status
from infra.writing.translations import mark_translated


def lint(docs: Docs, *, stale_fails: bool) -> int:
    """Print every finding, and return the exit code; `make check` lets a site be published that has stale articles."""
    found = findings(docs)
    for finding in found:
        print(finding)
    if not found and stale_fails:
        print(f"{len(docs.articles)} articles, and nothing to mend.")
    return int(any(stale_fails or not finding.may_wait for finding in found))


def translated(docs: Docs, path: str, *languages: str) -> int:
    """Mark the translations of an article as made from the Serbian one as it stands."""
    path = path.removesuffix(".md").removeprefix(f"docs/{DEFAULT_LANGUAGE}/")
    chosen = languages or [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]
    marked = 0
    for language in chosen:
        article = docs.articles.get((language, path))
        if not article:
            print(f"There is no docs/{language}/{path}.md.", file=sys.stderr)
            continue
        try:
            text = mark_translated(docs, article)
        except ValueError as trouble:
            print(trouble, file=sys.stderr)
            continue
        (docs.root / article.file).write_text(text, "utf-8")
        print(f"{article.file} is up to date.")
        marked += 1
    return int(marked < len(chosen))


def main(arguments: list[str]) -> int:
    """Do what is asked, and return the exit code."""
    docs = Docs(ROOT)
    match arguments:
        case ["lint"]:
            return lint(docs, stale_fails=True)
        case ["check"]:
            return lint(docs, stale_fails=False)
        case ["status"]:
            print(status(docs))
            return 0
        case ["translated", path, *languages] if path:
            return translated(docs, path, *languages)
        case _:
            print(
                "Say which article: make translated ARTICLE=people/add-contact [LANGUAGE=hu]", file=sys.stderr
            )
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
