"""Why a deadline ends on its day: the rule, the days counted and those off with their decree, drawn as a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats

from casefiles.catalogue.book import load as load_catalogue
from casefiles.errors import Erased
from casefiles.sight.casefiles import sight_of
from casefiles.sight.referrals import opened_by
from casefiles.sight.versions import Wanted, kept_versions
from console import telling, words
from console.http import PageRequest
from console.recording import read

MOST_VERSIONS: Final = 500
MOST_WEEKS: Final = 60
CELL, HEIGHT, HEAD, LABEL = 84, 40, 28, 76
"""Of the picture, in its own units."""


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the calendar: its number in the month, what it is, and the how many-th day of the count; where drawn."""

    day: int
    kind: str
    count: str
    x: int
    y: int


def show(request: HttpRequest, ident: UUID, referral: UUID) -> HttpResponse:
    """The page of one referral's deadline; 404 for one that is not of this casefile or not seen."""
    page = cast("PageRequest", request)
    sight = sight_of(page.actor, ident)
    if sight is None:
        raise Http404
    try:
        versions = kept_versions(
            ident,
            Wanted(first=1, most=MOST_VERSIONS, until=sight.until),
            read=read(page, route="/perkara/{id}/tenggat/{id}", shown=[ident]),
        )
    except Erased:
        return render(request, "console/erased.html", status=410)
    last = versions[-1] if sight.is_former else None
    opened = (row for version in versions for row in opened_by(version, last=last))
    row = next((row for row in opened if row["id"] == str(referral)), None)
    if row is None:
        raise Http404
    facts: Any = versions[-1].facts
    return render(request, "console/deadline.html", {"ident": ident, "number": facts["number"], **_told(row)})


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    rule = row["rule"]
    weeks = list(_weeks(row)) if "counted_to" in rule else []
    return {
        "agency": row["to_name"],
        "for_what": words.PURPOSES.get(row["purpose"], row["purpose"]),
        "due_on": telling.day(row["due_on"]),
        "first_due_on": telling.day(row["original_due_on"]) if row["original_due_on"] != row["due_on"] else "",
        "zone": telling.ZONES.get(row["time_zone"], row["time_zone"]),
        "why": telling.sentence(rule.get("explanation_en" if words.is_english() else "explanation_id", "")),
        "rule": _rule(rule["code"]),
        "basis": rule.get("legal_basis") or "",
        "source": rule.get("source") or "",
        "certainty": words.CERTAINTIES.get(rule.get("certainty", ""), ""),
        "calendar": rule.get("calendar_version", ""),
        "year": str(row["due_on"].year),
        "off": [(telling.day(day["date"]), day["name_id"], day["decree"] or "") for day in rule.get("skipped", ())],
        "heads": [
            (formats.date_format(date(2024, 1, number), "D"), LABEL + (number - 1) * CELL + CELL // 2)
            for number in range(1, 8)  # the first of January 2024 was a Monday
        ],
        "weeks": weeks if len(weeks) <= MOST_WEEKS else [],
        "picture": {"width": LABEL + 7 * CELL, "height": HEAD + len(weeks) * HEIGHT, "cell": CELL - 2},
    }


def _rule(code: str) -> str:
    found = next((row for row in load_catalogue().deadlines if row.code == code), None)
    if found is None:
        return code
    return found.label_en if words.is_english() else found.label_id


def _weeks(row: Mapping[str, Any]) -> Iterator[tuple[str, int, list[Square]]]:
    """Week by week from the day of the fact to the due day: the Monday, where it is drawn, and the days."""
    rule, due = row["rule"], row["due_on"]
    start, counted_to = (date.fromisoformat(rule[name]) for name in ("clock_from", "counted_to"))
    off = {date.fromisoformat(day["date"]) for day in rule["skipped"]}
    monday, count, place = start - timedelta(days=start.weekday()), 0, 0
    while monday <= max(due, counted_to):
        squares = []
        y = HEAD + place * HEIGHT
        for number in range(7):
            day = monday + timedelta(days=number)
            kind = _kind(
                day, start=start, counted_to=counted_to, due=due, off=off, working=rule["day_basis"] == "working"
            )
            count += kind in {"counted", "last"}
            said = str(count) if kind in {"counted", "last"} else ""
            squares.append(Square(day.day, "due" if day == due else kind, said, LABEL + number * CELL, y))
        yield telling.day(monday, short=True).rpartition(" ")[0], y + HEIGHT // 2 + 5, squares
        monday += timedelta(days=7)
        place += 1


def _kind(day: date, *, start: date, counted_to: date, due: date, off: set[date], working: bool) -> str:
    """What a day is to the count: `outside`, `start`, `off`, `counted`, `last`, or `more` (what was given since)."""
    if day < start or day > max(due, counted_to):
        return "outside"
    if day == start:
        return "start"
    if day > counted_to:
        return "more"
    if working and (day.weekday() > 4 or day in off):
        return "off"
    return "last" if day == counted_to else "counted"
