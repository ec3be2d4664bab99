"""The contract as it was released last, and what of today's breaks it.

`openapi/released/lintas-v1.json` holds what breaks can be found in, without prose and examples: a release writes it
(`manage.py released_contract --release`), and nobody else. What breaks it must stand in the changelog, word for word,
so that whoever reads that knows, and nobody breaks a client without noticing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from api.contract.openapi import breaking
from api.contract.openapi.files import FOLDER, ROOT

RELEASED: Final = FOLDER / "released" / "lintas-v1.json"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
MARK: Final = "Breaks the contract: "
_PROSE: Final = frozenset(
    {"description", "summary", "example", "examples", "title", "tags", "info", "servers", "x-refusals", "callbacks"}
)
# Below these, names are a client's or a member's, never a keyword.
_NAMES: Final = frozenset({"properties", "schemas", "responses", "parameters", "headers", "paths", "content"})


def skeleton(document: Any, *, names: bool = False) -> Any:
    """The document without what nobody programs against."""
    if isinstance(document, Mapping):
        return {
            key: skeleton(value, names=not names and key in _NAMES and isinstance(value, Mapping))
            for key, value in document.items()
            if names or key not in _PROSE
        }
    if isinstance(document, list):
        return [skeleton(one) for one in document]
    return document


def as_json(document: Mapping[str, Any]) -> str:
    """What is kept of a release: a line for each path and component, so that a difference can be read."""
    kept = skeleton(document)
    components = kept.pop("components", {})
    components.pop("examples", None)
    lines = [f'{{"openapi": {json.dumps(kept["openapi"])}, "paths": {{', *_lines(kept["paths"]), '}, "components": {']
    for number, (kind, members) in enumerate(components.items()):
        lines += [f"{',' if number else ''}{json.dumps(kind)}: {{", *_lines(members), "}"]
    return "\n".join([*lines, "}}", ""])


def _lines(members: Mapping[str, Any]) -> list[str]:
    texts = [f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'))}" for name, one in members.items()]
    return [f"{text}{',' if number < len(texts) else ''}" for number, text in enumerate(texts, start=1)]


def unnamed(document: Mapping[str, Any], *, released: str, changelog: str) -> list[str]:
    """The breaks of the released contract that the changelog's first section does not name."""
    section = changelog.partition("\n## ")[2].partition("\n## ")[0]
    said = " ".join(section.split())
    found = breaking.breaks(json.loads(released), skeleton(document))
    return [one for one in found if f"{MARK}{one}." not in said]
