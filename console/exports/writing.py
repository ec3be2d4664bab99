"""The formats: rows come one after the other and are gone once they are written, however many there are.

Nothing in a cell is ever a formula. XLSX says so itself: each cell is written as text or as a number. CSV has no such
word, so a cell that a spreadsheet would compute gets an apostrophe before it, as spreadsheets themselves write it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import orjson
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell: TypeAlias = str | int | None
BOM: Final = b"\xef\xbb\xbf"
COMPUTED: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or skips before one; the wide signs in some languages."""
_WITHIN: Final = re.compile(r"""([;\t\r\n]"*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")
"""Where Indonesian settings separate cells by semicolons, a text with one of them ends there, quoted or not."""
LONGEST_CELL: Final = 32_767
"""Characters that a cell of XLSX holds."""


@dataclass(frozen=True, slots=True)
class Table:
    """A title, columns with what each means, and the rows. `total` is how many, where that is known.

    `notes` are what is to be said of it besides.
    """

    title: str
    columns: Sequence[tuple[str, str]]
    rows: Iterable[Sequence[Cell]]
    total: int | None = None
    notes: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows, and their SHA-256: one JSON array a row, the heading first, a line feed after each."""

    rows: int
    digest: str


Notes: TypeAlias = Callable[[Written], Sequence[tuple[str, str]]]
"""What is printed of the file beside its rows; some of it is known only once they are written."""


class Digesting:
    """Counts rows and takes their digest as they pass. `each` is called with the number after every one."""

    def __init__(self, table: Table, each: Callable[[int], None]) -> None:
        self._table, self._each = table, each
        self._hash = hashlib.sha256(_line([label for label, _meaning in table.columns]))
        self._rows = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self._table.rows:
            self._hash.update(_line(row))
            self._rows += 1
            yield row
            self._each(self._rows)

    def written(self) -> Written:
        """What has passed."""
        return Written(rows=self._rows, digest=self._hash.hexdigest())


def _line(row: Sequence[Cell]) -> bytes:
    return orjson.dumps(list(row)) + b"\n"


def write(path: Path, table: Table, *, form: str, notes: Notes, each: Callable[[int], None]) -> Written:
    """Write the table to that path as `xlsx`, `csv` or `bare`."""
    if form == "xlsx":
        return _xlsx(path, table, notes=notes, each=each)
    return _csv(path, table, notes=notes if form == "csv" else None, each=each)


# -- CSV ---------------------------------------------------------------------------------------------------------------


def harmless(cell: Cell) -> str:
    """The cell as text that no spreadsheet computes, wherever it believes that a cell begins."""
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    text = _WITHIN.sub(r"\1'", cell)
    return f"'{text}" if text.startswith(COMPUTED) else text


def _csv(path: Path, table: Table, *, notes: Notes | None, each: Callable[[int], None]) -> Written:
    """With a byte order mark, as spreadsheets want it; lines end with CR LF (RFC 4180)."""
    passing = Digesting(table, each)
    body = path.with_name(f"{path.name}.rows")
    try:
        with body.open("w", encoding="utf-8", newline="") as out:
            to = csv.writer(out)
            to.writerow([harmless(label) for label, _meaning in table.columns])
            to.writerows([harmless(cell) for cell in row] for row in passing)
        written = passing.written()
        head = io.StringIO(newline="")
        if notes is not None:
            # What is said of the rows stands before them, and is known after them.
            said = csv.writer(head)
            said.writerows([f"# {label}", harmless(text)] for label, text in notes(written))
            said.writerow([])
        with path.open("wb") as whole, body.open("rb") as rows:
            whole.write(BOM + head.getvalue().encode())
            shutil.copyfileobj(rows, whole)
    finally:
        body.unlink(missing_ok=True)
    return written


# -- XLSX --------------------------------------------------------------------------------------------------------------


def _xlsx(path: Path, table: Table, *, notes: Notes, each: Callable[[int], None]) -> Written:
    passing = Digesting(table, each)
    # Rows go to the disk at once; text is not looked at for formulas, numbers or links.
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        about, data = book.add_worksheet(_("Keterangan")), book.add_worksheet(_("Data"))
        about.set_column(0, 0, 28)
        about.set_column(1, 1, 100)
        data.set_column(0, len(table.columns) - 1, 22)
        data.freeze_panes(1, 0)
        for column, (label, _meaning) in enumerate(table.columns):
            data.write_string(0, column, label, bold)
        for number, row in enumerate(passing, start=1):
            _row(data, number, row)
        written = passing.written()
        for number, (label, text) in enumerate(notes(written)):
            about.write_string(number, 0, fitting(label), bold)
            about.write_string(number, 1, fitting(text))
    return written


def _row(sheet: Worksheet, number: int, row: Sequence[Cell]) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(number, column, fitting(cell))
        elif cell is not None:
            sheet.write_number(number, column, cell)


def fitting(text: str) -> str:
    """The text, cut where no cell would hold it, and saying so."""
    if len(text) <= LONGEST_CELL:
        return text
    end = _(" … (dipotong: %(length)s huruf)") % {"length": len(text)}
    return text[: LONGEST_CELL - len(end)] + end
