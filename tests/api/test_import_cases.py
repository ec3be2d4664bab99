"""`manage.py import_cases`: a list from a file, row by row; what Excel spoils; a run that is cut, and the next."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from xlsxwriter import Workbook

from api.importing.excel import COLUMNS, DAYS
from api.management.commands import import_cases
from benchmarks.past import listing
from casefiles.models import Casefile
from casefiles.operations.importing import Importer
from tests.casefiles.operations.test_importing import SANCTIONED

pytestmark = pytest.mark.usefixtures("db", "world")


@pytest.fixture(autouse=True)
def few_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows a transaction, so that a short list has several."""
    monkeypatch.setattr(import_cases, "TOGETHER", 3)


def row(number: int, **changed: Any) -> dict[str, Any]:
    """A sanctioned case of its own."""
    nip = f"198501012010011{number:03d}"
    return {**SANCTIONED, "register_number": f"{number}/TM/2020", "nip": nip, **changed}


def listed(folder: Path, rows: Iterable[Any]) -> Path:
    path = folder / "past.ndjson"
    path.write_bytes(b"".join((one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in rows))
    return path


def run(path: Path, *options: str) -> str:
    """The command's words."""
    out = StringIO()
    call_command("import_cases", path, *options, stdout=out)
    return out.getvalue()


def answers(path: Path, kind: str = "answers") -> list[dict[str, Any]]:
    """What came of each row; the first line says of which list."""
    lines = path.with_name(f"{path.name}.{kind}.ndjson").read_bytes().splitlines()
    head, *found = map(orjson.loads, lines)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert head == {"line": 0, "status": "list", "sha256": sha256, "checked": kind == "check"}
    return found


def told(path: Path, kind: str = "answers") -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Line, status and why, of each answer."""
    return [
        (one["line"], one["status"], [(error["pointer"], error["code"]) for error in one.get("errors", ())])
        for one in answers(path, kind)
    ]


SEVEN: tuple[Any, ...] = (
    row(1),
    row(2, source="rumour", registered_on="2020-13-01"),
    b"",
    b'{"register_number": ',
    row(3, conformity="lighter_accepted", lighter_reason="mitigating"),
    row(4, unknown=1),
    row(5),
    row(6, nip="123"),
)


def test_good_rows_come_in_and_each_bad_one_says_why(tmp_path: Path) -> None:
    path = listed(tmp_path, SEVEN)
    words = run(path)
    assert told(path) == [
        (1, "imported", []),
        (2, "refused", [("#/source", "unknown-code"), ("#/registered_on", "no-such-date")]),
        (4, "refused", [("#", "syntax")]),
        (5, "refused", [("#/conformity", "not-lighter")]),
        (6, "refused", [("#/unknown", "unknown-field")]),
        (7, "imported", []),
        (8, "refused", [("#/nip", "bad-nip")]),
    ]
    assert all(error["id"] and error["en"] for one in answers(path) for error in one.get("errors", ()))
    assert [line.split()[0] for line in words.splitlines()[:3]] == ["2", "0", "5"]
    assert Casefile.objects.count() == 2
    kept = path.with_name(f"{path.name}.answers.ndjson").read_text()
    assert not [word for word in ("Pegawai Rekaan", "19850101", "rumour") if word in kept]


def test_the_bad_rows_of_the_bench_are_refused_as_it_says(tmp_path: Path) -> None:
    """`./run bench --only past-cases` fails where an answer is another one than these."""
    bad = [spoiled(row(number)) for number, (_, _, spoiled) in enumerate(listing.BAD, 1)]
    path = listed(tmp_path, [one.encode() if isinstance(one, str) else one for one in bad])
    run(path)
    assert told(path) == [
        (line, "refused", [(pointer, code)]) for line, (pointer, code, _) in enumerate(listing.BAD, 1)
    ]


def test_a_second_run_changes_nothing_and_answers_the_same(tmp_path: Path) -> None:
    path = listed(tmp_path, SEVEN)
    run(path)
    first = answers(path)
    with pytest.raises(CommandError, match="--resume"):
        run(path)
    second = tmp_path / "second.ndjson"
    assert run(path, "--answers", str(second)).splitlines()[0].split()[0] == "0"
    assert [orjson.loads(line) for line in second.read_bytes().splitlines()][1:] == first
    assert Casefile.objects.count() == 2


@pytest.mark.parametrize("dies_at", range(1, 9))
def test_a_run_that_is_cut_goes_on_and_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    """Killed after a transaction or in the middle of an answer: the register and the answers are the same."""
    path = listed(tmp_path, (*SEVEN, row(7), row(8, nip=None), row(1)))
    taking, writing = Importer.take, import_cases._writer
    done = iter(range(1, 100))

    def dying(what: Any) -> Any:
        def step(*args: Any, **more: Any) -> Any:
            came = what(*args, **more)
            if next(done) == dies_at:
                raise KeyboardInterrupt
            return came

        return step

    monkeypatch.setattr(Importer, "take", dying(taking))
    monkeypatch.setattr(import_cases, "_writer", lambda file: dying(writing(file)))
    with pytest.raises(KeyboardInterrupt):
        run(path)
    monkeypatch.setattr(Importer, "take", taking)
    monkeypatch.setattr(import_cases, "_writer", writing)
    with path.with_name(f"{path.name}.answers.ndjson").open("ab") as file:
        file.write(b'{"line": 99, "st')
    run(path, "--resume")
    assert [(line, status) for line, status, _ in told(path)] == [
        (1, "imported"), (2, "refused"), (4, "refused"), (5, "refused"), (6, "refused"), (7, "imported"),
        (8, "refused"), (9, "imported"), (10, "refused"), (11, "refused"),
    ]  # fmt: skip
    assert Casefile.objects.count() == 3


def test_checking_stores_nothing_and_stands_in_no_ones_way(tmp_path: Path) -> None:
    """A list is checked, mended, checked again and taken in, as the page on past cases has it."""
    path = listed(tmp_path, SEVEN)
    assert "would come in" in run(path, "--check")
    assert [status for _, status, _ in told(path, "check")].count("imported") == 2
    assert not Casefile.objects.exists()
    listed(tmp_path, SEVEN[:5])
    run(path, "--check")
    assert len(told(path, "check")) == 4
    assert run(path).split()[0] == "1"
    assert Casefile.objects.count() == 1


def test_a_run_goes_on_with_the_answers_of_its_own_list_only(tmp_path: Path) -> None:
    """Lines of another list, or of a check, would be passed over as if they were here."""
    path = listed(tmp_path, [row(1, nip="123"), row(2)])
    run(path, "--check")
    with pytest.raises(CommandError, match="or a --check"):
        run(path, "--resume", "--answers", str(tmp_path / "past.ndjson.check.ndjson"))
    run(path)
    before = answers(path)
    mended = [row(1), row(2)]
    listed(tmp_path, mended)
    with pytest.raises(CommandError, match="another list"):
        run(path, "--resume")
    listed(tmp_path, [row(1, nip="123"), row(2)])
    assert answers(path) == before, "a refused run leaves the file alone"
    listed(tmp_path, mended)
    assert run(path, "--answers", str(tmp_path / "again.ndjson")).split()[0] == "1"
    assert Casefile.objects.count() == 2


def test_a_full_disk_is_told_and_the_run_goes_on_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = listed(tmp_path, [row(number) for number in range(1, 6)])
    writing, room = import_cases._writer, iter(range(3))

    def filling(file: Any) -> Any:
        def write(line: bytes) -> None:
            if next(room, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            writing(file)(line)

        return write

    monkeypatch.setattr(import_cases, "_writer", filling)
    with pytest.raises(CommandError, match=r"answers\.ndjson: No space left on device"):
        run(path)
    monkeypatch.setattr(import_cases, "_writer", writing)
    run(path, "--resume")
    assert [(line, status) for line, status, _ in told(path)] == [(number, "imported") for number in range(1, 6)]
    assert Casefile.objects.count() == 5


# -- Excel -------------------------------------------------------------------------------------------------------------


def sheet(path: Path, *rows: dict[str, Any], name: str = "Kasus", heading: Iterable[str] = COLUMNS) -> Path:
    """A sheet as somebody filled it in: text as text, days as days."""
    with Workbook(str(path)) as workbook:
        page = workbook.add_worksheet(name)
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for place, title in enumerate(heading):
            page.write_string(0, place, title)
        for line, cells in enumerate(rows, 1):
            for place, title in enumerate(heading):
                value = cells.get(title)
                if isinstance(value, dt.date):
                    page.write_datetime(line, place, dt.datetime.combine(value, dt.time()), day)
                elif value is not None:
                    page.write(line, place, value)
    return path


def as_cells(data: dict[str, Any]) -> dict[str, Any]:
    return {name: dt.date.fromisoformat(value) if name in DAYS else value for name, value in data.items()}


def test_the_template_is_filled_in_and_read(tmp_path: Path) -> None:
    """A sheet says what the same NDJSON says; blank rows are passed over, and rows are counted as Excel counts them."""
    template = tmp_path / "kasus.xlsx"
    out = StringIO()
    call_command("import_cases", template=template, stdout=out)
    assert "--check" in out.getvalue()
    with pytest.raises(CommandError, match=r"\.xlsx"):
        call_command("import_cases", template=tmp_path / "kasus.csv")
    empty = tmp_path / "empty.xlsx"
    template.rename(empty)
    assert run(empty).splitlines()[0].split()[0] == "0"
    filled = sheet(tmp_path / "filled.xlsx", as_cells(row(1)), {}, as_cells(row(2, source="rumour")))
    run(filled)
    assert told(filled) == [(2, "imported", []), (4, "refused", [("#/source", "unknown-code")])]


def test_what_excel_spoils_is_refused_with_what_to_do(tmp_path: Path) -> None:
    cells = as_cells(row(1))
    path = sheet(
        tmp_path / "spoiled.xlsx",
        cells | {"nip": 198501012010011001},
        cells | {"nip": "1.98501E+17", "act_date": "29/09/2020"},
        cells | {"known_on": 44106.0, "letter_number": 1.5},
        cells | {"act_date": "2020-09-29", "letter_number": 12},
    )
    run(path)
    assert told(path) == [
        (2, "refused", [("#/nip", "nip-as-number")]),
        (3, "refused", [("#/act_date", "excel-date-as-text"), ("#/nip", "nip-as-number")]),
        (4, "refused", [("#/known_on", "excel-date-as-number"), ("#/letter_number", "excel-number")]),
        (5, "imported", []),
    ]
    assert "Text" in answers(path)[0]["errors"][0]["en"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: sheet(path, name="Sheet1"), "There is no sheet Kasus"),
        (lambda path: sheet(path, heading=[*list(COLUMNS)[1:], "regster_number"]), "perhaps register_number"),
        (lambda path: sheet(path, heading=[*COLUMNS, "nip"]), "nip: stands there twice"),
        (lambda path: path.write_bytes(b"PK\x03\x04 broken") and path, "cannot be read as XLSX"),
        (lambda path: path.write_bytes(b"\n") and path, "is empty"),
        (lambda path: path.write_bytes(b'[{"a": 1}]') and path, "JSON array"),
        (lambda path: path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n') and path, "byte order mark"),
        (lambda path: path.write_bytes("nip".encode("utf-16")) and path, "UTF-16"),
        (lambda path: path, "No such file"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(tmp_path: Path, make: Any, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(make(tmp_path / "list.xlsx"))


def test_a_csv_of_excel_is_told_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    """Semicolons, byte order mark, CRLF, days as dd/mm/yyyy and NIPs as numbers, each with what to do in Excel."""
    path = tmp_path / "kasus.csv"
    path.write_bytes(
        b"\xef\xbb\xbfregister_number;nip;act_date\r\n1;1,98501E+17;29/09/2020\r\n2;1.98501E+17;01/10/2020\r\n"
    )
    with pytest.raises(CommandError) as refused:
        run(path)
    words = str(refused.value)
    for part in (
        "titik koma",
        "semicolons",
        "BOM",
        "CRLF",
        "(line 2, 3)",
        "dd/mm/yyyy",
        "Paste Special > Values",
        ".xlsx",
    ):
        assert part in words, part
    assert not Casefile.objects.exists()
