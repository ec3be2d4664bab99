"""Answers about the rules and the service: catalogue, service document, tokens."""

from __future__ import annotations

from typing import Any

from agencies.calendar_files import KINDS
from agencies.regions import Region
from api.contract.operations import catalogue_operation
from api.contract.responses.casefiles import agency, party, purpose, state
from api.contract.responses.grammar import (
    COMPONENTS,
    Optional,
    Schema,
    code,
    component,
    day,
    flag,
    href,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    row,
    text,
    word,
)
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.rows import (
    AnnexRow,
    Code,
    DeadlineRule,
    DocumentType,
    Election,
    LadderStep,
    RoutingRow,
    Sanction,
    SanctionLevel,
    SiasnRow,
    StagePeriod,
)

# -- catalogue --------------------------------------------------------------------------------------------------------

_LISTED = {
    "list": text("Nama daftar / Name of the list", "violations"),
    "title_id": text("Judul / Title", "Bentuk pelanggaran netralitas"),
    "title_en": text("Judul (Inggris) / Title", "Forms of neutrality violation"),
    "version": text("Versi daftar / Version of the list", "2026.2"),
    "source": text("Sumber / Source", "Keputusan Bersama 22 September 2022"),
}
_OPEN = {"open": flag("Ditutup dengan other / Closed by `other`", example=False)}
_VERSION = {"catalogue_version": text("Versi katalog / Catalogue version", "2026.2")}


def _rows(name: str, shape: type[Any], doc: str) -> Schema:
    return many(component(name, row(shape, doc)))


_PLAIN_ROWS = _rows("CodeRow", Code, "Satu kode / A code")
_SHAPES: dict[str, dict[str, Schema]] = {
    "violations": {
        **_OPEN,
        "data": _PLAIN_ROWS,
        "annex": _rows("AnnexRow", AnnexRow, "Golongan bentuk itu menurut lampiran / A form's class by the annex"),
    },
    "sanctions": {
        **_OPEN,
        "data": _rows("SanctionRow", Sanction, "Satu hukuman / A sanction"),
        "levels": _rows("SanctionLevelRow", SanctionLevel, "Tingkat hukuman / A level"),
    },
    "document-types": {**_OPEN, "data": _rows("DocumentTypeRow", DocumentType, "Jenis dokumen / A document type")},
    "elections": {**_OPEN, "data": _rows("ElectionRow", Election, "Pemilihan / An election")},
    "stages": {"data": _rows("StageRow", StagePeriod, "Tahapan / When a stage ran")},
    "deadlines": {"data": _rows("DeadlineRow", DeadlineRule, "Aturan tenggat / A deadline rule")},
    "ladder": {"data": _rows("LadderRow", LadderStep, "Satu tingkat eskalasi / A level of the ladder")},
    "routing": {"data": _rows("RoutingRow", RoutingRow, "Tujuan rekomendasi / Whom a recommendation obliges")},
    "siasn": {"data": _rows("SiasnRow", SiasnRow, "Padanan pada SIASN / What SIASN calls it")},
}


def _called(name: str) -> str:
    return str(catalogue_operation(name).answer)


def _catalogue() -> None:
    for name, shape in _SHAPES.items():
        component(_called(name), object_of("Daftar katalog / A list of the catalogue", **_LISTED, **_VERSION, **shape))
    component(
        _called("regions"),
        object_of(
            "Wilayah / Regions", list=_LISTED["list"], **_VERSION, data=_rows("RegionRow", Region, "Wilayah / A region")
        ),
    )
    acts = Optional(many(text("Perbuatan / Act", "reject"), "Untuk transisi ini / For these transitions"))
    listed = component(
        "CodeList", object_of("Satu daftar kode / A list of codes", **_LISTED, **_OPEN, acts=acts, data=_PLAIN_ROWS)
    )
    for name in ("codes", "reasons"):
        component(
            _called(name),
            object_of("Kumpulan daftar kode / Lists of codes", list=_LISTED["list"], **_VERSION, data=many(listed)),
        )
    for name in (*_SHAPES, "regions", "codes", "reasons"):
        COMPONENTS[_called(name)]["example"] = _trimmed(load_catalogue().as_dict(name))


