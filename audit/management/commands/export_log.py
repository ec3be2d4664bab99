"""`manage.py export_log --out DIR`: the whole log in six files that `lintas-verify dump DIR` checks offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from audit import ledger, log, quorum
from audit.tlog.notes import read_note

FORMAT = "lintas-log-dump/1"
MANY = 2**62

ENTRIES = """
SELECT l.index, encode(l.leaf_hash, 'hex'), convert_from(e.body, 'UTF8')
FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id WHERE l.index < %s ORDER BY l.index
"""
CHECKPOINTS = """
SELECT c.number, c.size, c.note,
    ARRAY(SELECT s.line FROM audit_cosignature s WHERE s.checkpoint_id = c.number ORDER BY s.id)
FROM audit_checkpoint c WHERE c.size <= %s ORDER BY c.number
"""
WITNESSED = CHECKPOINTS.replace("ORDER BY c.number", "ORDER BY c.number DESC")
OPENINGS = """
SELECT l.index, o.given::text, encode(o.given_salt, 'hex'), o.state::text, encode(o.state_salt, 'hex')
FROM audit_opening o JOIN audit_entry e ON e.id = o.entry_id JOIN audit_leaf l ON l.entry_id = e.id
WHERE l.index < %s AND e.stream = %s ORDER BY l.index
"""
# Who may act: the agencies' streams, which hold ids, codes and thumbprints of keys, and people's, which hold ids.
PARTIES = OPENINGS.replace("e.stream = %s", "o.state ?| '{clients,person}'")


# Who examines when: public of its own nature, and what an agency that watches for its own mandates reads.
MANDATES = OPENINGS.replace("e.stream = %s", "o.state ?| '{caretaker,dispositions}'")


class Command(BaseCommand):
    """Run with LINTAS_DB_ROLE=reader. Everything is read in one snapshot; the manifest is written last."""

    database_role = "reader"
    help = "Writes the whole log, without any personal data, into a folder that lintas-verify dump checks offline."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", required=True, type=Path, help="a folder that is not there yet, or empty")

        parser.add_argument("--all", action="store_true", help="also what no quorum of witnesses has cosigned yet")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["out"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise CommandError(f"{folder} is not empty. Name another folder.")
            size = self._export(folder, everything=options["all"])
        except OSError as why:
            raise CommandError(f"{folder} cannot be written: {why.strerror}") from why
        self.stdout.write(f"{size} entries. Verify: lintas-verify dump {folder} --key VKEY")

    def _export(self, folder: Path, *, everything: bool) -> int:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SELECT now()")
                made_at: datetime = cursor.fetchone()[0]
            until = MANY if everything else _witnessed()
            size = _write(
                folder / "entries.jsonl",
                ({"index": index, "leaf_hash": leaf, "body": body} for index, leaf, body in _rows(ENTRIES, [until])),
            )
            checkpoints = _write(
                folder / "checkpoints.jsonl",
                (
                    {"number": number, "size": size, "note": note, "cosignatures": lines}
                    for number, size, note, lines in _rows(CHECKPOINTS, [until])
                ),
            )
            openings = list(_openings(OPENINGS, [until, log.STREAM]))
            _write(folder / "openings.jsonl", iter(openings))
            parties = _write(folder / "parties.jsonl", _openings(PARTIES, [until]))
            mandates = _write(folder / "mandates.jsonl", _openings(MANDATES, [until]))
        states = [opening["state"] for opening in openings]
        manifest = {
            "format": FORMAT,
            "made_at": ledger.instant(made_at.astimezone(UTC)),
            "size": size,
            "origins": list(dict.fromkeys(state["origin"] for state in states)),
            "keys": list(dict.fromkeys(state["log_key"] for state in states)),
            # Whoever has fewer lines has a damaged copy, and no log that was tampered with.
            "lines": {
                "entries.jsonl": size,
                "checkpoints.jsonl": checkpoints,
                "openings.jsonl": len(openings),
                "parties.jsonl": parties,
                "mandates.jsonl": mandates,
            },
        }
        # Last, so that an export that was interrupted is known for one.
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        return size


def _witnessed() -> int:
    """How many leaves the newest checkpoint covers that has its quorum; everything where no quorum is asked for."""
    policy = quorum.read_once(settings.LINTAS_WITNESS_POLICY_FILE)
    if policy.quorum == "none":
        return MANY
    for _, size, text, lines in _rows(WITNESSED, [MANY]):
        note = read_note(text)
        if policy.is_met(replace(note, lines=(*note.lines, *lines))):
            return int(size)
    raise CommandError("No checkpoint has its quorum of witnesses yet. Wait for them, or give --all.")


def _openings(statement: str, parameters: list[Any] | None = None) -> Iterator[dict[str, Any]]:
    for index, given, salt, state, own in _rows(statement, parameters):
        yield {
            "index": index,
            "given": json.loads(given),
            "given_salt": salt,
            "state": json.loads(state),
            "state_salt": own,
        }


def _rows(statement: str, parameters: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """Rows from a cursor on the server, a few thousand at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(2000):
            yield from rows


def _write(file: Path, lines: Iterator[dict[str, Any]]) -> int:
    written = 0
    with file.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            written += 1
    return written
