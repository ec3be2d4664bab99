"""`/reconciliations`: a partner's register held against this one."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.http import HttpResponse

from api.contract.operations import Operation
from api.http import rendering
from api.http.queries import NoQuery
from api.http.view import DoorRequest, DoorView, shown
from api.v1 import presenting
from casefiles import references
from casefiles.catalogue.book import load as load_catalogue
from casefiles.statistics import reconciliations
from casefiles.statistics.reconciliations import Line, Named, Reconciliation, ReconciliationGiven


class ReconciliationsView(DoorView):
    """A reading by body, like a search: no key, and nothing is stored but that it was read."""

    quota: ClassVar = "reads"
    required_scopes: ClassVar = {"post": "casefiles:read"}
    recorded: ClassVar = ("post",)
    queries: ClassVar = {"post": NoQuery}
    operations: ClassVar = {
        "post": Operation(
            "reconcile_registers",
            tag="casefiles",
            id="Cocokkan register sendiri dengan register ini",
            en="Reconcile one's own register with this one",
            description=(
                "Kirim apa yang tercatat di register sendiri, 2.000 baris sekali kirim; jawabannya menyebut baris demi "
                "baris letak bedanya, dan perkara dalam cakupan yang tidak didaftar. Tidak ada yang disimpan selain "
                "catatan pembacaan, dan tidak ada Idempotency-Key. Yang tidak boleh dilihat dijawab `unknown`, sama "
                "dengan yang tidak ada. Perkara yang sudah digabung dicocokkan dengan yang menerimanya dan tidak "
                "dihitung. `digest` adalah SHA-256 dari bentuk RFC 8785 jawaban ini tanpa `digest`: dua pihak dapat "
                "menuliskannya dalam berita acara.\n\n"
                "Send what your own register holds, 2,000 lines at a time; the answer says line by line where the two "
                "differ, and which casefiles of the scope were not listed. Nothing is stored but the record of the "
                "reading, and there is no Idempotency-Key. What you may not see is `unknown`, like what does not "
                "exist. A casefile that was merged is compared with the one that took it in and is not counted. "
                "`digest` is the SHA-256 of the RFC 8785 form of this answer without `digest`: two parties can write "
                "it into their minutes.\n\n"
                "`yours` = `matched` + `different` + `ambiguous` + `unknown` + `repeated`; `ours` = `listed` + "
                "`missing`."
            ),
            body=ReconciliationGiven,
            answer="Reconciliation",
        )
    }

    def post(self, request: DoorRequest) -> HttpResponse:
        """Compare, and record which casefiles the answer tells of."""
        given = request.given(ReconciliationGiven)
        comparison = reconciliations.reconcile(actor=request.actor, given=given, catalogue=load_catalogue())
        data = _compared(request, given, comparison)
        presenting.record_access(request, route="/reconciliations", shown=sorted(comparison.shown))
        # In one order and without blanks, which for these members is their RFC 8785 form.
        return shown(request, data | {"digest": hashlib.sha256(rendering.in_one_order(data)).hexdigest()})


def _compared(request: DoorRequest, given: ReconciliationGiven, comparison: Reconciliation) -> dict[str, Any]:
    return {
        "as_of": {"index": comparison.index, "waiting": comparison.waiting, "at": request.now},
        "scope": references.plain(given.scope),
        "counted": comparison.counted,
        "items": [_line(line) for line in comparison.lines],
        "missing": [
            {
                "id": str(casefile.id),
                "number": casefile.number,
                "register_number": casefile.register_number,
                "state": casefile.state,
                "href": presenting.casefile_href(casefile.id),
            }
            for casefile in comparison.missing
        ],
        "missing_capped": len(comparison.missing) < comparison.counted["missing"],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "ref": line.ref,
        "index": line.index,
        "status": line.status,
        "casefiles": [_named(casefile) for casefile in line.casefiles],
        "found": line.found,
        "outside_scope": line.outside_scope,
        "merged_into": _named(line.merged_into) if line.merged_into else None,
        "differences": [
            {"member": difference.member, "yours": difference.yours, "ours": difference.ours}
            for difference in line.differences
        ],
    }


def _named(casefile: Named) -> dict[str, Any]:
    return {
        "id": str(casefile.id),
        "number": casefile.number,
        "href": presenting.casefile_href(casefile.id) if casefile.visible else None,
    }
