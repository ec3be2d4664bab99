"""What the verifier says of witnesses, moments and the guards of a database; kinds as in `words`."""

from __future__ import annotations

from typing import Final

TAMPERED, UNDECIDED, NOTE = "tampered", "undecided", "note"

OF_WITNESSES: Final[dict[str, tuple[str, str, str]]] = {
    "quorum": (
        UNDECIDED,
        "not enough of the policy's witnesses cosigned",
        "saksi yang menandatangani belum mencukupi menurut kebijakan",
    ),
    "quorum-tail": (
        NOTE,
        "the leaves from here on are new, and not cosigned yet (their number is given)",
        "daun mulai dari sini masih baru dan belum ditandatangani saksi (jumlahnya disebut)",
    ),
    "quorum-none": (
        NOTE,
        "the policy asks for no witness: nobody but the log's operator vouches for this",
        "kebijakan tidak meminta saksi: hanya operator log sendiri yang menjamin ini",
    ),
    "unwitnessed": (
        UNDECIDED,
        "no policy of witnesses was given (--policy): nobody but the log's operator vouches for this",
        "kebijakan saksi tidak diberikan (--policy): hanya operator log sendiri yang menjamin ini",
    ),
    "guard-foreign": (
        UNDECIDED,
        "no migration makes this: what the table holds and what is asked of it may differ",
        "tidak ada migrasi yang membuat ini: isi tabel dan apa yang diminta darinya dapat berbeda",
    ),
    "guard-missing": (
        UNDECIDED,
        "the database lacks this guard, which its migrations make: ask its owner why (a copy without: --rows-only)",
        "basis data tidak memiliki pengaman buatan migrasi ini: tanyakan pemiliknya (salinan tanpa itu: --rows-only)",
    ),
    "time-backwards": (
        UNDECIDED,
        "the entry says that it was recorded more than 15 minutes before one that stands earlier in the log",
        "menurut entri, ia dicatat lebih dari 15 menit sebelum entri yang berdiri lebih dahulu di log",
    ),
    "time-ahead": (
        UNDECIDED,
        "this moment lies ahead of this machine's clock: one of the two is wrong",
        "waktu ini mendahului jam mesin ini: salah satunya keliru",
    ),
    "time-after-witness": (
        TAMPERED,
        "the entry says that it was recorded after a witness had seen it in the tree",
        "menurut entri, ia dicatat sesudah saksi melihatnya di pohon",
    ),
}
