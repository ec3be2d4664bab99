"""The parts of the OpenAPI document that belong to no single operation: words, headers, parameters, plain paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from api.contract.operations import Operation
from api.contract.responses.batches import BATCH_ID
from api.contract.responses.casefiles import CASEFILE_ID, FINDING_ID, PREVENTION_ID, ZERO_REPORT_ID
from api.contract.responses.clients import DELEGATION_ID
from api.contract.responses.snapshots import SNAPSHOT_ID
from api.contract.responses.webhooks import DELIVERY_ID, WEBHOOK_ID
from casefiles.catalogue.book import load as load_catalogue
from casefiles.shapes import Doc

INFO: Mapping[str, Any] = {
    "title": "Lintas",
    "version": "1.0.0",
    "description": (
        "Register bersama perkara netralitas ASN: Bawaslu, otoritas pemeriksa, instansi pegawai, dan auditor menangani "
        "satu perkara bersama. Mulai dari `GET /api/v1/me`. Abaikan anggota dan nilai yang tidak dikenal dalam "
        "jawaban; kirim hanya yang tertulis di sini. Isian tidak wajib yang bernilai null sama dengan tidak dikirim. "
        "Yang bukan permintaan HTTP (baris pertama atau header rusak, alamat di atas 64 kB, lebih dari seratus header) "
        "ditolak pengurai HTTP dengan 400, 414 atau 431 tanpa badan; semua penolakan lain adalah problem."
        "\n\n"
        "The register in which election supervisors, examiners, employing agencies and auditors handle one neutrality "
        "case together. Begin with `GET /api/v1/me`. Ignore unknown members and values in answers "
        "(`x-extensible-enum` lists those known today); send only what is written here. An optional field that is "
        "null was left out. Messages are Indonesian unless `Accept-Language` asks for English. Instants are UTC with "
        "milliseconds; `due_on` is the local day for people. What is no HTTP request (a broken first line or header, "
        "an address above 64 kB, more than a hundred headers) is refused by the HTTP parser with a 400, 414 or 431 "
        "without a body; every other refusal is a problem."
    ),
    "contact": {"name": "Lintas", "url": "https://lintas.example.go.id/.well-known/security.txt"},
    "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
}
SERVERS = [{"url": "/", "description": "Peladen yang memberi dokumen ini / The server that gave you this document"}]

TAGS = [
    {"name": "service", "description": "Layanan ini dan siapa saya / This service, and who am I"},
    {"name": "oauth", "description": "Token / Tokens"},
    {"name": "findings", "description": "Temuan yang diteruskan / Findings that were forwarded"},
    {"name": "casefiles", "description": "Perkara: satu terlapor / Casefiles: one officer each"},
    {"name": "transitions", "description": "Langkah perkara, lihat docs/flow.md / The steps, see docs/flow.md"},
    {"name": "batches", "description": "Banyak perbuatan sekaligus / Many acts together"},
    {"name": "referrals", "description": "Giliran dan tenggat / Turns and deadlines"},
    {"name": "events", "description": "Peristiwa dalam urutan log / Events in the order of the log"},
    {"name": "webhooks", "description": "Webhook: bel untuk peristiwa / Webhooks: a bell for events"},
    {"name": "log", "description": "Log yang dapat diperiksa siapa pun / The log that anyone can verify"},
    {"name": "statistics", "description": "Berapa banyak, pada saat mana / How many, as of which moment"},
    {"name": "preventions", "description": "Pencegahan: sosialisasi, imbauan, peringatan / Prevention"},
    {"name": "zero-reports", "description": "Laporan nihil: diam bukan nihil / Zero reports: silence is not none"},
    {"name": "documents", "description": "Berkas: keterangan dan isinya / Files: descriptors and contents"},
    {"name": "directory", "description": "Instansi dan mandat / Agencies and mandates"},
    {"name": "catalogue", "description": "Kode, aturan, kalender / Codes, rules, calendar"},
]

PATH_EXAMPLES = {
    "casefile": CASEFILE_ID,
    "finding": FINDING_ID,
    "document": "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10",
    "prevention": PREVENTION_ID,
    "zero_report": ZERO_REPORT_ID,
    "batch": BATCH_ID,
    "snapshot": SNAPSHOT_ID,
    "webhook": WEBHOOK_ID,
    "delivery": DELIVERY_ID,
    "delegation": DELEGATION_ID,
    "index": 10481,
    "seq": 9,
    "kid": "bkn-2026",
    "agency": "bawaslu-kota-padang",
}
PATH_SCHEMAS: Mapping[str, Any] = {
    "index": {"type": "integer", "minimum": 0},
    "seq": {"type": "integer", "minimum": 1},
    "kid": {"type": "string", "maxLength": 100},
    "agency": {"type": "string", "maxLength": 80},
}

# -- headers and parameters -------------------------------------------------------------------------------------------

HEADER_NAMES = {
    "XRequestId": "X-Request-Id",
    "XCallerRequestId": "X-Caller-Request-Id",
    "APIVersion": "API-Version",
    "ETag": "ETag",
    "Location": "Location",
    "IdempotencyReplayed": "Idempotency-Replayed",
    "ContentLanguage": "Content-Language",
    "ReprDigest": "Repr-Digest",
    "ContentDisposition": "Content-Disposition",
    "AcceptRanges": "Accept-Ranges",
    "RetryAfter": "Retry-After",
    "RateLimit": "RateLimit",
    "RateLimitPolicy": "RateLimit-Policy",
    "Deprecation": "Deprecation",
    "Sunset": "Sunset",
    "Link": "Link",
    "WWWAuthenticate": "WWW-Authenticate",
}


def _header(description: str, schema: Mapping[str, Any], example: Any, *, required: bool = False) -> dict[str, Any]:
    header = {"description": description, "schema": dict(schema), "example": example}
    return {**header, "required": True} if required else header


_TEXT = {"type": "string"}
_SHA_256 = "sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:"
HEADERS = {
    "XRequestId": _header(
        "Id permintaan; sebut saat bertanya kepada kami / The request's id; name it when you ask us",
        {"type": "string", "format": "uuid"},
        "7d444840-9dc0-41d1-b245-5ffdce74fad2",
        required=True,
    ),
    "XCallerRequestId": _header(
        "Id pilihan pemanggil, bila disimpan / The caller's own id, where it was kept",
        _TEXT,
        "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f1",
    ),
    "APIVersion": _header("Versi API / API version", _TEXT, "1.0.0"),
    "ETag": _header('Versi dan sidik isi / Version and digest: `"9.1f0c77ab"`', _TEXT, '"9.1f0c77ab"'),
    "Location": _header("Alamat yang dibuat / Address of what was created", _TEXT, f"/api/v1/findings/{FINDING_ID}"),
    "IdempotencyReplayed": _header(
        "`true`: jawaban tersimpan dari permintaan yang sama / the stored answer of the same request",
        {"type": "string", "enum": ["true"]},
        "true",
    ),
    "ContentLanguage": _header("Bahasa penjelasan / Language of the message", _TEXT, "id"),
    "ReprDigest": _header("SHA-256 isi seutuhnya (RFC 9530) / SHA-256 of the whole content", _TEXT, _SHA_256),
    "ContentDisposition": _header(
        "Nama berkas (RFC 8187) / The file's name",
        _TEXT,
        "attachment; filename=\"dokumen.pdf\"; filename*=UTF-8''Kajian.pdf",
    ),
    "AcceptRanges": _header("Rentang diterima / Ranges are served", _TEXT, "bytes"),
    "RetryAfter": _header("Ulangi sesudah sekian detik / Try again after so many seconds", _TEXT, "1"),
    "RateLimit": _header(
        "Sisa kuota (`r`) dan detik sampai penuh (`t`) / What is left of the quota, and seconds until it is whole",
        _TEXT,
        '"reads";r=1975;t=1',
    ),
    "RateLimitPolicy": _header(
        "Kuota (`q`) dan jendelanya dalam detik (`w`) / The quota and its window in seconds",
        _TEXT,
        '"reads";q=2000;w=20',
    ),
    "Deprecation": _header("RFC 9745: akan dihapus sejak / To be removed, known since", _TEXT, "@1767200400"),
    "Sunset": _header(
        "RFC 8594: dihapus paling cepat / Removed at the earliest", _TEXT, "Wed, 30 Jun 2027 17:00:00 GMT"
    ),
    "Link": _header(
        "Penjelasan dan pengganti / What to do, and what takes its place",
        _TEXT,
        '<https://lintas.example.go.id/api/docs>; rel="deprecation"; type="text/html"',
    ),
    "WWWAuthenticate": _header("RFC 6750", _TEXT, 'Bearer realm="lintas"'),
}

PARAMETERS = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Bahasa pesan: Indonesia bila tidak diisi / Language of messages: Indonesian unless told",
        "schema": _TEXT,
        "example": "en",
    },
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Id permintaan pilihan pemanggil: paling panjang 64 huruf, angka dan ._:=/+-, tanpa NIP atau "
        "NIK. Disimpan di samping id kami dan dijawab sebagai X-Caller-Request-Id; yang lain diabaikan / An id of the "
        "caller's for this request: at most 64 letters, digits and ._:=/+-, no NIP or NIK in it. It is kept beside "
        "ours and answered as X-Caller-Request-Id; anything else is ignored",
        "schema": _TEXT,
        "example": "7d444840-9dc0-41d1-b245-5ffdce74fad2",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Satu kunci per maksud, simpan sebelum mengirim, tanpa data pribadi di dalamnya; boleh tiada "
        "bila validate_only / One key per intention, stored before sending, with nothing personal in it; may be left "
        "out with validate_only",
        "schema": {"type": "string", "minLength": 16, "maxLength": 255, "pattern": "^[!-~]{16,255}$"},
        "example": "0b8e5b1e-51f5-4c0c-8a57-0d7f6f5b9a11",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "Versi yang dibaca: ETag-nya atau versi di antara tanda petik; boleh tiada bila validate_only / "
        "The version that was read: its ETag, or the version in quotes; may be left out with validate_only",
        "schema": {"type": "string", "pattern": r'^(W/)?"[1-9][0-9]{0,8}(\.[0-9a-f]{8})?"$'},
        "example": '"9.1f0c77ab"',
    },
    "Purpose": {
        "name": "Lintas-Purpose",
        "in": "header",
        "description": "Tujuan membaca, dicatat bersama pembacaan; tanpa ini berlaku tujuan bawaan klien, lalu peran "
        "instansinya (`GET /api/v1/me`) / Purpose of reading, recorded with the read; without it the client's default "
        "counts, then its agency's roles (`GET /api/v1/me`)",
        "schema": {"type": "string", "enum": list(load_catalogue().codes("reading_purpose"))},
        "example": "case_handling",
    },
    "ContentDigestOfUpload": {
        "name": "Content-Digest",
        "in": "header",
        "required": True,
        "description": "SHA-256 isinya dalam base64 (RFC 9530), sama dengan `sha256` keterangannya / SHA-256 of the "
        "content in base64 (RFC 9530), the same as the descriptor's `sha256`",
        "schema": _TEXT,
        "example": _SHA_256,
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "Satu rentang (RFC 9110) / One range (RFC 9110)",
        "schema": _TEXT,
        "example": "bytes=0-65535",
    },
    "SignatureInput": {
        "name": "Signature-Input",
        "in": "header",
        "description": "Tanda tangan permintaan (RFC 9421), tag `lintas-v1`; wajib bagi klien yang ditetapkan demikian "
        "(`signatures_required_from` di `GET /me`). Lihat docs/signed-requests.md / The request's signature "
        "(RFC 9421), tag `lintas-v1`; required of clients for whom that was set (`signatures_required_from` in "
        "`GET /me`). "
        "See docs/signed-requests.md",
        "schema": {"type": "string", "maxLength": 4000},
        "example": 'sig=("@method" "@authority" "@path" "authorization" "content-digest" "idempotency-key");'
        'created=1767225600;keyid="k1";tag="lintas-v1"',
    },
    "Signature": {
        "name": "Signature",
        "in": "header",
        "description": "Tanda tangannya; ES256: r lalu s, 64 byte / The signature itself; ES256: r, then s, 64 bytes",
        "schema": {"type": "string", "maxLength": 4000},
        "example": "sig=:MEUCIQDzlVXqJTyV7w7mGm9lJ0RjZ9s2w1m3QmM0Yl0c6v9w5nW0m8QbJtq3c2k5a1b7c9d0e2f4a6b8c0d2e4f6:",
    },
    "ContentDigest": {
        "name": "Content-Digest",
        "in": "header",
        "description": "RFC 9530, atas byte badan; wajib bila bertanda tangan / over the bytes of the body; required "
        "where the request is signed",
        "schema": _TEXT,
        "example": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETag yang sudah dipegang: 304 bila sama / An ETag at hand: 304 where it is the same",
        "schema": _TEXT,
        "example": '"9.1f0c77ab"',
    },
}

# -- the names of answers that refuse for several reasons -------------------------------------------------------------

_BAD = ("malformed-request", "unknown-host")
_KEY = ("idempotency-key-missing", "idempotency-key-malformed")
_NOBODY = (
    "token-missing", "token-invalid", "token-expired", "delegation-ended", "dpop-proof-refused", "dpop-nonce-required",
)  # fmt: skip
RESPONSE_NAMES: Mapping[frozenset[str], str] = {
    frozenset(_BAD): "BadRequest",
    frozenset({*_BAD, "invalid-query"}): "BadQuery",
    frozenset({*_BAD, "invalid-query", "invalid-cursor"}): "BadListQuery",
    frozenset({*_BAD, "invalid-query", "invalid-cursor", "malformed-json"}): "BadSearch",
    frozenset({*_BAD, "invalid-query", "malformed-json"}): "BadReading",
    frozenset({*_BAD, "invalid-query", "malformed-json", *_KEY}): "BadWrite",
    frozenset({*_BAD, "invalid-query", "malformed-json", *_KEY, "precondition-malformed"}): "BadTransition",
    frozenset(
        {
            *_BAD,
            "invalid-request",
            "unsupported-grant-type",
            "invalid-scope",
            "invalid-target",
            "invalid-dpop-proof",
            "use-dpop-nonce",
        }
    ): "BadTokenRequest",
    frozenset({*_BAD, "invalid-request"}): "BadRevocation",
    frozenset(_NOBODY): "Unauthenticated",
    frozenset({*_NOBODY, "signature-required", "signature-refused"}): "UnauthenticatedWrite",
    frozenset({"insufficient-scope", "wrong-party"}): "NotYours",
    frozenset({"insufficient-scope", "purpose-not-delegated"}): "NotForYou",
    frozenset({"wrong-state", "transition-refused", "request-in-progress"}): "NotNow",
    frozenset({"zero-report-exists", "register-says-otherwise", "request-in-progress"}): "NotNothing",
    frozenset({"invalid-body", "idempotency-key-reused"}): "Unprocessable",
    frozenset({"try-again", "temporarily-unavailable"}): "Unavailable",
}

# -- paths that are plain functions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAPIQuery:
    """GET /openapi.yaml and /openapi.json."""

    version: Annotated[
        Literal["3.0", "3.1"],
        Doc(id="Versi OpenAPI; 3.0 adalah kontraknya", en="Version of OpenAPI; 3.0 is the contract", example="3.1"),
    ] = "3.0"


YAML = "application/yaml"

PLAIN: Mapping[str, Operation] = {
    "/api/v1/problems": Operation(
        "list_problems",
        tag="service",
        id="Semua kode masalah",
        en="Every problem code",
        description="Kode, status, sebab, dan jalan keluar / Code, status, cause and remedy.",
        answer="Problems",
    ),
    "/api/v1/openapi.yaml": Operation(
        "read_openapi_yaml",
        tag="service",
        id="Dokumen ini",
        en="This document",
        description="YAML; `version=3.1` memberi bentuk 3.1 / gives the 3.1 form.",
        answer="OpenAPI",
        media_type=YAML,
        tagged=True,
        refuses=("invalid-query",),
    ),
    "/api/v1/openapi.json": Operation(
        "read_openapi_json",
        tag="service",
        id="Dokumen ini sebagai JSON",
        en="This document as JSON",
        description="JSON; `version=3.1` memberi bentuk 3.1 / gives the 3.1 form.",
        answer="OpenAPI",
        tagged=True,
        refuses=("invalid-query",),
    ),
}
PLAIN_QUERIES: Mapping[str, type[Any]] = {
    "/api/v1/openapi.yaml": OpenAPIQuery,
    "/api/v1/openapi.json": OpenAPIQuery,
}
TEXT_EXAMPLES = {YAML: {"openapi": "3.0.3", "info": {"title": "Lintas", "version": "1.0.0"}, "paths": {}}}

# Routes that are no operations of the contract, each with its reason.
OUTSIDE: Mapping[str, str] = {
    "/livez": "for the process's keeper",
    "/readyz": "for the process's keeper",
    "/status": "for people, and as JSON for who asks: how the register is now",
    "/metrics": "for the process's keeper, by a token of its own",
    "/": "a page for people",
    "/problems": "a page for people",
    "/problems/": "a page for people",
    "/problems/{code}": "a page for people",
    "/log/{number}": "what the feed calls `source`: leads to the checkpoint",
    "/api/docs": "a page for people",
    "/docs": "pages for people",
    "/docs/": "pages for people",
    "/docs/{path}": "pages for people",
    "/api/v1/sandbox/explain-assertion": "for who builds a client, in a sandbox on their own machine",
    "/api/v1/sandbox/explain-signature": "for who builds a client, in a sandbox on their own machine",
    "/api/v1/sandbox/casefiles/{casefile}/advance": "for who builds a client, in a sandbox on their own machine",
    "/api/v1/sandbox/partners": "for who builds a client, in a sandbox on their own machine",
    "/api/v1/sandbox/partners/{role}": "for who builds a client, in a sandbox on their own machine",
    "/api/v1/sandbox/reset": "for who builds a client, in a sandbox on their own machine",
    "/api/v1/sandbox/clients": "for who builds a client, in a sandbox on their own machine",
    "/sandbox": "a page for people, in a sandbox on their own machine",
    "/sandbox/kit/{file}": "files to take along, for who works with that page",
    "/api/v1/sandbox/clock": "for who builds a client, in a sandbox on their own machine",
    "/.well-known/security.txt": "a text for people (RFC 9116)",
    "/.well-known/api-catalog": "a link to this document (RFC 9727)",
}
