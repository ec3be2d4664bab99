"""`/casefiles/{id}/hukdis`: the sanction as SIASN's discipline record, and what was handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse

from agencies.tokens import Further
from api.contract.operations import Operation
from api.http.idempotency import Answer, Owner, once
from api.http.idempotency_key import request_facts
from api.http.queries import Writing
from api.http.view import DoorRequest, DoorView, identifier, shown
from api.v1 import presenting
from api.v1.casefile_answers import require_sight, sight_of_path
from casefiles.catalogue.siasn import Because, HukdisRecord
from casefiles.operations import hukdis
from casefiles.operations.hukdis import HandedOver, Held, HukdisHandedOver
from casefiles.transitions.unit import Unit


class HukdisView(DoorView):
    """The records for SIASN of one casefile, and that one was handed over."""

    required_scopes: ClassVar = {"get": "casefiles:read", "post": "casefiles:write"}
    recorded: ClassVar = ("get",)
    queries: ClassVar = {"post": Writing}
    keyed: ClassVar = True
    operations: ClassVar = {
        "get": Operation(
            "read_hukdis",
            tag="casefiles",
            id="Muatan hukdis untuk SIASN",
            en="The hukdis payload for SIASN",
            description=(
                "Bagi instansi pegawai dan lembaga kepegawaian: satu `payload` untuk `POST /hukdis/save` SIASN per "
                "versi hukuman, yang terlama dahulu. `unfilled` menyebut anggota yang tidak dapat diisi dan sebabnya: "
                "isi sendiri, tidak ada yang diterka. `waits` menyebut mengapa muatan itu belum diserahkan. Sesudah "
                "diserahkan, catat dengan POST; `id` yang dikembalikan SIASN membuat muatan berikutnya pembaruan. "
                "Padanan kata: `/catalogue/siasn`.\n\n"
                "For the employer and the civil service agency: one `payload` for SIASN's `POST /hukdis/save` per "
                "version of the sanction, oldest first. `unfilled` names the members that could not be filled and "
                "why: fill them in yourself, nothing is guessed. `waits` says why a payload is not to be handed over "
                "yet. Once it was, record it by POST; the `id` that SIASN gave makes the next payload an update. What "
                "is called what: `/catalogue/siasn`."
            ),
            answer="Hukdis",
            refuses=("wrong-party", "erased"),
        ),
        "post": Operation(
            "record_hukdis",
            tag="casefiles",
            id="Catat penyerahan ke SIASN",
            en="Record that it was handed to SIASN",
            description=(
                "Bukan langkah perkara: tahap dan tenggat tetap, juga pada perkara yang sudah ditutup. `siasn_id` "
                "dapat menyusul dengan POST kedua; yang terakhir berlaku.\n\n"
                "No step of the casefile: state and deadlines stay, on a closed casefile too. `siasn_id` may follow "
                "by a second POST; the last one holds."
            ),
            body=HukdisHandedOver,
            answer="HukdisRecorded",
            status=201,
            refuses=("wrong-party", "erased"),
        ),
    }

    def asks(self) -> Further | None:
        """Sight of the casefile."""
        return sight_of_path(self.kwargs["casefile"])

    def get(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """The records, with what was handed over; a former party reads none."""
        ident = identifier(casefile)
        require_sight(request, ident)
        found = hukdis.held(ident, now=request.now)
        hukdis.offered_to(request.actor, found)
        presenting.record_access(request, route="/casefiles/{id}/hukdis", shown=[ident])
        return shown(request, _whole(request, found))

    def post(self, request: DoorRequest, casefile: str) -> HttpResponse:
        """Record it; it moves no casefile."""
        ident = identifier(casefile)

        def act(_: Unit, __: None) -> Answer:
            given = request.given(HukdisHandedOver)
            sealed = hukdis.record(
                actor=request.actor, casefile=ident, given=given, now=request.now, request=request_facts(request)
            )
            return Answer(
                data={
                    "id": str(sealed.stream),
                    "casefile": str(ident),
                    "sanction_version": given.sanction_version,
                    "digest": given.digest,
                    "siasn_id": given.siasn_id,
                    "receipt": presenting.receipt(sealed),
                },
                owner=Owner("hukdis", sealed.stream),
                status=201,
            )

        def sight(_: Owner | None) -> None:
            require_sight(request, ident)

        return once(request, act, sight=sight)


def _whole(request: DoorRequest, found: Held) -> dict[str, Any]:
    return {
        "casefile": str(found.casefile),
        "number": found.facts["number"],
        "version": found.version,
        "nip": found.facts["subject"].get("nip"),
        "entry": {"index": found.index, "leaf_hash": found.leaf_hash},
        "none_because": None if found.records else "no-sanction-reported",
        "records": [_record(request, record) for record in found.records],
        "handed_over": [_handed_over(one) for one in found.handed_over],
    }


def _record(request: DoorRequest, record: HukdisRecord) -> dict[str, Any]:
    def said(why: Because) -> dict[str, Any]:
        return {"code": why.code, "detail": why.en if request.language == "en" else why.id}

    return {
        "sanction_version": record.sanction_version,
        "sanction": record.sanction,
        "status": record.status,
        "payload": dict(record.payload),
        "digest": hukdis.digest_of(record),
        "certainty": [{"member": name, "certainty": mark} for name, mark in record.certainty.items()],
        "unfilled": [{"member": why.member, **said(why)} for why in record.unfilled],
        "waits": [said(why) for why in record.waits],
    }


def _handed_over(one: HandedOver) -> Mapping[str, Any]:
    return {
        "id": str(one.id),
        "sanction_version": one.sanction_version,
        "version": one.version,
        "digest": one.digest,
        "siasn_id": one.siasn_id,
        "agency": {"code": one.agency, "name": one.agency_name},
        "at": presenting.instant(one.at),
        "index": one.index,
    }
