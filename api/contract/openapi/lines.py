"""Bodies and answers that are no single JSON value: a form, a file, or many objects, one a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.contract import responses
from api.contract.openapi import examples
from api.contract.operations import FORM, LINES, FormBody, LinesBody
from casefiles import shapes

Document = dict[str, Any]


def files(media_types: Iterable[str]) -> Document:
    """A file of one of these types."""
    schema = {"type": "string", "format": "binary"}
    return {name: {"schema": schema, "example": f"(bita / the bytes: {name})"} for name in media_types}


def form(body: FormBody) -> Document:
    """A form, as a body."""
    return {"required": True, "content": {FORM: {"schema": dict(body.schema), "example": dict(body.example)}}}


def asked(body: LinesBody, references: list[Document]) -> Document:
    """A body whose lines are each one of these shapes: the schema and the examples are those of a line."""
    shown = {line["act"]: {"value": line} for line in map(_line, body.shapes)}
    return {"required": True, "content": {body.media_type: {"schema": {"oneOf": references}, "examples": shown}}}


def told(name: str) -> Document:
    """The answer, by the component of its lines."""
    shown = {line["kind"]: {"value": line} for line in responses.batches.stream()}
    return {LINES: {"schema": {"$ref": f"#/components/schemas/{name}"}, "examples": shown}}


def _line(shape: type[Any]) -> Document:
    """The act's own example in its envelope."""
    members = {member.name: member for member in shapes.members(shape)}
    line = {name: member.doc.example for name, member in members.items() if member.doc is not None}
    operation = "submit_finding" if line["act"] == "submit" else f"perform_{line['act'].replace('-', '_')}"
    found = examples.of_body(operation, members["body"].base)
    body = found["example"] if "example" in found else next(iter(found["examples"].values()))["value"]
    return {**line, "body": body}
