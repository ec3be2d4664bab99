"""What the verifier says where the log says something that an agency did not expect of itself."""

from __future__ import annotations

from typing import Final

UNEXPECTED, UNDECIDED, NOTE = "unexpected", "undecided", "note"

OF_WATCHING: Final[dict[str, tuple[str, str, str]]] = {
    "unexpected-right": (
        UNEXPECTED,
        "the log says this of the agency or a client of it, and the agency does not expect it",
        "log menyatakan ini tentang instansi atau kliennya, padahal instansi tidak mengharapkannya",
    ),
    "unexpected-client": (
        UNEXPECTED,
        "this client serves the agency, which does not expect it",
        "klien ini melayani instansi, padahal instansi tidak mengharapkannya",
    ),
    "unexpected-key": (
        UNEXPECTED,
        "this key serves a client of the agency, which does not expect it",
        "kunci ini berlaku untuk klien instansi, padahal instansi tidak mengharapkannya",
    ),
    "unexpected-vendor": (
        UNEXPECTED,
        "this delegation between an employer and a vendor is not one that the agency expects",
        "delegasi antara instansi dan vendor ini tidak diharapkan oleh instansi",
    ),
    "unexpected-person": (
        UNEXPECTED,
        "this person belongs to the agency in this role, and the agency does not expect it",
        "orang ini tercatat pada instansi dalam peran ini, padahal instansi tidak mengharapkannya",
    ),
    "unexpected-mandate": (
        UNEXPECTED,
        "this mandate is not as the agency expects",
        "mandat ini tidak seperti yang diharapkan instansi",
    ),
    "unexpected-elsewhere": (
        UNEXPECTED,
        "what is this agency's is told of another as well",
        "milik instansi ini juga dinyatakan sebagai milik yang lain",
    ),
    "unexpected-loss": (
        UNEXPECTED,
        "what the agency expects was taken away here",
        "yang diharapkan instansi dicabut di sini",
    ),
    "unexpected-act": (
        UNEXPECTED,
        "this acted in the agency's name, and the agency does not expect it",
        "ini bertindak atas nama instansi, padahal instansi tidak mengharapkannya",
    ),
    "agency-untold": (
        UNDECIDED,
        "what this says of who may do what is not at hand, and it may concern the agency",
        "isi entri ini tentang siapa yang berwenang tidak tersedia, dan mungkin menyangkut instansi",
    ),
    "entries-old": (
        UNDECIDED,
        "the entries are too old, and the log has grown since: fetch new ones",
        "entri sudah terlalu lama, sedangkan log telah bertambah: ambil yang baru",
    ),
    "entries-behind": (
        NOTE,
        "the log has grown since these entries were exported; of the newest the agency was told nothing",
        "log telah bertambah sejak entri ini diekspor; tentang yang terbaru instansi belum diberi tahu",
    ),
    "expected-untold": (
        NOTE,
        "the agency expects this, and the log does not say it now",
        "instansi mengharapkan ini, sedangkan log kini tidak menyatakannya",
    ),
    "entries-withheld": (
        NOTE,
        "so many entries were not shown to this agency; only `--entries DIR` shows all",
        "sekian entri tidak diperlihatkan kepada instansi ini; hanya `--entries DIR` memperlihatkan semua",
    ),
}
