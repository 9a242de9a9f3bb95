"""An article as its writer sees it: front matter, headings and lines, each with its place in the file.

mkdocs forgets the lines, so what tells a writer where to mend something reads the file with this.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from theme.hooks.anchors import anchor
from theme.hooks.brand import fill

# The C one is 25 times as fast, and comes with most installations.
_YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What a translation is made from, beside the headings and their text.
HEAD = "title, description and do"
_HEAD_KEYS = ("title", "description", "do")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})[ \t]*(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"^(=+|-+)[ \t]*$")
_EXPLICIT_ID = re.compile(r"[ \t]*\{:?[^}]*?#([\w-]+)[^}]*\}[ \t]*$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


class Line(NamedTuple):
    """A line of the file, counted from 1."""

    number: int
    text: str


class Heading(NamedTuple):
    """A heading with its address on the page."""

    line: int
    level: int
    text: str
    anchor: str


class Entry(NamedTuple):
    """A key of the front matter: its line, and its values, each with its own; `is_list` as YAML sees it."""

    line: int
    values: tuple[Line, ...]
    is_list: bool


@dataclass(frozen=True)
class FrontMatter:
    """What stands between the two `---` lines; `wrong` tells why that cannot be read, and where."""

    entries: Mapping[str, Entry]
    wrong: tuple[Line, ...]
    end: int

    def text(self, key: str) -> str:
        """The value of a key that has one; nothing where it is absent or a list."""
        entry = self.entries.get(key)
        return entry.values[0].text if entry and entry.values and not entry.is_list else ""

    def line(self, key: str) -> int:
        """Where a key stands; the first line for an absent one."""
        return self.entries[key].line if key in self.entries else 1


@dataclass(frozen=True)
class Written:
    """An article's file."""

    text: str

    @cached_property
    def front_matter(self) -> FrontMatter:
        """Its front matter, which is empty where there is none that can be read."""
        return _front_matter(self.text.splitlines())

    @cached_property
    def body(self) -> list[Line]:
        """Every line after the front matter."""
        lines = self.text.splitlines()
        start = self.front_matter.end
        return [Line(number, text) for number, text in enumerate(lines[start:], start=start + 1)]

    @cached_property
    def lines(self) -> list[Line]:
        """The lines that are read as markdown: without comments and the examples in fences."""
        return list(_outside_fences(_without_comments(self.body)))

    @cached_property
    def headings(self) -> list[Heading]:
        """The headings, each with the address that the site gives it."""
        taken: set[str] = set()
        found = []
        for line, level, words in _headings(self.lines):
            explicit = _EXPLICIT_ID.search(words)
            text = _LINK.sub(r"\1", words[: explicit.start()] if explicit else words)
            address = explicit[1] if explicit else _unused(anchor(fill(text), "-"), taken)
            taken.add(address)
            found.append(Heading(line, level, text.replace("**", "").replace("`", ""), address))
        return found

    @cached_property
    def sections(self) -> dict[str, str]:
        """A short digest of what a translator reads: of the front matter's words, and of each heading with its text."""
        digests = {HEAD: _digest(self.front_matter.text(key) for key in _HEAD_KEYS)}
        starts = {heading.line: heading.text for heading in self.headings}
        title, gathered = "", list[str]()
        for line in [*self.body, Line(0, "")]:
            if line.number in starts or not line.number:
                if title or any(text.strip() for text in gathered):
                    digests[_unused(title, digests.keys())] = _digest(gathered)
                title, gathered = starts.get(line.number, ""), []
            gathered.append(line.text)
        return digests

    @property
    def source(self) -> str:
        """What a translation's `source` says when it is made from this article as it stands."""
        return " ".join(self.sections.values())

    def changed_since(self, source: str) -> list[str]:
        """Which headings a translation has to catch up with; `source` says what it was made from.

        A heading that is gone is told of by the one before it. Nothing at all means that the translation is fresh.
        """
        was, now = source.split(), list(self.sections.values())
        names = list(self.sections)
        changed: dict[str, None] = {}
        for kind, start, end, first, last in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            changed.update(dict.fromkeys(names[first:last]))
            if end - start > last - first:
                changed[f"what stood after '{names[last - 1]}'" if last else "the beginning"] = None
        return list(changed)


