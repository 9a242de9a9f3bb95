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


def test_a_saved_article_is_shown_and_open_pages_learn_of_it(writing: Running, project: Path) -> None:
    """The page's script, which the policy lets in as it is, finds another build than its own."""
    before = writing.ask("GET", PAGE)
    script = before.text.split('src="/_local/live/')[1].split('"')[0]
    assert "script-src 'self'" in before.headers["Content-Security-Policy"]
    assert writing.ask("GET", f"/_local/live/{script}").headers["Content-Type"].startswith("text/javascript")
    assert script.endswith(f"={writing.ask('GET', '/_local/live/built').text}")
    article = project / ARTICLE
    article.write_text(article.read_text("utf-8") + "\nEzt most írtam.\n", "utf-8")
    writing.wait_for("Built anew")
    assert "Ezt most írtam." in writing.ask("GET", PAGE).text
    assert not script.endswith(f"={writing.ask('GET', '/_local/live/built').text}")


def test_one_process_builds_as_long_as_only_articles_change(writing: Running, project: Path) -> None:
    """Its imports are done and its templates compiled, which is most of what a build takes."""
    (builder,) = builders(writing)
    article = project / ARTICLE
    good = article.read_text("utf-8")
    for heading in ("Egy", "Kettő"):
        article.write_text(good.replace("# ", f"# {heading}: ", 1), "utf-8")
        writing.wait_for("Built anew")
        assert f">{heading}: " in writing.ask("GET", PAGE).text
    assert builders(writing) == [builder]
    look = project / "theme" / "overrides" / "parts" / "footer.html"
    look.write_text(look.read_text("utf-8").replace("<footer", "<footer data-changed"), "utf-8")
    article.write_text(good, "utf-8")
    writing.wait_for("Built anew")
    assert "data-changed" in writing.ask("GET", PAGE).text
    assert builders(writing) not in ([], [builder])


def test_other_pages_follow_what_an_articles_head_says(writing: Running, project: Path) -> None:
    """A title stands in menus and on the home page too, and so does the search's index."""
    article = project / "docs/es/people/add-contact.md"
    good = article.read_text("utf-8")
    article.write_text(re.sub(r"^do: .*$", "do: Sume un contacto", good, flags=re.MULTILINE), "utf-8")
    writing.wait_for("Built anew")
    assert "Sume un contacto" in writing.ask("GET", "/es/").text
    assert writing.ask("GET", "/pagefind/pagefind.js").status == 200
    article.write_text(good, "utf-8")
    writing.wait_for("Built anew")
    assert "Sume un contacto" not in writing.ask("GET", "/es/").text


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
        article.write_text(good, "utf-8")
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


def test_changed_code_starts_it_anew_once_it_can_be_imported(writing: Running, project: Path) -> None:
    """On the same port, with what was kept."""
    code = project / "functions" / "chalicelib" / "links.py"
    good = code.read_text("utf-8")
    code.write_text(f"{good}\nbroken = (\n", "utf-8")
    assert "SyntaxError" in writing.wait_for("stays as it was")
    assert writing.ask("GET", "/api/me").status == 401
    code.write_text(f"{good}\nEXTRA = 1\n", "utf-8")
    writing.wait_for("Starting anew")
    writing.wait_for("Ctrl+C stops it")
    assert writing.ask("GET", "/api/me").status == 401
