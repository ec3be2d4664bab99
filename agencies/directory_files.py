"""The directory: the reviewed folder of CSV files that says which offices the country has, and what became of them.

Every file but `succession.csv` holds agencies, one a row, with the columns `AGENCIES`; `succession.csv` says from which
day names changed and who took over from whom (`EVENTS`). Separators are commas, the encoding is UTF-8. A fault is one
line: file, line, and a sentence in Indonesian and English.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from agencies.entries import CERTAINTIES, AgencyEntry, both

FOLDER: Final = Path(__file__).with_name("directory")
SUCCESSION: Final = "succession.csv"
AGENCIES: Final = (
    "code", "name", "roles", "level", "region", "parent", "zone", "valid_from", "valid_until", "legal_basis", "source",
    "certainty",
)  # fmt: skip
EVENTS: Final = ("agency", "kind", "on", "other", "legal_basis", "source", "certainty")


class DirectoryRefused(Exception):
    """The directory cannot be used. `faults` holds every line about what to mend."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file of the folder, and a line from 1."""

    file: str
    line: int

    def says(self, fault: str) -> str:
        """The line of an answer that tells this fault."""
        return f"{self.file}, baris/line {self.line}: {fault}"


@dataclass(frozen=True, slots=True)
class Row:
    """An agency as a file has it."""

    place: Place
    entry: AgencyEntry


@dataclass(frozen=True, slots=True)
class Event:
    """What became of an agency on a day: its name changed (`other` is the former one), or `other` took over."""

    place: Place
    agency: str
    kind: str
    on: date | None
    other: str


@dataclass(slots=True)
class Directory:
    """What the files say, and what was wrong with single rows. Rows with such a fault are among the rows all the same,
    where they could be read, so that nothing else is blamed for them.
    """

    rows: list[Row] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    faults: list[tuple[Place, str]] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    """Every code that stands in a row, be the row readable or not."""


def read(folder: Path = FOLDER) -> Directory:
    """Read the folder; faults of rows are collected. Raises `DirectoryRefused` where there is no folder or no file."""
    files = sorted(folder.glob("*.csv"))
    if not any(file.name != SUCCESSION for file in files):
        raise DirectoryRefused(
            [
                both(
                    f"{folder}: tidak ada berkas CSV instansi di folder ini.",
                    "there is no CSV file of agencies in this folder.",
                )
            ]
        )
    found = Directory()
    for file in files:
        if file.name == SUCCESSION:
            for place, cells in _cells(file, EVENTS, found):
                _take_event(cells, place, found)
        else:
            for place, cells in _cells(file, AGENCIES, found):
                _take_agency(cells, place, found)
    return found


def _cells(file: Path, columns: Sequence[str], found: Directory) -> Iterator[tuple[Place, dict[str, str]]]:
    """Each row of a file with its place. What is wrong with the file goes to the faults."""

    def fault(line: int, sentence: str) -> None:
        found.faults.append((Place(file.name, line), sentence))

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        fault(
            1,
            both(
                "berkas tidak dapat dibaca sebagai UTF-8; di Excel pilih Simpan Sebagai, CSV UTF-8.",
                "the file cannot be read as UTF-8; in Excel choose Save As, CSV UTF-8.",
            ),
        )
        return
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    begins = 1
    try:
        header = next(lines, [])
        if header != list(columns):
            fault(1, _about_header(header, columns))
            return
        begins = lines.line_num + 1
        for cells in lines:
            place, begins = Place(file.name, begins), lines.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                fault(
                    place.line,
                    both(
                        (
                            f"ada {len(cells)} kolom, seharusnya {len(columns)}; nilai yang memuat koma ditulis dalam "
                            "tanda kutip."
                        ),
                        (
                            f"there are {len(cells)} columns instead of {len(columns)}; a value with a comma stands in "
                            "quotation marks."
                        ),
                    ),
                )
                continue
            yield place, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    except csv.Error as error:
        fault(begins, f"bukan CSV / is no CSV: {error}")


def _about_header(header: Sequence[str], columns: Sequence[str]) -> str:
    if len(header) == 1 and ";" in header[0]:
        return both(
            ("pemisahnya titik koma; simpan ulang dengan koma (Excel: Pengaturan Wilayah, List separator)."),
            ("the separator is a semicolon; save it with commas (Excel: regional settings, list separator)."),
        )
    wanted = ",".join(columns)
    return f"baris judul harus / the header must be: {wanted}"


def _take_agency(cells: Mapping[str, str], place: Place, found: Directory) -> None:
    found.codes.add(cells["code"])
    _check_origin(cells, place, found)
    begins = _day(cells, "valid_from", place, found, is_required=True)
    ends = _day(cells, "valid_until", place, found)
    if begins is None:
        return
    entry = AgencyEntry(
        code=cells["code"],
        name=cells["name"],
        roles=tuple(cells["roles"].split()),
        level=cells["level"],
        region=cells["region"],
        parent=cells["parent"] or None,
        time_zone=cells["zone"],
        valid_from=begins,
        valid_until=ends,
        legal_basis=cells["legal_basis"],
        source=cells["source"],
        certainty=cells["certainty"],
    )
    found.rows.append(Row(place, entry))


def _take_event(cells: Mapping[str, str], place: Place, found: Directory) -> None:
    _check_origin(cells, place, found)
    on = _day(cells, "on", place, found, is_required=cells["kind"] != "correction")
    found.events.append(Event(place, cells["agency"], cells["kind"], on, cells["other"]))


def _check_origin(cells: Mapping[str, str], place: Place, found: Directory) -> None:
    for name in ("legal_basis", "source"):
        if not cells[name]:
            found.faults.append(
                (
                    place,
                    both(
                        f"{name} kosong; sebutkan dari mana ini diketahui.", f"{name} is empty; say how this is known."
                    ),
                )
            )
    if cells["certainty"] not in CERTAINTIES:
        known = ", ".join(CERTAINTIES)
        found.faults.append((place, f"certainty harus salah satu dari / must be one of: {known}."))


def _day(
    cells: Mapping[str, str], name: str, place: Place, found: Directory, *, is_required: bool = False
) -> date | None:
    if not cells[name] and not is_required:
        return None
    try:
        if len(cells[name]) == len("2018-08-15"):
            return date.fromisoformat(cells[name])
    except ValueError:
        pass
    found.faults.append(
        (
            place,
            both(
                (
                    f"{name} harus tanggal seperti 2018-08-15 (di Excel: format kolom sebagai Teks), bukan "
                    f"{cells[name]!r}."
                ),
                (
                    f"{name} must be a date such as 2018-08-15 (in Excel: format the column as Text), not "
                    f"{cells[name]!r}."
                ),
            ),
        )
    )
    return None
