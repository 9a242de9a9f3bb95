"""Every rule over every article, in one run."""

from collections.abc import Callable, Iterable

from infra.writing.articles import Docs
from infra.writing.findings import Finding
from infra.writing.forms import forms
from infra.writing.front_matter import front_matter, related, tags, was
from infra.writing.headings import headings
from infra.writing.letters import letters
from infra.writing.links import links, pictures
from infra.writing.places import folders, navigation, vanished
from infra.writing.spelling import spelling
from infra.writing.tables import tables
from infra.writing.terms import terms
from infra.writing.translations import translations

RULES: tuple[Callable[[Docs], Iterable[Finding]], ...] = (
    tables,
    folders,
    navigation,
    vanished,
    translations,
    front_matter,
    tags,
    related,
    was,
    headings,
    links,
    pictures,
    forms,
    terms,
    letters,
    spelling,
)


def findings(docs: Docs) -> list[Finding]:
    """Everything that is wrong, in the order of files and lines."""
    return sorted({finding for rule in RULES for finding in rule(docs)})
