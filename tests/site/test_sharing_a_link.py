"""What whoever shares a link, and whoever searches, is shown of a page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from chalicelib import brand
from chalicelib.words import LANGUAGES
from tests.site.pages import Page, Site, article
from tests.site.test_reading_an_article import ORIGIN, in_language, language_of
from theme import pictures
from theme.hooks.social import LOCALES

Build = Callable[[dict[str, str]], Site]


def told(page: Page) -> dict[str, dict[str, Any]]:
    """The page's structured data, by type."""
    blocks = [json.loads(block.text) for block in page.all("script", type="application/ld+json")]
    return {item["@type"]: item for block in blocks for item in block["@graph"]}


def test_a_link_shows_the_pages_title_and_a_picture_of_it(site: Site) -> None:
    for address in site.articles():
        page, language = site.page(address), language_of(address)
        said = {
            meta.attributes["property"]: meta.attributes["content"] for meta in page.all("meta", property="*")
        }
        assert said["og:url"] == ORIGIN + address
        assert said["og:locale"] == LOCALES[language]
        assert said["og:site_name"].startswith(f"{brand.PROVIDER} ")
        assert said["og:description"] == page.one("meta", name="description").attributes["content"]
        assert page.all("title")[0].text.startswith(said["og:title"]) or address == in_language("/", language)
        picture = site.file(urlsplit(said["og:image"]).path)
        with Image.open(picture) as image:
            assert image.size == (1200, 630) == (int(said["og:image:width"]), int(said["og:image:height"]))
            assert image.format == "PNG"
        assert picture.stat().st_size < 60_000
        assert page.one("meta", name="twitter:card").attributes["content"] == "summary_large_image"


def test_a_home_screen_has_an_icon(site: Site) -> None:
    link = site.page("/hu/people/add-contact/").one("link", rel="apple-touch-icon").attributes["href"]
    with Image.open(site.file(f"/{link.replace('../', '')}")) as icon:
        assert icon.size == (180, 180)


@pytest.mark.parametrize(
    "title",
    ["DNS", "Đurđevdan, őszibarack és ñandú: šta ćemo?", "Prenos " * 20, "x" * 120],
    ids=["short", "letters", "long", "one word"],
)
def test_a_title_fits_into_its_picture(title: str) -> None:
    image = pictures.draw(pictures.Picture(title, "Tilia Pomoć")).convert("RGB")
    edges = [
        *((x, y) for x in (1200 - pictures.MARGIN // 2, 1199) for y in range(480)),
        *((x, y) for x in range(25, 1200) for y in (0, 470)),
    ]
    assert {image.getpixel(edge) for edge in edges} == {image.getpixel((1199, 0))}


def test_every_letter_of_the_languages_has_its_shape() -> None:
    font = pictures._font(700, 40)
    missing = bytes(font.getmask("\ufffe"))
    letters = "đšžčćĐŠŽČĆáéíóöőúüűÁÉÍÓÖŐÚÜŰñÑ¿¡„”“«»–…"
    assert not [letter for letter in letters if bytes(font.getmask(letter)) in (missing, b"")]


def test_what_was_drawn_once_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = pictures.Picture('"A" < B & C', "Tilia Pomoć")
    for build in ("first", "second"):
        page = tmp_path / build / "index.html"
        page.parent.mkdir()
        page.write_text(
            '<meta property="og:title" content="&#34;A&#34; &lt; B &amp; C">'
            '<meta property="og:site_name" content="Tilia Pomoć">'
            f'<meta property="og:image" content="https://help.example/pictures/{picture.name}"></head>'
        )
        pictures.write(page.parent, tmp_path / "kept")
        assert (page.parent / "pictures" / picture.name).read_bytes()
        monkeypatch.setattr(pictures, "draw", pytest.fail)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [picture.name]
    assert pictures.Picture("A", "Tilia Pomoć").name != picture.name


def test_search_engines_are_told_the_steps_and_what_can_go_wrong(site: Site) -> None:
    data = told(site.page("/hu/people/add-contact/"))
    steps = data["HowTo"]["step"]
    assert [step["name"] for step in steps] == ["Írja be az adatokat", "Válassza ki a leveleket", "Mentse el"]
    page = site.page("/hu/people/add-contact/").html
    for step in steps:
        assert step["text"][:40] in page
    questions = data["FAQPage"]["mainEntity"]
    shown = {heading.text for heading in site.page("/hu/people/add-contact/").all("h3")}
    assert questions
    assert {question["name"] for question in questions} <= shown
    assert all(question["acceptedAnswer"]["text"] for question in questions)


def test_every_article_is_told_alike_in_each_language(site: Site) -> None:
    """A heading that is worded otherwise in one language would lose what stands under it."""
    for address in site.articles():
        kinds = {frozenset(told(site.page(in_language(address, language)))) for language in LANGUAGES}
        assert len(kinds) == 1, address


def test_breadcrumbs_lead_to_pages(site: Site) -> None:
    for address in site.articles():
        data = told(site.page(address))
        if "BreadcrumbList" not in data:
            assert in_language(address, "sr") in ("/", "/tags/")
            continue
        way = data["BreadcrumbList"]["itemListElement"]
        assert [step["position"] for step in way] == list(range(1, len(way) + 1))
        assert way[0]["item"] == ORIGIN + in_language("/", language_of(address))
        assert way[-1]["item"] == ORIGIN + address
        assert all(site.file(step["item"].removeprefix(ORIGIN)).is_file() for step in way)


def test_words_with_markup_stay_data(build_docs: Build) -> None:
    text = (
        "Text.\n\n## Koraci\n\n1. **Kliknite „</script><script>alert(1)</script>“.** `<b>` & više\\*.\n"
        "2. Samo tekst.\n\n## Ako nešto ne ide\n\n### Pitanje & odgovor\n\nPrvo.\n\n- jedno\n- drugo\n\n"
        "## Šta dalje\n\n### Nije pitanje\n\nX."
    )
    site = build_docs({"sr/people/add-contact.md": article("Contact", text)})
    page = site.page("/people/add-contact/")
    data = told(page)
    assert "<script>" not in page.html.partition("ld+json")[2].partition("</script>")[0]
    first, second = data["HowTo"]["step"]
    assert first["text"] == "<b> & više*."
    assert second == {"@type": "HowToStep", "text": "Samo tekst."}
    (question,) = data["FAQPage"]["mainEntity"]
    assert question["name"] == "Pitanje & odgovor"
    assert question["acceptedAnswer"]["text"] == "Prvo. jedno drugo"
