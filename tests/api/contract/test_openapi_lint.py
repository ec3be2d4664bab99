"""What linters and other people's parsers once found in the contract, kept without them.

`.ci/lint-openapi` runs the linters themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from api.contract.openapi import files
from tests.api.answers import assert_valid

# What YAML 1.1 (its type repository, numbers to the base of 60 too) or 1.2 (its core schema) takes for something else
# than text. https://yaml.org/type/ and https://yaml.org/spec/1.2.2/#103-core-schema
OTHER_THAN_TEXT = re.compile(
    r"""
      [-+]?0b[0-1_]+ | [-+]?0[0-7_]+ | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)? | [-+]?0x[0-9a-fA-F_]+ | 0o[0-7]+
    | [-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)? | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)
    | y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF
    | ~|null|Null|NULL| | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)? | <<|=
    """,
    re.VERBOSE,
)
URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")


@pytest.mark.parametrize("version", files.FILES)
def test_no_parser_takes_a_text_for_something_else(version: str) -> None:
    """A NIP, a telephone number that begins with 0, a region code, a date or a word like `off`, unquoted."""
    unquoted = {
        node.value
        for node in _scalars(yaml.compose(files.kept_yaml(version).decode(), Loader=yaml.CSafeLoader))
        if node.tag == "tag:yaml.org,2002:str" and not node.style
    }
    assert {text for text in unquoted if OTHER_THAN_TEXT.fullmatch(text)} == set()
    assert len(unquoted) > 1000


def _scalars(root: Any) -> Iterator[Any]:
    """The scalar nodes of a YAML document."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
        else:
            waiting += [part for pair in node.value for part in pair]


def test_what_is_written_is_what_is_read_by_both_versions_of_yaml() -> None:
    for text in (
        "0800000000",
        "0o17",
        "1e3",
        "12:30",
        "1_000",
        "off",
        "Y",
        "~",
        "13.71",
        "2024-10-07",
        "+62",
        ".5",
        "=",
        "",
    ):
        written = files.as_yaml({"a": [text]})
        assert yaml.safe_load(written) == {"a": [text]}
        assert f"'{text}'" in written, written


@pytest.mark.parametrize("version", files.FILES)
def test_every_example_of_a_schema_fits_it(version: str) -> None:
    document = files.kept(version)
    seen = 0
    for path, schema in _schemas(document["components"]["schemas"], "#"):
        for example in [schema["example"]] if "example" in schema else schema.get("examples", ()):
            seen += 1
            if example is None:
                may_be_null = schema.get("nullable") or "type" not in schema or "null" in schema["type"]
                assert may_be_null, f"{path}: null"
                continue
            if version == "3.0":
                assert_valid(example, schema, said=f"the example at {path}")
            if schema.get("format") in {"uri", "uri-reference"}:
                assert URI_REFERENCE.fullmatch(example), f"{path}: {example}"
    assert seen > 500


@pytest.mark.parametrize("version", files.FILES)
def test_null_is_allowed_only_beside_a_type(version: str) -> None:
    for path, schema in _schemas(files.kept(version)["components"]["schemas"], "#"):
        assert "nullable" not in schema or (version == "3.0" and "type" in schema), path


def _schemas(said: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema under a mapping of schemas by name, with its place."""
    for name, schema in said.items():
        yield from _within(schema, f"{path}/{name}")


def _within(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    yield from _schemas(schema.get("properties", {}), path)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _within(schema[name], f"{path}/{name}")
    for name in ("anyOf", "allOf", "oneOf"):
        for place, one in enumerate(schema.get(name, ())):
            yield from _within(one, f"{path}/{name}/{place}")
