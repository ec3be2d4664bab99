"""Writes: one key for one intention, kept over every failure; versions that were read; refusals that are believed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from lintas_conformance.assertions.grammar import (
    EVERYWHERE,
    Assertion,
    Judge,
    NotSeen,
    all_shown,
    only_act,
    refused_with,
    shown,
)
from lintas_conformance.stage import Seen
from lintas_simulator.messages import Exchange

MOST_ATTEMPTS: Final = 20
EARLY_S: Final = 0.05
"""By how much two clocks' readings may differ."""
_KEYED: Final = re.compile("perform_.*|submit_finding|register_document|register_webhook")


def key(one: Exchange) -> str:
    """The key of a write, without quotes."""
    return one.request.headers.get("idempotency-key", "").strip('"')


def writes(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Those that create or perform."""
    return [one for one in exchanges if one.request.method == "POST" and _KEYED.fullmatch(one.operation)]


# -- keys --------------------------------------------------------------------------------------------------------------


def _same_key(seen: Seen) -> list[str]:
    """What was repeated bears the key of the first attempt."""
    attempts = [one for asked in seen.asked for one in asked.writes]
    if len(attempts) < 2:
        raise NotSeen
    return all_shown(one for one in attempts[1:] if key(one) != key(attempts[0]) or not key(one))


def _same_body(seen: Seen) -> list[str]:
    """One key stands for one body and one address."""
    first: dict[tuple[str, str], tuple[str, Any]] = {}
    wrong = []
    for one in writes(seen.exchanges):
        told = (one.request.path, one.request.data)
        if key(one) and first.setdefault((one.client, key(one)), told) != told:
            wrong.append(one)
    return all_shown(wrong)


def _new_keys(seen: Seen) -> list[str]:
    """Two intentions never share a key."""
    used: dict[str, str] = {}
    if len(seen.asked) < 2:
        raise NotSeen
    sent = [(asked.act.reference, one) for asked in seen.asked for one in asked.writes if key(one)]
    return all_shown(one for reference, one in sent if used.setdefault(key(one), reference) != reference)


def _once(seen: Seen) -> list[str]:
    """Each act happened once, and was reported as done."""
    wrong = []
    asked = only_act(seen)
    done = sum(one.committed for again in seen.asked for one in again.writes)
    if done != 1:
        wrong.append(f"{asked.operation} took effect {done} times")
    if seen.asked[-1].outcome.code:
        wrong.append(f"{asked.operation}: exit code {seen.asked[-1].outcome.code}, though it was done")
    return wrong


# -- waiting -----------------------------------------------------------------------------------------------------------


def _waited(seen: Seen) -> list[str]:
    """Nothing came again before `Retry-After` had passed."""
    attempts = only_act(seen).writes
    asked_to = [one for one in attempts if one.answer.headers.get("Retry-After")]
    if not asked_to:
        raise NotSeen
    wrong = []
    for one in asked_to:
        later = [other for other in attempts if other.number > one.number]
        if not later:
            wrong.append(f"{shown(one)}; it was never tried again")
        elif later[0].at - one.until < float(one.answer.headers["Retry-After"]) - EARLY_S:
            wrong.append(f"{shown(later[0])}, {later[0].at - one.until:.2f} s after #{one.number}")
    return wrong


def _gives_up(seen: Seen) -> list[str]:
    attempts = only_act(seen).writes
    return [f"{len(attempts)} attempts at one act"] if len(attempts) > MOST_ATTEMPTS else []


def _not_lost(seen: Seen) -> list[str]:
    """An act that nobody answered is not reported as done."""
    first = only_act(seen)
    return [f"{first.operation}: exit code 0 without any answer"] if first.outcome.code == 0 else []


def _not_repeated(seen: Seen) -> list[str]:
    """What was refused is not sent again."""
    attempts = only_act(seen).writes
    return all_shown(attempts[1:])


def _reported(seen: Seen) -> list[str]:
    asked = seen.asked[0]
    return [f"{asked.operation}: exit code 0 after a refusal"] if asked.outcome.code == 0 else []


def _overtaken(seen: Seen) -> list[str]:
    asked = seen.asked[0]
    return all_shown(asked.writes[1:])


# -- versions ----------------------------------------------------------------------------------------------------------


def _version(one: Exchange) -> str:
    return one.request.headers.get("if-match", "").removeprefix("W/").strip('"').partition(".")[0]


def _transitions(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return [one for one in exchanges if one.operation.startswith("perform_")]


def _no_star(seen: Seen) -> list[str]:
    sent = [one for one in _transitions(seen.exchanges) if one.request.headers.get("if-match")]
    if not sent:
        raise NotSeen
    return all_shown(one for one in sent if "*" in one.request.headers["if-match"])


def _read_before(seen: Seen) -> list[str]:
    """The version that a transition names was shown to that client before, in whatever answer."""
    known: dict[tuple[str, str], set[str]] = {}
    wrong = []
    for one in seen.exchanges:
        named = _version(one) if one.operation.startswith("perform_") else ""
        if named.isdigit() and named not in known.get((one.client, one.casefile), set()):
            wrong.append(one)
        if one.answer.cut is None and one.answer.status < 300:
            for casefile, version in _versions(one.answer.data):
                known.setdefault((one.client, casefile), set()).add(version)
    if not _transitions(seen.exchanges):
        raise NotSeen
    return all_shown(wrong)


def _versions(data: Any) -> list[tuple[str, str]]:
    """Every casefile of an answer with the version that it shows."""
    found = []
    if isinstance(data, dict):
        ident = data.get("id", data.get("casefile"))
        if isinstance(ident, str) and isinstance(data.get("version"), int):
            found.append((ident, str(data["version"])))
        for value in data.values():
            found += _versions(value)
    elif isinstance(data, list):
        for value in data:
            found += _versions(value)
    return found


def _stale(seen: Seen) -> tuple[list[Exchange], int]:
    """The attempts at what was overtaken, and the number of the 412. Raises `NotSeen`."""
    only_act(seen)
    attempts = [one for asked in seen.asked for one in asked.writes]
    for one in attempts:
        if one.answer.status == 412:
            return attempts, one.number
    raise NotSeen


def _reads_again(seen: Seen) -> list[str]:
    attempts, stale = _stale(seen)
    read = [one.number for one in seen.exchanges if one.operation == "read_casefile" and one.number > stale]
    again = [one for one in attempts if one.number > stale]
    return all_shown(one for one in again if not read or one.number < read[0])


def _not_blindly(seen: Seen) -> list[str]:
    attempts, stale = _stale(seen)
    named = {_version(one) for one in attempts if one.number <= stale}
    return all_shown(one for one in attempts if one.number > stale and _version(one) in named)


def _valid_json(seen: Seen) -> list[str]:
    wrong = []
    for one in writes(seen.exchanges):
        try:
            json.loads(one.request.content)
        except ValueError:
            wrong.append(one)
    return all_shown(wrong)


def _of(ident: str, scenario: str, judge: Judge, source: str, *, id: str, en: str) -> Assertion:  # noqa: A002 - a language
    return Assertion(ident, scenario, judge, indonesian=id, english=en, source=source)


_KEY_ID = "Buat satu Idempotency-Key untuk satu maksud, simpan sebelum dikirim, dan ulangi dengan kunci yang sama."
_KEY_EN = "Make one Idempotency-Key for one intention, keep it before you send, and repeat with that same key."
_ONCE_ID = "Ulangi permintaan yang belum terjawab dengan kunci yang sama sampai ada jawaban, lalu catat hasilnya."
_ONCE_EN = "Repeat what was not answered with the same key until there is an answer, and note that it was done."
_WAIT_ID = "Tunggu selama Retry-After (detik), lalu ulangi dengan kunci yang sama."
_WAIT_EN = "Wait for the seconds of Retry-After, then repeat with the same key."
_BELIEVE_ID = "Jangan ulangi permintaan yang ditolak 4xx: perbaiki sebabnya, atau minta petugas memutuskan."
_BELIEVE_EN = "Do not repeat a request that was refused with 4xx: mend the cause, or have a person decide."
_OP: Final = "answers.md 2; Idempotency-Key"

WRITING: Final = (
    _of("idempotency.key-sent", EVERYWHERE, refused_with("idempotency-key-missing", "idempotency-key-malformed"), _OP,
        id="Kirim Idempotency-Key (16-255 karakter) pada setiap POST yang membuat atau melangkah.",
        en="Send an Idempotency-Key (16 to 255 characters) with every POST that creates or performs."),
    _of("idempotency.same-key-after-503", "unavailable", _same_key, _OP, id=_KEY_ID, en=_KEY_EN),
    _of("idempotency.same-key-after-429", "limited", _same_key, _OP, id=_KEY_ID, en=_KEY_EN),
    _of("idempotency.same-key-in-progress", "in-progress", _same_key, _OP, id=_KEY_ID, en=_KEY_EN),
    _of("idempotency.same-key-after-cut", "cut", _same_key, _OP, id=_KEY_ID, en=_KEY_EN),
    _of("idempotency.same-key-after-half-an-answer", "half", _same_key, _OP, id=_KEY_ID, en=_KEY_EN),
    _of("idempotency.same-key-after-restart", "restarted", _same_key, _OP,
        id="Simpan kunci di disk bersama maksudnya: program yang dihidupkan ulang harus memakai kunci yang sama.",
        en="Keep the key on the disk with its intention: a program that is started again must use the same key."),
    _of("idempotency.same-body-for-one-key", EVERYWHERE, _same_body, _OP,
        id="Kirim badan yang sama persis bila kuncinya sama; maksud lain memerlukan kunci lain.",
        en="Send the very same body under the same key; another intention needs another key."),
    _of("idempotency.new-key-for-new-act", "walk", _new_keys, _OP,
        id="Jangan pakai satu kunci untuk dua maksud: gunakan UUID baru untuk setiap langkah.",
        en="Never use one key for two intentions: take a new UUID for each act."),
    _of("submit_finding.done-once-after-cut", "submitted-in-the-dark", _once, "submit_finding",
        id=_ONCE_ID, en=_ONCE_EN),
    _of("submit_finding.same-key-after-cut", "submitted-in-the-dark", _same_key, "submit_finding",
        id=_KEY_ID, en=_KEY_EN),
    _of("act.done-once-after-503", "unavailable", _once, _OP, id=_ONCE_ID, en=_ONCE_EN),
    _of("act.done-once-after-429", "limited", _once, _OP, id=_ONCE_ID, en=_ONCE_EN),
    _of("act.done-once-after-409", "in-progress", _once, _OP, id=_ONCE_ID, en=_ONCE_EN),
    _of("act.done-once-after-cut", "cut", _once, _OP, id=_ONCE_ID, en=_ONCE_EN),
    _of("act.done-once-after-half-an-answer", "half", _once, _OP, id=_ONCE_ID, en=_ONCE_EN),
    _of("act.done-once-when-late", "late", _once, _OP, id="Tunggu jawaban sekurangnya 30 detik sebelum mengulang.",
        en="Wait for an answer for 30 seconds at least before you repeat."),
    _of("act.done-once-after-restart", "restarted", _once, _OP, id=_ONCE_ID, en=_ONCE_EN),
    _of("retry.after-503", "unavailable", _waited, "Retry-After", id=_WAIT_ID, en=_WAIT_EN),
    _of("retry.after-429", "limited", _waited, "Retry-After", id=_WAIT_ID, en=_WAIT_EN),
    _of("retry.after-409-in-progress", "in-progress", _waited, "Retry-After", id=_WAIT_ID, en=_WAIT_EN),
    _of("retry.gives-up", "restarted", _gives_up, "Retry-After",
        id="Batasi pengulangan (misalnya enam kali), simpan maksudnya, dan coba lagi nanti.",
        en="Bound the attempts (six, for instance), keep the intention, and try again later."),
    _of("retry.silence-is-no-success", "restarted", _not_lost, "Retry-After",
        id="Jangan laporkan berhasil sebelum ada jawaban 2xx: maksud itu masih menunggu.",
        en="Do not report success before there was an answer of 2xx: the intention is still pending."),
    _of("refusal.422-not-repeated", "invalid", _not_repeated, "problems/invalid-body", id=_BELIEVE_ID, en=_BELIEVE_EN),
    _of("refusal.422-reported", "invalid", _reported, "problems/invalid-body",
        id="Laporkan penolakan: kode keluar bukan 0, dengan errors[] yang menyebut letaknya.",
        en="Report a refusal: an exit code other than 0, with errors[], which names the place."),
    _of("refusal.403-not-repeated", "forbidden", _not_repeated, "problems/wrong-party",
        id=_BELIEVE_ID, en=_BELIEVE_EN),
    _of("refusal.409-not-repeated", "overtaken", _overtaken, "problems/wrong-state", id=_BELIEVE_ID, en=_BELIEVE_EN),
    _of("refusal.409-reported", "overtaken", _reported, "problems/wrong-state",
        id="Laporkan bahwa langkah tidak dapat dilakukan lagi; jawaban menyebut `available`.",
        en="Report that the act is not possible any more; the answer names what is `available`."),
    _of("if-match.sent", EVERYWHERE, refused_with("precondition-required", "precondition-malformed"), "If-Match",
        id="Kirim If-Match dengan versi perkara dalam petik, misalnya \"9\", pada setiap langkah.",
        en="Send If-Match with the casefile's version in quotes, for instance \"9\", with every transition."),
    _of("if-match.not-a-star", EVERYWHERE, _no_star, "If-Match",
        id="Jangan kirim If-Match: * karena itu menimpa keputusan pihak lain; sebut versi yang dibaca.",
        en="Never send If-Match: *, which writes over what others decided; name the version that you read."),
    _of("if-match.was-read", EVERYWHERE, _read_before, "If-Match",
        id="Baca perkara sebelum melangkah dan kirim versi yang dibaca, bukan angka tebakan.",
        en="Read the casefile before you act and send the version that you read, not a number you guessed."),
    _of("stale-version.read-again", "race", _reads_again, "problems/stale-version",
        id="Sesudah 412, baca perkara lagi dan putuskan apakah langkah masih tepat.",
        en="After a 412 read the casefile again and decide whether the act is still right."),
    _of("stale-version.not-blindly-repeated", "race", _not_blindly, "problems/stale-version",
        id="Jangan ulangi langkah dengan versi lama yang sudah ditolak 412.",
        en="Do not repeat an act with the old version that was refused with 412."),
    _of("stale-version.done-after-reading", "race", _once, "problems/stale-version",
        id="Sesudah membaca lagi, lakukan langkah yang masih tepat dengan versi baru, sekali.",
        en="After reading again perform what is still right with the new version, once."),
    _of("wire.media-type-is-json", EVERYWHERE, refused_with("unsupported-media-type"), "Content-Type",
        id="Kirim Content-Type: application/json.", en="Send Content-Type: application/json."),
    _of("wire.body-is-json", EVERYWHERE, _valid_json, "problems/malformed-json",
        id="Susun badan dengan pustaka JSON, bukan dengan menyambung teks.",
        en="Build bodies with a JSON library, not by joining text."),
    _of("tolerant.unknown-members", "strange", _once, "x-extensible-enum",
        id="Abaikan anggota jawaban yang tidak dikenal; versi berikutnya boleh menambahkannya.",
        en="Ignore members of answers that you do not know; a later version may add some."),
)  # fmt: skip
