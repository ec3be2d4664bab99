"""Beda: what changed in one casefile between two moments, and who changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from casefiles.catalogue.book import load as load_catalogue
from casefiles.errors import Erased
from casefiles.queries import Sight
from casefiles.sight import projection
from casefiles.sight.casefiles import sight_of
from casefiles.sight.versions import KeptVersion, Wanted, kept_versions
from console import telling
from console.http import PageRequest
from console.pages import history
from console.pages.history import Step
from console.pages.moments import BetweenDaysForm, BetweenVersionsForm, Moment, NotThere, version_at
from console.recording import read
from console.telling import Told

MOST_VERSIONS = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """One fact that differs, and the last step between the two moments that changed it."""

    fact: Told
    by: Step | None


def show(request: HttpRequest, ident: UUID) -> HttpResponse:
    """The page: without moments what the newest step changed. 404 alike for what is not there and not seen."""
    page = cast("PageRequest", request)
    sight = sight_of(page.actor, ident)
    if sight is None:
        raise Http404
    days = BetweenDaysForm(request.GET, now=page.now)
    numbers = BetweenVersionsForm(request.GET, now=page.now)
    said: dict[str, Any] = {"ident": ident, "days": days, "numbers": numbers}
    if not (days.is_valid() and numbers.is_valid()):
        return render(request, "console/difference.html", said, status=400)
    moments = days.moments() or numbers.moments()
    try:
        versions = _versions(page, ident, sight, moments)
    except Erased:
        return render(request, "console/erased.html", status=410)
    try:
        return render(request, "console/difference.html", said | _told(page, versions, moments))
    except NotThere as gone:
        said["reason"] = gone.reason(moments[1] if moments else 0)
        return render(request, "console/difference.html", said, status=400)


def _versions(
    page: PageRequest, ident: UUID, sight: Sight, moments: tuple[Moment, Moment] | None
) -> Sequence[KeptVersion]:
    beside = [moment for moment in moments or () if moment != 0]
    return kept_versions(
        ident,
        Wanted(first=1, most=MOST_VERSIONS, until=sight.until, beside=beside),
        read=read(page, route="/perkara/{id}/beda", shown=[ident]),
    )


def _told(page: PageRequest, versions: Sequence[KeptVersion], moments: tuple[Moment, Moment] | None) -> dict[str, Any]:
    last = versions[-1]
    first, second = _between(versions, moments or (last.seq - 1, last.seq))
    # Today's sight decides how much of yesterday is shown, as on the case's own page.
    viewer = projection.viewer_of(page.actor, last.facts)
    facts: Any = last.facts
    names = history.agencies_of(projection.project(facts, viewer=viewer, catalogue=load_catalogue())[0], versions)
    begun = first.seq if first else 0
    steps = [step for step in history.steps_of(versions, names, viewer=viewer) if begun < step.seq <= second.seq]
    before = history.seen_of(first, viewer) if first else {}
    after = history.seen_of(second, viewer)
    changed = [
        Changed(fact, history.last_to_change(str(change["pointer"]), steps))
        for change in projection.changes(before, after)
        for fact in telling.told(change, names)
    ]
    return {
        "number": facts["number"],
        "first": first,
        "second": second,
        "steps": steps,
        "left_out": second.seq - begun - len(steps),
        "changed": changed,
    }


def _between(versions: Sequence[KeptVersion], moments: tuple[Moment, Moment]) -> tuple[KeptVersion | None, KeptVersion]:
    """The versions at both moments; None before the first. Raises NotThere where the second is before it too."""
    second = version_at(versions, moments[1])
    try:
        return version_at(versions, moments[0]), second
    except NotThere:
        return None, second
