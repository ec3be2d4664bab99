"""A list of past cases as rows: NDJSON, or the sheet of the template; a CSV is refused with what to do instead.

A row that cannot be read is told with its faults; the others go on. A file that cannot be read as a whole raises
`Unreadable`, which says what to do.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.http import bodies, strict
from api.http.problems import ErrorItem, Problem
from api.importing import excel
from api.importing.refusals import Unreadable
from casefiles.catalogue import book
from casefiles.operations.importing import Listed
from casefiles.operations.past_cases import PastCase
from casefiles.operations.past_taking import Row

NDJSON: Final = "application/x-ndjson"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TIME_ZONE: Final = "Asia/Jakarta"
LONGEST_LINE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be read, and why."""

    line: int
    errors: tuple[ErrorItem, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file: what it is, and how its rows are read. `total` is its length in bytes; of a sheet, its rows."""

    path: Path
    listed: Listed
    total: int

    def rows(self, *, now: dt.datetime) -> Iterator[tuple[int, Row | Refused]]:
        """Each row with how far one has come by then, of `total`. Raises `Unreadable`."""
        found = _of_sheet(self.path) if self.listed.media_type == XLSX else _of_lines(self.path)
        for reached, line, data in found:
            yield reached, data if isinstance(data, Refused) else _read(line, data, now=now)


def opened(path: Path) -> Source:
    """The file, digested. Raises `Unreadable` for one that is no list of past cases."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            begins = file.read(4096)
        size = path.stat().st_size
    except OSError as why:
        raise Unreadable(f"{path}: {why.strerror}", f"{path}: {why.strerror}") from why
    if begins.startswith(b"PK\x03\x04"):
        return Source(path, Listed(sha256, size, XLSX), excel.rows_in(path))
    if advice := excel.advice_on_csv(path, begins):
        raise Unreadable(*advice)
    if not begins.strip():
        raise Unreadable(f"{path}: berkasnya kosong.", f"{path}: the file is empty.")
    return Source(path, Listed(sha256, size, NDJSON), size)


def _of_lines(path: Path) -> Iterator[tuple[int, int, Any]]:
    reached = 0
    with path.open("rb") as file:
        for line, raw in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), 1):
            reached += len(raw)
            if not raw.strip():
                continue
            if len(raw) > LONGEST_LINE:
                yield reached, line, Refused(line, (ErrorItem("line-too-long", pointer="#"),))
                raise Unreadable(
                    f"Baris {line} lebih dari 256 KB; sesudahnya tidak dibaca.",
                    f"Line {line} is longer than 256 KB; nothing after it was read.",
                )
            try:
                yield reached, line, strict.loads(raw)
            except Problem as problem:
                yield reached, line, Refused(line, problem.errors)


def _of_sheet(path: Path) -> Iterator[tuple[int, int, Any]]:
    for reached, (line, cells) in enumerate(excel.cells_of(path), 1):
        data, errors = excel.as_json(cells)
        yield reached, line, Refused(line, tuple(errors)) if errors else data


def _read(line: int, data: Any, *, now: dt.datetime) -> Row | Refused:
    try:
        case = bodies.parse(PastCase, _without_blanks(data), catalogue=book.load(), now=now, time_zone=TIME_ZONE)
    except Problem as problem:
        return Refused(line, problem.errors)
    return Row(line, case)


def _without_blanks(data: Any) -> Any:
    """A list made from a table has empty texts where nothing stands."""
    return {name: value for name, value in data.items() if value != ""} if isinstance(data, Mapping) else data
