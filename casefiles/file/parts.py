"""The parts of a file that stand beside sanctions and violations: officer, finding, turn, custody, oversight, end."""

from __future__ import annotations

from typing import Annotated, TypedDict

from casefiles.file.marks import (
    AtLeast,
    Day,
    Digest,
    Id,
    Internal,
    InTimeline,
    MayLack,
    Moment,
    NotInLists,
    NotInTimeline,
    Seldom,
    Word,
)
from casefiles.file.papers import AgencyNamed, Decision, Letter, Reason
from casefiles.file.violations import Stage
from casefiles.shapes import Code, Doc


class Reckoned(TypedDict, total=False):
    """How the due day of the open referral came about, so that the entry commits to it; `rule` is the rule's digest.

    `paused_days` is missing where the referral is older than this part.
    """

    clock_from: Day
    paused_days: int
    continues: Id | None
    rule: Digest


class Turn(TypedDict, total=False):
    """Giliran siapa, untuk apa, sampai kapan / Whose turn, for what, until when."""

    party: Annotated[str, Word("parties"), Doc(id="Pihak", en="Party", example="addressee")]
    agency: str
    purpose: Annotated[str, Word("purposes"), Doc(id="Keperluan", en="Purpose", example="acknowledge")]
    referral: Annotated[
        Id,
        NotInTimeline(),
        Doc(id="Rujukan yang terbuka", en="The open referral", example="0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a99"),
    ]
    since: Annotated[Moment, NotInTimeline(), Doc(id="Sejak", en="Since", example="2024-10-21T03:00:00.000Z")]
    due_on: Annotated[
        Day, Doc(id="Tenggat: tanggal setempat, untuk orang", en="Due: local date, for people", example="2024-10-23")
    ]
    original_due_on: Annotated[
        Day, Doc(id="Tenggat semula, sebelum dipindahkan", en="As it was first due", example="2024-10-23")
    ]
    due_at: Annotated[
        Moment,
        Doc(id="Saat tenggat lewat (eksklusif)", en="The instant it is over", example="2024-10-23T17:00:00.000Z"),
    ]
    missed_due_on: Annotated[Day | None, InTimeline()]
    reckoned: Annotated[Reckoned, Internal(), NotInTimeline()]


class Protected(TypedDict):
    """A commitment to reporter and witnesses, and which of them there are (`casefiles.sight.protected`)."""

    holds: list[str]
    digest: str


class Finding(TypedDict, total=False):
    """Temuan asalnya / The finding it came from."""

    id: Annotated[Id, Doc(id="Id", en="Id")]
    register_number: Annotated[
        str, Doc(id="Nomor register", en="Register number", example="006/TM/PW/Kota/03.01/X/2024")
    ]
    # A file that was taken in before it was told lacks it.
    register_kind: Annotated[str, InTimeline()]
    source: Annotated[str, Code("source"), Doc(id="Sumber", en="Source", example="finding")]
    origin_office: str
    election: Annotated[
        str | None,
        Code("elections"),
        Doc(id="Pemilihan; null: tidak ada", en="Election; null: none", example="pilkada-2024"),
    ]
    election_nexus: Annotated[
        str, Code("election_nexus"), Doc(id="Kaitan pemilihan", en="Election nexus", example="election_related")
    ]
    stage_at_submission: Stage | None
    known_on: Annotated[Day, Doc(id="Diketahui", en="Known on", example="2024-10-02")]
    registered_on: Annotated[Day, Doc(id="Diregistrasi", en="Registered on", example="2024-10-03")]
    clarified_on: Annotated[Day | None, InTimeline()]
    assessed_on: Annotated[Day | None, InTimeline()]
    forwarded_on: Annotated[Day, InTimeline()]
    arrived_on: Annotated[Day, InTimeline()]
    protected: Annotated[Protected | None, Internal()]


