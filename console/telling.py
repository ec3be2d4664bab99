"""The parts of a file in words: what a change is called and what its values say, derived from the file's own marks.

A NIP is masked wherever it stands, also inside what changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from casefiles import nip
from casefiles.file import CaseFile
from casefiles.file.marks import Word
from casefiles.file.reading import FileMember, members
from casefiles.flow.parties import HOLDERS
from casefiles.shapes import Code
from console import words

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_WITHIN: Final = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*")
_NIP: Final = re.compile(r"\b[0-9]{18}\b")
NOBODY: Final[Mapping[str, str]] = {}
MOST_VALUES: Final = 40
"""Values of one change that are told; a whole part that came at once says less than its documents."""

ZONES: Final[Mapping[str, str]] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One fact: what it is called, and what it said before and says now (empty: nothing)."""

    label: str
    before: str
    after: str


def day(value: date | str | None, *, short: bool = False) -> str:
    """`20 November 2026`, or `20 Nov 2026`."""
    if not value:
        return ""
    return formats.date_format(
        date.fromisoformat(value) if isinstance(value, str) else value, "j M Y" if short else "j F Y"
    )


_LISTS_OF: Final[Mapping[str, str]] = {
    "election": "elections",
    "form": "violations",
    "violation_class": "violation_class",
    "sanction": "sanctions",
    "position_kind": "position_kind",
    "channel": "channel",
    "interaction": "interaction",
    "employer_level": "agency_levels",
}


def key(by: str, value: str | int | None, name: str | None = None) -> str:
    """What a row of a table of numbers is called; `name` is that of an agency."""
    if value is None:
        return _("tidak diketahui")
    if by == "month":
        return day(f"{value}-01").partition(" ")[2]
    return name or (words.code(_LISTS_OF[by], str(value)) if by in _LISTS_OF else str(value))


def zone() -> tzinfo:
    """The reader's time zone."""
    return timezone.get_current_timezone()


def instant(value: datetime | str | None) -> str:
    """`20 November 2026 pukul 13.05 WIB`, in the reader's zone."""
    if not value:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    here = zone()
    local = moment.astimezone(here)
    name = ZONES.get(here.key, local.tzname() or "") if isinstance(here, ZoneInfo) else "UTC"
    # Translators: a day, a time of day and the abbreviation of a time zone
    return _("%(day)s pukul %(time)s %(zone)s") % {
        "day": day(local.date()),
        "time": local.strftime("%H:%M" if words.is_english() else "%H.%M"),
        "zone": name,
    }


def sentence(text: str) -> str:
    """A sentence of the register's own with its days as people write them; what is no day stays as it is."""
    return _DAY_WITHIN.sub(lambda found: _day_or_text(found.group()), text)


