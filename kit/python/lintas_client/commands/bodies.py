"""Bodies as people write them: a file of YAML or JSON, read so that no value becomes another one.

YAML of old turns `13.71` into a number, `0812` into an octal one, `no` into false and a day into a date. A register
wants codes as they are written: only `true`, `false`, `null` and plain numbers of up to 15 digits are more than text.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

_PLAIN: Final = {
    "tag:yaml.org,2002:bool": (re.compile("^(?:true|false)$"), "tf"),
    "tag:yaml.org,2002:null": (re.compile("^(?:~|null|)$"), ["~", "n", ""]),
    # A personal number has 18 digits: it stays text.
    "tag:yaml.org,2002:int": (re.compile("^(?:0|[1-9][0-9]{0,14})$"), "0123456789"),
}


class BadFile(ValueError):
    """The file cannot be read as a body; the message names file and line, and quotes nothing."""

    def __init__(self, indonesian: str, english: str) -> None:
        self.indonesian = indonesian
        self.english = english
        super().__init__(english)


class _Loader(yaml.SafeLoader):
    """Resolves nothing but what `_PLAIN` names, and refuses a member that stands twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(names)) < len(names):
            raise yaml.constructor.ConstructorError(None, None, "a member stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


for _tag, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(_tag, _pattern, _first)


def read_body(name: str) -> dict[str, Any]:
    """The body in a file; `-` is the standard input. Raises `BadFile`."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except OSError as why:
        raise BadFile(
            f"{name} tidak dapat dibaca: {why.strerror}.", f"{name} cannot be read: {why.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise BadFile(f"{name} bukan UTF-8; simpan sebagai UTF-8.", f"{name} is not UTF-8; save it so.") from None
    try:
        body = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError as why:
        mark = getattr(why, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadFile(
            f"{name}, baris {line}: bukan YAML atau JSON yang benar.", f"{name}, line {line}: this is no YAML or JSON."
        ) from None
    if not isinstance(body, Mapping):
        raise BadFile(f"{name}: isinya harus objek (nama: nilai).", f"{name}: an object (name: value) is needed.")
    return dict(body)
