"""The row of a casefile as values: one field per column, from which every statement and record of it is derived.

A further column is a field here, with what `step.columns_after` puts into it, a field of the model with its migration,
and a name in the verifier's own list (`audit.verify.rows`), which stands alone.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from audit.ledger import instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A casefile's row. What the row leaves blank is blank here too; agencies and mandate are primary keys.

    The defaults are those of a casefile of which no step was written yet.
    """

    id: UUID
    number: str
    version: int = 0
    state: str = ""
    came_from: str = ""
    outcome: str = ""
    election: str
    forms: tuple[str, ...] = ()
    violation_class: str = ""
    overdue_level: int = 0
    data_block: str = "none"
    legal_hold: bool = False
    created_at: datetime
    updated_at: datetime
    addressee_id: int | None = None
    employer_id: int | None = None
    examiner_id: int
    mandate_id: int | None
    submitter_id: int
    finding_id: UUID
    open_referral_id: UUID | None = None


# What the first step says once and for all.
LASTING: Final = frozenset({"id", "number", "election", "created_at", "finding_id"})


def _type_of(hint: Any) -> Any:
    """The type of a column, without the null that it may hold."""
    if typing.get_origin(hint) is types.UnionType:
        (hint,) = (kind for kind in typing.get_args(hint) if kind is not types.NoneType)
    return typing.get_origin(hint) or hint


_HINTS: Final = typing.get_type_hints(Columns)
_TYPES: Final = {field.name: _type_of(_HINTS[field.name]) for field in dataclasses.fields(Columns)}
_IN_SQL: Final = {UUID: "uuid", str: "text", int: "bigint", bool: "bool", datetime: "timestamptz", tuple: "text[]"}
_READ: Final[Mapping[Any, Callable[[Any], Any]]] = {UUID: UUID, datetime: datetime.fromisoformat, tuple: tuple}
_RECORDED: Final[Mapping[Any, Callable[[Any], Any]]] = {UUID: str, datetime: instant, tuple: list}

NAMES: Final = tuple(_TYPES)
IN_SQL: Final = {name: _IN_SQL[kind] for name, kind in _TYPES.items()}
"""The type of each column in a statement's recordset."""


def listed(prefix: str = "") -> str:
    """The columns as a statement lists them."""
    return ", ".join(f"{prefix}{name}" for name in NAMES)


def as_json(prefix: str) -> str:
    """The columns as the arguments of `json_build_object`."""
    return ", ".join(f"'{name}', {prefix}{name}" for name in NAMES)


def changed(source: str) -> str:
    """The assignments of an UPDATE: every column that a later step may change."""
    return ", ".join(f"{name} = {source}{name}" for name in NAMES if name not in LASTING)


def read(row: Mapping[str, Any]) -> Columns:
    """The columns from a JSON row."""
    return Columns(**{name: _converted(_READ, name, row[name]) for name in NAMES})


def stored(columns: Columns) -> dict[str, Any]:
    """The columns by name, as the statement that writes them takes them."""
    return {name: getattr(columns, name) for name in NAMES}


def recorded(columns: Columns) -> dict[str, Any]:
    """The columns as the digest of the history record reads them."""
    return {name: _converted(_RECORDED, name, getattr(columns, name)) for name in NAMES}


def _converted(ways: Mapping[Any, Callable[[Any], Any]], name: str, value: Any) -> Any:
    convert = ways.get(_TYPES[name])
    return value if convert is None or value is None else convert(value)
