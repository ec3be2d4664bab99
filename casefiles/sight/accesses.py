"""The record of reads: of one casefile for its parties, of the whole register for auditors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, QuerySet

from agencies.actor import Actor
from agencies.queries import numbered
from audit.models import Access, AccessDay
from casefiles.models import Attachment, Casefile, CasefileGrant
from casefiles.shapes import AgencyCode, Code, Date, Doc, Ref, Text


@dataclass(frozen=True, kw_only=True)
class AccessFilters:
    """The filters of the list; days are counted where the actor sits."""

    from_: Annotated[Date, Doc(id="Sejak tanggal", en="From that day on")] | None = None
    to: Annotated[Date, Doc(id="Sampai tanggal, termasuk", en="Until that day, included")] | None = None
    agency: Annotated[AgencyCode, Doc(id="Instansi pembaca", en="Reading agency")] | None = None
    client: Annotated[str, Text(100), Doc(id="Klien", en="Client")] | None = None
    purpose: Annotated[str, Code("reading_purpose"), Doc(id="Tujuan membaca", en="Purpose of reading")] | None = None
    document: (
        Annotated[
            UUID,
            Ref("document"),
            Doc(
                id="Pembacaan keterangan berkas ini pada perkara ini, alih-alih berkas perkaranya",
                en="Reads of this document of the casefile, in place of the casefile itself",
            ),
        ]
        | None
    ) = None


def accesses_of(casefile: UUID, asked: AccessFilters, *, actor: Actor) -> QuerySet[Access]:
    """The recorded reads of that casefile, or of the document asked for where the casefile holds it.

    The caller has asked for sight of the casefile before. Of a document the actor is given the reads of agencies that
    have or had this casefile, an auditor all: one document may lie in the casefiles of many officers, and who reads it
    there is for their examiners to know.
    """
    rows: QuerySet[Access] = Access.objects.filter(shown__contains=[asked.document or casefile])
    if asked.document is not None:
        rows = rows.filter(Exists(Attachment.objects.filter(casefile=casefile, document=asked.document)))
        if not actor.is_auditor:
            grants = CasefileGrant.objects.filter(content_object=casefile)
            rows = rows.filter(agency__in=grants.values("agency"))
    return _matching(rows, asked, actor)


def accesses_of_register(asked: AccessFilters, *, actor: Actor) -> QuerySet[Access]:
    """All recorded reads that match, auditors' own among them. For an auditor; anybody else is given none."""
    rows: QuerySet[Access] = Access.objects.all() if actor.is_auditor else Access.objects.none()
    return _matching(rows, asked, actor)


def numbers_of(rows: Iterable[Access], *, actor: Actor) -> Mapping[UUID, str]:
    """The numbers of the casefiles that those reads showed, as far as the actor sees them, by id."""
    shown = {ident for row in rows for ident in row.shown}
    return dict(Casefile.objects.visible_to(actor).filter(pk__in=shown).values_list("pk", "number"))


def sealed_until() -> tuple[date, int] | None:
    """The newest day whose reads are sealed in the log, and the number of that seal; None while none is."""
    return AccessDay.objects.order_by("-number").values_list("day", "number").first()


def _matching(rows: QuerySet[Access], asked: AccessFilters, actor: Actor) -> QuerySet[Access]:
    if asked.from_ is not None:
        rows = rows.filter(at__gte=_midnight(asked.from_, actor.time_zone))
    if asked.to is not None:
        rows = rows.filter(at__lt=_midnight(asked.to + timedelta(days=1), actor.time_zone))
    if asked.agency is not None:
        rows = rows.filter(agency__in=numbered(asked.agency))
    if asked.client is not None:
        rows = rows.filter(client=asked.client)
    if asked.purpose is not None:
        rows = rows.filter(purpose=asked.purpose)
    return rows


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
