"""`/catalogue/*`: the code lists, rules, calendar and the flow itself, each with its version and ETag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from django.http import HttpResponse

from agencies.calendar import load as load_calendar
from agencies.calendar import versions
from api.contract import flow_rows
from api.contract.operations import Operation, catalogue_operation
from api.http import preconditions, rendering
from api.http.language import Wording
from api.http.problems import Problem
from api.http.view import DoorRequest, DoorView, answer
from casefiles import flow
from casefiles.catalogue.book import Catalogue, UnknownCode
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.versions import NeverLoaded, on_record, stored
from casefiles.flow.grammar import Party
from casefiles.shapes import Date, Doc, Text
from casefiles.sight import feed

LISTS = (
    "violations",
    "sanctions",
    "reasons",
    "document-types",
    "codes",
    "elections",
    "stages",
    "regions",
    "deadlines",
    "ladder",
    "routing",
    "siasn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueQuery:
    """GET /catalogue/{list}."""

    valid_on: Annotated[Date, Doc(id="Berlaku pada", en="Valid on", example="2024-10-01")] | None = None
    version: Annotated[str, Text(20), Doc(id="Versi katalog", en="Catalogue version", example="2026.2")] | None = None


class CatalogueView(DoorView):
    """One list of the catalogue."""

    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": CatalogueQuery}
    name: str = ""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """One operation per list."""
        return {"get": catalogue_operation(self.name)}

    def get(self, request: DoorRequest) -> HttpResponse:
        """The list; only the rows in force where a day is named."""
        asked = request.asked(CatalogueQuery)
        try:
            return _tagged(request, _of_version(asked.version).as_dict(self.name, valid_on=asked.valid_on))
        except (NeverLoaded, UnknownCode):
            # Never on record, or older than the list itself.
            raise _no_such_version(on_record()) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarQuery:
    """GET /catalogue/calendar."""

    valid_on: Annotated[Date, Doc(id="Hanya hari itu", en="That day only", example="2024-10-01")] | None = None
    version: (
        Annotated[
            str,
            Text(20),
            Doc(
                id="Versi kalender, juga yang lama; bawaan: terbaru",
                en="Calendar version, older ones too; the newest by default",
                example="2026.1",
            ),
        ]
        | None
    ) = None


class CalendarView(DoorView):
    """The working calendar: every day off, with the source that makes it one."""

    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": CalendarQuery}
    operations: ClassVar = {"get": catalogue_operation("calendar")}

    def get(self, request: DoorRequest) -> HttpResponse:
        """The days of one version, the newest by default."""
        asked = request.asked(CalendarQuery)
        known = versions()
        if not known:
            raise Problem("temporarily-unavailable")
        version = asked.version or known[0]
        if version not in known:
            raise _no_such_version(known)
        rows = [
            {
                "date": day.date,
                "kind": day.kind,
                "name_id": day.name_id,
                "source": day.source,
                "decree": day.decree or None,
                "estimated": day.is_estimate,
            }
            for day in load_calendar(version).days.values()
            if asked.valid_on is None or day.date == asked.valid_on
        ]
        return _tagged(request, {"list": "calendar", "version": version, "versions": known, "data": rows})


class TransitionsView(DoorView):
    """The flow table, as data: one row per transition."""

    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": CatalogueQuery}
    operations: ClassVar = {"get": catalogue_operation("transitions")}

    def get(self, request: DoorRequest) -> HttpResponse:
        """Name, states, parties, what is given, outcome and article of every row."""
        asked = request.asked(CatalogueQuery)
        current = _same_version(asked.version)
        return _tagged(
            request,
            {
                "list": "transitions",
                "catalogue_version": current,
                "digest": flow.digest(),
                "turns": [
                    {"state": str(state), "party": str(turn.party), "purpose": turn.purpose}
                    for state, turn in flow.TURNS.items()
                ],
                "data": [flow_rows.transition(row) for row in flow.FLOW],
            },
        )


class EventsView(DoorView):
    """The types of events that the feed holds, one per transition."""

    required_scopes: ClassVar = {"get": None}
    queries: ClassVar = {"get": CatalogueQuery}
    operations: ClassVar = {"get": catalogue_operation("events")}

    def get(self, request: DoorRequest) -> HttpResponse:
        """Type, transition, states, titles, and who gets it."""
        asked = request.asked(CatalogueQuery)
        rows = [*(event(row) for row in flow.FLOW), OPENED]
        top = {"list": "events", "catalogue_version": _same_version(asked.version), "digest": flow.digest()}
        return _tagged(request, top | {"data": rows})


OPENED: Final[dict[str, Any]] = {
    "type": feed.OPENED,
    "transition": None,
    "states": ["same"],
    "title_id": "Dibuka oleh pihak yang mendapat giliran",
    "title_en": "Opened by the party whose turn it is",
    "gives_sight": False,
    "ends_sight": False,
    "received_by_id": "Semua yang melihat perkara ini saat itu, para pihak dan kantor di atasnya, serta auditor.",
    "received_by_en": "All who saw the casefile then, parties and the offices above them, and auditors.",
}
"""The event that no step announces: the first reading of a version."""


def event(row: flow.Transition) -> dict[str, Any]:
    """The event that a row announces, as data."""
    gives = bool(row.creates or row.grants or _turned_to(row) & {Party.EMPLOYER, Party.ADDRESSEE})
    got_id = "Semua yang melihat perkara ini saat itu, para pihak dan kantor di atasnya, serta auditor."
    got_en = "All who saw the casefile then, parties and the offices above them, and auditors."
    if gives:
        got_id += " Juga instansi yang dengan langkah ini mulai melihatnya; ini butir pertamanya."
        got_en += " Also agencies that see it from this step on; it is their first item."
    if row.ends:
        got_id += " Juga instansi yang hak lihatnya berakhir dengan langkah ini; ini butir terakhirnya."
        got_en += " Also agencies whose sight ends with this step; it is their last item."
    return {
        "type": feed.type_of(row),
        "transition": row.name,
        "states": [str(state) for state in row.target_states] or [str(row.target)],
        "title_id": row.title_id,
        "title_en": row.title_en,
        "gives_sight": gives,
        "ends_sight": bool(row.ends),
        "received_by_id": got_id,
        "received_by_en": got_en,
    }


def _turned_to(row: flow.Transition) -> set[Party]:
    """Whose turn it may be after the row, where it leads to a state."""
    reached = row.target_states or (row.target,)
    return {turn.party for state, turn in flow.TURNS.items() if state in reached}


def _of_version(asked: str | None) -> Catalogue:
    """The version in force from the files deployed, any other as it was loaded. Raises `NeverLoaded`."""
    current = load_catalogue()
    return current if asked in (None, current.version) else stored(asked)


def _same_version(asked: str | None) -> str:
    """The flow is code, and no other version of it is kept: not found rather than silently answered."""
    current = load_catalogue().version
    if asked is not None and asked != current:
        raise _no_such_version([current])
    return current


def _no_such_version(known: Sequence[str]) -> Problem:
    """Not found, with the versions to be found: what `?version=` takes is not the version of a single list."""
    listed = ", ".join(known)
    return Problem(
        "not-found",
        detail=Wording(
            f"Versi ini tidak ada untuk daftar ini. ?version= menerima: {listed} (catalogue_version, bukan "
            "version suatu daftar).",
            f"This list does not exist in that version. ?version= takes: {listed} (catalogue_version, not the "
            "version of one list).",
        ),
    )


def _tagged(request: DoorRequest, data: dict[str, Any]) -> HttpResponse:
    body = rendering.dumps(data)
    tag = preconditions.etag(1, body)
    if preconditions.is_unchanged(request.headers.get("If-None-Match"), tag):
        unchanged = HttpResponse(status=304)
        unchanged["ETag"] = tag
        return unchanged
    response = answer(body, etag=tag)
    response["Cache-Control"] = "private, max-age=300"
    return response
