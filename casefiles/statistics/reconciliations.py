"""Reconciling: a partner's register held against this one, line by line, so that two totals can be explained.

The partner says which of its cases it lists (`ComparedScope`) and what it believes of each; the answer says where the
two registers differ and which casefiles it did not list. Nothing is stored. Everything is read by one statement, so
that it is one moment; only what the caller sees is compared, and the rest is as unknown as what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any, ClassVar, Final, Literal
from uuid import UUID

import orjson
from django.db import connection

from agencies.actor import Actor
from agencies.ancestry import is_or_above
from agencies.models import Agency
from casefiles import references
from casefiles.catalogue.book import Catalogue
from casefiles.errors import Fault, InvalidGiven
from casefiles.flow import OutcomeName, State
from casefiles.identifiers import number_key
from casefiles.models import Casefile
from casefiles.shapes import AgencyCode, Ascending, Code, Date, Doc, Identifier, Items, Nip, Text
from casefiles.sight import projection
from casefiles.transitions.decide import unknown_agencies
from casefiles.transitions.step import gravest

MOST_LINES: Final = 2_000
MOST_MISSING: Final = 1_000
# Of the casefiles that one line may mean, how many are named; how many there are is always told.
MOST_CANDIDATES: Final = 10

Role = Literal["submitter", "examiner", "employer", "addressee"]
Status = Literal["matched", "different", "ambiguous", "unknown", "repeated"]
STATUSES: Final[tuple[Status, ...]] = ("matched", "different", "ambiguous", "unknown", "repeated")

WAYS: Final = ("number", "register_number", "nip")
# What narrows which way of naming.
NARROWS: Final = {"origin_office": "register_number", "election": "nip"}
# What may be believed of a casefile.
BELIEFS: Final = ("state", "outcome", "employer", "violation_class", "sanction", "due_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedScope:
    """Which cases the caller lists. Days are local to the office the finding came from, and both ends are included."""

    orders: ClassVar[tuple[Ascending, ...]] = (Ascending("submitted_from", "submitted_until"),)

    role: Annotated[
        Role,
        Doc(
            id="Peran pemanggil dalam perkara yang didaftarnya; submitter mencakup kantor di bawahnya",
            en="The caller's part in the cases it lists; submitter includes the offices below it",
            example="employer",
        ),
    ]
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election", example="pilkada-2024")] | None = (
        None
    )
    submitted_from: (
        Annotated[
            Date,
            Doc(id="Diteruskan sejak hari ini (termasuk)", en="Submitted on or after this day", example="2024-09-01"),
        ]
        | None
    ) = None
    submitted_until: (
        Annotated[
            Date,
            Doc(id="Diteruskan sampai hari ini (termasuk)", en="Submitted on or before this day", example="2024-12-31"),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedLine:
    """One line of the caller's register: one way of naming the case, and what the caller believes of it.

    A belief that is null or left out is not compared.
    """

    ref: Annotated[
        str,
        Text(100),
        Identifier(),
        Doc(
            id="Kunci baris milik pemanggil, dikembalikan apa adanya; tanpa data pribadi",
            en="The caller's own key of the line, given back as it is; nothing personal",
            example="SIKAP-17",
        ),
    ]
    number: Annotated[str, Text(40), Doc(id="Nomor perkara", en="Number", example="LTS/2026/000123")] | None = None
    register_number: Annotated[str, Text(120), Doc(id="Nomor register Bawaslu", en="Bawaslu's number")] | None = None
    origin_office: (
        Annotated[AgencyCode, Doc(id="Kantornya, bersama register_number", en="Its office, with register_number")]
        | None
    ) = None
    nip: Annotated[Nip, Doc(id="NIP terlapor", en="The officer's NIP")] | None = None
    election: (
        Annotated[str, Code("elections"), Doc(id="Pemilihan, bersama nip", en="The election, with nip")] | None
    ) = None
    state: Annotated[State, Doc(id="Tahap", en="State", example="awaiting_sanction")] | None = None
    outcome: Annotated[OutcomeName, Doc(id="Hasil", en="Outcome")] | None = None
    employer: Annotated[AgencyCode, Doc(id="Instansi pegawai", en="Employer", example="pemkot-padang")] | None = None
    violation_class: Annotated[str, Code("violation_class"), Doc(id="Golongan terberat", en="Gravest class")] | None = (
        None
    )
    sanction: Annotated[str, Code("sanctions"), Doc(id="Hukuman yang dijatuhkan", en="Sanction imposed")] | None = None
    due_on: Annotated[Date, Doc(id="Tenggat giliran sekarang", en="When the present turn is due")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationGiven:
    """POST /reconciliations: which cases, and the lines of the caller's register."""

    scope: Annotated[ComparedScope, Doc(id="Perkara yang didaftar", en="Which cases are listed")]
    items: Annotated[tuple[ComparedLine, ...], Items(1, MOST_LINES), Doc(id="Baris register", en="Lines")]


