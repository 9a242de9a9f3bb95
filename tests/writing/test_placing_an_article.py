"""What a writer is told of folders, of the navigation, and of articles that moved or went."""

import shutil
import subprocess

import pytest

from tests.writing.conftest import Project

CONTACT = "people/add-contact"
LANGUAGES = ("sr", "hu", "es")


def git(project: Project, *arguments: str) -> None:
    who = ("-c", "user.name=Writer", "-c", "user.email=writer@example.com")
    subprocess.run(["git", *who, *arguments], cwd=project.root, check=True, capture_output=True)


@pytest.fixture
def versioned(project: Project) -> Project:
    """The project, committed."""
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "All")
    return project


def move(project: Project, path: str, to: str) -> None:
    """Rename an article in every language, and mend what leads to it."""
    for language in LANGUAGES:
        (project.root / f"docs/{language}/{path}.md").rename(project.root / f"docs/{language}/{to}.md")
    for file in project.root.rglob("*.md"):
        name, new = path.rpartition("/")[2], to.rpartition("/")[2]
        file.write_text(file.read_text("utf-8").replace(f"{name}.md", f"{new}.md"), "utf-8")
    project.change("mkdocs.yml", f"{path}.md", f"{to}.md")


@pytest.mark.parametrize("folder", ["js", "de", "images"])
def test_a_folder_that_is_no_language_is_told(project: Project, folder: str) -> None:
    project.write(f"docs/{folder}/a.js", "")
    assert project.findings() == [
        f"docs/{folder}:1: '{folder}' is no language of this site; "
        "move what it holds into docs/sr, docs/hu, docs/es"
    ]


def test_an_article_beside_the_languages_is_told(project: Project) -> None:
    project.write("docs/note.md", "# Note\n")
    assert project.findings() == [
        "docs/note.md:1: an article stands in a language's folder; move it to docs/sr/"
    ]


def test_an_article_that_the_navigation_lacks_is_told(project: Project) -> None:
    project.change("mkdocs.yml", "      - people/permissions.md\n", "")
    assert project.findings() == [
        "docs/sr/people/permissions.md:1: the navigation lacks this article; "
        "add `- people/permissions.md` to nav: in mkdocs.yml"
    ]


def test_an_article_that_only_the_navigation_has_is_told(project: Project) -> None:
    project.change("mkdocs.yml", "people/permissions.md", "people/permision.md")
    assert (
        "mkdocs.yml:5: there is no article 'people/permision.md'; did you mean 'people/permissions.md'?"
        in project.findings()
    )


@pytest.mark.parametrize("committed", [False, True])
def test_a_renamed_article_that_does_not_say_where_it_stood_is_told(
    versioned: Project, committed: bool
) -> None:
    move(versioned, "people/permissions", "people/rights")
    versioned.change("docs/sr/people/add-contact.md", "- people/permissions", "- people/rights")
    git(versioned, "add", ".")
    if committed:
        git(versioned, "commit", "-qm", "Move")
    assert [told for told in versioned.findings() if "has changed since" not in told] == [
        "docs/sr/people/rights.md:1: this article stood at 'people/permissions' before, "
        "and readers have links to it; add `was:` and a line `  - people/permissions`"
    ]
    versioned.change("docs/sr/people/rights.md", "checked:", "was:\n  - people/permissions\nchecked:")
    assert not [told for told in versioned.findings() if "has changed since" not in told]


def test_an_article_that_is_gone_is_told_until_another_takes_its_place(versioned: Project) -> None:
    for language in LANGUAGES:
        versioned.remove(f"docs/{language}/people/permissions.md")
    versioned.change("mkdocs.yml", "      - people/permissions.md\n", "")
    (told,) = [told for told in versioned.findings() if "is gone" in told]
    assert told == (
        "docs/sr/people/permissions.md:1: this article is gone, and readers have links to it; "
        "add `was:` and a line `  - people/permissions` to the article that tells it now"
    )
    versioned.change("docs/hu/people/add-contact.md", "checked:", "was:\n  - people/permissions\nchecked:")
    assert not [told for told in versioned.findings() if "is gone" in told]


def test_without_git_nobody_remembers(project: Project) -> None:
    shutil.rmtree(project.root / "docs/sr/people")
    assert not [told for told in project.findings() if "is gone" in told]
