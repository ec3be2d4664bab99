"""Who an entry's audience must hold: the agencies with sight by the grants so far, and the auditors of that moment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

import psycopg

from .entries import Entry, is_whole, place, read_entry
from .report import Report
from .spill import Spilled

CERTAIN = timedelta(seconds=60)
"""An agency registered this much earlier was known to whoever wrote the entry."""

READING: Final = "first_reading.recorded"
"""The only entry outside of the casefiles' streams that is in feeds: in those of who saw the casefile then."""
# Sight is what the rows say that `records` compares with the entries. A step's entry draws its id while it holds the
# casefile, and so does a reading's: the order of the ids is that of the events.
READINGS: LiteralString = """
SELECT e.body, l.index, e.audience::text, ARRAY(
    SELECT DISTINCT g.agency_id FROM casefiles_casefilegrant g WHERE g.content_object_id = o.casefile_id
        AND g.from_entry_id < e.id AND (g.until_entry_id IS NULL OR g.until_entry_id > e.id)
)
FROM casefiles_firstreading o JOIN audit_entry e ON e.stream = o.id AND e.seq = 1
LEFT JOIN audit_leaf l ON l.entry_id = e.id ORDER BY e.id
"""

NOT_SOUND: tuple[str, frozenset[int]] = ("", frozenset())
"""An audience that no entry has."""


@dataclass(frozen=True, slots=True)
class Sights:
    """The agencies' numbers, and who read everything at which moment."""

    ids: Mapping[str, int]
    ever: frozenset[int]
    """The agencies that are auditors or were."""
    changes: Sequence[datetime]
    auditors: Sequence[frozenset[int]]
    """The auditors before the first of the `changes`, and after each of them."""

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> Sights:
        """As the agencies' openings tell it."""
        ids: dict[str, int] = dict(connection.execute("SELECT code, id FROM agencies_agency").fetchall())
        role_changes = [
            (at, code, "auditor" in roles)
            for at, code, roles in connection.execute(
                "SELECT e.recorded_at, o.state->>'code', o.state->'roles' FROM audit_opening o "
                "JOIN audit_entry e ON e.id = o.entry_id WHERE o.state ? 'roles' ORDER BY e.id"
            )
            if isinstance(roles, list) and at is not None
        ]
        ever = {code for _, code, is_auditor in role_changes if is_auditor}
        role_changes = [change for change in role_changes if change[1] in ever]
        changes = sorted({at for at, _, _ in role_changes})
        auditors = [frozenset[int]()]
        for change in changes:
            latest = {code: is_auditor for at, code, is_auditor in role_changes if at <= change}
            auditors.append(frozenset(ids[code] for code, is_one in latest.items() if is_one and code in ids))
        return cls(ids, frozenset(ids[code] for code in ever if code in ids), changes, auditors)

    def at(self, recorded: datetime) -> int:
        """Which of the `auditors` are certain to have been known to whoever wrote an entry at that moment."""
        return bisect_left(self.changes, recorded - CERTAIN)


class Audiences:
    """Follows the grants of every casefile, entry by entry, in the order of its stream."""

    def __init__(self, connection: psycopg.Connection[Any], report: Report) -> None:
        self._connection, self._report = connection, report
        self._sights = sights = Sights.read(connection)
        self._ids, self._ever = sights.ids, sights.ever
        self._holders: Spilled[frozenset[str]] = Spilled(encode=sorted, decode=frozenset)
        self._unknown: set[str] = set()
        # A step that changes nobody's sight has the audience of the step before, while the auditors are the same.
        self._sound: Spilled[tuple[str, frozenset[int]]] = Spilled(
            encode=lambda sound: (sound[0], sorted(sound[1])), decode=lambda sound: (sound[0], frozenset(sound[1]))
        )

    def check(self, entry: Entry, stored: str | None, *, index: int | None) -> None:
        """Compare the stored audience (as text, `{1,2}`) with who had sight of this entry, and move on.

        Raises nothing: an audience that is no list of numbers is a finding.
        """
        if entry["to"] is None and (stored == "{}" or entry["kind"] == READING):
            return  # a reading's audience is compared by `readings`
        auditors = self._auditors(entry["recorded_at"])
        if not entry["grants"] and self._sound.get(entry["stream"]) == (stored, auditors):
            return
        where = {"table": "audit_entry", "column": "audience", "index": index, **place(entry)}
        findings = self._report.total
        if entry["to"] is None:
            for agency in sorted(_numbers(stored)):
                self._report.add("audience-extra", agency=agency, **where)
            return
        before = self._holders.get(entry["stream"]) or frozenset()
        gained = {grant["agency"] for grant in entry["grants"] if grant["sight"] == "given"}
        lost = {grant["agency"] for grant in entry["grants"] if grant["sight"] != "given"}
        seeing = before | gained
        if gained or lost:
            self._holders.put(entry["stream"], frozenset(seeing - lost))
        needed = self._known(seeing)
        self._compare(stored, needed, auditors, where=where)
        is_sound = stored is not None and not lost and self._report.total == findings
        self._sound.put(entry["stream"], (stored or "", auditors) if is_sound else NOT_SOUND)

    def readings(self) -> None:
        """Compare the audience of every first reading with who had sight of its casefile then.

        Those of before any reading was told in feeds have none.
        """
        is_told = False
        with self._connection.cursor(name="readings", binary=True) as rows:
            rows.itersize = 1000
            for body, index, stored, seeing in rows.execute(READINGS):
                entry = read_entry(body)
                is_told = is_told or stored != "{}"
                if is_told and entry is not None and is_whole(entry):
                    where = {"table": "audit_entry", "column": "audience", "index": index, **place(entry)}
                    self._compare(stored, set(seeing), self._auditors(entry["recorded_at"]), where=where)

    def _compare(
        self, stored: str | None, needed: set[int], auditors: frozenset[int], *, where: Mapping[str, Any]
    ) -> None:
        held = _numbers(stored)
        for agency in sorted((needed | auditors) - held):
            self._report.add("audience-lacks", agency=agency, **where)
        for agency in sorted(held - needed - self._ever):
            self._report.add("audience-extra", agency=agency, **where)
        if f"{{{','.join(map(str, sorted(held)))}}}" != stored:
            self._report.add("column-differs", **where)

    def _known(self, codes: frozenset[str]) -> set[int]:
        found = {self._ids[code] for code in codes if code in self._ids}
        if len(found) != len(codes):
            for code in codes - self._ids.keys() - self._unknown:
                self._unknown.add(code)
                self._report.add("agency-unknown", table="agencies_agency", agency=code)
        return found

    def _auditors(self, recorded_at: str) -> frozenset[int]:
        return self._sights.auditors[self._sights.at(datetime.fromisoformat(recorded_at))]


def _numbers(stored: str | None) -> set[int]:
    return {int(number) for number in (stored or "{}").strip("{}").split(",") if number.isdigit()}
