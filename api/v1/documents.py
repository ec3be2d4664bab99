"""`/documents`: register a descriptor, read it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.http import HttpResponse

from agencies.actor import Actor
from api.contract.operations import Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Paged, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles.catalogue.book import load as load_catalogue
from casefiles.file import Attached, CaseFile
from casefiles.intake import documents
from casefiles.intake.documents import Descriptor
from casefiles.models import Attachment, Casefile, Document, Payload
from casefiles.shapes import Code, Doc, Ref, Sha256
from casefiles.sight import projection


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList(Paged):
    """GET /documents."""

    attached: Annotated[bool, Doc(id="Sudah terlampir?", en="Attached to a casefile?")] | None = None
    type: Annotated[str, Code("document-types"), Doc(id="Jenis", en="Type")] | None = None
    sha256: Annotated[Sha256, Doc(id="SHA-256", en="SHA-256")] | None = None
    casefile: Annotated[UUID, Ref("casefile"), Doc(id="Perkara", en="Casefile")] | None = None


class DocumentsView(DoorView):
    """Register a descriptor, or list those the caller may see."""

    required_scopes: ClassVar = {"get": "documents:read", "post": "documents:write"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"get": DocumentList, "post": Writing}
    operations: ClassVar = {
        "get": Operation("list_documents", tag="documents", id="Daftar dokumen", en="Documents", answer="DocumentPage"),
        "post": Operation(
            "register_document",
            tag="documents",
            id="Daftarkan dokumen",
            en="Register a document",
            body=Descriptor,
            answer="Document",
            status=201,
            tagged=True,
            located=True,
        ),
    }
    keyed: ClassVar = True

    def get(self, request: DoorRequest) -> HttpResponse:
        """One page, newest first; a digest filter finds only what the caller may see the digest of."""
        asked = request.asked(DocumentList)
        window = pagination.window(asked, path=request.path, agency=request.actor.agency_id)
        rows = Document.objects.visible_to(request.actor)
        attachments = Attachment.objects.live().filter(document=OuterRef("pk"))
        if asked.attached is not None:
            rows = rows.filter(Exists(attachments) if asked.attached else ~Exists(attachments))
        if asked.type is not None:
            rows = rows.filter(type=asked.type)
        if asked.sha256 is not None:
            # Anything wider would let a caller ask whether a file he may not see is in the register.
            rows = rows.filter(sha256=asked.sha256, owner=request.actor.agency_id)
        if asked.casefile is not None:
            seen = Casefile.objects.visible_to(request.actor).filter(pk=asked.casefile)
            rows = rows.filter(Exists(attachments.filter(casefile__in=seen)))
        found = list(pagination.after(rows, ("-pk",), window.after).select_related("owner")[: window.fetch])
        views = _views(request.actor, found)
        body = pagination.page(found, of=window, position=lambda row: (str(row.pk),), shown=lambda row: views[row.pk])
        presenting.record_access(request, route="/documents", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Register a descriptor; it is the caller's alone until a transition attaches it."""

        def act(_: None) -> Answer:
            given = request.given(Descriptor)
            ident = documents.register(
                actor=request.actor, given=given, now=request.now, request=request_facts(request)
            )
            row = Document.objects.select_related("owner").get(pk=ident)
            return Answer(
                data=_shown(row, documents.free_text(given)),
                owner=Owner("document", ident),
                status=201,
                version=1,
                location=f"{presenting.API}/documents/{ident}",
            )

        return once(request, act, sight=owner_seen(lambda: Document.objects.visible_to(request.actor)))


class DocumentView(DoorView):
    """One descriptor."""

    required_scopes: ClassVar = {"get": "documents:read"}
    recorded: ClassVar = ("get",)
    operations: ClassVar = {
        "get": Operation(
            "read_document", tag="documents", id="Satu dokumen", en="One document", answer="Document", tagged=True
        )
    }

    def get(self, request: DoorRequest, document: str) -> HttpResponse:
        """The descriptor; size, digest and title only where the type's audience allows."""
        ident = identifier(document)
        row = Document.objects.visible_to(request.actor).filter(pk=ident).select_related("owner").first()
        if row is None:
            raise Problem("not-found")
        data = _views(request.actor, [row])[row.pk]
        presenting.record_access(request, route="/documents/{id}", shown=[ident])
        return shown(request, data, version=1)


def _views(actor: Actor, rows: list[Document]) -> dict[UUID, dict[str, Any]]:
    """Each document as the caller sees it: in three statements, whatever the number."""
    texts = {
        payload.document_id: payload.given for payload in Payload.objects.filter(document__in=rows, answer__isnull=True)
    }
    foreign = [row.pk for row in rows if row.owner_id != actor.agency_id]
    open_to: set[UUID] = set()
    named_to: set[UUID] = set()
    if foreign:
        catalogue = load_catalogue()
        seen = Casefile.objects.visible_to(actor)
        joined = Attachment.objects.live().filter(document__in=foreign, casefile__in=seen)
        joined = joined.select_related("document__owner")
        facts = _facts_of({one.casefile_id for one in joined})
        viewers = {ident: projection.viewer_of(actor, file) for ident, file in facts.items()}
        brought = {ident: projection.brought_along(file) for ident, file in facts.items()}
        for one in joined:
            ident = one.casefile_id
            if ident not in facts:
                continue
            described: Attached = {
                "id": str(one.document_id),
                "type": one.document.type,
                "owner": one.document.owner.code,
            }
            if projection.sees_content(described, facts=facts[ident], viewer=viewers[ident], catalogue=catalogue):
                open_to.add(one.document_id)
            if projection.names_owner(described, viewer=viewers[ident], brought=brought[ident]):
                named_to.add(one.document_id)
    return {
        row.pk: _shown(row, texts.get(row.pk) or {})
        if row.owner_id == actor.agency_id
        else _to_another(row, texts.get(row.pk) or {}, is_open=row.pk in open_to, is_named=row.pk in named_to)
        for row in rows
    }


def _facts_of(casefiles: set[UUID]) -> dict[UUID, CaseFile]:
    rows = Payload.objects.filter(
        casefile__in=casefiles, seq=F("casefile__version"), answer__isnull=True, facts__isnull=False
    )
    found: dict[UUID, Any] = {row.casefile_id: row.facts for row in rows if row.casefile_id is not None}
    return found


def _shown(row: Document, text: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "type": row.type,
        "title": text.get("title"),
        "number": row.number or None,
        "date": row.date,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "signature_status": row.signature_status,
        "evidence_kind": row.evidence_kind or None,
        "held_by": text.get("held_by"),
        "archive_ref": text.get("archive_ref"),
        "owner": {"code": row.owner.code, "name": row.owner.name},
        "created_at": row.created_at,
        "withheld": [],
    }


def _to_another(row: Document, text: Mapping[str, Any], *, is_open: bool, is_named: bool) -> dict[str, Any]:
    """The descriptor as another agency sees it: type, number and date are what every party of the casefile may know."""
    hidden = () if is_open else _CONTENT
    hidden += () if is_named else ("owner",)
    return {**_shown(row, text), **dict.fromkeys(hidden), "withheld": [f"#/{name}" for name in hidden]}


_CONTENT: Final[tuple[str, ...]] = (
    "title", "media_type", "size", "sha256", "signature_status", "evidence_kind", "held_by", "archive_ref",
)  # fmt: skip
