"""What readers tell without signing in: whether an article helped, and what they searched for in vain."""

import re
import unicodedata
from datetime import datetime
from itertools import pairwise

from chalicelib import limits, table
from chalicelib.articles import repository
from chalicelib.articles.forms import CastVote, NoteMiss
from chalicelib.articles.repository import Tally
from chalicelib.aws import unavailable
from chalicelib.fields import LONGEST_LINE, field_error
from chalicelib.problems import Problem, validation_failed
from chalicelib.tokens import digest, new_token

# How often a vote may meet another of the same visitor that came first.
MOST_MEETINGS = 5

# A key shorter than this may be another visitor's too.
_KEY = re.compile(r"[\x21-\x7e]{16,200}")

# More digits than a year or a version has: a telephone, a card, an account, a PIN, a one-time code.
MOST_DIGITS = 5
LONGEST_WORD = 30  # letters; Hungarian writes long ones, tokens are longer
SHORTEST_CODE = 8
FEWEST_SWITCHES = 3  # between letters and digits, as in `7f3k92qm`, but not in `office365`
# `abcd-efgh-jkmn`, as recovery codes and ticket IDs are written.
_GROUPS = re.compile(r"\b[a-z0-9]{4}(-[a-z0-9]{4}){2,}\b")
# The one letter of the site's languages that Unicode does not take apart into a letter and its mark.
_UNDECOMPOSED = str.maketrans({"đ": "dj"})


def vote(form: CastVote, visitor: str, address: str, now: datetime) -> tuple[Tally, bool]:
    """Count what a visitor says of an article, in the place of what they said before; the same again counts no more.

    Returns how the votes stand, and whether it is the visitor's first. Raises validation_failed for an article that
    there is not, and for a reason why it helped; too_many_attempts by the visitor's address.
    """
    if form.article not in repository.published():
        raise validation_failed(field_error("#/article", "unknown_article"))
    if form.helpful and form.reason:
        raise validation_failed(field_error("#/reason", "reason_to_no"))
    limits.charge("vote_per_address", address, now)
    voter = _voter(form.article, visitor)
    wanted = repository.Vote(form.helpful, form.language, form.reason)
    earlier: repository.Vote | None = None
    for _meeting in range(MOST_MEETINGS):
        try:
            table.commit(repository.cast(form.article, voter, wanted, earlier, now))
            break
        except table.ConditionFailed as met:
            earlier = repository.from_item(met.item) if met.item else repository.vote(form.article, voter)
        if earlier and earlier.says(wanted):
            break
    else:
        raise unavailable()
    standing, _own = repository.tally(form.article)
    return standing, earlier is None


def votes(article: str, visitor: str) -> tuple[Tally, bool | None]:
    """How the votes on an article stand, and what this visitor said, if they did. Raises not_found."""
    if article not in repository.published():
        raise Problem("not_found")
    standing, own = repository.tally(article, _voter(article, visitor) if visitor else "")
    return standing, own.helpful if own else None


def new_visitor(idempotency_key: str) -> str:
    """Who votes for the first time: nobody in particular.

    The same key is the same visitor, so that a first vote whose answer was lost can be sent again.
    """
    return digest(idempotency_key) if _KEY.fullmatch(idempotency_key) else new_token()


def note_miss(form: NoteMiss, address: str, now: datetime) -> None:
    """Count a search in vain, by its day, language and folded words, and by nothing of who searched.

    What looks private is not kept. Raises too_many_attempts by the searcher's address.
    """
    limits.charge("search_miss_per_address", address, now)
    query = folded(form.query)
    if query and not is_private(query):
        table.write(repository.count_miss(query, form.language, now))


def folded(query: str) -> str:
    """A query without what the search does not look at: case, accents, runs of blanks. At most as long as a line."""
    letters = unicodedata.normalize("NFKD", query).casefold().translate(_UNDECOMPOSED)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", plain).split())[:LONGEST_LINE].rstrip()


def is_private(query: str) -> bool:
    """Whether a folded query looks like what nobody means to publish: an e-mail address, a number, a code, a token."""
    if "@" in query or sum(letter.isdigit() for letter in query) > MOST_DIGITS or _GROUPS.search(query):
        return True
    return any(len(word) > LONGEST_WORD or _is_code(word) for word in query.split())


def _is_code(word: str) -> bool:
    letters = [letter for letter in word if letter.isalnum()]
    switches = sum(one.isdigit() != other.isdigit() for one, other in pairwise(letters))
    return len(letters) >= SHORTEST_CODE and switches >= FEWEST_SWITCHES


def _voter(article: str, visitor: str) -> str:
    """A visitor as one article's votes know them: another at each, and not to be traced back."""
    return digest(f"{visitor} {article}")
