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
    said: Document = yaml.load(kept_yaml(version), Loader=_LOADER)  # noqa: S506 - either loader is a safe one
    return said


def to_31(said: Document) -> Document:
    """The same in OpenAPI 3.1: null is a type, examples of a schema are a list, the licence has its identifier."""
    whole: Document = _converted(said)
    return {
        **whole,
        "openapi": "3.1.0",
        "info": {**whole["info"], "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
    }


def as_yaml(said: Document) -> str:
    """The document as YAML, in the order it was made, the same on every machine."""
    text: str = yaml.dump(said, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return text


# -- 3.1 -------------------------------------------------------------------------------------------------------------


def _converted(said: Any) -> Any:
    if isinstance(said, list):
        return [_converted(one) for one in said]
    if not isinstance(said, dict):
        return said
    if "in" in said and "name" in said and "schema" in said:
        return {**said, "schema": _schema_31(said["schema"])}
    return {
        name: value
        if name in {"example", "examples", "value"} and not _holds_references(value)
        else {key: _schema_31(one) for key, one in value.items()}
        if name == "schemas"
        else _schema_31(value)
        if name == "schema"
        else _converted(value)
        for name, value in said.items()
    }


def _holds_references(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, dict) and set(one) == {"$ref"} for one in value.values())


def _schema_31(schema: Any) -> Any:
    """One schema; `example` becomes `examples`, `nullable` a type."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return copy.deepcopy(schema)
    said = {name: value for name, value in schema.items() if name not in {"nullable", "example"}}
    if "properties" in said:
        said["properties"] = {name: _schema_31(one) for name, one in said["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(said.get(name), dict):
            said[name] = _schema_31(said[name])
    for name in ("anyOf", "allOf", "oneOf"):
        if name in said:
            said[name] = [_schema_31(one) for one in said[name]]
    if schema.get("nullable") and "type" in said:
        said["type"] = [said["type"], "null"]
    if "example" in schema:
        said["examples"] = [copy.deepcopy(schema["example"])]
    return said


class _Plain(yaml.CSafeDumper):
    """No anchors: a part that is used twice is written twice, so that a diff shows what changed.

    By libyaml, as PyYAML's wheels bring it: in Python the two documents took nine seconds.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _in_a_row(dumper: yaml.CSafeDumper, said: list[Any]) -> yaml.SequenceNode:
    """Lists of plain values stand in one row."""
    plain = all(isinstance(one, str | int | bool | None) for one in said)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", said, flow_style=plain)


def _quoted_where_it_could_be_another(dumper: yaml.CSafeDumper, said: str) -> yaml.ScalarNode:
    """A text that a parser might take for a number, a date, a truth value or nothing stands in quotes.

    YAML 1.1 and 1.2 disagree on which those are (`0800000000`, `1e3`, `12:30`, `off`), so whatever begins like a number
    is quoted, and so is every word that either version knows.
    """
    could_be = _LIKE_A_NUMBER.match(said) is not None or said.lower() in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", said, style="'" if could_be and "\n" not in said else None)


_LIKE_A_NUMBER = re.compile(r"[-+]?\.?[0-9]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".inf", "+.inf", "-.inf", ".nan"})

_Plain.add_representer(list, _in_a_row)
_Plain.add_representer(str, _quoted_where_it_could_be_another)
