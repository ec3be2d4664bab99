"""One casefile before an act: what may be done now, what stands in the way, which papers there are.

Reading it is recorded, by the statement that shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import Http404

from agencies import queries
from casefiles import flow
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import local_day, open_book
from casefiles.file import CaseFile
from casefiles.flow import CaseView, Refusal, Transition
from casefiles.sight import first_readings, projection
from casefiles.sight.casefiles import sight_of
from casefiles.sight.documents import DocumentFilters, documents_seen
from casefiles.sight.versions import Wanted, kept_versions
from casefiles.transitions import duplicates, pair
from casefiles.transitions.load import load
from casefiles.transitions.loaded import Loaded
from console import telling, words
from console.desk.forms import Around, Form, form_of
from console.http import PageRequest
from console.pages import history
from console.pages.history import Step
from console.recording import read

MOST_OWN: Final = 100
"""Of the agency's documents that are in no casefile, so many of the newest are offered."""
MOST_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A casefile before an act: its file, and the rows that the reader's agency may try, with what blocks each."""

    id: UUID
    version: int
    facts: CaseFile
    view: CaseView
    available: tuple[tuple[Transition, tuple[Refusal, ...]], ...]
    names: dict[str, str]

    def row(self, name: str) -> Transition | None:
        """The row of that name, where the agency may try it now, blocked or not."""
        return next((row for row, _ in self.available if row.name == name), None)


def case_of(page: PageRequest, ident: UUID, *, route: str) -> Case:
    """The casefile now. Raises Http404 alike for what does not exist, is not seen, or is seen no more."""
    sight = sight_of(page.actor, ident)
    if sight is None or sight.is_former:
        raise Http404
    actor = page.actor
    today = local_day(page.now, actor.time_zone)
    loaded = load(
        ident, actor=actor.agency_id, auditor=actor.is_auditor, today=today, read=read(page, route=route, shown=[ident])
    )
    _opened(page, loaded)
    law = open_book(calendar_version=loaded.context.calendar_version)
    case = pair.shown(loaded, _candidates(page, loaded), actor=actor, law=law, now=page.now)
    return Case(
        id=ident,
        version=loaded.version,
        facts=loaded.facts,
        view=case,
        available=flow.available_to(case, case.acts_as),
        names={agency.code: agency.name for agency in loaded.context.agencies.values()},
    )


def documents_of(page: PageRequest, case: Case) -> list[tuple[str, str]]:
    """The documents that an act may name: those of the casefile, and the agency's own that are in none yet."""
    viewer = projection.viewer_of(page.actor, case.facts)
    seen, _ = projection.project(case.facts, viewer=viewer, catalogue=load_catalogue())
    return [
        *own_papers(page),
        *((row["id"], _titled(row["type"], row.get("number"), row.get("date"))) for row in seen["documents"]),
    ]


def form_for(
    page: PageRequest,
    shape: type[Any],
    typed: Mapping[str, Sequence[str]],
    *,
    documents: Sequence[tuple[str, str]],
    grows: str = "",
) -> Form:
    """The reader's form of a shape, with what was typed; an agency that was written is looked for as of today."""
    zone, values = page.actor.time_zone, {name: list(given) for name, given in typed.items()}
    form = form_of(shape, Around(documents=documents, zone=zone, typed=values, grows=grows))
    form.recognise(partial(queries.named, on=local_day(page.now, zone)))
    return form


def own_papers(page: PageRequest) -> list[tuple[str, str]]:
    """The newest of the agency's documents that are in no casefile yet."""
    own, *_others = documents_seen(page.actor, DocumentFilters(attached=False))
    return [(str(row.pk), _titled(row.type, row.number, row.date)) for row in own.order_by("-pk")[:MOST_OWN]]


def _titled(type_: str, number: str | None, on: date | str | None) -> str:
    return ", ".join(filter(None, (words.code("document-types", type_), number, telling.day(on, short=True))))


def _candidates(page: PageRequest, loaded: Loaded) -> tuple[duplicates.Candidate, ...]:
    if loaded.facts.get("examiner") != page.actor.agency_code:
        return ()
    return tuple(duplicates.candidates(page.actor, casefile=loaded.id, facts=loaded.facts))


def _opened(page: PageRequest, loaded: Loaded) -> None:
    """Note that whose turn it is has read the newest version, where another wrote it."""
    turn = loaded.facts.get("turn")
    if turn and turn["agency"] == page.actor.agency_code and loaded.written_by != page.actor.agency_id:
        first_readings.note_by_person(casefile=loaded.id, version=loaded.version, actor=page.actor, now=page.now)


def turn_in_words(facts: CaseFile, names: dict[str, str]) -> dict[str, str] | None:
    """Whose turn it is, what for and until when."""
    turn = facts.get("turn")
    if not turn:
        return None
    return {
        "agency": names.get(turn["agency"], turn["agency"]),
        "party": str(words.PARTIES[turn["party"]]),
        "purpose": str(words.PURPOSES[turn["purpose"]]),
        "due_on": telling.day(turn["due_on"]),
    }


def steps_since(page: PageRequest, ident: UUID, version: int) -> list[Step]:
    """What happened to the casefile after that version, as the reader sees it; recorded as a read."""
    wanted = Wanted(first=version + 1, most=MOST_STEPS)
    versions = kept_versions(ident, wanted, read=read(page, route="/meja/{id}/{transition}", shown=[ident]))
    facts: Any = versions[-1].facts
    viewer = projection.viewer_of(page.actor, facts)
    seen, _ = projection.project(facts, viewer=viewer, catalogue=load_catalogue())
    names = history.agencies_of(seen, versions)
    people = history.people_of(ident, versions, actor=page.actor)
    steps = history.steps_of(versions, names, viewer=viewer, people=people)
    return [step for step in steps if step.seq > version]
