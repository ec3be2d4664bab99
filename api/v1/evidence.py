"""`/casefiles/{id}/evidence/{seq}`: what proves that a step was signed, for whoever has to prove it without us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import HttpResponse

from agencies.actor import Actor
from api.contract.operations import Operation
from api.http.problems import Problem
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import reading
from audit import evidence
from audit.models import Entry
from casefiles.operations import proofs

FORMAT: Final = "lintas-evidence/1"
_SEQ = re.compile("[1-9][0-9]{0,8}")


class EvidenceView(DoorView):
    """The signature of one step, with its entry, its proof, and what the log tells of the keys of who acted."""

    quota: ClassVar = "proofs"
    required_scopes: ClassVar = {"get": "casefiles:read"}
    recorded: ClassVar = ("get",)
    # With it come all clients, vendors and delegations of who acted: none of that is another vendor's to know.
    undelegated: ClassVar = True
    operations: ClassVar = {
        "get": Operation(
            "read_evidence",
            tag="casefiles",
            id="Bukti tanda tangan satu langkah",
            en="What proves the signature of a step",
            description=(
                "Dasar tanda tangan (RFC 9421), tanda tangan, kunci publik, entri log beserta buktinya, dan riwayat "
                "kunci instansi yang bertindak. Simpan jawabannya; `lintas-verify evidence` memeriksanya tanpa kami. "
                "Dasar itu memuat token: jawaban ini baru ada sebelas menit sesudah langkah, ketika token sudah "
                "berakhir.\n\n"
                "The signature base (RFC 9421), the signature, the public key, the entry of the log with its proof, "
                "and the history of the keys of the agency that acted. Keep the answer; `lintas-verify evidence` "
                "checks it without us. The base holds the token: there is no answer until eleven minutes after "
                "the step, when the token has run out."
            ),
            answer="Evidence",
            refuses=("not-delegated", "no-evidence", "evidence-not-yet", "erased"),
        )
    }

    def get(self, request: DoorRequest, casefile: str, seq: str) -> HttpResponse:
        """The evidence of that step, as far as the caller reads the file."""
        ident = identifier(casefile)
        sight = reading(request, ident)
        number = int(seq) if _SEQ.fullmatch(seq) else 0
        entry = proofs.step(ident, number)
        if entry is None or (sight.is_former and number > (sight.until or 0)):
            raise Problem("not-found")
        said = json.loads(bytes(entry.body))
        if not _had(request.actor, entry, said):
            raise Problem("not-found")
        if said["request"]["signature"] is None:
            raise Problem("no-evidence")
        row = evidence.of_request(UUID(said["request"]["id"]))
        proven = proofs.proven(row)
        if row is None or proven is None:
            raise Problem("erased")
        # Who acted waits, too: a token of theirs for reading alone would find one for writing in the base.
        if not proofs.is_settled(row, now=request.wall):
            wait = int((row.created_at + evidence.SETTLES_AFTER - request.wall).total_seconds()) + 1
            raise Problem("evidence-not-yet", headers={"Retry-After": str(wait)})
        presenting.record_access(request, route="/casefiles/{id}/evidence/{seq}", shown=[ident])
        return shown(
            request,
            {
                "format": FORMAT,
                "casefile": str(ident),
                "seq": number,
                **proofs.entry(entry),
                "evidence": proven,
                "parties": proofs.parties({said["actor"]["agency"]}),
            },
        )


def _had(actor: Actor, entry: Entry, said: Mapping[str, Any]) -> bool:
    """Whether the caller made the entry, had it in its feed, or reads everything: the bytes are not everybody's."""
    if actor.is_auditor or said["actor"]["agency"] == actor.agency_code:
        return True
    # The entry that ends one's sight names who comes after.
    left = any(one["agency"] == actor.agency_code and one["sight"] != "given" for one in said["grants"])
    return actor.agency_id in entry.audience and not left
