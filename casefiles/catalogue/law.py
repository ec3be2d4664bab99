"""The catalogue and the calendar as the flow asks them: one `LawBook` per request, bound to one version of each."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from agencies.calendar import Calendar
from agencies.calendar import load as load_calendar
from casefiles.catalogue import classification, deadlines, election_stages, lateness, places
from casefiles.catalogue.book import Catalogue, UnknownCode
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.rows import LadderStep, Sanction
from casefiles.errors import Fault
from casefiles.file import Classified, Contest, Stage, Violation, ViolationStated, Warned
from casefiles.flow import LadderLevel, ReferralView, versions

_OF_SANCTION: Final = tuple(one.name for one in dataclasses.fields(Sanction))


@dataclass(frozen=True, slots=True)
class LawBook:
    """Answers the questions of `casefiles.flow.grammar.Law`, and counts deadlines.

    `agency` is the officer's employer, whose own rows of sanctions go before the general ones.
    """

    catalogue: Catalogue
    calendar: Calendar
    agency: str | None = None
    # A guard, a change and a reader ask for the same ladder, and so do many casefiles of one batch.
    _ladders: dict[tuple[Any, ...], tuple[LadderLevel, ...]] = field(default_factory=dict, repr=False, compare=False)
    _digests: dict[date, str] = field(default_factory=dict, repr=False, compare=False)
    # The same of a deadline that is counted again: what it is, and what a guard, a change and the move say of it.
    _recounts: dict[tuple[Any, ...], tuple[date, dict[str, Any]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def of(self, agency: str | None) -> LawBook:
        """The same book as it is for officers of that agency."""
        return dataclasses.replace(self, agency=agency)

    def working_days_after(self, day: date, number: int) -> date:
        """The working day that lies so many of them after that day."""
        return deadlines.nth_working_day(day, number, calendar=self.calendar)

    def has_code(self, list_name: str, code: str) -> bool:
        """Whether that list of the catalogue holds that code."""
        return self.catalogue.has(list_name, code)

    def unknown_region(self, code: str) -> Fault | None:
        """That nobody has this code of a region, with the nearest ones."""
        return places.unknown_region(code, pointer="#/value")

    def place_warnings(self, violations: Sequence[ViolationStated], finding: Mapping[str, Any]) -> list[Warned]:
        """What is doubtful about the places of these violations: not looked up, or copied from the register number."""
        return places.warnings(violations, register=finding.get("register_number") or "")

    def contest_fault(self, contest: Contest, election: str) -> Fault | None:
        """Why nobody holds that contest in that election, if so."""
        return places.contest_fault(
            contest["office"], contest["region"], election=election, catalogue=self.catalogue, pointer=""
        )

    def classify(self, violation: ViolationStated, finding: Mapping[str, Any]) -> Classified:
        """Class, annex item and explanation of one violation as the file of that finding holds it."""
        return classified(violation, finding, catalogue=self.catalogue)

    def stage_at_act(self, violation: ViolationStated, finding: Mapping[str, Any]) -> Stage | None:
        """The stage on the first day of one violation, as the file of that finding keeps it."""
        return election_stages.plain(election_stages.at_act(violation, finding, self.catalogue))

    def stage_warnings(self, violations: Sequence[Violation], finding: Mapping[str, Any]) -> list[Warned]:
        """Acts that lie before the first stage of their contest, unless a letter forwarded them as such."""
        return [] if finding.get("register_kind") == "forwarding_letter" else election_stages.warnings(violations)

    def late_warnings(self, finding: Mapping[str, Any]) -> list[Warned]:
        """That the finding was set or sent late."""
        found = lateness.warnings(finding, catalogue=self.catalogue, working_days_after=self.working_days_after)
        return list(found)

    def compare(self, recommended: str, imposed: str) -> str:
        """`equal`, `lighter`, `heavier` or `different_kind`."""
        if not self.sanction(imposed):
            # Only another agency has it: that it does not fit is said by the guard, beside every other reason.
            return "different_kind"
        return str(classification.compare(recommended, imposed, self.catalogue, agency=self.agency))

    def meets(self, level: str, recommended: str) -> bool:
        """Whether a recommendation (a level or a sanction) is what a row of the annex names (a level or a sanction)."""
        return recommended == level or self._level_of(recommended) == level

    def heaviness(self, level: str) -> tuple[int, int]:
        """How heavy a level or sanction is, as numbers to compare: by family, then by level."""
        row = self.catalogue.level(self._level_of(level) or level)
        family = row.family if row else self.sanction(level).get("family", "moral")
        return versions.FAMILIES.index(family), row.rank if row else 0

    def _level_of(self, code: str) -> str | None:
        level: str | None = self.sanction(code).get("level")
        return level

    def fits_employment(self, sanction: str, employment_kind: str, on: date) -> bool:
        """Whether that sanction (or a sanction of that level) exists for that kind of employment on that day."""
        return classification.fits_employment(sanction, employment_kind, on, self.catalogue, agency=self.agency)

    def sanction(self, code: str) -> dict[str, Any]:
        """Family, level, rank and effect of a sanction; empty where the code is a level."""
        try:
            row = self.catalogue.sanction(code, agency=self.agency)
        except UnknownCode:
            return {}
        # Its fields are plain values: `asdict` would copy each of them.
        return {name: getattr(row, name) for name in _OF_SANCTION}

    def remedy(self, sanction: str, *, decided_on: date, imposed_by: str | None) -> str:
        """`objection`, `appeal` or `none`, by the law of the day of the decision and by who made it."""
        try:
            row = self.catalogue.sanction(sanction, agency=self.agency, on=decided_on)
        except UnknownCode:
            return "none"
        return row.remedy_against(imposed_by)

    def contest_ends(
        self, sanction: str, received_on: date, decided_on: date, imposed_by: str | None = None
    ) -> date | None:
        """Last day for the sanction's remedy: an objection runs from receipt, an appeal from the decision."""
        remedy = self.remedy(sanction, decided_on=decided_on, imposed_by=imposed_by)
        if remedy == "none":
            return None
        start = decided_on if remedy == "appeal" else received_on
        return self.due(rule=remedy, start=start, time_zone="Asia/Jakarta", mandate=None).due_on

    def effective_on(self, sanction: str, received: date | None, stated: date | None, done: date | None) -> date | None:
        """The day of effect by the sanction's rule: from receipt, as the decree states, or on execution."""
        effect = self.sanction(sanction).get("effect")
        if effect is None:
            return None
        return deadlines.effective_on(
            effect, delivered_on=received, executed_on=done, stated_on=stated, calendar=self.calendar
        )

    def due(self, *, rule: str, start: date, time_zone: str, mandate: str | None) -> deadlines.Due:
        """The deadline of that rule or purpose for a clock that starts after `start`."""
        row = self.catalogue.deadline_rule(rule, on=start, mandate=mandate)
        return deadlines.due(rule=row, start=start, calendar=self.calendar, time_zone=time_zone)

    def routing(self, position_roles: Iterable[str], level: str, *, on: date) -> str:
        """Whom a recommendation obliges, by the first row that fits: `employer`, `province_above`, or a role."""
        return self.catalogue.routing_rule(tuple(position_roles), level, on=on).addressee

    def counted(self, rule: str, *, start: date, time_zone: str, mandate: str | None) -> tuple[date, dict[str, Any]]:
        """The due day of that rule for a clock that starts after `start`, and how it came about."""
        due = self.due(rule=rule, start=start, time_zone=time_zone, mandate=mandate)
        return due.due_on, rule_of(due)

    def extended(self, rule: Mapping[str, Any], *, until: date, days: int, reason: str, seq: int) -> dict[str, Any]:
        """How a due day came about once the examiner, with the step `seq`, has granted time until that day."""
        return deadlines.explain_pause(rule, until=until, days=days, reason=reason, seq=seq)

    def recounted(self, referral: ReferralView, *, clock_from: date | None = None) -> tuple[date, dict[str, Any]]:
        """The due day of an open referral under this calendar, and how it came about.

        `clock_from` is the day its clock starts after, where the calendar moves that day too. Never earlier than what
        was granted.
        """
        start = clock_from or referral.clock_from
        asked = (orjson.dumps(referral.rule), start, referral.time_zone)
        if (found := self._recounts.get(asked)) is None:
            found = deadlines.recomputed(
                referral.rule, clock_from=start, time_zone=referral.time_zone, calendar=self.calendar
            )
            self._recounts[asked] = found
        due_on, rule = found
        return due_on, dict(rule)

    def days_away(self, *, away_from: date, away_until: date, basis: str) -> int:
        """The days of that basis that a file spent with somebody else."""
        return deadlines.days_away(
            away_from,
            away_until,
            basis=basis,  # type: ignore[arg-type]  # read back from the stored rule
            calendar=self.calendar,
        )

    def ladder(
        self, referral: ReferralView, *, regional: bool, mandate: str | None, on: date
    ) -> tuple[LadderLevel, ...]:
        """The levels that follow for whoever holds that referral, lowest first, as in force on that day."""
        return self.levels(
            referral.party,
            referral.purpose,
            due_on=referral.due_on,
            time_zone=referral.time_zone,
            regional=regional,
            mandate=mandate,
            on=on,
        )

    def levels(
        self, party: str, purpose: str, *, due_on: date, time_zone: str, regional: bool, mandate: str | None, on: date
    ) -> tuple[LadderLevel, ...]:
        """The levels of that obligation, counted from that due day; see `ladder`."""
        asked = (party, purpose, due_on, time_zone, regional, mandate, on)
        if (found := self._ladders.get(asked)) is None:
            steps = self.ladder_steps(party, purpose, regional=regional, mandate=mandate, on=on)
            found = tuple(self._level(step, due_on, time_zone) for step in steps)
            self._ladders[asked] = found
        return found

    def ladder_steps(
        self, party: str, purpose: str, *, regional: bool, mandate: str | None, on: date
    ) -> tuple[LadderStep, ...]:
        """The catalogue's ladder for that obligation; whoever is no regional government skips its levels."""
        steps = self.catalogue.ladder_for(
            party,  # type: ignore[arg-type]  # any party and purpose of a referral: most have no ladder
            purpose,  # type: ignore[arg-type]
            mandate=mandate,
            on=on,
        )
        return tuple(step for step in steps if regional or step.scope != "regional")

    def ladder_digest(self, on: date) -> str:
        """Sixteen hexadecimal digits that change with whatever moves a level: the ladder of that day, the calendar."""
        if (found := self._digests.get(on)) is None:
            rows = [
                [row.party, row.purpose, row.mandate, row.scope, row.level, row.offset_days, row.day_basis]
                for row in self.catalogue.ladder
                if row.in_force(on=on)
            ]
            found = hashlib.sha256(json.dumps([self.calendar.version, rows]).encode()).hexdigest()[:16]
            self._digests[on] = found
        return found

    def _level(self, step: LadderStep, due_on: date, time_zone: str) -> LadderLevel:
        # As with a deadline, the last day counts whole: nothing is late before it has ended.
        waited_until = deadlines.moved(due_on, step.offset_days, step.day_basis, self.calendar)
        return LadderLevel(
            level=step.level,
            code=step.code,
            act=step.act,
            by_role=step.by_role,
            sees=step.sees,
            last=step.last,
            reached_on=waited_until + timedelta(days=1),
            reached_at=next_day_starts(waited_until, time_zone),
        )

    def resumed(self, *, due_on: date, away_from: date, away_until: date, basis: str) -> date:
        """The due date moved by the days (of that basis) spent away."""
        return deadlines.shift(
            due_on,
            away_from=away_from,
            away_until=away_until,
            basis=basis,  # type: ignore[arg-type]  # read back from the stored rule
            calendar=self.calendar,
        )


