"""Answers about what goes to SIASN."""

from __future__ import annotations

from typing import get_args

from api.contract.responses.casefiles import CASEFILE_ID, agency
from api.contract.responses.grammar import (
    code,
    component,
    digest,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    text,
    word,
)
from api.contract.responses.writes import RECORD_RECEIPT
from casefiles.catalogue.rows import CERTAINTIES
from casefiles.catalogue.siasn import MEMBERS, UNFILLED, WAITS, Status

HUKDIS_ID = "0193e1f2-9c20-7a41-8d3e-6c1f0b2a4e55"
_EXAMPLES = {
    "jenisHukumanId": "23",
    "jenisTingkatHukumanId": "S",
    "nomorPp": "07",
    "skNomor": "SK.800/12/2024",
    "skTanggal": "04-11-2024",
    "hukumanTanggal": "28-11-2024",
    "masaTahun": "0",
    "masaBulan": "6",
    "keterangan": "Lintas LTS/2026/000123",
}
_DETAIL = text("Keterangan / In words", "Id orang pada SIASN tidak disimpan di sini.")

_PAYLOAD = component(
    "HukdisPayload",
    object_of(
        "Badan POST /hukdis/save; kosong: tidak diisi; tanggal dd-mm-yyyy / The body of POST /hukdis/save; empty: not "
        "filled in; days are dd-mm-yyyy",
        **{
            name: text(name, _EXAMPLES.get(name, ""))
            if name != "path"
            else many(
                text("Dokumen / Document", ""), "Selalu kosong: SIASN memberi rujukannya / Always empty", example=[]
            )
            for name in MEMBERS
        },
    ),
)
_RECORD = component(
    "HukdisRecord",
    object_of(
        "Satu versi hukuman / A version of the sanction",
        sanction_version=number("Versi hukuman / Version of the sanction", 1, least=1),
        sanction=code("Hukuman / Sanction", "sanctions", "allowance_cut_25_6m"),
        status=word("Keadaan / Status", get_args(Status), "in_force"),
        payload=_PAYLOAD,
        digest=digest("SHA-256 atas bentuk RFC 8785 payload / SHA-256 over the RFC 8785 form of the payload"),
        certainty=many(
            object_of(
                "Kepastian padanannya / How well founded a mapped member is",
                member=word("Anggota / Member", MEMBERS, "jenisHukumanId"),
                certainty=word("Kepastian / Certainty", CERTAINTIES, "code"),
            )
        ),
        unfilled=many(
            object_of(
                "Anggota yang tidak diisi, dan sebabnya / A member that was not filled in, and why",
                member=word("Anggota / Member", MEMBERS, "pnsOrangId"),
                code=word("Sebab / Why", UNFILLED, "person-not-held"),
                detail=_DETAIL,
            )
        ),
        waits=many(
            object_of(
                "Mengapa belum diserahkan; kosong: serahkan / Why it is not to be handed over yet; empty: hand it over",
                code=word("Sebab / Why", WAITS, "remedy-open"),
                detail=_DETAIL,
            ),
            example=[],
        ),
    ),
)
_SIASN_ID = maybe(text("Id riwayat pada SIASN / The record's id in SIASN", "8ae483a87c5e6f01017c5f2b9a1d0c44"))

component(
    "Hukdis",
    object_of(
        "Muatan hukdis satu perkara / The hukdis payload of a casefile",
        casefile=ident("Id perkara / The casefile's id", CASEFILE_ID),
        number=text("Nomor perkara / Number", "LTS/2026/000123"),
        version=number("Versi perkara / Version of the casefile", 9, least=1),
        nip=maybe(text("NIP, untuk mencari pnsOrangId / NIP, by which to look up pnsOrangId", "198501012010011001")),
        entry=object_of(
            "Entri log versi itu / The log's entry of that version",
            index=maybe(number("Indeks; null: belum / Index; null: not yet", 10481)),
            leaf_hash=digest("Hash daun / Leaf hash"),
        ),
        none_because=maybe(
            word("Mengapa tidak ada muatan / Why there is none", ("no-sanction-reported",), "no-sanction-reported"),
            shown=False,
        ),
        records=many(_RECORD, "Versi terlama dahulu / Oldest version first"),
        handed_over=many(
            object_of(
                "Satu penyerahan ke SIASN / A hand-over to SIASN",
                id=ident("Id", HUKDIS_ID),
                sanction_version=number("Versi hukuman / Version of the sanction", 1, least=1),
                version=number("Versi perkara saat itu / Version of the casefile then", 9, least=1),
                digest=maybe(digest("Digest muatannya; null: dihapus / Digest of the payload; null: erased")),
                siasn_id=_SIASN_ID,
                agency=agency("pemkot-padang", "Pemerintah Kota Padang"),
                at=instant("Dicatat / Recorded"),
                index=maybe(number("Indeks log; null: belum / Index in the log; null: not yet", 10490)),
            ),
            "Yang tercatat diserahkan, terlama dahulu / What is on record, oldest first",
        ),
    ),
)
component(
    "HukdisRecorded",
    object_of(
        "Penyerahan yang dicatat dan tanda terimanya / The hand-over that was recorded, and its receipt",
        id=ident("Id", HUKDIS_ID),
        casefile=ident("Id perkara / The casefile's id", CASEFILE_ID),
        sanction_version=number("Versi hukuman / Version of the sanction", 1, least=1),
        digest=digest("Digest muatannya / Digest of the payload"),
        siasn_id=_SIASN_ID,
        receipt=RECORD_RECEIPT,
    ),
)