@dataclass(frozen=True, slots=True)
class Named:
    """A casefile by id and number; `visible` unless the caller only knows that another one was merged into it."""

    id: UUID
    number: str
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """A member of which the two registers say different things."""

    member: str
    yours: str
    ours: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What came of one line.

    `found` is how many casefiles it may mean, of which `casefiles` names ten at most. `outside_scope`: none of them is
    in the scope. `merged_into` where the case named was taken in by another.
    """

    ref: str
    index: int
    status: Status
    casefiles: tuple[Named, ...] = ()
    found: int = 0
    outside_scope: bool = False
    merged_into: Named | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A casefile of the scope that no line names."""

    id: UUID
    number: str
    register_number: str
    state: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Two registers compared: under which head of the log (`index` of its last leaf), and what came of it.

    `waiting` entries were recorded but had no place in the log yet. `counted` adds up: `yours` is the sum of the five
    statuses; `ours` (the scope, without merged casefiles) is `listed` and `missing` together.
    """

    index: int | None
    waiting: int
    counted: Mapping[str, int]
    lines: tuple[Line, ...]
    missing: tuple[Missing, ...]

    @property
    def shown(self) -> set[UUID]:
        """The casefiles that the answer tells of."""
        named = {casefile.id for line in self.lines for casefile in line.casefiles}
        return named | {casefile.id for casefile in self.missing}


def reconcile(*, actor: Actor, given: ReconciliationGiven, catalogue: Catalogue) -> Reconciliation:
    """Compare, in two statements whatever the number of lines. Raises `InvalidGiven` with every fault."""
    if faults := faults_of(given):
        raise InvalidGiven(faults)
    index, waiting, ours, listed, missing, kept = _read(actor, given)
    candidates = {key: list(rows) for key, rows in groupby(orjson.loads(kept), key=lambda row: row["key"])}
    lines: list[Line] = []
    taken: set[str] = set()
    for place, line in enumerate(given.items):
        lines.append(_judged(line, place, candidates.get(place, []), taken, actor=actor, catalogue=catalogue))
    counted: dict[str, int] = {status: sum(line.status == status for line in lines) for status in STATUSES}
    return Reconciliation(
        index=index,
        waiting=waiting,
        counted={"yours": len(lines), "ours": ours, **counted, "listed": listed, "missing": ours - listed},
        lines=tuple(lines),
        missing=tuple(Missing(**{**members, "id": UUID(members["id"])}) for members in orjson.loads(missing)),
    )


# --- what is wrong with the lines ----------------------------------------------------------------------------------


def faults_of(given: ReconciliationGiven) -> tuple[Fault, ...]:
    """Lines that name no case or name it twice, what narrows nothing, and agencies nobody knows."""
    mentioned = references.agencies(given)
    known = set(Agency.objects.filter(code__in={code for _, code in mentioned}).values_list("code", flat=True))
    return (*_misnamed(given.items), *unknown_agencies(mentioned, known))


def _misnamed(lines: Sequence[ComparedLine]) -> Iterator[Fault]:
    for place, line in enumerate(lines):
        if sum(getattr(line, way) is not None for way in WAYS) != 1:
            yield Fault(
                "one-way-of-naming",
                f"#/items/{place}",
                "Sebut perkaranya dengan tepat satu dari number, register_number, atau nip.",
                "Name the case by exactly one of number, register_number or nip.",
            )
        for narrowing, way in NARROWS.items():
            if getattr(line, narrowing) is not None and getattr(line, way) is None:
                yield Fault(
                    "narrows-nothing",
                    f"#/items/{place}/{narrowing}",
                    f"Isian ini hanya mempersempit {way}. Hapus, atau sebut perkaranya dengan {way}.",
                    f"This only narrows {way}. Leave it out, or name the case by {way}.",
                )


# --- what there is -------------------------------------------------------------------------------------------------

# Sight first (`visible_to`), and everything else out of that. A line follows a merged casefile to the one that took it
# in, as far as the caller sees. Where a line means cases inside the scope and others, it means those inside.
_STATEMENT: Final = """
WITH RECURSIVE
mine (id) AS MATERIALIZED ({visible}),
asked AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb)
        AS a (key int, number text, register_key text, office text, nip text, election text)
),
scope AS (
    SELECT %s::bigint AS me, %s::text AS role, %s::text AS election, %s::date AS since, %s::date AS until
),
named (key, id) AS (
    SELECT a.key, c.id FROM asked a JOIN casefiles_casefile c ON c.number = a.number
    UNION ALL
    SELECT a.key, c.id FROM asked a
    JOIN casefiles_finding f ON f.register_key = a.register_key
    JOIN agencies_agency o ON o.id = f.office_id AND (a.office IS NULL OR o.code = a.office)
    JOIN casefiles_casefile c ON c.finding_id = f.id
    UNION ALL
    -- Found in any version, and kept where it is the officer's NIP now or was before.
    SELECT DISTINCT a.key, c.id FROM asked a
    JOIN casefiles_payload p ON p.nip = a.nip AND p.nip <> '' AND p.casefile_id IS NOT NULL AND p.seq >= 1
    JOIN casefiles_casefile c ON c.id = p.casefile_id
    JOIN casefiles_payload n ON n.casefile_id = c.id AND n.seq = c.version AND n.seq >= 1
    WHERE (a.election IS NULL OR c.election = a.election)
        AND (n.nip = a.nip OR n.facts->'subject'->'former_nips' @> to_jsonb(a.nip))
),
trail (key, named, id, hops) AS (
    SELECT n.key, n.id, n.id, 0 FROM named n JOIN mine m ON m.id = n.id
    UNION ALL
    SELECT t.key, t.named, m.id, t.hops + 1 FROM trail t
    JOIN casefiles_casefile c ON c.id = t.id AND c.outcome = 'merged'
    JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version
    JOIN mine m ON m.id = (p.facts->'merged'->>'into')::uuid
    WHERE t.hops < 20
),
ends AS (SELECT DISTINCT ON (key, named) key, named, id FROM trail ORDER BY key, named, hops DESC),
meant AS (SELECT DISTINCT ON (key, id) key, id, named FROM ends ORDER BY key, id, named = id DESC),
inside AS (
    SELECT c.id, c.number, f.register_number, c.state, c.outcome <> 'merged' AS counts
    FROM scope CROSS JOIN mine
    JOIN casefiles_casefile c ON c.id = mine.id
    JOIN casefiles_finding f ON f.id = c.finding_id
    JOIN agencies_agency o ON o.id = f.office_id
    JOIN agencies_agency s ON s.id = c.submitter_id
    JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = 1
    WHERE CASE scope.role
            WHEN 'submitter' THEN {over_the_submitter}
            WHEN 'examiner' THEN c.examiner_id = scope.me
            WHEN 'employer' THEN c.employer_id = scope.me
            ELSE c.addressee_id = scope.me
        END
        AND (scope.election IS NULL OR c.election = scope.election)
        AND (scope.since IS NULL OR (t.occurred_at AT TIME ZONE o.time_zone)::date >= scope.since)
        AND (scope.until IS NULL OR (t.occurred_at AT TIME ZONE o.time_zone)::date <= scope.until)
),
weighed AS (
    SELECT m.key, m.id, m.named, i.id IS NOT NULL AS inside,
        bool_or(i.id IS NOT NULL) OVER (PARTITION BY m.key) AS some_inside
    FROM meant m LEFT JOIN inside i ON i.id = m.id
),
kept AS (
    SELECT key, id, named, inside, count(*) OVER (PARTITION BY key) AS found,
        row_number() OVER (PARTITION BY key ORDER BY id) AS place
    FROM weighed WHERE inside OR NOT some_inside
)
SELECT
    (SELECT max(index) FROM audit_leaf),
    (SELECT count(*) FROM audit_pending),
    (SELECT count(*) FROM inside WHERE counts),
    (SELECT count(*) FROM inside i WHERE counts AND EXISTS (SELECT FROM kept k WHERE k.id = i.id)),
    (
        SELECT coalesce(json_agg(row_to_json(m)), '[]')::text FROM (
            SELECT i.id, i.number, i.register_number, i.state FROM inside i
            WHERE counts AND NOT EXISTS (SELECT FROM kept k WHERE k.id = i.id) ORDER BY i.id LIMIT %s
        ) m
    ),
    (
        SELECT coalesce(json_agg(json_build_object(
            'key', k.key, 'id', c.id, 'number', c.number, 'state', c.state, 'outcome', c.outcome,
            'inside', k.inside, 'found', k.found, 'followed', k.named <> k.id,
            'facts', CASE WHEN k.found = 1 THEN p.facts END
        ) ORDER BY k.key, k.place), '[]')::text
        FROM kept k
        JOIN casefiles_casefile c ON c.id = k.id
        LEFT JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version
        WHERE k.place <= %s
    )
