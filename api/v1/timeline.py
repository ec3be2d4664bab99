"""`/casefiles/{id}/timeline`: transitions, referrals and documents, oldest first, each change field by field.

A former party reads it up to the version before the step that ended its sight, and as everything stood then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, cast
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.db import connection
from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import pagination, queries
from api.http.problems import ErrorItem, Problem
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import reading, with_owners
from api.v1.referrals import referral
from casefiles.catalogue import deadlines
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.deadlines import days_late as late_by
from casefiles.catalogue.law import local_day
from casefiles.file import Attached
from casefiles.file.reading import compared
from casefiles.queries import Sight
from casefiles.shapes import Date, Doc, Instant, Items, NotAfterNow, Text
from casefiles.sight import projection
from casefiles.sight.projection import Viewer


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


# The page's versions, the one before them (of which the first one's changes are counted), the newest, and those of
# `between`: a page costs what it shows, however long the casefile goes on.
STEPS = """
WITH head AS (
    SELECT max(t.seq) AS seq FROM casefiles_transition t
    WHERE t.casefile_id = %(casefile)s AND t.seq <= coalesce(%(until)s::int, t.seq)
), page AS (
    SELECT t.seq FROM casefiles_transition t, head
    WHERE t.casefile_id = %(casefile)s AND t.seq BETWEEN %(first)s::int AND head.seq
      AND (t.recorded_at AT TIME ZONE 'UTC')::date
          BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    ORDER BY t.seq LIMIT %(most)s::int
), beside AS (
    SELECT seq FROM head UNION SELECT min(seq) - 1 FROM page UNION SELECT unnest(%(versions)s::int[])
    UNION SELECT (SELECT max(t.seq) FROM casefiles_transition t, head
                  WHERE t.casefile_id = %(casefile)s AND t.seq <= head.seq AND t.recorded_at <= m)
          FROM unnest(%(instants)s::timestamptz[]) m
)
SELECT t.seq, t.name, t.from_state, t.to_state, t.party, t.client, t.occurred_at, t.recorded_at, t.legal_basis,
    t.request_id, a.code, a.name, e.uuid, l.index, e.leaf_hash, p.given::text, p.facts::text,
    t.seq IN (SELECT seq FROM page)
FROM casefiles_transition t
JOIN agencies_agency a ON a.id = t.agency_id
JOIN audit_entry e ON e.id = t.entry_id
LEFT JOIN audit_leaf l ON l.entry_id = e.id
JOIN casefiles_payload p ON p.casefile_id = t.casefile_id AND p.seq = t.seq AND p.seq >= 1
WHERE t.casefile_id = %(casefile)s AND t.seq <= (SELECT seq FROM head)
  AND (t.seq IN (SELECT seq FROM page) OR t.seq IN (SELECT seq FROM beside)) ORDER BY t.seq
"""

REFERRALS = """
SELECT coalesce(json_agg(json_build_object('id', r.id, 'casefile_id', r.casefile_id, 'purpose', r.purpose, 'party',
    r.party, 'status', r.status, 'opened_at', r.opened_at, 'opened_seq', r.opened_seq, 'clock_from', r.clock_from,
    'due_on', r.due_on, 'due_at', r.due_at, 'time_zone', r.time_zone, 'answered_at', r.answered_at, 'answered_seq',
    r.answered_seq, 'answered_with', r.answered_with, 'days_late', r.days_late, 'paused_days', r.paused_days,
    'original_due_on', r.original_due_on, 'missed_due_on', r.missed_due_on,
    'continues_id', r.continues_id, 'rule', r.rule, 'case_number', c.number, 'case_state', c.state, 'case_version',
    c.version, 'from_code', f.code, 'from_name', f.name, 'to_code', g.code, 'to_name', g.name, 'by_code', b.code,
    'by_name', b.name) ORDER BY r.opened_seq), '[]')::text
