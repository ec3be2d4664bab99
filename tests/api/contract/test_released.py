"""What breaks a client that was written against the released contract is found, and must stand in the changelog."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from api.contract.openapi import breaking, files, released

Document = dict[str, Any]

# A contract of one call, with one of everything that can break.
SMALL: Document = {
    "openapi": "3.0.3",
    "paths": {
        "/cases/{case}": {
            "post": {
                "operationId": "act",
                "security": [{"client_credentials": ["cases:write"]}],
                "parameters": [
                    {"name": "case", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100, "minimum": 1}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Given"}}}},
                "responses": {
                    "200": {"$ref": "#/components/responses/Told"},
                    "201": {"description": "made"},
                    "404": {"description": "none", "content": {"application/problem+json": {}}},
                },
            },
            "get": {"operationId": "read", "responses": {"200": {"description": "ok"}}},
        }
    },
    "components": {
        "responses": {
            "Told": {
                "description": "ok",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Case"}}, "text/csv": {}},
            }
        },
        "schemas": {
            "Given": {
                "type": "object",
                "required": ["act"],
                "properties": {
                    "act": {"type": "string", "enum": ["accept", "reject"]},
                    "why": {"type": "string", "nullable": True, "maxLength": 500},
                    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
                    "child": {"$ref": "#/components/schemas/Given"},
                },
                "additionalProperties": False,
            },
            "Case": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "state": {"type": "string", "x-extensible-enum": ["open", "closed"]},
                    "kind": {"type": "string", "enum": ["finding", "report"]},
                    "turn": {"anyOf": [{"$ref": "#/components/schemas/Given"}, {"type": "object"}]},
                },
            },
        },
    },
}
POST = ("paths", "/cases/{case}", "post")
GIVEN = ("components", "schemas", "Given")
CASE = ("components", "schemas", "Case")
TOLD = ("components", "responses", "Told")


def changed(*path: Any, **to: Any) -> Callable[[Document], None]:
    """Members at a place of the document are put there, or taken away where they are `...`."""

    def change(document: Document) -> None:
        at: Any = document
        for part in path:
            at = at[part]
        for name, value in to.items():
            if value is ...:
                del at[name]
            else:
                at[name] = value

    return change


def after(change: Callable[[Document], None]) -> Document:
    document = copy.deepcopy(SMALL)
    change(document)
    return document


WIDE = {"name": "as_of", "in": "query", "required": True, "schema": {"type": "string"}}
PARAMETERS = SMALL["paths"]["/cases/{case}"]["post"]["parameters"]
A = "POST /cases/{case}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed("paths", **{"/cases/{case}": ...}), ["GET /cases/{case} is gone", f"{A} is gone"]),
        (changed("paths", "/cases/{case}", get=...), ["GET /cases/{case} is gone"]),
        (changed(*POST, operationId="perform"), [f"{A}: operationId is no longer act"]),
        (changed(*POST, security=[{"client_credentials": ["cases:admin"]}]), [f"{A}: another scope is asked for"]),
        (changed(*POST, parameters=[*PARAMETERS, WIDE]), [f"{A}: query as_of must be sent now"]),
        (changed(*POST, parameters=PARAMETERS[:1]), [f"{A}: query limit is taken no longer"]),
        (changed(*POST, "parameters", 1, required=True), [f"{A}: query limit must be sent now"]),
        (
            changed(*POST, "parameters", 1, "schema", maximum=50),
            [f"{A}: query limit: maximum is 50 now, no longer 100"],
        ),
        (changed(*POST, "parameters", 1, "schema", minimum=5), [f"{A}: query limit: minimum is 5 now, no longer 1"]),
        (changed(*POST, "requestBody", required=True), [f"{A}: a body must be sent now"]),
        (changed(*POST, requestBody=...), [f"{A}: no body is taken any more"]),
        (changed(*POST, "requestBody", content={"application/cbor": {}}), [f"{A}: the body: application/json is gone"]),
        (changed(*POST, "responses", **{"201": ...}), [f"{A}: is no longer answered with 201"]),
        (changed(*TOLD, headers={}), [f"{A}: 200: the header ETag is gone"]),
        (changed(*TOLD, "content", **{"text/csv": ...}), [f"{A}: 200: text/csv is gone"]),
        (changed(*GIVEN, required=["act", "why"]), ["Given (sent).why must be sent now"]),
        (changed(*GIVEN, "properties", tags=...), ["Given (sent).tags is gone", "Given (answered).tags is gone"]),
        (changed(*GIVEN, "properties", "act", enum=["accept"]), ["Given (sent).act: takes reject no longer"]),
        (
            changed(*GIVEN, "properties", "tags", "items", type="integer"),
            [f"Given ({way}).tags[]: the type is integer, no longer string" for way in ("sent", "answered")],
        ),
        (changed(*GIVEN, "properties", "why", nullable=False), ["Given (sent).why: null is taken no longer"]),
        (
            changed(*GIVEN, "properties", "why", maxLength=100),
            ["Given (sent).why: maxLength is 100 now, no longer 500"],
        ),
        (changed(*GIVEN, "properties", "why", minLength=1), ["Given (sent).why: minLength is 1 now"]),
        (
            changed(*GIVEN, "properties", "why", pattern="^a"),
            [f"Given ({way}).why: pattern is ^a now, no longer not said" for way in ("sent", "answered")],
        ),
        (changed(*CASE, "properties", id=...), ["Case (answered).id is gone"]),
        (changed(*CASE, required=["id"]), ["Case (answered).state may be missing now"]),
        (changed(*CASE, "properties", "id", nullable=True), ["Case (answered).id: may be null now"]),
        (
            changed(*CASE, "properties", "id", format="uri"),
            ["Case (answered).id: format is uri now, no longer uuid"],
        ),
        (
            changed(*CASE, "properties", "kind", enum=["finding", "report", "tip"]),
            ["Case (answered).kind: may be tip now, which the closed list did not have"],
        ),
        (
            changed(*CASE, "properties", kind={"type": "string"}),
            ["Case (answered).kind: the list of values is no longer closed"],
        ),
        (
            changed(*CASE, "properties", turn={"anyOf": [{"$ref": "#/components/schemas/Case"}, {"type": "object"}]}),
            ["Case (answered).turn: anyOf has now Case"],
        ),
    ],
)  # fmt: skip
def test_each_planted_break_is_said(change: Callable[[Document], None], said: list[str]) -> None:
    assert breaking.breaks(SMALL, after(change)) == said


@pytest.mark.parametrize(
    "change",
    [
        changed("paths", **{"/more": {"get": {"operationId": "more", "responses": {}}}}),
        changed(*POST, parameters=[*PARAMETERS, {**WIDE, "required": False}]),
        changed(*POST, security=[{"client_credentials": ["cases:write"]}, {"mtls": []}]),
        changed(*POST, "parameters", 1, "schema", maximum=1000),
        changed(*POST, "responses", **{"404": ...}),
        changed(*GIVEN, "properties", "act", enum=["accept", "reject", "return"]),
        changed(*GIVEN, "properties", "why", maxLength=1000),
        changed(*GIVEN, "properties", "why", description="Alasan"),
        changed(*CASE, required=["id", "state", "kind"]),
        changed(*CASE, "properties", more={"type": "string"}),
        changed(*CASE, "properties", "kind", enum=["finding"]),
        changed(*CASE, "properties", "state", **{"x-extensible-enum": ["open", "closed", "paused"]}),
    ],
)
def test_what_a_client_may_ignore_is_no_break(change: Callable[[Document], None]) -> None:
    widened = [one for one in breaking.breaks(SMALL, after(change)) if "(answered).act: may be return" not in one]
    assert widened == []


def real(change: Callable[[Document], None]) -> list[str]:
    """What is unnamed when that is done to the contract that was released."""
    document = json.loads(released.RELEASED.read_text())
    change(document)
    return released.unnamed(document, released=released.RELEASED.read_text(), changelog="# Log\n\n## Unreleased\n")


def taking(path: str, method: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        del document["paths"][path][method]

    return change


def test_a_break_of_the_real_contract_is_found_and_may_be_named() -> None:
    found = real(taking("/api/v1/me", "get"))
    assert found == ["GET /api/v1/me is gone"]
    named = f"# Log\n\n## Unreleased\n\n- {released.MARK}GET /api/v1/me\n  is gone. Use /who.\n\n## 1.0.0\n"
    document = json.loads(released.RELEASED.read_text())
    taking("/api/v1/me", "get")(document)
    text = released.RELEASED.read_text()
    assert released.unnamed(document, released=text, changelog=named) == []
    # A release before names it no more: each section speaks for itself.
    older = f"# Log\n\n## Unreleased\n\n- nothing\n\n## 1.0.0\n\n- {released.MARK}GET /api/v1/me is gone.\n"
    assert released.unnamed(document, released=text, changelog=older) == found


def test_what_is_kept_is_what_the_document_says_without_its_prose() -> None:
    kept: Mapping[str, Any] = files.kept("3.0")
    text = released.as_json(kept)
    assert json.loads(text)["paths"].keys() == kept["paths"].keys()
    assert breaking.breaks(json.loads(text), released.skeleton(kept)) == []
    said = set(_keys(json.loads(text)["paths"]["/api/v1/findings"]["post"]))
    assert not said & {"description", "summary", "examples"}
    assert {"requestBody", "parameters", "responses", "operationId"} <= said


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        yield from node
        for one in node.values():
            yield from _keys(one)
    elif isinstance(node, list):
        for one in node:
            yield from _keys(one)


def test_todays_contract_keeps_the_released_one() -> None:
    text = released.RELEASED.read_text()
    changelog = released.CHANGELOG.read_text()
    assert released.unnamed(files.kept("3.0"), released=text, changelog=changelog) == []
