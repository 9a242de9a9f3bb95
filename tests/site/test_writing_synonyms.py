"""writing/synonyms.toml: what customers say for what the articles say."""

from pathlib import Path

import pytest

from theme import synonyms

ARTICLE = "# Promena lozinke\n\nVaš nalog je zaštićen, a Đorđe ima kontakt.\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    article = tmp_path / "docs" / "sr" / "account" / "change-password.md"
    article.parent.mkdir(parents=True)
    article.write_text(ARTICLE, "utf-8")
    (tmp_path / "writing").mkdir()
    return tmp_path / "writing" / "synonyms.toml"


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text, "utf-8")
    return synonyms.problems(file, file.parents[1] / "docs")


def test_ours_are_in_order() -> None:
    assert synonyms.problems() == []
    assert set(synonyms.load()) == {"sr", "hu", "es"}


def test_the_words_of_articles_will_do_however_they_are_written(file: Path) -> None:
    assert problems(file, '[sr]\n"šifra" = ["LOZINKE", "zasticen nalog"]\n"gazda" = ["Djordje"]\n') == []


def test_a_word_that_no_article_has_is_told_by_its_line(file: Path) -> None:
    assert problems(file, '[sr]\n# komentar\n"šifra" = ["lozinke"]\n"pas" = ["nalog", "lozinka kuca"]\n') == [
        'writing/synonyms.toml:4: "pas": no article in sr has the word "kuca"',
        'writing/synonyms.toml:4: "pas": no article in sr has the word "lozinka"',
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[de]\n"a" = ["b"]\n', "writing/synonyms.toml:1: de is no table of a language: sr, hu, es"),
        ('sr = "lozinka"\n', "writing/synonyms.toml:1: sr is no table of a language: sr, hu, es"),
        ('[sr]\n\n"šifra" = "lozinke"\n', 'writing/synonyms.toml:3: "šifra" needs a list of terms'),
        ('[sr]\n"šifra" = []\n', 'writing/synonyms.toml:2: "šifra" needs a list of terms'),
        ('[sr]\n"šifra" = [1]\n', 'writing/synonyms.toml:2: "šifra" needs a list of terms'),
        ('[sr]\n"šifra" = ["lozinke"\n"pas" = ["nalog"]\n', "writing/synonyms.toml:3: "),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line_and_stops_the_build(
    file: Path, text: str, told: str
) -> None:
    (problem,) = problems(file, text)
    assert problem.startswith(told)
    with pytest.raises(ValueError, match=r"writing/synonyms\.toml:\d+: "):
        synonyms.load(file)
