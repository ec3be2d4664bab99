"""Exports: asked for on a page, made by the worker's role with the person's sight, theirs alone, gone after a day."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import os
import re
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import orjson
import psycopg
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.models import Access
from casefiles.flow import State
from casefiles.models import Casefile
from console.exports import making, storage, tables, writing
from console.models import Export
from console.pages import downloads
from people import persons
from people.models import Person
from tests.conftest import Copies
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in, text_of
from tests.console.exporting import _folder, _own_database, taken, work  # noqa: F401 - fixtures
from tests.signing_in import as_role

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = ("=1+1", "+62", "-1", "@SUM(A1)", "\ttab", "\rcr", "<b>tebal</b>", "\u202eterbalik", "محمد", '"kutip", koma')


def ask(person: Client, kind: str, form: str, query: str = "") -> str:
    """Press the button; returns the address of the page that waits."""
    answer = person.post("/unduhan", {"kind": kind, "format": form, "query": query})
    assert answer.status_code == 302, text_of(answer)
    return str(answer.headers["Location"])


def csv_of(content: bytes) -> tuple[dict[str, str], list[list[str]]]:
    """What is said of the rows, and the rows, the heading first."""
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    said = {row[0].removeprefix("# "): row[1] for row in rows if row and row[0].startswith("# ")}
    return said, [row for row in rows if row and not row[0].startswith("# ")]


def sheets_of(content: bytes) -> dict[str, list[list[str]]]:
    """The cells of every sheet as their text, read from the XML; a formula would be an element `f`."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        whole = ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - our own file
        names = [one.get("name", "") for one in whole.iter(f"{space}sheet")]
        found = {}
        for number, name in enumerate(names, start=1):
            sheet = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - our own file
            assert not list(sheet.iter(f"{space}f"))
            found[name] = [
                ["".join(cell.itertext()) for cell in row.iter(f"{space}c")] for row in sheet.iter(f"{space}row")
            ]
    return found


def test_a_list_is_taken_home_with_what_it_is(arranged: Arranged, copies: Copies) -> None:
    auditor = signed_in(AUDITOR)
    page = ask(auditor, "casefiles", "csv", "state=closed&order=newest")
    waiting = auditor.get(page)
    assert waiting.headers["Refresh"] == "3"
    assert "menunggu giliran" in text_of(waiting)
    assert auditor.get(f"{page}/berkas").status_code == 302, "there is no file yet"
    before = Access.objects.count()

    work(copies)

    done = auditor.get(page)
    assert "siap diunduh" in text_of(done)
    assert "Refresh" not in done.headers
    said, (heading, *rows) = csv_of(taken(auditor, page))
    number = Casefile.objects.get(pk=arranged.cases[State.CLOSED]).number
    assert [row[0] for row in rows] == [number]
    assert heading[:4] == ["Nomor perkara", "Keadaan", "Hasil", "Terlapor"]
    person = Person.objects.get(email=AUDITOR)
    assert said["Diambil oleh"] == f"{person.name} (person:{person.pk})"
    assert said["Saringan"] == "Keadaan: Selesai; Urutan: Terbaru dahulu"
    assert said["Banyaknya baris"] == "1"
    assert "+00:00" in said["Saat"]
    lines = b"".join(orjson.dumps(row) + b"\n" for row in [heading, _typed(rows[0], heading)])
    assert said["Sidik baris (SHA-256)"] == hashlib.sha256(lines).hexdigest()
    # What was written was recorded as read by that person first, and so was taking it.
    read, fetched = Access.objects.order_by("pk")[before : before + 2]
    assert (read.route, read.client, read.shown) == (
        "console:/unduhan/perkara", f"person:{person.pk}", [UUID(arranged.cases[State.CLOSED])],
    )  # fmt: skip
    assert fetched.route == "console:/unduhan/{id}/berkas"
    listed = text_of(auditor.get("/unduhan"))
    assert "Keadaan: Selesai" in listed
    assert Export.objects.get().sha256 in listed


def _typed(row: list[str], heading: list[str]) -> list[str | int | None]:
    """Numbers as the digest has them."""
    numbers = {"Hari menunggu", "Hari lewat", "Versi"}
    return [(int(cell) if cell else None) if name in numbers else cell for name, cell in zip(heading, row, strict=True)]


def test_nobody_else_has_it_and_nobody_has_what_they_may_not_see(arranged: Arranged, copies: Copies) -> None:
    employer, other = signed_in(EMPLOYER), signed_in(EXAMINER)
    page = ask(employer, "casefiles", "bare")
    work(copies)
    for path in (page, f"{page}/berkas"):
        assert other.get(path).status_code == 404
    assert text_of(other.get("/unduhan")).count("<tr>") == 0
    said, (_heading, *rows) = csv_of(taken(employer, page))
    assert said == {}
    (shown,) = re.findall(r"<tbody>.*</tbody>", text_of(employer.get("/perkara")), re.S)
    seen = set(re.findall(r"LTS/\d+/\d+", shown))
    assert {row[0] for row in rows} == seen
    assert len(seen) < Casefile.objects.count()
    # Who does not audit has no record of the register's reads, whatever is written into the form.
    refused = ask(other, "accesses", "csv")
    work(copies)
    assert "tidak dapat dibuat" in text_of(other.get(refused))
    assert not Export.objects.get(pk=refused.rsplit("/", 1)[1]).stored_as


