"""Preventions: what Bawaslu did before anything happened, and whom it warned (PKS of 31 January 2023, second head).

Like a document's descriptor a prevention is no transition: it moves no casefile, and nobody's turn begins with it. It
is append-only, and its entry in the log stands in a stream of its own (`casefiles.transitions.committing`). Officers'
names and NIPs lie in the erasable place only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import connection

from agencies.actor import Actor
from agencies.models import Agency
from audit.ids import uuid7
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles import references
from casefiles.catalogue.law import local_day
from casefiles.errors import Fault, InvalidGiven, NotYourOffice
from casefiles.flow import Party, WrongParty
from casefiles.flow.given import Letter
from casefiles.intake import documents
from casefiles.models import Payload, Prevention
from casefiles.names import name_key
from casefiles.queries import PreventionQuerySet
from casefiles.shapes import AgencyCode, Between, Code, Date, Doc, Items, Nip, NotAfterToday, RegionCode, Text
from casefiles.transitions import committing
from casefiles.transitions.decide import unknown_agencies, unknown_documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """An officer whom a prevention names. The agency it is addressed to sees its own officers only.

    Whoever warns on the spot knows a name, not a NIP; without it the warning shows in no casefile of the officer.
    """

    nip: (
        Annotated[
            Nip,
            Doc(
                id="NIP bila diketahui; menurut NIP peringatan ini muncul pada perkara pegawai itu",
                en="NIP where known; by it the warning shows in the officer's casefiles",
                example="198501012010011001",
            ),
        ]
        | None
    ) = None
    name: Annotated[str, Text(200), Doc(id="Nama", en="Name", example="Contoh Nama")]
    employer: (
        Annotated[
            AgencyCode,
            Doc(
                id="Instansinya; bila kosong, instansi yang dituju",
                en="The officer's agency; if left out, the agency addressed",
                example="pemkot-padang",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventionGiven:
    """POST /preventions: one act of prevention by an office."""

    kind: Annotated[str, Code("prevention_kind"), Doc(id="Jenis", en="Kind", example="verbal_warning")]
    held_on: Annotated[Date, NotAfterToday(), Doc(id="Tanggal", en="Day", example="2024-08-12")]
    office: Annotated[AgencyCode, Doc(id="Kantor", en="Office", example="bawaslu-kota-padang")]
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election", example="pilkada-2024")] | None = (
        None
    )
    region: Annotated[RegionCode, Doc(id="Wilayah", en="Region", example="13.71")] | None = None
    addressed: (
        Annotated[AgencyCode, Doc(id="Instansi yang dituju", en="Agency addressed", example="pemkot-padang")] | None
    ) = None
    audience: (
        Annotated[int, Between(1, 1_000_000), Doc(id="Jumlah hadirin", en="Size of the audience", example=40)] | None
    ) = None
    letter: Annotated[Letter, Doc(id="Surat, wajib bagi appeal_letter", en="Letter, for appeal_letter")] | None = None
    officers: Annotated[
        tuple[Warned, ...],
        Items(0, 100),
        Doc(
            id="Pegawai yang diperingatkan, wajib bagi verbal_warning",
            en="Officers warned, for verbal_warning",
            example=[{"nip": "198501012010011001", "name": "Contoh Nama"}],
        ),
    ] = ()
    text: (
        Annotated[
            str,
            Text(8000),
            Doc(
                id="Uraian, wajib bagi other; nama pegawai ditulis di officers, bukan di sini",
                en="In words, for other; officers' names go into officers, not here",
                example="Peringatan setelah apel pagi.",
            ),
        ]
        | None
    ) = None


def record(*, actor: Actor, given: PreventionGiven, now: datetime, request: RequestFacts | None = None) -> Sealed:
    """Store a prevention of the actor's office or one below it, inside the caller's transaction.

    Returns its entry, whose stream is its id.

    Raises `WrongParty` (no election supervisor), `InvalidGiven` (every fault), `NotYourOffice`; nothing is stored then.
    """
    if "election_supervisor" not in actor.roles:
        raise WrongParty("preventions", (Party.SUBMITTER,))
    mentioned = references.agencies(given)
    agencies = {
        agency.code: agency
        for agency in Agency.objects.filter(code__in={code for _, code in mentioned}).select_related("parent")
    }
    faults = [
        *unknown_agencies(mentioned, set(agencies)),
        *unknown_documents(references.documents(given), documents.owned(references.documents(given), actor=actor)),
        *contradictions(given),
    ]
    if faults:
        raise InvalidGiven(tuple(faults))
    office = agencies[given.office]
    if actor.agency_id not in {office.pk, *office.above}:
        raise NotYourOffice
    ident, salt = uuid7(now), committing.fresh_salt()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "id": ident,
                "office": office.pk,
                "kind": given.kind,
                "held_on": given.held_on,
                "election": given.election or "",
                "region": given.region or "",
                "addressed": agencies[given.addressed].pk if given.addressed else None,
                "now": now,
                "content": references.as_json(content(given)),
                "salt": salt,
                "officers": references.as_json(officers(given)),
                # Whoever has no NIP here is found by name, to be erased (`casefiles.operations.erasure`).
                "name_keys": ["" if officer.nip else name_key(officer.name) for officer in given.officers],
            },
        )
    return committing.recorded("prevention", ident, salt=salt, actor=actor, now=now, request=request)


INSERT = """
WITH prevention AS (
    INSERT INTO casefiles_prevention (id, office_id, kind, held_on, election, region, addressed_id, created_at)
    VALUES (%(id)s, %(office)s, %(kind)s, %(held_on)s, %(election)s, %(region)s, %(addressed)s, %(now)s)
)
INSERT INTO casefiles_payload (prevention_id, seq, given, facts_salt, nip, name_key, created_at)
SELECT %(id)s, 1, %(content)s::jsonb, %(salt)s, '', '', %(now)s
UNION ALL
SELECT %(id)s, 1 + o.place, o.said, NULL, coalesce(o.said->>'nip', ''), (%(name_keys)s::text[])[o.place], %(now)s
FROM jsonb_array_elements(%(officers)s::jsonb) WITH ORDINALITY AS o (said, place)
"""


def contradictions(given: PreventionGiven) -> list[Fault]:
    """What the kind asks for and was not given, a letter sent before it was written, officers who are named twice."""
    wanted = {
        "appeal_letter": ("letter", given.letter is not None),
        "verbal_warning": ("officers", bool(given.officers)),
        "other": ("text", given.text is not None),
    }
    member, is_there = wanted.get(given.kind, ("", True))
    faults = []
    if not is_there:
        faults.append(
            Fault(
                "required-when",
                f"#/{member}",
                f"Wajib diisi bagi jenis {given.kind}.",
                f"Required for the kind {given.kind}.",
            )
        )
    if given.kind == "appeal_letter" and given.letter is not None and given.held_on < given.letter.date:
        written = given.letter.date.isoformat()
        faults.append(
            Fault(
                "out-of-order",
                "#/held_on",
                f"Surat imbauan tidak dikirim sebelum ditulis: tanggal suratnya {written} (#/letter/date).",
                f"An appeal is not sent before it was written: its letter is dated {written} (#/letter/date).",
            )
        )
    numbers = [officer.nip for officer in given.officers]
    faults += [
        Fault(
            "duplicate-officer",
            f"#/officers/{index}/nip",
            "Pegawai ini sudah disebut di atas.",
            "This officer is named above already.",
        )
        for index, number in enumerate(numbers)
        if number is not None and number in numbers[:index]
    ]
    return faults


def content(given: PreventionGiven) -> dict[str, Any]:
    """What was said, without the officers."""
    plain: dict[str, Any] = references.plain(given)
    return {name: plain[name] for name in ("audience", "letter", "text")}


def officers(given: PreventionGiven) -> list[dict[str, Any]]:
    """The officers named, each with their agency where it is known."""
    named: list[dict[str, Any]] = references.plain(given.officers)
    return [{**officer, "employer": officer["employer"] or given.addressed} for officer in named]


@dataclass(frozen=True, kw_only=True)
class PreventionFilters:
    """The filters of the list."""

    kind: Annotated[str, Code("prevention_kind"), Doc(id="Jenis", en="Kind")] | None = None
    office: Annotated[AgencyCode, Doc(id="Kantor", en="Office")] | None = None
    addressed: Annotated[AgencyCode, Doc(id="Instansi yang dituju", en="Agency addressed")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None


def visible_preventions(actor: Actor, *, now: datetime) -> PreventionQuerySet:
    """The preventions that the actor sees today, where it sits, each with office and agency addressed."""
    rows: PreventionQuerySet = Prevention.objects.visible_to(actor, on=local_day(now, actor.time_zone))
    return rows.select_related("office", "addressed")


def preventions_seen(actor: Actor, asked: PreventionFilters, *, now: datetime) -> PreventionQuerySet:
    """Those of them that match what was asked."""
    conditions = {
        "kind": asked.kind,
        "office__code": asked.office,
        "addressed__code": asked.addressed,
        "election": asked.election,
    }
    matching = {path: value for path, value in conditions.items() if value is not None}
    return visible_preventions(actor, now=now).filter(**matching)


def content_of(prevention: UUID) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """The content of a prevention and the officers it names, in one statement; what was erased is left out."""
    rows = Payload.objects.filter(prevention=prevention, seq__gte=1, given__isnull=False).order_by("seq")
    kept: list[tuple[int, dict[str, Any]]] = [(row.seq, dict(row.given or {})) for row in rows]
    return next((content for seq, content in kept if seq == 1), {}), [content for seq, content in kept if seq > 1]


def officers_for(actor: Actor, named: Sequence[Mapping[str, Any]], *, sees_all: bool) -> list[Mapping[str, Any]]:
    """Those officers whom the actor may see: all (`PreventionQuerySet.visible_to` says who does), else its own."""
    return [officer for officer in named if sees_all or officer["employer"] == actor.agency_code]
