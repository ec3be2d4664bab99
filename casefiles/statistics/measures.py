"""What is counted, by what, and in which words: two offices that count alike must mean the same.

Whoever changes what a code counts raises `EDITION`, which every answer states: the same question at the same index has
the same numbers under one edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

EDITION: Final = 3
"""Of these definitions."""

Unit = Literal["casefiles", "findings", "officers"]
DimensionName = Literal[
    "state",
    "outcome",
    "election",
    "form",
    "violation_class",
    "submitter",
    "examiner",
    "employer",
    "employer_level",
    "overdue",
    "data_block",
    "month",
    "sanction",
    "reason",
    "position_kind",
    "channel",
    "interaction",
    "lateness",
    "sbt_status",
]

Counting: TypeAlias = DimensionName | Literal["mix"]
"""Dimensions, and one that nobody is told of: all that a snapshot reads of the content at once."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A code and what it counts, in both languages."""

    code: str
    id: str
    en: str


UNITS: Final = (
    Definition(
        "casefiles",
        "Perkara: satu terlapor dalam satu urusan. Perkara yang digabungkan dihitung sekali, pada perkara penerimanya.",
        "Casefiles: one officer in one matter. A merged one is counted once, as the one that took it in.",
    ),
    Definition(
        "findings",
        "Temuan: satu entri register Bawaslu, dengan sekurang-kurangnya satu perkara yang dihitung. Temuan masuk dalam "
        "suatu ukuran bila salah satu perkaranya masuk, jadi dapat terbuka sekaligus ditutup.",
        "Findings: entries of Bawaslu's registers with at least one casefile that is counted. A finding counts in a "
        "measure if one of its casefiles does, so it may be open and closed at once.",
    ),
    Definition(
        "officers",
        "Pegawai: NIP yang berbeda pada perkara yang dihitung. Pegawai masuk dalam suatu ukuran bila salah satu "
        "perkaranya masuk. Yang NIP-nya belum diketahui atau sudah dihapus hanya terhitung pada unidentified.",
        "Officers: different NIPs in the casefiles that are counted. An officer counts in a measure if one of their "
        "casefiles does. Who is not identified yet, or was erased, counts as unidentified only.",
    ),
)

# One bit each, in this order: what a unit counts in is its profile.
MEASURES: Final = (
    Definition(
        "submitted",
        "Diteruskan Bawaslu dan tercatat sampai saat itu, apa pun keadaannya kemudian (“dilaporkan”).",
        "Forwarded by Bawaslu and on record by then, whatever became of it (“reported”).",
    ),
    Definition("open", "Belum ditutup pada saat itu.", "Not closed at that moment."),
    Definition(
        "recommended",
        "Rekomendasi pernah diterbitkan sampai saat itu (“terbukti”), juga bila kemudian dicabut atau dibatalkan; "
        "tidak bila terlapornya ternyata orang lain dan perkara dibuka kembali.",
        "A recommendation had been issued by then (“proven”), even if it was retracted or annulled later; not if it "
        "was about a wrong person and the case was reopened.",
    ),
    Definition(
        "not_proven",
        "Ditutup pada saat itu dengan hasil not_proven, termasuk rekomendasi yang dicabut setelah keberatan.",
        "Closed at that moment with the outcome not_proven, recommendations retracted in a dispute included.",
    ),
    Definition(
        "followed_up",
        "Hukuman pernah dilaporkan instansi sampai saat itu (“ditindaklanjuti”), juga bila kemudian dikoreksi, "
        "digugat, atau dibatalkan; tidak bila terlapornya ternyata orang lain dan perkara dibuka kembali.",
        "The agency had reported a sanction by then (“followed up”), even if it was corrected, contested or annulled "
        "later; not if it was about a wrong person and the case was reopened.",
    ),
    Definition("closed", "Ditutup pada saat itu, apa pun hasilnya.", "Closed at that moment, whatever the outcome."),
    Definition(
        "overdue",
        "Terbuka pada saat itu dan sudah mencapai suatu tingkat tangga keterlambatan (tercatat dalam log; tenggat yang "
        "baru lewat tetapi belum naik tingkat tidak terhitung).",
        "Open at that moment and at a level of the escalation ladder (as the log has it; a due day that has passed "
        "without a level reached does not count).",
    ),
    Definition(
        "blocked", "Data kepegawaiannya diblokir pada saat itu.", "The officer's data were blocked at that moment."
    ),
    Definition(
        "unidentified",
        "Perkara yang NIP-nya tidak diketahui, dihitung terpisah; hanya pada unit officers.",
        "Casefiles whose officer's NIP is not known, counted apart; with the unit officers only.",
    ),
)

