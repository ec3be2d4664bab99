"""The search in one box: `kantor:bawaslu-kota-padang lewat:>14 bentuk:B6 sejak:2024-09` fills the list's filters.

Every word is a qualifier and its value, or a casefile's number. What is not understood is told word by word; nothing is
guessed. The box is sent in the body of a request: what people type may hold a NIP, and that has no place in an address.
"""

from __future__ import annotations

import calendar
import difflib
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from agencies import regions
from agencies.models import Agency
from casefiles import personal_numbers
from casefiles.catalogue.book import load as load_catalogue
from console import words
from console.pages.filters import ORDERS

LONGEST: Final = 400
MOST_NAMED: Final = 5
"""Offices that a refusal names, where a value fits several."""
Reading = Callable[[str], Mapping[str, str]]


class NotUnderstood(Exception):
    """A word that is no qualifier, or whose value says nothing; the message is for people."""


def read(text: str) -> tuple[QueryDict, list[str]]:
    """The filters as a query, and what was not understood, in the order of the words."""
    query = QueryDict(mutable=True)
    if personal_numbers.is_in(text):
        told = _(
            "NIP tidak dicari di sini, karena saringan menjadi alamat halaman. Pakai pencarian menurut NIP atau nama."
        )
        return query, [told]
    faults: list[str] = []
    for word in _words(text[:LONGEST], faults):
        try:
            for name, value in _read(word).items():
                query.appendlist(name, value)
        except NotUnderstood as why:
            faults.append(str(why))
    if len(text) > LONGEST:
        faults.append(_("Paling panjang %(number)s huruf.") % {"number": LONGEST})
    return query, faults


def _words(text: str, faults: list[str]) -> Iterator[str]:
    """The words; quotes keep several together. A quote that is not closed is told."""
    try:
        yield from shlex.split(text, posix=True)
    except ValueError:
        faults.append(_("Tanda petik tidak ditutup."))


def _read(word: str) -> Mapping[str, str]:
    name, colon, value = word.partition(":")
    if not colon:
        if re.fullmatch(r"(?i)LTS/[0-9]{4}/[0-9]{1,12}", word):
            return {"number": word.upper()}
        raise NotUnderstood(
            _("“%(word)s” bukan nomor perkara dan bukan kata:nilai, misalnya lewat:>14.") % {"word": word[:40]}
        )
    reading = QUALIFIERS.get(name.lower())
    if reading is None:
        near = difflib.get_close_matches(name.lower(), QUALIFIERS, n=1)
        said = [_("Tidak ada kata kunci “%(name)s”.") % {"name": name[:40]}]
        said += [_("Maksudnya %(near)s?") % {"near": f"{word}:"} for word in near]
        raise NotUnderstood(" ".join(said))
    if not value:
        raise NotUnderstood(_("“%(name)s:” tanpa nilai.") % {"name": name[:40]})
    return reading(value)


# -- values -----------------------------------------------------------------------------------------------------------


def _office(name: str) -> Reading:
    """An agency by its code, or by parts of code or name that fit one alone."""

    def reading(value: str) -> Mapping[str, str]:
        if name == "turn" and value in ("me", "saya"):
            return {name: "me"}
        rows = Agency.objects.order_by("code")
        if rows.filter(code=value.lower()).exists():
            return {name: value.lower()}
        for part in re.split(r"[-\s]+", value):
            rows = rows.filter(code__contains=part.lower()) | rows.filter(name__icontains=part)
        codes = list(rows.values_list("code", flat=True)[: MOST_NAMED + 1]) if "\0" not in value else []
        if len(codes) == 1:
            return {name: codes[0]}
        if not codes:
            raise NotUnderstood(_("Tidak ada instansi dengan kode %(code)s.") % {"code": value[:80]})
        more = " …" if len(codes) > MOST_NAMED else ""
        raise NotUnderstood(
            _("“%(value)s” cocok dengan beberapa instansi: %(codes)s.")
            % {"value": value[:80], "codes": ", ".join(codes[:MOST_NAMED]) + more}
        )

    return reading


def _code(name: str, known: Callable[[], Mapping[str, str]]) -> Reading:
    """One of these codes, by the code or by its label."""

    def reading(value: str) -> Mapping[str, str]:
        codes = known()
        wanted = value.lower().replace("-", "_")
        for code, label in codes.items():
            if wanted == code.lower().replace("-", "_") or value.lower() == label.lower():
                return {name: code}
        raise NotUnderstood(
            _("“%(value)s” tidak dikenal. Yang ada: %(codes)s.")
            % {"value": value[:40], "codes": ", ".join(list(codes)[:20])}
        )

    return reading


def _form(value: str) -> Mapping[str, str]:
    """A form of violation by its code, its label, or its item in the annex (`B6`)."""
    items = {row.annex_item.upper(): row.form for row in load_catalogue().annex if row.annex_item}
    if value.upper() in items:
        return {"form": items[value.upper()]}
    return _code("form", lambda: dict(words.choices("violations")))(value)


