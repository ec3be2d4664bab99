"""A past case as a list tells it: one officer, one act, the days on which something was done, and how it ended.

One row is one casefile. What its days say is what is walked: a row without a day of acceptance stays submitted. The
columns of the template are the fields of `PastCase`, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from casefiles.errors import Fault
from casefiles.shapes import (
    AgencyCode,
    Ascending,
    Code,
    Date,
    Doc,
    Identifier,
    Nip,
    NotAfterToday,
    RegionCode,
    Text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCase:
    """One row of a list of past cases."""

    # Days follow each other, so that a slip of the pen is found before anything is walked.
    orders: ClassVar[tuple[Ascending, ...]] = (
        Ascending("act_date", "known_on", "registered_on", "forwarded_on"),
        Ascending("forwarded_on", "rejected_on"),
        Ascending("forwarded_on", "accepted_on", "cleared_on"),
        Ascending("forwarded_on", "accepted_on", "recommended_on", "received_on"),
        Ascending("decree_on", "delivered_on", "closed_on"),
    )

    register_number: Annotated[
        str,
        Text(120),
        Identifier(),
        Doc(id="Nomor register", en="Register number", example="006/TM/PB/Kota/03.01/X/2020"),
    ]
    source: Annotated[str, Code("source"), Doc(id="Sumber", en="Source", example="finding")]
    origin_office: Annotated[AgencyCode, Doc(id="Kantor asal", en="Office of origin", example="bawaslu-kota-padang")]
    election: Annotated[str, Code("elections"), Doc(id="Pemilihan", en="Election", example="pilkada-2020")] | None = (
        None
    )
    known_on: Annotated[Date, NotAfterToday(), Doc(id="Diketahui", en="Known on", example="2020-10-02")]
    registered_on: Annotated[Date, NotAfterToday(), Doc(id="Diregistrasi", en="Registered on", example="2020-10-03")]
    forwarded_on: Annotated[Date, NotAfterToday(), Doc(id="Diteruskan", en="Forwarded on", example="2020-10-07")]
    clarified_on: (
        Annotated[Date, NotAfterToday(), Doc(id="Klarifikasi", en="Clarified on", example="2020-10-05")] | None
    ) = None
    form: Annotated[str, Code("violations"), Doc(id="Bentuk pelanggaran", en="Form", example="social_media_engagement")]
    act_date: Annotated[Date, NotAfterToday(), Doc(id="Tanggal perbuatan", en="Day of the act", example="2020-09-29")]
    region: Annotated[RegionCode, Doc(id="Wilayah perbuatan", en="Region", example="13.71")] | None = None
    channel: Annotated[str, Code("channel"), Doc(id="Saluran", en="Channel", example="facebook")] | None = None
    contest_office: (
        Annotated[
            str, Code("contest_office"), Doc(id="Jabatan yang diperebutkan", en="Office contested", example="mayor")
        ]
        | None
    ) = None
    contest_region: (
        Annotated[RegionCode, Doc(id="Wilayah pemilihan", en="Region of the contest", example="13.71")] | None
    ) = None
    description: Annotated[str, Text(8000), Doc(id="Uraian", en="Description", example="Menyukai unggahan calon.")]
    legal_basis: (
        Annotated[str, Text(400), Doc(id="Dasar hukum, untuk bentuk lain", en="Legal basis, for other forms")] | None
    ) = None
    name: Annotated[str, Text(200), Doc(id="Nama terlapor", en="Officer's name", example="Pegawai Contoh")]
    nip: (
        Annotated[Nip, Doc(id="NIP, 18 angka sebagai teks", en="NIP, 18 digits as text", example="198501012010011001")]
        | None
    ) = None
    employer: Annotated[AgencyCode, Doc(id="Instansi pegawai", en="Employer", example="pemkot-padang")] | None = None
    employment_kind: (
        Annotated[str, Code("employment_kind"), Doc(id="Jenis ASN", en="Employment kind", example="pns")] | None
    ) = None
    position_kind: (
        Annotated[str, Code("position_kind"), Doc(id="Jenis jabatan", en="Position kind", example="functional_expert")]
        | None
    ) = None
    position: Annotated[str, Text(200), Doc(id="Jabatan", en="Position", example="Guru")] | None = None
    rejected_on: Annotated[Date, NotAfterToday(), Doc(id="Ditolak", en="Rejected on")] | None = None
    reject_reason: (
        Annotated[str, Code("reasons/reject"), Doc(id="Alasan penolakan", en="Reason of the rejection")] | None
    ) = None
    accepted_on: Annotated[Date, NotAfterToday(), Doc(id="Diterima", en="Accepted on", example="2020-10-14")] | None = (
        None
    )
    verified_on: Annotated[Date, NotAfterToday(), Doc(id="Diverifikasi bersama", en="Jointly verified on")] | None = (
        None
    )
    cleared_on: Annotated[Date, NotAfterToday(), Doc(id="Dinyatakan tidak terbukti", en="Cleared on")] | None = None
    clear_reason: Annotated[str, Code("reasons/clear"), Doc(id="Alasan tidak terbukti", en="Why not proven")] | None = (
        None
    )
    recommended_on: (
        Annotated[Date, NotAfterToday(), Doc(id="Direkomendasikan", en="Recommended on", example="2020-10-21")] | None
    ) = None
    letter_number: (
        Annotated[
            str, Text(120), Identifier(),
            Doc(id="Nomor surat hasil atau rekomendasi", en="Number of the letter", example="R-1194/2020"),
        ]
        | None
    ) = None  # fmt: skip
    recommended_sanction: (
        Annotated[
            str, Code("sanctions-and-levels"),
            Doc(id="Hukuman yang direkomendasikan", en="Sanction recommended", example="moral_open"),
        ]
        | None
    ) = None  # fmt: skip
    reasoning: Annotated[str, Text(20_000), Doc(id="Pertimbangan", en="Reasoning")] | None = None
    decided_by: Annotated[str, Text(200), Doc(id="Pejabat pemeriksa yang memutus", en="Examining official")] | None = (
        None
    )
    received_on: (
        Annotated[Date, NotAfterToday(), Doc(id="Rekomendasi diterima", en="Received on", example="2020-10-22")] | None
    ) = None
    received_by: Annotated[str, Text(200), Doc(id="Penerima", en="Receiver")] | None = None
    sanction: (
        Annotated[
            str, Code("sanctions"), Doc(id="Hukuman yang dijatuhkan", en="Sanction imposed", example="moral_open")
        ]
        | None
    ) = None
    decree_number: (
        Annotated[str, Text(120), Identifier(), Doc(id="Nomor keputusan", en="Decree number", example="SK.800/12/2020")]
        | None
    ) = None
    decree_on: (
        Annotated[Date, NotAfterToday(), Doc(id="Tanggal keputusan", en="Decree date", example="2020-11-04")] | None
    ) = None
    decree_basis: (
        Annotated[str, Text(400), Doc(id="Dasar hukum keputusan", en="Its legal basis", example="PP 42/2004")] | None
    ) = None
    imposed_by: Annotated[str, Text(200), Doc(id="Pejabat yang menjatuhkan", en="Imposing official")] | None = None
    examined_by: (
        Annotated[str, Code("examination_by"), Doc(id="Diperiksa oleh", en="Examined by", example="ethics_council")]
        | None
    ) = None
    examined_on: (
        Annotated[Date, NotAfterToday(), Doc(id="Tanggal pemeriksaan", en="Examined on", example="2020-10-28")] | None
    ) = None
    lighter_reason: (
        Annotated[
            str,
            Code("reasons/report-sanction"),
            Doc(id="Alasan lebih ringan atau lain jenis", en="Why lighter or another"),
        ]
        | None
    ) = None
    delivered_on: (
        Annotated[Date, NotAfterToday(), Doc(id="Keputusan disampaikan", en="Delivered on", example="2020-11-06")]
        | None
    ) = None
    delivery_method: (
        Annotated[str, Code("delivery_method"), Doc(id="Cara penyampaian", en="Delivery method", example="hand")] | None
    ) = None
    closed_on: Annotated[Date, NotAfterToday(), Doc(id="Ditutup", en="Closed on", example="2020-12-18")] | None = None
    conformity: (
        Annotated[str, Code("reasons/close-conformity"), Doc(id="Kesesuaian", en="Conformity", example="in_line")]
        | None
    ) = None
    remedy_judged: (
        Annotated[str, Text(4000), Doc(id="Mengapa upaya hukum sudah lewat", en="Why the remedy is over")] | None
    ) = None
    outcome: Annotated[
        Literal["open", "rejected", "not_proven", "sanctioned"],
        Doc(id="Hasil; open bila belum ditutup", en="Outcome; open where it is not closed", example="sanctioned"),
    ]


# The last day of a row that ended so; and what has to stand beside a day.
_ENDS: Final = {"rejected": "rejected_on", "not_proven": "cleared_on", "sanctioned": "closed_on"}
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "rejected_on": ("reject_reason",),
    "cleared_on": ("accepted_on", "clear_reason", "letter_number"),
    "recommended_on": ("accepted_on", "recommended_sanction", "letter_number"),
    "received_on": ("recommended_on",),
    "decree_on": ("received_on", "sanction", "decree_number"),
    "delivered_on": ("decree_on", "delivery_method"),
    "closed_on": ("delivered_on", "conformity"),
}
_AGAINST: Final = (("rejected_on", "accepted_on"), ("cleared_on", "recommended_on"))


def faults(case: PastCase) -> tuple[Fault, ...]:
    """What contradicts itself in a row, beyond what each field says alone; every fault at once."""
    return tuple(_faults(case))


def _faults(case: PastCase) -> Iterator[Fault]:
    for day, needed in _BESIDE.items():
        for column in needed:
            if getattr(case, day) is not None and getattr(case, column) is None:
                yield Fault(
                    "required-when", f"#/{column}", f"Wajib diisi bila {day} diisi.", f"Required where {day} is given."
                )
    for one, other in _AGAINST:
        if getattr(case, one) is not None and getattr(case, other) is not None:
            yield Fault(
                "excludes", f"#/{other}", f"Tidak boleh diisi bersama {one}: perkara berakhir di sana.",
                f"May not stand beside {one}: the case ended there.",
            )  # fmt: skip
    ended = next((outcome for outcome, day in _ENDS.items() if getattr(case, day) is not None), "open")
    if case.outcome != ended:
        wanted = _ENDS.get(case.outcome)
        yield Fault(
            "outcome-differs",
            "#/outcome",
            f"Menurut tanggalnya hasilnya {ended}." + (f" Untuk {case.outcome} isi {wanted}." if wanted else ""),
            f"By its days the outcome is {ended}." + (f" For {case.outcome} give {wanted}." if wanted else ""),
            near=ended,
        )
