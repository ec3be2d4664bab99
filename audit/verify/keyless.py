"""What may be told without a key: the clock's steps, the operator's commands, and past cases out of a list.

Whoever owns the database can write an entry without a key and say that the operator made it. So nothing counts as the
operator's that only an agency does: a report, a hand-over, an address for its webhooks, a step of a case.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from .entries import Entry

OPERATOR: Final = "operator"
"""The party, and the role, of who runs the register."""
CLOCK: Final = frozenset({"recall", "escalate", "recompute"})
"""Steps of the clock."""
OPERATORS: Final = frozenset({"hand-over"})
"""Steps of the operator's own."""

LISTED: Final = re.compile(r"import_cases:[0-9a-f]{64}")
"""The client of what was taken in out of a list: whole casefiles, from their first version on."""

RECORDS: Final[Mapping[str, frozenset[str]]] = {
    "finding": frozenset({"redacted", "erased"}),
    "document": frozenset({"redacted", "erased"}),
    "prevention": frozenset({"redacted", "erased"}),
    "zero_report": frozenset({"redacted", "erased"}),
    "hukdis": frozenset({"redacted", "erased"}),
    "first_reading": frozenset({"recorded"}),
    "content": frozenset({"scanned", "erased"}),
    "webhook": frozenset({"proven", "paused", "disabled"}),
    "snapshot": frozenset(),
}
"""Of each record beside the casefiles what the operator's processes tell. A first reading is a person's, of whom the
entry does not say who it was."""
OF_LISTS: Final = frozenset({"finding.recorded", "document.recorded"})
"""Records that a list brings along."""


def may_record(kind: str, client: str) -> bool:
    """Whether the operator's command or process may tell this of what is no casefile."""
    noun, _, act = kind.partition(".")
    return noun not in RECORDS or act in RECORDS[noun] or (kind in OF_LISTS and LISTED.fullmatch(client) is not None)


def may_step(party: str, kind: str, client: str) -> bool:
    """Whether the clock, or the operator, may take this step of a casefile."""
    if party == "clock":
        return kind in CLOCK
    return kind in OPERATORS or LISTED.fullmatch(client) is not None


FAULTS: Final[Mapping[str, str]] = {
    "actor.key": "actor-keyless",
    "actor.agency": "actor-agency",
    "actor.party": "actor-role",
}


def command_fault(entry: Entry, roles: Collection[str] | None, *, is_run: bool) -> str:
    """The member that does not hold of what a command of the operator's tells; "" where all do.

    `roles` are those of the agency that it names. Before one was told that runs the register (`is_run`) it may be
    unknown (None).
    """
    actor = entry["actor"]
    if actor["party"] != OPERATOR or not may_record(entry["kind"], str(actor["client"])):
        return "actor.key"
    if roles is None:
        return "actor.agency" if is_run else ""
    return "" if OPERATOR in roles else "actor.party"


def is_listed(actor: Mapping[str, Any]) -> bool:
    """Whether a list told it."""
    return actor.get("key") is None and LISTED.fullmatch(str(actor["client"])) is not None
