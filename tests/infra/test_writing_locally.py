"""`make write`: what a writer saves, the browser shows; what a writer gets wrong, the terminal tells."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.processes import WRITE, Running, copy_of_the_project, running

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


def test_a_mistake_is_told_and_the_last_good_site_stays(writing: Running, project: Path) -> None:
    """Until it is mended."""
    article = project / ARTICLE
    good = article.read_text("utf-8")
    article.write_text(f"{good}\n{{{{ brand.nix }}}}\n", "utf-8")
    said = writing.wait_for("stays as it was")
    line = len(good.splitlines()) + 2
    assert f"{ARTICLE}:{line}" in said
    assert "brand.nix" not in writing.ask("GET", PAGE).text
    article.write_text(good, "utf-8")
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
