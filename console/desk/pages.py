"""Berkas di meja: what an officer may do with one casefile now, and the receipts of what was done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from casefiles.errors import Erased
from casefiles.flow import Refusal
from casefiles.models import Casefile
from console import telling, words
from console.desk import connection, paper_receipt
from console.desk.casework import case_of, turn_in_words
from console.desk.officers import officers_only
from console.http import PageRequest
from console.models import Form


@officers_only
def casefile(request: HttpRequest, ident: UUID) -> HttpResponse:
    """The acts that the agency may try now, each with what stands in its way. 404 for what it does not see."""
    page = cast("PageRequest", request)
    try:
        case = case_of(page, ident, route="/meja/{id}")
    except Erased:
        return render(request, "console/erased.html", status=410)
    expected = set(_expected(case.view.state, case.available))
    acts = [
        {
            "name": row.name,
            "title": words.step(row.name),
            "reasons": reasons_in_words(reasons),
            "first": row.name in expected,
        }
        for row, reasons in case.available
        if row.takes is not None
    ]
    said = {
        "ident": ident,
        "number": case.facts["number"],
        "state": words.STATES[case.facts["state"]],
        "turn": turn_in_words(case.facts, case.names),
        "is_open": connection.is_open(),
        "acts": [act for act in acts if not act["reasons"]],
        "blocked": [act for act in acts if act["reasons"]],
    }
    return render(request, "console/desk/casefile.html", said)


def _expected(state: Any, available: Sequence[Any]) -> Sequence[str]:
    """The acts that move the casefile on."""
    return [row.name for row, _ in available if row.target is not state]


def reasons_in_words(reasons: Sequence[Refusal]) -> list[str]:
    """The refusals in the reader's language."""
    return [reason.en if words.is_english() else reason.id for reason in reasons]


@officers_only
def receipt(request: HttpRequest, form: UUID) -> HttpResponse:
    """The receipt of an act that this person performed; 404 for anything else."""
    page = cast("PageRequest", request)
    row = _spent(page, form)
    told: Any = row.receipt
    said = {
        "form": row,
        "what": words.step(row.transition),
        "receipt": told,
        "accepted_at": telling.instant(told["accepted_at"]),
        "in_tree_by": telling.instant(told["in_tree_by"]),
        "again": "lagi" in request.GET,
    }
    return render(request, "console/desk/receipt.html", said)


@officers_only
def receipt_file(request: HttpRequest, form: UUID) -> HttpResponse:
    """The receipt as `lintas-verify receipt` reads it."""
    row = _spent(cast("PageRequest", request), form)
    response = HttpResponse(json.dumps(row.receipt, indent=1) + "\n", content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{row.entry}.json"'
    return response


@officers_only
def receipt_pdf(request: HttpRequest, form: UUID) -> HttpResponse:
    """The receipt on paper, with a QR code that leads to the proof."""
    page = cast("PageRequest", request)
    row = _spent(page, form)
    number = Casefile.objects.visible_to(page.actor).filter(pk=row.casefile).values_list("number", flat=True).first()
    by = f"{page.person.name}, {page.actor.agency_name}"
    receipt: Any = row.receipt
    response = HttpResponse(
        paper_receipt.made(receipt, what=words.step(row.transition), number=number or "—", by=by),
        content_type="application/pdf",
    )
    response["Content-Disposition"] = f'attachment; filename="tanda-terima-{row.entry}.pdf"'
    return response


def _spent(page: PageRequest, form: UUID) -> Form:
    row = Form.objects.filter(pk=form, user=page.person.user_id, done_at__isnull=False).first()
    if row is None:
        raise Http404
    return row
