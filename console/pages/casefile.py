"""Berkas: one casefile from finding to end, as the reader's agency sees it. Opening it is a read, and is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from agencies.actor import Actor
from casefiles import nip
from casefiles.catalogue.book import load as load_catalogue
from casefiles.errors import Erased
from casefiles.flow import Party
from casefiles.flow.parties import HOLDERS
from casefiles.queries import Sight
from casefiles.sight import first_readings, projection
from casefiles.sight.accesses import AccessFilters, accesses_of
from casefiles.sight.casefiles import sight_of
from casefiles.sight.first_readings import Opening
from casefiles.sight.referrals import opened_by
from casefiles.sight.versions import KeptVersion, Wanted, kept_versions
from console import telling, words
from console.http import PageRequest
from console.pages import flow_picture, history, readers
from console.pages.casefiles import days_late
from console.pages.moments import AsOfForm, Moment, NotThere, version_at
from console.pages.stages import stages_of
from console.recording import read

MOST_VERSIONS: Final = 500
READS_SHOWN: Final = 25


def show(request: HttpRequest, ident: UUID) -> HttpResponse:
    """The page, as the file stands or stood at a moment; 404 alike for what does not exist and what is not seen."""
    page = cast("PageRequest", request)
    sight = sight_of(page.actor, ident)
    if sight is None:
        raise Http404
    asked = AsOfForm(request.GET, now=page.now)
    if not asked.is_valid():
        return render(request, "console/moment.html", {"ident": ident, "form": asked}, status=400)
    moment = asked.moment()
    try:
        versions = kept_versions(
            ident,
            Wanted(first=1, most=MOST_VERSIONS, until=sight.until, beside=() if moment is None else (moment,)),
            read=read(page, route="/perkara/{id}", shown=[ident]),
        )
    except Erased:
        return render(request, "console/erased.html", status=410)
    if moment is None and not sight.is_former:
        _opened(page, ident, versions[-1])
    openings = first_readings.openings_of(ident)
    try:
        people = history.people_of(ident, versions, actor=page.actor)
        said = told(page.actor, versions, sight, moment, openings=openings, now=page.now, people=people)
    except NotThere as gone:
        said = {"ident": ident, "form": asked, "reason": gone.reason(cast("Moment", moment))}
        return render(request, "console/moment.html", said, status=400)
    if said["may_know_readers"] and moment is None:
        said["readers"] = _readers(page, ident)
    return render(request, "console/casefile.html", {"ident": ident, "form": asked, **said})


def told(
    actor: Actor,
    versions: Sequence[KeptVersion],
    sight: Sight,
    moment: Moment | None,
    *,
    openings: Sequence[Opening],
    now: datetime,
    people: history.People = history.NOBODY,
) -> dict[str, Any]:
    """The file at that moment, None for now. The reader's sight of today says what of it is shown. Raises NotThere.

    `openings` are those of the casefile; what came after the moment, or after the reader's sight, is left out.
    """
    viewer = projection.viewer_of(actor, versions[-1].facts)
    now = sight.left_at or now
    as_of = None if moment is None else version_at(versions, moment)
    if as_of is not None:
        versions = [version for version in versions if version.seq <= as_of.seq]
        now = min(now, moment if isinstance(moment, datetime) else as_of.recorded_at)
    last = versions[-1]
    facts: Any = last.facts
    seen, withheld = projection.project(facts, viewer=viewer, catalogue=load_catalogue())
    as_it_stood = last if sight.is_former or as_of is not None else None
    referrals = [row for version in versions for row in opened_by(version, last=as_it_stood)]
    names = history.agencies_of(seen, versions)
    turn = seen.get("turn")
    openings = [one for one in openings if one.at <= now]
    return {
        "number": seen["number"],
        "seen": seen,
        "as_of": telling.instant(now) if as_of is not None else "",
        "former_since": sight.left_at,
        "state": words.STATES[seen["state"]],
        "outcome": words.OUTCOMES.get(seen.get("outcome") or ""),
        "turn": _turn(turn, names, last=last, openings=openings, now=now) if turn else None,
        "parties": [
            (words.PARTIES[party], names.get(seen[party], seen[party])) for party in HOLDERS if seen.get(party)
        ],
        "subject": _subject(seen["subject"]),
        "violations": [_violation(violation) for violation in seen["violations"]],
        "recommended": _recommended(seen.get("recommendation")),
        "imposed": _imposed(seen.get("sanction")),
        "documents": [_document(document, names) for document in seen["documents"]],
        "withheld": len(withheld),
        **_way(versions),
        "stages": stages_of(referrals, now=now),
        "left_out": last.seq - len(versions),
        "timeline": history.steps_of(versions, names, viewer=viewer, openings=openings, people=people),
        "may_know_readers": not sight.is_former
        and (viewer.is_auditor or bool(viewer.parties & {Party.EXAMINER, Party.SUBMITTER})),
    }


def _opened(page: PageRequest, ident: UUID, newest: KeptVersion) -> None:
    """Note that whose turn it is has read the newest version, where another wrote it."""
    turn, code = newest.facts.get("turn"), page.actor.agency_code
    if turn and turn["agency"] == code != newest.agency_code:
        first_readings.note_by_person(casefile=ident, version=newest.seq, actor=page.actor, now=page.now)


# -- parts -------------------------------------------------------------------------------------------------------------


def _way(versions: Sequence[KeptVersion]) -> dict[str, Any]:
    """The states that the file came to, one after the other, as a picture and in words."""
    path = [str(version.to_state) for version in versions if version.to_state != version.from_state]
    return {"way": flow_picture.diagram(path), "way_words": [flow_picture.label_of(state) for state in path]}


def _turn(
    turn: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    last: KeptVersion,
    openings: Sequence[Opening],
    now: datetime,
) -> dict[str, Any]:
    """Whose turn it is. `opened` is when they first read the newest version; `wrote` is true where it is their own."""
    first = turn.get("original_due_on")
    mine = (turn["agency"], last.seq)
    return {
        "opened": telling.instant(next((one.at for one in openings if (one.agency_code, one.version) == mine), None)),
        "wrote": last.agency_code == turn["agency"],
        "agency": names.get(turn["agency"], turn["agency"]),
        "party": words.PARTIES[turn["party"]],
        "purpose": words.PURPOSES[turn["purpose"]],
        "since": telling.instant(turn["since"]),
        "due_on": telling.day(turn["due_on"]),
        "first_due_on": telling.day(first) if first != turn["due_on"] else "",
        "late": days_late(turn, now=now),
    }


def _subject(subject: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **subject,
        "nip": nip.masked(subject["nip"]) if subject.get("nip") else "",
        "employment": words.code("employment_kind", subject["employment_kind"])
        if subject.get("employment_kind")
        else "",
    }


def _violation(violation: Mapping[str, Any]) -> dict[str, Any]:
    explained = violation.get("class") or {}
    return {
        **violation,
        "form": words.code("violations", violation["form"]),
        "class": words.code("violation_class", violation["violation_class"])
        if violation.get("violation_class")
        else "",
        "channel": words.code("channel", violation["channel"]) if violation.get("channel") else "",
        "act_date": telling.day(violation["act_date"]),
        "act_until": telling.day(violation.get("act_until")),
        "why": telling.sentence(explained.get("reasoning_en" if words.is_english() else "reasoning_id", "")),
        "basis": explained.get("legal_basis") or "",
    }


def _recommended(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not said:
        return None
    return {
        "what": words.code("sanctions-and-levels", said["sanction"]) if said.get("sanction") else "",
        "letter": said.get("letter") or {},
        "on": telling.day((said.get("letter") or {}).get("date")),
        "version": said.get("version"),
    }


def _imposed(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not said:
        return None
    decision = said.get("decision") or {}
    return {
        "what": words.code("sanctions", said["sanction"]),
        "comparison": words.code("comparison", said["comparison"]) if said.get("comparison") else "",
        "decision": decision,
        "on": telling.day(decision.get("date")),
        "by": words.code("imposed_by", decision["imposed_by"]) if decision.get("imposed_by") else "",
        "delivered_on": telling.day(said.get("delivered_on")),
        "effective_on": telling.day(said.get("effective_on")),
    }


def _document(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    owner = document.get("owner")
    return {
        **document,
        "type": words.code("document-types", document["type"]),
        "date": telling.day(document.get("date"), short=True),
        "owner": names.get(owner, owner) if owner else "",
    }


def _readers(page: PageRequest, ident: UUID) -> list[readers.Reader]:
    """The newest recorded reads; the page of reads has them all."""
    rows = list(accesses_of(ident, AccessFilters(), actor=page.actor).order_by("-pk")[:READS_SHOWN])
    return readers.told(rows, actor=page.actor)
