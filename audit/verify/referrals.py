"""Referrals against the entries: who was asked for what, until when, and when and with what it was answered.

Which referral a version leaves open stands in its `record`, so that much can be checked although the content was
erased. Purpose, party, agency and due day stand in the content (`facts.turn`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from .entries import Entry
from .forms import is_digest
from .rows import Codes, Row, same_instant

SUBMITTED = 1
"""The version whose referral comes from the submitter, whoever typed it in; later ones come from who acts."""


RECKONED: Final[Mapping[str, str]] = {
    "clock_from": "clock_from",
    "paused_days": "paused_days",
    "continues_id": "continues",
}
"""Columns that tell how a due day was reckoned, and where the turn says the same; of the rule it says the digest."""


@dataclass(frozen=True, slots=True)
class Step:
    """One version: its entry, its record where it is the one committed to, its facts where they open."""

    entry: Entry
    record: Row | None
    facts: Mapping[str, Any] | None

    @property
    def turn(self) -> Mapping[str, Any] | None:
        """Whose turn it is after the step, where the facts say it."""
        turn = self.facts.get("turn") if self.facts else None
        return turn if isinstance(turn, dict) else None

    @property
    def is_known(self) -> bool:
        """Whether it can be said which referral is open after the step."""
        return self.record is not None or self.facts is not None

    @property
    def referral(self) -> str | None:
        """The id of the referral that is open after the step."""
        if self.record is not None:
            return self.record["open_referral_id"]  # type: ignore[no-any-return]
        return str(self.turn["referral"]) if self.turn and "referral" in self.turn else None


@dataclass(frozen=True, slots=True)
class Due:
    """A referral as the entries tell it: the versions it was open in, and the one that answered it.

    `voided` says whether it had been addressed wrongly, by the newest version; None where that was erased.
    """

    id: str
    open_in: tuple[Step, ...]
    answered: Step | None
    voided: bool | None


def due_referrals(steps: Sequence[Step]) -> dict[str, Due] | None:
    """The referrals of a casefile by id; None where a version does not say which one it leaves open."""
    if not all(step.is_known for step in steps):
        return None
    found: dict[str, Due] = {}
    newest = steps[-1].facts if steps else None
    voided = None if newest is None else newest.get("voided_referrals") or ()
    begun = 0
    for number, step in enumerate(steps):
        following = steps[number + 1] if number + 1 < len(steps) else None
        if following is not None and following.referral == step.referral:
            continue
        if step.referral is not None:
            found[step.referral] = Due(
                step.referral,
                tuple(steps[begun : number + 1]),
                following,
                None if voided is None else step.referral in voided,
            )
        begun = number + 1
    return found


def referral_faults(row: Row, due: Due, *, codes: Codes) -> Iterator[str]:
    """The columns of a referral's row (as JSON spells them) that do not hold what the entries say."""
    first, answer = due.open_in[0], due.answered
    due_columns: dict[str, Any] = {
        "opened_seq": first.entry["seq"],
        "status": _status(row, due),
        "answered_seq": answer and answer.entry["seq"],
        "answered_with": answer.entry["kind"] if answer else "",
    }
    if first.record is not None:
        due_columns["from_agency_id"] = first.record[
            "submitter_id" if first.entry["seq"] == SUBMITTED else "step_agency"
        ]
    if answer is None or answer.record is not None:
        due_columns["answered_by_id"] = answer.record["step_agency"] if answer and answer.record else None
    turn = next((step.turn for step in due.open_in if step.turn), None)
    if turn is not None:
        due_columns |= {"purpose": turn.get("purpose"), "party": turn.get("party")}
        due_columns["to_agency_id"] = codes.get(str(turn.get("agency")))
    # The due day may be moved while the referral is open: only the newest version says where it ended up.
    newest = due.open_in[-1].turn
    if newest is not None:
        due_columns |= {name: newest[name] for name in ("due_on", "original_due_on", "missed_due_on") if name in newest}
        # Versions of earlier releases do not say how the day was reckoned.
        reckoned = newest.get("reckoned") or {}
        due_columns |= {column: reckoned[name] for column, name in RECKONED.items() if name in reckoned}
        if "rule" in reckoned and not is_digest(reckoned["rule"], row["rule"]):
            yield "rule"
    yield from (column for column, value in due_columns.items() if row[column] != value)
    if not same_instant(_instant(row["opened_at"]), first.entry["occurred_at"]):
        yield "opened_at"
    if not same_instant(_instant(row["answered_at"]), answer and answer.entry["occurred_at"]):
        yield "answered_at"
    if newest is not None and not same_instant(_instant(row["due_at"]), newest.get("due_at")):
        yield "due_at"
    yield from _clock_faults(row, newest or row, answer, is_stated=newest is not None)


def _status(row: Row, due: Due) -> str:
    """Open, answered, or voided where this or a later step says that it had been addressed wrongly."""
    if due.answered is None:
        return "open"
    if due.voided is None:  # erased: either may be true
        return str(row["status"]) if row["status"] in {"answered", "voided"} else "answered"
    return "voided" if due.voided else "answered"


def _clock_faults(row: Row, stated: Mapping[str, Any], answer: Step | None, *, is_stated: bool) -> Iterator[str]:
    """The zone must make `due_at` of `due_on`, and both must make the days by which the answer was late."""
    due_on, due_at = _day(stated.get("due_on")), _instant(stated.get("due_at"))
    if not available() or due_on is None or due_at is None:
        return
    zone = _zone(str(row["time_zone"]))
    if zone is None or datetime.combine(due_on + timedelta(days=1), time(), zone) != due_at:
        yield "time_zone" if is_stated else "due_on or due_at or time_zone"
        return
    late = 0
    if answer is not None and row["status"] != "voided":
        answered_at = _instant(answer.entry["occurred_at"])
        if answered_at is None:
            return
        # The day that had passed when it was moved counts, not the one that it was moved to.
        since = _day(stated.get("missed_due_on")) or due_on
        late = max(0, (answered_at.astimezone(zone).date() - since).days)
    if row["days_late"] != late:
        yield "days_late"


@cache
def available() -> bool:
    """Whether this machine knows the time zones of the world."""
    return bool(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
