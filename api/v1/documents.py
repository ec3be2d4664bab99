"""`/documents`: register a descriptor, read it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import pagination
from api.http.idempotency import Answer, Owner, once, owner_seen
from api.http.idempotency_key import request_facts
from api.http.problems import Problem
from api.http.queries import Paged, Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from casefiles.intake import documents
from casefiles.intake.documents import Descriptor
from casefiles.sight import first_readings
from casefiles.sight.documents import (
    DocumentFilters,
    SeenDocument,
    as_seen,
    documents_seen,
    own_document,
    visible_documents,
)
from casefiles.transitions.unit import Unit
from contents import keeping, storage
from contents.keeping import with_content


@dataclass(frozen=True, kw_only=True)
class DocumentList(DocumentFilters, Paged):
    """GET /documents."""


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
            answer="DocumentRegistered",
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
        parts = documents_seen(request.actor, asked)
        page = list(with_content(pagination.newest(parts, of=window)).select_related("owner"))
        seen = as_seen(request.actor, page)
        body = pagination.page(
            page, of=window, position=lambda row: (str(row.pk),), shown=lambda row: _shown(seen[row.pk])
        )
        presenting.record_access(request, route="/documents", shown=[UUID(item["id"]) for item in body["data"]])
        return shown(request, body)

    def post(self, request: DoorRequest) -> HttpResponse:
        """Register a descriptor; it is the caller's alone until a transition attaches it."""

        def act(_: Unit, __: None) -> Answer:
            given = request.given(Descriptor)
            sealed = documents.register(
                actor=request.actor, given=given, now=request.now, request=request_facts(request)
            )
            registered = SeenDocument(own_document(request.actor, sealed.stream), documents.free_text(given))
            return Answer(
                data={**_shown(registered), "receipt": presenting.receipt(sealed)},
                owner=Owner("document", sealed.stream),
                status=201,
                version=1,
                location=f"{presenting.API}/documents/{sealed.stream}",
            )

        return once(request, act, sight=owner_seen(lambda: visible_documents(request.actor)))


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
        row = with_content(visible_documents(request.actor)).filter(pk=ident).first()
        if row is None:
            raise Problem("not-found")
        data = _shown(as_seen(request.actor, [row])[row.pk])
        presenting.record_access(request, route="/documents/{id}", shown=[ident])
        first_readings.note_document(
            document=ident, actor=request.actor, now=request.now, request=request_facts(request)
        )
        return shown(request, data, version=1)


def _is_withheld(seen: SeenDocument) -> bool:
    """Whether nothing is said of the content: none is kept here, or the caller is not shown what the document holds."""
    return not storage.is_offered() or keeping.DIGEST in seen.hidden


def _shown(seen: SeenDocument) -> dict[str, Any]:
    row, text = seen.row, seen.text
    whole = {
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
        "content": None if _is_withheld(seen) else keeping.shown(getattr(row, "content", None)),
        "created_at": row.created_at,
    }
    return {**whole, **dict.fromkeys(seen.hidden), "withheld": [f"#/{name}" for name in seen.hidden]}
