"""/api/votes and /api/search-misses."""

from chalicelib import cookies
from chalicelib.articles import actions
from chalicelib.articles.forms import CastVote, NoteMiss
from chalicelib.articles.repository import REMEMBERED, Tally
from chalicelib.fields import Accepted, View
from chalicelib.routing import ANYBODY, Answer, Call, Room

room = Room(__name__)


class Votes(View):
    """How many visitors found an article helpful, how many did not, and what the one who asks said, if anything."""

    article: str
    yes: int
    no: int
    mine: bool | None


@room.endpoint("GET /api/votes", needs=ANYBODY, query=("article",), answers={200: Votes})
def show_votes(call: Call[None]) -> Answer:
    """Whether an article helped its readers; not_found without an article that there is."""
    article = call.query.get("article", "")
    standing, mine = actions.votes(article, cookies.visitor(call.headers))
    return Answer(200, _view(article, standing, mine))


@room.endpoint(
    "POST /api/votes",
    needs=ANYBODY,
    form=CastVote,
    answers={201: Votes, 200: Votes},
    limited_by=("vote_per_address",),
    optional_headers=("Idempotency-Key",),
)
def vote(call: Call[CastVote]) -> Answer:
    """Say whether an article helped; 201 for the visitor's first vote on it, 200 for a change."""
    known = cookies.visitor(call.headers)
    visitor = known or actions.new_visitor(call.headers.get("idempotency-key", ""))
    standing, is_first = actions.vote(call.form, visitor, call.address, call.now)
    remembered = () if known else cookies.remember_visitor(visitor, int(REMEMBERED.total_seconds()))
    view = _view(call.form.article, standing, call.form.helpful)
    return Answer(201 if is_first else 200, view, remembered)


@room.endpoint(
    "POST /api/search-misses",
    needs=ANYBODY,
    form=NoteMiss,
    answers={202: Accepted},
    limited_by=("search_miss_per_address",),
)
def note_miss(call: Call[NoteMiss]) -> Answer:
    """Tell writers of a query that found nothing."""
    actions.note_miss(call.form, call.address, call.now)
    return Answer(202, Accepted())


def _view(article: str, standing: Tally, mine: bool | None) -> Votes:
    return Votes(article=article, yes=standing.yes, no=standing.no, mine=mine)
