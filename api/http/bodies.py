"""From JSON to the frozen dataclasses of `casefiles.shapes`, naming everything that is wrong at once.

Every breach becomes an item of `errors[]` with a pointer to its place. The refused value is never repeated, and a
name the caller invented is repeated only where it looks like a name, so that no personal data comes back to logs.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from agencies.assertions import CLOCK_TOLERANCE
from api.http.language import Wording
from api.http.problems import MOST_ERRORS, ErrorItem, Problem
from audit.ledger import instant
from casefiles import identifiers, nip, shapes
from casefiles.catalogue import places
from casefiles.shapes import Member

T = TypeVar("T")

# A caller's clock may be fast by as much as at the token endpoint. A moment within that is taken as now.
SKEW = dt.timedelta(seconds=CLOCK_TOLERANCE)


class Catalogue(Protocol):
    """What checking a code needs of the catalogue; lists are named as there (`reasons/reject`)."""

    def codes(self, list_name: str) -> Mapping[str, Any]:
        """The rows of a list by code. Raises LookupError for a list that is not there."""
        ...

    def nearest(self, list_name: str, value: str) -> str | None:
        """The code somebody probably meant."""
        ...


@dataclass(slots=True)
class Reader:
    """Reads values of one request. `time_zone` is that of the office that calls; breaches gather in `errors`."""

    catalogue: Catalogue
    now: dt.datetime
    time_zone: str
    errors: list[ErrorItem] = field(default_factory=list)
    is_query: bool = False
    """Values are filters. They are compared by keys that leave out invisible characters, and are not stored."""

    def today(self, *, ahead: dt.timedelta = dt.timedelta(0)) -> dt.date:
        """The date where the office is, by a clock that is fast by `ahead`."""
        return (self.now + ahead).astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def is_full(self) -> bool:
        """Whether the answer has room for no more breaches. Further ones are counted, without a suggestion."""
        return len(self.errors) >= MOST_ERRORS

    def refuse(self, at: str, code: str, *, members: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """Note a breach and stand in for the value that could not be read."""
        self.errors.append(ErrorItem(code, pointer=at, params=params, members=members or {}))
        return UNREAD


class _Unread:
    """Stands where a value could not be read."""


UNREAD = _Unread()


def parse(
    shape: type[T],
    data: object,
    *,
    catalogue: Catalogue,
    now: dt.datetime,
    time_zone: str,
) -> T:
    """The body as the shape. Dates become `date`, instants aware UTC `datetime` cut to milliseconds, ids `UUID`.

    Raises Problem `invalid-body` with every breach found.
    """
    reader = Reader(catalogue=catalogue, now=now, time_zone=time_zone)
    found = read_object(reader, shape, data, "#")
    if reader.errors:
        raise Problem("invalid-body", errors=reader.errors)
    result: T = found
    return result


# -- objects and lists ------------------------------------------------------------------------------------------------


def read_object(reader: Reader, shape: type[Any], data: object, at: str) -> Any:
    """An instance of the shape, or UNREAD with the breaches noted in the reader."""
    if not isinstance(data, dict):
        return reader.refuse(at, "empty-array-for-object" if data == [] else "not-an-object")
    known = {member.name: member for member in shapes.members(shape)}
    for name in data:
        if name not in known:
            _refuse_name(reader, at, name, [free for free in known if free not in data] or list(known))
    given: dict[str, Any] = {}
    for name, member in known.items():
        if member.required and name not in data:
            reader.refuse(f"{at}/{name}", "missing-field-or-null" if member.nullable else "missing-field")
        # Many serializers write null for what is not set, so an optional field that is null was left out.
        elif member.required or data.get(name) is not None:
            given[member.attribute] = read(reader, member, data[name], f"{at}/{name}")
    for order in shapes.orders(shape):
        check_order(reader, order, given, at)
    if any(value is UNREAD for value in given.values()) or any(
        member.required and member.attribute not in given for member in known.values()
    ):
        return UNREAD
    return shape(**given)


def read(reader: Reader, member: Member, value: object, at: str) -> Any:
    """The value of one field, or UNREAD with the breaches noted in the reader."""
    if value is None:
        return None if member.nullable else reader.refuse(at, "null-not-allowed")
    if member.is_object:
        return read_object(reader, member.base, value, at)
    if member.item is not None:
        return _read_list(reader, member, member.item, value, at)
    return _read_scalar(reader, member, value, at)


def _read_list(reader: Reader, member: Member, item: Member, value: object, at: str) -> Any:
    if not isinstance(value, list):
        return reader.refuse(at, "wrong-type", wanted=_LIST)
    limits = member.mark(shapes.Items) or shapes.Items()
    if len(value) > limits.max:
        return reader.refuse(at, "too-many-items", max=limits.max)
    if len(value) < limits.min:
        return reader.refuse(at, "too-few-items", min=limits.min)
    found = [read(reader, item, element, f"{at}/{place}") for place, element in enumerate(value)]
    if limits.unique:
        for place, element in enumerate(found):
            if element is not UNREAD and element in found[:place]:
                found[place] = reader.refuse(f"{at}/{place}", "repeated-item")
    return UNREAD if any(element is UNREAD for element in found) else tuple(found)


def _refuse_name(reader: Reader, at: str, name: str, candidates: list[str]) -> None:
    if reader.is_full or not is_plain_name(name):
        reader.refuse(at, "unknown-field")
        return
    near = nearest_name(name, candidates)
    reader.refuse(f"{at}/{name}", "unknown-field", members={"did_you_mean": near} if near else {"allowed": candidates})


def is_plain_name(name: str) -> bool:
    """Whether a name may be repeated in an answer: it looks like one of ours and cannot be a NIP or a sentence."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z_-]{0,39}[0-9]{0,2}", name) is not None


