"""What the verifier says about who acted, in English and Indonesian; the same kinds as in `words`."""

from __future__ import annotations

from typing import Final

TAMPERED, UNDECIDED = "tampered", "undecided"

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
