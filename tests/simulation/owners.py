"""What the owner, the operator and the sequencer do in a simulation, each to be run on a seat of that role."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from agencies import calendar, mandates
from agencies.calendar_files import Amendment, AmendmentRefused, Change
from api.http import idempotency
from audit import cosigning
from casefiles.operations import erasers, erasure, handover
from tests.factories import BKN, KASN
from tests.simulation.register import Register, sequenced

KEYS: Final = {name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n, name in enumerate(("satu", "dua"), 1)}
CURRENT, NEXT = "examining-2024", "examining-2027"


def one_round(register: Register, *, batch: int) -> int:
    """What a sequencer does once, signing what it grew."""
    return sequenced(register.signer, batch=batch, sign=True)


def amend_calendar(day: date, *, now: datetime) -> bool:
    """A decree makes that day a joint leave; False where it is off already."""
    change = Change(line=1, date=day, kind="joint_leave", name_id="Cuti bersama contoh")
    amendment = Amendment(
        name="contoh.yaml", decree=f"SKB contoh {day}", source="contoh", reason="contoh", add=(change,), remove=()
    )
    try:
        return calendar.amend(amendment, now=now)[1]
    except AmendmentRefused:
        return False


def hand_over(old: str, new: str, *, on: date, now: datetime) -> int:
    """End the mandate of `old` on that day, register one of `new`, and hand all open cases over; how many they were."""
    assert (old, new) == (BKN, KASN)
    mandates.end(code=CURRENT, on=on, legal_basis="contoh", now=now)
    mandates.register(code=NEXT, agency=new, valid_from=on, legal_basis="contoh", now=now)
    protocol = handover.Signed(
        from_mandate=CURRENT, to_mandate=NEXT, number="BA-1/2024", date=on, signed_by=(old, new),
        by_state=dict.fromkeys(
            ("submitted", "identity_requested", "returned", "under_examination", "recommended", "awaiting_sanction",
             "disputed", "sanction_reported", "contested"), "continue",
        ),
    )  # fmt: skip
    return handover.hand_over(protocol=protocol, now=now).total


def erase(casefile: str, *, now: datetime) -> None:
    """Two persons order it, and it is done."""
    ordered: Any = erasure.order(
        casefile=casefile, reason="retention_elapsed", basis="UU 27/2022 Pasal 44",
        origin=settings.LINTAS_LOG_ORIGIN, now=now,
    )  # fmt: skip
    for name, private in KEYS.items():
        ordered = erasers.add_signature(ordered, name=name, private=private)
    known = erasers.read_erasers("\n".join(f"{name} {_public(private)}" for name, private in KEYS.items()))
    erasure.perform_order(
        ordered, erasers=known, origin=settings.LINTAS_LOG_ORIGIN, now=now, forget=idempotency.forget, destroy=len
    )


def _public(private: Ed25519PrivateKey) -> str:
    import base64

    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def note_quorum(register: Register, *, met: bool) -> None:
    """What the thread that asks the witnesses notes; where none has answered, for five hours already."""
    cosigning._note_quorum(met=met)
    if not met:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_logstatus SET waiting_since = clock_timestamp() - interval '5 hours'")
