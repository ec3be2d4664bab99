"""The contract as the kit carries it: `contract.json`, made from the register's own code by `./run openapi`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

SAME: Final = "same"
OPEN: Final = "open"


@dataclass(frozen=True)
class Row:
    """One transition of the flow, as `/catalogue/transitions` tells it."""

    name: str
    title_id: str
    title_en: str
    source: tuple[str, ...]
    targets: tuple[str, ...]
    returns: bool
    by: tuple[str, ...]
    outcome: str | None
    announces: str
    article: str
    routed: bool

    @property
    def operation(self) -> str:
        """The operation that performs it."""
        return "submit_finding" if not self.source else f"perform_{self.name.replace('-', '_')}"


@cache
def contract() -> Mapping[str, Any]:
    """The whole file, read once."""
    read: dict[str, Any] = json.loads((files(__package__) / "contract.json").read_text(encoding="utf-8"))
    return read


@cache
def rows() -> Mapping[str, Row]:
    """Every row of the flow by its name."""
    return {
        row["name"]: Row(
            name=row["name"],
            title_id=row["title_id"],
            title_en=row["title_en"],
            source=tuple(row["from"]),
            targets=tuple(row["to"]),
            returns=row["returns"],
            by=tuple(row["by"]),
            outcome=row["outcome"],
            announces=row["announces"],
            article=row["article"],
            routed=row["href"] is not None,
        )
        for row in contract()["rows"]
    }


@cache
def turns() -> Mapping[str, tuple[str, str]]:
    """Whose turn a state is, and for what."""
    return {turn["state"]: (turn["party"], turn["purpose"]) for turn in contract()["turns"]}


def bodies(name: str) -> dict[str, Any]:
    """A copy of the example body of that file's name, as `perform_acknowledge.json`."""
    copied: dict[str, Any] = json.loads(json.dumps(contract()["bodies"][name]))
    return copied


def paths() -> Sequence[Mapping[str, Any]]:
    """The story: every path with its steps."""
    told: list[Mapping[str, Any]] = contract()["paths"]
    return told


def agency(code: str) -> Mapping[str, Any] | None:
    """An agency with name, roles and parent; None where the code is unknown."""
    return _agencies().get(code)


@cache
def _agencies() -> Mapping[str, Mapping[str, Any]]:
    return {one["code"]: one for one in contract()["agencies"]}


def named(code: str | None) -> dict[str, str] | None:
    """An agency as answers show it."""
    found = agency(code) if code else None
    return {"code": found["code"], "name": found["name"]} if found else None


def is_above(code: str, other: str) -> bool:
    """Whether the agency `code` is an ancestor of `other`."""
    found = agency(other)
    while found is not None and found["parent"]:
        if found["parent"] == code:
            return True
        found = agency(found["parent"])
    return False
