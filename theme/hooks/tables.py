"""Puts a table into a group that scrolls by itself, by keyboard too, where a phone has no room for its columns."""

from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from mkdocs.config.defaults import MkDocsConfig

from theme.extending import HEADINGS, extend


class Scrolling(Treeprocessor):
    """Wraps tables. A group is named by the heading that the table stands under."""

    def run(self, root: Element) -> None:
        """Tables in lists and notes too."""
        if root.find(".//table") is not None:
            self._wrap_within(root, "")

    def _wrap_within(self, parent: Element, heading: str) -> None:
        for place, element in enumerate(parent):
            if element.tag == "table":
                parent[place] = self._group(element, heading)
            elif element.tag in HEADINGS:
                heading = element.get("id", "")
            else:
                self._wrap_within(element, heading)

    def _group(self, table: Element, heading: str) -> Element:
        group = Element("div", {"class": "table", "role": "group", "tabindex": "0"})
        if heading:
            group.set("aria-labelledby", heading)
        group.append(table)
        group.tail, table.tail = table.tail, None
        return group


class ScrollingExtension(Extension):
    """Registers what wraps."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Markdown's name
        """Markdown calls this for each page; headings have their ids by then."""
        md.treeprocessors.register(Scrolling(md), "tables", -8)


_EXTENSION = ScrollingExtension()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Every table of an article gets its group."""
    return extend(config, _EXTENSION)
