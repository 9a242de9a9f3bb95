"""A built site as the tests read it."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Element(NamedTuple):
    """A tag with its attributes, and the text that stands directly in it."""

    tag: str
    attributes: dict[str, str]
    texts: list[str]

    @property
    def text(self) -> str:
        return "".join(self.texts).strip()


class Page(HTMLParser):
    """A page as the tests read it: its elements, in their order."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "path", "circle", "source", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].texts.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every such element; an attribute's value `*` asks only that it is there."""
        return [
            element
            for element in self.elements
            if element.tag == tag
            and all(
                name in element.attributes and value in ("*", element.attributes[name])
                for name, value in attributes.items()
            )
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (element,) = self.all(tag, **attributes)
        return element


class Site(NamedTuple):
    """A built site."""

    folder: Path

    def addresses(self) -> list[str]:
        """`/`, `/people/add-contact/`, `/hu/`, …, and the 404 pages by their file."""
        files = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.html"))
        return sorted("/" + file.removesuffix("index.html") for file in files)

    def articles(self) -> list[str]:
        """The addresses that were written as markdown."""
        return [address for address in self.addresses() if address.endswith("/")]

    def file(self, address: str) -> Path:
        """The file that a server answers an address with."""
        return self.folder / (address.lstrip("/") + ("index.html" if address.endswith("/") else ""))

    def page(self, address: str) -> Page:
        return _read(self.file(address))


@cache
def _read(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def article(title: str, text: str = "Text.", *, front_matter: str = "") -> str:
    """An article that lacks nothing."""
    head = front_matter or f"title: {title}\ndescription: About {title}.\nchecked: 2026-11-14"
    return f"---\n{head}\n---\n\n# {title}\n\n{text}\n"
