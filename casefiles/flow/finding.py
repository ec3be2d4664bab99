"""What a submitter forwards: one entry of its register, clarified, with its violations and subjects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from casefiles.flow.dates import Tells
from casefiles.flow.given import Act
from casefiles.shapes import (
    AgencyCode,
    Between,
    Code,
    Date,
    Doc,
    DocumentId,
    Identifier,
    Items,
    Nip,
    NotAfterToday,
    RegionCode,
    Text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBy:
    """The supervisor who found it, which may be below the office that forwards it."""

    level: Annotated[str, Code("found_by_level"), Doc(id="Tingkat", en="Level", example="sub_district")]
    region: Annotated[RegionCode, Doc(id="Wilayah", en="Region", example="13.71.01")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarification:
    """Whether the officer and witnesses were heard; if not, why."""

    held: Annotated[bool, Doc(id="Klarifikasi dilakukan?", en="Held?", example=True)]
    held_on: (
        Annotated[Date, NotAfterToday(), Tells("clarified"), Doc(id="Tanggal", en="Day", example="2024-10-05")] | None
    ) = None
    subject_heard: Annotated[bool, Doc(id="Terlapor didengar?", en="Subject heard?", example=True)] | None = None
    reason: Annotated[str, Code("clarification_reason"), Doc(id="Alasan tidak dilakukan", en="Why not held")] | None = (
        None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The submitter's own study (kajian); its document has to be registered first."""

    summary: Annotated[str, Text(20_000), Doc(id="Ringkasan kajian", en="Summary", example="Menyukai unggahan …")]
    documents: Annotated[
        tuple[DocumentId, ...],
        Items(1, 100, unique=True),
        Doc(id="Dokumen kajian dan bukti: daftarkan dahulu di POST /documents", en="Assessment and evidence"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reported. Seen by the submitter and the examiner only."""

    kind: Annotated[str, Code("reporter_kind"), Doc(id="Jenis pelapor", en="Kind", example="voter")]
    name: Annotated[str, Text(200), Doc(id="Nama", en="Name")] | None = None
    address: Annotated[str, Text(500), Doc(id="Alamat", en="Address")] | None = None
    phone: Annotated[str, Text(40), Doc(id="Telepon", en="Phone")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who saw it. Protected as the reporter is."""

    name: Annotated[str, Text(200), Doc(id="Nama", en="Name", example="Nama Saksi")]
    address: Annotated[str, Text(500), Doc(id="Alamat", en="Address")] | None = None
    phone: Annotated[str, Text(40), Doc(id="Telepon", en="Phone")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """The contest the act was about; it decides which designation day counts."""

    office: Annotated[str, Code("contest_office"), Doc(id="Jabatan", en="Office", example="mayor")]
    region: Annotated[RegionCode, Doc(id="Wilayah", en="Region", example="13.71")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """Whom the act favoured."""

    kind: Annotated[str, Code("beneficiary_kind"), Doc(id="Jenis", en="Kind", example="candidate")]
    name: Annotated[str, Text(200), Doc(id="Nama", en="Name")] | None = None
    is_personnel_authority: Annotated[
        bool, Doc(id="Calon adalah pejabat pembina kepegawaian terlapor", en="Is the subject's personnel authority")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One act, numbered; its class is computed, never stated."""

    number: Annotated[int, Between(1, 100), Doc(id="Nomor", en="Number", example=1)]
    form: Annotated[str, Code("violations"), Doc(id="Bentuk", en="Form", example="social_media_engagement")]
    act_date: Annotated[
        Date, NotAfterToday(), Tells("act"), Doc(id="Tanggal perbuatan", en="Day of the act", example="2024-09-29")
    ]
    act_until: (
        Annotated[Date, NotAfterToday(), Tells("act_end"), Doc(id="Sampai, bila berlangsung", en="Until, if it lasted")]
        | None
    ) = None
    region: Annotated[RegionCode, Doc(id="Wilayah", en="Region", example="13.71")] | None = None
    place: Annotated[str, Text(300), Doc(id="Tempat", en="Place")] | None = None
    channel: Annotated[str, Code("channel"), Doc(id="Saluran", en="Channel", example="facebook")] | None = None
    interaction: Annotated[str, Code("interaction"), Doc(id="Tindakan", en="Interaction", example="like")] | None = None
    contest: Annotated[Contest, Doc(id="Pemilihan yang dimaksud", en="Contest")] | None = None
    beneficiary: Annotated[Beneficiary, Doc(id="Yang diuntungkan", en="Beneficiary")] | None = None
    description: Annotated[str, Text(8000), Doc(id="Uraian", en="Description", example="Menyukai unggahan calon.")]
    legal_basis: (
        Annotated[str, Text(400), Doc(id="Dasar hukum, wajib bila bentuk lain", en="Legal basis, for other forms")]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One officer, as far as the submitter knows them; each becomes one casefile."""

    name: Annotated[str, Text(200), Doc(id="Nama", en="Name", example="Contoh Nama")] | None = None
    nip: (
        Annotated[
            Nip,
            Doc(
                id="NIP/NI PPPK, 18 angka; spasi, titik, dan tanda hubung boleh",
                en="NIP or NI PPPK, 18 digits; blanks, dots and hyphens are allowed",
                example="198501012010011001",
            ),
        ]
        | None
    ) = None
    employer: Annotated[AgencyCode, Doc(id="Instansi", en="Employer", example="pemkot-padang")] | None = None
    employment_kind: (
        Annotated[str, Code("employment_kind"), Doc(id="Jenis ASN", en="Employment kind", example="pns")] | None
    ) = None
    position_kind: (
        Annotated[str, Code("position_kind"), Doc(id="Jenis jabatan", en="Position kind", example="functional_expert")]
        | None
    ) = None
    position_roles: Annotated[
        tuple[Annotated[str, Code("position_roles")], ...],
        Items(0, 10),
        Doc(id="Peran karena jabatan", en="Roles that the position brings"),
    ] = ()
    position: Annotated[str, Text(200), Doc(id="Jabatan", en="Position", example="Guru")] | None = None
    grade: Annotated[str, Text(10), Doc(id="Golongan", en="Grade")] | None = None
    work_unit: Annotated[str, Text(200), Doc(id="Unit kerja", en="Work unit")] | None = None
    workplace: (
        Annotated[
            AgencyCode,
            Doc(
                id="Instansi tempat bertugas bila bukan instansi pegawai, mis. penjabat kepala daerah",
                en="Where they serve, if not with their employer, as an acting regional head",
            ),
        ]
        | None
    ) = None
    violations: Annotated[
        tuple[Annotated[int, Between(1, 100)], ...],
        Items(1, 100, unique=True),
        Doc(id="Nomor pelanggaran yang ia lakukan", en="Numbers of their violations", example=[1]),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The same matter's number in another system."""

    system: Annotated[str, Code("reference_system"), Doc(id="Sistem", en="System", example="sbt")]
    value: Annotated[str, Text(120), Identifier(), Doc(id="Nomor", en="Number", example="2024-001")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGiven(Act):
    """POST /findings: everything the submitter forwards."""

    register_number: Annotated[
        str,
        Text(120),
        Identifier(),
        Doc(id="Nomor register", en="Register number", example="006/TM/PW/Kota/03.01/X/2024"),
    ]
    register_kind: Annotated[
        str, Code("register_kind"), Doc(id="Jenis nomor", en="Kind of number", example="register")
    ] = "register"
    source: Annotated[str, Code("source"), Doc(id="Sumber", en="Source", example="finding")]
    origin_office: Annotated[AgencyCode, Doc(id="Kantor asal", en="Office of origin", example="bawaslu-kota-padang")]
    found_by: Annotated[FoundBy, Doc(id="Ditemukan oleh", en="Found by")] | None = None
    election: (
        Annotated[
            str,
            Code("elections"),
            Doc(
                id="Pemilihan; boleh kosong hanya bila election_nexus not_election_related",
                en="Election; left out only where election_nexus is not_election_related",
                example="pilkada-2024",
            ),
        ]
        | None
    ) = None
    known_on: Annotated[Date, NotAfterToday(), Tells("known"), Doc(id="Diketahui", en="Known on", example="2024-10-02")]
    registered_on: Annotated[
        Date,
        NotAfterToday(),
        Tells("registered"),
        Doc(
            id="Diregistrasi; bagi forwarding_letter: tanggal surat penerusan",
            en="Registered on; for a forwarding_letter: the day of that letter",
            example="2024-10-03",
        ),
    ]
    forwarded_on: (
        Annotated[Date, NotAfterToday(), Tells("forwarded"), Doc(id="Diteruskan", en="Forwarded", example="2024-10-07")]
        | None
    ) = None
    election_nexus: Annotated[
        str, Code("election_nexus"), Doc(id="Kaitan pemilihan", en="Election nexus", example="election_related")
    ] = "election_related"
    clarification: Annotated[Clarification, Doc(id="Klarifikasi", en="Clarification")]
    assessment: Annotated[Assessment, Doc(id="Kajian", en="Assessment")]
    reporter: Annotated[Reporter, Doc(id="Pelapor", en="Reporter")] | None = None
    witnesses: Annotated[tuple[Witness, ...], Items(0, 50), Doc(id="Saksi", en="Witnesses")] = ()
    violations: Annotated[tuple[Violation, ...], Items(1, 100), Doc(id="Pelanggaran", en="Violations")]
    subjects: Annotated[tuple[Subject, ...], Items(1, 100), Doc(id="Terlapor", en="Subjects")]
    references: Annotated[tuple[Reference, ...], Items(0, 20), Doc(id="Rujukan", en="References")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreSubjects(Act):
    """POST /findings/{id}/subjects: further officers of the same finding."""

    subjects: Annotated[tuple[Subject, ...], Items(1, 100), Doc(id="Terlapor", en="Subjects")]
