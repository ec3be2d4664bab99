"""Many findings in one sheet: tried row by row, forwarded once each, and nothing that a hostile workbook may hold."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from casefiles.intake.documents import Descriptor, register
from casefiles.models import Casefile, Finding
from console.desk import forwarding, sheets
from console.models import Form
from tests import factories
from tests.conftest import Copies, using
from tests.console.conftest import EMPLOYER, Arranged, signed_in, text_of
from tests.signing_in import as_role, with_a_desk

database = pytest.mark.django_db(transaction=True, databases=["default", "desk"])
OFFICER, WHERE = "petugas@bawaslu-padang.example", "/meja/temuan/daftar"
FILLED: Mapping[str, Any] = {
    "source": "finding", "origin_office": factories.PADANG, "election": "pilkada-2024", "known_on": "2 Oktober 2024",
    "registered_on": "3/10/2024", "forwarded_on": "7 Oktober 2024", "clarification.held": "Ya",
    "clarification.held_on": "5 Oktober 2024", "clarification.subject_heard": "Ya",
    "assessment.summary": "Terbukti menyukai unggahan.", "violations.0.form": "social_media_engagement",
    "violations.0.act_date": "29/9/2024", "violations.0.region": "13.71", "violations.0.channel": "facebook",
    "violations.0.interaction": "like", "violations.0.contest.office": "mayor", "violations.0.contest.region": "13.71",
    "violations.0.description": "Menyukai unggahan calon.", "subjects.0.name": "Gita Rekaan",
    "subjects.0.employer": factories.PEMKOT, "subjects.0.position": "Guru",
}  # fmt: skip
ASSESSMENT, OTHER = "TM/900/KAJIAN", "TM/901/KAJIAN"


@pytest.fixture(scope="module")
def office(copies: Copies, arranged: Arranged, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of this module's own, with an assessment of Bawaslu's office of the city."""
    name = copies.make(arranged.database)
    with django_db_blocker.unblock(), using(name):
        for number in (ASSESSMENT, OTHER):
            given = Descriptor(
                type="assessment", title="Kajian", number=number, media_type="application/pdf", size=9, sha256="ab" * 32
            )
            register(actor=factories.actor(factories.PADANG), given=given, now=timezone.now())
    yield name
    copies.drop(name)


@pytest.fixture
def _own_database(copies: Copies, office: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), as_role(copies, "console"), using(office), with_a_desk(copies):
        yield


def filled(rows: Sequence[Mapping[str, Any]], *, language: str = "id", sheet: str = sheets.SHEET) -> bytes:
    """The template's sheet, filled in."""
    with translation.override(language):
        names = {field.name: heading for field, heading in sheets.headings(sheets.blank((), zone="Asia/Jakarta"))}
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, name in enumerate(names):
            page.write_string(0, place, names[name])
            for number, row in enumerate(rows, start=1):
                cell = row.get(name, "")
                if isinstance(cell, date):
                    page.write_datetime(number, place, cell, day)
                elif isinstance(cell, int):
                    page.write_number(number, place, cell)
                elif cell.startswith("="):
                    page.write_formula(number, place, cell)
                elif cell:
                    page.write_string(number, place, cell)
    return out.getvalue()


def found(number: str, **changed: Any) -> dict[str, Any]:
    return {**FILLED, "register_number": number, "assessment.documents": ASSESSMENT, **changed}


def uploaded(content: bytes) -> Any:
    return signed_in(OFFICER).post(WHERE, {"file": SimpleUploadedFile("temuan.xlsx", content), "_step": "check"})


def confirmed(page: str) -> Any:
    ticket = re.search(r'name="_ticket" value="([^"]+)"', page)
    assert ticket is not None, page
    return signed_in(OFFICER).post(WHERE, {"_ticket": unescape(ticket[1]), "_step": "confirm"})


def answers(page: str) -> list[tuple[str, str]]:
    return re.findall(r"<tr><th scope=\"row\">(\d+)</th>.*?class=\"(?:late|on-time)\">([^<]+)<", page, re.DOTALL)


@database
def test_each_row_is_answered_and_forwarded_once(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        found("101/TM"),
        found("102/TM", known_on="besok"),
        found("103/TM", **{"subjects.0.name": "Hadi", "assessment.documents": OTHER}),
    ]
    before = Casefile.objects.count()
    checked = text_of(uploaded(filled(rows)))
    assert answers(checked) == [("2", "dapat diteruskan"), ("3", "ditolak"), ("4", "dapat diteruskan")], checked
    assert "Tanggal ditulis seperti 2 Oktober 2024" in checked
    assert Casefile.objects.count() == before, "what was only tried stored nothing"
    forwarded = forwarding.forwarded
    done: list[bool] = []

    def dies(*given: Any, **more: Any) -> bool:
        done.append(forwarded(*given, **more))
        if len(done) == 1:
            raise KeyboardInterrupt
        return done[-1]

    monkeypatch.setattr(forwarding, "forwarded", dies)
    with pytest.raises(KeyboardInterrupt):
        confirmed(checked)
    monkeypatch.setattr(forwarding, "forwarded", forwarded)
    assert Casefile.objects.count() == before + 1, "killed after the first row"
    page = text_of(confirmed(checked))
    assert answers(page) == [("2", "sudah diteruskan"), ("3", "ditolak"), ("4", "diteruskan")], page
    assert Casefile.objects.count() == before + 2
    again = text_of(uploaded(filled(rows, language="en")))
    assert [what for _, what in answers(again)] == ["sudah diteruskan", "ditolak", "sudah diteruskan"]
    assert Casefile.objects.count() == before + 2
    for receipt in re.findall(r'href="(/meja/tanda-terima/[0-9a-f-]+)"', page):
        assert signed_in(OFFICER).get(receipt).status_code == 200
    assert Finding.objects.filter(register_number__in=("101/TM", "103/TM")).count() == 2
    assert not Form.objects.filter(transition="submit", done_at__isnull=True).exists()