def is_source(text: str) -> bool:
    """Whether a text could be a translation's `source`."""
    return bool(re.fullmatch(r"[0-9a-f]{6}( [0-9a-f]{6})*", text))


def _digest(texts: Iterable[str]) -> str:
    """Six digits: enough to see a change, and short enough for a line of front matter."""
    text = "\n".join(text.rstrip() for text in texts).strip()
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _unused(name: str, taken: Iterable[str]) -> str:
    """`name`, or `name_1` … as markdown's own headings are told apart."""
    taken, number, found = set(taken), 0, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _front_matter(lines: list[str]) -> FrontMatter:
    if not lines or lines[0].rstrip() != "---":
        return FrontMatter({}, (Line(1, "the file does not begin with front matter, a line of ---"),), 0)
    end = next(
        (number for number, text in enumerate(lines[1:], start=1) if text.rstrip() in ("---", "...")), 0
    )
    if not end:
        return FrontMatter({}, (Line(1, "the front matter has no end, a second line of ---"),), 0)
    try:
        node = yaml.compose("\n".join(lines[1:end]), Loader=_YAML)
    except yaml.MarkedYAMLError as error:
        # A quotation that never ends is met at the end of all, and mended where it begins.
        is_open = "quoted" in str(error.context)
        mark = error.context_mark if is_open else error.problem_mark or error.context_mark
        line = min((mark.line if mark else 0) + 2, end)
        return FrontMatter({}, (Line(line, f"the front matter cannot be read: {error.problem}"),), end + 1)
    except yaml.YAMLError as error:
        return FrontMatter({}, (Line(1, f"the front matter cannot be read: {error}"),), end + 1)
    if not isinstance(node, yaml.MappingNode):
        return FrontMatter({}, (Line(2, "the front matter is no list of `name: value` lines"),), end + 1)
    return _entries(node, end + 1)


def _entries(node: yaml.MappingNode, end: int) -> FrontMatter:
    entries: dict[str, Entry] = {}
    wrong = []
    for key, value in node.value:
        line = key.start_mark.line + 2
        if key.value in entries:
            wrong.append(Line(line, f"'{key.value}' stands in the front matter twice"))
        items = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for item in items:
            if not isinstance(item, yaml.ScalarNode):
                wrong.append(Line(item.start_mark.line + 2, f"'{key.value}' holds more than words"))
        values = tuple(
            Line(item.start_mark.line + 2, item.value.strip())
            for item in items
            if isinstance(item, yaml.ScalarNode) and item.value.strip()
        )
        entries[str(key.value)] = Entry(line, values, isinstance(value, yaml.SequenceNode))
    return FrontMatter(entries, tuple(wrong), end)


def _without_comments(lines: list[Line]) -> list[Line]:
    """The lines with HTML comments blanked out."""
    text = "\n".join(line.text for line in lines)
    plain = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return [Line(line.number, kept) for line, kept in zip(lines, plain.split("\n"), strict=False)]


def _outside_fences(lines: Iterable[Line]) -> Iterator[Line]:
    fence = ""
    for line in lines:
        mark = _FENCE.match(line.text)
        if mark and not fence:
            fence = mark[1]
        elif fence:
            if mark and mark[1].startswith(fence) and line.text.strip() == mark[1]:
                fence = ""
        else:
            yield line


def _headings(lines: list[Line]) -> Iterator[tuple[int, int, str]]:
    """The line, the level and the words of each heading, underlined ones too."""
    before = Line(0, "")
    for line in lines:
        if match := _HEADING.match(line.text):
            yield line.number, len(match[1]), match[2]
        elif (underline := _UNDERLINE.match(line.text)) and re.match(r"[^\s>|*+/-]", before.text):
            yield before.number, 1 if underline[1][0] == "=" else 2, before.text.strip()
        before = line
