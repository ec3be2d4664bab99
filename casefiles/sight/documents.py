"""Documents as an agency reads them: which descriptors, and how much of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from agencies.actor import Actor
from casefiles.catalogue.book import load as load_catalogue
from casefiles.file import Attached, CaseFile
from casefiles.models import Attachment, Casefile, Document, Payload
from casefiles.queries import DocumentQuerySet
from casefiles.shapes import Code, Doc, Ref, Sha256
from casefiles.sight import projection

CONTENT: Final[tuple[str, ...]] = (
    "title", "media_type", "size", "sha256", "signature_status", "evidence_kind", "held_by", "archive_ref",
)  # fmt: skip
"""What the type's audience alone is shown. Type, number and date are for every party of the casefile."""


@dataclass(frozen=True, kw_only=True)
class DocumentFilters:
    """The filters of the list."""

    attached: Annotated[bool, Doc(id="Sudah terlampir?", en="Attached to a casefile?")] | None = None
    type: Annotated[str, Code("document-types"), Doc(id="Jenis", en="Type")] | None = None
    sha256: Annotated[Sha256, Doc(id="SHA-256", en="SHA-256")] | None = None
    casefile: Annotated[UUID, Ref("casefile"), Doc(id="Perkara", en="Casefile")] | None = None


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """A descriptor with its free text (empty once erased), and the names of what the actor is not shown of both."""

    row: Document
    text: Mapping[str, Any]
    hidden: tuple[str, ...] = ()


def visible_documents(actor: Actor) -> DocumentQuerySet:
    """The descriptors that the actor sees, each with its owner."""
    rows: DocumentQuerySet = Document.objects.visible_to(actor)
    return rows.select_related("owner")


def documents_seen(actor: Actor, asked: DocumentFilters) -> Sequence[DocumentQuerySet]:
    """The descriptors that the actor sees and that match what was asked, in the parts of `visible_in_parts`.

    By digest only the actor's own are found: otherwise an agency could ask whether a file that it may not see is in
    the register.
    """
    condition = Q()
    attachments = Attachment.objects.live().filter(document=OuterRef("pk"))
    if asked.attached is not None:
        condition &= Q(Exists(attachments)) if asked.attached else ~Q(Exists(attachments))
    if asked.type is not None:
        condition &= Q(type=asked.type)
    if asked.sha256 is not None:
        condition &= Q(sha256=asked.sha256, owner=actor.agency_id)
    if asked.casefile is not None:
        casefiles = Casefile.objects.visible_to(actor).filter(pk=asked.casefile)
        condition &= Q(Exists(attachments.filter(casefile__in=casefiles)))
    parts: Sequence[DocumentQuerySet] = Document.objects.visible_in_parts(actor)
    # Others are seen because they are attached, and by digest nobody's: to look for them would read every document.
    only_own = asked.attached is False or asked.sha256 is not None
    return [rows.filter(condition) for rows in (parts[:1] if only_own else parts)]


def own_document(actor: Actor, document: UUID) -> Document:
    """The actor's own descriptor with its owner, as it was just registered. Raises Document.DoesNotExist."""
    row: Document = Document.objects.select_related("owner").get(pk=document, owner=actor.agency_id)
    return row


def as_seen(actor: Actor, rows: Sequence[Document]) -> Mapping[UUID, SeenDocument]:
    """Each of these visible documents as the actor sees it: in three statements at most, whatever their number."""
    texts = {
        payload.document_id: payload.given or {}
        for payload in Payload.objects.filter(document__in=rows, answer__isnull=True)
    }
    foreign = [row.pk for row in rows if row.owner_id != actor.agency_id]
    shown_content, shown_owner = _shown_of(actor, foreign) if foreign else (set(), set())
    hidden = {
        ident: (() if ident in shown_content else CONTENT) + (() if ident in shown_owner else ("owner",))
        for ident in foreign
    }
    return {row.pk: SeenDocument(row, texts.get(row.pk, {}), hidden.get(row.pk, ())) for row in rows}


def _shown_of(actor: Actor, foreign: Iterable[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Of which documents of others the actor is shown the content, and of which the owner, in any casefile it sees."""
    catalogue = load_catalogue()
    attachments = (
        Attachment.objects.live()
        .filter(document__in=foreign, casefile__in=Casefile.objects.visible_to(actor))
        .select_related("document__owner")
    )
    facts = _facts_of({attachment.casefile_id for attachment in attachments})
    viewers = {ident: projection.viewer_of(actor, file) for ident, file in facts.items()}
    brought = {ident: projection.brought_along(file) for ident, file in facts.items()}
    shown_content: set[UUID] = set()
    shown_owner: set[UUID] = set()
    for attachment in attachments:
        ident = attachment.casefile_id
        if ident not in facts:
            continue
        document = attachment.document
        attached: Attached = {"id": str(document.pk), "type": document.type, "owner": document.owner.code}
        if projection.sees_content(attached, facts=facts[ident], viewer=viewers[ident], catalogue=catalogue):
            shown_content.add(document.pk)
        if projection.names_owner(attached, viewer=viewers[ident], brought=brought[ident]):
            shown_owner.add(document.pk)
    return shown_content, shown_owner


def _facts_of(casefiles: set[UUID]) -> dict[UUID, CaseFile]:
    """The current facts of these casefiles, without those that were erased."""
    rows = Payload.objects.filter(
        casefile__in=casefiles, seq=F("casefile__version"), answer__isnull=True, facts__isnull=False
    )
    facts: dict[UUID, Any] = {row.casefile_id: row.facts for row in rows if row.casefile_id is not None}
    return facts