"""


def _read(actor: Actor, given: ReconciliationGiven) -> tuple[int | None, int, int, int, str, str]:
    visible, parameters = Casefile.objects.visible_to(actor).values("id").query.sql_with_params()
    scope = given.scope
    asked = [
        {
            "key": place,
            "number": number_key(line.number) if line.number else None,
            "register_key": number_key(line.register_number) if line.register_number else None,
            "office": line.origin_office,
            "nip": line.nip,
            "election": line.election,
        }
        for place, line in enumerate(given.items)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT.format(visible=visible, over_the_submitter=is_or_above("scope.me", "s")),
            [
                *parameters,
                references.as_json(asked),
                *(actor.agency_id, scope.role, scope.election, scope.submitted_from, scope.submitted_until),
                *(MOST_MISSING, MOST_CANDIDATES),
            ],
        )
        found: tuple[int | None, int, int, int, str, str] = cursor.fetchone()
    return found


# --- what comes of a line ------------------------------------------------------------------------------------------


def _judged(
    line: ComparedLine,
    place: int,
    rows: Sequence[Mapping[str, Any]],
    taken: set[str],
    *,
    actor: Actor,
    catalogue: Catalogue,
) -> Line:
    """The line's status; `taken` are the casefiles that lines before it mean, to which its own is added."""
    if not rows:
        return Line(ref=line.ref, index=place, status="unknown")
    first = rows[0]
    differences: tuple[Difference, ...] = ()
    status: Status = "ambiguous"
    merged = None
    if first["found"] == 1:
        merged = _taken_in_by(first)
        if first["id"] in taken:
            status = "repeated"
        else:
            taken.add(first["id"])
            differences = tuple(_differences(line, first, actor=actor, catalogue=catalogue))
            status = "different" if differences else "matched"
    return Line(
        ref=line.ref,
        index=place,
        status=status,
        casefiles=tuple(Named(UUID(row["id"]), row["number"]) for row in rows),
        found=first["found"],
        outside_scope=not first["inside"],
        merged_into=merged,
        differences=differences,
    )


