"""Rows of past cases that are not in the register yet: judged in memory, then stored, inside the caller's transaction.

Rows that are the first of their register number go together: what bears on them is brought in two statements, each
row is judged from its finding to its last act without the database, and what stands is stored step by step for all.
So a row that is refused has stored nothing, and nothing has to be taken back for it. A further officer of a finding
that is there goes alone, within a savepoint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from agencies.actor import Actor
from audit.requests import RequestFacts
from casefiles import references
from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.errors import CasefileError, Fault, InvalidGiven
from casefiles.flow import DocumentView, Refused, WrongParty, WrongState
from casefiles.flow.finding import FindingGiven
from casefiles.intake import findings
from casefiles.intake.finding_steps import drawn
from casefiles.intake.findings import Judged
from casefiles.intake.surroundings import Surroundings, bring, wanted_by_many
from casefiles.operations import past_refusals
from casefiles.operations.past_cases import PastCase
from casefiles.operations.past_walks import Planned, finding_of, is_same_act, planned, subject_of
from casefiles.transitions.load import Mentioned
from casefiles.transitions.load_many import Bearing, Shared, brought
from casefiles.transitions.perform import Past, PastRefused, walked, write_walks
from casefiles.transitions.step import ROLES_BROUGHT
from casefiles.transitions.values import Act, Step

REFUSALS = (CasefileError, Refused, WrongState, WrongParty)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list and its line."""

    line: int
    case: PastCase


class Taking:
    """What one transaction takes in. `numbers` are the casefiles' by line, `refused` the faults of rows that are not.

    `spare` are numbers of casefiles that were drawn and are not given yet; it is changed.
    """

    def __init__(
        self,
        actor: Actor,
        papers: Mapping[str, DocumentView],
        *,
        now: datetime,
        request: RequestFacts,
        spare: list[str],
    ) -> None:
        self._actor, self._papers, self._now, self._request, self._spare = actor, papers, now, request, spare
        self._documents = {paper.id: paper for paper in papers.values()}
        self.numbers: dict[int, str] = {}
        self.refused: dict[int, tuple[Fault, ...]] = {}

    def take_together(self, rows: Sequence[Row]) -> None:
        """Take in rows of different register numbers, none of which is in the register."""
        if not rows:
            return
        given = {row: self._finding(row) for row in rows}
        around = self._around(given.values())
        shared = self._brought(around)
        # One book for all: rows of a list are of the same weeks, and so are their deadlines.
        law = open_book(calendar_version=around.calendar_version)
        self._draw(len(rows))
        walks: dict[Row, tuple[Judged, tuple[Step, ...]]] = {}
        for row, finding in given.items():
            with self._refusing(row):
                judged = findings.judged(self._submits(finding), finding, around=around, spare=self._spare)
                walks[row] = judged, self._walked(row, judged.steps[-1], shared, law)
        stored = findings.store_many([judged for judged, _ in walks.values()])
        came = {row: steps for row, (judged, steps) in walks.items() if judged.row["id"] in stored}
        self.refused |= {row.line: (past_refusals.NUMBER_TAKEN,) for row in walks.keys() - came.keys()}
        write_walks(came.values())
        self.numbers |= {row.line: steps[0].columns.number for row, steps in came.items()}

    def take_alone(self, row: Row, finding: tuple[UUID, Mapping[str, Any]] | None) -> None:
        """Take in a row beside others of its number: a further officer of that finding, given with its content.

        None where the rows before it were refused: then it is the first.
        """
        if finding is None:
            self.take_together([row])
            return
        ident, content = finding
        self._draw(1)
        with self._refusing(row), transaction.atomic():
            if not is_same_act(row.case, content.get("violations", [])):
                raise InvalidGiven((past_refusals.OTHER_ACT,))
            taken = findings.add_subjects(
                actor=self._actor,
                finding=ident,
                given=subject_of(row.case, time_zone=self._actor.time_zone),
                now=self._now,
                request=self._request,
                told=True,
                spare=self._spare,
            )
            first = taken.steps[-1]
            around = self._around([self._finding(row)])
            law = open_book(calendar_version=around.calendar_version)
            write_walks([self._walked(row, first, self._brought(around), law)[1:]])
            self.numbers[row.line] = first.columns.number

    @contextmanager
    def _refusing(self, row: Row) -> Iterator[None]:
        """What is refused is told of the row; the number that it was to have goes to the next."""
        numbers = list(self._spare)
        try:
            yield
        except PastRefused as refused:
            told = past_refusals.told(refused.why, self._planned(row)[refused.place])
        except REFUSALS as why:
            told = past_refusals.told(why, None)
        else:
            return
        self.refused[row.line] = told
        self._spare[:] = numbers

    def _finding(self, row: Row) -> FindingGiven:
        assessment = UUID(self._papers["assessment"].id)
        return finding_of(row.case, assessment=assessment, time_zone=self._actor.time_zone)

    def _submits(self, given: FindingGiven) -> Act:
        return findings.submits(given, actor=self._actor, now=self._now, request=self._request, told=True)

    def _planned(self, row: Row) -> tuple[Planned, ...]:
        return planned(row.case, decision=UUID(self._papers["decision"].id), time_zone=self._actor.time_zone)

    def _walked(self, row: Row, first: Step, shared: Shared, law: LawBook) -> tuple[Step, ...]:
        return walked(
            first,
            [Past(act.name, act.party, act.body) for act in self._planned(row)],
            shared=shared,
            documents=self._documents,
            law=law,
        )

    def _draw(self, count: int) -> None:
        """Have that many numbers at hand; who only tries needs none."""
        if not self._request.only_tries:
            year = self._now.astimezone(ZoneInfo("Asia/Jakarta")).year
            self._spare += drawn(count - len(self._spare), year=year)

    def _around(self, given: Collection[FindingGiven]) -> Surroundings:
        codes = {code for one in given for _, code in references.agencies(one)}
        return bring(
            wanted_by_many(
                offices={one.origin_office for one in given},
                codes=codes | {self._actor.agency_code},
                documents=[UUID(self._papers["assessment"].id)],
            )
        )

    def _brought(self, around: Surroundings) -> Shared:
        """What bears on the casefiles that are made in those surroundings."""
        agencies = {agency["pk"] for agency in around.agencies.values()}
        bearing = Bearing(submitters=agencies, parties=agencies, mandates={one.pk for one in around.mandates})
        today = local_day(self._now, self._actor.time_zone)
        return brought(bearing, actor=self._actor.agency_id, today=today, mentioned=Mentioned(roles=ROLES_BROUGHT))