class Subject(TypedDict, total=False):
    """Terlapor / The officer."""

    identified: Annotated[bool, Doc(id="NIP, nama, instansi dan jenis ASN diketahui", en="Known", example=True)]
    identity_source: Annotated[
        str | None, Code("identity_source"), Doc(id="Sumber identitas", en="Where it is from", example="agency_records")
    ]
    nip: Annotated[str | None, NotInLists(), Doc(id="NIP", en="NIP", example="198501012010011001")]
    former_nips: Annotated[
        list[Annotated[str, Doc(id="NIP", en="NIP", example="199003152019211004")]],
        Doc(
            id="NIP sebelumnya, mis. NI PPPK dari kontrak terdahulu",
            en="Earlier ones, as of a former contract",
            example=[],
        ),
        NotInLists(),
    ]
    name: Annotated[str | None, Doc(id="Nama", en="Name", example="Contoh Nama")]
    employment_kind: Annotated[str | None, Code("employment_kind"), Doc(id="Jenis ASN", en="Employment", example="pns")]
    position_kind: Annotated[
        str | None, Code("position_kind"), Doc(id="Jenis jabatan", en="Kind of position", example="functional_expert")
    ]
    position_roles: Annotated[
        list[Annotated[str, Code("position_roles"), Doc(id="Peran jabatan", en="Role", example="teacher")]],
        Doc(id="Peran", en="Roles", example=["teacher"]),
    ]
    position: Annotated[str | None, Doc(id="Jabatan", en="Position", example="Guru")]
    grade: Annotated[str | None, Doc(id="Golongan", en="Grade", example="III/d")]
    work_unit: Annotated[str | None, Doc(id="Unit kerja", en="Work unit", example="SMP Negeri Contoh")]
    workplace: Annotated[str | None, Doc(id="Kode instansi tempat bertugas", en="Code of where they serve")]
    violations: Annotated[
        list[Annotated[int, Doc(id="Nomor", en="Number", example=1)]],
        Doc(id="Nomor pelanggarannya", en="Numbers of their violations"),
    ]


class Recommendation(TypedDict, total=False):
    """Rekomendasi yang berlaku / The recommendation in force."""

    version: Annotated[int, AtLeast(1), Doc(id="Versi", en="Version", example=1)]
    letter: Letter
    violations: Annotated[
        list[Annotated[int, Doc(id="Nomor", en="Number", example=1)]], Doc(id="Yang terbukti", en="The confirmed ones")
    ]
    sanction: Annotated[
        str,
        Code("sanctions-and-levels"),
        Doc(id="Hukuman: kode atau tingkat", en="Sanction: code or level", example="discipline_medium"),
    ]
    reasoning: Annotated[
        str, NotInLists(), Doc(id="Pertimbangan", en="Reasoning", example="Terbukti menurut bukti yang diperiksa.")
    ]
    revised: Annotated[bool, InTimeline()]


class ServedOpened(TypedDict, total=False):
    """Penerima membuka rekomendasi / The addressee opened the recommendation."""

    version: Annotated[int, Doc(id="Versi yang dibuka", en="The version opened", example=6)]
    at: Annotated[Moment, Doc(id="Saat dibuka", en="When", example="2024-10-22T03:00:00.000Z")]


class Served(TypedDict, total=False):
    """Rekomendasi disampaikan dengan bukti / The recommendation was served, with proof."""

    agency: Annotated[str, Doc(id="Kode instansi penerima", en="On which agency", example="pemkot-padang")]
    delivered_on: Annotated[Day, Doc(id="Disampaikan", en="Delivered on", example="2024-10-25")]
    method: Annotated[str, Code("delivery_method"), Doc(id="Cara", en="Method", example="courier")]
    proof: Annotated[Id, Doc(id="Bukti", en="Proof")]
    opened: Annotated[ServedOpened | None, Doc(id="Pembacaan yang dirujuk", en="The reading that was cited")]


class ExtensionReason(TypedDict, total=False):
    """Alasan / Reason."""

    code: Annotated[str, Code("reasons/extend"), Doc(id="Kode", en="Code", example="examination_running")]
    text: Annotated[str | None, Doc(id="Penjelasan", en="In words", example="Tim masih memeriksa.")]


class Extension(TypedDict, total=False):
    """Waktu yang diberi pemeriksa / Time that the examiner granted."""

    purpose: Annotated[str, Word("purposes"), Doc(id="Keperluan", en="Purpose", example="follow_up")]
    until: Annotated[Day, Doc(id="Tenggat baru", en="New due day", example="2024-11-15")]
    days: Annotated[int, AtLeast(1), Doc(id="Hari kalender", en="Calendar days", example=14)]
    reason: ExtensionReason
    by: Annotated[str, Doc(id="Kode otoritas pemeriksa", en="The examiner's code", example="bkn")]
    on: Annotated[Day, Doc(id="Diberikan", en="Granted on", example="2024-10-30")]


