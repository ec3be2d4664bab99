"""Casefiles as an agency reads them: one of them, or the page of those that match what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Exists, OuterRef, Subquery

from agencies.actor import Actor
from agencies.models import Agency, Mandate
from casefiles.file import CaseFile
from casefiles.flow import OutcomeName, State
from casefiles.flow.parties import HOLDERS
from casefiles.identifiers import number_key
from casefiles.models import Casefile, Referral
from casefiles.names import name_key
from casefiles.queries import CasefileQuerySet, Sight, sight_in_sql, sight_read
from casefiles.shapes import AgencyCode, Code, Doc, Instant, Items, Ref, Text

States = Annotated[tuple[State, ...], Items(1, 20), Doc(id="Tahap", en="States", example="recommended")]
Outcomes = Annotated[tuple[OutcomeName, ...], Items(1, 20), Doc(id="Hasil", en="Outcomes", example="sanctioned")]


@dataclass(frozen=True, kw_only=True)
class CasefileFilters:
    """The filters that list and search share; those that name an agency take its code, `turn` also takes `me`."""

    state: States = ()
    outcome: Outcomes = ()
    turn: Annotated[AgencyCode, Doc(id="Giliran: me atau kode instansi", en="Turn: me or an agency code")] | None = None
    submitter: Annotated[AgencyCode, Doc(id="Pengirim", en="Submitter")] | None = None
    examiner: Annotated[AgencyCode, Doc(id="Pemeriksa", en="Examiner")] | None = None
    employer: Annotated[AgencyCode, Doc(id="Instansi pegawai", en="Employer")] | None = None
    mandate: (
        Annotated[str, Text(80), Doc(id="Kode mandat pemeriksa", en="The mandate's code", example="examining-2024")]
        | None
    ) = None
    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form")] | None = None
    violation_class: Annotated[str, Code("violation_class"), Doc(id="Golongan", en="Class")] | None = None
    overdue: Annotated[bool, Doc(id="Lewat tenggat", en="Overdue")] | None = None
    number: Annotated[str, Text(40), Doc(id="Nomor perkara", en="Number", example="LTS/2026/000123")] | None = None
    register_number: Annotated[str, Text(120), Doc(id="Nomor register", en="Register number")] | None = None
    finding: Annotated[UUID, Ref("finding"), Doc(id="Temuan", en="Finding")] | None = None
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election")] | None = None
    changed_since: (
        Annotated[
            Instant,
            Doc(
                id="Berubah sejak (>=). Beri tumpang tindih dua menit dan buang ganda menurut version.",
                en="Changed since (>=). Overlap two minutes and deduplicate by version.",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True)
class ListedCasefile:
    """A casefile with its facts as they stand now."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    facts: CaseFile


def sight_of(actor: Actor, casefile: UUID) -> Sight | None:
    """How the actor's agency reads that casefile, now or as it left it; None where it does not, or there is none."""
    sight: Sight | None = Casefile.objects.seen_by(actor, casefile=casefile)
    return sight


# The same, asked with the caller's token (`agencies.tokens.Further`); never null, so that an answer is one.
SIGHT_OF_CALLER = f"""
json_build_object('sight', {sight_in_sql(auditor="'auditor' = ANY(called.roles)", group="called.group_id")})::text
"""


def sight_within(answer: str) -> Sight | None:
    """What the answer to that says, as `sight_of` does."""
    return sight_read(orjson.loads(answer)["sight"])


def casefiles_seen(
    actor: Actor, asked: CasefileFilters, *, now: datetime, nip: str | None = None, name: str | None = None
) -> CasefileQuerySet:
    """The casefiles that the actor sees and that match what was asked, without those that were erased.

    `nip` and `name` are the officer's, whole; `casefiles.queries` says in which versions they are looked for.
    """
    rows: CasefileQuerySet = Casefile.objects.visible_to(actor).with_content().filter(**_conditions(asked, actor))
    if asked.overdue:
        late = Referral.objects.filter(casefile=OuterRef("pk"), status="open", due_at__lte=now)
        rows = rows.filter(Exists(late))
    elif asked.overdue is not None:
        # Most are in time, so the newest page is full at once; no index knows in which file the time has not passed.
        rows = rows.exclude(open_referral__due_at__lte=now)
    if nip is not None:
        rows = rows.with_subject(nip=nip)
    if name is not None:
        rows = rows.with_subject(name_key=name_key(name))
    return rows


