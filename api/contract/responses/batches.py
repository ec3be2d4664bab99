"""Answers about batches: what came of each line, and how far a batch is."""

from __future__ import annotations

from typing import Any

from api.contract.responses.casefiles import CASEFILE_ID, FINDING_ID, state
from api.contract.responses.grammar import (
    Optional,
    Schema,
    component,
    example_of,
    flag,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    page,
    pointer,
    text,
    word,
)
from api.contract.responses.problems import PROBLEM
from api.contract.responses.writes import RECEIPT

BATCH_ID = "0193e1f2-9d20-7a33-8c11-6e2f0b9c5d44"
ACTS = ("submit", "accept", "acknowledge", "report-sanction")
_HREF = href("Alamat / Address", f"/api/v1/batches/{BATCH_ID}")

_MADE = object_of(
    "Perkara yang dibuat atau digerakkan / A casefile that was made or moved",
    id=ident("Id", CASEFILE_ID),
    number=text("Nomor perkara / Number", "LTS/2026/000123"),
    version=number("Versi sesudahnya / Version after it", 1, least=1),
    state=maybe(state("Tahap sesudahnya; null bila hak lihat berakhir / State after it; null where sight ended")),
    href=href("Alamat / Address", f"/api/v1/casefiles/{CASEFILE_ID}"),
    receipt=RECEIPT,
)
_RESULT: dict[str, Schema | Optional] = {
    "line": number("Nomor baris dalam badan, mulai 1 / Number of the line in the body, from 1", 1, least=1),
    "status": number("Status seperti panggilan tunggalnya / The status that the single call has", 201, least=200),
    "act": optional(word("Perbuatan / The act", ACTS, "submit")),
    "finding": optional(
        object_of(
            "submit: temuannya / The finding",
            id=ident("Id", FINDING_ID),
            href=href("Alamat / Address", f"/api/v1/findings/{FINDING_ID}"),
        )
    ),
    "casefiles": optional(many(_MADE)),
    "warnings": optional(
        many(
            object_of(
                "Peringatan / A warning",
                code=text("Kode / Code", "nip-doubtful"),
                pointer=pointer("Di mana / Where", "#/casefiles/0/subject/nip"),
            )
        )
    ),
    "problem": optional(PROBLEM),
}
_ITEM = component("BatchResult", object_of("Jawaban satu baris / The answer to one line", **_RESULT))
page(
    "BatchResultPage",
    _ITEM,
    "Halaman jawaban, menurut nomor baris / A page of answers, by line number",
    counted=False,
)
_COUNTED: dict[str, Schema] = {
    "done": number("Baris yang diterima / Lines accepted", 1),
    "refused": number("Baris yang ditolak / Lines refused", 0),
    "left": number("Baris yang belum / Lines still to be done", 0),
}
component(
    "Batch",
    object_of(
        "Kemajuan satu batch / How far a batch is",
        id=ident("Id", BATCH_ID),
        created_at=instant("Pertama dikirim / Sent first"),
        lines=number("Jumlah baris / Lines", 1, least=1),
        **_COUNTED,
        running=flag("Sedang dikerjakan / Being worked on", example=False),
        href=_HREF,
        results=href("Jawaban tiap baris / The answers", f"/api/v1/batches/{BATCH_ID}/results"),
    ),
)
component(
    "BatchAnswer",
    object_of(
        "Satu baris jawaban: `batch` di awal, `line` untuk tiap baris, `end` di akhir. Dengan validate_only tiap baris "
        "memuat valid dan would, dan batch null / One line of the answer: `batch` first, a `line` for each line, "
        "`end` last. With validate_only each line has valid and would, and batch is null",
        kind=word("Jenis / Kind", ("batch", "line", "end"), "end"),
        batch=optional(
            maybe(object_of("Batch ini / This batch", id=ident("Id", BATCH_ID), href=_HREF)),
        ),
        lines=optional(number("batch: jumlah baris / How many lines", 1, least=1)),
        answered=optional(number("batch: sudah dijawab sebelumnya / Answered before", 0)),
        **{name: one if isinstance(one, Optional) else optional(one) for name, one in _RESULT.items()},
        valid=optional(flag("validate_only: baris ini akan diterima / This line would be accepted", example=True)),
        would=optional(
            object_of(
                "validate_only: yang akan terjadi / What would come of it", state=optional(state("Tahap / State"))
            )
        ),
        **{name: optional(schema) for name, schema in _COUNTED.items()},
        stopped=optional(maybe(PROBLEM, shown=False)),
    ),
)


def stream() -> list[dict[str, Any]]:
    """The lines of an answer to a batch of one finding."""
    return [
        {"kind": "batch", "batch": {"id": BATCH_ID, "href": f"/api/v1/batches/{BATCH_ID}"}, "lines": 1, "answered": 0},
        {
            "kind": "line",
            "line": 1,
            "status": 201,
            "act": "submit",
            "finding": {"id": FINDING_ID, "href": f"/api/v1/findings/{FINDING_ID}"},
            "casefiles": [example_of(_MADE)],
            "warnings": [],
        },
        {"kind": "end", "done": 1, "refused": 0, "left": 0, "stopped": None},
    ]
