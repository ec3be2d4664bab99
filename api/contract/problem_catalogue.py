"""Every problem the API can answer with, read from `problem_data.yaml`: status, wording, cause, remedy, example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from api.http.language import Wording

# libyaml reads it ten times faster, where it is there.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DATA = Path(__file__).with_name("problem_data.yaml")


@dataclass(frozen=True, slots=True)
class Kind:
    """One code: its one status for ever, what it is called, what we say, why it happens and what mends it."""

    code: str
    status: int
    title: Wording
    detail: Wording
    cause: Wording
    remedy: Wording
    example: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProblemCatalogue:
    """All kinds of problems by code, and the wording of the items of `errors[]` by theirs."""

    kinds: Mapping[str, Kind]
    items: Mapping[str, Wording]


@cache
def load() -> ProblemCatalogue:
    """Read the file once. Raises KeyError or TypeError where a block lacks a language or a part."""
    data = yaml.load(DATA.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - either loader is a safe one
    kinds = {code: _kind(code, block) for code, block in data["problems"].items()}
    items = {code: Wording(**block) for code, block in data["items"].items()}
    return ProblemCatalogue(kinds=MappingProxyType(kinds), items=MappingProxyType(items))


def _kind(code: str, block: Mapping[str, Any]) -> Kind:
    return Kind(
        code=code,
        status=int(block["status"]),
        title=Wording(**block["title"]),
        detail=Wording(**block["detail"]),
        cause=Wording(**block["cause"]),
        remedy=Wording(**block["remedy"]),
        example=MappingProxyType(block.get("example") or {}),
    )