def casefiles_in_parts(
    actor: Actor, asked: CasefileFilters, *, now: datetime, nip: str | None = None, name: str | None = None
) -> Sequence[CasefileQuerySet]:
    """The same as several querysets, for the newest of them: each is read by an index of its own.

    What is not late is closed, or has a due day ahead; where nearly all is late, there is an index of the latter.
    """
    if asked.overdue is not False:
        return [casefiles_seen(actor, asked, now=now, nip=nip, name=name)]
    rows = casefiles_seen(actor, replace(asked, overdue=None), now=now, nip=nip, name=name)
    ahead = Referral.objects.filter(casefile=OuterRef("pk"), status="open", due_at__gt=now)
    return [rows.filter(open_referral__isnull=True), rows.filter(Exists(ahead))]


def _conditions(asked: CasefileFilters, actor: Actor) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    if asked.state:
        conditions["state__in"] = asked.state
    if asked.outcome:
        conditions["outcome__in"] = asked.outcome
    if asked.turn is not None:
        code = actor.agency_code if asked.turn == "me" else asked.turn
        conditions |= {"referrals__status": "open", "referrals__to_agency": _key(Agency, code)}
    # Told as a value, not joined: so PostgreSQL reads the index of that agency in the order of the list.
    for party, of in (("submitter", Agency), ("examiner", Agency), ("employer", Agency), ("mandate", Mandate)):
        if (code := getattr(asked, party)) is not None:
            conditions[party] = _key(of, code)
    if asked.form is not None:
        conditions["forms__contains"] = [asked.form]
    for name in ("violation_class", "election", "finding"):
        if (value := getattr(asked, name)) is not None:
            conditions[name] = value
    if asked.number is not None:
        conditions["number"] = number_key(asked.number)
    if asked.register_number is not None:
        conditions["finding__register_key"] = number_key(asked.register_number)
    if asked.changed_since is not None:
        conditions["updated_at__gte"] = asked.changed_since
    return conditions


def _key(of: type[Agency] | type[Mandate], code: str) -> Subquery:
    return Subquery(of.objects.filter(code=code).values("pk")[:1])


_WITH_FACTS = """
SELECT c.id, c.created_at, c.updated_at, p.facts::text
FROM casefiles_casefile c
JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
WHERE c.id = ANY(%s) AND p.facts IS NOT NULL ORDER BY c.id DESC
"""


def with_facts(rows: CasefileQuerySet, *, most: int) -> Sequence[ListedCasefile]:
    """The first `most` of those rows with their facts, newest first, in two statements: the ids, then the facts.

    The rows are those of `casefiles_seen`, ordered by id downwards.
    """
    ids = list(rows.values_list("pk", flat=True)[:most])
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WITH_FACTS, [ids])
        return [
            ListedCasefile(ident, created_at, updated_at, orjson.loads(facts))
            for ident, created_at, updated_at, facts in cursor.fetchall()
        ]


def agencies_in(facts: Mapping[str, Any]) -> set[str]:
    """The codes of the agencies that a casefile names: its parties, whose turn it is, and who acted on it."""
    codes = {
        *(facts.get(party) for party in HOLDERS),
        *((facts.get(part) or {}).get("agency") for part in ("turn", "served")),
        (facts.get("subject") or {}).get("workplace"),
        *(one["by"] for part in ("extensions", "corrections") for one in facts.get(part) or ()),
        *(one[end] for one in facts.get("handed_over") or () for end in ("from_agency", "to_agency")),
    }
    return cast("set[str]", {code for code in codes if code})