class ReturnedItem(TypedDict, total=False):
    """Satu kekurangan / One item."""

    number: Annotated[int, AtLeast(1), Doc(id="Nomor", en="Number", example=1)]
    code: Annotated[str, Code("reasons/return"), Doc(id="Kode", en="Code", example="missing_evidence")]
    text: Annotated[str, Doc(id="Penjelasan", en="In words", example="Lampirkan tangkapan layar.")]


class Returned(TypedDict, total=False):
    """Yang harus dilengkapi / What has to be supplied."""

    round: Annotated[int, AtLeast(1), Doc(id="Pengembalian ke-", en="Return number", example=1)]
    items: list[ReturnedItem]


class Waived(TypedDict, total=False):
    """Pelepasan upaya hukum / Waived remedy."""

    on: Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-12-04")]
    document: Annotated[Id, Doc(id="Surat pernyataan", en="The statement")]


class PriorSanction(TypedDict, total=False):
    """Hukuman terdahulu / The earlier sanction."""

    sanction: Annotated[str, Code("sanctions"), Doc(id="Hukuman", en="Sanction", example="moral_open")]
    decision: Letter


class Closing(TypedDict, total=False):
    """Bagaimana perkara ditutup; isinya menurut cara menutup / How it was closed; members depend on the way."""

    conformity: Annotated[
        str, MayLack(), Code("reasons/close-conformity"), Doc(id="Kesesuaian", en="Conformity", example="in_line")
    ]
    note: Annotated[str | None, MayLack(), Doc(id="Catatan", en="Note", example="Sesuai.")]
    reason: Annotated[Reason | None, MayLack()]
    contest_waived: Annotated[Waived | None, MayLack()]
    remedy_judged: Annotated[
        str | None,
        MayLack(),
        Doc(
            id="Mengapa upaya hukum dinilai sudah lewat meskipun tanggalnya diragukan",
            en="Why the remedy was held to be over although its day is doubted",
            example="Tanda terima asli bertanggal sama dengan delivered_on.",
        ),
    ]
    decision: Annotated[Decision, MayLack()]
    letter: Annotated[Letter | None, MayLack()]
    authority: Annotated[
        str,
        MayLack(),
        Code("reasons/redirect"),
        Doc(id="Instansi berwenang", en="Competent authority", example="gakkumdu"),
    ]
    violation_found: Annotated[
        str,
        MayLack(),
        Code("violation_found"),
        Doc(id="Pelanggaran terbukti", en="Violation found", example="undecided"),
    ]
    prior_sanction: Annotated[PriorSanction, MayLack()]


_MergedInto = TypedDict(
    "_MergedInto",
    {
        "into": Annotated[
            Id,
            Doc(
                id="Id perkara yang menerima",
                en="Id of the casefile that took it in",
                example="0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a22",
            ),
        ],
        "number": Annotated[str, Doc(id="Nomornya", en="Its number", example="LTS/2026/000124")],
        # `from` is no name that Python lets a body have.
        "from": Annotated[
            str,
            Word("states"),
            Doc(id="Keadaan saat digabungkan", en="State it was merged from", example="recommended"),
        ],
        "on": Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-10-10")],
    },
    total=False,
)


class Merged(_MergedInto):
    """Digabungkan ke perkara mana; hanya yang berhak melihat perkara itu dapat membacanya / Into which casefile it was
    merged; only who may see that one can read it.
    """


class Absorbed(TypedDict, total=False):
    """Perkara yang digabungkan ke perkara ini / A casefile that was merged into this one."""

    casefile: Annotated[Id, Doc(id="Id", en="Id", example="0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a23")]
    number: Annotated[str, Doc(id="Nomornya", en="Its number", example="LTS/2026/000125")]
    on: Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-10-10")]
    released_on: Annotated[Day | None, Doc(id="Dilepas kembali", en="Parted again on")]
    submitters: Annotated[list[str], Internal()]
    sighted: Annotated[list[str], Internal()]
    documents: Annotated[list[str], Internal()]


class Reopened(TypedDict, total=False):
    """Pernah ditutup dan dibuka kembali / It was closed once, and opened again."""

    ground: Annotated[str, Code("reasons/reopen"), Doc(id="Dasar", en="Ground", example="new_evidence")]
    outcome: Annotated[
        str, Word("outcomes"), Doc(id="Hasil waktu itu", en="Outcome at that time", example="not_proven")
    ]
    closing: Annotated[Closing | None, Seldom()]
    on: Annotated[Day, Doc(id="Dibuka kembali", en="Opened again on", example="2025-01-13")]


