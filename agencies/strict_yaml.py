"""YAML as officials write it, read strictly: what was signed off is what the program uses, or nothing is.

Refused with the line is what YAML would quietly accept: a key given twice (the last would win), a key that is no word,
a date that does not exist, a tag (`!!set`), a merge (`<<`). `no`, `off`, `Yes` and `TRUE` are words: booleans are
`true` and `false`. A whole number has digits only: `010` (eight in YAML 1.1), `1:30` and `1_000` are words too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml


class UnreadableYaml(ValueError):
    """The file is no YAML that can be used. `line` counts from 1; None where the reader does not know it."""

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason if line is None else f"line {line}: {reason}")


class Members(dict[str, object]):
    """A mapping that remembers the line it begins on."""

    line = 0


def read(path: Path) -> object:
    """What the file says, of plain values: text, numbers, days, lists and `Members`.

    Raises OSError, and `UnreadableYaml` for everything else.
    """
    try:
        # The loader is a SafeLoader: it builds no objects but plain values.
        content: object = yaml.load(path.read_text(encoding="utf-8"), Loader=_Strict)  # noqa: S506
    except (yaml.YAMLError, ValueError, KeyError, IndexError, RecursionError) as error:
        # KeyError and IndexError: PyYAML's own, where a tag calls a word a boolean or a number.
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise UnreadableYaml(reason, line=mark.line + 1 if mark else None) from error
    return content


if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:
    # Every process reads the catalogue when it starts; the one in C takes a ninth of the time, where there is one.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_Loader):
    """SafeLoader without YAML 1.1's surprises."""


# The kinds of words that are more than words, and those spelled otherwise than in YAML 1.1.
_KINDS = ("bool", "int", "float", "null", "timestamp", "merge")
_SPELLED = {
    "bool": re.compile(r"(true|false)$"),
    "int": re.compile(r"[-+]?(0|[1-9][0-9]*)$"),
    "float": re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+$"),
}
# SafeLoader's table is shared, so it is copied before it is changed.
_Strict.yaml_implicit_resolvers = {
    first: [
        (tag, _SPELLED.get(kind, pattern))
        for tag, pattern in resolvers
        if (kind := tag.removeprefix("tag:yaml.org,2002:")) in _KINDS
    ]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def _members(loader: _Strict, node: yaml.MappingNode) -> Members:
    found = Members()
    found.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            raise _refused("<< (a merge) is not read here: write the members out", key_node)
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _refused(f"the key {key!r} is not a word", key_node)
        if key in found:
            raise _refused(f"the key {key} stands twice", key_node)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _day(loader: _Strict, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except (ValueError, AttributeError) as error:
        # AttributeError: PyYAML's own, where a tag says that a word is a date.
        raise _refused(f"{node.value} is no date: {error}", node) from error


def _no_tag(loader: _Strict, node: yaml.Node) -> object:
    raise _refused(f"the tag {node.tag} is not read here", node)


def _refused(why: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, why, node.start_mark)


_Strict.add_constructor("tag:yaml.org,2002:map", _members)
_Strict.add_constructor("tag:yaml.org,2002:timestamp", _day)
for _tag in ("set", "omap", "pairs", "binary"):
    _Strict.add_constructor(f"tag:yaml.org,2002:{_tag}", _no_tag)
_Strict.add_constructor(None, _no_tag)
