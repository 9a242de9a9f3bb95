"""What API Gateway answers by itself, in the words and the shape of every other problem.

Such an answer is text with no logic: it cannot know the reader's language, so its title says it in all three.
"""

import json
from typing import Any

from chalicelib.problems import Problem
from chalicelib.routing import HEADERS
from chalicelib.words import LANGUAGE_TAGS, LANGUAGES

# Every type of API Gateway's, in the codes of PROBLEMS.
CODES = {
    # Of a path or a method that no route has it says that a signature is missing, wrong or too old.
    "MISSING_AUTHENTICATION_TOKEN": "not_found",
    "INVALID_SIGNATURE": "not_found",
    "EXPIRED_TOKEN": "not_found",
    "RESOURCE_NOT_FOUND": "not_found",
    "BAD_REQUEST_BODY": "malformed_body",
    "BAD_REQUEST_PARAMETERS": "malformed_body",
    "REQUEST_TOO_LARGE": "body_too_large",
    "UNSUPPORTED_MEDIA_TYPE": "unsupported_media_type",
    "UNAUTHORIZED": "not_signed_in",
    "ACCESS_DENIED": "not_allowed",
    "INVALID_API_KEY": "not_allowed",
    "WAF_FILTERED": "not_allowed",
    "THROTTLED": "too_many_attempts",
    "QUOTA_EXCEEDED": "too_many_attempts",
    "INTEGRATION_FAILURE": "unavailable",
    "INTEGRATION_TIMEOUT": "unavailable",
    "API_CONFIGURATION_ERROR": "internal_error",
    "AUTHORIZER_CONFIGURATION_ERROR": "internal_error",
    "AUTHORIZER_FAILURE": "internal_error",
    "DEFAULT_4XX": "malformed_body",
    "DEFAULT_5XX": "internal_error",
}
RETRY_AFTER = {"too_many_attempts": 60, "unavailable": 2}  # seconds


def responses() -> dict[str, Any]:
    """The GatewayResponses of SAM's API, by type."""
    return {kind: _response(code) for kind, code in CODES.items()}


def _response(code: str) -> dict[str, Any]:
    problem = Problem(code, retry_after=RETRY_AFTER.get(code))
    said = [problem.document(language, "$context.requestId") for language in LANGUAGES]
    document = {**said[0], "title": " · ".join(each["title"] for each in said)}
    headers = {
        **HEADERS,
        "Content-Type": "application/problem+json",
        "Content-Language": ", ".join(LANGUAGE_TAGS[language] for language in LANGUAGES),
    }
    if problem.retry_after:
        headers["Retry-After"] = str(problem.retry_after)
    return {
        "StatusCode": problem.status,
        # A value in single quotes is one to send as it stands.
        "ResponseParameters": {"Headers": {name: f"'{value}'" for name, value in headers.items()}},
        # Its name is only what API Gateway looks for; the header above is what it sends.
        "ResponseTemplates": {"application/json": json.dumps(document)},
    }
