"""Webhooks: believed when both signatures fit and the message is fresh, and acted upon once."""

from __future__ import annotations

from typing import Final

from lintas_conformance.assertions.grammar import Assertion, Judge, NotSeen
from lintas_conformance.scenarios import WRONG
from lintas_conformance.stage import Seen

IN_TIME_S: Final = 5.0


def _accepted(name: str) -> Judge:
    def judge(seen: Seen) -> list[str]:
        reply = seen.deliveries[name].reply
        return [] if reply.status // 100 == 2 else [f"the message ({name}) was answered {reply.status or 'not at all'}"]

    return judge


def _refused(how: str) -> Judge:
    def judge(seen: Seen) -> list[str]:
        reply = seen.deliveries[how].reply
        return [f"the message ({how}) was answered {reply.status}"] if reply.status // 100 == 2 else []

    return judge


def _proven(seen: Seen) -> list[str]:
    reply = seen.deliveries["challenge"].reply
    return [] if seen.told["proven"] else [f"the challenge was answered {reply.status or 'not at all'}"]


def _heard(seen: Seen) -> tuple[str, ...]:
    if not seen.asked:
        raise NotSeen
    return seen.asked[-1].outcome.handled


def _once(seen: Seen) -> list[str]:
    heard, ident = _heard(seen), seen.deliveries["repeated"].event["id"]
    count = heard.count(ident)
    return [] if count == 1 else [f"the event {ident}, sent twice, took effect {count} times"]


def _nothing_forged(seen: Seen) -> list[str]:
    heard = _heard(seen)
    forged = {how: seen.deliveries[how].event["id"] for how in WRONG}
    return [f"a message that is not genuine ({how}) took effect" for how, ident in forged.items() if ident in heard]


def _in_time(seen: Seen) -> list[str]:
    slow = {name: one.reply.seconds for name, one in seen.deliveries.items() if one.reply.seconds > IN_TIME_S}
    return [f"the message ({name}) was answered after {seconds:.1f} s" for name, seconds in slow.items()]


def _of(ident: str, judge: Judge, indonesian: str, english: str) -> Assertion:
    return Assertion(f"webhook.{ident}", "webhook", judge, indonesian, english, source="receive_event")


_BOTH_ID = "Periksa v1 (HMAC) dan v1a (Ed25519, kunci di jwks.json); tolak dengan 401 bila salah satunya tidak cocok."
_BOTH_EN = "Verify v1 (HMAC) and v1a (Ed25519, key in jwks.json); answer 401 where one of them does not fit."

HOOKS: Final = (
    _of("challenge-answered", _proven,
        "Jawab lintas.webhook.challenge dengan 200 dan {\"challenge\": …} yang sama.",
        "Answer lintas.webhook.challenge with 200 and the same {\"challenge\": …}."),
    _of("genuine-accepted", _accepted("genuine"),
        "Terima pesan yang kedua tanda tangannya cocok; tanda tangan dihitung atas byte badan, bukan JSON hasil urai.",
        "Accept a message whose signatures fit; they are taken over the body's bytes, not over parsed JSON."),
    _of("repeated-accepted", _accepted("repeated"),
        "Jawab 2xx juga untuk pesan yang datang kedua kali.",
        "Answer 2xx to a message that comes a second time, too."),
    _of("repeated-taken-once", _once,
        "Ingat webhook-id dan kerjakan pesan yang sama sekali saja.",
        "Remember webhook-id and work on the same message once."),
    _of("out-of-order-accepted", _accepted("earlier"),
        "Terima pesan yang datang tidak berurutan; urutan yang pasti ada di GET /events.",
        "Accept messages out of order; the order that counts is that of GET /events."),
    _of("forged-refused", _refused("forged"), _BOTH_ID, _BOTH_EN),
    _of("v1-verified", _refused("forged-v1"), _BOTH_ID, _BOTH_EN),
    _of("v1a-verified", _refused("forged-v1a"), _BOTH_ID, _BOTH_EN),
    _of("unknown-key-refused", _refused("unknown-key"),
        "Percayai hanya kunci yang ada di jwks.json register.",
        "Trust the keys of the register's jwks.json alone."),
    _of("old-refused", _refused("old"),
        "Tolak pesan yang webhook-timestamp-nya meleset lebih dari 5 menit.",
        "Refuse a message whose webhook-timestamp is off by more than 5 minutes."),
    _of("changed-body-refused", _refused("changed-body"), _BOTH_ID, _BOTH_EN),
    _of("unsigned-refused", _refused("no-signature"),
        "Tolak pesan tanpa webhook-signature.", "Refuse a message without webhook-signature."),
    _of("key-change-followed", _accepted("rotated"),
        "Ambil jwks.json lagi bila kid pada lintas-webhook-key belum dikenal (paling sering semenit sekali).",
        "Fetch jwks.json again where the kid of lintas-webhook-key is unknown (once a minute at most)."),
    _of("answered-in-time", _in_time,
        "Catat peristiwa, jawab segera, dan kerjakan kemudian dari antrean.",
        "Note the event, answer at once, and work on it from a queue."),
    _of("forged-does-nothing", _nothing_forged,
        "Periksa tanda tangan sebelum melakukan apa pun.", "Verify the signatures before you do anything."),
)  # fmt: skip