def _trimmed(value: Any) -> Any:
    """The real list, cut to its first row."""
    if isinstance(value, list):
        return [_trimmed(inner) for inner in value[:1]]
    return {name: _trimmed(inner) for name, inner in value.items()} if isinstance(value, dict) else value


_catalogue()

component(
    "CatalogueCalendar",
    object_of(
        "Hari bukan hari kerja / The days off",
        list=text("Nama daftar / Name of the list", "calendar"),
        version=text("Versi kalender / Calendar version", "2026.2"),
        versions=many(
            text("Versi / Version", "2026.2"),
            "Semua versi, terbaru dahulu / Every version, newest first",
            example=["2026.2", "2026.1"],
        ),
        data=many(
            component(
                "CalendarDay",
                object_of(
                    "Satu hari / A day",
                    date=day("Tanggal / Date", "2026-03-20"),
                    kind=word("Jenis / Kind", KINDS, "public_holiday"),
                    name_id=text("Nama / Name", "Hari Raya Idul Fitri"),
                    source=text("Sumber / Source", "holidays 0.85"),
                    decree=maybe(text("Keputusan / Decree", "SKB 3 Menteri"), shown=False),
                    estimated=flag("Perkiraan, belum ditetapkan / Expected, not decreed yet", example=False),
                ),
            )
        ),
    ),
)
component(
    "CatalogueTransitions",
    object_of(
        "Alur perkara sebagai data / The flow as data",
        list=text("Nama daftar / Name of the list", "transitions"),
        **_VERSION,
        digest=text(
            "SHA-256 tabel / Digest of the table", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        ),
        turns=many(
            object_of("Giliran per tahap / Whose turn a state is", state=state(), party=party(), purpose=purpose()),
        ),
        data=many(
            component(
                "TransitionRow",
                object_of(
                    "Satu transisi / A transition",
                    name=text("Nama / Name", "recommend"),
                    title_id=text("Judul / Title", "Rekomendasi diterbitkan"),
                    title_en=text("Judul (Inggris) / Title", "Recommended"),
                    from_=many(state(), example=["under_examination"]),
                    to=many(text("Tahap, atau same / A state, or same", "recommended"), "Ke / To"),
                    returns=flag("Kembali ke tahap asal / Goes back to where it came from", example=False),
                    by=many(party(example="examiner"), "Pelaku / By whom"),
                    given=many(
                        object_of(
                            "Isian / A member",
                            name=text("Nama / Name", "letter"),
                            required=flag("Wajib / Required", example=True),
                        ),
                        "Yang diberikan / What is given",
                    ),
                    guards=many(
                        text("Syarat / Guard", "The officer is known: NIP, employer and kind of employment."),
                        "Syarat / Guards",
                    ),
                    outcome=maybe(text("Hasil / Outcome", "sanctioned"), shown=False),
                    announces=text("Peristiwa / Event", "lintas.casefile.recommended"),
                    article=text("Pasal / Article", "SKB 2/2022; UU 5/2014 pasal 33"),
                    href=maybe(
                        href(
                            "Alamat; null bila tanpa rute / Address; null where there is no route",
                            "/api/v1/casefiles/{id}/recommend",
                        )
                        | {"format": "uri-template"},
                    ),
                ),
            )
        ),
    ),
)

# -- the service itself -----------------------------------------------------------------------------------------------