def classified(violation: ViolationStated, finding: Mapping[str, Any], *, catalogue: Catalogue) -> Classified:
    """The class of one violation under that catalogue, as the file of that finding keeps it."""
    contest = violation.get("contest") or {}
    found = classification.classify(
        form=violation["form"],
        act_date=date.fromisoformat(violation["act_date"]),
        act_until=date.fromisoformat(until) if (until := violation.get("act_until")) else None,
        election=finding["election"],
        election_nexus=finding.get("election_nexus") or classification.RELATED,
        contest_office=contest.get("office"),
        region=contest.get("region"),
        catalogue=catalogue,
    )
    return {
        "annex_item": found.annex_item,
        "violation_class": found.violation_class,
        "class": classification.explained(found),
    }


def open_book(*, calendar_version: str | None = None) -> LawBook:
    """The law as it is loaded now; a known version of the calendar saves asking for the newest."""
    return LawBook(catalogue=load_catalogue(), calendar=load_calendar(calendar_version))


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of an instant in a time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def rule_of(due: deadlines.Due) -> dict[str, Any]:
    """How a deadline was computed, as the referral keeps it and the answer shows it."""
    return deadlines.kept(due)


def next_day_starts(day: date, time_zone: str) -> datetime:
    """The local midnight that ends a day, as an instant: the exclusive end of a deadline."""
    return deadlines.end_of_day(day, time_zone=time_zone)
