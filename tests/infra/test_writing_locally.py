"""`make write`: what a writer saves, the browser shows; what a writer gets wrong, the terminal tells."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.processes import WRITE, Running, copy_of_the_project, running, using

ARTICLE = "docs/hu/support/open-ticket.md"
PAGE = "/hu/support/open-ticket/"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to write in."""
    return copy_of_the_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def writing(project: Path) -> Iterator[Running]:
    """`make write` in that copy."""
    with running(project / ".local", WRITE, root=project) as started:
        yield started


def builders(writing: Running) -> list[str]:
    """The processes that build."""
    return [process for process in using(writing.folder) if "infra.local.building" in process]


def save(article: Path, text: str, writing: Running) -> None:
    """Wait until its page is drawn anew."""
    article.write_text(text, "utf-8")
    writing.wait_for("Shown: ")


def test_a_saved_article_is_shown_and_open_pages_learn_of_it(writing: Running, project: Path) -> None:
    """The page's script, which the policy lets in as it is, finds another page than the one that it is on."""
    before = writing.ask("GET", PAGE)
    script = before.text.split('src="/_local/live/')[1].split('"')[0]
    assert "script-src 'self'" in before.headers["Content-Security-Policy"]
    assert writing.ask("GET", f"/_local/live/{script}").headers["Content-Type"].startswith("text/javascript")
    article = project / ARTICLE
    save(article, article.read_text("utf-8") + "\nEzt most írtam.\n", writing)
    after = writing.ask("GET", PAGE)
    assert "Ezt most írtam." in after.text
    assert writing.ask("HEAD", PAGE).headers["ETag"] == after.headers["ETag"] != before.headers["ETag"]


def test_a_page_drawn_by_itself_is_the_one_that_the_whole_build_draws(
    writing: Running, project: Path
) -> None:
    """Whatever language was built last; so an open page is not shown anew a second time."""
    changed = []
    for language in ("sr", "hu", "es"):
        article = project / "docs" / language / "people" / "add-contact.md"
        # One that links, names the brand and has a form.
        save(article, article.read_text("utf-8") + "\n{{ brand.name }}, [x](../index.md)\n", writing)
        changed.append("/people/add-contact/" if language == "sr" else f"/{language}/people/add-contact/")
    alone = [writing.ask("GET", path).text for path in changed]
    writing.wait_for("Built anew")
    assert [writing.ask("GET", path).text for path in changed] == alone
    assert writing.ask("GET", "/pagefind/vocabularies.json").status == 200


def test_the_next_edit_does_not_wait_for_the_whole_build(writing: Running, project: Path) -> None:
    """The process whose site is served draws them all; the one that builds the next is stopped."""
    article = project / ARTICLE
    good = article.read_text("utf-8")
    before = builders(writing)
    for heading in ("Egy", "Kettő", "Három"):
        save(article, good.replace("# ", f"# {heading}: ", 1), writing)
        assert f">{heading}: " in writing.ask("GET", PAGE).text
    assert len(builders(writing)) == len(before) == 2
    assert len(set(before) & set(builders(writing))) == 1
    save(article, good, writing)
    writing.wait_for("Built anew")


def test_the_theme_takes_new_processes(writing: Running, project: Path) -> None:
    """Those that were there have the old hooks."""
    before = builders(writing)
    look = project / "theme" / "overrides" / "parts" / "footer.html"
    look.write_text(look.read_text("utf-8").replace("<footer", "<footer data-changed"), "utf-8")
    writing.wait_for("Built anew")
    assert "data-changed" in writing.ask("GET", PAGE).text
    assert not set(before) & set(builders(writing))


def test_other_pages_follow_what_an_articles_head_says(writing: Running, project: Path) -> None:
    """A title stands in menus and on the home page too."""
    article = project / "docs/es/people/add-contact.md"
    good = article.read_text("utf-8")
    save(article, re.sub(r"^do: .*$", "do: Sume un contacto", good, flags=re.MULTILINE), writing)
    writing.wait_for("Built anew")
    assert "Sume un contacto" in writing.ask("GET", "/es/").text
    save(article, good, writing)
    writing.wait_for("Built anew")
    assert "Sume un contacto" not in writing.ask("GET", "/es/").text


