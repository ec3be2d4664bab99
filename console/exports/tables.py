"""The lists as tables: every page of each, a few hundred rows at a time, recorded as read before they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agencies.actor import Actor
from agencies.naming import names_then
from audit.models import Access
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.law import local_day
from casefiles.errors import BeyondHead, TooManyRows
from casefiles.sight import accesses, projection, waiting
from casefiles.sight.casefiles import agencies_in
from casefiles.statistics import measures
from casefiles.statistics.count import count
from console import telling, words
from console.exports.writing import Cell, Table
from console.pages import readers, statistics
from console.pages.accesses import AccessForm, casefile_of
from console.pages.casefiles import days_late
from console.pages.filters import FilterForm
from console.pages.statistics import StatisticsForm

AT_A_TIME: Final = 500
MOST_ROWS: Final = 1_000_000
"""Rows of one file; a sheet of XLSX holds 1,048,576."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, as of when; `record` notes what is about to be written, under a name for what it is."""

    actor: Actor
    now: datetime
    record: Callable[[str, Sequence[UUID]], None]


class Refused(Exception):
    """There will be no file; `fault` says why."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def table_of(form: forms.Form, reading: Reading) -> Table:
    """The table of the page that has this form, with its filters, which are valid. Raises `Refused`."""
    if isinstance(form, FilterForm):
        return _casefiles(form, reading)
    if isinstance(form, StatisticsForm):
        return _statistics(form, reading)
    return _accesses(cast("AccessForm", form), reading)


# -- Perkara -----------------------------------------------------------------------------------------------------------


def _casefiles(form: FilterForm, reading: Reading) -> Table:
    rows = waiting.waiting_seen(reading.actor, form.asked(), now=reading.now)
    total = rows.order_by().count()
    if total > MOST_ROWS:
        raise Refused("too-many")

    def each() -> Iterator[Sequence[Cell]]:
        after: tuple[str, ...] | None = None
        while True:
            # By id: whatever changes meanwhile, nothing is told twice or left out.
            found, after = waiting.page(rows, order="newest", after=after, most=AT_A_TIME)
            reading.record("perkara", [row.id for row in found])
            names = names_then(set().union(*(agencies_in(row.facts) for row in found)))
            for row in found:
                viewer = projection.viewer_of(reading.actor, row.facts)
                seen, _withheld = projection.project(row.facts, viewer=viewer, catalogue=load_catalogue())
                yield _casefile(seen, names(row.updated_at), row.created_at, reading)
            if after is None:
                return

    return Table(title=_("Daftar perkara"), columns=_columns(), rows=each(), total=total)


def _columns() -> list[tuple[str, str]]:
    return [
        (_("Nomor perkara"), _("nomor dalam daftar ini")),
        (_("Keadaan"), _("langkah yang terakhir membawanya ke sini")),
        (_("Hasil"), _("bila sudah selesai")),
        (_("Terlapor"), _("nama; NIP tidak ada dalam daftar")),
        (_("Instansi pegawai"), _("yang wajib menindaklanjuti")),
        (_("Pengirim"), _("kantor Bawaslu yang meneruskan")),
        (_("Pemeriksa"), _("otoritas pemeriksa")),
        (_("Bentuk pelanggaran"), _("semua bentuk, dipisahkan titik koma")),
        (_("Golongan"), _("golongan pelanggarannya")),
        (_("Pemilihan"), _("pemilihan yang terkait")),
        (_("Giliran"), _("instansi yang harus bertindak")),
        (_("Giliran (sebagai)"), _("kedudukannya dalam perkara")),
        (_("Untuk"), _("apa yang ditunggu darinya")),
        (_("Sejak"), _("hari giliran dimulai, di zona waktu instansi Anda")),
        (_("Hari menunggu"), _("hari penuh sejak giliran dimulai")),
        (_("Tenggat"), _("hari setempat instansi yang mendapat giliran")),
        (_("Hari lewat"), _("hari sejak tenggat berakhir; 0 bila belum")),
        (_("Versi"), _("nomor entri terakhir perkara itu di log")),
        (_("Dicatat"), _("hari perkara tercatat, di zona waktu instansi Anda")),
    ]


def _casefile(seen: Mapping[str, Any], names: Mapping[str, str], created: datetime, reading: Reading) -> list[Cell]:
    zone = reading.actor.time_zone
    turn = seen.get("turn") or {}
    since = local_day(datetime.fromisoformat(turn["since"]), zone) if turn else None

    def name(code: str | None) -> str:
        return names.get(code, code) if code else ""

    forms_of = dict.fromkeys(words.code("violations", one["form"]) for one in seen["violations"])
    return [
        seen["number"],
        str(words.STATES[seen["state"]]),
        str(words.OUTCOMES[seen["outcome"]]) if seen.get("outcome") else "",
        seen["subject"].get("name") or "",
        name(seen.get("employer")),
        name(seen.get("submitter")),
        name(seen.get("examiner")),
        "; ".join(forms_of),
        words.code("violation_class", seen["violation_class"]) if seen.get("violation_class") else _class_of(seen),
        words.code("elections", seen["finding"]["election"]) if seen["finding"].get("election") else "",
        name(turn.get("agency")),
        str(words.PARTIES[turn["party"]]) if turn else "",
        str(words.PURPOSES[turn["purpose"]]) if turn else "",
        since.isoformat() if since else "",
        (local_day(reading.now, zone) - since).days if since else None,
        turn.get("due_on") or "",
        days_late(turn or None, now=reading.now),
        seen["version"],
        local_day(created, zone).isoformat(),
    ]


def _class_of(seen: Mapping[str, Any]) -> str:
    """The classes of its violations, where the file names none for itself."""
    classes = dict.fromkeys(one["violation_class"] for one in seen["violations"] if one.get("violation_class"))
    return "; ".join(words.code("violation_class", one) for one in classes)


# -- Statistik ---------------------------------------------------------------------------------------------------------


def _statistics(form: StatisticsForm, reading: Reading) -> Table:
    question = form.question()
    reading.record("statistik", ())
    try:
        counted = count(question, actor=reading.actor)
    except BeyondHead:
        raise Refused("beyond-head") from None
    except TooManyRows:
        raise Refused("too-many") from None
    of_unit = measures.measures_of(question.unit)
    by = question.by[0] if question.by else None
    rows: list[Sequence[Cell]] = [
        (statistics.key_of(by, line, counted), *map(_number, statistics.cells_of(line)))
        for line in (counted.rows if by else [])
    ]
    rows.append((_("Semua"), *map(_number, statistics.cells_of(counted.totals))))
    meanings = dict(statistics.definitions_of(question, of_unit))
    heads = [str(words.DIMENSIONS[by]) if by else _("Baris"), *(str(words.MEASURES[one.code]) for one in of_unit)]
    return Table(
        title=str(words.UNITS[question.unit]),
        columns=[(head, meanings.get(head, "")) for head in heads],
        rows=rows,
        total=len(rows),
        notes=[
            (_("Yang dihitung"), meanings.get(str(words.UNITS[question.unit]), "")),
            (_("Nomor log hitungan"), str(counted.index)),
            (_("Sidik angka"), counted.digest),
            (_("Edisi definisi"), str(measures.EDITION)),
        ],
    )


def _number(cell: tuple[str, int | None]) -> Cell:
    return _("ditahan") if cell[1] is None else cell[1]


# -- Akses -------------------------------------------------------------------------------------------------------------


def _accesses(form: AccessForm, reading: Reading) -> Table:
    number = form.cleaned_data["number"]
    try:
        casefile = casefile_of(reading.actor, number, now=reading.now) if number else None
    except PermissionDenied:
        raise Refused("not-seen") from None
    if (number and casefile is None) or (not number and not reading.actor.is_auditor):
        raise Refused("not-seen")
    rows = (
        accesses.accesses_of_register(form.asked(), actor=reading.actor)
        if casefile is None
        else accesses.accesses_of(casefile, form.asked(), actor=reading.actor)
    )
    # What is recorded from now on, these reads among it, is not told.
    newest = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = rows.filter(pk__lte=newest)
    total = rows.count()
    if total > MOST_ROWS:
        raise Refused("too-many")

    def each() -> Iterator[Sequence[Cell]]:
        before = newest + 1
        while True:
            found = list(rows.filter(pk__lt=before).order_by("-pk")[:AT_A_TIME])
            reading.record("akses", () if casefile is None else (casefile,))
            numbers = accesses.numbers_of(found, actor=reading.actor)
            told = readers.told(found, actor=reading.actor, with_names=False)
            for row, reader in zip(found, told, strict=True):
                yield _access(row, reader, numbers)
            if len(found) < AT_A_TIME:
                return
            before = found[-1].pk

    columns = [
        (_("Saat"), _("ketika dibaca, UTC")),
        (_("Instansi"), _("yang membaca")),
        (_("Pembaca"), _("sistem, atau orang menurut nomornya bila ia dari instansi Anda")),
        (_("Tujuan"), _("yang dinyatakan pembaca")),
        (_("Banyaknya berkas"), _("yang ditampilkan")),
        (_("Nomor perkara"), _("di antaranya yang boleh dilihat instansi Anda, dipisahkan titik koma")),
        (_("Halaman atau panggilan"), _("tanpa nomor dan tanpa kata yang dicari")),
        (_("Nomor permintaan"), _("sama pada semua yang ditampilkan satu permintaan")),
    ]
    return Table(title=_("Catatan akses"), columns=columns, rows=each(), total=total)


def _access(row: Access, reader: readers.Reader, numbers: Mapping[UUID, str]) -> list[Cell]:
    return [
        row.at.isoformat(timespec="milliseconds"),
        reader.agency,
        reader.who or (_("seorang di instansi itu") if reader.is_person else ""),
        reader.purpose,
        len(row.shown),
        "; ".join(numbers[ident] for ident in row.shown if ident in numbers),
        row.route,
        str(row.request_id),
    ]


def log_notes(size: int | None, root: str) -> list[tuple[str, str]]:
    """How large the log was and which root it had, as its newest checkpoint says."""
    if size is None:
        return [(_("Log"), _("belum dibuka"))]
    return [(_("Ukuran log"), str(size)), (_("Akar log"), root)]


def moment(now: datetime) -> str:
    """A moment for people, and the same for machines."""
    return f"{telling.instant(now)} ({now.isoformat(timespec='milliseconds')})"