def nearest_name(name: str, candidates: list[str]) -> str | None:
    """The candidate somebody probably meant, in whatever case, or with hyphens."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace("-", "_").lower()
    found = difflib.get_close_matches(snake, candidates, n=1, cutoff=0.6)
    return found[0] if found else None


# -- dates that may not run backwards ---------------------------------------------------------------------------------


def check_order(reader: Reader, order: shapes.Ascending, given: Mapping[str, Any], at: str) -> None:
    """Note each date that lies before one that the shape names earlier."""
    earlier_path: str | None = None
    latest: Any = None
    for path in order.paths:
        places = list(_places(given, path.split("/"), at))
        for pointer, day in places:
            if latest is not None and day < latest:
                reader.refuse(pointer, "out-of-order", earlier=earlier_path, day=latest.isoformat())
        if places and (latest is None or max(day for _, day in places) >= latest):
            latest = max(day for _, day in places)
            earlier_path = path.replace("/*", "").replace("/", ".")


def _places(value: Any, path: list[str], at: str) -> Iterator[tuple[str, Any]]:
    if value is None or value is UNREAD:
        return
    if not path:
        yield at, value
    elif path[0] == "*":
        for place, element in enumerate(value):
            yield from _places(element, path[1:], f"{at}/{place}")
    else:
        inner = value.get(path[0]) if isinstance(value, Mapping) else getattr(value, path[0])
        yield from _places(inner, path[1:], f"{at}/{path[0]}")


# -- scalars ----------------------------------------------------------------------------------------------------------

_LIST = Wording("daftar [...]", "a list [...]")
_TEXT = Wording("teks di antara tanda petik", "text in quotes")
_WHOLE = Wording("bilangan bulat", "a whole number")
_NUMBER = Wording("bilangan", "a number")
_FLAG = Wording("true atau false", "true or false")

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REGION = re.compile(r"[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{4})?)?)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))?"
)
# Control characters (C0 less tab and line breaks, DEL, C1) and the bidirectional overrides that make text lie.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

ONE_LINE: Final = 500
"""Texts up to this length are names, numbers and places: one line, and every character of it can be seen."""


def _read_scalar(reader: Reader, member: Member, value: object, at: str) -> Any:
    if member.base is bool:
        return value if isinstance(value, bool) else reader.refuse(at, "wrong-type", wanted=_FLAG)
    if member.base is int:
        return _read_whole(reader, member, value, at)
    if member.base is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if fits else reader.refuse(at, "wrong-type", wanted=_NUMBER)  # type: ignore[arg-type]
    if not isinstance(value, str):
        return reader.refuse(at, "wrong-type", wanted=_TEXT)
    if member.base is dt.datetime:
        return _read_instant(reader, member, value, at)
    if member.base is dt.date:
        return _read_date(reader, member, value, at)
    if member.base is UUID:
        return UUID(value) if _UUID.fullmatch(value) else reader.refuse(at, "bad-id")
    if member.choices:
        return _read_choice(reader, member, value, at)
    return _read_text(reader, member, value, at)


def _read_nip(reader: Reader, value: str, at: str, *, whole: bool) -> Any:
    try:
        return nip.read(value, whole=whole)
    except ValueError as wrong:
        return reader.refuse(at, str(wrong))


def _read_whole(reader: Reader, member: Member, value: object, at: str) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return reader.refuse(at, "wrong-type", wanted=_WHOLE)
    limits = member.mark(shapes.Between)
    if limits is not None and not limits.min <= value <= limits.max:
        return reader.refuse(at, "out-of-range", min=limits.min, max=limits.max)
    return value


def _read_choice(reader: Reader, member: Member, value: str, at: str) -> Any:
    if value not in member.choices:
        if reader.is_full:
            return reader.refuse(at, "not-among-choices")
        near = difflib.get_close_matches(value[:100], member.choices, n=1, cutoff=0.6)
        members: dict[str, Any] = {"allowed": list(member.choices)}
        return reader.refuse(at, "not-among-choices", members=({"did_you_mean": near[0]} if near else {}) | members)
    return value if member.base is str else member.base(value)


def _read_text(reader: Reader, member: Member, value: str, at: str) -> Any:
    if (code := member.mark(shapes.Code)) is not None:
        return _read_code(reader, code.list_name, value, at)
    if member.mark(shapes.AgencySlug):
        return value if len(value) <= 80 and _SLUG.fullmatch(value) else reader.refuse(at, "bad-agency-code")
    if (digits := member.mark(shapes.EighteenDigits)) is not None:
        return _read_nip(reader, value, at, whole=digits.whole)
    if member.mark(shapes.RegionDots):
        return _read_region(reader, value, at)
    if member.mark(shapes.Sha256Hex):
        return value.lower() if re.fullmatch("[0-9a-fA-F]{64}", value) else reader.refuse(at, "bad-digest")
    return _read_free_text(reader, member, value, at)


def _read_free_text(reader: Reader, member: Member, value: str, at: str) -> Any:
    text = member.mark(shapes.Text) or shapes.Text()
    if len(value) > text.max_length:
        return reader.refuse(at, "too-long", max=text.max_length)
    if not value.strip() and not text.may_be_blank:
        return reader.refuse(at, "blank")
    if text.max_length <= ONE_LINE and not reader.is_query and (unseen := identifiers.unwritable(value)) is not None:
        return reader.refuse(at, "unwritable-character", character=identifiers.code_point(unseen))
    if value.strip() and identifiers.shows_nothing(value):
        return reader.refuse(at, "blank")
    if member.mark(shapes.Identifier) and len(identifiers.number_key(value)) > text.max_length:
        return reader.refuse(at, "too-long", max=text.max_length)
    if (control := _CONTROL.search(value)) is not None:
        return reader.refuse(at, "control-character", character=identifiers.code_point(control.group()))
    if shapes.outlives(member) and not reader.is_query and identifiers.names_a_person(value):
        return reader.refuse(at, "personal-number-in-identifier")
    if text.pattern is not None and not re.fullmatch(text.pattern, value):
        return reader.refuse(at, "wrong-form")
    return value


def _read_region(reader: Reader, value: str, at: str) -> Any:
    if not _REGION.fullmatch(value) or reader.is_full:
        return reader.refuse(at, "bad-region-code")
    fault = places.unknown_region(value, pointer=at)
    if fault is None:
        return value
    members = {"href": catalogue_href("regions")} | ({"did_you_mean": fault.near} if fault.near else {})
    item = ErrorItem(fault.code, pointer=at, detail=Wording(fault.id, fault.en), members=members)
    reader.errors.append(item)
    return UNREAD


def catalogue_lists(list_name: str) -> list[str]:
    """The catalogue's own names of the lists a `Code` mark names: `a|b` joins lists, `reasons.x` is `reasons/x`."""
    return [name.replace(".", "/") for name in list_name.split("|")]


