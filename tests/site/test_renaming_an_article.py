"""Where readers of an article's old address are led, and what its writer is told."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from infra.local.pages import Pages
from tests.site.pages import Site, article

Build = Callable[[dict[str, str]], Site]


def moved(title: str, *was: str) -> str:
    head = f"title: {title}\ndescription: About {title}.\nchecked: 2026-11-14\nwas:\n"
    return article(title, front_matter=head + "\n".join(f"  - {path}" for path in was))


def ask(site: Site, path: str, query: str = "", method: str = "GET") -> tuple[str, dict[str, str]]:
    """The status and the headers that what serves pages answers with."""
    answered: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _failure: object = None) -> Any:
        answered[:] = [status, dict(headers)]

    body: Iterable[bytes] = Pages(site.folder)(
        {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}, start
    )
    list(body)
    return answered[0], answered[1]


def redirects(site: Site) -> dict[str, str]:
    read: dict[str, str] = json.loads((site.folder / "redirects.json").read_text("utf-8"))
    return read


def test_an_old_address_leads_to_the_article_in_every_language_that_has_it(build_docs: Build) -> None:
    site = build_docs(
        {
            "sr/people/add-contact.md": moved("Kontakt", "people/new-contact", "contacts"),
            "hu/people/add-contact.md": article("Kapcsolattartó"),
        }
    )
    assert redirects(site) == {
        "/contacts/": "/people/add-contact/",
        "/people/new-contact/": "/people/add-contact/",
        "/hu/contacts/": "/hu/people/add-contact/",
        "/hu/people/new-contact/": "/hu/people/add-contact/",
    }
    status, headers = ask(site, "/hu/contacts/")
    assert (status, headers["Location"]) == ("301 Moved Permanently", "/hu/people/add-contact/")
    assert ask(site, "/people/new-contact")[1]["Location"] == "/people/add-contact/"
    assert ask(site, "/es/contacts/")[0] == "404 Not Found"


def test_the_query_is_kept(build_docs: Build) -> None:
    site = build_docs({"sr/people/add-contact.md": moved("Kontakt", "contacts")})
    assert ask(site, "/contacts/", "a=1&b=%20")[1]["Location"] == "/people/add-contact/?a=1&b=%20"
    assert ask(site, "/contacts/", method="HEAD")[0] == "301 Moved Permanently"


def test_a_section_can_move_too(build_docs: Build) -> None:
    site = build_docs({"sr/people/index.md": moved("Ljudi", "contacts")})
    assert redirects(site) == {"/contacts/": "/people/"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            {"sr/a/one.md": moved("One", "a/two"), "sr/a/two.md": article("Two")},
            "docs/sr/a/one.md:6: was: an article stands at 'a/two' now, so nothing leads away from it",
        ),
        (
            {"hu/a/one.md": moved("One", "a/three", "a/one")},
            "docs/hu/a/one.md:7: was: an article stands at 'a/one' now",
        ),
        (
            {"es/a/one.md": moved("One", "a/old"), "es/b/two.md": moved("Two", "a/old")},
            "docs/es/b/two.md:6: was: 'a/old' leads to another article by docs/es/a/one.md:6",
        ),
        (
            {"sr/a/one.md": moved("One", "/a/Old.md")},
            "docs/sr/a/one.md:6: was: '/a/Old.md' is no path such as people/add-contact",
        ),
        (
            {"sr/a/one.md": moved("One", "//elsewhere.example")},
            "docs/sr/a/one.md:6: was: '//elsewhere.example' is no path such as people/add-contact",
        ),
    ],
    ids=["stands there", "leads to itself", "claimed twice", "no path", "another site"],
)
def test_what_cannot_be_is_told_and_leads_nowhere(
    build_docs: Build, caplog: pytest.LogCaptureFixture, written: dict[str, str], told: str
) -> None:
    site = build_docs(written)
    assert told in caplog.text
    leads = redirects(site)
    assert not leads.keys() & leads.values()
    assert all(Path(site.folder, now.strip("/"), "index.html").exists() for now in leads.values())
    assert not any(site.file(old).exists() for old in leads)


def test_nothing_leads_away_where_nothing_moved(site: Site) -> None:
    assert redirects(site).keys().isdisjoint(site.articles())