_BASE = "https://lintas.example.go.id"
component(
    "Service",
    object_of(
        "Dokumen layanan / The service document",
        service=text("Nama / Name", "Lintas"),
        api_version=text("Versi API / API version", "1.0.0"),
        sandbox=flag("Kotak pasir / Sandbox", example=False),
        catalogue_version=text("Versi katalog / Catalogue version", "2026.2"),
        contents=maybe(
            object_of(
                "Isi berkas yang disimpan di sini; null: tidak ada / Contents kept here; null: none",
                media_types=many(text("Jenis media / Media type", "application/pdf"), example=["application/pdf"]),
                most_bytes=number("Bita satu isi, paling banyak / Bytes of one content at most", 52428800),
                agency_bytes=number("Bita satu instansi, paling banyak / Bytes of one agency at most", 21474836480),
            ),
            shown=False,
        ),
        log_origin=text("Asal log / Log origin", "lintas.example.go.id/log/1"),
        links={
            "type": "object",
            "description": "Alamat menurut nama / Addresses by name",
            "additionalProperties": {"type": "string", "format": "uri"},
            "example": {"me": f"{_BASE}/api/v1/me", "docs": f"{_BASE}/api/docs"},
        },
    ),
)
component(
    "Me",
    object_of(
        "Siapa saya / Who am I",
        client=text("Klien / Client", "bkn-system"),
        agency=agency("bkn", "Badan Kepegawaian Negara"),
        roles=many(code("Peran / Role", "agency_roles", "examiner")),
        scopes=many(text("Lingkup / Scope", "casefiles:read")),
        parties=many(party(example="examiner"), "Sebagai pihak apa / As which parties"),
        default_purpose=code("Tujuan baca bawaan / Default purpose", "reading_purpose", "case_handling"),
        time_zone=text("Zona waktu / Time zone", "Asia/Jakarta"),
        key_thumbprint=maybe(text("Sidik kunci / Thumbprint of the key", "q2xK0b7o3rTt4nCm8yJvYw")),
        signatures_required_from=maybe(
            instant("Sejak kapan tulisan harus bertanda tangan / From when on writes must be signed"), shown=False
        ),
        sender_constrained=flag(
            "Setiap permintaan wajib membawa bukti DPoP / Every request must bring a DPoP proof", example=False
        ),
        vendor=maybe(
            object_of(
                "Vendor yang kliennya bertindak untuk instansi ini; null: klien instansi sendiri / The vendor whose "
                "client acts for this agency; null: a client of the agency's own",
                code=text("Kode / Code", "vendor-kepegawaian"),
                name=text("Nama / Name", "PT Sistem Kepegawaian"),
                delegation=ident("Delegasi / Delegation", "0193e1f2-9c00-7e33-8f43-8c9d0e1f2031"),
                purposes=many(code("Tujuan / Purpose", "reading_purpose", "case_handling")),
                valid_until=instant("Berlaku sampai / Valid until"),
            ),
            shown=False,
        ),
        keys_ending=many(
            object_of(
                "Kunci yang berakhir dalam 30 hari / A key that ends within 30 days",
                kid=text("Nama / Name", "bkn-2026"),
                valid_until=instant("Berakhir / Valid until"),
            ),
            "Ganti dengan POST /clients/me/keys / Replace it with POST /clients/me/keys",
            example=[],
        ),
        quotas=many(
            object_of(
                "Kuota satu jenis panggilan / The quota of one kind of call",
                kind=word("Jenis / Kind", ("reads", "writes", "proofs", "uploads", "token"), "reads"),
                limit=number("Sekaligus / At once", 2000),
                window_seconds=number("Detik untuk penuh kembali dari nol / Seconds from empty to whole", 20),
                remaining=number("Sisanya, paling sedikit / Left, at least", 1975),
                whole_in_seconds=number("Penuh kembali dalam detik / Whole again in seconds", 1),
            ),
            "Batas klien ini / The limits of this client",
        ),
        deprecated_calls=many(
            object_of(
                "Panggilan yang akan dihapus, dan klien instansi ini yang masih memakainya / A call to be removed, and "
                "the client of this agency that still makes it",
                operation=text("operationId", "list_casefiles"),
                client=text("Klien / Client", "bkn-system"),
                calls=number("Berapa kali / How often", 12),
                last_at=instant("Terakhir / Last"),
                deprecated_since=instant("Sejak / Since"),
                sunset=maybe(instant("Dihapus paling cepat / Removed at the earliest")),
                successor=maybe(href("Penggantinya / What takes its place", "/api/v1/referrals")),
                href=href("Penjelasannya / What to do", "/api/docs"),
            ),
            "Yang akan dihapus / To be removed",
            example=[],
        ),
        webhooks=many(
            object_of(
                "Webhook yang perlu dilihat / A webhook that needs a look",
                id=ident("Id"),
                status=word("Keadaan / Status", ("unproven", "active", "paused", "disabled"), "paused"),
                failing_since=maybe(instant("Gagal sejak / Failing since")),
                pauses_at=maybe(instant("Akan dihentikan / Will be paused"), shown=False),
                href=href("Alamat / Address", "/api/v1/webhooks/0193e1f2-9a00-7c11-8d21-6a7b8c9d0e1f"),
            ),
            "Yang gagal atau dihentikan; kosong: baik / Those that fail or were paused; empty: all is well",
            example=[],
        ),
    ),
)
component(
    "Keys",
    object_of(
        "Kunci publik tanda terima, log, dan webhook (RFC 7517) / Public keys of receipts, the log and webhooks",
        keys=many(
            object_of(
                "Satu kunci / A key",
                kty=text("Jenis / Kind", "EC"),
                crv=text("Kurva / Curve", "P-256"),
                x=text("x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
                y=Optional(text("y (EC saja / EC only)", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")),
                kid=text("Nama kunci / Key id", "q2xK0b7o3rTt4nCm8yJvYw"),
                use=text("Kegunaan / Use", "sig"),
                alg=Optional(text("Algoritme / Algorithm", "ES256")),
                vkey=Optional(text("Kunci log C2SP / The log's C2SP vkey", "lintas.example.go.id/log/1+1a2b3c4d+AR…")),
            )
        ),
    ),
)
component(
    "Problems",
    object_of(
        "Semua kode masalah / All problem codes",
        data=many(
            object_of(
                "Satu kode / A code",
                code=text("Kode / Code", "stale-version"),
                status=number("Status HTTP", 412, least=400),
                type=href("Halamannya / Its page", f"{_BASE}/problems/stale-version"),
                title=text("Judul / Title", "Versi usang"),
                cause=text("Sebab / Cause", "Perkara sudah berubah sejak dibaca."),
                remedy=text("Yang perlu dilakukan / Remedy", "Baca lagi, lalu ulangi dengan versi itu."),
            )
        ),
    ),
)
component(
    "Token",
    object_of(
        "Token",
        access_token=text("Token; buram / Opaque", "3rTt4nCm8yJvYwq2xK0b7oQm1u5sZ8dL6hW9eR0aXcV"),
        token_type=word("Jenis; DPoP: terikat pada kunci / Type; DPoP: bound to a key", ("Bearer", "DPoP"), "Bearer"),
        expires_in=number("Detik; 600 atau kurang / Seconds; 600 or less", 600),
        scope=text("Dipisah spasi / Separated by blanks", "casefiles:read casefiles:write"),
    ),
)
component(
    "AuthorizationServer",
    {
        **object_of(
            "RFC 8414",
            issuer=href("Penerbit / Issuer; aud of assertions", _BASE),
            token_endpoint=href("Token", f"{_BASE}/oauth/token"),
            revocation_endpoint=href("Pencabutan / Revocation", f"{_BASE}/oauth/revoke"),
            grant_types_supported=many(text("Grant", "client_credentials")),
            scopes_supported=many(text("Lingkup / Scope", "casefiles:read")),
            token_endpoint_auth_methods_supported=many(text("Cara / Method", "private_key_jwt")),
            token_endpoint_auth_signing_alg_values_supported=many(text("Algoritma / Algorithm", "ES256")),
            dpop_signing_alg_values_supported=many(text("Algoritma bukti / Algorithm of proofs", "ES256")),
        ),
        "additionalProperties": True,
    },
)
component(
    "OpenAPI",
    {
        "type": "object",
        "description": "Dokumen OpenAPI / An OpenAPI document",
        "additionalProperties": True,
        "properties": {"openapi": text("Versi / Version", "3.0.3")},
        "required": ["openapi"],
        "example": {"openapi": "3.0.3", "info": {"title": "Lintas", "version": "1.0.0"}, "paths": {}},
    },
)