FROM casefiles_referral r
JOIN casefiles_casefile c ON c.id = r.casefile_id
JOIN agencies_agency f ON f.id = r.from_agency_id
JOIN agencies_agency g ON g.id = r.to_agency_id
LEFT JOIN agencies_agency b ON b.id = r.answered_by_id
WHERE r.casefile_id = %(casefile)s AND r.opened_seq = ANY(%(opened)s::int[])
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One performed step with the file after it, as one party sees it."""

    seq: int
    at: datetime
    transition: Mapping[str, Any]
    seen: Mapping[str, Any]
    withheld: tuple[str, ...]
    documents: tuple[Attached, ...]
    turn: Mapping[str, Any] | None
    voided: frozenset[str]


@dataclass(frozen=True, slots=True)
class Versions:
    """What a page needs: its own versions, all that were read for it by number, and the newest there is."""

    shown: tuple[Version, ...]
    by_seq: Mapping[int, Version]
    last: Version

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

    def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """A page of the timeline; with `between` the difference between two versions or two instants as well."""
        ident = identifier(casefile)
        asked = request.asked(TimelineQuery)
        moments = _moments(asked.between, request)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        seen = reading(request, ident)
        after = cast("tuple[int, int] | None", window.after)
        # One version may be shown already, and each of the others shows itself at least.
        most = window.fetch + 1
        versions = _versions(
            ident, request, seen=seen, asked=asked, moments=moments, first=after[0] if after else 1, most=most
        )
        rows = [
            (place, item)
            for place, item in _items(ident, versions, request, seen=seen)
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
        presenting.record_access(request, route="/casefiles/{id}/timeline", shown=[ident])
        return shown(request, data, version=versions.last.seq)


LAST_ITEM = 1_000_000
"""Stands behind every item of one version."""


def _moments(between: tuple[str, ...] | None, request: DoorRequest) -> Moments | None:
    """What `between` says: two versions or two instants. Raises Problem `invalid-query`, as for any parameter."""
    if between is None:
        return None
    shape: type[TwoInstants] | type[TwoVersions]
    shape = TwoInstants if any(re.match("[0-9]{4}-", one) for one in between) else TwoVersions
    asked = queries.parse(
        shape,
        urlencode({"between": ",".join(between)}),
        catalogue=load_catalogue(),
        now=request.now,
        time_zone=request.actor.time_zone,
    )
    return asked.between


def _versions(
    ident: UUID,
    request: DoorRequest,
    *,
    seen: Sight,
    asked: TimelineQuery,
    moments: Moments | None,
    first: int,
    most: int,
) -> Versions:
    """The versions from `first` on, `most` of them, and what has to be known beside them."""
    named = moments or ()
    with connection.cursor() as cursor:
        cursor.execute(
            STEPS,
            {
                "casefile": ident,
                "until": seen.until,
                "first": first,
                "most": most,
                "from": asked.from_,
                "to": asked.to,
                "versions": [moment for moment in named if isinstance(moment, int) and moment < MOST_VERSIONS],
                "instants": [moment for moment in named if isinstance(moment, datetime)],
            },
        )
        rows = cursor.fetchall()
    if not rows or rows[-1][16] is None:
        raise Problem("erased")
    catalogue = load_catalogue()
    files = {row[0]: orjson.loads(row[16]) if row[16] else {} for row in rows}
    # Today's sight decides how much of yesterday is shown; a former party's, what it was when it left.
    viewer = projection.viewer_of(request.actor, files[rows[-1][0]])
    by_seq = {row[0]: _version(row, viewer=viewer, catalogue=catalogue, files=files) for row in rows}
    return Versions(shown=tuple(by_seq[row[0]] for row in rows if row[17]), by_seq=by_seq, last=by_seq[rows[-1][0]])


MOST_VERSIONS = 2**31
"""Beyond what a version can be."""


def _version(row: tuple[Any, ...], *, viewer: Viewer, catalogue: Catalogue, files: Mapping[int, Any]) -> Version:
    (seq, name, source, target, party, client, occurred, recorded, basis, request_id, code, agency) = row[:12]
    entry, index, leaf, given_text = row[12:16]
    facts = files[seq]
    given = projection.project_given(orjson.loads(given_text) if given_text else {}, viewer=viewer, by=code)
    seen, withheld = projection.project(facts, viewer=viewer, catalogue=catalogue) if facts else ({}, [])
    official = given.pop("official", None)
    for unsaid in ("occurred_at", *projection.INTERNAL_GIVEN):
        given.pop(unsaid, None)
    known = {item["id"] for item in files.get(seq - 1, {}).get("documents", ())}
    return Version(
        seq=seq,
        at=recorded,
        transition={
            "name": name,
            "from": source or None,
            "to": target,
            "occurred_at": occurred,
            "recorded_at": recorded,
            "actor": {"party": party, "agency": {"code": code, "name": agency}, "client": client, "person": None},
            "official": official,
            "legal_basis": basis,
            "given": given,
            "request_id": str(request_id),
            "entry": {"id": str(entry), "index": index, "leaf_hash": bytes(leaf).hex()},
        },
        seen=compared(seen),
        withheld=tuple(withheld),
        documents=tuple(item for item in seen.get("documents", ()) if item["id"] not in known),
        turn=facts.get("turn"),
        voided=frozenset(facts.get("voided_referrals", ())),
    )


def _items(
    ident: UUID, versions: Versions, request: DoorRequest, *, seen: Sight
) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """The items of the page's versions with their places: the version, and the place within it."""
    referrals = _referrals(ident, versions, seen=seen, request=request)
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
        opened = (_beside("referral", version, item) for item in referrals.get(version.seq, ()))
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


