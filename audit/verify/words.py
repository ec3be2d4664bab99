"""Every sentence that the verifier says about what it finds, in English and Indonesian.

A code is stable and stands in `--json`; its kind decides the exit code. No sentence quotes content.
"""

from __future__ import annotations

from typing import Final

from .words_of_actors import OF_ACTORS
from .words_of_watching import OF_WATCHING
from .words_of_witnesses import OF_WITNESSES

TAMPERED, UNEXPECTED, UNDECIDED, NOTE = "tampered", "unexpected", "undecided", "note"

FINDINGS: Final[dict[str, tuple[str, str, str]]] = {
    # -- leaves and entries
    "leaf-gap": (TAMPERED, "leaves are missing here", "ada daun yang hilang di sini"),
    "leaf-order": (TAMPERED, "this leaf is out of order or there twice", "daun ini tidak urut atau tercatat dua kali"),
    "leaf-hash": (
        TAMPERED,
        "the leaf hash is not the hash of the entry's bytes",
        "hash daun bukan hash dari byte entri",
    ),
    "leaf-differs": (
        TAMPERED,
        "one of these leaves is not what the tree was built over",
        "salah satu daun ini bukan yang dipakai membangun pohon",
    ),
    "entry-unreadable": (TAMPERED, "the entry's bytes are no JSON object", "byte entri bukan objek JSON"),
    "entry-not-canonical": (
        TAMPERED,
        "the entry's bytes are not the canonical form (RFC 8785)",
        "byte entri bukan bentuk kanonis (RFC 8785)",
    ),
    "entry-shape": (
        TAMPERED,
        "the entry has not the members of its format",
        "anggota entri tidak sesuai dengan formatnya",
    ),
    "entry-twice": (TAMPERED, "an entry of this id stood earlier in the log", "entri dengan id ini sudah ada di log"),
    "seq-broken": (
        TAMPERED,
        "the stream's numbering breaks: an entry is missing, moved or there twice",
        "penomoran aliran terputus: ada entri yang hilang, berpindah, atau ganda",
    ),
    "prev-broken": (
        TAMPERED,
        "prev is not the leaf hash of the stream's entry before",
        "prev bukan hash daun entri sebelumnya dalam aliran ini",
    ),
    "before-broken": (
        TAMPERED,
        "before is not the after of the stream's entry before",
        "before bukan after dari entri sebelumnya dalam aliran ini",
    ),
    "origin-wrong": (TAMPERED, "the origin is not the log's origin here", "origin bukan origin log pada titik ini"),
    "genesis-missing": (
        TAMPERED,
        "index 0 is not the entry that opened the log",
        "indeks 0 bukan entri yang membuka log",
    ),
    # -- checkpoints
    "checkpoint-number": (TAMPERED, "the checkpoints are not numbered without gaps", "nomor checkpoint tidak rapat"),
    "checkpoint-size": (
        TAMPERED,
        "the size is not the note's, or not larger than the checkpoint's before",
        "ukuran bukan ukuran dalam catatan, atau tidak lebih besar dari checkpoint sebelumnya",
    ),
    "checkpoint-unreadable": (TAMPERED, "the note is no signed checkpoint", "catatan bukan checkpoint bertanda tangan"),
    "checkpoint-signature": (
        TAMPERED,
        "the log's signature does not fit the checkpoint",
        "tanda tangan log tidak cocok dengan checkpoint",
    ),
    "checkpoint-unknown-key": (
        UNDECIDED,
        "no key was given for the log of this checkpoint (--key or --policy)",
        "tidak ada kunci untuk log checkpoint ini (--key atau --policy)",
    ),
    "checkpoint-origin": (
        TAMPERED,
        "the checkpoint's origin is not the log's at that size",
        "origin checkpoint bukan origin log pada ukuran itu",
    ),
    "checkpoint-root": (
        TAMPERED,
        "the root of the leaves is not the one the checkpoint signs; they differ after the good size named here",
        "akar pohon bukan yang ditandatangani checkpoint; berbeda sesudah ukuran baik yang disebut di sini",
    ),
    "checkpoint-roots-after": (
        TAMPERED,
        "later checkpoints differ as well (their number is given)",
        "checkpoint sesudahnya juga berbeda (jumlahnya disebut)",
    ),
    "checkpoint-beyond": (
        TAMPERED,
        "the checkpoint signs more leaves than there are: the end of the log was cut off",
        "checkpoint menandatangani lebih banyak daun daripada yang ada: ujung log telah dipotong",
    ),
    "checkpoint-none": (UNDECIDED, "there is no checkpoint to check against", "tidak ada checkpoint untuk diperiksa"),
    "kept-root": (
        TAMPERED,
        "the log is not the continuation of the checkpoint you kept",
        "log ini bukan kelanjutan dari checkpoint yang Anda simpan",
    ),
    "kept-beyond": (
        TAMPERED,
        "the log is shorter than the checkpoint you kept: its end was cut off",
        "log lebih pendek dari checkpoint yang Anda simpan: ujungnya telah dipotong",
    ),
    "kept-forked": (
        UNDECIDED,
        "the checkpoint you kept reaches beyond the fork that the log declares at this index: what lay between is lost",
        "checkpoint yang Anda simpan melewati percabangan yang dinyatakan log pada indeks ini: isinya hilang",
    ),
    "cosignature-bad": (TAMPERED, "the witness's signature does not fit", "tanda tangan saksi tidak cocok"),
    "cosignature-unknown": (
        NOTE,
        "cosignatures of witnesses without a key in the policy were not checked (their number is given)",
        "tanda tangan saksi tanpa kunci di kebijakan tidak diperiksa (jumlahnya disebut)",
    ),
    **OF_WITNESSES,
    "unsigned": (
        NOTE,
        "the leaves from here on are not signed yet (their number is given)",
        "daun mulai dari sini belum ditandatangani (jumlahnya disebut)",
    ),
    "unsigned-late": (
        TAMPERED,
        "no checkpoint covers this leaf although more than 60 s have passed",
        "belum ada checkpoint yang mencakup daun ini padahal lebih dari 60 detik telah lewat",
    ),
    "genesis-key": (
        NOTE,
        "the log key was taken from the log itself: this shows that the log is whole, not whose it is",
        "kunci log diambil dari log itu sendiri: ini menunjukkan log utuh, bukan milik siapa log itu",
    ),
    # -- rows of a database
    "row-missing": (TAMPERED, "the row is missing", "baris ini hilang"),
    "row-extra": (TAMPERED, "no entry of the log knows this row", "baris ini tidak dikenal oleh entri mana pun"),
    "row-twice": (TAMPERED, "there are two rows where one belongs", "ada dua baris padahal seharusnya satu"),
    "column-differs": (
        TAMPERED,
        "the column does not hold what the log says",
        "isi kolom tidak sama dengan yang dicatat log",
    ),
    "record-owner": (
        TAMPERED,
        "the row belongs to another agency than the one that recorded it",
        "baris ini milik instansi lain daripada instansi yang mencatatnya",
    ),
    "record-untold": (
        UNDECIDED,
        "no entry tells of this row, which says that it is older than the first entry that told of such rows",
        "tidak ada entri tentang baris ini, yang mengaku lebih tua daripada entri pertama tentang baris semacam ini",
    ),
    "ended-unordered": (
        TAMPERED,
        "reads ended without an order of two persons that fits",
        "pembacaan diakhiri tanpa perintah dua orang yang sah",
    ),
    "accesses-unsealed": (
        UNDECIDED,
        "nobody sealed the reads of this finished day: is `manage.py tick` running?",
        "pembacaan pada hari yang telah berakhir ini belum disegel: apakah `manage.py tick` berjalan?",
    ),
    "record-differs": (
        TAMPERED,
        "the row is not the one the entry's `record` was taken over",
        "baris ini bukan baris yang dirangkum oleh `record` entri",
    ),
    "value-unreadable": (
        TAMPERED,
        "a column holds a moment that no calendar has and no register writes; what follows it was not verified",
        "sebuah kolom berisi waktu yang tidak ada dalam kalender; yang sesudahnya tidak diperiksa",
    ),
    "told-twice": (
        TAMPERED,
        "a later entry tells of this version anew; the first one counts",
        "entri kemudian menyebut versi ini lagi; yang pertama yang berlaku",
    ),
    "calendar-differs": (
        TAMPERED,
        "the days of this version of the calendar are not those that the log holds the digest of",
        "hari-hari pada versi kalender ini bukan yang dirangkum oleh log",
    ),
    "commitment-differs": (
        TAMPERED,
        "the content does not open the entry's commitment",
        "isi tidak membuka komitmen dalam entri",
    ),
    "node-missing": (TAMPERED, "a node of the tree is missing", "satu simpul pohon hilang"),
    "node-extra": (TAMPERED, "a node that the tree does not have", "simpul ini tidak ada dalam pohon"),
    "node-differs": (TAMPERED, "the node is not the hash of its children", "simpul ini bukan hash dari anak-anaknya"),
    "leafless": (
        TAMPERED,
        "the entry has no leaf in the tree and waits for none",
        "entri ini tidak punya daun di pohon dan tidak sedang menunggu",
    ),
    "pending-late": (
        UNDECIDED,
        "the entry waits for its leaf longer than the 60 s promised",
        "entri ini menunggu daunnya lebih lama dari 60 detik yang dijanjikan",
    ),
    "pending-and-leaf": (TAMPERED, "the entry has its leaf and waits still", "entri sudah punya daun tetapi menunggu"),
    "sighting-missing": (
        TAMPERED,
        "the agency named here lost this leaf from its feed",
        "instansi ini kehilangan daun ini dari umpannya",
    ),
    "sighting-extra": (
        TAMPERED,
        "the agency named here has a leaf in its feed that it had no sight of",
        "instansi ini mendapat daun di umpannya padahal tidak berhak melihat",
    ),
    "audience-lacks": (
        TAMPERED,
        "an agency that had sight is not in the audience",
        "instansi yang berhak melihat tidak ada dalam daftar penerima",
    ),
    "audience-extra": (
        TAMPERED,
        "an agency in the audience had no sight and is no auditor",
        "instansi dalam daftar penerima tidak berhak melihat dan bukan auditor",
    ),
    "agency-unknown": (
        TAMPERED,
        "the log names this agency, and the register does not know it",
        "log menyebut instansi ini, tetapi register tidak mengenalnya",
    ),
    "erased": (NOTE, "versions were erased lawfully (their number is given)", "versi yang dihapus sah (jumlahnya)"),
    "erased-undeclared": (
        TAMPERED,
        "the content is gone, and no entry of the log says that it was erased",
        "isi hilang, dan tidak ada entri log yang menyatakan penghapusannya",
    ),
    "erased-not-done": (
        TAMPERED,
        "the log says that this content was erased, and it is still there",
        "log menyatakan isi ini telah dihapus, tetapi isinya masih ada",
    ),
    "content-withheld": (
        NOTE,
        "contents are not for this file's reader to open, so they were not compared; their number is given",
        "isi tidak dibuka bagi pembaca berkas ini, jadi tidak dibandingkan; jumlahnya disebut",
    ),
    "content-unread": (
        NOTE,
        "contents were not looked at (--no-content); their number is given",
        "isi tidak diperiksa (--no-content); jumlahnya disebut",
    ),
    # -- receipts, proofs, exports
    "receipt-signature": (
        TAMPERED,
        "the receipt's signature does not fit (jws)",
        "tanda tangan tanda terima tidak cocok (jws)",
    ),
    "receipt-unreadable": (
        UNDECIDED,
        "the receipt cannot be read",
        "tanda terima tidak terbaca",
    ),
    "receipt-unknown-key": (
        UNDECIDED,
        "the receipt is signed by a key that is not in the JWKS file",
        "tanda terima ditandatangani kunci yang tidak ada di berkas JWKS",
    ),
    "receipt-member": (
        TAMPERED,
        "the member is not what was signed",
        "anggota ini tidak sama dengan yang ditandatangani",
    ),
    "receipt-unredeemed": (
        UNDECIDED,
        "promise not redeemed yet: no proof was given. Ask /api/v1/log/entries?leaf_hash=",
        "janji belum ditebus: bukti tidak diberikan. Tanyakan /api/v1/log/entries?leaf_hash=",
    ),
    "proof-entry": (
        TAMPERED,
        "the member of the proved entry is not that of the receipt",
        "anggota entri yang dibuktikan tidak sama dengan tanda terima",
    ),
    "proof-leaf": (
        UNDECIDED,
        "the proof is of another entry than the one asked about: give the proof of this leaf hash",
        "bukti ini untuk entri lain dari yang ditanyakan: berikan bukti untuk hash daun ini",
    ),
    "proof-path": (
        TAMPERED,
        "the path does not lead from the leaf to the signed root",
        "jalur tidak menghubungkan daun ke akar yang ditandatangani",
    ),
    "proof-signature": (
        TAMPERED,
        "the log's signature does not fit the proof's checkpoint",
        "tanda tangan log tidak cocok dengan checkpoint pada bukti",
    ),
    "proof-unreadable": (UNDECIDED, "this is no proof file", "ini bukan berkas bukti"),
    "proof-missing": (UNDECIDED, "the entry has no proof yet", "entri ini belum mempunyai bukti"),
    "proof-index": (
        TAMPERED,
        "the proof is for another index than the export says",
        "bukti ini untuk indeks lain dari yang disebut ekspor",
    ),
    # -- a running log
    "log-not-final": (
        TAMPERED,
        "the log's name was closed here, and no signed checkpoint of that name ends exactly here",
        "nama log ditutup di sini, tetapi tidak ada checkpoint bertanda tangannya yang berakhir tepat di sini",
    ),
    "kept-after-closing": (
        TAMPERED,
        "the checkpoint that you kept was signed under a name that had been closed with fewer leaves",
        "checkpoint yang Anda simpan ditandatangani dengan nama log yang sudah ditutup dengan lebih sedikit daun",
    ),
    "watch-shrunk": (TAMPERED, "the log is smaller than it was", "log lebih kecil dari sebelumnya"),
    "watch-inconsistent": (
        TAMPERED,
        "the log is not the continuation of what it was",
        "log bukan kelanjutan dari keadaan sebelumnya",
    ),
    "watch-quorum": (
        TAMPERED,
        "not enough witnesses have cosigned for longer than the patience given",
        "saksi belum mencukupi lebih lama dari batas kesabaran yang diberikan",
    ),
    "watch-unreachable": (UNDECIDED, "the log cannot be reached", "log tidak dapat dihubungi"),
    # -- who acted
    **OF_ACTORS,
    # -- what an agency did not expect
    **OF_WATCHING,
    # -- what stops everything
    "stopped": (UNDECIDED, "cannot go on", "tidak dapat dilanjutkan"),
}

