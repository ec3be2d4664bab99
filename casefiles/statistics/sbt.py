"""SBT's words for how a case stands, and what is read as each of them here (`sbt.yaml`).

The mapping is part of the definitions: whoever changes it raises `measures.EDITION`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from agencies import strict_yaml
from casefiles.flow import State
from casefiles.shapes import Certainty

FILE: Final = Path(__file__).with_name("sbt.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word, and the states, outcomes and reasons of closing that it stands for. The first that fits holds."""

    code: str
    label_id: str
    label_en: str
    states: tuple[str, ...]
    outcomes: tuple[str, ...]
    reasons: tuple[str, ...]
    certainty: Certainty
    source: str

    def in_sql(self) -> str:
        """The condition on a version `h` and its payload `p`. Its codes are those of the file, letters only."""
        parts = []
        if self.states:
            parts.append(f"h.state IN ({_listed(self.states)})")
        if self.outcomes:
            outcome = f"h.outcome IN ({_listed(self.outcomes)})"
            because = f" AND p.facts->'closing'->'reason'->>'code' IN ({_listed(self.reasons)})" if self.reasons else ""
            parts.append(f"({outcome}{because})")
        return f"({' OR '.join(parts)})"


@cache
def words() -> tuple[Word, ...]:
    """The words in the file's order. Raises `ValueError` where the file names a state that there is not."""
    content: Any = strict_yaml.read(FILE)
    found = tuple(Word(**{name: _plain(value) for name, value in row.items()}) for row in content["rows"])
    unknown = {state for word in found for state in word.states} - {str(state) for state in State}
    codes = [code for word in found for code in (word.code, *word.states, *word.outcomes, *word.reasons)]
    if unknown or not all(code.replace("_", "").isalpha() for code in codes):
        raise ValueError(f"{FILE.name} names what is no state: {sorted(unknown)}")
    return found


def key_in_sql() -> str:
    """The word of a version; null where SBT has none."""
    cases = " ".join(f"WHEN {word.in_sql()} THEN '{word.code}'" for word in words())
    return f"CASE {cases} END"


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
