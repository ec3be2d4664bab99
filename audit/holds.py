"""Legal holds: what may be neither erased nor ended while somebody needs it, as the log says.

There is no table of holds. Each hold is an entry of one stream, its end is another one, and what holds now is read from
what they open to. So a hold that was quietly taken away is a change of the log, which the verifier names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db import connection

from audit import ledger
from audit.turns import one_at_a_time

STREAM: Final = UUID("686f6c64-7300-4573-8000-000000000001")
SET, LIFTED = "hold.set", "hold.lifted"

# Code: what it means. The code alone goes into the log.
REASONS: Final[Mapping[str, str]] = {
    "court_case": "perkara di pengadilan / a case before a court",
    "administrative_appeal": "upaya administratif / an administrative appeal",
    "criminal_investigation": "penyidikan / a criminal investigation",
    "audit": "pemeriksaan oleh auditor / an audit",
    "ombudsman_inquiry": "pemeriksaan Ombudsman / an inquiry of the Ombudsman",
    "data_breach": "insiden data pribadi / an incident with personal data",
}

_LETTER: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 ./_()-]{1,59}")
_HELD: Final = """
SELECT o.state FROM audit_entry e JOIN audit_opening o ON o.entry_id = e.id WHERE e.stream = %s ORDER BY e.seq
"""


class HoldRefused(Exception):
    """Nothing was held or lifted. `reason` is a stable code, the message says what is wrong and what to do."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A hold that is asked for: on exactly one of a casefile (id), an agency (code) and a span of days in UTC.

    `until` is the first day after the span. `letter` is the number of the letter that asks for it; `by` the pseudonym
    of who sets it.
    """

    casefile: UUID | None = None
    agency: str | None = None
    begins: date | None = None
    until: date | None = None
    reason: str
    letter: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Asked):
    """A hold that stands, with its number and the moment at which it was set (RFC 3339)."""

    number: int
    set_at: str

    @property
    def on(self) -> str:
        """What it holds, in words."""
        if self.casefile is not None:
            return f"casefile {self.casefile}"
        return f"agency {self.agency}" if self.agency is not None else f"{self.begins} until {self.until}"

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The instants of a span, half-open; None where it holds something else."""
        if self.begins is None or self.until is None:
            return None
        return datetime.combine(self.begins, time(), UTC), datetime.combine(self.until, time(), UTC)

    def plain(self) -> dict[str, Any]:
        """The hold as JSON."""
        return {
            "hold": self.number,
            "casefile": None if self.casefile is None else str(self.casefile),
            "agency": self.agency,
            "from": None if self.begins is None else self.begins.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "reason": self.reason,
            "letter": self.letter,
            "by": self.by,
            "set_at": self.set_at,
        }


def standing() -> list[Hold]:
    """The holds that stand, oldest first. One statement; for a role that reads entries and openings."""
    return _standing(_states())


def _standing(states: Iterable[Mapping[str, Any]]) -> list[Hold]:
    found: dict[int, Hold] = {}
    for state in states:
        if state["held"]:
            found[state["hold"]] = _read(state)
        else:
            found.pop(state["hold"], None)
    return list(found.values())


def set_hold(asked: Asked, *, now: datetime) -> Hold:
    """Hold what is asked, inside the caller's transaction, with an entry of the log. The owner's role.

    Whoever erases or ends something meanwhile is waited for, and sees the hold afterwards (`wait_for_holds`).
    Raises `HoldRefused`, also where the same letter holds the same already.
    """
    _check(asked)
    one_at_a_time(_LOCK)
    states = _states()
    known = {"casefile": asked.casefile, "agency": asked.agency, "begins": asked.begins, "until": asked.until}
    for hold in _standing(states):
        if hold.letter == asked.letter and all(getattr(hold, name) == value for name, value in known.items()):
            raise HoldRefused("already-held", f"Hold {hold.number} stands on {hold.on}, by the same letter.")
    hold = Hold(
        number=max((state["hold"] for state in states), default=0) + 1,
        casefile=asked.casefile,
        agency=asked.agency,
        begins=asked.begins,
        until=asked.until,
        reason=asked.reason,
        letter=asked.letter,
        by=asked.by,
        set_at=ledger.instant(now),
    )
    ledger.append_open(stream=STREAM, kind=SET, given=hold.plain(), state={**hold.plain(), "held": True}, now=now)
    return hold


def lift(number: int, *, letter: str, by: str, now: datetime) -> Hold:
    """End the hold of that number, inside the caller's transaction, with an entry of the log. The owner's role.

    Raises `HoldRefused` where none of that number stands.
    """
    _check_letter(letter)
    one_at_a_time(_LOCK)
    hold = next((one for one in standing() if one.number == number), None)
    if hold is None:
        raise HoldRefused("no-such-hold", f"No hold {number} stands. `manage.py hold list` tells those that do.")
    given = {"hold": number, "letter": letter, "by": by}
    ledger.append_open(stream=STREAM, kind=LIFTED, given=given, state={**hold.plain(), "held": False}, now=now)
    return hold


def wait_for_holds() -> list[Hold]:
    """The holds that stand, for who erases or ends something in this transaction: until it is over none is set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_LOCK])
    return standing()


_LOCK: Final = f"stream:{STREAM}"


def _states() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [STREAM])
        return [json.loads(state) if isinstance(state, str) else state for (state,) in cursor.fetchall()]


def _read(state: Mapping[str, Any]) -> Hold:
    return Hold(
        number=state["hold"],
        casefile=None if state["casefile"] is None else UUID(state["casefile"]),
        agency=state["agency"],
        begins=None if state["from"] is None else date.fromisoformat(state["from"]),
        until=None if state["until"] is None else date.fromisoformat(state["until"]),
        reason=state["reason"],
        letter=state["letter"],
        by=state["by"],
        set_at=state["set_at"],
    )


def _check(asked: Asked) -> None:
    if (asked.begins is None) != (asked.until is None):
        raise HoldRefused("half-a-span", "A span of time has its first day and the first day after it.")
    if asked.begins is not None and asked.until is not None and asked.begins >= asked.until:
        raise HoldRefused("empty-span", f"The span ends at {asked.until}, before it begins: --until is the day after.")
    if sum(one is not None for one in (asked.casefile, asked.agency, asked.begins)) != 1:
        raise HoldRefused("one-of-three", "A hold is on a casefile, or on an agency, or on a span of time: name one.")
    if asked.reason not in REASONS:
        raise HoldRefused("unknown-reason", f"The reason must be one of {', '.join(REASONS)}.")
    _check_letter(asked.letter)


def _check_letter(letter: str) -> None:
    if not _LETTER.fullmatch(letter):
        raise HoldRefused(
            "letter",
            "Give the number of the letter, 2 to 60 of A-Z a-z 0-9 blank . / _ ( ) - with a digit: it stays in the "
            "log for ever, and names nobody.",
        )
