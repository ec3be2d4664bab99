"""Which stage of an election a day falls into, for one contest. Pure: catalogue and days in, frozen values out.

A file stores the stage at the act and the stage at submission; they say who could do what. Before the first stage of
a contest Bawaslu has nothing to clarify, it forwards (PKS of 31 January 2023; practice of 2023 and 2024).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.rows import StagePeriod
from casefiles.file import Contest, Stage, Violation, ViolationStated, Warned
from casefiles.shapes import Certainty

PRE_STAGE, POST_STAGE = "pre_stage", "post_stage"
BEFORE_THE_STAGE = "act-before-stage"
# Runs beside the other stages of a contest and is named only where none of them is.
BESIDE = "voter_data"
# Rows that a source bears out. What is from memory, or only proposed, refuses nobody's finding.
_FOUNDED: frozenset[Certainty] = frozenset({"seen", "code"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNow:
    """The stage of a day, since when, on which decree, how well founded.

    On a day in a gap it is the last stage begun, marked `between`. `stage` is None where the catalogue knows no stage
    of that contest. `pre_stage` rests on the first stage to come (`since` is None, or the day on which preparations
    began), `post_stage` on the last one (`since` is the day on which it was over). `decree` is None where its number
    is not recorded; `legal_basis` is what scheduled the days.
    """

    stage: str | None
    between: bool
    since: dt.date | None
    decree: str | None
    legal_basis: str | None
    certainty: Certainty | None

    @property
    def is_before(self) -> bool:
        """Whether no stage of the contest had begun."""
        return self.stage == PRE_STAGE

    @property
    def has_begun(self) -> bool:
        """Whether some stage of the contest had begun, as far as the catalogue knows it."""
        return self.stage is not None and not self.is_before

    @property
    def is_founded(self) -> bool:
        """Whether a source bears the row out on which this rests."""
        return self.certainty in _FOUNDED


_UNKNOWN = StageNow(stage=None, between=False, since=None, decree=None, legal_basis=None, certainty=None)


def stage_on(
    election: str | None, office: str | None, region: str | None, day: dt.date, catalogue: Catalogue
) -> StageNow:
    """The stage of that contest on that day; without an office (or `none`) of the election as a whole.

    Where stages overlap the one begun last counts, except that voter data give way to any other. A region's own row
    of a stage goes before its province's, that before the whole country's.
    """
    rows = sorted(_rows(election, office, region, catalogue), key=_begins)
    own = _of_the_day([row for row in rows if row.stage != BESIDE], day)
    beside = [row for row in rows if row.stage == BESIDE and row.in_force(on=day)]
    begun_since = own.between and any(own.since is None or _begins(row) > own.since for row in beside)
    return own if own.has_begun and not begun_since else _of_the_day(rows, day)


def _of_the_day(rows: list[StagePeriod], day: dt.date) -> StageNow:
    """The stage of that day by these rows, which are in the order in which they begin."""
    if not rows:
        return _UNKNOWN
    begun = [row for row in rows if _begins(row) <= day]
    to_come = next((row for row in rows if row.stage != PRE_STAGE and _begins(row) > day), rows[0])
    if not begun:
        return _now(PRE_STAGE, to_come, since=None)
    running = [row for row in begun if row.in_force(on=day)]
    if running:
        latest = running[-1]
        # Whether a day lies before the first stage rests on that stage, not on where preparations are cut off.
        rests_on = to_come if latest.stage == PRE_STAGE else latest
        return _now(latest.stage, rests_on, since=latest.valid_from)
    if len(begun) < len(rows):
        return _now(begun[-1].stage, begun[-1], since=begun[-1].valid_from, between=True)
    last = max(rows, key=_ends)
    return _now(POST_STAGE, last, since=last.valid_until)


def at_act(violation: ViolationStated, finding: Mapping[str, Any], catalogue: Catalogue) -> StageNow | None:
    """The stage on the first day of a violation as the file holds it; None where it is not related to the election."""
    if not _is_related(finding):
        return None
    return of_contest(
        violation.get("contest"), finding["election"], dt.date.fromisoformat(violation["act_date"]), catalogue
    )


def warnings(violations: Iterable[Violation]) -> list[Warned]:
    """Acts from before the first stage of their contest, by the stage that each violation of a file holds.

    Nothing is flagged where the finding was forwarded as one from before the stage; the caller knows.
    """
    return [
        {
            "code": BEFORE_THE_STAGE,
            "pointer": f"#/violations/{index}/act_date",
            "id": "Perbuatan terjadi sebelum tahapan pertama pemilihan itu menurut katalog.",
            "en": "By the catalogue the act lies before the first stage of that contest.",
        }
        for index, violation in enumerate(violations)
        if (violation.get("stage_at_act") or {}).get("stage") == PRE_STAGE
    ]


def at_submission(
    violations: Iterable[ViolationStated], finding: Mapping[str, Any], day: dt.date, catalogue: Catalogue
) -> StageNow | None:
    """The stage on the day of forwarding: of the one contest of these violations, else of the election as a whole."""
    if not _is_related(finding):
        return None
    contests = [violation.get("contest") for violation in violations]
    common = contests[0] if all(contest == contests[0] for contest in contests) else None
    return of_contest(common, finding["election"], day, catalogue)


def of_contest(contest: Contest | None, election: str | None, day: dt.date, catalogue: Catalogue) -> StageNow:
    """The stage of a contest as the file holds it."""
    named = contest or {}
    return stage_on(election, named.get("office"), named.get("region"), day, catalogue)


def plain(stage: StageNow | None) -> Stage | None:
    """A stage as the file keeps it."""
    if stage is None:
        return None
    return {
        "stage": stage.stage,
        "between": stage.between,
        "since": stage.since.isoformat() if stage.since else None,
        "decree": stage.decree,
        "legal_basis": stage.legal_basis,
        "certainty": stage.certainty,
    }


def _is_related(finding: Mapping[str, Any]) -> bool:
    return bool(finding.get("election_nexus", "election_related") == "election_related")


def _rows(election: str | None, office: str | None, region: str | None, catalogue: Catalogue) -> list[StagePeriod]:
    """The rows that hold for the contest: of each stage those of the narrowest place that has any."""
    wanted = None if office == "none" else office
    places = (region, region.partition(".")[0], None) if region else (None,)
    of_stage: dict[str, dict[str | None, list[StagePeriod]]] = {}
    for row in catalogue.stages:
        if row.election == election and (wanted is None or not row.offices or wanted in row.offices):
            of_stage.setdefault(row.stage, {}).setdefault(row.region, []).append(row)
    return [
        row
        for by_place in of_stage.values()
        for row in by_place.get(next((place for place in places if place in by_place), None), ())
    ]


def _now(stage: str, row: StagePeriod, *, since: dt.date | None, between: bool = False) -> StageNow:
    return StageNow(
        stage=stage,
        between=between,
        since=since,
        decree=row.decree,
        legal_basis=row.legal_basis,
        certainty=row.certainty,
    )


def _begins(row: StagePeriod) -> dt.date:
    return row.valid_from or dt.date.min


def _ends(row: StagePeriod) -> dt.date:
    return row.valid_until or dt.date.max
