"""What several acts are given alike: the moment it happened, the official who decided, the letter, the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from casefiles.shapes import (
    Code,
    Date,
    Doc,
    DocumentId,
    Identifier,
    Instant,
    NotAfterNow,
    NotAfterToday,
    OfficialNip,
    Text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Every body may say when the act happened; left out, it happened when it was received."""

    occurred_at: (
        Annotated[
            Instant,
            NotAfterNow(),
            Doc(id="Saat perbuatan terjadi", en="When it happened", example="2024-10-07T10:00:00+07:00"),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """The person who decided or received, by name, NIP and position; elected and appointed ones have no NIP."""

    name: Annotated[str, Text(200), Doc(id="Nama", en="Name", example="Nama Pejabat")]
    nip: (
        Annotated[
            OfficialNip,
            Doc(
                id="NIP; kosong bagi yang bukan ASN, mis. kepala daerah, menteri, hakim, anggota KASN atau Bawaslu",
                en="NIP; left out for who is no civil servant, as governors, mayors, ministers, judges, commissioners",
                example="197001011995031001",
            ),
        ]
        | None
    ) = None
    position: Annotated[
        str,
        Text(200),
        Doc(
            id="Jabatan; tanpa NIP, jabatan inilah yang menjelaskan mengapa",
            en="Position; without a NIP it says why there is none",
            example="Kepala Badan",
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter by number and date, and its descriptor where it was registered; not every letter bears a number."""

    number: (
        Annotated[
            str,
            Text(120),
            Identifier(),
            Doc(
                id="Nomor surat; kosong bila surat tanpa nomor, mis. keberatan yang ditulis pegawai sendiri",
                en="Letter number; left out where it bears none, as an objection that the officer wrote",
                example="R-1194/2024",
            ),
        ]
        | None
    ) = None
    date: Annotated[Date, NotAfterToday(), Doc(id="Tanggal surat", en="Letter date", example="2024-10-21")]
    document: Annotated[DocumentId, Doc(id="Dokumen", en="Document")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedLetter(Letter):
    """An authority's letter about its own decision, which bears a number."""

    number: Annotated[str, Text(120), Identifier(), Doc(id="Nomor surat", en="Letter number", example="R-1194/2024")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decree:
    """A decree or ruling by number, date and legal basis."""

    number: Annotated[
        str, Text(120), Identifier(), Doc(id="Nomor keputusan", en="Decree number", example="SK.800/12/2024")
    ]
    date: Annotated[Date, NotAfterToday(), Doc(id="Tanggal keputusan", en="Decree date", example="2024-11-04")]
    legal_basis: Annotated[str, Text(400), Doc(id="Dasar hukum", en="Legal basis", example="PP 94/2021 pasal 14")]
    document: Annotated[DocumentId, Doc(id="Dokumen keputusan", en="Decree document")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imposition(Decree):
    """A decree that imposes a sanction: by whom decides what may be filed against it."""

    imposed_by: (
        Annotated[
            str,
            Code("imposed_by"),
            Doc(
                id="Pejabat yang menjatuhkan; menentukan upaya administratifnya",
                en="Who imposed it; the remedy depends on it",
                example="personnel_authority",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """An explanation in words beside a reason's code."""

    text: Annotated[str, Text(4000), Doc(id="Penjelasan", en="Explanation")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawReason(Reason):
    """Why the submitter withdraws."""

    code: Annotated[str, Code("reasons/withdraw"), Doc(id="Kode alasan", en="Reason code", example="double_entry")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectReason(Reason):
    """Why the finding cannot be taken in."""

    code: Annotated[str, Code("reasons/reject"), Doc(id="Kode alasan", en="Reason code", example="not_neutrality")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisownReason(Reason):
    """Why this is not an officer of the agency."""

    code: Annotated[str, Code("reasons/disown"), Doc(id="Kode alasan", en="Reason code", example="not_ours")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallReason(Reason):
    """Why the examiner takes the file back."""

    code: Annotated[str, Code("reasons/recall"), Doc(id="Kode alasan", en="Reason code", example="no_answer")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearReason(Reason):
    """Why it is not proven."""

    code: Annotated[
        str, Code("reasons/clear"), Doc(id="Kode alasan", en="Reason code", example="evidence_insufficient")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateReason(Reason):
    """Why the case ends without a finding on the merits."""

    code: Annotated[str, Code("reasons/terminate"), Doc(id="Kode alasan", en="Reason code", example="retired")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReason(Reason):
    """Why the addressee disputes the recommendation."""

    code: Annotated[str, Code("reasons/dispute"), Doc(id="Kode alasan", en="Reason code", example="wrong_class")]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpholdReason(Reason):
    """Why the examiner upholds or revises."""

    code: Annotated[str, Code("reasons/uphold"), Doc(id="Kode alasan", en="Reason code", example="reasons_rejected")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReason(Reason):
    """Why another agency takes the employer's place."""

    code: Annotated[str, Code("reasons/transfer"), Doc(id="Kode alasan", en="Reason code", example="inter_agency_move")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendReason(Reason):
    """Why the examiner grants more time."""

    code: Annotated[str, Code("reasons/extend"), Doc(id="Kode alasan", en="Reason code", example="examination_running")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LighterReason(Reason):
    """Why the sanction is lighter or of another kind than recommended."""

    code: Annotated[str, Code("reasons/report-sanction"), Doc(id="Kode alasan", en="Reason code", example="mitigating")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionReason(Reason):
    """Why the sanction has to be corrected."""

    code: Annotated[
        str, Code("reasons/require-correction"), Doc(id="Kode alasan", en="Reason code", example="not_examined")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdReason(Reason):
    """Why a part of the file is not shared with the addressee."""

    code: Annotated[
        str, Code("reasons/withhold"), Doc(id="Kode alasan", en="Reason code", example="reporter_protection")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeReason(Reason):
    """Why a merge is undone."""

    code: Annotated[str, Code("reasons/unmerge"), Doc(id="Kode alasan", en="Reason code", example="not_the_same_act")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenReason(Reason):
    """On what ground a closed case is opened again."""

    code: Annotated[str, Code("reasons/reopen"), Doc(id="Kode alasan", en="Reason code", example="new_evidence")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendReason(Reason):
    """Why a recorded fact is corrected."""

    code: Annotated[str, Code("reasons/correct"), Doc(id="Kode alasan", en="Reason code", example="clerical_error")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReason(Reason):
    """Why the officer's data are blocked."""

    code: Annotated[str, Code("reasons/block-data"), Doc(id="Kode alasan", en="Reason code", example="no_follow_up")]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblockReason(Reason):
    """Why the block is lifted."""

    code: Annotated[str, Code("reasons/unblock-data"), Doc(id="Kode alasan", en="Reason code", example="followed_up")]
