"""Answers to what was written: the receipt, the casefile after an act, and what would come of it."""

from __future__ import annotations

from typing import Final

from api.contract.responses.casefiles import AGENCY, CASEFILE, CASEFILE_ID, WARNING, party, purpose, state
from api.contract.responses.grammar import (
    component,
    day,
    digest,
    flag,
    having,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    text,
)

_PROMISE: Final = {
    "leaf_hash": digest("SHA-256 daun / Hash of the leaf"),
    "accepted_at": instant("Diterima / Accepted"),
    "in_tree_by": instant("Dalam log paling lambat / In the log until"),
    "proof": text("Tempat menagih bukti / Where it is redeemed", "/api/v1/log/entries?leaf_hash=4f1a…"),
    "jws": maybe(
        text(
            "JWS ES256 (typ lintas-receipt+jwt); kunci di /.well-known/jwks.json / keys at /.well-known/jwks.json",
            "eyJhbGciOiJFUzI1NiJ9.eyJvcmlnaW4iOiJsaW50YXMifQ.c2lnbmF0dXJl",
        )
    ),
}
_ENTRY: Final = ident("Entri / Entry", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3b01")

RECEIPT = component(
    "Receipt",
    object_of(
        "Janji bertanda tangan: entri, hash daunnya, dalam log paling lambat kapan / "
        "The signed promise: which entry, the hash of its leaf, in the log until when",
        entry=_ENTRY,
        casefile=ident("Perkara / Casefile", CASEFILE_ID),
        seq=number("Nomor urut dalam perkara / Number within the casefile", 9, least=1),
        **_PROMISE,
    ),
)
RECORD_RECEIPT = component(
    "RecordReceipt",
    object_of(
        "Janji bertanda tangan bagi yang bukan perkara / The signed promise for what is no casefile",
        entry=_ENTRY,
        stream=ident("Yang dicatat / What was recorded"),
        seq=number("Nomor urut entrinya / Number of its entry", 1, least=1),
        **_PROMISE,
    ),
)

component(
    "CasefileAccepted",
    having(
        CASEFILE,
        "Perkara sesudah perbuatan, dan bukti diterima / The casefile after the act, and the receipt",
        receipt=RECEIPT,
    ),
)
component(
    "Parting",
    object_of(
        "Perbuatan ini mengakhiri hak lihat pelakunya / The act ended the actor's own sight",
        id=ident("Id", CASEFILE_ID),
        number=text("Nomor perkara / Number", "LTS/2026/000123"),
        version=number("Versi / Version", 3, least=1),
        receipt=RECEIPT,
    ),
)
_WOULD = {
    **object_of(
        "Yang akan terjadi; kosong untuk dokumen / What would come of it; empty for a document",
        state=optional(state()),
        turn=optional(
            maybe(
                object_of(
                    "Giliran / Turn",
                    party=party(),
                    agency=AGENCY,
                    purpose=purpose(),
                )
            )
        ),
        due_on=optional(maybe(day("Tenggat / Due", "2024-10-23"))),
    ),
    "example": {
        "state": "recommended",
        "turn": {
            "party": "addressee",
            "agency": {"code": "pemkot-padang", "name": "Pemerintah Kota Padang"},
            "purpose": "acknowledge",
        },
        "due_on": "2024-10-23",
    },
}
component(
    "Rehearsal",
    object_of(
        "Jawaban validate_only: tidak ada yang disimpan / Answer to validate_only: nothing is stored",
        valid=flag("Selalu benar / Always true", example=True),
        warnings=many(WARNING, example=[]),
        would=_WOULD,
    ),
)