class Corrected(TypedDict, total=False):
    """Fakta yang dibetulkan; nilainya pada timeline / A corrected fact; its values are in the timeline."""

    fact: Annotated[str, Word("facts"), Doc(id="Fakta", en="Fact", example="#/violations/*/act_date")]
    violation: Annotated[int | None, Doc(id="Nomor pelanggaran", en="Number of the violation", example=1)]
    by: Annotated[str, Doc(id="Kode instansi", en="Agency code", example="bkn")]
    on: Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-10-15")]
    reason: Reason


class Reached(TypedDict, total=False):
    """Satu jenjang eskalasi yang tercapai; lihat /catalogue/ladder / A level of the ladder that was reached."""

    level: Annotated[int, AtLeast(1), Doc(id="Jenjang", en="Level", example=2)]
    code: Annotated[
        str, Doc(id="Langkah (katalog: ladder)", en="Step (catalogue: ladder)", example="follow_up_warning")
    ]
    party: Annotated[str, Word("parties"), Doc(id="Pihak", en="Party", example="addressee")]
    agency: str
    purpose: Annotated[str, Word("purposes"), Doc(id="Keperluan", en="Purpose", example="follow_up")]
    due_on: Annotated[Day, Doc(id="Tenggat yang dilewati", en="The due day it was judged by", example="2024-11-05")]
    reached_on: Annotated[Day, Doc(id="Tercapai pada", en="Reached on", example="2024-11-06")]
    last: Annotated[bool, Doc(id="Jenjang terakhir", en="The last level", example=False)]
    measure: Annotated[
        str | None,
        Code("reasons/measure"),
        Doc(id="Tindakan pada jenjang ini", en="The measure taken at it", example="warning"),
    ]
    clock_from: Annotated[Day, InTimeline()]


class Measure(TypedDict, total=False):
    """Tindakan pengendalian / A measure of oversight."""

    code: Annotated[str, Code("reasons/measure"), Doc(id="Tindakan", en="Measure", example="reprimand")]
    by: AgencyNamed
    letter: Letter
    addressed_to: AgencyNamed
    on: Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-11-08")]
    new_due: Annotated[Day | None, Doc(id="Tenggat baru", en="New due day", example="2024-11-15")]


class Lifted(TypedDict, total=False):
    """Pembukaannya / How it was lifted."""

    reason: Reason
    letter: Letter
    on: Annotated[Day, Doc(id="Tanggal", en="Day", example="2024-12-03")]


class Block(TypedDict, total=False):
    """Pemblokiran data terakhir / The last block of the officer's data."""

    scope: Annotated[str, Code("block_scope"), Doc(id="Luasnya", en="Extent", example="partial")]
    services: Annotated[
        list[Annotated[str, Code("blocked_services"), Doc(id="Layanan", en="Service", example="promotion")]],
        Doc(id="", en="", example=["promotion"]),
    ]
    reason: Reason
    letter: Letter
    on: Annotated[Day, Doc(id="Sejak", en="Since", example="2024-11-12")]
    lifted: Annotated[Lifted | None, Seldom()]


class Protocol(TypedDict, total=False):
    """Berita acara / The protocol."""

    number: Annotated[str, Doc(id="Nomor", en="Number", example="BA-12/2024")]
    date: Annotated[Day, Doc(id="Tanggal", en="Date", example="2024-09-12")]


class HandedOver(TypedDict, total=False):
    """Perkara beralih ke mandat lain / The case passed to another mandate."""

    from_mandate: Annotated[str | None, Doc(id="Mandat lama", en="The old mandate", example="examining-2014")]
    to_mandate: Annotated[str, Doc(id="Mandat baru", en="The new mandate", example="examining-2024")]
    from_agency: Annotated[str, Doc(id="Kode instansi lama", en="The old holder's code", example="kasn")]
    to_agency: Annotated[str, Doc(id="Kode instansi baru", en="The new holder's code", example="bkn")]
    disposition: Annotated[str, Code("disposition"), Doc(id="Disposisi", en="Disposition", example="restart")]
    protocol: Protocol
    on: Annotated[Day, Doc(id="Tanggal serah terima", en="Day of the hand-over", example="2024-09-12")]


class Verification(TypedDict, total=False):
    """Verifikasi bersama / The joint verification before acceptance."""

    held_on: Day
    result: str
    members: list[str]
    minutes: Id | None


class Withheld(TypedDict):
    """Dokumen yang ditahan / A document that the addressee is not shown, and why."""

    document: str
    reason: str