def _referrals(
    ident: UUID, versions: Versions, *, seen: Sight, request: DoorRequest
) -> dict[int, list[dict[str, Any]]]:
    """The referrals that the page's versions opened, by version."""
    with connection.cursor() as cursor:
        cursor.execute(REFERRALS, {"casefile": ident, "opened": [version.seq for version in versions.shown]})
        row = cursor.fetchone()
    rows = orjson.loads(row[0]) if row else []
    if seen.is_former:
        rows = [_as_it_stood(one, versions.last) for one in rows]
    now, opened = seen.left_at or request.now, dict[int, list[dict[str, Any]]]()
    for one in rows:
        for name in ("opened_at", "due_at", "answered_at"):
            if one[name]:
                one[name] = datetime.fromisoformat(one[name]).astimezone(UTC)
        for name in ("clock_from", "due_on", "original_due_on", "missed_due_on"):
            if one[name]:
                one[name] = date.fromisoformat(one[name])
        opened.setdefault(one["opened_seq"], []).append(referral(one, now=now, language=request.language))
    return opened


def _as_it_stood(row: Mapping[str, Any], last: Version) -> dict[str, Any]:
    """A referral when `last` was the last version: of what was answered or moved later nothing is told."""
    rule = deadlines.as_it_stood(row["rule"], seq=last.seq)
    then = {**row, "case_state": last.transition["to"], "case_version": last.seq, "rule": rule}
    answered = row["answered_seq"] is not None and row["answered_seq"] <= last.seq
    if answered and row["status"] == "voided" and row["id"] not in last.voided:
        answered_on = local_day(datetime.fromisoformat(row["answered_at"]), row["time_zone"])
        missed = date.fromisoformat(row["missed_due_on"] or row["due_on"])
        return then | {"status": "answered", "days_late": late_by(missed, answered_on)}
    if answered or last.turn is None or last.turn["referral"] != row["id"]:
        return then
    due_on = last.turn["due_on"]
    unmoved = row["due_on"] == due_on
    return then | {
        "status": "open",
        "due_on": due_on,
        "missed_due_on": last.turn.get("missed_due_on"),
        "due_at": last.turn["due_at"],
        "answered_at": None,
        "answered_with": "",
        "by_code": None,
        "days_late": 0,
        "paused_days": row["paused_days"] if unmoved else sum(one["days"] for one in rule.get("pauses", ())),
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
