"""How the log is doing: what the sequencer's pulse and the queue say, and whether a promise can still be made.

Times are taken from the database's clock only, so that a clock that jumps on one machine stops nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import connection

from audit import quorum

PULSE = """
(SELECT json_build_object(
    'silent_s', extract(epoch FROM clock_timestamp() - s.beat_at),
    'unwitnessed_s', extract(epoch FROM clock_timestamp() - s.waiting_since),
    'refused', s.refused, 'contested', s.contested, 'size', s.size, 'checkpoint_size', s.checkpoint_size,
    'origin', s.origin
)::text FROM audit_logstatus s)
"""
"""SQL for the pulse as JSON text, null before the log was opened; to be joined to a statement that is sent anyway."""

SOON_S = 5.0
"""Seconds after which an operator is told: a sequencer shows signs of life every two, a quorum answers within one."""
WARN_AFTER_S = 20
"""A receipt promises a place within 60 s. An alarm after a third of that leaves time to keep the promise."""

Why = Literal["refused", "silent", "unwitnessed", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Pulse:
    """The sequencer's own word. Ages in seconds."""

    silent_s: float
    unwitnessed_s: float
    refused: str
    contested: str
    size: int
    checkpoint_size: int
    origin: str

    def paused(self) -> Why | None:
        """Why nothing may be accepted now, or None.

        Without a sequencer the promise of a minute is broken soon, so that limit is the shorter one. An entry that
        names another log than this database holds would be called tampered for ever.
        """
        if self.refused:
            return "refused"
        if self.origin and self.origin != settings.LINTAS_LOG_ORIGIN:
            return "elsewhere"
        if self.silent_s > settings.LINTAS_LOG_ALARM_AFTER_S:
            return "silent"
        return "unwitnessed" if self.unwitnessed_s > settings.LINTAS_LOG_PAUSE_AFTER_S else None


@dataclass(frozen=True, slots=True)
class Health:
    """The pulse and the queue: how many entries wait for their place, and for how many seconds the oldest has."""

    pulse: Pulse | None
    waiting: int
    oldest_s: float

    def complaints(self) -> list[str]:
        """What an operator must look at, as sentences; empty while all is well."""
        if self.pulse is None:
            return ["the log has not been opened: manage.py open_log --draw-keys"]
        found = []
        if self.pulse.refused:
            found.append(f"the tree was refused: {self.pulse.refused}")
        if self.pulse.contested:
            found.append(f"the tree is contested: {self.pulse.contested}")
        if self.pulse.silent_s < -SOON_S:
            found.append(
                f"the sequencer's last sign of life lies {-self.pulse.silent_s:.0f} s ahead: was a clock set back?"
            )
        if self.oldest_s > WARN_AFTER_S:
            found.append(
                f"{self.waiting} entries wait for the tree, the oldest for {self.oldest_s:.0f} s: is the sequencer up?"
            )
        elif self.pulse.silent_s > SOON_S:
            found.append(f"the sequencer has been silent for {self.pulse.silent_s:.0f} s")
        if self.pulse.unwitnessed_s > SOON_S:
            found.append(f"no quorum of witnesses for {self.pulse.unwitnessed_s:.0f} s")
        return found


def without_witnesses() -> list[str]:
    """The alarm that the policy asks no witness. The age of a checkpoint cannot show that."""
    try:
        policy = quorum.read_once(settings.LINTAS_WITNESS_POLICY_FILE)
    except quorum.BadPolicyFile as why:
        return [str(why)]
    if policy.quorum != "none":
        return []
    return ["no witness is asked to vouch for this log: set LINTAS_WITNESS_POLICY_FILE (deploy/witness/README.md)"]


def read_pulse(given: str | Mapping[str, Any] | None) -> Pulse | None:
    """The pulse out of what `PULSE` gave."""
    if given is None:
        return None
    row = json.loads(given) if isinstance(given, str) else given
    return Pulse(
        silent_s=float(row["silent_s"]),
        unwitnessed_s=float(row["unwitnessed_s"] or 0),
        refused=row["refused"],
        contested=row["contested"],
        size=row["size"],
        checkpoint_size=row["checkpoint_size"],
        origin=row["origin"],
    )


def why_paused() -> str:
    """Why the log could not keep what a receipt promises (`Pulse.paused`); "" where it can, or was never opened."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {PULSE}")
        pulse = read_pulse(cursor.fetchone()[0])
    return (pulse and pulse.paused()) or ""


def health() -> Health:
    """Ask the database once. An entry's age is counted from when it was recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            -- Each is looked up: joined, PostgreSQL may merge the queue with all entries from the first on.
            SELECT {PULSE}, count(*), coalesce(extract(epoch FROM clock_timestamp() - min(
                (SELECT e.recorded_at FROM audit_entry e WHERE e.id = p.entry_id)
            )), 0)
            FROM (SELECT entry_id FROM audit_pending ORDER BY entry_id LIMIT 10000) p
            """  # noqa: S608 - a constant
        )
        pulse, waiting, oldest = cursor.fetchone()
    return Health(pulse=read_pulse(pulse), waiting=waiting, oldest_s=float(oldest))
