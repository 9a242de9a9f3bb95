"""What visitors send: votes on an article, and searches in vain."""

from typing import Any

from tests.client import Answer, Client
from tests.conftest import items

ARTICLE = "people/add-contact"
YES = {"article": ARTICLE, "language": "sr", "helpful": True}
NO = {**YES, "helpful": False}


def vote(client: Client, said: dict[str, Any] = YES, **differently: Any) -> Answer:
    """Vote as the page does."""
    return client.post("/api/votes", {**said, **differently})


def votes(client: Client, article: str = ARTICLE) -> dict[str, Any]:
    """How the votes on an article stand, and what this visitor said."""
    answer = client.get(f"/api/votes?article={article}")
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def miss(client: Client, query: str, language: str = "sr") -> Answer:
    """Search in vain."""
    return client.post("/api/search-misses", {"query": query, "language": language})


def missed() -> dict[str, int]:
    """The queries that are kept, with how often each was asked."""
    return {f"{item['language']} {item['query']}": item["times"] for item in items("SearchMiss")}


def agree() -> None:
    """The counters say exactly what the votes say."""
    counted: dict[tuple[str, str], int] = {}
    for item in items("Votes"):
        for name, times in item.items():
            if name.startswith(("yes_", "no_")) and times:
                counted[item["pk"], name] = times
    said: dict[tuple[str, str], int] = {}
    for item in items("Vote"):
        place = item["pk"], f"{'yes' if item['helpful'] else 'no'}_{item['language']}"
        said[place] = said.get(place, 0) + 1
    assert counted == said
