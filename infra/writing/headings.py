"""One first heading, and none skipped: a screen reader's user goes from heading to heading."""

from collections.abc import Iterator

from infra.writing.articles import Docs
from infra.writing.findings import Finding


def headings(docs: Docs) -> Iterator[Finding]:
    """No `#` heading, several, a level that is skipped, and a heading without words."""
    for article in docs.articles.values():
        found = article.headings
        if not any(heading.level == 1 for heading in found):
            line = next((line.number for line in article.body if line.text.strip()), 1)
            yield article.finding(line, "the page has no heading `# …`", "begin the text with one")
        level, seen = 1 if found and found[0].level > 1 else 0, 0
        for heading in found:
            if not heading.text:
                yield article.finding(heading.line, "a heading has no words", "write them, or remove it")
            if heading.level == 1 and seen:
                mend = f"the first is in line {seen}: make this one `## …`"
                yield article.finding(heading.line, "the page has a second heading `# …`", mend)
            elif heading.level > level + 1:
                mend = f"write it with {'#' * (level + 1)}, or add the heading between"
                what = f"'{heading.text}' goes from level {level} to {heading.level}"
                yield article.finding(heading.line, what, mend)
            seen = seen or (heading.line if heading.level == 1 else 0)
            level = heading.level