def test_an_ended_person_has_nothing_made_and_takes_nothing(copies: Copies) -> None:
    person = signed_in(EXAMINER)
    ready, waiting = ask(person, "casefiles", "csv"), None
    work(copies)
    waiting = ask(person, "casefiles", "csv")
    with as_role(copies, "owner"):
        persons.end(email=EXAMINER, now=timezone.now())
    work(copies)
    assert person.get(f"{ready}/berkas").headers["Location"].startswith("/masuk")
    assert Export.objects.get(pk=waiting.rsplit("/", 1)[1]).fault == "person-ended"


def test_names_are_text_in_every_format(arranged: Arranged, copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a name begins with, a spreadsheet shows it and computes nothing."""
    auditor = signed_in(AUDITOR)
    table = writing.Table(title="=judul", columns=[("Nama", "=arti"), ("Angka", "")], rows=[])
    monkeypatch.setattr(
        tables, "table_of",
        lambda form, reading: dataclasses.replace(table, rows=[(name, -5) for name in (*HOSTILE, "x" * 40_000)]),
    )  # fmt: skip
    pages = {form: ask(auditor, "casefiles", form) for form in ("csv", "bare", "xlsx")}
    work(copies)
    for form in ("csv", "bare"):
        _said, (_heading, *rows) = csv_of(taken(auditor, pages[form]))
        assert [row[1] for row in rows] == ["-5"] * len(rows)
        for name, (cell, _number) in zip(HOSTILE, rows, strict=False):
            assert cell == (f"'{name}" if name.startswith(writing.COMPUTED) else name)
            assert not cell.startswith(writing.COMPUTED)
    sheets = sheets_of(taken(auditor, pages["xlsx"]))
    assert list(sheets) == ["Keterangan", "Data"]
    assert ["Isi", "=judul"] in sheets["Keterangan"]
    told = [row[0] for row in sheets["Data"][1:]]
    assert [_unescaped(cell) for cell in told[: len(HOSTILE)]] == list(HOSTILE)
    assert len(told[-1]) <= writing.LONGEST_CELL
    assert told[-1].endswith("(dipotong: 40000 huruf)")


def _unescaped(cell: str) -> str:
    return re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), cell).replace("\r\n", "\r")


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("a;=1+1", "a;'=1+1"), ('a;"=1+1', "a;\"'=1+1"), ("a\t@SUM(1)", "a\t'@SUM(1)"), ("a\n-1", "a\n'-1"),
        ("\uff1d1+1", "'\uff1d1+1"), ("a;\uff0b1", "a;'\uff0b1"), ("=a;=b", "'=a;'=b"),
        ("Dinas A; B - C, D=E", "Dinas A; B - C, D=E"), (-5, "-5"), (None, ""), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_of_csv_is_computed_where_a_semicolon_ends_one(cell: str | int | None, kept: str) -> None:
    """So it does where numbers have a decimal comma, as in Indonesia."""
    assert writing.harmless(cell) == kept


def test_a_long_list_is_written_in_constant_memory(tmp_path: Path) -> None:
    """Ten times the rows take no more memory, so neither do 200,000."""

    def peak(rows: int, form: str) -> int:
        table = writing.Table(
            title="t", columns=[(str(column), "") for column in range(5)],
            rows=((f"LTS/2026/{row:06}", *("nilai yang agak panjang",) * 4) for row in range(rows)),
        )  # fmt: skip
        tracemalloc.start()
        path = tmp_path / f"{rows}.{form}"
        writing.write(path, table, form=form, notes=lambda written: [("Baris", str(written.rows))], each=lambda _: None)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert path.stat().st_size > rows * 4
        return most

    for form in ("csv", "xlsx"):
        few, many = peak(500, form), peak(5_000, form)
        assert many < few + 100_000, (form, few, many)


def test_statistics_and_reads_are_tables_too(arranged: Arranged, copies: Copies) -> None:
    auditor = signed_in(AUDITOR)
    auditor.get(f"/perkara/{arranged.cases[State.CLOSED]}")
    figures = ask(auditor, "statistics", "xlsx", "unit=casefiles&by=form")
    person = f"person:{Person.objects.get(email=AUDITOR).pk}"
    reads = ask(auditor, "accesses", "csv", f"person={person}&before=3")
    work(copies)
    sheets = sheets_of(taken(auditor, figures))
    assert sheets["Data"][0][0] == "Bentuk pelanggaran"
    assert sheets["Data"][-1][0] == "Semua"
    assert {"Nomor log hitungan", "Sidik angka"} <= {row[0] for row in sheets["Keterangan"]}
    _said, (heading, *rows) = csv_of(taken(auditor, reads))
    assert heading[2] == "Pembaca"
    assert {row[2] for row in rows} == {person}
    number = Casefile.objects.get(pk=arranged.cases[State.CLOSED]).number
    assert number in {row[5] for row in rows}


def test_a_file_is_kept_a_day(copies: Copies, owner_connection: psycopg.Connection) -> None:
    auditor = signed_in(AUDITOR)
    page = ask(auditor, "casefiles", "csv")
    work(copies)
    export = Export.objects.get()
    assert export.expires_at is not None
    assert export.expires_at - timezone.now() <= timedelta(days=1)
    # A job will delete it, and the command does where no worker lives.
    forgets = ProcrastinateJob.objects.get(task_name="console.tasks.forget_export")
    assert (forgets.args, forgets.scheduled_at) == ({"export": str(export.pk)}, export.expires_at)
    stray = storage.folder() / "left-behind.draft"
    stray.mkdir()
    os.utime(stray, (0, 0))
    owner_connection.execute("UPDATE console_export SET expires_at = now() - interval '1 s'")
    assert "sudah dihapus" in text_of(auditor.get(page))
    assert auditor.get(f"{page}/berkas").status_code == 302, "over is over, deleted or not"
    with as_role(copies, "worker"):
        call_command("forget_exports")
    assert list(storage.folder().iterdir()) == []
    export.refresh_from_db()
    assert (export.stored_as, export.person_name, len(export.sha256)) == ("", "", 64)


def test_what_cannot_be_made_is_said_plainly(
    arranged: Arranged, copies: Copies, owner_connection: psycopg.Connection
) -> None:
    auditor = signed_in(AUDITOR)
    for kind, form, query in (
        ("casefiles", "pdf", ""), ("casefile", "pdf", ""), ("casefile", "csv", ""), ("nothing", "csv", ""),
        ("casefiles", "csv", "state=nowhere"), ("statistics", "csv", "sort=1"),
        ("casefiles", "csv", "number=198501012010011001"),
        ("accesses", "csv", "agency=nobody"), ("casefiles", "csv", "x=" + "y" * 5_000),
    ):  # fmt: skip
        answer = auditor.post("/unduhan", {"kind": kind, "format": form, "query": query})
        assert answer.status_code == 400, (kind, form, query)
    assert not Export.objects.exists()
    assert signed_in(EMPLOYER).post(f"/perkara/{arranged.cases[State.SUBMITTED]}/unduh").status_code == 404
    # Five at a time, no more.
    pages = [ask(auditor, "casefiles", "csv") for _ in range(downloads.AT_ONCE)]
    assert auditor.post("/unduhan", {"kind": "casefiles", "format": "csv"}).status_code == 429
    owner_connection.execute("UPDATE console_export SET asked_at = asked_at - interval '20 s'")
    assert "Pekerja latar belakang sedang tidak berjalan" in text_of(auditor.get(pages[0]))
    # One whose job was given up, and one that waited too long.
    failed = Export.objects.order_by("asked_at")[0]
    owner_connection.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [failed.job])
    assert "tidak jadi dibuat" in text_of(auditor.get(f"/unduhan/{failed.pk}"))
    owner_connection.execute("UPDATE console_export SET asked_at = asked_at - interval '2 days'")
    work(copies)
    assert set(Export.objects.exclude(pk=failed.pk).values_list("fault", flat=True)) == {"too-old"}


def test_pages_of_downloads_ask_a_constant_number_of_questions(
    copies: Copies, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    auditor = signed_in(AUDITOR)
    ask(auditor, "casefiles", "csv", "turn=bkn")
    auditor.get("/unduhan")
    with django_assert_max_num_queries(12) as few:
        auditor.get("/unduhan")
    asked = len(few.captured_queries)
    assert asked > 0
    for query in ("employer=pemkot-padang", "state=closed", "turn=bkn&election=pilkada-2024"):
        ask(auditor, "casefiles", "xlsx", query)
    with django_assert_num_queries(asked):
        auditor.get("/unduhan")


def test_a_worker_that_ends_in_the_middle_leaves_nothing_half_done(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = UUID(ask(signed_in(AUDITOR), "casefiles", "xlsx").rsplit("/", 1)[1])
    monkeypatch.setattr(tables, "AT_A_TIME", 1)

    def ends() -> None:
        raise KeyboardInterrupt

    with as_role(copies, "worker"):
        with pytest.raises(KeyboardInterrupt):
            making.make(ident, goes_on=ends, forgotten=lambda _: None)
        assert list(storage.folder().iterdir()) == []
        assert Export.objects.get(pk=ident).made_at is None
        making.make(ident, goes_on=lambda: None, forgotten=lambda _: None)
        first = Export.objects.get(pk=ident)
        making.make(ident, goes_on=lambda: None, forgotten=lambda _: None)
        assert Export.objects.get(pk=ident).stored_as == first.stored_as, "twice done is once done"
        assert len(list(storage.folder().iterdir())) == 1
