"""Statistik, cuplikan: the snapshots of numbers that were frozen, which of them is published, and each as a file.

The page only looks. A snapshot is taken by a system, through the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from casefiles.models import Snapshot
from casefiles.queries import SnapshotQuerySet
from casefiles.statistics import snapshot_files, snapshots
from console import telling
from console.http import PageRequest
from console.public import site

MOST: Final = 50
"""Snapshots that the page shows, the newest first."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot in words; `page` is where everybody reads it, empty where it is not published."""

    ident: UUID
    name: str
    taken_by: str
    taken: str
    index: int
    is_published: bool
    is_newest: bool
    page: str
    digest: str


def show(request: HttpRequest) -> HttpResponse:
    """The list. It shows no casefile, so no read is recorded."""
    page = cast("PageRequest", request)
    found = list(_seen(page).order_by("-pk")[: MOST + 1])
    newest = next((row.pk for row in found if row.published), None)
    said = {
        "rows": [_told(row, is_newest=row.pk == newest) for row in found[:MOST]],
        "most": MOST if len(found) > MOST else None,
        "may_see_all": _manages(page),
    }
    return render(request, "console/snapshots.html", said)


def csv(request: HttpRequest, ident: UUID) -> HttpResponse:
    """One of them as a file, the same that the API gives; 404 for one that this person does not see."""
    row = _seen(cast("PageRequest", request)).filter(pk=ident).first()
    if row is None:
        raise Http404
    answer = HttpResponse(snapshot_files.csv_of(row), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{snapshot_files.file_name(row)}"'
    return answer


def _seen(page: PageRequest) -> SnapshotQuerySet:
    """What is not published is for the managers of the agencies that see it: drafts of numbers are no one else's."""
    rows = snapshots.visible(page.actor)
    return rows if _manages(page) else rows.published()


def _manages(page: PageRequest) -> bool:
    return page.person.role == "manager" and not page.actor.roles.isdisjoint(snapshots.MAY)


def _told(row: Snapshot, *, is_newest: bool) -> Frozen:
    return Frozen(
        ident=row.pk,
        name=row.name,
        taken_by=row.agency.name,
        taken=telling.instant(row.created_at),
        index=row.index,
        is_published=row.published,
        is_newest=is_newest,
        page=site.address("figures_of", str(row.pk)) if row.published else "",
        digest=snapshots.digest_of(row),
    )
