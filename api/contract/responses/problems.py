"""What a refusal looks like: RFC 9457, with `code` and `errors[]` of ours."""

from __future__ import annotations

from typing import Any

from api.contract import pages, problem_catalogue
from api.contract.responses.casefiles import AVAILABLE, FINDING_ID, state
from api.contract.responses.grammar import (
    Schema,
    component,
    href,
    many,
    number,
    object_of,
    optional,
    pointer,
    text,
    word,
)

# The address that stands for this server in examples.
EXAMPLE_BASE = "https://lintas.example.go.id"

KINDS = problem_catalogue.load().kinds

_ITEM: Schema = {
    **object_of(
        "Satu alasan / One reason",
        code=text(
            "Kode tetap; halamannya /problems/{code} / Stable code; its page is /problems/{code}", "unknown-field"
        ),
        pointer=optional(pointer("Letaknya dalam badan / Where in the body", "#/violations/0/chanel")),
        parameter=optional(text("Parameter query atau formulir / Parameter of query or form", "state")),
        detail=text(
            "Penjelasan; tidak mengulang nilai / In words; never repeats the value", "Isian ini tidak dikenal."
        ),
        did_you_mean=optional(text("Mungkin maksudnya / Probably meant", "channel")),
        allowed=optional(many(text("Nama / Name", "state"), "Yang dikenal / What is known")),
        href=optional(href("Tempat mencari / Where to look", "/api/v1/catalogue/codes")),
        number=optional(text("Nomor perkara / A casefile's number", "LTS/2026/000123")),
        resolve_with=optional(many(text("Transisi / Transition", "identify"), "Jalan keluar / What would mend it")),
    ),
    "additionalProperties": True,
}

PROBLEM = component(
    "Problem",
    {
        **object_of(
            "Penolakan (RFC 9457); abaikan anggota yang tidak dikenal / A refusal; ignore unknown members",
            type=href("Halaman penjelasan / The page that explains it", f"{EXAMPLE_BASE}/problems/stale-version"),
            title=text("Judul / Title", "Versi usang"),
            status=number("Status HTTP", 412, least=400),
            code=word("Kode tetap / Stable code", KINDS, "stale-version"),
            detail=text("Penjelasan / In words", "Perkara sudah berubah."),
            instance=href("Id permintaan / The request's id", "urn:uuid:7d444840-9dc0-41d1-b245-5ffdce74fad2"),
            errors=optional(many(component("ProblemItem", _ITEM), "Semua alasan sekaligus / Every reason at once")),
            more_errors=optional(number("Alasan selebihnya / How many reasons beyond those", 12, least=1)),
            state=optional(state("wrong-state: tahap sekarang / Where it stands")),
            allowed_from=optional(many(state(), "wrong-state: boleh dari / Where it may start")),
            available=optional(many(AVAILABLE, "wrong-state: yang boleh sekarang / What this party may do instead")),
            current_version=optional(number("stale-version: versi kini / The version now", 9, least=1)),
            existing=optional(
                object_of(
                    "finding-exists, zero-report-exists: yang sudah ada / What there is already",
                    href=href("Alamat / Address", f"/api/v1/findings/{FINDING_ID}"),
                )
            ),
            contradicted_by=optional(
                number("register-says-otherwise: jumlah perkara / How many casefiles", 1, least=1)
            ),
            did_you_mean=optional(
                text("unknown-route: mungkin / Probably meant", "/api/v1/casefiles/{casefile}/recommend")
            ),
            error=optional(text("/oauth/*: nama RFC 6749 / RFC 6749's name", "invalid_client")),
            error_description=optional(text("/oauth/*: penjelasan / In words", "aud harus …")),
        ),
        "additionalProperties": True,
    },
)


def example(code: str) -> dict[str, Any]:
    """How that problem looks on the wire, in Indonesian, wherever this is generated."""
    body = pages.example(KINDS[code], "id")
    return body | {"type": f"{EXAMPLE_BASE}/problems/{code}"}
