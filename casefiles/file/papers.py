"""Papers and reasons as a file holds them: letters, decrees, attached documents, what it warns of.

The docstring of a part is its description in the OpenAPI document, Indonesian and English.
"""

from __future__ import annotations

from typing import Annotated, TypedDict

from casefiles.file.marks import Day, Digest, Id, MayLack, Pointer
from casefiles.shapes import Code, Doc


class Letter(TypedDict, total=False):
    """Surat / A letter."""

    number: Annotated[
        str | None, Doc(id="Nomor; null: surat tanpa nomor", en="Number; null: it bears none", example="R-1194/2024")
    ]
    date: Annotated[Day, Doc(id="Tanggal", en="Date", example="2024-10-21")]
    document: Annotated[Id | None, Doc(id="Dokumen", en="Document")]


class Reason(TypedDict, total=False):
    """Alasan / Reason."""

    code: Annotated[
        str, Doc(id="Kode dari /catalogue/reasons", en="A code of /catalogue/reasons", example="mitigating")
    ]
    text: Annotated[str | None, MayLack(), Doc(id="Penjelasan", en="In words", example="Belum pernah dihukum.")]


class Decision(TypedDict, total=False):
    """Keputusan / The decree."""

    number: Annotated[str, Doc(id="Nomor", en="Number", example="SK.800/12/2024")]
    date: Annotated[Day, Doc(id="Tanggal", en="Date", example="2024-11-04")]
    legal_basis: Annotated[str, Doc(id="Dasar hukum", en="Legal basis", example="PP 94/2021 pasal 14")]
    document: Annotated[Id, Doc(id="Dokumen", en="Document")]


class Attached(TypedDict, total=False):
    """Dokumen pada perkara; isi menurut jenisnya / A document of the file; its content by the type's audience."""

    id: Annotated[Id, Doc(id="Id", en="Id")]
    type: Annotated[str, Code("document-types"), Doc(id="Jenis", en="Type", example="assessment")]
    number: Annotated[str | None, Doc(id="Nomor", en="Number", example="12/PL/2024")]
    date: Annotated[Day | None, Doc(id="Tanggal", en="Date", example="2024-10-06")]
    sha256: Annotated[
        Digest | None,
        Doc(
            id="SHA-256; null bila tidak dibagikan",
            en="null where withheld",
            example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    ]
    size: Annotated[int | None, Doc(id="Ukuran dalam bita", en="Size in bytes", example=18233)]
    owner: Annotated[
        str | None, Doc(id="Kode instansi pemilik", en="Owner's agency code", example="bawaslu-kota-padang")
    ]


class Warned(TypedDict, total=False):
    """Peringatan; tidak menolak apa pun / A warning; it refuses nothing."""

    code: str
    pointer: Annotated[Pointer, Doc(id="Letaknya", en="Where", example="#/subject/nip")]
    id: str
    en: str


class AgencyNamed(TypedDict):
    """Instansi: kode dan nama / An agency: code and name."""

    code: str
    name: str
