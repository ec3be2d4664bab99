"""One unit of work: what an act stores, gathered where it is decided and written by one statement at the end.

The door makes it with the key that it claimed and hands it on; `perform` and `submit` put their parts into it, the door
puts the answer and the key beside them. An act without a door makes one of its own. Until `write` nothing is stored, so
whoever decides an act reads nothing of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection

Seen_co = TypeVar("Seen_co", covariant=True)
"""What a question's answer says to the act that asked it."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Seen_co]):
    """What an act has to know first, asked by the statement that claims its key.

    `sql` is an expression of JSON as text, with named parameters. It is computed once the key is claimed, and not at
    all where the key was used before. `read` makes of the value what the act is handed.
    """

    sql: str
    parameters: Mapping[str, Any]
    read: Callable[[Any], Seen_co]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the statement: common table expressions that store something.

    No two parts of a unit have a name or a parameter in common. `says` is an expression of how many rows were stored;
    `check` is told that number, and raises where it is not as it should be.
    """

    tables: str
    says: str
    parameters: Mapping[str, Any]
    check: Callable[[int], None]


@dataclass(slots=True)
class Unit:
    """What one act stores. `held` are the casefiles whose rows the caller's transaction has locked already."""

    held: frozenset[UUID] = frozenset()
    _parts: list[Part] = field(default_factory=list)

    def store(self, part: Part) -> None:
        """Have this stored by the statement."""
        self._parts.append(part)

    def write(self) -> None:
        """Store everything, inside the caller's transaction. Raises what the parts' checks raise, in their order."""
        parts, self._parts = tuple(self._parts), []
        if not parts:
            return
        parameters: dict[str, Any] = {}
        for part in parts:
            parameters |= part.parameters
        with connection.cursor() as cursor:
            cursor.execute(statement(tuple((part.tables, part.says) for part in parts)), parameters)
            stored = cursor.fetchone() or ()
        for part, count in zip(parts, stored, strict=True):
            part.check(count)


@lru_cache(maxsize=64)
def statement(parts: tuple[tuple[str, str], ...]) -> str:
    """The one statement, of what each part stores and says.

    What is selected first is stored first, so that entries get their numbers in the order of the parts.
    """
    tables = ",\n".join(tables for tables, _ in parts)
    return f"WITH {tables}\nSELECT {', '.join(says for _, says in parts)}"
