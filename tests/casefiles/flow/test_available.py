"""What is offered and what is allowed never disagree: asked of every party, at every step of every kind of journey.

`blocked_by: []` means that an act with a complete body passes at that moment; whatever is blocked is refused with the
reasons that were shown. Every act is tried and rolled back, as `validate_only` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from agencies.models import Agency
from casefiles import flow
from casefiles.catalogue.law import local_day, open_book
from casefiles.errors import InvalidGiven
from casefiles.flow import Refused, State, Transition
from casefiles.flow.finding import Clarification
from casefiles.flow.given import LighterReason, ReopenReason, TerminateReason
from casefiles.models import Casefile, CasefileGrant
from casefiles.transitions import duplicates, pair, perform
from casefiles.transitions.load import load
from tests.callers import as_owner
from tests.factories import (
    BKN,
    BOARD,
    KASN,
    NIP,
    OTHER_OFFICE,
    PADANG,
    PATHS,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    actor,
    at,
    casefile_at,
    document,
    given,
    known_subject,
    request,
    story,
    violation,
)

pytestmark = pytest.mark.usefixtures("db", "world")

S = State
HOME = "kemendagri"
LONG = timedelta(days=1)
SEKDA = {"subjects": (known_subject(position_roles=("regional_secretary",)),)}
NAMELESS_SEKDA = {
    "subjects": (replace(known_subject(position_roles=("regional_secretary",)), nip=None, employer=None),)
}

# --- complete bodies ------------------------------------------------------------------------------------------------

# A right value for each fact that `correct` may mend; the others follow their date.
VALUES = {
    "#/subject/name": "Nama Yang Benar",
    "#/finding/register_number": "099/TM/PW/Kota/03.01/X/2024",
    "#/violations/*/description": "Uraian yang benar.",
    "#/recommendation/letter/number": "R-99/2024",
    "#/sanction/decision/number": "SK.99",
}


def _bodies(told: Story, agency: str, name: str, now: datetime, twins: tuple[UUID, ...]) -> Iterator[Any]:
    """Complete bodies of that act, for whatever the file may need: the ordinary one first."""
    day = now.date()

    def owned(kind: str) -> UUID:
        return document(agency, kind, now=now)

    def body(**changed: Any) -> Any:
        return given(name, day=day, document=owned, **changed)

    facts = told.facts
    due = told.open.due_on if facts["turn"] else day
    choices: dict[str, list[dict[str, Any]]] = {
        "request-identity": [{}, {"employer": PEMPROV}, {"employer": HOME}],
        "identify": [{**told.officer}, {**told.officer, "employer": agency}],
        "recommend": [{}, {"addressee": HOME}],
        "accept": [{"not_duplicate_of": told.suspected_by(agency)}] if name == "accept" else [],
        "complete": [{"answers": _answers(facts)}] if facts.get("returned") else [{}],
        "transfer": [{}, {"employer": PEMKOT}, {"employer": HOME}],
        "reassign": [{}, {"office": "bawaslu-ri"}, {"office": PADANG, "kind": "delegated"}],
        "extend": [{"until": max(due, day) + timedelta(days=10)}],
        "measure": [{"addressed_to": code} for code in (PEMKOT, PEMPROV, facts["turn"] and facts["turn"]["agency"])],
        "merge": [{"into": twin} for twin in twins],
        "contest": [{"kind": kind} for kind in ("objection", "appeal", "lawsuit")],
        "close": [{}, {"conformity": "not_in_line_noted"}],
        "record-execution": [{}, {"form": "ceremony"}],
        "reopen": [{}, {"ground": ReopenReason(code="closure_error")}, {"ground": ReopenReason(code="ruling")}],
        "terminate": [{}, {"reason": TerminateReason(code="subject_deceased")}],
        "settle": [{}, {"ruling": "withdrawn", "sanction": None, "delivery": None}],
        "correct": [
            {"fact": fact, "value": value, "violation": 1 if "*" in fact else None} for fact, value in _values(facts)
        ],
    }
    for changed in choices.get(name, [{}]):
        yield body(**changed)


def _answers(facts: dict[str, Any]) -> Any:
    (answer,) = given("complete").answers
    return tuple(replace(answer, item=item["number"]) for item in facts["returned"]["items"])


def _values(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from VALUES.items()
    if facts.get("received_on"):
        yield "#/received_on", (date.fromisoformat(facts["received_on"]) + timedelta(days=1)).isoformat()


# --- what is offered, and what comes of it --------------------------------------------------------------------------


def _offered(told: Story, agency: str, now: datetime) -> tuple[tuple[Transition, tuple[flow.Refusal, ...]], ...]:
    """What `available` shows to that agency, made as the casefile is shown."""
    who = actor(agency)
    loaded = load(told.casefile, actor=who.agency_id, today=local_day(now, who.time_zone))
    law = open_book(calendar_version=loaded.context.calendar_version)
    candidates = duplicates.candidates(who, casefile=loaded.id, facts=loaded.facts)
    case = pair.shown(loaded, candidates, actor=who, law=law, now=now)
    return flow.available_to(case, case.acts_as)


def _comes_of(told: Story, agency: str, name: str, body: Any, now: datetime) -> frozenset[str]:
    """The codes with which that act is refused at that moment; none where it passes. Nothing is kept."""
    with transaction.atomic():
        try:
            perform.perform(
                actor=actor(agency),
                casefile=told.casefile,
                name=name,
                given=body,
                occurred_at=None,
                now=now,
                request=request(),
            )
        except Refused as refused:
            return frozenset(reason.code for reason in refused.reasons)
        except InvalidGiven as invalid:
            return frozenset(fault.code for fault in invalid.faults)
        finally:
            transaction.set_rollback(True)
    return frozenset()


@dataclass
class Watch:
    """Asks at every step; a situation that was asked before is not asked again."""

    twins: tuple[UUID, ...]
    asked: set[tuple[Any, ...]] = field(default_factory=set)
    rows: set[tuple[str, bool]] = field(default_factory=set)

    def look(self, told: Story, *, now: datetime | None = None) -> None:
        """Hold what is offered to each party against what comes of it."""
        moment = now or at(told.day + LONG, 8)
        live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry=None)
        # What is tried is rolled back, so that the file stays as it is.
        facts, stored = told.facts, told.row
        for agency in sorted(live.values_list("agency__code", flat=True)):
            for row, reasons in _offered(told, agency, moment):
                blocked = frozenset(reason.code for reason in reasons)
                if self._is_new(facts, stored, agency, row.name, blocked):
                    self._agree(told, agency, row.name, blocked, moment)

    def _is_new(self, facts: Any, row: Casefile, agency: str, name: str, blocked: frozenset[str]) -> bool:
        sanction = facts.get("sanction") or {}
        contests = tuple(one["kind"] for one in facts.get("contests", ()))
        situation = (
            agency, name, blocked, row.state, row.came_from, row.outcome, row.mandate_id, facts["data_block"],
            facts["subject"].get("identified"), tuple(facts["subject"].get("position_roles") or ()),
            facts["employer"], facts["addressee"], sanction.get("sanction"), sanction.get("delivered_on") is None,
            sanction.get("comparison"), contests, bool(facts.get("served")), facts["overdue_level"] > 0,
        )  # fmt: skip
        if situation in self.asked:
            return False
        self.asked.add(situation)
        self.rows.add((name, not blocked))
        return True

    def _agree(self, told: Story, agency: str, name: str, blocked: frozenset[str], now: datetime) -> None:
        came = []
        with transaction.atomic():  # the documents that the bodies name are not kept either
            for body in _bodies(told, agency, name, now, self.twins):
                came.append(_comes_of(told, agency, name, body, now))
                if not came[-1]:
                    break
            transaction.set_rollback(True)
        if not came:
            return  # there is no casefile that a merge could name
        where = f"{name} by {agency} in {told.row.state} after {told.walked}: shown {set(blocked)}, came {came}"
        if not blocked:
            assert came[-1] == frozenset(), where
        else:
            assert all(came), where
            assert any(blocked <= codes for codes in came), where


# --- the journeys ---------------------------------------------------------------------------------------------------

FAR = PATHS[S.AWAITING_SANCTION]
# Each a path through the flow, and what is changed about the finding or about single acts.
WALKS: tuple[tuple[tuple[str | tuple[str, dict[str, Any]], ...], dict[str, Any]], ...] = (
    (PATHS[S.CLOSED], {}),
    (("return", "complete", "request-identity", "disown", "identify", "reject", "reopen", "withdraw"), {}),
    ((*PATHS[S.UNDER_EXAMINATION], "return", "recall", "clear"), {}),
    ((*PATHS[S.RECOMMENDED], "dispute", "uphold", "serve", "dispute", "retract"), {}),
    ((*FAR, ("transfer", {"by": BKN}), ("note", {"by": PEMPROV, "code": "other"})), {}),
    ((*FAR, "block-data", "extend", ("terminate", {"reason": TerminateReason(code="retired")}), "unblock-data"), {}),
    (
        (
            *FAR, "report-sanction", "require-correction", "report-sanction", "record-delivery", "contest", "settle",
            ("contest", {"kind": "lawsuit"}), "settle", "record-execution", "close",
        ),
        {},
    ),
    ((*FAR, "report-sanction", "record-delivery", "contest", "annul"), {}),
    (
        (
            *FAR, ("report-sanction", {"sanction": "dismissal_honourable_not_own_request"}), "record-delivery",
            ("contest", {"kind": "appeal", "by": BOARD}), ("settle", {"by": BOARD}), "close",
        ),
        {},
    ),
    ((*FAR, ("report-sanction", {"sanction": "moral_open", "reason": LighterReason(code="mitigating")})), {}),
    (("accept", "recommend"), SEKDA),
    ((("request-identity", {"employer": HOME}),), NAMELESS_SEKDA),
    ((*PATHS[S.RETURNED], "reassign"), {}),
)  # fmt: skip


def _walk(watch: Watch, steps: tuple[Any, ...], finding: dict[str, Any]) -> Story:
    told = story(**finding)
    watch.look(told)
    for step in steps:
        name, changed = step if isinstance(step, tuple) else (step, {})
        if told.submitter != told.row.submitter.code:
            told.submitter = told.row.submitter.code
        told.do(name, **changed)
        watch.look(told)
    return told


def test_what_is_offered_passes_and_what_is_blocked_is_refused_for_those_reasons() -> None:
    twins = tuple(casefile_at(state).casefile for state in (S.AWAITING_SANCTION, S.SUBMITTED))
    watch = Watch(twins)
    for steps, finding in WALKS:
        _walk(watch, steps, finding)
    late = casefile_at(S.AWAITING_SANCTION)
    watch.look(late, now=at(late.open.due_on + timedelta(days=60)))

    routed = {row.name for row in flow.FLOW if row.routed and not row.creates}
    assert {name for name, passes in watch.rows if passes} >= routed - {"unmerge"}, "each was offered somewhere"


def test_what_was_merged_is_parted_where_that_is_offered() -> None:
    into = casefile_at(S.UNDER_EXAMINATION)
    watch = Watch((into.casefile,))
    told = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    watch.look(told)
    told.do("merge", into=into.casefile, on=into.day + LONG)
    watch.look(told)
    watch.look(told, now=at(told.day + timedelta(days=40)))
    further = casefile_at(S.RECOMMENDED)
    into.do("merge", into=further.casefile, on=max(told.day, further.day) + LONG)
    told.day = into.day
    watch.look(told)
    assert ("unmerge", True) in watch.rows
    assert ("unmerge", False) in watch.rows


def test_a_merge_is_offered_only_where_a_casefile_of_the_same_officer_may_take_this_one_in() -> None:
    other = casefile_at(S.UNDER_EXAMINATION, officer={"nip": "198502022010012002", "name": "Orang Lain"})
    told = casefile_at(S.UNDER_EXAMINATION)
    now = at(told.day + LONG, 8)

    def shown() -> list[str]:
        (reasons,) = [reasons for row, reasons in _offered(told, BKN, now) if row.name == "merge"]
        return [reason.code for reason in reasons]

    assert shown() == ["another-subject"]
    assert _comes_of(told, BKN, "merge", given("merge", into=other.casefile), now) == {"another-subject"}
    behind = casefile_at(S.SUBMITTED, subjects=(known_subject(),))
    assert shown() == ["target-behind"]
    assert _comes_of(told, BKN, "merge", given("merge", into=behind.casefile), now) == {"target-behind"}
    further = casefile_at(S.RECOMMENDED)
    assert shown() == []
    later = at(further.day + LONG, 8)
    assert _comes_of(told, BKN, "merge", given("merge", into=further.casefile), later) == frozenset()


def _place(office: str, *, above: bool, below: bool, in_force: bool, day: date) -> None:
    """Stand that office under its province, or over its neighbour, or alone; all other offices in force or not."""
    with as_owner(), connection.cursor() as cursor:
        for code, parent in ((office, PROVINCE if above else None), (OTHER_OFFICE, office if below else None)):
            cursor.execute(
                "UPDATE agencies_agency SET parent_id = (SELECT id FROM agencies_agency WHERE code = %s)"
                " WHERE code = %s",
                [parent, code],
            )
        cursor.execute(
            "UPDATE agencies_agency SET valid_until = %s WHERE roles && ARRAY['election_supervisor']::varchar[]"
            " AND code <> %s",
            [None if in_force else day, office],
        )


@pytest.mark.usefixtures("transactional_db")
def test_a_case_is_handed_on_only_where_an_office_stands_above_or_below() -> None:
    told = casefile_at(S.SUBMITTED)
    now = at(told.day + LONG, 8)
    offices = Agency.objects.filter(roles__contains=["election_supervisor"]).exclude(code=PADANG)
    bodies = [
        given("reassign", office=code, kind=kind)
        for code in offices.values_list("code", flat=True)
        for kind in ("taken_over", "delegated")
    ]
    for above, below, in_force, passes in (
        (False, False, True, False),
        (True, False, True, True),
        (False, True, True, True),
        (True, True, False, False),
    ):
        _place(PADANG, above=above, below=below, in_force=in_force, day=now.date())
        (reasons,) = [reasons for row, reasons in _offered(told, PADANG, now) if row.name == "reassign"]
        assert [reason.code for reason in reasons] == ([] if passes else ["office-not-above"]), (above, below)
        came = [_comes_of(told, PADANG, "reassign", body, now) for body in bodies]
        assert any(not codes for codes in came) is passes, (above, below, came)
        assert passes or any("office-not-above" in codes for codes in came)


def test_nothing_is_offered_to_an_examiner_whose_mandate_has_ended() -> None:
    august: dict[str, Any] = {
        "occurred_at": at(date(2024, 8, 5)),
        "known_on": date(2024, 8, 1),
        "registered_on": date(2024, 8, 2),
        "clarification": Clarification(held=True, held_on=date(2024, 8, 3)),
        "violations": (violation(act_date=date(2024, 7, 29)),),
    }
    told = story(examiner=KASN, subjects=(known_subject(nip=NIP),), **august)
    watch = Watch(())
    for step in ("return", "complete", "accept"):
        watch.look(told, now=at(date(2024, 9, 4)))
        told.do(step)
    offered = _offered(told, KASN, at(date(2024, 9, 4)))
    assert offered
    assert all("mandate-not-in-force" in {reason.code for reason in reasons} for _, reasons in offered)