_OWN_ROUTES = {"violations", "sanctions", "reasons", "document-types", "elections", "regions"}


def catalogue_href(list_name: str) -> str:
    """Where the list can be read."""
    head = list_name.replace(".", "/").partition("/")[0]
    route = head if head in _OWN_ROUTES else "codes"
    return f"{settings.LINTAS_BASE_URL}/api/v1/catalogue/{route}"


def _read_code(reader: Reader, list_name: str, value: str, at: str) -> Any:
    lists = catalogue_lists(list_name)
    if any(value in reader.catalogue.codes(name) for name in lists):
        return value
    if reader.is_full:
        return reader.refuse(at, "unknown-code", list=" | ".join(lists))
    members: dict[str, Any] = {}
    near = next(filter(None, (reader.catalogue.nearest(name, value[:100]) for name in lists)), None)
    if near:
        members["did_you_mean"] = near
    allowed = [code for name in lists for code in reader.catalogue.codes(name)]
    if len(allowed) <= 12:
        members["allowed"] = allowed
    members["href"] = catalogue_href(lists[0])
    return reader.refuse(at, "unknown-code", members=members, list=" | ".join(lists))


# -- time -------------------------------------------------------------------------------------------------------------


def _read_date(reader: Reader, member: Member, value: str, at: str) -> Any:
    if not _DATE.fullmatch(value):
        return reader.refuse(at, "bad-date")
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return reader.refuse(at, "no-such-date")
    if not 1900 <= day.year <= 2100:
        return reader.refuse(at, "absurd-time")
    if not member.mark(shapes.NotAfterToday) or day <= (today := reader.today()):
        return day
    if day <= reader.today(ahead=SKEW):
        return today  # midnight has passed on the caller's fast clock only
    return reader.refuse(at, "in-the-future", how=_day_ahead(day, today, reader.time_zone))


