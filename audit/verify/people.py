"""People of the console, as their own streams tell of them: invited, given another role, ended.

What a person did at the desk bears no key. From the log it is judged whether that person belonged to the agency then,
and might act for it; that it was they is the operator's word alone, as is the second factor that the entry names.

A manager may decide that each act of the agency takes two officers. From then on an entry must name the one who drafted
the act beside the one who performed it: two persons, both officers of the agency then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from .entries import Entry
from .times import APART, AT_ONCE, moved

INVITED, REINVITED, CHANGED, ENDED = "person.invited", "person.reinvited", "person.role_changed", "person.ended"
TWO, ONE = "person.wants_two", "person.wants_one"
DECIDES: Final = frozenset({TWO, ONE})
"""What a manager tells of the agency: that each act takes two officers, or one again."""
KINDS: Final = frozenset({INVITED, REINVITED, CHANGED, ENDED, *DECIDES})

ACTS: Final = "officer"
"""The one role that acts."""
MANAGES: Final = "manager"
ALONE: Final = frozenset({"document.recorded", "content.uploaded"})
"""What one person registers, also where an act takes two: a paper moves no casefile."""
FACTORS: Final = frozenset({"totp", "webauthn", "recovery_codes"})
LATELY: Final = timedelta(minutes=15)
"""For so long a second factor counts before an act."""
RECORDS: Final = frozenset({"document.recorded", "content.uploaded", "finding.recorded"})
"""What a person registers beside steps of casefiles."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as their stream told it last. `spans` are the moments from and until which they were an officer."""

    id: str
    agency: str
    role: str
    ended_at: str | None = None
    spans: tuple[tuple[str, str | None], ...] = ()

    def ended(self, recorded_at: str) -> tuple[str, str] | None:
        """What an act says that was recorded when they were no officer: a code and a member; None where they were."""
        for since, until in self.spans:
            if moved(since, -APART) <= recorded_at and (until is None or recorded_at < moved(until, AT_ONCE)):
                return None
        return "actor-person-ended", "actor.person"

    def is_live(self, recorded_at: str) -> bool:
        """Whether they might act then."""
        return self.ended(recorded_at) is None

    def is_unsigned(self, entry: Entry) -> bool:
        """Whether the entry names no second factor that was given shortly before."""
        actor = entry["actor"]
        return not _is_proof(actor.get("factor"), actor.get("proved_at"), before=entry["recorded_at"])


NOBODY: Final = Person("", "", "")
"""Whom no entry told of."""


@dataclass(slots=True)
class People:
    """Everybody whom the log told of so far, by id; a person is None where what tells of them is not at hand.

    `two` are the moments from and until which an agency (its code) wanted two officers for each act.
    """

    known: dict[str, Person | None] = field(default_factory=dict)
    two: dict[str, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)

    def hear(self, entry: Entry, opening: Mapping[str, Any] | None) -> bool:
        """Take what a person's stream tells. False where it does not lawfully follow; then it changes nothing."""
        stream = str(entry["stream"])
        before = self.known.get(stream)
        if opening is None or (stream in self.known and before is None):
            self.known[stream] = None
            return True
        after = _following(entry, before, opening)
        if after is not None and entry["kind"] in DECIDES and not self._decided(entry, after.agency):
            return False
        self.known[stream] = after or before or Person(stream, "", "")
        return after is not None

    def _decided(self, entry: Entry, agency: str) -> bool:
        """Take what a manager decided. False where it was so already."""
        spans, at = self.two.get(agency, ()), str(entry["recorded_at"])
        wants_two = bool(spans) and spans[-1][1] is None
        if (entry["kind"] == TWO) is wants_two:
            return False
        self.two[agency] = (*spans, (at, None)) if entry["kind"] == TWO else (*spans[:-1], (spans[-1][0], at))
        return True

    def undrafted(self, entry: Entry) -> tuple[str, str] | None:
        """What is wrong with who drafted an act, as a code and a member; None where nothing is.

        An act that was under way when the agency's manager decided is judged by neither word.
        """
        actor, recorded_at = entry["actor"], str(entry["recorded_at"])
        drafted_by = actor.get("drafted_by")
        if drafted_by is None:
            wanted = any(
                moved(since, AT_ONCE) <= recorded_at and (until is None or recorded_at < moved(until, -APART))
                for since, until in self.two.get(str(actor["agency"]), ())
            )
            return ("actor-alone", "actor.drafted_by") if wanted and entry["kind"] not in ALONE else None
        drafter = self.known.get(str(drafted_by), NOBODY)
        if drafter is None:
            return "actor-untold", "actor.drafted_by"
        if drafted_by == actor["person"] or drafter.agency != actor["agency"] or not drafter.is_live(recorded_at):
            return "actor-drafter", "actor.drafted_by"
        if not _is_moment(actor.get("drafted_at")):
            return "actor-drafter", "actor.drafted_at"
        drafted_at = moved(actor["drafted_at"], timedelta())
        if drafted_at > moved(recorded_at, APART) or not drafter.is_live(drafted_at):
            return "actor-drafter", "actor.drafted_at"
        if not _is_proof(actor.get("drafter_factor"), actor.get("drafter_proved_at"), before=drafted_at):
            return "actor-unproved", "actor.drafter_proved_at"
        return None


