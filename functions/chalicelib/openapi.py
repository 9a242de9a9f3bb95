"""GET /api/openapi.json: the table of routes, told in OpenAPI 3.1 from the same models that check and answer."""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from chalicelib.fields import View
from chalicelib.problems import PROBLEMS
from chalicelib.routing import ANYBODY, Answer, Call, Endpoint, Room

COMPONENTS = "#/components/schemas/{model}"


class FieldErrorView(View):
    """One wrong field of a problem."""

    pointer: str
    code: str
    detail: str


class ProblemView(View):
    """A refusal or a fault (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    instance: str
    errors: list[FieldErrorView] = Field(default=[])


class Document(View):
    """The document itself, whose shape OpenAPI defines."""

    model_config = ConfigDict(extra="allow")


def describing(rooms: Iterable[Room]) -> Room:
    """A room with the one route that describes the others."""
    room = Room(__name__)

    @room.endpoint("GET /api/openapi.json", needs=ANYBODY, answers={200: Document})
    def describe(_call: Call[None]) -> Answer:
        """This document."""
        return Answer(200, Document(**document()))

    @cache
    def document() -> dict[str, Any]:
        return described([endpoint for each in (*rooms, room) for endpoint in each.endpoints])

    return room


def described(endpoints: list[Endpoint]) -> dict[str, Any]:
    """The OpenAPI document of a table of routes."""
    models: dict[type[BaseModel], None] = {ProblemView: None}
    for endpoint in endpoints:
        models.update({model: None for model in (endpoint.form, *endpoint.answers.values()) if model})
    _refs, schemas = models_json_schema([(model, "validation") for model in models], ref_template=COMPONENTS)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kalauz", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"}},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "security": [] if endpoint.needs == ANYBODY else [{"session": []}],
        "x-needs": endpoint.needs,
        "x-needs-elevation": endpoint.needs_elevation,
        "responses": {
            **{str(status): _answer(status, model) for status, model in endpoint.answers.items()},
            **_problems(endpoint.codes),
        },
    }
    in_path = (part[1:-1] for part in endpoint.path.split("/") if part.startswith("{"))
    parameters = [_parameter("path", name, required=True) for name in in_path]
    parameters += [_parameter("header", name, required=True) for name in endpoint.headers]
    parameters += [_parameter("header", name, required=False) for name in endpoint.optional_headers]
    parameters += [_parameter("query", name, required=False) for name in endpoint.query]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.form:
        operation["requestBody"] = {"required": True, "content": {"application/json": _schema(endpoint.form)}}
    return operation


def _parameter(place: str, name: str, *, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def _answer(status: int, model: type[BaseModel] | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if model:
        answer["content"] = {"application/json": _schema(model)}
    return answer


def _problems(codes: Iterable[str]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    return {
        str(status): {
            "description": ", ".join(sorted(found)),
            "content": {"application/problem+json": _schema(ProblemView)},
        }
        for status, found in sorted(by_status.items())
    }


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": COMPONENTS.format(model=model.__name__)}}