DIMENSIONS: Final = (
    Definition("state", "Tahap pada saat itu.", "The state at that moment."),
    Definition(
        "outcome",
        "Hasil pada saat itu; null: belum ditutup.",
        "The outcome at that moment; null: not closed.",
    ),
    Definition("election", "Pemilihan yang disebut temuannya.", "The election that the finding names."),
    Definition(
        "form",
        "Bentuk pelanggaran pada saat itu. Perkara dengan beberapa bentuk ada pada beberapa baris, jadi jumlah baris "
        "dapat melebihi total.",
        "The form of violation at that moment. A casefile of several forms stands in several rows, which may add up to "
        "more than the totals.",
    ),
    Definition(
        "violation_class",
        "Golongan pelanggaran pada saat itu; null: belum ditentukan.",
        "The class at that moment; null: not determined.",
    ),
    Definition("submitter", "Kantor pengirim pada saat itu.", "The submitting office at that moment."),
    Definition("examiner", "Otoritas pemeriksa pada saat itu.", "The examining authority at that moment."),
    Definition(
        "employer",
        "Instansi pegawai pada saat itu; null: belum diketahui.",
        "The officer's agency at that moment; null: not known.",
    ),
    Definition(
        "employer_level",
        "Tingkat instansi pegawai menurut daftar instansi sekarang; null: instansinya belum diketahui.",
        "The level of the officer's agency, as the directory has it now; null: the agency is not known.",
    ),
    Definition(
        "overdue",
        "Tingkat tangga keterlambatan pada saat itu; 0: tidak ada.",
        "The level of the escalation ladder at that moment; 0: none.",
    ),
    Definition("data_block", "Pemblokiran data pada saat itu.", "The block of data at that moment."),
    Definition(
        "month",
        "Bulan perkara tercatat masuk, TTTT-BB, menurut Asia/Jakarta. submitted_from (inklusif) dan submitted_until "
        "(eksklusif) menyaring menurut hari yang sama.",
        "The month in which the casefile was recorded, YYYY-MM, in Asia/Jakarta. submitted_from (included) and "
        "submitted_until (not included) filter by the same day.",
    ),
    Definition(
        "sanction",
        "Hukuman yang berlaku pada saat itu; null: belum ada, sudah dibatalkan, atau isinya dihapus.",
        "The sanction in force at that moment; null: none yet, none any more, or its content was erased.",
    ),
    Definition(
        "reason",
        "Kode alasan penutupan pada saat itu; null: belum ditutup, ditutup tanpa kode alasan, atau isinya dihapus.",
        "The coded reason of the closing; null: not closed, closed without one, or its content was erased.",
    ),
    Definition(
        "position_kind",
        "Jenis jabatan terlapor pada saat itu; null: tidak diketahui atau isinya dihapus.",
        "The officer's kind of position at that moment; null: not known, or its content was erased.",
    ),
    Definition(
        "channel",
        "Saluran perbuatan. Perkara dengan beberapa saluran ada pada beberapa baris; null: tidak ada yang disebut.",
        "The channel of the act. A casefile of several channels stands in several rows; null: none was told.",
    ),
    Definition(
        "interaction",
        "Tindakan dalam saluran itu (menyukai, membagikan, …). Perkara dengan beberapa tindakan ada pada beberapa "
        "baris; null: tidak ada yang disebut.",
        "What was done there (like, share, …). A casefile of several stands in several rows; null: none was told.",
    ),
    Definition(
        "lateness",
        "Keterlambatan terlama di antara giliran yang sudah dijawab sampai saat itu, dalam hari kalender sesudah "
        "tenggat yang terakhir ditetapkan: 0, 1-7, 8-30, 31+; giliran yang salah alamat tidak dihitung; null: belum "
        "ada yang dijawab.",
        "The longest delay among the turns answered by then, in calendar days after the due day that was set last: 0, "
        "1-7, 8-30, 31+; turns that were addressed wrongly do not count; null: none was answered.",
    ),
    Definition(
        "sbt_status",
        "Kata Sistem Berbagi Terintegrasi (SBT) untuk keadaan itu; pemetaannya ada pada words, dengan kepastian tiap "
        "baris; null: SBT tidak mempunyai kata untuk itu (dialihkan, digabungkan, dibatalkan setelah hukuman, "
        "dihentikan karena alasan lain).",
        "The word of BKN's shared system (SBT) for how the case stands; the mapping is in words, with the certainty "
        "of each row; null: SBT has no word for it (redirected, merged, annulled, terminated for other reasons).",
    ),
)

MERGED: Final = Definition(
    "merged",
    "Perkara yang pada saat itu sudah digabungkan ke perkara lain; tidak termasuk dalam angka lain.",
    "Casefiles that had been merged into others at that moment; in none of the other numbers.",
)

AGENCIES: Final = frozenset({"submitter", "examiner", "employer"})
"""Dimensions whose keys are agencies."""

STANDING: Final[Mapping[DimensionName, tuple[str, ...]]] = {
    "state": ("open", "closed"),
    "outcome": ("not_proven", "followed_up", "closed"),
    "overdue": ("overdue",),
    "data_block": ("blocked",),
    "sanction": ("followed_up",),
    "reason": ("not_proven", "closed"),
    "lateness": ("overdue",),
    "sbt_status": ("open", "not_proven", "followed_up", "closed"),
}
"""Dimensions that say how a casefile stands, and the measures that tell it in the tables for press and public.

There is none by such a key: its rows would be the totals of the others under another name, withheld here, shown there.
"""


def bit_of(code: str) -> int:
    """The measure's bit in a profile. Raises StopIteration for a code that is none."""
    return 1 << next(number for number, measure in enumerate(MEASURES) if measure.code == code)


def measures_of(unit: Unit) -> tuple[Definition, ...]:
    """The measures of an answer."""
    return tuple(measure for measure in MEASURES if unit == "officers" or measure.code != "unidentified")
