"""What Excel does to a list: cells of the template as JSON, and what to say of a CSV.

Excel keeps fifteen digits of a number, so a NIP in a number's cell has lost its last three for ever; a CSV loses dates
and leading noughts besides. The template's cells are text and dates, so a sheet is read by what its cells are.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from api.http.problems import ErrorItem
from api.importing.refusals import Unreadable
from casefiles import shapes
from casefiles.operations.past_cases import PastCase

SHEET: Final = "Kasus"
COLUMNS: Final[Mapping[str, shapes.Member]] = {member.name: member for member in shapes.members(PastCase)}
DAYS: Final = frozenset(name for name, member in COLUMNS.items() if member.base is dt.date)

_SCIENTIFIC: Final = re.compile(r"[0-9][.,][0-9]+[eE]\+?[0-9]{1,3}")
_SLASHED: Final = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}")
LOOKED_AT: Final = 1_000
"""Lines of a CSV that are looked at: what Excel did to one it did to all."""


# -- the template's sheet ----------------------------------------------------------------------------------------------


def rows_in(path: Path) -> int:
    """How many rows the sheet has below its heading. Raises `Unreadable`."""
    return max(0, _sheet(path).total_height - 1)


def cells_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The cells of each row by column, with the row's number as Excel shows it; blank rows are passed over.

    Raises `Unreadable` where the heading is not the template's.
    """
    sheet = _sheet(path)
    rows = enumerate(sheet.iter_rows(), (sheet.start[0] if sheet.start else 0) + 1)
    heading = next(rows, None)
    if heading is None:
        raise Unreadable(f"Lembar {SHEET} kosong.", f"The sheet {SHEET} is empty.")
    names = [str(cell).strip() for cell in heading[1]]
    _check_heading(names)
    for line, cells in rows:
        found = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell not in ("", None)}
        if found:
            yield line, found


def _sheet(path: Path) -> CalamineSheet:
    try:
        workbook = CalamineWorkbook.from_path(path)
        if SHEET not in workbook.sheet_names:
            raise Unreadable(
                f"Tidak ada lembar {SHEET}; yang ada: {', '.join(workbook.sheet_names)}. Buat templat dengan "
                "import_cases --template.",
                f"There is no sheet {SHEET}; there are: {', '.join(workbook.sheet_names)}. Make a template with "
                "import_cases --template.",
            )
        return workbook.get_sheet_by_name(SHEET)
    except (CalamineError, OSError) as why:
        raise Unreadable(
            "Berkas ini tidak terbaca sebagai XLSX. Buka di Excel dan simpan sebagai Excel Workbook (.xlsx).",
            "The file cannot be read as XLSX. Open it in Excel and save it as Excel Workbook (.xlsx).",
        ) from why


def _check_heading(names: Sequence[str]) -> None:
    unknown = [name for name in names if name and name not in COLUMNS]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    missing = [name for name, member in COLUMNS.items() if member.required and name not in names]
    if not unknown and not twice and not missing:
        return
    told = [
        *(_unknown(name) for name in unknown),
        *((f"{name}: ada dua kali", f"{name}: stands there twice") for name in twice),
        *((f"{name}: tidak ada", f"{name}: is missing") for name in missing),
    ]
    raise Unreadable(
        "Baris judul bukan baris judul templat. " + "; ".join(one[0] for one in told) + ". Jangan ubah baris pertama.",
        "The heading is not the template's. " + "; ".join(one[1] for one in told) + ". Leave the first row as it is.",
    )


def _unknown(name: str) -> tuple[str, str]:
    # A heading that somebody overwrote may hold anything: it is repeated only where it is near one of ours.
    near = difflib.get_close_matches(name.lower().replace(" ", "_"), COLUMNS, n=1, cutoff=0.6)
    if near:
        return f"{name}: mungkin {near[0]}", f"{name}: perhaps {near[0]}"
    return "satu judul tidak dikenal", "one heading is unknown"


def as_json(cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[ErrorItem]]:
    """A row's cells as the JSON that the same case would be, and what Excel has spoiled."""
    data: dict[str, Any] = {}
    errors: list[ErrorItem] = []
    for name, cell in cells.items():
        value, code = _value(name, cell)
        if code:
            errors.append(ErrorItem(code, pointer=f"#/{name}"))
        else:
            data[name] = value
    return data, errors


def _value(name: str, cell: Any) -> tuple[Any, str]:
    if name in DAYS:
        return _day(cell)
    if isinstance(cell, bool):
        return None, "excel-cell-kind"
    if isinstance(cell, int | float):
        if name == "nip":
            return None, "nip-as-number"
        whole = float(cell).is_integer() and abs(cell) < 10**15
        return (str(int(cell)), "") if whole else (None, "excel-number")
    if not isinstance(cell, str):
        return None, "excel-cell-kind"
    text = cell.strip()
    if name == "nip" and _SCIENTIFIC.fullmatch(text):
        return None, "nip-as-number"
    return text, ""


def _day(cell: Any) -> tuple[Any, str]:
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return cell.isoformat(), ""
    if isinstance(cell, str):
        return (None, "excel-date-as-text") if _SLASHED.fullmatch(cell.strip()) else (cell.strip(), "")
    return None, "excel-date-as-number"


# -- a CSV -------------------------------------------------------------------------------------------------------------