def test_a_new_article_appears_and_a_removed_one_goes(writing: Running, project: Path) -> None:
    """Also when it came one language at a time, which is a mistake until the last one is there."""
    menu = project / "mkdocs.yml"
    good = menu.read_text("utf-8")
    menu.write_text(good.replace("  - index.md\n", "  - index.md\n  - new.md\n", 1), "utf-8")
    assert "new.md" in writing.wait_for("stays as it was")
    source = project / "docs/sr/support/index.md"
    written = [project / "docs" / language / "new.md" for language in ("sr", "hu", "es")]
    for article in written:
        head = source.read_text("utf-8").split("---\n")[1]
        article.write_text(f"---\n{head}---\n# Novo\n\nNeki tekst.\n", "utf-8")
    writing.wait_for("Built anew")
    assert "Neki tekst." in writing.ask("GET", "/hu/new/").text
    for article in written:
        article.unlink()
    menu.write_text(good, "utf-8")
    writing.wait_for("Built anew")
    assert writing.ask("GET", "/hu/new/").status == 404


def test_a_mistake_is_told_and_the_last_good_site_stays(writing: Running, project: Path) -> None:
    """Until it is mended, and when it is made once more."""
    article = project / ARTICLE
    good = article.read_text("utf-8")
    line = len(good.splitlines()) + 2
    for _time in range(2):
        article.write_text(f"{good}\n{{{{ brand.nix }}}}\n", "utf-8")
        said = writing.wait_for("stays as it was")
        assert said.count(f"{ARTICLE}:{line}") == 1
        assert "brand.nix" not in writing.ask("GET", PAGE).text
        save(article, good, writing)
    writing.wait_for("Built anew")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("\n[Ide](nincs.md)\n", "nincs.md"),
        ("\n[Ide](#nincs)\n", "#nincs"),
        ("\n[Ide](../people/add-contact.md#nincs)\n", "add-contact.md' does not contain an anchor"),
        ("\n/// form | nincs\n///\n", "there is no form 'nincs'"),
    ],
)
def test_a_broken_link_or_form_is_told_at_once(
    writing: Running, project: Path, wrong: str, told: str
) -> None:
    """In the words of the strict build, and without waiting for it."""
    article = project / ARTICLE
    good = article.read_text("utf-8")
    before = writing.ask("GET", PAGE).text
    article.write_text(re.sub(r"^/// form.*?^///$", "", good, flags=re.M | re.S) + wrong, "utf-8")
    said = writing.wait_for("stays as it was")
    assert told in said
    assert "Built anew" not in said
    assert writing.ask("GET", PAGE).text == before
    save(article, good, writing)


def test_a_heading_that_another_article_links_to_is_missed(writing: Running, project: Path) -> None:
    """The mistake is the other article's, but this edit made it."""
    article, other = project / ARTICLE, project / "docs/hu/people/add-contact.md"
    good, others = article.read_text("utf-8"), other.read_text("utf-8")
    save(article, f"{good}\n## Új szakasz {{#uj}}\n", writing)
    save(other, f"{others}\n[Ide](../support/open-ticket.md#uj)\n", writing)
    article.write_text(good, "utf-8")
    said = writing.wait_for("stays as it was")
    assert "'hu/people/add-contact.md' contains a link '../support/open-ticket.md#uj'" in said
    save(other, others, writing)
    save(article, f"{good}\n", writing)
    writing.wait_for("Built anew")


def test_a_mistake_that_nobody_foresaw_ends_no_more_than_the_build(writing: Running, project: Path) -> None:
    """Such as one in a template: the next change finds another process."""
    template = project / "theme" / "overrides" / "parts" / "checked.html"
    good = template.read_text("utf-8")
    template.write_text(f"{good}{{% endif %}}", "utf-8")
    assert "TemplateSyntaxError" in writing.wait_for("stays as it was")
    assert writing.ask("GET", PAGE).status == 200
    template.write_text(good, "utf-8")
    writing.wait_for("Built anew")


def test_a_changed_form_starts_it_anew_once_it_can_be_imported(writing: Running, project: Path) -> None:
    """A writer's half-saved Python must not take the site away."""
    code = project / "functions" / "chalicelib" / "tickets" / "forms.py"
    good = code.read_text("utf-8")
    code.write_text(f"{good}\nbroken = (\n", "utf-8")
    assert "SyntaxError" in writing.wait_for("stays as it was")
    assert writing.ask("GET", "/api/me").status == 401
    assert "Anew" not in writing.ask("GET", PAGE).text
    code.write_text(
        good.replace(
            'name="open-ticket",\n        title=_("Open a ticket")',
            'name="open-ticket",\n        title="Anew"',
        ),
        "utf-8",
    )
    writing.wait_for("Starting anew")
    writing.wait_for("Ctrl+C stops it")
    assert "Anew" in writing.ask("GET", PAGE).text
    assert writing.ask("GET", "/api/me").status == 401
