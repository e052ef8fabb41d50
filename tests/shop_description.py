"""The OpenAPI description of the shop's service, with what all paths share said once."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from kefu.shop.http_answers import Problem
from tests.shop_headers import PROBLEM

_NEVER_SENT = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of ``app`` as OpenAPI 3.1."""
    description = app.openapi()
    components = description["components"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    problem.pop("$defs")
    schemas = components["schemas"] | {"Problem": problem}
    kept = sorted(name for name in schemas if name not in _NEVER_SENT)
    components["schemas"] = {name: _untitled(schemas[name]) for name in kept}
    components |= {"parameters": {}, "responses": {}}
    for path in description["paths"].values():
        for operation in path.values():
            _tidy(operation, components)
    return description


def _tidy(operation: dict[str, Any], components: dict[str, Any]) -> None:
    parameters = operation.get("parameters", [])
    for number, parameter in enumerate(parameters):
        parameter["schema"] = _plain(parameter)
        if parameter["in"] == "header":
            components["parameters"][parameter["name"]] = parameter
            reference = f"#/components/parameters/{parameter['name']}"
            parameters[number] = {"$ref": reference}
    operation.pop("summary", None)
    answers = operation["responses"]
    if "application/json" in answers.get("422", {}).get("content", {}):
        # FastAPI's own; the service answers ``request_invalid`` instead.
        del answers["422"]
    for status, answer in answers.items():
        for media_type, content in answer.get("content", {}).items():
            content["schema"] = _untitled(content["schema"])
            if media_type == PROBLEM:
                components["responses"][f"Problem{status}"] = answer
                answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(answers.items()))


def _plain(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is never null."""
    schema = _untitled(parameter["schema"])
    schema.pop("description", None)
    kinds = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    return schema | kinds[0] if kinds else schema


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the titles that only repeat the names."""
    schema = {name: value for name, value in schema.items() if name != "title"}
    if "properties" in schema:
        schema["properties"] = {
            name: _untitled(value) for name, value in schema["properties"].items()
        }
    return schema
