"""The table of `make status`."""

from infra.writing.articles import Docs
from infra.writing.status import status
from tests.writing.conftest import Project

COMPLETE = """\
article             Serbian     Hungarian   Spanish
index               2026-11-22  2026-11-22  2026-11-22
people/add-contact  2026-11-22  2026-11-22  2026-11-22
people/permissions  2026-10-01  2026-11-22  2026-11-22

              Serbian     Hungarian   Spanish
complete      3           3           3
stale         0           0           0
missing       0           0           0
oldest check  2026-10-01  2026-11-22  2026-11-22"""

BEHIND = """\
article             Serbian     Hungarian   Spanish
index               2026-11-22  2026-11-22  2026-11-22
people/add-contact  2026-11-22  stale       stale
people/permissions  2026-10-01  2026-11-22  missing

              Serbian     Hungarian   Spanish
complete      3           2           1
stale         0           1           1
missing       0           0           1
oldest check  2026-10-01  2026-11-22  2026-11-22

Stale, changed in Serbian since:
docs/hu/people/add-contact.md: Koraci
docs/es/people/add-contact.md: Koraci"""


def test_complete_articles_show_when_they_were_checked(project: Project) -> None:
    assert status(Docs(project.root)) == COMPLETE


def test_stale_and_missing_translations_are_shown_with_what_changed(project: Project) -> None:
    project.change("docs/sr/people/add-contact.md", "Sačuvajte, pa", "Snimite, pa")
    project.remove("docs/es/people/permissions.md")
    assert status(Docs(project.root)) == BEHIND


def test_a_translation_that_does_not_say_its_source_counts_as_stale(project: Project) -> None:
    project.change("docs/hu/people/permissions.md", "source: ", "source: x")
    assert "people/permissions  2026-10-01  stale       2026-11-22" in status(Docs(project.root))
