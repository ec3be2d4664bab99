"""The files the OpenAPI document is kept in (`openapi/`): 3.0.3, its conversion to 3.1, and how both are written."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "openapi"
FILES: Mapping[str, Path] = {"3.0": FOLDER / "lintas-v1.yaml", "3.1": FOLDER / "lintas-v1-3.1.yaml"}

# libyaml reads it ten times faster, where it is there.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Document = dict[str, Any]


@cache
def kept_yaml(version: str) -> bytes:
    """The checked-in document of that version, as it lies there."""
    return FILES[version].read_bytes()


@cache
def kept_json(version: str) -> bytes:
    """The same as JSON."""
    return json.dumps(kept(version), ensure_ascii=False, separators=(",", ":")).encode()


@cache
def kept(version: str) -> Document:
    """The same as a value. Do not change it."""
    document: Document = yaml.load(kept_yaml(version), Loader=_LOADER)  # noqa: S506 - either loader is a safe one
    return document


def to_31(document: Document) -> Document:
    """The same in OpenAPI 3.1: null is a type, examples of a schema are a list, the licence has its identifier."""
    whole: Document = _converted(document)
    return {
        **whole,
        "openapi": "3.1.0",
        "info": {**whole["info"], "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
    }


def as_yaml(document: Document) -> str:
    """The document as YAML, in the order it was made, the same on every machine."""
    text: str = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return text


# -- 3.1 -------------------------------------------------------------------------------------------------------------


def _converted(node: Any) -> Any:
    if isinstance(node, list):
        return [_converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "in" in node and "name" in node and "schema" in node:
        return {**node, "schema": _schema_31(node["schema"])}
    return {
        name: value
        if name in {"example", "examples", "value"} and not _holds_references(value)
        else {key: _schema_31(schema) for key, schema in value.items()}
        if name == "schemas"
        else _schema_31(value)
        if name == "schema"
        else _converted(value)
        for name, value in node.items()
    }


def _holds_references(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(reference, dict) and set(reference) == {"$ref"} for reference in value.values()
    )


def _schema_31(schema: Any) -> Any:
    """One schema; `example` becomes `examples`, `nullable` a type."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return copy.deepcopy(schema)
    converted = {name: value for name, value in schema.items() if name not in {"nullable", "example"}}
    if "properties" in converted:
        converted["properties"] = {name: _schema_31(member) for name, member in converted["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(converted.get(name), dict):
            converted[name] = _schema_31(converted[name])
    for name in ("anyOf", "allOf", "oneOf"):
        if name in converted:
            converted[name] = [_schema_31(part) for part in converted[name]]
    if schema.get("nullable") and "type" in converted:
        converted["type"] = [converted["type"], "null"]
    if "example" in schema:
        converted["examples"] = [copy.deepcopy(schema["example"])]
    return converted


class _Plain(yaml.CSafeDumper):
    """No anchors: a part that is used twice is written twice, so that a diff shows what changed.

    By libyaml, as PyYAML's wheels bring it: in Python the two documents took nine seconds.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _in_a_row(dumper: yaml.CSafeDumper, values: list[Any]) -> yaml.SequenceNode:
    """Lists of plain values stand in one row."""
    plain = all(isinstance(value, str | int | bool | None) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


def _quoted_where_it_could_be_another(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    """A text that a parser might take for a number, a date, a truth value or nothing stands in quotes.

    YAML 1.1 and 1.2 disagree on which those are (`0800000000`, `1e3`, `12:30`, `off`), so whatever begins like a number
    is quoted, and so is every word that either version knows.
    """
    could_be = _LIKE_A_NUMBER.match(text) is not None or text.lower() in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if could_be and "\n" not in text else None)


_LIKE_A_NUMBER = re.compile(r"[-+]?\.?[0-9]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".inf", "+.inf", "-.inf", ".nan"})

_Plain.add_representer(list, _in_a_row)
_Plain.add_representer(str, _quoted_where_it_could_be_another)
