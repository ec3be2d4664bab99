"""A log of any length in a fresh database: real agencies, walked cases, and copies of them by COPY.

    python -m benchmarks.log.register --entries 1000000 --waiting 100000 --out FILE

as the owner, in a process of its own. Entries, transitions, history, casefiles, referrals, attachments and sight are
written by two processes; the tree, its checkpoints and the feeds by this one. The newest `--waiting` entries are left
in the queue. The cases are let run side by side, a hundred and twenty-five at a time, so that a stream's entries lie
apart in the tree as they do in a real one. Content is not written: only its digests are.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import django
import psycopg

from audit.tlog import tree
from audit.tlog.notes import Checkpoint, Signer
from benchmarks.log.templates import TABLES, Template

STEPS = 8
SIDE_BY_SIDE = 125
BLOCK = STEPS * SIDE_BY_SIDE
LOT = 10  # blocks sent in one go
PROCESSES = 2
CHECKPOINT_EVERY = 1000
OFFICES = 8
"""Invented offices that submit, besides one of the sandbox."""

HEAVY = (
    "audit_entry", "audit_pending", "audit_leaf", "audit_node", "audit_sighting", "casefiles_casefile",
    "casefiles_historicalcasefile", "casefiles_transition", "casefiles_referral", "casefiles_attachment",
    "casefiles_casefilegrant",
)  # fmt: skip
ENTRY = "id, uuid, stream, seq, leaf_hash, body, audience, recorded_at"


def main() -> None:
    """Seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, required=True)
    parser.add_argument("--waiting", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    django.setup()
    url = os.environ["DATABASE_URL"]
    found = seed(url, entries=chosen.entries, waiting=chosen.waiting, now=datetime.now(UTC))
    chosen.out.touch(mode=0o600)
    chosen.out.write_text(json.dumps(found), encoding="utf-8")


def seed(url: str, *, entries: int, waiting: int, now: datetime) -> dict[str, Any]:
    """At least so many entries, the newest `waiting` of them in the queue; returns tokens and numbers for the caller.

    `url` is the owner's, whose role Django has too. The log must be open (`manage.py open_log`), the database otherwise
    empty.
    """
    from django.conf import settings
    from django.db import connection

    from audit import sequencer
    from audit.nodes import tree_size
    from benchmarks import walk, world
    from benchmarks.log import templates
    from benchmarks.spread import office
    from benchmarks.tables import bare_tables

    made = world.build_small(offices=OFFICES, now=now)
    walker = walk.Walker(made.tokens)
    offices = [walk.OFFICE, *(office(number) for number in range(1, OFFICES + 1))]
    walked = [
        walker.walk(era, steps=STEPS, week=week, office=code) for week, code in enumerate(offices) for era in walk.ERAS
    ]
    with world.cursor() as cursor:
        read = [templates.read(casefile, cursor) for casefile in walked]
    while sequencer.grow().new:
        pass
    signer = sequencer.read_log_key(Path(str(settings.LINTAS_LOG_KEY_FILE)), origin=settings.LINTAS_LOG_ORIGIN)
    sequencer.checkpoint(signer)
    blocks = -(-entries // BLOCK)
    with connection.cursor() as cursor:
        size = tree_size(cursor)
        cursor.execute("SELECT max(id) + 1 FROM audit_entry")
        first_id = cursor.fetchone()[0]
    connection.close()  # no child may share it
    with psycopg.connect(url, autocommit=True) as owner, psycopg.ClientCursor(owner) as cursor:
        with bare_tables(cursor, HEAVY, keys=True):
            leaves = _written(
                url, read, blocks=blocks, first_id=first_id, waiting_from=first_id + blocks * BLOCK - waiting
            )
            with psycopg.connect(url) as bare:
                _grow(bare, leaves[: len(leaves) - waiting], size=size, first_id=first_id, signer=signer)
        cursor.execute("SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), (SELECT max(id) FROM audit_entry))")
        cursor.execute("VACUUM (ANALYZE)")
    # Gigabytes that the machine has not written yet would be charged to whoever commits next.
    os.sync()
    return {
        "tokens": {code: made.tokens[code] for code in ("bpk", walk.OFFICE, "bkn", walk.EMPLOYER)},
        "party": walk.OFFICE,
        "size": size + len(leaves) - waiting,
        "waiting": waiting,
        "vkey": str(signer.vkey),
    }


# -- entries and what belongs to them ----------------------------------------------------------------------------------


def _written(url: str, read: Sequence[Template], *, blocks: int, first_id: int, waiting_from: int) -> list[bytes]:
    """The leaf hashes of all blocks in their order, when the rows are in."""
    context = multiprocessing.get_context("fork")
    bounds = [blocks * n // PROCESSES for n in range(PROCESSES + 1)]
    with context.Pool(PROCESSES) as pool:
        found = pool.starmap(
            _write_blocks,
            [(url, read, first, last, first_id, waiting_from) for first, last in pairwise(bounds)],
        )
    whole = b"".join(found)
    return [whole[at : at + 32] for at in range(0, len(whole), 32)]


def _write_blocks(url: str, read: Sequence[Template], first: int, last: int, first_id: int, waiting_from: int) -> bytes:

    leaves = []
    with psycopg.connect(url) as connection:
        cursor = connection.cursor()
        for start in range(first, last, LOT):
            texts: dict[str, list[str]] = {f"audit_entry ({ENTRY})": [], "audit_pending (entry_id)": []}
            texts |= {f"{table} ({columns})": [] for table, (columns, _) in TABLES.items()}
            leaves += [
                _block(read, block, first_id=first_id, waiting_from=waiting_from, texts=texts)
                for block in range(start, min(start + LOT, last))
            ]
            for table, lines in texts.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write("".join(lines))
            connection.commit()
    return b"".join(leaves)


def _block(
    read: Sequence[Template], block: int, *, first_id: int, waiting_from: int, texts: dict[str, list[str]]
) -> bytes:

    draw = Random(block)
    base = first_id + block * BLOCK
    cases = []
    for n in range(SIDE_BY_SIDE):
        template = read[(block * SIDE_BY_SIDE + n) % len(read)]
        cases.append((template, holes_of(block * SIDE_BY_SIDE + n, draw, referrals=template.referrals)))
    entries, waiting = texts[f"audit_entry ({ENTRY})"], texts["audit_pending (entry_id)"]
    found = []
    ident = base
    for number in range(1, STEPS + 1):
        for template, holes in cases:
            step = template.steps[number - 1]
            holes[f"record{number}"] = sha256((step.record % holes).encode()).hexdigest()
            body = step.body % holes
            digest = sha256(b"\x00" + body.encode())
            holes[f"leaf{number}"] = leaf = digest.hexdigest()
            holes[f"id{number}"] = str(ident)
            entries.append(
                f"{ident}\t{holes[f'entry{number}']}\t{holes['casefile']}\t{number}\t\\\\x{leaf}\t{body}\t"
                f"{step.audience}\t{step.recorded_at}\n"
            )
            if ident >= waiting_from:
                waiting.append(f"{ident}\n")
            found.append(digest.digest())
            ident += 1
    for template, holes in cases:
        for table, (columns, _) in TABLES.items():
            texts[f"{table} ({columns})"].append(template.lines[table] % holes)
    return b"".join(found)


def holes_of(number: int, draw: Random, *, referrals: int) -> dict[str, str]:
    """What is a copy's own, but for its chain: ids and digests."""
    drawn = draw.randbytes(16 * (1 + referrals + 2 * STEPS) + 64 * STEPS).hex()
    texts = (drawn[at : at + 32] for at in range(0, len(drawn), 32))

    def ident() -> str:
        h = next(texts)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    time = f"{0x18F00000000 + number * 50:012x}"
    holes = {"casefile": f"{time[:8]}-{time[8:]}-7{ident()[15:]}", "number": f"LTS/2025/{500_000 + number}"}
    holes |= {f"referral{n}": ident() for n in range(1, referrals + 1)}
    for seq in range(1, STEPS + 1):
        holes[f"entry{seq}"], holes[f"request{seq}"] = ident(), ident()
        holes[f"after{seq}"], holes[f"payload{seq}"] = next(texts) + next(texts), next(texts) + next(texts)
    return holes


# -- the tree over them ------------------------------------------------------------------------------------------------


def _grow(
    connection: psycopg.Connection[Any], leaves: Sequence[bytes], *, size: int, first_id: int, signer: Signer
) -> None:
    rows = connection.execute("SELECT leaf_hash FROM audit_leaf ORDER BY index").fetchall()
    frontier = tree.Frontier()
    for (leaf,) in rows:
        frontier.append(leaf)
    numbers = connection.execute("SELECT coalesce(max(number), 0) FROM audit_checkpoint").fetchone()
    number = numbers[0] if numbers else 0
    nodes, notes = [], []
    for leaf in leaves:
        nodes += frontier.append(leaf)
        if not frontier.size % CHECKPOINT_EVERY or frontier.size == size + len(leaves):
            number += 1
            new = Checkpoint(origin=signer.name, size=frontier.size, root=frontier.root())
            notes.append((number, frontier.size, str(new.signed(signer))))
    with _copying(connection, "audit_leaf (index, entry_id, leaf_hash)") as write:
        write(f"{size + n}\t{first_id + n}\t\\\\x{leaf.hex()}\n" for n, leaf in enumerate(leaves))
    with _copying(connection, "audit_node (level, index, hash)") as write:
        write(f"{level}\t{index}\t\\\\x{digest.hex()}\n" for (level, index), digest in nodes)
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO audit_checkpoint (number, size, note) VALUES (%s, %s, %s)", notes)
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute(
            "INSERT INTO audit_sighting (agency, index) SELECT a, l.index FROM audit_leaf l "
            "JOIN audit_entry e ON e.id = l.entry_id CROSS JOIN LATERAL unnest(e.audience) a "
            "WHERE l.index >= %s ORDER BY a, l.index",
            [size],
        )


@contextmanager
def _copying(connection: psycopg.Connection[Any], table: str) -> Iterator[Any]:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:

        def write(lines: Iterator[str]) -> None:
            lot: list[str] = []
            for line in lines:
                lot.append(line)
                if len(lot) == 5000:
                    copy.write("".join(lot))
                    lot.clear()
            copy.write("".join(lot))

        yield write


if __name__ == "__main__":
    main()
