"""Gives headings addresses in plain letters, `#sta-ako-poruke-ne-stizu`, and links that copy them."""

import re
import unicodedata
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from chalicelib.words import _, say
from theme.extending import extend
from theme.hooks.languages import build_language

# The one letter of the site's languages that Unicode does not take apart into a letter and its mark.
_UNDECOMPOSED = str.maketrans({"đ": "dj"})
LINKED = ("h2", "h3")


def anchor(heading: str, separator: str) -> str:
    """The heading's words in lower case ASCII, joined by the separator."""
    letters = unicodedata.normalize("NFKD", heading.lower().translate(_UNDECOMPOSED))
    plain = letters.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", separator, plain).strip(separator)


def link_label(heading: str, language: str) -> str:
    """What a screen reader says of the link that copies the address of a section."""
    return say(language, _("Copy the link to “{heading}”"), heading=heading)


class HeadingLinks(Treeprocessor):
    """Puts a link beside a heading, not into it: the heading's own words are what is read out and searched."""

    language: str

    def run(self, root: Element) -> None:
        """Wrap each section's heading, once the toc extension has given it an id."""
        names = _names(getattr(self.md, "toc_tokens", ()))
        for place, heading in enumerate(root):
            if heading.tag in LINKED and heading.get("id") in names:
                root[place] = self._with_link(heading, names[heading.attrib["id"]])

    def _with_link(self, heading: Element, name: str) -> Element:
        wrapper = Element("div", {"class": "heading"})
        wrapper.append(heading)
        wrapper.tail, heading.tail = heading.tail, None
        label = link_label(name, self.language)
        wrapper.append(Element("a", {"class": "copy", "href": f"#{heading.get('id')}", "aria-label": label}))
        return wrapper


def _names(tokens: Any) -> dict[str, str]:
    """The words of each heading by its id."""
    found: dict[str, str] = {}
    for token in tokens:
        found[token["id"]] = unescape(token["name"])
        found |= _names(token["children"])
    return found


class HeadingLinksExtension(Extension):
    """Registers what makes the links. The language is that of the page which is about to be converted."""

    language: str

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's name
        """Markdown calls this for each page; the links come after all that looks at headings or checks links."""
        links = HeadingLinks(md)
        links.language = self.language
        md.treeprocessors.register(links, "heading-links", -10)


_EXTENSION = HeadingLinksExtension()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A function cannot be named in mkdocs.yml before the hooks are importable, so it is set here."""
    config.mdx_configs["toc"]["slugify"] = anchor
    return extend(config, _EXTENSION)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page is converted next."""
    _EXTENSION.language = build_language(config)
    return markdown


def on_env(env: Any, config: MkDocsConfig, files: Files) -> Any:
    """Templates that write headings themselves give them the same link."""
    env.filters["link_label"] = lambda heading: link_label(heading, build_language(config))
    return env
