"""Blocks, `/// note | …` to `///`, as they stand in an article's lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from infra.writing.articles import Article
from theme.written import Line

_OPEN = re.compile(
    r"^(?P<before>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?)(?P<mark>/{3,})[ \t]*(?P<name>[\w-]+)"
    r"[ \t]*(?:\|[ \t]*(?P<title>.*?))?[ \t]*$"
)
_CLOSE = re.compile(r"^[ \t>]*(/{3,})[ \t]*$")


@dataclass
class Block:
    """A block: its first line, name and title, the lines in it, and the line that closes it, 0 where none does."""

    line: int
    name: str
    title: str
    mark: str
    is_nested: bool
    lines: list[Line] = field(default_factory=list)
    end: int = 0

    def options(self) -> list[tuple[Line, object]]:
        """A form's options with their values.

        Raises yaml.YAMLError for lines that are none, marked with their place under the block's first line.
        """
        node = yaml.compose("\n".join(line.text for line in self.lines), Loader=yaml.SafeLoader)
        if node is None:
            return []
        if not isinstance(node, yaml.MappingNode):
            raise yaml.MarkedYAMLError(problem_mark=node.start_mark)
        values = yaml.safe_load("\n".join(line.text for line in self.lines))
        return [
            (Line(self.lines[key.start_mark.line].number, key.value), values[key.value])
            for key, _value in node.value
        ]


def blocks(article: Article) -> list[Block]:
    """Every block of an article, in the order in which they begin."""
    found: list[Block] = []
    opened: list[Block] = []
    for line in article.lines:
        if (close := _CLOSE.match(line.text)) and opened:
            # A block that nobody closed is left open when one around it ends.
            while opened and (last := opened.pop()).mark != close[1]:
                pass
            if last.mark == close[1]:
                last.end = line.number
            continue
        if begin := _OPEN.match(line.text):
            title = (begin["title"] or "").strip()
            found.append(
                Block(line.number, begin["name"], title, begin["mark"], bool(opened or begin["before"]))
            )
            opened.append(found[-1])
        elif opened:
            opened[-1].lines.append(line)
    return found


def without_forms(article: Article) -> Iterator[Line]:
    """The lines of an article that a reader reads: without its forms and the marks of its blocks."""
    everything = blocks(article)
    forms = [block for block in everything if block.name == "form"]
    marks = {block.line: block.title for block in everything} | {block.end: "" for block in everything}
    for line in article.lines:
        if not any(block.line <= line.number <= block.end for block in forms):
            yield Line(line.number, marks.get(line.number, line.text))
