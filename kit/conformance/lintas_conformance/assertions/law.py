"""What the law refuses is not asked for again, in other words or on another day, and is not reported as done."""

from __future__ import annotations

from typing import Final

from lintas_conformance.assertions.grammar import Assertion, all_shown, only_act
from lintas_conformance.stage import Seen


def _not_again(seen: Seen) -> list[str]:
    """Whatever else it says, the second attempt at a refused act is one too many."""
    return all_shown(only_act(seen).writes[1:])


def _reported(seen: Seen) -> list[str]:
    asked = only_act(seen)
    return [f"{asked.operation}: exit code 0 after a refusal"] if asked.outcome.code == 0 else []


def _pair(scenario: str, source: str, *, indonesian: str, english: str) -> tuple[Assertion, Assertion]:
    told_id = "Laporkan penolakan ini kepada petugas dengan alasannya (errors[]): kode keluar bukan 0."
    told_en = "Report this refusal to a person with its reasons (errors[]): an exit code other than 0."
    return (
        Assertion(f"law.{scenario}-not-repeated", scenario, _not_again, indonesian, english, source),
        Assertion(f"law.{scenario}-reported", scenario, _reported, told_id, told_en, source),
    )


LAW: Final = (
    *_pair(
        "dates-backwards",
        "problems/transition-refused, dates-run-backwards",
        indonesian="Jangan mengganti tanggal agar diterima: periksa surat aslinya, lalu minta petugas membetulkan.",
        english="Do not change a date so that it is taken: look at the letter itself, and have a person correct it.",
    ),
    *_pair(
        "mandate-ended",
        "problems/transition-refused, mandate-not-in-force",
        indonesian="Jangan memundurkan occurred_at sesudah mandat berakhir: tunggu pemeriksa yang baru.",
        english="Do not date an act back once the mandate has ended: wait for the new examiner.",
    ),
    *_pair(
        "moved-on",
        "problems/wrong-party",
        indonesian="Pegawai sudah pindah: bukan instansi Anda lagi yang dituju. Baca perkara, jangan kirim ulang.",
        english="The officer has moved, and your agency is addressed no more. Read the casefile, send nothing again.",
    ),
    *_pair(
        "silence-too-early",
        "problems/transition-refused, not-silent-for-long-enough",
        indonesian="Keberatan baru dianggap dikabulkan sesudah tenggatnya: jangan coba setiap hari, jadwalkan saja.",
        english="An objection is deemed granted after its last day only: do not try daily, plan it for the day after.",
    ),
)
