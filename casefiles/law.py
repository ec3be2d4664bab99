"""The catalogue and the calendar as the flow asks them: one `LawBook` per request, bound to one version of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agencies.calendar import Calendar
from agencies.calendar import load as load_calendar
from casefiles import classification, deadlines
from casefiles.catalogue import Catalogue, UnknownCode
from casefiles.catalogue import load as load_catalogue
from casefiles.catalogue_rows import LadderStep
from casefiles.flow import ReferralView, Rung


@dataclass(frozen=True, slots=True)
class LawBook:
    """Answers the questions of `casefiles.flow.grammar.Law`, and counts deadlines."""

    catalogue: Catalogue
    calendar: Calendar

    def has_code(self, list_name: str, code: str) -> bool:
        """Whether that list of the catalogue holds that code."""
        return self.catalogue.has(list_name, code)

    def classify(self, violation: Mapping[str, Any], election: str) -> dict[str, Any]:
        """Class, annex item, legal basis, certainty and reasoning of one violation as the file holds it."""
        contest = violation.get("contest") or {}
        found = classification.classify(
            form=violation["form"],
            act_date=date.fromisoformat(violation["act_date"]),
            act_until=date.fromisoformat(violation["act_until"]) if violation.get("act_until") else None,
            election=election,
            contest_office=contest.get("office"),
            region=contest.get("region"),
            catalogue=self.catalogue,
        )
        return {
            "annex_item": found.annex_item,
            "violation_class": str(found.violation_class),
            "class": {
                "level": found.level,
                "edition": found.edition,
                "rule_version": found.rule_version,
                "legal_basis": found.legal_basis,
                "certainty": str(found.certainty),
                "designation_on": found.designation_on.isoformat() if found.designation_on else None,
                "designation_pending": found.designation_pending,
                "reasoning_id": found.reasoning_id,
                "reasoning_en": found.reasoning_en,
            },
        }

    def compare(self, recommended: str, imposed: str) -> str:
        """`equal`, `lighter`, `heavier` or `different_kind`."""
        return str(classification.compare(recommended, imposed, self.catalogue))

    def fits_employment(self, sanction: str, employment_kind: str, on: date) -> bool:
        """Whether that sanction (or a sanction of that level) exists for that kind of employment on that day."""
        return classification.fits_employment(sanction, employment_kind, on, self.catalogue)

    def sanction(self, code: str) -> dict[str, Any]:
        """Family, level, rank, effect and remedy of a sanction; empty where the code is a level."""
        try:
            return dataclasses.asdict(self.catalogue.sanction(code))
        except UnknownCode:
            return {}

    def contest_ends(self, sanction: str, received_on: date, decided_on: date) -> date | None:
        """Last day for the sanction's remedy: an objection runs from receipt, an appeal from the decision."""
        remedy = self.sanction(sanction).get("remedy", "none")
        if remedy == "none":
            return None
        start = decided_on if remedy == "appeal" else received_on
        return self.due(rule=remedy, start=start, time_zone="Asia/Jakarta", mandate=None).due_on

    def effective_on(self, sanction: str, received_on: date) -> date | None:
        """The day of effect where the sanction's rule gives one from the receipt."""
        effect = self.sanction(sanction).get("effect")
        if effect is None:
            return None
        return deadlines.effective_on(
            effect, delivered_on=received_on, executed_on=None, stated_on=None, calendar=self.calendar
        )

    def due(self, *, rule: str, start: date, time_zone: str, mandate: str | None) -> deadlines.Due:
        """The deadline of that rule or purpose for a clock that starts after `start`."""
        row = self.catalogue.deadline_rule(rule, on=start, mandate=mandate)
        return deadlines.due(rule=row, start=start, calendar=self.calendar, time_zone=time_zone)

    def counted(self, rule: str, *, start: date, time_zone: str, mandate: str | None) -> tuple[date, dict[str, Any]]:
        """The due day of that rule for a clock that starts after `start`, and how it came about."""
        due = self.due(rule=rule, start=start, time_zone=time_zone, mandate=mandate)
        return due.due_on, rule_of(due)

    def extended(self, rule: Mapping[str, Any], *, until: date, days: int, reason: str) -> dict[str, Any]:
        """How a due day came about once the examiner has granted time until that day."""
        granted = {"until": until.isoformat(), "days": days, "reason": reason}
        return {**rule, "pauses": [*rule.get("pauses", ()), granted]}

    def recounted(self, referral: ReferralView) -> tuple[date, dict[str, Any]]:
        """The due day of an open referral under this calendar; never earlier than what the examiner granted."""
        rule = dict(referral.rule)
        due_on = deadlines.moved(referral.clock_from, rule["days"], rule["day_basis"], self.calendar)
        granted = [date.fromisoformat(pause["until"]) for pause in rule.get("pauses", ())]
        return max([due_on, *granted]), {**rule, "calendar_version": self.calendar.version}

    def ladder(self, referral: ReferralView, *, regional: bool, mandate: str | None, on: date) -> tuple[Rung, ...]:
        """The levels that follow for whoever holds that referral, lowest first, as in force on that day."""
        steps = self.ladder_steps(referral.party, referral.purpose, regional=regional, mandate=mandate, on=on)
        return tuple(self._rung(step, referral.due_on, referral.time_zone) for step in steps)

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

    def _rung(self, step: LadderStep, due_on: date, time_zone: str) -> Rung:
        # As with a deadline, the last day counts whole: nothing is late before it has ended.
        waited_until = deadlines.moved(due_on, step.offset_days, step.day_basis, self.calendar)
        return Rung(
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


def open_book(*, calendar_version: str | None = None) -> LawBook:
    """The law as it is loaded now; a known version of the calendar saves asking for the newest."""
    return LawBook(catalogue=load_catalogue(), calendar=load_calendar(calendar_version))


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of an instant in a time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def rule_of(due: deadlines.Due) -> dict[str, Any]:
    """How a deadline was computed, as the referral keeps it and the answer shows it."""
    return {
        "code": due.rule,
        "days": due.days,
        "day_basis": str(due.day_basis),
        "source": due.source,
        "legal_basis": due.legal_basis,
        "certainty": str(due.certainty),
        "calendar_version": due.calendar_version,
        "explanation_id": due.explanation_id,
        "explanation_en": due.explanation_en,
    }


def next_day_starts(day: date, time_zone: str) -> datetime:
    """The local midnight that ends a day, as an instant: the exclusive end of a deadline."""
    return deadlines.end_of_day(day, time_zone=time_zone)