_WHAT_TO_DO: Final = (
    (
        "Jangan simpan sebagai CSV. Buat templat dengan `manage.py import_cases --template kasus.xlsx`, salin "
        "kolomnya ke "
        "lembar Kasus dengan Paste Special > Values, dan simpan sebagai Excel Workbook (.xlsx)."
    ),
    (
        "Do not save as CSV. Make a template with `manage.py import_cases --template kasus.xlsx`, copy the "
        "columns into "
        "the sheet Kasus with Paste Special > Values, and save as Excel Workbook (.xlsx)."
    ),
)


def advice_on_csv(path: Path, begins: bytes) -> tuple[str, str] | None:
    """What is wrong with a file that is a table in text, line by line, in both languages; None where it is none."""
    mark = begins.startswith(b"\xef\xbb\xbf")
    wide = begins.startswith((b"\xff\xfe", b"\xfe\xff"))
    first = begins.removeprefix(b"\xef\xbb\xbf").lstrip()
    if wide or first.startswith((b"{", b"[")) or not first:
        return _on_json(mark=mark, wide=wide, is_array=first.startswith(b"["))
    found = list(_spoiled(path, mark=mark))
    lines_id = "\n".join(f"- {one[0]}" for one in found)
    lines_en = "\n".join(f"- {one[1]}" for one in found)
    return (
        f"Berkas ini tabel teks (CSV), bukan NDJSON atau XLSX.\n{lines_id}\n{_WHAT_TO_DO[0]}",
        f"This file is a table in text (CSV), neither NDJSON nor XLSX.\n{lines_en}\n{_WHAT_TO_DO[1]}",
    )


def _on_json(*, mark: bool, wide: bool, is_array: bool) -> tuple[str, str] | None:
    if wide:
        return (
            "Berkas ini UTF-16 (Unicode Text dari Excel). Simpan sebagai .xlsx, atau NDJSON sebagai UTF-8.",
            "The file is UTF-16 (Unicode Text of Excel). Save it as .xlsx, or NDJSON as UTF-8.",
        )
    if is_array:
        return (
            "Berkas ini larik JSON. Tulis satu objek per baris, tanpa [ ] dan tanpa koma di antara baris.",
            "The file is a JSON array. Write one object a line, without [ ] and without commas between the lines.",
        )
    if mark:
        return (
            "Berkas diawali byte order mark. Simpan sebagai UTF-8 tanpa BOM.",
            "The file begins with a byte order mark. Save it as UTF-8 without BOM.",
        )
    return None


def _spoiled(path: Path, *, mark: bool) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        lines = [raw for _, raw in zip(range(LOOKED_AT), file, strict=False)]
    if mark:
        yield (
            "Berkas diawali byte order mark (BOM): Excel menulisnya pada CSV UTF-8.",
            "It begins with a byte order mark (BOM): Excel writes one in CSV UTF-8.",
        )
    if lines and lines[0].count(b";") > lines[0].count(b","):
        yield (
            "Kolom dipisahkan titik koma: pengaturan regional Indonesia di Windows menulisnya demikian.",
            "Columns are separated by semicolons: that is what the Indonesian regional setting of Windows writes.",
        )
    if any(raw.endswith(b"\r\n") for raw in lines):
        yield "Baris diakhiri CRLF.", "Lines end with CRLF."
    try:
        texts = [raw.decode("utf-8-sig") for raw in lines]
    except UnicodeDecodeError:
        yield (
            "Berkas bukan UTF-8; huruf di luar ASCII sudah tidak terbaca.",
            "It is not UTF-8; letters beyond ASCII cannot be read any more.",
        )
        texts = [raw.decode("latin-1") for raw in lines]
    yield from _in_cells(texts)


def _in_cells(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    numbers = [line for line, text in enumerate(texts, 1) if any(map(_SCIENTIFIC.fullmatch, _cells(text)))]
    days = [line for line, text in enumerate(texts, 1) if any(map(_SLASHED.fullmatch, _cells(text)))]
    if numbers:
        where = _listed(numbers)
        yield (
            (
                f"NIP menjadi bilangan seperti 1.98501E+17 (baris {where}): tiga angka terakhirnya hilang dan "
                "tidak dapat dikembalikan. Ambil NIP lagi dari sumbernya; di Excel format "
                "kolom NIP sebagai Text sebelum menempel."
            ),
            (
                f"NIPs became numbers such as 1.98501E+17 (line {where}): their last three digits are lost and cannot "
                "be brought back. Take the NIPs from their source again; in Excel format the column as Text before "
                "pasting."
            ),
        )
    if days:
        where = _listed(days)
        yield (
            (
                f"Tanggal ditulis dd/mm/yyyy (baris {where}), yang juga dapat dibaca mm/dd/yyyy. Di lembar Kasus "
                "tanggal adalah sel bertipe Date, atau teks 2020-10-07."
            ),
            (
                f"Dates are written dd/mm/yyyy (line {where}), which may be read as mm/dd/yyyy as well. In the sheet "
                "Kasus a date is a cell of type Date, or the text 2020-10-07."
            ),
        )


def _cells(text: str) -> list[str]:
    return [cell.strip().strip('"').lstrip("'") for cell in re.split("[;,\t]", text.rstrip("\r\n"))]


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:5])) + (f", … ({len(lines)})" if len(lines) > 5 else "")
