"""Query parameters, declared as shapes and read strictly: what is not declared is refused, never ignored.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class CasefileList(Counted):
        state: Annotated[tuple[Annotated[str, Code("state")], ...], Items(1, 20)] = ()
        overdue: bool | None = None

Several values are separated by commas, booleans are `true` or `false`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote_to_bytes, urlencode

from agencies.models import Agency
from api.http import bodies
from api.http.bodies import UNREAD, Catalogue, Reader
from api.http.problems import ErrorItem, Problem
from api.http.rendering import instant
from casefiles import personal_numbers, references, shapes
from casefiles.shapes import Between, Doc, Member, Text

T = TypeVar("T")

DEFAULT_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NoQuery:
    """A call without query parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A call that creates or transitions."""

    validate_only: Annotated[
        bool,
        Doc(
            id="true: periksa semuanya, simpan tidak satu pun",
            en="true: check everything, store nothing",
            example=True,
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """A list, page by page."""

    limit: Annotated[int, Between(1, 500), Doc(id="Butir per halaman", en="Items per page", example=100)] = (
        DEFAULT_LIMIT
    )
    cursor: (
        Annotated[str, Text(1000), Doc(id="next_cursor halaman sebelumnya", en="next_cursor of the page before")] | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Paged):
    """A list that also counts, when asked: up to 10,000."""

    count: (
        Annotated[Literal["exact"], Doc(id="Hitung juga jumlahnya (sampai 10.000)", en="Count, too (up to 10,000)")]
        | None
    ) = None


# Not part of what a cursor is bound to, nor repeated in `next` but for the limit.
PAGING = frozenset({"limit", "cursor", "count"})


def parse(
    shape: type[T],
    query_string: str,
    *,
    catalogue: Catalogue,
    now: dt.datetime,
    time_zone: str,
) -> T:
    """The query as the shape. Raises Problem `invalid-query` with every breach found, each naming its parameter."""
    reader = Reader(catalogue=catalogue, now=now, time_zone=time_zone, is_query=True)
    known = {member.name: member for member in shapes.members(shape)}
    errors: list[ErrorItem] = []
    given: dict[str, Any] = {}
    seen: set[str] = set()
    for name, value in _pairs(query_string, errors):
        member = known.get(name)
        if member is None:
            errors.append(_unknown(name, list(known)))
            continue
        if name in seen:
            errors.append(ErrorItem("repeated-parameter", parameter=name))
            continue
        seen.add(name)
        given[member.attribute] = _read(reader, member, value)
    for order in shapes.orders(shape):
        bodies.check_order(reader, order, given, "#")
    errors += [
        ErrorItem("missing-field", parameter=name)
        for name, member in known.items()
        if member.required and name not in seen
    ]
    errors += [
        dataclasses.replace(item, pointer=None, parameter=(item.pointer or "").removeprefix("#/").partition("/")[0])
        for item in reader.errors
    ]
    if errors:
        raise Problem("invalid-query", errors=errors[:50])
    return shape(**given)


# Words that stand where a filter takes an agency: the caller, and whoever it may be.
_NO_AGENCY = frozenset({"me", "any"})


def refuse_unknown_agencies(asked: object, *, in_body: bool = False) -> None:
    """Refuse filters that name an unknown agency. Else the caller would take an empty list for the truth.

    Raises Problem `invalid-query` (`invalid-body`) with the nearest code of each. One statement where agencies are
    named, else none.
    """
    named = [(pointer, code) for pointer, code in references.agencies(asked) if code not in _NO_AGENCY]
    if not named:
        return
    known = set(Agency.objects.filter(code__in={code for _, code in named}).values_list("code", flat=True))
    unknown = [(pointer, code) for pointer, code in named if code not in known]
    if not unknown:
        return
    codes = list(Agency.objects.order_by("code").values_list("code", flat=True))
    items = []
    for pointer, code in unknown:
        near = difflib.get_close_matches(code, codes, n=1)
        items.append(
            ErrorItem(
                "unknown-agency",
                pointer=pointer if in_body else None,
                parameter=None if in_body else pointer.removeprefix("#/"),
                members={"did_you_mean": near[0]} if near else {},
            )
        )
    raise Problem("invalid-body" if in_body else "invalid-query", errors=items)


def filters(asked: object) -> dict[str, str]:
    """What was asked beyond paging, as it would be written in a query; empty members are left out."""
    found: dict[str, str] = {}
    for member in shapes.members(type(asked)):
        value = getattr(asked, member.attribute)
        if member.name not in PAGING and value is not None and value != member.default:
            found[member.name] = _written(value)
    return found


def link(path: str, asked: Paged, cursor: str) -> str:
    """The address of the next page: the same filters and limit, and the cursor."""
    query = filters(asked)
    if asked.limit != DEFAULT_LIMIT:
        query["limit"] = str(asked.limit)
    return f"{path}?{urlencode(query | {'cursor': cursor}, safe=',:')}"


def _pairs(query_string: str, errors: list[ErrorItem]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for part in query_string.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        decoded = _decoded(name), _decoded(value)
        if decoded[0] is None or decoded[1] is None:
            named = decoded[0] if decoded[0] and bodies.is_plain_name(decoded[0]) else None
            errors.append(ErrorItem("bad-encoding", parameter=named))
        else:
            pairs.append((decoded[0], decoded[1]))
    return pairs


def _decoded(text: str) -> str | None:
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        return None
    try:
        decoded = unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        return None
    return None if "\x00" in decoded else decoded


def _unknown(name: str, known: list[str]) -> ErrorItem:
    plain = name.partition("[")[0]
    if "[" in name and plain in known:
        return ErrorItem("array-spelling", parameter=plain, params={"name": plain})
    if not bodies.is_plain_name(name):
        return ErrorItem("unknown-parameter", members={"allowed": known})
    near = bodies.nearest_name(name, known)
    return ErrorItem(
        "unknown-parameter", parameter=name, members={"did_you_mean": near} if near else {"allowed": known}
    )


def _read(reader: Reader, member: Member, text: str) -> Any:
    if not text.strip():
        return reader.refuse(member.name, "empty-parameter")
    if member.name not in PAGING and personal_numbers.is_or_could_be_in(text):
        return reader.refuse(member.name, "personal-number-in-query")
    if member.item is not None:
        item = member.item
        texts = text.split(",")
        cast = [_cast(reader, item, text, member.name) for text in texts]
        return UNREAD if UNREAD in cast else bodies.read(reader, member, cast, member.name)
    value = _cast(reader, member, text, member.name)
    return UNREAD if value is UNREAD else bodies.read(reader, member, value, member.name)


def _cast(reader: Reader, member: Member, text: str, name: str) -> Any:
    """The text as the JSON value it would be in a body."""
    if member.base is bool:
        return (
            {"true": True, "false": False}.get(text) if text in {"true", "false"} else reader.refuse(name, "not-a-flag")
        )
    if member.base is int:
        if re.fullmatch("-?[0-9]{1,15}", text):
            return int(text)
        limits = member.mark(Between) or Between(0, 2**53 - 1)
        return reader.refuse(name, "out-of-range", min=limits.min, max=limits.max)
    if member.base is dt.datetime and re.search(r" [0-9]{2}:[0-9]{2}$", text):
        return reader.refuse(name, "blank-for-plus")
    return text


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(_written(part) for part in value)
    if isinstance(value, dt.datetime):
        return instant(value)
    return str(value)
