"""Why a row of past cases is refused: with a code, the column, and what to do, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from casefiles import errors
from casefiles.errors import Fault, InvalidGiven
from casefiles.flow import Refused, WrongState
from casefiles.operations.past_walks import Planned, column_of

REPEATED: Final = Fault(
    "repeated-row",
    "#/register_number",
    "Baris di atas memuat kantor, nomor register, dan pegawai yang sama.",
    "A row above has the same office, register number and officer.",
)
PERHAPS_THERE: Final = Fault(
    "perhaps-there-without-nip",
    "#/nip",
    "Pada nomor register ini sudah ada pegawai bernama sama tanpa NIP. Bila orangnya sama, hapus baris ini dan "
    "lengkapi NIP pada perkaranya; bila orang lain, kirim dengan POST /findings/{id}/subjects.",
    "Under this register number there is an officer of the same name without a NIP. For the same person leave this row "
    "out and add the NIP to the casefile; for another one use POST /findings/{id}/subjects.",
)
OTHER_ACT: Final = Fault(
    "other-act-under-number",
    "#/form",
    "Temuan bernomor ini memuat perbuatan lain (form atau act_date berbeda). Satu nomor register memuat perbuatan yang "
    "sama bagi semua pegawainya; beri nomor lain, atau samakan form dan act_date.",
    "The finding of this number holds another act (form or act_date differ). One register number holds the same act "
    "for all of its officers; give another number, or the same form and act_date.",
)
NUMBER_TAKEN: Final = Fault(
    "number-just-taken",
    "#/register_number",
    "Nomor register ini baru saja dipakai oleh pencatatan lain. Jalankan lagi perintah ini.",
    "This register number was used by somebody else just now. Run this command again.",
)
_PLAIN: Final[Mapping[type[Exception], Fault]] = {
    errors.NoMandate: Fault(
        "no-mandate",
        "#/forwarded_on",
        "Pada hari itu dan sebelumnya tidak ada mandat pemeriksa dalam register. Daftarkan dengan register_mandate.",
        "There is no examiner's mandate in the register for that day or before it. Register it with register_mandate.",
    ),
    errors.Erased: Fault(
        "finding-erased",
        "#/register_number",
        "Isi temuan bernomor ini sudah dihapus; tidak dapat ditambahi.",
        "The content of the finding of this number was erased; nothing can be added to it.",
    ),
    errors.FindingExists: NUMBER_TAKEN,
    WrongState: Fault(
        "days-not-in-the-flow",
        "#/outcome",
        "Urutan tanggalnya tidak mungkin dalam alur perkara. Lihat docs/flow.md.",
        "The order of its days is not possible in the flow. See docs/flow.md.",
    ),
}


def told(why: Exception, act: Planned | None) -> tuple[Fault, ...]:
    """Why a row is refused, pointing to its columns."""
    if isinstance(why, InvalidGiven):
        return tuple(replace(fault, pointer=column_of(fault.pointer, act)) for fault in why.faults)
    if isinstance(why, Refused):
        return tuple(
            Fault(reason.code, column_of(reason.pointer or "", act), reason.id, reason.en) for reason in why.reasons
        )
    plain = next((fault for kind, fault in _PLAIN.items() if isinstance(why, kind)), None)
    if plain is None:
        raise why
    return (plain,)
