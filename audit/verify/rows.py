"""One casefile version's rows against its entry: which column differs, as exactly as it can be said.

`record` in an entry is one digest over the whole row. Where it does not fit, the row is tried again with one value
exchanged for what the entry, the content or a neighbouring row says, until it fits: that column was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from .entries import Entry
from .forms import is_digest

RECORD = (
    "id", "number", "version", "state", "came_from", "outcome", "election", "forms", "violation_class", "overdue_level",
    "data_block", "legal_hold", "created_at", "updated_at", "addressee_id", "employer_id", "examiner_id", "mandate_id",
    "submitter_id", "finding_id", "open_referral_id", "history_type", "history_user_id", "step_agency",
)  # fmt: skip
"""The columns of a history row that its entry's `record` is taken over."""

CASEFILE = RECORD[:-3]
HISTORY = (*RECORD, "history_id", "history_date", "history_change_reason", "step_transition", "step_client",
           "step_request")  # fmt: skip
TRANSITION = (
    "id", "casefile_id", "seq", "name", "from_state", "to_state", "party", "agency_id", "client", "occurred_at",
    "recorded_at", "legal_basis", "request_id", "entry_id",
)  # fmt: skip

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "violation_class": ("", "discipline", "ethics"),
    "legal_hold": (False, True),
    "data_block": ("none", "partial", "full"),
    "history_type": ("+", "~"),
    "overdue_level": tuple(range(10)),
}
TRIED = 5_000
"""Numbers below this one are tried for a column whose true value stands nowhere else."""

Row = Mapping[str, Any]
Codes = Mapping[str, int]


def same_instant(stored: datetime | None, spelled: object) -> bool:
    """Whether a column holds the instant that an entry spells in milliseconds."""
    if stored is None or not isinstance(spelled, str):
        return stored is None and spelled is None
    try:
        moment = datetime.fromisoformat(spelled)
    except ValueError:
        return False
    return stored == moment or stored.replace(microsecond=stored.microsecond // 1000 * 1000) == moment


def plain(value: Any) -> Any:
    """A column's value as `record` spells it: instants in milliseconds; ids come as text already."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    return value


def record_of(row: Row) -> dict[str, Any]:
    """The part of a history row that `record` is taken over."""
    return {name: plain(row[name]) for name in RECORD}


def transition_faults(row: Row, entry: Entry, *, codes: Codes, entry_id: int) -> Iterator[str]:
    """The columns of a transition row that do not hold what the entry says."""
    actor = entry["actor"]
    due: dict[str, Any] = {
        "name": entry["kind"],
        "from_state": entry["from"] or "",
        "to_state": entry["to"],
        "party": actor["party"],
        "agency_id": codes.get(actor["agency"]),
        "client": actor["client"],
        "legal_basis": entry["basis"],
        "request_id": entry["request"]["id"],
        "entry_id": entry_id,
    }
    for column, value in due.items():
        if row[column] != value:
            yield column
    for column in ("occurred_at", "recorded_at"):
        if not same_instant(row[column], entry[column]):
            yield column


def history_faults(
    row: Row, entry: Entry, *, codes: Codes, facts: Mapping[str, Any] | None, others: Iterable[Row]
) -> tuple[list[str], dict[str, Any] | None]:
    """The columns of a history row that differ, and the row as it must have been (None where nobody can say).

    `""` among the columns: the record does not fit, and no single column explains it.
    """
    beside = [
        column
        for column, fits in (
            ("history_date", same_instant(row["history_date"], entry["recorded_at"])),
            ("history_change_reason", row["history_change_reason"] is None),
            ("step_transition", row["step_transition"] == entry["kind"]),
            ("step_client", row["step_client"] == entry["actor"]["client"]),
            ("step_request", row["step_request"] == entry["request"]["id"]),
        )
        if not fits
    ]
    record = record_of(row)
    if is_digest(entry["record"], record):
        return beside, record
    found, mended = _mend(record, entry, due=_due(entry, codes=codes, facts=facts), others=[*map(dict, others)])
    return [*found, *beside], mended


def _due(entry: Entry, *, codes: Codes, facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the entry, and the content where it opens, say about columns of the record."""
    due: dict[str, Any] = {
        "id": entry["stream"],
        "version": entry["seq"],
        "state": entry["to"],
        "updated_at": entry["recorded_at"],
        "history_type": "+" if entry["seq"] == 1 else "~",
    }
    if entry["actor"]["agency"] in codes:
        due["step_agency"] = codes[entry["actor"]["agency"]]
    if facts is None:
        return due
    due["outcome"] = facts.get("outcome") or ""
    for name in ("overdue_level", "data_block", "legal_hold"):
        if name in facts:
            due[name] = facts[name]
    for party in ("submitter", "examiner", "employer", "addressee"):
        code = facts.get(party)
        if isinstance(code, str | None) and (code is None or code in codes):
            due[f"{party}_id"] = codes[code] if code else None
    turn = facts.get("turn")
    if turn is None or isinstance(turn, dict):
        due["open_referral_id"] = turn.get("referral") if turn else None
    violations = facts.get("violations")
    if isinstance(violations, list):
        due["forms"] = sorted(
            {violation["form"] for violation in violations if isinstance(violation, dict) and "form" in violation}
        )
    return due


def _mend(
    record: dict[str, Any], entry: Entry, *, due: Mapping[str, Any], others: list[dict[str, Any]]
) -> tuple[list[str], dict[str, Any] | None]:
    wrong = [column for column, value in due.items() if record[column] != value]
    for start, named in (({**record, **due}, wrong), (record, [])):
        if named and is_digest(entry["record"], start):
            return named, start
        for column, value in _guesses(start, others):
            if is_digest(entry["record"], {**start, column: value}):
                return [*named, column], {**start, column: value}
    return (wrong or [""]), None


def _guesses(record: Mapping[str, Any], others: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for column in RECORD:
        yield from ((column, value) for value in CHOICES.get(column, ()))
        yield from ((column, plain(other[column])) for other in others if column in other)
        # A column that may be empty, and a state that a file came from.
        yield column, None
        yield column, ""
        if column == "came_from":
            yield from ((column, other["state"]) for other in others)
    for column in ("history_user_id", "mandate_id", "step_agency"):
        yield from ((column, number) for number in range(TRIED))


def casefile_faults(row: Row, entry: Entry, *, newest: Mapping[str, Any]) -> list[str]:
    """The columns of a casefile's row that differ from its newest version, given that version's record."""
    own = {name: plain(row[name]) for name in CASEFILE}
    rest = {name: newest[name] for name in RECORD[-3:]}
    if is_digest(entry["record"], {**own, **rest}):
        return []
    return [name for name in CASEFILE if own[name] != newest[name]]
