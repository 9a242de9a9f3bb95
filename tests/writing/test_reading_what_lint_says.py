"""Each rule of `make lint-docs` on an article that is wrong in one thing: found at its line, with how to mend it."""

import re

import pytest

from infra.writing.articles import ROOT, Docs
from infra.writing.lint import findings
from tests.writing.conftest import Project

CONTACT = "docs/sr/people/add-contact.md"
PERMISSIONS = "docs/sr/people/permissions.md"
HU = "docs/hu/people/add-contact.md"
ES = "docs/es/people/add-contact.md"


def without_stale(found: list[str]) -> list[str]:
    """A mistake put into a Serbian article makes its translations stale as well, which tests of that look at."""
    return [line for line in found if "has changed since" not in line]


def test_right_articles_give_nothing(project: Project) -> None:
    assert project.findings() == []


def test_the_sites_own_articles_give_nothing_but_what_may_wait() -> None:
    assert [str(finding) for finding in findings(Docs(ROOT)) if not finding.may_wait] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "what", "mend"),
    [
        # front matter
        (CONTACT, "title: Dodavanje kontakta\n", "", 1, "lacks title", "add `title:"),
        (CONTACT, "title: Dodavanje kontakta", "title:", 2, "lacks title", "add `title:"),
        (HU, "description: Így vehet fel valakit, aki leveleket kap.\n", "", 1, "lacks description", "155"),
        (PERMISSIONS, "Šta korisnik sme.", "Dozvole. " * 20, 3, "has 179 characters", "shorten it to 155"),
        (PERMISSIONS, "checked: 2026-10-01\n", "", 1, "lacks checked", "the day when"),
        (PERMISSIONS, "2026-10-01", "1.10.2026.", 5, "'1.10.2026.' is no date", "year-month-day"),
        (PERMISSIONS, "tags: [dozvole]\n", "", 1, "lacks tags", "writing/tags.toml"),
        (CONTACT, "do: Dodajte kontakt\n", "", 1, "lacks do", "home page's card"),
        (CONTACT, "do:", "doo:", 8, "knows no 'doo'", "did you mean 'do'?"),
        (PERMISSIONS, "checked:", "source: abc\nchecked:", 5, "a Serbian article has no source", "remove"),
        (PERMISSIONS, "tags: [dozvole]", "tags: dozvole", 4, "'tags' is no list", "  - …"),
        (
            PERMISSIONS,
            "checked:",
            "title: Dva\nchecked:",
            5,
            "'title' stands in the front matter twice",
            "name:",
        ),
        (PERMISSIONS, "Šta korisnik sme.", "Dozvole: sve.", 3, "cannot be read: mapping values", "in quotes"),
        (PERMISSIONS, "title: Dozvole", 'title: "Dozvole', 2, "cannot be read", "in quotes"),
        (PERMISSIONS, "---\ntitle", "title", 1, "does not begin with front matter", "name: value"),
        (PERMISSIONS, "10-01\n---\n", "10-01\n", 1, "front matter has no end", "name: value"),
        (CONTACT, "brand.name", "brand.nam", 31, "brand has no 'nam'", "did you mean 'name'?"),
        # tags, related and earlier places
        (CONTACT, "  - poruke", "  - poruka", 6, "no tag 'poruka' in Serbian", "did you mean 'poruke'?"),
        (HU, "  - levelek", "  - poruke", 6, "no tag 'poruke' in Hungarian", "write 'levelek'"),
        (CONTACT, "  - poruke", "  - kontakti", 6, "'kontakti' stands in 'tags' twice", "remove one"),
        (
            CONTACT,
            "- people/permissions",
            "- permissions",
            10,
            "no article 'permissions'",
            "people/permissions",
        ),
        (CONTACT, "- people/permissions", "- people/add-contact", 10, "not related to itself", "remove"),
        (CONTACT, "people/new-contact", "people/permissions", 12, "an article stands at", "remove the line"),
        (
            CONTACT,
            "people/new-contact",
            "sr/people/new.md",
            12,
            "is no path of an article",
            "people/add-contact",
        ),
        # headings
        (PERMISSIONS, "# Dozvole korisnika", "Tekst.", 8, "has no heading `# …`", "begin the text with one"),
        (
            PERMISSIONS,
            "/// note",
            "# Drugi\n\n/// note",
            10,
            "second heading",
            "line 8: make this one `## …`",
        ),
        (CONTACT, "## Koraci", "#### Koraci", 24, "'Koraci' goes from level 1 to 4", "write it with ##,"),
        (CONTACT, "## Koraci", "##", 24, "a heading has no words", "write them"),
        # links and pictures
        (CONTACT, "](permissions.md)", "](permission.md)", 17, "which is not there", "did you mean"),
        (CONTACT, "](permissions.md)", "](permissions/)", 17, "which is not there", "write 'permissions.md'"),
        (CONTACT, "](permissions.md)", "](/people/permissions.md)", 17, "begins at the root", "../people/"),
        (CONTACT, "](permissions.md)", "](http://primer.rs)", 17, "is not safe", "https://"),
        (CONTACT, "](permissions.md)", "]()", 17, "leads nowhere", "write its address"),
        (CONTACT, "](permissions.md)", "][spisak]", 17, "no address for [spisak]", "`[spisak]: address`"),
        (
            CONTACT,
            "(#spisak)",
            "(#spisk)",
            27,
            "no heading with the address '#spisk'",
            "did you mean 'spisak'?",
        ),
        ("docs/sr/index.md", "#koraci", "#korak", 9, "people/add-contact.md has no heading", "'koraci'"),
        (
            CONTACT,
            "[dozvole](permissions.md)",
            "[dozvole\nlica](permission.md)",
            17,
            "not there",
            "permissions.md",
        ),
        (CONTACT, "(contact.svg)", "(contakt.svg)", 26, "the picture 'contakt.svg' leads to", "contact.svg"),
        (CONTACT, "![Obrazac sa imenom i adresom]", "![]", 26, "a picture has no text", "say in words"),
        (PERMISSIONS, "Dozvole daje", '<img src="a.png"> Daje', 11, "a picture has no text", "say in words"),
        # forms and blocks
        (CONTACT, "form | open-ticket", "form | open-tiket", 19, "no form 'open-tiket'", "open-ticket"),
        (CONTACT, "    subject:", "    subjekt:", 21, "no field 'subjekt'", "it has: department, subject"),
        (
            CONTACT,
            "technical",
            "tehnika",
            20,
            "'tehnika' does not fit into 'department'",
            "write one that fits",
        ),
        (CONTACT, "    subject: Novi", "subject: Novi", 21, "holds options only", "by four spaces"),
        (CONTACT, "    subject:", "    subject", 21, "the option cannot be read", "`name: value`"),
        (CONTACT, "kontakt\n///\n", "kontakt\n", 19, "the block 'form' has no end", "close it by a line ///"),
        (
            CONTACT,
            "/// form | open-ticket\n    department: technical\n    subject: Novi kontakt\n///",
            "1. Prvo\n\n    /// form | open-ticket\n    ///",
            21,
            "a form stands by itself",
            "out of the list",
        ),
        (
            CONTACT,
            "## Koraci",
            "/// form | add-contact\n///",
            24,
            "a page has one form",
            "first is in line 19",
        ),
        (PERMISSIONS, "/// note", "/// nota", 10, "there is no block 'nota'", "did you mean 'note'?"),
        (PERMISSIONS, "vlasnik.\n///\n", "vlasnik.\n", 10, "the block 'note' has no end", "close it"),
        # words
        (
            PERMISSIONS,
            "Dozvole daje",
            "Lozinku, to jest šifru, daje",
            11,
            "'šifru' is not",
            "write 'lozinka'",
        ),
        (HU, "leveleket kap.\n", "emailt kap.\n", 3, "'emailt' is not", "write 'e-mail"),
        (ES, "recibe correos. ", "recibe emails. ", 14, "'emails' is not the site's term", "correo"),
        (
            PERMISSIONS,
            "Dozvole daje vlasnik",
            "Dozvole daje vlasnnik",
            11,
            "'vlasnnik'",
            "did you mean 'vlasnik'",
        ),
        (PERMISSIONS, "title: Dozvole", "title: Doozvole", 2, "'Doozvole'", "writing/allowed.sr.txt"),
        (CONTACT, "Novi kontakt", "Novvi kontakt", 21, "'Novvi'", "allowed.sr.txt"),
        (HU, "Módosítás", "Módositás", 30, "'Módositás'", "'Módosítás'"),
        (ES, "recibe correos. ", "recive correos. ", 14, "'recive'", "allowed.es.txt"),
        (
            PERMISSIONS,
            "Dozvole daje",
            "Dоzvole daje",
            11,
            "Cyrillic small letter o (о) in column 2",
            "Latin o",
        ),
        (PERMISSIONS, "title: Dozvole", "title: Dozvolе", 2, "small letter ie (е) in column 14", "Latin e"),
        (PERMISSIONS, "daje vlasnik", "daje а vlasnik", 11, "Cyrillic small letter a", "Latin a"),
        # translations
        (
            HU,
            "open-ticket",
            "add-contact",
            16,
            "the Serbian article's is 'open-ticket'",
            "embed the same one",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_how_to_mend_it(
    project: Project, file: str, old: str, new: str, line: int, what: str, mend: str
) -> None:
    project.change(file, old, new)
    found = [told for told in project.findings() if told.startswith(f"{file}:{line}: ")]
    assert [told for told in found if what in told.partition("; ")[0] and mend in told.partition("; ")[2]], (
        found
    )


def test_one_mistake_is_one_finding(project: Project) -> None:
    project.change(HU, "Módosítás", "Módositás")
    assert len(project.findings()) == 1


def test_all_mistakes_are_told_in_one_run_in_the_order_of_their_lines(project: Project) -> None:
    project.change(CONTACT, "(permissions.md)", "(permission.md)")
    project.change(CONTACT, "form | open-ticket", "form | open-tiket")
    project.change(PERMISSIONS, "title: Dozvole", 'title: "Dozvole')
    places = [re.match(r"docs/[^:]+:\d+", told)[0] for told in without_stale(project.findings())]  # type: ignore[index]
    assert places == [
        # The forms of the translations are not this one any more.
        f"{ES}:16",
        f"{HU}:16",
        f"{CONTACT}:17",
        f"{CONTACT}:19",
        f"{PERMISSIONS}:2",
    ]


def test_code_addresses_and_placeholders_are_not_spelled(project: Project) -> None:
    project.change(
        PERMISSIONS,
        "Dozvole daje",
        "`asdfgh` {{ brand.support_email }} qwert@primer.rs qwert.rs h2o2x <!-- asdfgh --> daje",
    )
    assert without_stale(project.findings()) == []


@pytest.mark.parametrize(
    ("language", "allowed", "word"), [("sr", "asdfgh", "Asdfgh"), ("hu", "asdfgh*", "asdfgh-ban")]
)
def test_an_allowed_word_is_right(project: Project, language: str, allowed: str, word: str) -> None:
    file = f"docs/{language}/people/permissions.md"
    project.change(file, "/// note | ", f"/// note | {word} ")
    assert [told for told in project.findings() if word in told]
    project.write(f"writing/allowed.{language}.txt", f"# Words\n{allowed}\n")
    assert not [told for told in project.findings() if word in told]


@pytest.mark.parametrize("word", ["Actívela", "recomiéndesela", "reenvíela", "configurarla"])
def test_a_spanish_word_with_its_pronoun_is_right(project: Project, word: str) -> None:
    project.change(ES, "### Cambios", f"### {word}")
    assert project.findings() == []


@pytest.mark.parametrize("word", ["Activela", "configuralo", "cofigurarla"])
def test_a_spanish_word_with_its_pronoun_can_be_wrong(project: Project, word: str) -> None:
    project.change(ES, "### Cambios", f"### {word}")
    assert f"'{word}'" in project.findings()[0]


def test_cyrillic_words_that_are_meant_so_are_let_be(project: Project) -> None:
    project.change(ES, "### Cambios", "### Cambios\n\n`лозинка`")
    assert project.findings() == []


def test_a_term_may_be_quoted_where_its_rule_says_so(project: Project) -> None:
    project.change(PERMISSIONS, "Dozvole daje", "Šifra daje")
    project.write(
        "writing/terms.toml",
        '[[sr]]\nwrong = ["šifra"]\nright = "lozinka"\nexcept = ["people/permissions"]\n',
    )
    assert without_stale(project.findings()) == []


def test_one_earlier_place_leads_to_one_article(project: Project) -> None:
    project.change(PERMISSIONS, "checked:", "was:\n  - people/new-contact\nchecked:")
    (told,) = without_stale(project.findings())
    assert told.startswith(f"{PERMISSIONS}:6: {CONTACT} stood at 'people/new-contact' too; ")


def test_a_file_that_is_not_utf_8_is_told_with_its_line(project: Project) -> None:
    path = project.root / PERMISSIONS
    path.write_bytes(path.read_text("utf-8").encode("cp1250"))
    found = [told for told in project.findings() if "is not UTF-8" in told]
    assert found[0] == f"{PERMISSIONS}:3: a letter in column 14 is not UTF-8; save the file as UTF-8"
    assert found[1].startswith(f"{PERMISSIONS}:10: ")


@pytest.mark.parametrize(
    ("file", "text", "line", "what"),
    [
        ("tags.toml", '[a]\nsr = "a"\nhu = \n', 3, "it cannot be read: Invalid value"),
        ("tags.toml", '[a]\nsr = "a"\nhu = "a"\n', 1, "the tag 'a' has no word in Spanish"),
        (
            "synonyms.toml",
            '[sr]\n"šifra" = ["lozinka"]\n',
            2,
            '"šifra": no article in sr has the word "lozinka"',
        ),
        ("terms.toml", '\n[[sr]]\nwrong = ["šifra"]\n', 2, "the rule lacks its wrong words or the right one"),
        ("terms.toml", '[[de]]\nwrong = ["a"]\nright = "b"\n', 1, "'de' is no language of this site"),
        (
            "terms.toml",
            '[[sr]]\nwrong = ["a"]\nright = "b"\nexcept = ["glosary"]\n',
            1,
            "there is no article 'glosary'",
        ),
    ],
)
def test_a_wrong_row_of_a_writers_table_is_told(
    project: Project, file: str, text: str, line: int, what: str
) -> None:
    project.write(f"writing/{file}", text)
    (told,) = [told for told in project.findings() if told.startswith("writing/")]
    assert told.startswith(f"writing/{file}:{line}: {what}; ")


def test_a_navigation_that_cannot_be_read_is_told(project: Project) -> None:
    project.change("mkdocs.yml", "      - people/permissions.md", "    people/permissions.md")
    (told,) = project.findings()
    assert re.match(r"mkdocs\.yml:\d: it cannot be read: ", told)
