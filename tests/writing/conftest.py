"""A small project that has nothing wrong (good/), copied for each test, which spoils one thing in it."""

import shutil
from pathlib import Path

import pytest

from infra.writing.articles import ROOT, Docs
from infra.writing.lint import findings

GOOD = Path(__file__).with_name("good")


class Project:
    """A copy of good/ with the project's own tags, terms and allowed words."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, file: str, text: str) -> None:
        """Write a file as a whole."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def change(self, file: str, old: str, new: str) -> None:
        """Replace what stands in a file once."""
        text = (self.root / file).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands in {file} {text.count(old)} times"
        self.write(file, text.replace(old, new))

    def remove(self, file: str) -> None:
        """Remove a file."""
        (self.root / file).unlink()

    def findings(self) -> list[str]:
        """What `make lint-docs` prints, a line each."""
        return [str(finding) for finding in findings(Docs(self.root))]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The copy, which a test may spoil."""
    root = tmp_path / "project"
    shutil.copytree(GOOD, root)
    shutil.copytree(ROOT / "writing", root / "writing")
    # The project's own synonyms lead to words that its few articles do not have.
    (root / "writing/synonyms.toml").write_text('[sr]\n"šifra" = ["dozvole"]\n', "utf-8")
    return Project(root)
