"""Asking in a language: every answer is in the one that the page is in, or Serbian."""

import pytest

from chalicelib.fields import ERROR_WORDS, FieldError
from chalicelib.problems import PROBLEMS, Problem
from chalicelib.words import LANGUAGE_TAGS, LANGUAGES, preferred_language
from tests.client import Client


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "sr"),
        ("sr", "sr"),
        ("hu", "hu"),
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("hu-HU,hu;q=0.9,en;q=0.8", "hu"),
        ("sr-Latn-RS", "sr"),
        ("sr-Cyrl", "sr"),
        ("en", "sr"),
        ("en-US,en;q=0.9", "sr"),
        ("en,es;q=0.5", "es"),
        ("de, fr;q=0.9, hu;q=0.1", "hu"),
        ("es;q=0.3, hu;q=0.7", "hu"),
        ("es;q=0.7, hu;q=0.7", "es"),
        ("hu; q=0.2 , es ; q=0.9", "es"),
        ("es;q=0", "sr"),
        ("es;q=0, hu", "hu"),
        ("*", "sr"),
        ("es;q=x, hu;q=0.1", "hu"),
        ("es;q=nan, hu;q=0.1", "hu"),
        ("es;q=-1, hu;q=0.1", "hu"),
        ("esperanto", "sr"),
        ("hu_HU", "sr"),
        (",,,;;;===", "sr"),
        ("\x00", "sr"),
        ("de," * 5000 + "es", "sr"),
    ],
)
def test_the_first_of_ours_that_is_wished_for_is_taken(accept_language: str, language: str) -> None:
    assert preferred_language(accept_language) == language


@pytest.mark.parametrize(
    ("accept_language", "told"),
    [("hu-HU,en;q=0.5", "hu"), ("en", "sr-Latn"), (None, "sr-Latn"), ("es", "es")],
)
def test_problems_and_answers_say_their_language(aws: None, accept_language: str | None, told: str) -> None:
    client = Client()
    assert client.get("/api/me", accept_language=accept_language).headers["Content-Language"] == told
    assert (
        client.get("/api/openapi.json", accept_language=accept_language).headers["Content-Language"] == told
    )


# What the words of a problem tell of the request.
SAID_OF = {"other_addressee": {"invited": "greta@example.com", "you": "alice@example.com"}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_has_words_without_gaps(code: str, language: str) -> None:
    said_of = SAID_OF.get(code, {})
    told = Problem(code, retry_after=90, values=said_of).document(language, "id")
    assert told["title"].strip() and "{" not in told["title"]
    assert all(value in told["title"] for value in said_of.values())


VALUES = {"min_length": 8, "max_length": 200, "word": "tilia"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ERROR_WORDS)
def test_every_wrong_field_has_words_without_gaps(code: str, language: str) -> None:
    told = FieldError("#/x", code, ERROR_WORDS[code], VALUES).document(language)
    assert told["detail"].strip() and "{" not in told["detail"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_readers_are_never_taken_for_places_to_fill(aws: None, language: str) -> None:
    client = Client(language)
    body = {"name": "{0}{x}%s%(y)s", "email": "{email}@x", "language": "{}", "{field}%s": 1}
    answer = client.post("/api/registrations", body)
    assert answer.status == 422
    assert answer.headers["Content-Language"] == LANGUAGE_TAGS[language]
    assert "#/{field}%s" in answer.field_codes