def is_person(actor: Mapping[str, Any]) -> bool:
    """Whether a person acted, or the entry says so."""
    return actor.get("person") is not None


def _is_proof(factor: Any, proved_at: Any, *, before: str) -> bool:
    """Whether that is a second factor that was given shortly before."""
    if str(factor) not in FACTORS or not _is_moment(proved_at):
        return False
    return moved(proved_at, -APART) <= before <= moved(proved_at, LATELY + AT_ONCE)


def _is_moment(text: Any) -> bool:
    """Whether that is a moment, and none at the very ends of the calendar."""
    if not isinstance(text, str):
        return False
    try:
        return bool(moved(text, -APART) and moved(text, LATELY + AT_ONCE))
    except (ValueError, OverflowError):
        return False


def judged(entry: Entry, person: Person) -> str:
    """The member of the entry that does not hold of that person, "" where all do."""
    actor = entry["actor"]
    if not person.spans or person.agency != actor["agency"]:
        return "actor.person"
    if actor["client"] != f"person:{person.id}" or actor.get("key") is not None or actor.get("vendor") is not None:
        return "actor.client"
    return "" if entry["to"] is not None or entry["kind"] in RECORDS else "kind"


def _following(entry: Entry, before: Person | None, opening: Mapping[str, Any]) -> Person | None:
    """The person after that entry; None where it does not follow from what was told before."""
    kind, at = entry["kind"], str(entry["recorded_at"])
    try:
        given, state = opening["given"], opening["state"]
        told = Person(str(state["person"]), str(state["agency"]), str(state["role"]), state["ended_at"])
        fits = told.id == given["person"] == entry["stream"] and (told.agency, told.role) == (
            given["agency"], given["role"],
        )  # fmt: skip
    except (KeyError, TypeError):
        return None
    if not fits or (kind == ENDED) != (told.ended_at is not None) or (kind == INVITED) != (before is None):
        return None
    if kind == INVITED:
        return replace(told, spans=((at, None),) if told.role == ACTS else ())
    if before is None or before.agency != told.agency or before.ended_at is not None:
        return None
    if kind != CHANGED and before.role != told.role:
        return None
    if kind in DECIDES:
        is_theirs = told.role == MANAGES and given.get("by") == told.id
        return replace(told, spans=before.spans) if is_theirs else None
    spans = before.spans
    acts_no_more = kind == ENDED or told.role != ACTS
    if acts_no_more and spans and spans[-1][1] is None:
        spans = (*spans[:-1], (spans[-1][0], at))
    elif not acts_no_more and before.role != ACTS:
        spans = (*spans, (at, None))
    return replace(told, spans=spans)
