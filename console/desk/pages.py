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
from casefiles.flow.grammar import Target
from casefiles.models import Casefile
from console import telling, verifier, words
from console.desk import connection, paper_receipt
from console.desk.casework import Case, case_of, turn_in_words
from console.desk.kept import PAPER
from console.desk.officers import officers_only
from console.desk.wording import refused
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
    moves = _moves(case)
    acts = [
        {
            "name": row.name,
            "title": words.step(row.name),
            "reasons": reasons_in_words(reasons),
            "first": row.name in moves,
        }
        for row, reasons in case.available
        if row.takes is not None
    ]
    # What moves the casefile on stands first.
    acts.sort(key=lambda act: not act["first"])
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


def _moves(case: Case) -> frozenset[str]:
    """The acts that move the casefile on."""
    return frozenset(row.name for row, _ in case.available if row.target is not Target.SAME)


def reasons_in_words(reasons: Sequence[Refusal]) -> list[str]:
    """The refusals in the reader's language."""
    if words.is_english():
        return [refused(reason.code, reason.en, "en") for reason in reasons]
    return [refused(reason.code, reason.id, "id") for reason in reasons]


@officers_only
def receipt(request: HttpRequest, form: UUID) -> HttpResponse:
    """The receipt of an act that this person performed; 404 for anything else."""
    page = cast("PageRequest", request)
    row = _spent(page, form)
    receipts = _receipts(row)
    said = {
        "form": row,
        "what": words.step(row.transition),
        "receipts": [
            {
                **one,
                "accepted_at": telling.instant(one["accepted_at"]),
                "in_tree_by": telling.instant(one["in_tree_by"]),
            }
            for one in receipts
        ],
        "again": "lagi" in request.GET,
        "page_digest": verifier.digest(),
    }
    return render(request, "console/desk/receipt.html", said)


@officers_only
def receipt_file(request: HttpRequest, form: UUID) -> HttpResponse:
    """The receipt as `lintas-verify receipt` reads it."""
    receipt = _chosen(request, _spent(cast("PageRequest", request), form))
    response = HttpResponse(json.dumps(receipt, indent=1) + "\n", content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{receipt["entry"]}.json"'
    return response


@officers_only
def receipt_pdf(request: HttpRequest, form: UUID) -> HttpResponse:
    """The receipt on paper, with a QR code that leads to the proof."""
    page = cast("PageRequest", request)
    row = _spent(page, form)
    receipt = _chosen(request, row)
    seen = Casefile.objects.visible_to(page.actor).filter(pk=receipt["casefile"])
    number = seen.values_list("number", flat=True).first()
    by = f"{page.person.name}, {page.actor.agency_name}"
    response = HttpResponse(
        paper_receipt.made(receipt, what=words.step(row.transition), number=number or "—", by=by),
        content_type="application/pdf",
    )
    response["Content-Disposition"] = f'attachment; filename="tanda-terima-{receipt["entry"]}.pdf"'
    return response


def _receipts(row: Form) -> list[dict[str, Any]]:
    """The receipts of a form: one of an act, one for each casefile of a finding."""
    told: Any = row.receipt
    return told if isinstance(told, list) else [told]


def _chosen(request: HttpRequest, row: Form) -> dict[str, Any]:
    """The receipt that is asked for by its entry (`entri`); the first where none is. Raises Http404."""
    wanted = request.GET.get("entri")
    found = next((one for one in _receipts(row) if wanted in (None, one["entry"])), None)
    if found is None:
        raise Http404
    return found


def _spent(page: PageRequest, form: UUID) -> Form:
    mine = Form.objects.filter(pk=form, user=page.person.user_id, done_at__isnull=False)
    row = mine.exclude(transition=PAPER).first()
    if row is None:
        raise Http404
    return row