PLACES: Final[dict[str, tuple[str, str]]] = {
    "file": ("file", "berkas"),
    "table": ("table", "tabel"),
    "column": ("column", "kolom"),
    "row": ("row", "baris"),
    "member": ("member", "anggota"),
    "checkpoint": ("checkpoint", "checkpoint"),
    "size": ("size", "ukuran"),
    "good": ("good up to size", "baik sampai ukuran"),
    "witness": ("witness", "saksi"),
    "level": ("level", "tingkat"),
    "index": ("index", "indeks"),
    "until": ("up to index", "sampai indeks"),
    "entry": ("entry", "entri"),
    "casefile": ("casefile", "berkas perkara"),
    "stream": ("stream", "aliran"),
    "seq": ("seq", "nomor"),
    "agency": ("agency", "instansi"),
    "kind": ("kind", "jenis"),
    "what": ("it says", "menyatakan"),
    "number": ("number", "jumlah"),
    "why": ("because", "karena"),
}

CHECKED: Final[dict[str, tuple[str, str]]] = {
    "entries": ("entries", "entri"),
    "streams": ("streams", "aliran"),
    "checkpoints": ("checkpoints", "checkpoint"),
    "cosignatures": ("cosignatures", "tanda tangan saksi"),
    "nodes": ("nodes", "simpul"),
    "casefiles": ("casefiles", "berkas perkara"),
    "versions": ("casefile versions", "versi berkas perkara"),
    "contents": ("contents opened", "isi dibuka"),
    "referrals": ("referrals", "rujukan"),
    "sightings": ("sightings", "catatan umpan"),
    "clients": ("clients", "klien"),
    "answers": ("kept answers", "jawaban tersimpan"),
    "accesses": ("sealed reads", "pembacaan tersegel"),
    "ended": ("reads whose time is over", "pembacaan yang masa simpannya berakhir"),
    "records": ("records beside the casefiles", "catatan di luar berkas perkara"),
    "actors": ("acts by whom", "pelaku tindakan"),
    "signatures": ("signed requests", "permintaan bertanda tangan"),
    "openings": ("public openings", "pembukaan publik"),
    "laws": ("versions of the law", "versi aturan"),
    "guards": ("guards of the schema", "pengaman skema"),
    "proofs": ("proofs", "bukti"),
    "receipts": ("receipts", "tanda terima"),
}

VERIFIED: Final[dict[str, tuple[str, str]]] = {
    "entry": ("entry", "entri"),
    "index": ("index", "indeks"),
    "casefile": ("casefile", "berkas perkara"),
    "size": ("leaves in the tree", "daun di pohon"),
    "witnessed": ("of them witnessed", "yang disaksikan"),
    "origin": ("origin of the log", "origin log"),
    "witnesses": ("witnesses that vouched", "saksi yang menjamin"),
}

NOT_EXPECTED: Final = ("NOT EXPECTED", "TIDAK DIHARAPKAN")
"""The verdict where nothing was tampered with, and the log says of an agency what the agency did not expect."""

VERDICTS: Final[dict[int, tuple[str, str]]] = {
    0: ("SOUND", "UTUH"),
    1: ("TAMPERED", "TELAH DIUBAH"),
    2: ("CANNOT DECIDE", "TIDAK DAPAT DIPASTIKAN"),
}
