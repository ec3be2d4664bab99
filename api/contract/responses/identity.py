"""Answers about what tells one matter from another: the register number taken apart, and suspected duplicates."""

from __future__ import annotations

from api.contract.responses.grammar import component, flag, href, ident, many, number, object_of, text, word
from casefiles.catalogue.rows import CERTAINTIES
from casefiles.flow import State
from casefiles.register_number import ELECTIONS, KINDS, LEVELS
from casefiles.transitions.duplicates import REASONS

_SAID_BY_LETTERS = {
    "certainty": word("Kepastian arti / How well founded the meaning is", CERTAINTIES, "seen"),
}

REGISTER = component(
    "RegisterNumber",
    object_of(
        "Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's "
        "register number taken apart; null where its form is another. What counts is register_number",
        sequence=number("Nomor urut / Sequence", 6),
        registered=flag("Memuat Reg / Bears Reg", example=False),
        kind=object_of(
            "Jenis / Kind",
            letters=word("Huruf / Letters", KINDS, "TM"),
            meaning=word("Arti / Meaning", (kind.meaning for kind in KINDS.values()), "finding"),
            **_SAID_BY_LETTERS,
        ),
        election=object_of(
            "Pemilihan / Election",
            letters=word("Huruf / Letters", ELECTIONS, "PW"),
            meaning=word("Arti / Meaning", (election.meaning for election in ELECTIONS.values()), "mayor_election"),
            **_SAID_BY_LETTERS,
        ),
        level=object_of(
            "Tingkat / Level",
            letters=word("Huruf / Letters", (level.letters for level in LEVELS.values()), "Kota"),
            meaning=word("Arti / Meaning", (level.meaning for level in LEVELS.values()), "city"),
            **_SAID_BY_LETTERS,
        ),
        bawaslu_place=object_of(
            "Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own "
            "numbering: NOT a region code of the Ministry of Home Affairs",
            of_bawaslu=text("Nomor / Number", "03.01"),
        ),
        month=number("Bulan / Month", 10, least=1),
        year=number("Tahun / Year", 2024),
    ),
)

DUPLICATE = component(
    "SuspectedDuplicate",
    object_of(
        "Perkara yang mungkin perkara yang sama / A casefile that may be the same matter",
        casefile=ident("Id", "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a44"),
        number=text("Nomor perkara / Number", "LTS/2026/000124"),
        state=word("Tahap / State", State, "submitted"),
        href=href("Alamat / Address", "/api/v1/casefiles/0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a44"),
        because=many(
            word("Dugaan / Reason", REASONS, "same_officer"),
            "Mengapa diduga sama / Why it is suspected",
            example=["same_officer", "same_form", "act_within_7_days"],
        ),
    ),
)