@database
@pytest.mark.parametrize(("sheet", "reader", "yes"), [("id", "en", "Ya"), ("en", "id", "Yes"), ("en", "en", "Yes")])
def test_a_sheet_may_speak_another_language_than_who_sends_it(office: str, sheet: str, reader: str, yes: str) -> None:
    interaction = "violations.0.interaction"
    with translation.override(sheet):
        label = dict(sheets._choices((), zone="Asia/Jakarta")[interaction])["like"]
    said = {"clarification.held": yes, "clarification.subject_heard": yes, interaction: label}
    with translation.override(reader):
        line = sheets.read(io.BytesIO(filled([found("1", **said)], language=sheet)), (), zone="Asia/Jakarta")[0]
        typed = sheets.as_typed(line, (), zone="Asia/Jakarta")
    assert {name: typed[name] for name in said} == {
        "clarification.held": ["true"], "clarification.subject_heard": ["true"], interaction: ["like"]
    }  # fmt: skip


@database
def test_the_template_has_what_the_form_asks_and_only_supervisors_have_it(office: str) -> None:
    answer = signed_in(OFFICER).get(f"{WHERE}.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["Temuan", "Keterangan"]
    (heading,) = book.get_sheet_by_name("Temuan").to_python()
    assert len(heading) == len(set(heading)) > 20
    assert answers(text_of(uploaded(answer.content))) == []
    assert "Lembarnya belum diisi" in text_of(uploaded(answer.content))
    for path in (WHERE, f"{WHERE}.xlsx"):
        assert signed_in(EMPLOYER).get(path).status_code == 403
    assert "Pilih berkasnya" in text_of(signed_in(OFFICER).post(WHERE, {"_step": "check"}))
    assert signed_in(OFFICER).post(WHERE, {"_ticket": "x", "_step": "confirm"}).status_code == 400


def rewritten(content: bytes, change: Any, *, part: str = "xl/worksheets/sheet1.xml", also: str = "") -> bytes:
    """The workbook with one of its parts changed, and another part put in."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(old.read(info)) if info.filename == part else old.read(info))
        if also:
            new.writestr(also, b"x")
    return out.getvalue()


def far(content: bytes) -> bytes:
    return re.sub(rb'r="[A-Z]+2"', b'r="XFD1048576"', content, count=1)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no workbook": (lambda: b"MZ", "bukan XLSX"),
    "wrong sheet": (lambda: filled([found("1")], sheet="Kasus"), "Tidak ada lembar"),
    "bomb": (lambda: rewritten(filled([found("1")]), lambda old: old + b" " * (sheets.UNPACKED + 1)), "terlalu besar"),
    "a cell far away": (lambda: rewritten(filled([found("1")]), far), "terlalu besar"),
    "many rows": (lambda: filled([found(str(number)) for number in range(sheets.MOST + 1)]), "terlalu besar"),
    "formula": (lambda: filled([found("=1+1")]), "memuat rumus"),
    "macro": (lambda: rewritten(filled([found("1")]), bytes, also="xl/vbaProject.bin"), "memuat makro"),
    "many parts": (lambda: parts(sheets.PARTS + 1), "terlalu besar"),
    "other heading": (lambda: rewritten(filled([found("1")]), heading, part="xl/sharedStrings.xml"), "Baris judulnya"),
    "other encoding": (
        lambda: rewritten(filled([found("1")]), lambda old: old.decode().encode("utf-16")), "bukan XLSX",
    ),
    "entities": (
        lambda: rewritten(filled([found("1")]), lambda old: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + old[:200]),
        "bukan XLSX",
    ),
}  # fmt: skip


def parts(number: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for one in range(number):
            packed.writestr(str(one), b"")
    return out.getvalue()


def heading(old: bytes) -> bytes:
    return re.sub(rb"<t>[^<]+</t>", b"<t>Lain</t>", old, count=1)


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_a_hostile_workbook_is_refused_in_words(what: str) -> None:
    make, said = HOSTILE[what]
    with translation.override("id"), pytest.raises(sheets.Unreadable, match=said):
        sheets.read(io.BytesIO(make()), (), zone="Asia/Jakarta")


def test_cells_are_read_as_somebody_would_type_them() -> None:

    rows = [found("7", **{"known_on": date(2024, 10, 2), "subjects.0.nip": 198501012010011001})]
    with translation.override("id"):
        (line,) = sheets.read(io.BytesIO(filled(rows)), (), zone="Asia/Jakarta")
    assert line.number == 2
    assert line.typed["known_on"] == "2024-10-02"
    assert line.spoiled == ["subjects.0.nip"], "Excel keeps fifteen digits"