def _day_or_text(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def told(change: Mapping[str, Any], agencies: Mapping[str, str] = NOBODY) -> list[Told]:
    """A change of the timeline (`pointer`, `before`, `after`) as facts with their labels.

    `agencies` are names by code; an agency that is not among them is told by its code.
    """
    label, member = _found(str(change["pointer"]).removeprefix("#/").split("/"))
    before, after = (dict(_flat(change[side], member, label, agencies)) for side in ("before", "after"))
    facts = list(dict.fromkeys((*before, *after)))[:MOST_VALUES]
    return [
        Told(fact, before.get(fact, ""), after.get(fact, ""))
        for fact in facts
        if before.get(fact, "") != after.get(fact, "")
    ]


def place(pointer: str) -> str:
    """What a place of the file is called; `*` stands for any member of a list."""
    return _found([name for name in pointer.removeprefix("#/").split("/") if name != "*"])[0]


def _found(tokens: Sequence[str]) -> tuple[str, FileMember | None]:
    """What that place of the file is called, and its member."""
    part: Any = CaseFile
    labels: list[str] = []
    member: FileMember | None = None
    for token in tokens:
        if token.isdigit():
            labels.append(str(int(token) + 1))
            continue
        member = _member(part, token)
        labels.append(_label(part, token))
        part = member.part if member is not None else None
    return " / ".join(filter(None, labels)), member


def _member(part: Any, name: str) -> FileMember | None:
    return None if part is None else next((one for one in members(part) if one.name == name), None)


def _label(part: Any, name: str) -> str:
    member = _member(part, name)
    if member is None:
        return name
    said = member.doc.en if words.is_english() else member.doc.id
    if not said and member.part is not None:
        indonesian, _slash, english = " ".join((member.part.__doc__ or "").split()).partition(" / ")
        said = (english or indonesian) if words.is_english() else indonesian
    # "Tenggat: tanggal setempat, untuk orang" is a heading and what it means; the heading is enough here.
    return re.split(r"[:;(]", said or OTHER.get(name, lambda: name)(), maxsplit=1)[0].strip(" .")


OTHER = {
    "submitter": lambda: str(words.PARTIES["submitter"]),
    "examiner": lambda: str(words.PARTIES["examiner"]),
    "employer": lambda: str(words.PARTIES["employer"]),
    "addressee": lambda: str(words.PARTIES["addressee"]),
    "agency": lambda: _("Instansi"),
    "unit": lambda: _("Unit"),
    "accepted_on": lambda: _("Diterima pada"),
    "received_on": lambda: _("Diterima instansi pada"),
    "closed_on": lambda: _("Ditutup pada"),
    "origin_office": lambda: _("Kantor asal"),
    "register_kind": lambda: _("Jenis register"),
    "clarified_on": lambda: _("Diklarifikasi pada"),
    "assessed_on": lambda: _("Dikaji pada"),
    "forwarded_on": lambda: _("Diteruskan pada"),
    "arrived_on": lambda: _("Sampai pada"),
    "missed_due_on": lambda: _("Tenggat yang terlewat"),
    "delivery_document": lambda: _("Bukti penyampaian"),
    "revised": lambda: _("Direvisi"),
    "code": lambda: _("Kode"),
    "text": lambda: _("Penjelasan"),
    "by": lambda: _("Oleh"),
    "held_on": lambda: _("Diadakan pada"),
    "result": lambda: _("Hasil"),
    "members": lambda: _("Peserta"),
}
"""Labels of members that the file's types leave to their schemas."""
OTHER_LISTS: Final = {"result": "verification_result"}
"""And the lists of their codes."""
SENTENCES: Final = frozenset({"reasoning_id", "reasoning_en"})
"""Members that hold a sentence of the register's own, in which days are written as in data."""
AGENCIES: Final = frozenset({*HOLDERS, "agency", "members", "origin_office", "owner", "from_agency", "to_agency"})
"""Members that hold an agency's code, or several."""


def _flat(value: Any, member: FileMember | None, label: str, agencies: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every plain value below, with its label."""
    if value is None or value in ({}, []):
        return
    if isinstance(value, Mapping):
        part = member.part if member is not None else None
        for name, inner in value.items():
            yield from _flat(inner, _member(part, name), f"{label} / {_label(part, name)}", agencies)
    elif isinstance(value, list):
        plain = [_text(item, member, agencies) for item in value if not isinstance(item, (Mapping, list))]
        if plain:
            yield label, ", ".join(plain)
        for number, item in enumerate(value, start=1):
            if isinstance(item, (Mapping, list)):
                yield from _flat(item, member, f"{label} / {number}", agencies)
    else:
        yield label, _text(value, member, agencies)


def _text(value: Any, member: FileMember | None, agencies: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    text = str(value)
    bearers = () if member is None else (member.item, member)
    for one in filter(None, bearers):
        if (of := one.mark(Code)) is not None:
            return words.code(of.list_name, text)
        if (word := one.mark(Word)) is not None:
            return str(words.OF_CODE.get(word.of, {}).get(text, text))
    if member is not None and member.name in OTHER_LISTS:
        return words.code(OTHER_LISTS[member.name], text)
    if member is not None and member.name in AGENCIES:
        return agencies.get(text, text)
    if _DAY.fullmatch(text):
        return day(text)
    if member is not None and member.name in SENTENCES:
        return sentence(text)
    if _INSTANT.fullmatch(text):
        return instant(text)
    return _NIP.sub(lambda found: nip.masked(found.group()), text)
