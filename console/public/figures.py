"""Angka: the newest published snapshot, with its tables, a picture, and the moment of the log that it was counted at.

Before the first one the page says so rather than show live numbers. Older ones stay under addresses of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from casefiles.models import Snapshot
from casefiles.statistics import measures, snapshot_files, snapshots
from casefiles.statistics.measures import DimensionName
from console import bars, telling, words
from console.public import site

PICTURED: Final = "month"
"""The table that is drawn."""
OPEN_ROWS: Final = 24
"""Longer tables are folded."""
EARLIER: Final = 20
"""Earlier snapshots that the page names."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in words: cells are numbers with what they count, None where withheld."""

    by: str
    title: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, int | None]]]]
    left_out: bool
    adds_up: bool
    is_long: bool


def show(request: HttpRequest) -> HttpResponse:
    """The newest one; where numbers are to be had until there is one."""
    snapshot = snapshots.newest()
    return site.page(request, "figures", {} if snapshot is None else _said(snapshot, is_newest=True))


def show_one(request: HttpRequest, ident: UUID) -> HttpResponse:
    """One that was published, whatever came after it."""
    return site.page(request, "figures", _said(_published(ident), is_newest=False))


def newest_csv(request: HttpRequest) -> HttpResponse:
    """The newest one as a file."""
    snapshot = snapshots.newest()
    if snapshot is None:
        raise Http404
    return _file(snapshot)


def csv(request: HttpRequest, ident: UUID) -> HttpResponse:
    """One that was published, as a file."""
    return _file(_published(ident))


def _published(ident: UUID) -> Snapshot:
    found = Snapshot.objects.published().select_related("agency").filter(pk=ident).first()
    if found is None:
        raise Http404
    return cast("Snapshot", found)


def _file(snapshot: Snapshot) -> HttpResponse:
    answer = HttpResponse(snapshot_files.csv_of(snapshot), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{snapshot_files.file_name(snapshot)}"'
    return answer


def _said(snapshot: Snapshot, *, is_newest: bool) -> dict[str, Any]:
    content = snapshots.read(snapshot)
    tables = [table_of(table) for table in content["tables"]]
    by_month = next((table for table in tables if table.by == PICTURED), None)
    drawn = [(label, cells[0][1]) for label, cells in by_month.rows] if by_month and by_month.heads else []
    earlier = Snapshot.objects.published().exclude(pk=snapshot.pk).order_by("-pk").only("pk", "name", "created_at")
    return {
        "snapshot": snapshot,
        "is_newest": is_newest,
        "totals": [
            (str(words.UNITS[total["unit"]]), _under(total["numbers"], content["totals"][-1]["numbers"]))
            for total in content["totals"]
        ],
        "total_heads": [str(words.MEASURES[code]) for code in content["totals"][-1]["numbers"]],
        "tables": [table for table in tables if table.rows or table.left_out],
        "picture": bars.picture_of(drawn, in_order=True),
        "handling": [
            (str(words.PURPOSES[one["purpose"]]), one["median_days"], one["p90_days"]) for one in content["handling"]
        ],
        "definitions": _definitions(),
        "content": content,
        "recorded": telling.instant(content["as_of"]["at"]),
        "taken": telling.instant(snapshot.created_at),
        "digest": snapshots.digest_of(snapshot),
        "file": site.address("newest_csv") if is_newest else site.address("figures_csv", str(snapshot.pk)),
        "own": site.address("figures_of", str(snapshot.pk)),
        "earlier": [
            (site.address("figures_of", str(one.pk)), one.name, telling.instant(one.created_at))
            for one in earlier[:EARLIER]
        ],
    }


def table_of(table: Mapping[str, Any]) -> Table:
    """A table of a snapshot in words."""
    by: DimensionName = table["by"]
    return Table(
        by=by,
        title=str(words.DIMENSIONS[by]),
        heads=[str(words.MEASURES[code]) for code in table["measures"]],
        rows=[
            (telling.key(by, row["key"], row.get("name")), _cells(row["numbers"], table["measures"]))
            for row in table["rows"]
        ],
        left_out=table["left_out"],
        adds_up=table["adds_up"],
        is_long=len(table["rows"]) > OPEN_ROWS,
    )


def _under(numbers: Mapping[str, int | None], codes: Any) -> list[tuple[str, int | None, bool]]:
    """One cell under each head; the last member says whether that unit is counted by that measure at all."""
    return [(str(words.MEASURES[code]), numbers.get(code), code in numbers) for code in codes]


def _cells(numbers: Mapping[str, int | None], codes: Any) -> list[tuple[str, int | None]]:
    return [(str(words.MEASURES[code]), numbers.get(code)) for code in codes if code in numbers]


def _definitions() -> list[tuple[str, str]]:
    def text(one: measures.Definition) -> str:
        return one.en if words.is_english() else one.id

    return (
        [(str(words.UNITS[one.code]), text(one)) for one in measures.UNITS]
        + [(str(words.MEASURES[one.code]), text(one)) for one in measures.MEASURES]
        + [(_("Digabungkan"), text(measures.MERGED))]
    )
