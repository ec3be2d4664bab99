"""`/casefiles/{id}/timeline`: transitions, referrals and documents, oldest first, each change field by field.

A former party reads it up to the version before the step that ended its sight, and as everything stood then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse

from agencies.actor import Actor
from agencies.tokens import Further
from api.contract.operations import Operation
from api.http import pagination, queries
from api.http.idempotency_key import request_facts
from api.http.problems import ErrorItem, Problem
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import reading, sight_of_path, with_owners
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.book import load as load_catalogue
from casefiles.file import Attached
from casefiles.file.reading import compared
from casefiles.queries import Sight
from casefiles.shapes import Date, Doc, Instant, Items, NotAfterNow, Text
from casefiles.sight import first_readings, projection
from casefiles.sight.projection import Viewer
from casefiles.sight.referrals import opened_by
from casefiles.sight.versions import KeptVersion, Wanted, kept_versions
from people import persons


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineQuery(queries.Paged):
    """GET /casefiles/{id}/timeline."""

    kind: Annotated[
        tuple[Literal["transition", "referral", "document"], ...], Items(1, 3), Doc(id="Jenis", en="Kinds")
    ] = ()
    from_: Annotated[Date, Doc(id="Sejak tanggal", en="From that day on")] | None = None
    to: Annotated[Date, Doc(id="Sampai tanggal", en="Until that day")] | None = None
    between: (
        Annotated[
            tuple[Annotated[str, Text(35)], ...],
            Items(2, 2),
            Doc(
                id="Beda antara dua versi (3,7) atau dua saat (2026-11-01T00:00:00Z,2026-11-20T00:00:00Z), tidak "
                "dicampur; sebelum perkara tercatat berkasnya kosong (versi 0)",
                en="Difference between two versions (3,7) or two instants "
                "(2026-11-01T00:00:00Z,2026-11-20T00:00:00Z), not one of each; before the casefile was recorded the "
                "file is empty (version 0)",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoVersions:
    """`between` as two versions."""

    between: Annotated[tuple[int, ...], Items(2, 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoInstants:
    """`between` as two instants."""

    between: Annotated[tuple[Annotated[Instant, NotAfterNow()], ...], Items(2, 2)]


@dataclass(frozen=True, slots=True)
class Version:
    """One performed step with the file after it, as one party sees it."""

    seq: int
    at: datetime
    transition: Mapping[str, Any]
    seen: Mapping[str, Any]
    withheld: tuple[str, ...]
    documents: tuple[Attached, ...]
    kept: KeptVersion


@dataclass(frozen=True, slots=True)
class Versions:
    """What a page needs: its own versions, all that were read for it by number, and the newest there is."""

    shown: tuple[Version, ...]
    by_seq: Mapping[int, Version]
    last: KeptVersion

    def before(self, version: Version) -> Mapping[str, Any] | None:
        """The file as it was seen before that version, None before the first."""
        earlier = self.by_seq.get(version.seq - 1)
        return earlier.seen if earlier else None


Moments: TypeAlias = tuple[int, ...] | tuple[datetime, ...]


class TimelineView(DoorView):
    """Everything that happened to one casefile."""

    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": TimelineQuery}
    operations: ClassVar = {
        "get": Operation(
            "read_timeline",
            tag="casefiles",
            id="Riwayat perkara",
            en="A casefile's timeline",
            answer="Timeline",
            tagged=True,
            refuses=("erased",),
        )
    }

    def asks(self) -> Further | None:
        """Sight of the casefile."""
        return sight_of_path(self.kwargs["casefile"])

    def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """A page of the timeline; with `between` the difference between two versions or two instants as well."""
        ident = identifier(casefile)
        asked = request.asked(TimelineQuery)
        moments = _moments(asked.between, request)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        sight = reading(request, ident)
        after = cast("tuple[int, int] | None", window.after)
        # One version may be shown already, and each of the others shows itself at least.
        most = window.fetch + 1
        wanted = Wanted(
            first=after[0] if after else 1,
            most=most,
            until=sight.until,
            from_=asked.from_,
            to=asked.to,
            beside=moments or (),
        )
        versions = _versions(ident, request, wanted)
        if not sight.is_former:
            _opened(request, ident, versions.last)
        rows = [
            (place, item)
            for place, item in _items(versions, request, sight=sight)
            if (after is None or place > after) and (not asked.kind or item["kind"] in asked.kind)
        ]
        page = pagination.page(
            rows,
            of=window,
            position=lambda row: row[0],
            shown=lambda row: row[1],
            more_after=(versions.shown[-1].seq, LAST_ITEM) if len(versions.shown) == most else None,
        )
        data: dict[str, Any] = {"casefile": str(ident), **page}
        if moments is not None:
            data["difference"] = _difference(versions, moments)
        return shown(request, data, version=versions.last.seq)


def _opened(request: DoorRequest, ident: UUID, newest: KeptVersion) -> None:
    """Note that whose turn it is has read the newest version, where another wrote it."""
    turn, code = newest.facts.get("turn"), request.actor.agency_code
    if turn and turn["agency"] == code != newest.agency_code:
        first_readings.note(
            casefile=ident,
            version=newest.seq,
            actor=request.actor,
            now=request.now,
            request=request_facts(request),
        )


LAST_ITEM = 1_000_000
"""Stands behind every item of one version."""


def _moments(between: tuple[str, ...] | None, request: DoorRequest) -> Moments | None:
    """What `between` says: two versions or two instants. Raises Problem `invalid-query`, as for any parameter."""
    if between is None:
        return None
    shape: type[TwoInstants] | type[TwoVersions]
    shape = TwoInstants if any(re.match("[0-9]{4}-", moment) for moment in between) else TwoVersions
    asked = queries.parse(
        shape,
        urlencode({"between": ",".join(between)}),
        catalogue=load_catalogue(),
        now=request.now,
        time_zone=request.actor.time_zone,
    )
    return asked.between


def _versions(ident: UUID, request: DoorRequest, wanted: Wanted) -> Versions:
    """The versions of a page, and what has to be known beside them; the read is recorded. Raises Erased."""
    with presenting.recording(request, route="/casefiles/{id}/timeline", shown=[ident]) as read:
        kept = kept_versions(ident, wanted, read=read)
    catalogue = load_catalogue()
    # Today's sight decides how much of yesterday is shown; a former party's, what it was when it left.
    viewer = projection.viewer_of(request.actor, kept[-1].facts)
    facts = {version.seq: version.facts for version in kept}
    by_seq = {
        version.seq: _version(
            version,
            reader=request.actor,
            viewer=viewer,
            catalogue=catalogue,
            before=facts.get(version.seq - 1, {}),
        )
        for version in kept
    }
    return Versions(
        shown=tuple(by_seq[version.seq] for version in kept if version.is_of_page), by_seq=by_seq, last=kept[-1]
    )


def _version(
    kept: KeptVersion, *, reader: Actor, viewer: Viewer, catalogue: Catalogue, before: Mapping[str, Any]
) -> Version:
    """The version as the viewer sees it; `before` is the file before it, as far as it was read."""
    facts: Any = kept.facts
    given = projection.project_given(kept.given, viewer=viewer, by=kept.agency_code)
    seen, withheld = projection.project(facts, viewer=viewer, catalogue=catalogue) if facts else ({}, [])
    official = given.pop("official", None)
    for name in ("occurred_at", *projection.INTERNAL_GIVEN):
        given.pop(name, None)
    known = {document["id"] for document in before.get("documents", ())}
    agency = {"code": kept.agency_code, "name": kept.agency_name}
    vendor = {"code": kept.vendor_code, "name": kept.vendor_name} if kept.vendor_code else None
    return Version(
        seq=kept.seq,
        at=kept.recorded_at,
        transition={
            "name": kept.name,
            "from": kept.from_state or None,
            "to": kept.to_state,
            "occurred_at": kept.occurred_at,
            "recorded_at": kept.recorded_at,
            "actor": {
                "party": kept.party,
                "agency": agency,
                "client": kept.client,
                "vendor": vendor,
                "person": persons.id_in(kept.client),
            },
            "official": official,
            "legal_basis": kept.legal_basis,
            "given": given,
            "request_id": str(kept.request_id),
            "caller_request_id": presenting.callers_own(
                kept.caller_request_id, agency=kept.agency_code, vendor=kept.vendor_code, to=reader
            ),
            "entry": {"id": str(kept.entry), "index": kept.index, "leaf_hash": kept.leaf_hash.hex()},
        },
        seen=compared(seen),
        withheld=tuple(withheld),
        documents=tuple(document for document in seen.get("documents", ()) if document["id"] not in known),
        kept=kept,
    )


def _items(
    versions: Versions, request: DoorRequest, *, sight: Sight
) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """The items of the page's versions with their places: the version, and the place within it."""
    last, now = versions.last if sight.is_former else None, sight.left_at or request.now
    # Whose document it is has mostly acted as well.
    actors = [version.transition["actor"]["agency"] for version in versions.by_seq.values()]
    names = with_owners(
        {agency["code"]: agency["name"] for agency in actors},
        [document for version in versions.shown for document in version.documents],
    )
    for version in versions.shown:
        step = {
            "kind": "transition",
            "at": version.at,
            "seq": version.seq,
            "transition": version.transition,
            "changes": projection.changes(versions.before(version), version.seen),
            "referral": None,
            "document": None,
            "withheld": list(version.withheld),
        }
        opened = (
            _beside("referral", version, presenting.referral(row, now=now, language=request.language))
            for row in opened_by(version.kept, last=last)
        )
        brought = (_beside("document", version, presenting.attached(document, names)) for document in version.documents)
        for place, item in enumerate((step, *opened, *brought)):
            yield (version.seq, place), item


def _beside(kind: str, version: Version, item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "at": version.at,
        "seq": version.seq,
        "transition": None,
        "changes": [],
        "referral": item if kind == "referral" else None,
        "document": item if kind == "document" else None,
        "withheld": [],
    }


def _difference(versions: Versions, moments: Moments) -> dict[str, Any]:
    first, second = (_version_at(versions, moment) for moment in moments)
    return {
        "from": first.seq if first else 0,
        "to": second.seq if second else 0,
        "changes": projection.changes(first.seen if first else {}, second.seen if second else {}),
    }


def _version_at(versions: Versions, moment: int | datetime) -> Version | None:
    """That version, or the newest one recorded by that instant; None before the first."""
    if isinstance(moment, datetime):
        recorded = [version for version in versions.by_seq.values() if version.at <= moment]
        return max(recorded, key=lambda version: version.seq, default=None)
    if not 1 <= moment <= versions.last.seq:
        raise Problem(
            "invalid-query",
            errors=[ErrorItem("out-of-range", parameter="between", params={"min": 1, "max": versions.last.seq})],
        )
    return versions.by_seq[moment]
