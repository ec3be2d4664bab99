"""What the verifier says about who acted and who signed, in English and Indonesian; the same kinds as in `words`."""

from __future__ import annotations

from typing import Final

TAMPERED, UNDECIDED, NOTE = "tampered", "undecided", "note"

OF_ACTORS: Final[dict[str, tuple[str, str, str]]] = {
    "actor-agency": (
        TAMPERED,
        "no entry before this one registers the agency that acted",
        "tidak ada entri sebelumnya yang mendaftarkan instansi yang bertindak",
    ),
    "actor-client": (
        TAMPERED,
        "the client that acted was not registered for that agency, or was closed",
        "klien yang bertindak tidak terdaftar untuk instansi itu, atau sudah ditutup",
    ),
    "actor-delegation": (
        TAMPERED,
        "the agency had not delegated to the client that acted for it",
        "instansi tidak mendelegasikan kepada klien yang bertindak untuknya",
    ),
    "actor-delegation-ended": (
        TAMPERED,
        "the delegation was not approved yet at the moment of the act, or had ended",
        "delegasi belum disetujui atau sudah berakhir pada saat tindakan",
    ),
    "actor-key": (
        TAMPERED,
        "the key was not registered for the client that acted",
        "kunci ini tidak terdaftar untuk klien yang bertindak",
    ),
    "actor-key-ended": (
        TAMPERED,
        "the key was not live at the moment of the act",
        "kunci ini tidak berlaku pada saat tindakan",
    ),
    "actor-keyless": (
        TAMPERED,
        "no key is named, and the act is none of the operator's own commands",
        "tidak ada kunci yang disebut, padahal tindakan ini bukan perintah operator sendiri",
    ),
    "actor-person": (
        TAMPERED,
        "the person who acted was not registered as an officer of that agency",
        "orang yang bertindak tidak terdaftar sebagai petugas instansi itu",
    ),
    "actor-person-ended": (
        TAMPERED,
        "the person who acted was no officer of the agency at the moment of the act",
        "orang yang bertindak bukan petugas instansi itu pada saat tindakan",
    ),
    "actor-unproved": (
        TAMPERED,
        "the entry names no second factor that the person had given shortly before the act",
        "entri tidak menyebut faktor kedua yang diberikan orang itu sesaat sebelum tindakan",
    ),
    "actor-alone": (
        TAMPERED,
        "the agency wanted two officers for each act, and the entry names nobody who drafted this one",
        "instansi itu menghendaki dua petugas untuk setiap tindakan, dan entri ini tidak menyebut siapa perancangnya",
    ),
    "actor-drafter": (
        TAMPERED,
        "who drafted the act was the one who performed it, or no officer of the agency then",
        "perancang tindakan ini orang yang juga mencatatnya, atau bukan petugas instansi itu pada saat itu",
    ),
    "actor-role": (
        TAMPERED,
        "the agency had no role that makes it this party",
        "instansi tidak mempunyai peran yang menjadikannya pihak ini",
    ),
    "actor-scope": (
        TAMPERED,
        "the client had not the scope for this step",
        "klien tidak mempunyai cakupan (scope) untuk langkah ini",
    ),
    "actor-unsigned": (
        TAMPERED,
        "the request was not signed, although this client had to sign by then",
        "permintaan tidak bertanda tangan, padahal klien ini ketika itu wajib menandatangani",
    ),
    "evidence-differs": (
        TAMPERED,
        "what is kept to prove the request's signature is not what the entry commits to",
        "bukti tanda tangan permintaan bukan yang dikomit oleh entri",
    ),
    "evidence-key": (
        TAMPERED,
        "the request was signed with a key that was not live, or not this client's",
        "permintaan ditandatangani dengan kunci yang tidak berlaku atau bukan milik klien ini",
    ),
    "evidence-missing": (
        TAMPERED,
        "the entry says that its request was signed, and what proves it is not there",
        "entri menyebut permintaannya bertanda tangan, tetapi buktinya tidak ada",
    ),
    "evidence-other-act": (
        TAMPERED,
        "what was signed is not the act of this entry: address, key or time differ",
        "yang ditandatangani bukan tindakan pada entri ini: alamat, kunci, atau waktunya berbeda",
    ),
    "evidence-signature": (
        TAMPERED,
        "the request's signature does not fit what was signed, or the key",
        "tanda tangan permintaan tidak cocok dengan yang ditandatangani atau dengan kuncinya",
    ),
    "evidence-untold": (
        UNDECIDED,
        "the request was signed, and the file does not hold what proves it",
        "permintaan bertanda tangan, tetapi berkas ini tidak memuat buktinya",
    ),
    "evidence-young": (
        NOTE,
        "what proves their signatures is shown eleven minutes after the request: these were not looked at",
        "bukti tanda tangannya baru terlihat sebelas menit sesudah permintaan: yang ini belum diperiksa",
    ),
    "actor-untold": (
        UNDECIDED,
        "what tells who may act for the agency is missing or does not fit: who acted cannot be said",
        "keterangan siapa yang boleh bertindak tidak ada atau tidak cocok: pelaku tidak dapat dipastikan",
    ),
    "party-leap": (
        TAMPERED,
        "the agency's record changed by something else than what this entry was given",
        "catatan instansi berubah oleh hal lain daripada yang diberikan pada entri ini",
    ),
    "party-twice": (
        TAMPERED,
        "a second stream claims to be this agency's; the first one counts",
        "aliran kedua mengaku milik instansi ini; yang pertama yang berlaku",
    ),
}
