"""Transitions a second with the log on against off, and what the sequencer costs while they are written.

On: receipts signed, sequencer and witness at work. Off: neither, and the receipt unsigned; the entry itself is part of
the write and cannot be switched off, so bare psycopg says what it costs: the write statement with and without entry
and queue row. The processes of the side that is not being measured are held still.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks import bare, grounds, processor, requests
from benchmarks.load import Driver, Generators, Key
from benchmarks.log import ground
from benchmarks.log.following import long_polls
from benchmarks.log.table import Figure, ratio
from config.roles import Roles

ON, OFF, WITH, WITHOUT = "on", "off", "with", "without"
TURN = (ON, OFF, WITH, WITHOUT)
SURPLUS = 2_000

ENTRY = """entry AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at, caller_request_id)
    SELECT entry, id, version, decode(leaf, 'hex'), convert_to(body, 'UTF8'), audience, recorded_at, caller_request_id
    FROM step RETURNING id, stream
), pending AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM entry
)"""
NO_ENTRY = "entry AS (SELECT %(ready)s::bigint AS id, step.id AS stream FROM step)"


class WithoutEntry(bare.Transition):
    """The same write, but that entry and queue row are not written: each row refers to one that was there before."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        if ENTRY not in self.sql:
            raise RuntimeError("the write statement has changed: its entry was not found")
        self.sql = self.sql.replace(ENTRY, NO_ENTRY)
        self.ready: list[int] = []
        self._more()

    def write(self, sql: str, step: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """As the base, with an entry that is there."""
        if not self.ready:
            self._more()
        super().write(sql, step, {**values, "ready": self.ready.pop()})

    def _more(self) -> None:
        rows = self.connection.execute(
            "INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at) "
            "SELECT gen_random_uuid(), %s, n, sha256('\\x00'::bytea || b), b, '{}', now() "
            "FROM generate_series(1, %s) n CROSS JOIN LATERAL convert_to(%s || n::text, 'UTF8') b RETURNING id",
            [stream := uuid4(), SURPLUS, str(stream)],
        ).fetchall()
        self.ready = [row[0] for row in rows]


def measure(
    on: Roles, off: Roles, plan: Mapping[str, Any], *, folder: Path, rounds: int, seconds: float, tries: int, log: Path
) -> dict[str, Any]:
    """Rates by side, the sequencer's processor share and how far behind it was, round by round; and `latency`."""
    rates: dict[str, list[float]] = {side: [] for side in TURN}
    share, behind = [], []
    keys = ground.log_environment(folder)
    with ExitStack() as stack:
        vkey = ground.vkey(folder)
        witness, policy = stack.enter_context(ground.witnessing(folder, vkey=vkey, log=log))
        sequencer = stack.enter_context(ground.sequencing(on, folder, log=log, policy=policy))
        more = {**keys, "LINTAS_WITNESS_POLICY_FILE": str(policy)}
        served = {
            ON: stack.enter_context(grounds.serving("lintas", on, log=log, **more)),
            OFF: stack.enter_context(
                grounds.serving("lintas", off, log=log, **{**keys, "LINTAS_RECEIPT_KEY_FILE": ""})
            ),
        }

        def make(key: Key, number: int) -> Driver:
            if key[0] in served:
                return requests.driver("lintas", "transition", plan, number=number, port=served[key[0]].port)
            kind = bare.Transition if key[0] == WITH else WithoutEntry
            # Each keeps count of its casefiles' versions, so no two may have the same.
            mine = plan["transition"]["bare"][0 if key[0] == WITH else 1 :: 2]
            made: Driver = kind(off.web, {**plan, "transition": {**plan["transition"], "bare": mine}}, number)
            return made

        generators = Generators(make)
        stack.callback(generators.close)
        ground.wait_until(on, "NOT EXISTS (SELECT FROM audit_pending)", seconds=60, while_living=sequencer)
        with psycopg.connect(on.owner, autocommit=True) as owner:
            for number in range(rounds + 1 if rounds else 0):
                for side in TURN:
                    if side != ON:
                        sequencer.hold()
                        witness.hold()
                    before = processor.of_tree(sequencer.pid)
                    done = generators.run((side, 0, "transition"), seconds if number else 0.7)
                    used = processor.of_tree(sequencer.pid) - before
                    row = owner.execute("SELECT count(*) FROM audit_pending").fetchone()
                    sequencer.go_on()
                    witness.go_on()
                    if not number:  # warm
                        continue
                    rates[side].append(done.rate)
                    if side == ON:
                        share.append(used / done.seconds)
                        behind.append(row[0] if row else 0)
                ground.wait_until(on, "NOT EXISTS (SELECT FROM audit_pending)", seconds=60, while_living=sequencer)
        latency = long_polls(plan, port=served[ON].port, tries=tries) if tries else []
    return {"rates": rates, "share": share, "behind": behind, "latency": latency}


def drained(on: Roles, *, folder: Path, waiting: int, log: Path) -> dict[str, float]:
    """Start a sequencer on a queue and wait until it is empty: entries a second from the first leaf on, and its share
    of a processor.
    """
    with psycopg.connect(on.owner, autocommit=True) as owner, ground.sequencing(on, folder, log=log) as sequencer:

        def left() -> int:
            sequencer.must_live()
            row = owner.execute("SELECT count(*) FROM audit_pending").fetchone()
            return int(row[0]) if row else 0

        while (start := left()) == waiting:
            time.sleep(0.005)
        began, before = time.perf_counter(), processor.of_tree(sequencer.pid)
        while left():
            time.sleep(0.01)
        took = time.perf_counter() - began
        share = (processor.of_tree(sequencer.pid) - before) / took
        ground.wait_until(
            on, "(SELECT max(size) FROM audit_checkpoint) > (SELECT max(index) FROM audit_leaf)", seconds=30,
            while_living=sequencer,
        )  # fmt: skip
    return {"rate": start / took, "share": share, "waiting": float(waiting)}


def figures(found: Mapping[str, Any], drain: Mapping[str, float] | None) -> list[Figure]:
    """The lines of the table."""
    rates = found["rates"]

    def told(side: str) -> str:
        return f"{median(rates[side]):,.0f}/s"

    lines = [
        Figure(
            "log-on-off",
            "transitions, 8 clients: sequencer, witness, signed receipts",
            ratio(rates[ON], rates[OFF]),
            "neither, receipts unsigned",
            f"{told(ON)} against {told(OFF)}",
        ),
        Figure(
            "log-on-off",
            "bare write statement with entry and queue row",
            ratio(rates[WITH], rates[WITHOUT]),
            "the same without",
            f"{told(WITH)} against {told(WITHOUT)}",
        ),
        Figure(
            "log-on-off",
            "the sequencer while 8 clients write",
            median(found["share"]),
            "one processor",
            f"{median(found['behind']):.0f} entries waited at a round's end",
        ),
    ]
    if drain:
        lines.append(
            Figure(
                "log-on-off",
                f"the sequencer on a queue of {drain['waiting']:,.0f}",
                drain["rate"] / median(rates[ON]),
                "what 8 clients write",
                f"{drain['rate']:,.0f} entries/s, {drain['share']:.2f} of a processor",
            )
        )
    return lines
