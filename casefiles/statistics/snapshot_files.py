"""A snapshot as a file for a spreadsheet: one line for each cell, and what it is at the end of each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from casefiles.models import Snapshot
from casefiles.statistics import snapshots

HEADS: Final = ("table", "key", "name", "measure", "number", "log_index", "log_root", "snapshot", "digest")
BOM: Final = "\ufeff"
"""Without it Excel takes the file for another alphabet."""
TEXT_FIRST: Final = ("=", "+", "-", "@", "\t", "\r")


def file_name(snapshot: Snapshot) -> str:
    """What the file is called: by its place in the log and the day, never by words that somebody chose."""
    return f"angka-{snapshot.index}-{snapshot.created_at:%Y%m%d}.csv"


def csv_of(snapshot: Snapshot) -> bytes:
    """UTF-8 with a byte order mark, commas, CRLF (RFC 4180). A number that is withheld is empty."""
    content = snapshots.read(snapshot)
    beside = (content["as_of"]["index"], content["root"], snapshot.name, snapshots.digest_of(snapshot))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for line in _lines(content):
        writer.writerow([_plain(value) for value in (*line, *beside)])
    return (BOM + out.getvalue()).encode()


def _lines(content: dict) -> Iterator[Sequence[str | int | None]]:  # type: ignore[type-arg]
    for total in content["totals"]:
        for code, number in total["numbers"].items():
            yield f"total:{total['unit']}", "", "", code, number
    yield "merged", "", "", "merged", content["merged"]
    for table in content["tables"]:
        for row in table["rows"]:
            for code, number in row["numbers"].items():
                yield table["by"], row["key"], row.get("name"), code, number
    for one in content["handling"]:
        for code in ("median_days", "p90_days"):
            yield "handling", one["purpose"], "", code, one[code]


def _plain(value: str | int | None) -> str | int:
    """A text that a spreadsheet would take for a formula stays a text."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(TEXT_FIRST) else value
