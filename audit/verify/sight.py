"""Who an entry's audience must hold: the agencies with sight by the grants so far, and the auditors of that moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg

from .entries import Entry, place
from .report import Report

CERTAIN = timedelta(seconds=60)
"""An agency registered this much earlier was known to whoever wrote the entry."""


class Audiences:
    """Follows the grants of every casefile, entry by entry, in the order of its stream."""

    def __init__(self, connection: psycopg.Connection[Any], report: Report) -> None:
        self._report = report
        self._ids: dict[str, int] = dict(connection.execute("SELECT code, id FROM agencies_agency").fetchall())
        self._roles: list[tuple[datetime, str, bool]] = [
            (at, code, "auditor" in roles)
            for at, code, roles in connection.execute(
                "SELECT e.recorded_at, o.state->>'code', o.state->'roles' FROM audit_opening o "
                "JOIN audit_entry e ON e.id = o.entry_id WHERE o.state ? 'roles' ORDER BY e.id"
            )
            if isinstance(roles, list)
        ]
        ever = {code for _, code, is_auditor in self._roles if is_auditor}
        self._roles = [one for one in self._roles if one[1] in ever]
        self._ever = {self._ids[code] for code in ever if code in self._ids}
        self._holders: dict[str, frozenset[str]] = {}
        self._unknown: set[str] = set()
        # A step that changes nobody's sight has the audience of the step before, while the auditors are the same.
        self._sound: dict[str, tuple[str, frozenset[int]]] = {}

    def check(self, said: Entry, stored: str | None, *, index: int | None) -> None:
        """Compare the stored audience (as text, `{1,2}`) with who had sight of this entry, and move on.

        Raises nothing: an audience that is no list of numbers is a finding.
        """
        if said["to"] is None and stored == "{}":
            return
        auditors = self._auditors(said["recorded_at"])
        if not said["grants"] and self._sound.get(said["stream"]) == (stored, auditors):
            return
        where = {"table": "audit_entry", "column": "audience", "index": index, **place(said)}
        audience = [int(one) for one in (stored or "{}").strip("{}").split(",") if one.isdigit()]
        findings = self._report.total
        if said["to"] is None:
            for agency in audience:
                self._report.add("audience-extra", agency=agency, **where)
            return
        before = self._holders.get(said["stream"], frozenset())
        gained = {one["agency"] for one in said["grants"] if one["sight"] == "given"}
        lost = {one["agency"] for one in said["grants"] if one["sight"] != "given"}
        seeing = before | gained
        if gained or lost:
            self._holders[said["stream"]] = frozenset(seeing - lost)
        needed = self._known(seeing)
        held = set(audience)
        for agency in sorted((needed | auditors) - held):
            self._report.add("audience-lacks", agency=agency, **where)
        for agency in sorted(held - needed - self._ever):
            self._report.add("audience-extra", agency=agency, **where)
        if f"{{{','.join(map(str, sorted(held)))}}}" != stored:
            self._report.add("column-differs", **where)
        if stored is not None and not lost and self._report.total == findings:
            self._sound[said["stream"]] = (stored, auditors)
        else:
            self._sound.pop(said["stream"], None)

    def _known(self, codes: frozenset[str]) -> set[int]:
        found = {self._ids[code] for code in codes if code in self._ids}
        if len(found) != len(codes):
            for code in codes - self._ids.keys() - self._unknown:
                self._unknown.add(code)
                self._report.add("agency-unknown", table="agencies_agency", agency=code)
        return found

    def _auditors(self, recorded_at: str) -> frozenset[int]:
        if not self._roles:
            return frozenset()
        moment = datetime.fromisoformat(recorded_at) - CERTAIN
        latest = {code: is_auditor for at, code, is_auditor in self._roles if at < moment}
        return frozenset(self._ids[code] for code, is_auditor in latest.items() if is_auditor and code in self._ids)
