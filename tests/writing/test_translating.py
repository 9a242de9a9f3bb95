"""What a writer is told of translations, and how one is marked as up to date."""

import pytest

from infra.writing import __main__ as commands
from infra.writing.articles import Docs
from tests.writing.conftest import Project

SR, HU, ES = (f"docs/{language}/people/add-contact.md" for language in ("sr", "hu", "es"))


def told_of(project: Project, file: str) -> list[str]:
    return [told for told in project.findings() if told.startswith(f"{file}:")]


def source_line(project: Project, file: str) -> int:
    lines = (project.root / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith("source:"))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Sačuvajte, pa", "Snimite, pa", "Koraci"),
        ("## Koraci", "## Postupak", "Postupak"),
        ("Kontakt prima poruke. O", "Kontakt dobija poruke. O", "Kako da dodam kontakt"),
        ("title: Dodavanje kontakta", "title: Novi kontakt", "title, description and do"),
        ("### Izmena", "### Uklanjanje\n\nUklonite ga.\n\n### Izmena", "Uklanjanje"),
        ("## Koraci\n", "## Koraci\n\nDva.\n\n### Primer\n\nJedan.\n", "Koraci, Primer"),
        (
            "### Izmena\n\n```\n# Ovo nije naslov, i nije [veza](nigde.md)\n```\n",
            "",
            "after 'Spisak kontakata'",
        ),
    ],
)
def test_a_stale_translation_is_told_with_the_headings_that_changed(
    project: Project, old: str, new: str, changed: str
) -> None:
    project.change(SR, old, new)
    for file in (HU, ES):
        (told,) = told_of(project, file)
        assert told.startswith(
            f"{file}:{source_line(project, file)}: the Serbian article has changed since: "
        )
        what, _mark, mend = told.partition("; ")
        assert changed in what and what.count(",") == changed.count(",")
        assert "make translated ARTICLE=people/add-contact LANGUAGE=" in mend


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("checked: 2026-11-22", "checked: 2026-12-01"),
        ("  - poruke", "  - računi"),
        ("## Koraci\n", "## Koraci   \n"),
    ],
)
def test_what_a_translator_need_not_see_makes_nothing_stale(project: Project, old: str, new: str) -> None:
    project.change(SR, old, new)
    assert project.findings() == []


def test_a_missing_translation_is_told(project: Project) -> None:
    project.remove(HU)
    assert [told for told in project.findings() if "translation" in told] == [
        f"{SR}:1: there is no Hungarian translation; write {HU}, "
        "then `make translated ARTICLE=people/add-contact LANGUAGE=hu`"
    ]


def test_an_article_in_one_language_that_is_not_serbian_is_told(project: Project) -> None:
    project.write(
        "docs/es/people/only.md", (project.root / "docs/es/people/permissions.md").read_text("utf-8")
    )
    (told,) = told_of(project, "docs/es/people/only.md")
    assert told == (
        "docs/es/people/only.md:1: there is no Serbian article to translate; "
        "write docs/sr/people/only.md, or remove this one"
    )


@pytest.mark.parametrize(
    ("source", "what"), [("27a702fbae1ceefc", "is no mark of a source"), ("", "lacks source")]
)
def test_a_translation_that_does_not_say_its_source_is_told(project: Project, source: str, what: str) -> None:
    text = (project.root / HU).read_text("utf-8")
    line = source_line(project, HU)
    lines = text.splitlines(keepends=True)
    lines[line - 1] = f"source: {source}\n" if source else ""
    project.write(HU, "".join(lines))
    (told,) = told_of(project, HU)
    assert what in told and "let `make translated ARTICLE=people/add-contact LANGUAGE=hu` write it" in told


def test_make_translated_makes_a_stale_translation_fresh_and_changes_nothing_else(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project.root / HU).read_text("utf-8")
    project.change(SR, "Sačuvajte, pa", "Snimite, pa")
    assert commands.translated(Docs(project.root), "people/add-contact", "hu") == 0
    assert capsys.readouterr().out == f"{HU} is up to date.\n"
    assert told_of(project, HU) == []
    assert told_of(project, ES)
    after = (project.root / HU).read_text("utf-8")
    differing = [old for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert [line.partition(":")[0] for line in differing] == ["source"]
    assert commands.translated(Docs(project.root), "docs/sr/people/add-contact.md") == 0
    assert project.findings() == []


def test_make_translated_adds_the_source_of_a_new_translation(project: Project) -> None:
    line = source_line(project, HU)
    lines = (project.root / HU).read_text("utf-8").splitlines(keepends=True)
    project.write(HU, "".join(lines[: line - 1] + lines[line:]))
    assert commands.translated(Docs(project.root), "people/add-contact", "hu") == 0
    assert project.findings() == []


def test_make_translated_says_what_it_cannot_mark(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.translated(Docs(project.root), "people/nobody", "hu") == 1
    assert "There is no docs/hu/people/nobody.md." in capsys.readouterr().err
    project.change(HU, "title:", 'title: "')
    assert commands.translated(Docs(project.root), "people/add-contact", "hu") == 1
    assert "mend its front matter first" in capsys.readouterr().err
    assert commands.main(["translated"]) == 2


def test_a_stale_translation_fails_lint_docs_and_not_the_check(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.lint(Docs(project.root), stale_fails=True) == 0
    assert capsys.readouterr().out == "9 articles, and nothing to mend.\n"
    assert commands.lint(Docs(project.root), stale_fails=False) == 0
    assert capsys.readouterr().out == ""
    project.change(SR, "Sačuvajte, pa", "Snimite, pa")
    assert commands.lint(Docs(project.root), stale_fails=True) == 1
    assert commands.lint(Docs(project.root), stale_fails=False) == 0
    assert capsys.readouterr().out.count("has changed since: Koraci") == 4
    project.remove(ES)
    assert commands.lint(Docs(project.root), stale_fails=False) == 1
