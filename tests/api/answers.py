"""Holds real answers against the checked-in OpenAPI document: status, media type, headers and every member.

    assert_answers(response)                             # Django's test client or httpx; the operation is found
    assert_answers(response, "perform_recommend")        # ... and has to be that one
    httpx.Client(event_hooks={"response": [hook]})       # everything that client receives

Stricter than the document for readers: here an undocumented member is a failure too, where nothing says that more may
come (`additionalProperties: true`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from api.contract.openapi import files

Document = Mapping[str, Any]
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Received:
    """An answer and what was asked."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def assert_answers(response: Any, operation: str | None = None) -> None:
    """Fail unless the document says that this may be answered to that. The failure names the member and the reason."""
    received = _received(response)
    found = find(received.method, received.path)
    if found is None:
        assert operation is None, f"{received.method} {received.path} is not {operation}, nor any operation"
        _assert_outside(received)
        return
    name = found["operationId"]
    assert operation in {None, name}, f"this is the answer of {name}, not of {operation}"
    said = f"{name} answered {received.status}"
    if received.status == 405:
        _assert_problem(received, said)
        return
    assert str(received.status) in found["responses"], f"{said}, which is not documented: {received.body[:500]!r}"
    documented = resolved(found["responses"][str(received.status)])
    for header, told in documented.get("headers", {}).items():
        if resolved(told).get("required"):
            assert header.lower() in received.headers, f"{said} without the header {header}"
    content = documented.get("content", {})
    media_type = received.headers.get("content-type", "").partition(";")[0]
    if not content:
        assert not received.body, f"{said} with a body, but none is documented"
        return
    assert media_type in content, f"{said} as {media_type!r}; documented: {', '.join(content)}"
    if media_type == PROBLEM:
        _assert_problem(received, said)
        code = json.loads(received.body)["code"]
        assert code in content[PROBLEM]["examples"], f"{said} {code}, a code not documented for this status"
    elif media_type == "application/json":
        assert_valid(json.loads(received.body), content[media_type]["schema"], said=said)


def hook(response: Any) -> None:
    """For httpx's `event_hooks`: every answer received is held against the document."""
    response.read()
    assert_answers(response)


def find(method: str, path: str) -> Document | None:
    """The operation that answers this; None where there is none, also for a method that is not allowed."""
    methods = next((methods for pattern, methods in _patterns() if pattern.fullmatch(path)), None)
    if methods is None:
        return None
    asked = "get" if method == "HEAD" else method.lower()
    found: Document | None = methods.get(asked)
    return found


def operations() -> Iterator[tuple[str, str, Document]]:
    """Every operation of the document with its method and path."""
    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            yield method, path, said


def document() -> Document:
    """The checked-in document in its 3.1 form, whose schemas are JSON Schema."""
    return files.kept("3.1")


def resolved(said: Document) -> Document:
    """What a reference leads to; anything else is itself."""
    if "$ref" not in said:
        return said
    _, _, kind, name = said["$ref"].split("/")
    found: Document = document()["components"][kind][name]
    return found


def assert_valid(value: Any, schema: Document, *, said: str) -> None:
    """Fail unless the value fits the schema, undocumented members included."""
    error = best_match(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value))
    if error is not None:
        while error.context:
            # Of several alternatives the one that went furthest says most.
            error = max(error.context, key=lambda one: len(one.absolute_path))
        at = "#" + "".join(f"/{part}" for part in error.absolute_path)
        raise AssertionError(f"{said}: {at}: {error.message[:400]}")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Document], ...]:
    """Paths as patterns; those without placeholders first, so that /casefiles/search is not an id."""
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return tuple(
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), document()["paths"][path]) for path in paths
    )


@cache
def _validator(schema: str) -> Draft202012Validator:
    whole = {**closed(json.loads(schema)), "components": {"schemas": _closed_components()}}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def _closed_components() -> Document:
    return {name: closed(one) for name, one in document()["components"]["schemas"].items()}


def closed(schema: Any) -> Any:
    """The schema with its objects closed, unless it says that more members may come."""
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema:
        return closed(_merged(schema))
    said = dict(schema)
    if "properties" in said:
        said["properties"] = {name: closed(one) for name, one in said["properties"].items()}
        said.setdefault("additionalProperties", False)
    for name in ("items", "additionalProperties"):
        if isinstance(said.get(name), dict):
            said[name] = closed(said[name])
    if "anyOf" in said:
        said["anyOf"] = [closed(one) for one in said["anyOf"]]
    return said


def _merged(schema: Document) -> dict[str, Any]:
    parts = [_merged(part) if "allOf" in part else part for part in map(resolved, schema["allOf"])]
    return {
        "type": "object",
        "properties": {name: one for part in parts for name, one in part["properties"].items()},
        "required": [name for part in parts for name in part.get("required", ())],
    }


def _assert_outside(received: Received) -> None:
    """No operation answers this: then it is refused, or it is one of the pages that are no operation."""
    if received.path.startswith(("/api/v1", "/oauth")):
        said = f"{received.method} {received.path}, no operation,"
        assert received.status in {400, 404, 405, 414, 431}, f"{said} answered {received.status}"
        _assert_problem(received, said)


def _assert_problem(received: Received, said: str) -> None:
    assert received.headers.get("content-type", "").partition(";")[0] == PROBLEM, f"{said} without a problem"
    if received.method == "HEAD":
        return
    problem = json.loads(received.body)
    assert_valid(problem, {"$ref": "#/components/schemas/Problem"}, said=said)
    assert problem["status"] == received.status, f"{said}, but its problem says {problem['status']}"


def _received(response: Any) -> Received:
    asked = response.request
    if isinstance(asked, dict):  # Django's test client
        method, path = asked["REQUEST_METHOD"], asked["PATH_INFO"]
    else:
        method, path = asked.method, asked.url.path
    return Received(
        method=method,
        path=path,
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=response.content,
    )
