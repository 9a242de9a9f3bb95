"""What a reader tells of the articles."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from chalicelib.fields import FilledLine, Form, Language, several_lines

LONGEST_REASON = 1000

Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON), AfterValidator(several_lines)]


class CastVote(Form):
    """Says whether an article helped, and, where it did not, why. The article is its path: `people/add-contact`."""

    article: FilledLine
    language: Language
    helpful: bool
    reason: Reason = ""


class NoteMiss(Form):
    """A query that found nothing, in the language of the page where it was asked."""

    query: FilledLine
    language: Language