def _late(value: str) -> Mapping[str, str]:
    """`14`, `>14`, `>=14`, `<14`, `<=14`, `3..10`: days late."""
    found = re.fullmatch(r"(>=|<=|>|<|)([0-9]{1,4})|([0-9]{1,4})\.\.([0-9]{1,4})", value)
    if found is None:
        raise NotUnderstood(
            _("“%(value)s” bukan banyaknya hari: tulis 14, >14, <=14 atau 3..10.") % {"value": value[:40]}
        )
    sign, number, first, last = found.groups()
    if first is not None:
        return {"late_from": first, "late_until": last}
    days = int(number)
    return {
        ">": {"late_from": str(days + 1)},
        ">=": {"late_from": str(days)},
        "<": {"late_from": "1", "late_until": str(days - 1)},
        "<=": {"late_from": "1", "late_until": str(days)},
        "": {"late_from": str(days), "late_until": str(days)},
    }[sign]


def _days(name: str) -> Reading:
    def reading(value: str) -> Mapping[str, str]:
        if not re.fullmatch("[0-9]{1,4}", value):
            raise NotUnderstood(_("“%(value)s” bukan banyaknya hari.") % {"value": value[:40]})
        return {name: value}

    return reading


def _day(name: str, *, is_end: bool) -> Reading:
    """A day, a month or a year: its first day, or its last where it is an end."""

    def reading(value: str) -> Mapping[str, str]:
        found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", value)
        try:
            if found is None:
                raise ValueError
            year, month = int(found[1]), int(found[2] or (12 if is_end else 1))
            last = calendar.monthrange(year, month)[1]
            return {name: date(year, month, int(found[3] or (last if is_end else 1))).isoformat()}
        except (ValueError, calendar.IllegalMonthError):
            raise NotUnderstood(
                _("“%(value)s” bukan hari: tulis 2024-09-20, 2024-09 atau 2024.") % {"value": value[:40]}
            ) from None

    return reading


def _yes(name: str) -> Reading:
    def reading(value: str) -> Mapping[str, str]:
        if value.lower() not in ("ya", "yes", "1"):
            raise NotUnderstood(_("“%(value)s”: hanya ya yang dapat ditulis di sini.") % {"value": value[:40]})
        return {name: "1"}

    return reading


def _province(value: str) -> Mapping[str, str]:
    by_name = {region.name.lower(): code for code, region in regions.load().items() if region.level == "province"}
    by_short = {tile.short.lower(): tile.code for tile in regions.tiles()}
    wanted = value.lower().replace("-", " ")
    code = value if value in regions.load() and "." not in value else by_name.get(wanted) or by_short.get(value.lower())
    if code is None:
        raise NotUnderstood(_("Tidak ada provinsi “%(value)s”: tulis kode atau namanya.") % {"value": value[:40]})
    return {"province": code}


def _plain(known: Mapping[str, object]) -> Callable[[], Mapping[str, str]]:
    return lambda: {code: str(label) for code, label in known.items()}


def _number(value: str) -> Mapping[str, str]:
    return {"number": value[:40]}


_STATE, _OUTCOME = _code("state", _plain(words.STATES)), _code("outcome", _plain(words.OUTCOMES))
_PARTY, _ORDER = _code("party", _plain(words.PARTIES)), _code("order", _plain(ORDERS))
_CLASS = _code("violation_class", lambda: dict(words.choices("violation_class")))
_ELECTION = _code("election", lambda: dict(words.choices("elections")))
QUALIFIERS: Final[Mapping[str, Reading]] = {
    **dict.fromkeys(("kantor", "pengirim", "submitter"), _office("submitter")),
    **dict.fromkeys(("instansi", "employer"), _office("employer")),
    **dict.fromkeys(("pemeriksa", "examiner"), _office("examiner")),
    **dict.fromkeys(("giliran", "turn"), _office("turn")),
    **dict.fromkeys(("nomor", "number"), _number),
    **dict.fromkeys(("keadaan", "state"), _STATE),
    **dict.fromkeys(("hasil", "outcome"), _OUTCOME),
    **dict.fromkeys(("pihak", "party"), _PARTY),
    **dict.fromkeys(("bentuk", "form"), _form),
    **dict.fromkeys(("golongan", "class"), _CLASS),
    **dict.fromkeys(("pemilihan", "election"), _ELECTION),
    **dict.fromkeys(("lewat", "late"), _late),
    **dict.fromkeys(("tempo", "due"), _days("due_within")),
    **dict.fromkeys(("sejak", "since"), _day("submitted_from", is_end=False)),
    **dict.fromkeys(("sampai", "until"), _day("submitted_until", is_end=True)),
    **dict.fromkeys(("provinsi", "province"), _province),
    **dict.fromkeys(("menunggu", "open"), _yes("open")),
    **dict.fromkeys(("blokir", "blocked"), _yes("blocked")),
    **dict.fromkeys(("urut", "order"), _ORDER),
}
"""Each in Indonesian first; the English word beside it is understood as well."""
EXAMPLE: Final = "kantor:bawaslu-kota-padang lewat:>14 bentuk:B6 sejak:2024-09"