def _taken_in_by(row: Mapping[str, Any]) -> Named | None:
    """What took in the casefile that was named; where the caller does not see it, as the file itself tells it."""
    if row["followed"]:
        return Named(UUID(row["id"]), row["number"])
    merged = (row["facts"] or {}).get("merged")
    return Named(UUID(merged["into"]), merged["number"], visible=False) if merged else None


def _differences(
    line: ComparedLine, row: Mapping[str, Any], *, actor: Actor, catalogue: Catalogue
) -> Iterator[Difference]:
    ours = _ours(row, actor=actor, catalogue=catalogue)
    if row["followed"] and line.outcome == "merged":
        # The caller knows that it was merged, and says so of the one it named, which is closed.
        ours |= {"state": "closed", "outcome": "merged"}
    for member in BELIEFS:
        yours = references.plain(getattr(line, member))
        if yours is not None and member in ours and ours[member] != yours:
            yield Difference(member, str(yours), ours[member])


def _ours(row: Mapping[str, Any], *, actor: Actor, catalogue: Catalogue) -> dict[str, str | None]:
    """What the register says of a casefile, as far as the caller is shown it; of an erased one what is left."""
    facts = row["facts"]
    if facts is None:
        return {"state": row["state"], "outcome": row["outcome"] or None}
    seen, _ = projection.project(facts, viewer=projection.viewer_of(actor, facts), catalogue=catalogue)
    return {
        "state": seen["state"],
        "outcome": seen["outcome"],
        "employer": seen["employer"],
        "violation_class": gravest(seen["violations"]) or None,
        "sanction": (seen["sanction"] or {}).get("sanction"),
        "due_on": (seen.get("turn") or {}).get("due_on"),
    }
