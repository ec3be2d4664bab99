"""The acts that several routes perform: a finding forwarded, a transition; each with its answer.

A view, or a line of a batch, hands over its request and the body as it was read, or the problem with it. `beside` makes
what is stored by the act's own statement, of what the act led to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

from django.http import HttpResponse

from agencies import queries as directory
from api.http import problems
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.language import Language
from api.http.problems import Problem
from api.http.view import DoorRequest
from api.v1 import presenting
from api.v1.casefile_answers import names_of, present, reading, shown_casefile
from casefiles import register_number
from casefiles.catalogue import places
from casefiles.flow import Transition, WrongParty, WrongState
from casefiles.flow.finding import FindingGiven
from casefiles.intake import findings
from casefiles.intake.findings import TakenIn
from casefiles.intake.surroundings import Surroundings
from casefiles.queries import Sight
from casefiles.sight.findings import visible_findings
from casefiles.transitions import perform
from casefiles.transitions.decide import Performed
from casefiles.transitions.taking import sight_and_lock
from casefiles.transitions.unit import Part, Unit

Beside: TypeAlias = Callable[[Answer], Part]


def _with(answer: Answer, beside: Beside | None) -> Answer:
    return answer if beside is None else replace(answer, beside=beside(answer))


# -- a finding --------------------------------------------------------------------------------------------------------


def forward(request: DoorRequest, given: FindingGiven | Problem, *, beside: Beside | None = None) -> HttpResponse:
    """Take in a finding: n subjects make n casefiles, all or nothing."""

    def act(unit: Unit, around: Surroundings | None) -> Answer:
        if isinstance(given, Problem):
            raise given
        taken = findings.submit(
            actor=request.actor,
            given=given,
            now=request.now,
            request=request_facts(request),
            unit=unit,
            around=around,
        )
        return _with(created(taken, language=request.language), beside)

    first = None if isinstance(given, Problem) else findings.asks(request.actor, given)
    return once(request, act, sight=owner_seen(lambda: visible_findings(request.actor)), first=first)


def created(taken: TakenIn, *, language: Language) -> Answer:
    """The 201 of a finding, or of officers added to one."""
    first = taken.steps[0].facts
    agencies = dict(taken.names)
    warnings = [
        *finding_warnings(taken.content, language=language),
        *({"code": item["code"], "pointer": item["pointer"], "detail": item[language]} for item in taken.warnings),
        *(
            {
                "code": item["code"],
                "pointer": f"#/casefiles/{index}{item['pointer'].removeprefix('#')}",
                "detail": item[language],
            }
            for index, step in enumerate(taken.steps)
            for item in step.facts["warnings"]
            # The number is the finding's: it is doubted once, not in every casefile.
            if item["code"] != register_number.CODE
        ),
    ]
    return Answer(
        data={
            "id": str(taken.finding),
            "version": taken.version,
            **forwarded(taken.content, agencies),
            "casefiles": [presenting.made(step) for step in taken.steps],
            "warnings": warnings,
        },
        owner=Owner("finding", taken.finding),
        status=201,
        version=taken.version,
        location=f"{presenting.API}/findings/{taken.finding}",
        warnings=warnings,
        would=presenting.would(first, names=agencies),
    )


def names_in(content: Any) -> dict[str, str]:
    """The names of the agencies that a finding names, by code."""
    employers = {subject["employer"] for subject in content["subjects"]}
    codes = {content["origin_office"], *employers} - {None}
    return directory.names(codes)


def finding_warnings(content: Mapping[str, Any], *, language: Language) -> list[dict[str, Any]]:
    """What is doubtful about the finding itself: its number, and the place of whoever found it."""
    found_by = content.get("found_by") or {}
    return [
        {"code": item["code"], "pointer": item["pointer"], "detail": item[language]}
        for item in (
            *register_number.warnings(content, pointer="#/register_number"),
            *places.not_listed(found_by.get("region"), pointer="#/found_by/region"),
        )
    ]


def forwarded(content: Any, names: dict[str, str]) -> dict[str, Any]:
    """What was forwarded, its agencies with their names and its register number taken apart."""
    return {
        **content,
        "register": register_number.shown(content["register_number"]),
        "origin_office": presenting.named(content["origin_office"], names),
        "subjects": [
            {**subject, "employer": presenting.named(subject["employer"], names)} for subject in content["subjects"]
        ],
    }


# -- a transition -----------------------------------------------------------------------------------------------------


def transition(
    request: DoorRequest, row: Transition, casefile: UUID, given: Any, *, beside: Beside | None = None
) -> HttpResponse:
    """Check sight, take the key, perform, and answer with the casefile after it and the receipt."""
    faulty = isinstance(given, Problem)
    # Its row is locked with the look, but not for a body that is refused, nor before others that it goes with.
    locks = not faulty and perform.locks_alone(row.name, given)

    def sight(owner: Owner | None) -> Sight:
        return reading(request, casefile)

    def act(unit: Unit, seen: tuple[Sight | None, bool] | None) -> Answer:
        found, held = seen or (None, False)
        if found is None:
            raise Problem("not-found")
        if faulty:
            raise given
        if found.is_former:
            # It can read the file, so the file is there; but it takes no part, whatever the columns say now.
            raise WrongParty(row.name, row.by)
        if held:
            unit.held = frozenset({casefile})
        try:
            done = perform.undertake(
                unit,
                actor=request.actor,
                casefile=casefile,
                name=row.name,
                given=given,
                occurred_at=given.occurred_at,
                now=request.now,
                request=request_facts(request),
                expected_version=request.expected_version,
            )
        except WrongState as refused:
            raise _with_available(refused, request, casefile) from refused
        return _with(answered(request, casefile, done), beside)

    first = sight_and_lock(request.actor, casefile, locks=locks)
    return once(request, act, sight=sight, first=first)


def _with_available(refused: WrongState, request: DoorRequest, casefile: UUID) -> Problem:
    """The problem `wrong-state`, saying also what this party may do instead."""
    problem = problems.from_exception(refused)
    problem.members = {**problem.members, "available": shown_casefile(request, casefile)["available"]}
    return problem


def answered(request: DoorRequest, casefile: UUID, done: Performed) -> Answer:
    """The casefile after the transition, with its receipt; only id, number and version where the act ended sight."""
    receipt = presenting.receipt(done.sealed, casefile=casefile)
    would = presenting.would(done.facts, names=names_of(done.after))
    if not done.actor_keeps_sight:
        data: dict[str, Any] = {"id": str(casefile), "number": done.after.columns.number, "version": done.version}
        return Answer(
            data={**data, "receipt": receipt},
            owner=Owner("casefile", casefile),
            version=done.version,
            parting=True,
            would=would,
        )
    shown = present(request, done.after, law=done.law, beside=done.beside)
    return Answer(
        data={**shown, "receipt": receipt},
        owner=Owner("casefile", casefile),
        version=done.version,
        would=would,
        warnings=shown["warnings"],
    )