def _read_instant(reader: Reader, member: Member, value: str, at: str) -> Any:
    parts = _INSTANT.fullmatch(value)
    if parts is None:
        return reader.refuse(at, "bad-instant")
    day, hour, minute, second, fraction, zulu, sign, offset_hours, offset_minutes = parts.groups()
    if not zulu and not sign:
        return reader.refuse(at, "no-time-zone")
    offset = dt.timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
    try:
        local = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(int(hour), int(minute), int(second)))
    except ValueError:
        return reader.refuse(at, "bad-instant")
    if not 1900 <= local.year <= 2100 or offset > dt.timedelta(hours=14) or int(offset_minutes or 0) > 59:
        return reader.refuse(at, "absurd-time")
    milliseconds = dt.timedelta(milliseconds=int(((fraction or "") + "000")[:3]))
    utc = (local + milliseconds - (offset if sign != "-" else -offset)).replace(tzinfo=dt.UTC)
    if not member.mark(shapes.NotAfterNow) or utc <= reader.now:
        return utc
    if utc - reader.now <= SKEW:
        return reader.now  # nothing is recorded as later than the moment that recorded it
    return reader.refuse(at, "in-the-future", how=_instant_ahead(utc - reader.now, reader.now))


def _day_ahead(day: dt.date, today: dt.date, time_zone: str) -> Wording:
    days = (day - today).days
    return Wording(
        f"{days} hari lagi. Hari ini {today.isoformat()} di zona waktu {time_zone}, zona kantor Anda",
        f"it is {days} day{'s' * (days != 1)} ahead. Today is {today.isoformat()} in {time_zone}, your office's time "
        "zone",
    )


def _instant_ahead(ahead: dt.timedelta, now: dt.datetime) -> Wording:
    by = duration(ahead)
    return Wording(
        f"{by.id} lagi menurut jam kami ({instant(now)}); selisih jam sampai {CLOCK_TOLERANCE} detik dibolehkan. "
        "Sinkronkan jam Anda (NTP), atau perbaiki selisih zonanya",
        f"it is {by.en} ahead of our clock ({instant(now)}); clocks may differ by {CLOCK_TOLERANCE} seconds. "
        "Synchronise yours (NTP), or mend the offset",
    )


_UNITS = (("hari", "day", 86_400), ("jam", "hour", 3_600), ("menit", "minute", 60), ("detik", "second", 1))


def duration(length: dt.timedelta) -> Wording:
    """A length of time in words, by its two largest units. It is rounded up to whole seconds."""
    left = math.ceil(length.total_seconds())
    parts: list[tuple[str, str]] = []
    for unit_id, unit_en, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count and len(parts) < 2:
            parts.append((f"{count} {unit_id}", f"{count} {unit_en}{'s' * (count != 1)}"))
    return Wording(" ".join(indonesian for indonesian, _ in parts), " ".join(english for _, english in parts))
