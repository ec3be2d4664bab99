"""Pages by keyset: a cursor says after which row the next page begins. Never an OFFSET, never a total by default.

A cursor reads `c1.<position>.<seal>`. The seal binds it to the list, the filters and the agency it was made for: a
cursor of another list, other filters or another agency is refused (400 `invalid-cursor`), as is a damaged one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

from api.http import queries, rendering
from api.http.problems import Problem
from api.http.queries import Paged

COUNT_CAP = 10_000
_MARK = "c1."

Position: TypeAlias = tuple[str | int, ...]
R = TypeVar("R")
Q_ = TypeVar("Q_", bound=QuerySet[Any])


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list that was asked for. Fetch `fetch` rows after `after`: one more than are shown."""

    path: str
    agency: int
    asked: Paged
    binding: str
    after: Position | None

    @property
    def fetch(self) -> int:
        """How many rows to fetch; the last one only tells that there is a next page."""
        return self.asked.limit + 1

    @property
    def counts(self) -> bool:
        """Whether the caller wants the exact count."""
        return getattr(self.asked, "count", None) == "exact"


def window(asked: Paged, *, path: str, agency: int, filters: Mapping[str, Any] | None = None) -> Window:
    """The window a request asks for. `filters` replaces those of the query where they come in a body.

    Raises Problem `invalid-cursor`.
    """
    binding = json.dumps([path, filters if filters is not None else queries.filters(asked)], sort_keys=True)
    after = None if asked.cursor is None else _opened(asked.cursor, agency=agency, binding=binding)
    return Window(path=path, agency=agency, asked=asked, binding=binding, after=after)


def page(
    rows: Sequence[R],
    *,
    of: Window,
    position: Callable[[R], Position],
    shown: Callable[[R], Any],
    count: Mapping[str, Any] | None = None,
    linked: bool = True,
    more_after: Position | None = None,
) -> dict[str, Any]:
    """The page's body. `rows` are up to `of.fetch` rows in order; `linked=False` where the filters came in a body.

    `more_after` is a position up to which was searched, where more may follow though the rows do not fill the page.
    """
    visible = rows[: of.asked.limit]
    last = position(visible[-1]) if len(rows) > len(visible) else more_after
    return {"data": [shown(row) for row in visible], **_around(of, last, count=count, linked=linked)}


def page_in_bytes(items: bytes, *, of: Window, last: Position | None, count: Mapping[str, Any] | None = None) -> bytes:
    """The page's body around a JSON list of items that was written elsewhere; `last` is given where more follow."""
    around = rendering.dumps(_around(of, last, count=count))
    return b'{"data":' + items + b"," + around[1:]


def _around(
    of: Window, last: Position | None, *, count: Mapping[str, Any] | None, linked: bool = True
) -> dict[str, Any]:
    cursor = None if last is None else _sealed(last, agency=of.agency, binding=of.binding)
    body = {"next": queries.link(of.path, of.asked, cursor) if cursor and linked else None, "next_cursor": cursor}
    return body if count is None else body | {"count": count}


def after(rows: Q_, fields: Sequence[str], position: Position | None) -> Q_:
    """The rows in the order of `fields`, beginning after `position`. A field with `-` runs downwards.

    The fields must be unique together and never null.
    """
    ordered: Q_ = rows.order_by(*fields)
    if position is None:
        return ordered
    beyond = Q()
    equal = Q()
    for name, value in zip(fields, position, strict=True):
        field, direction = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{field}__{direction}": value})
        equal &= Q(**{field: value})
    # Said once more for the planner: the index scan begins here.
    first = fields[0].removeprefix("-")
    start = Q(**{f"{first}__{'lte' if fields[0].startswith('-') else 'gte'}": position[0]})
    return ordered.filter(start, beyond)


def newest(parts: Sequence[Q_], *, of: Window) -> Q_:
    """The page's rows, newest first, of a list that is all these querysets together; a row may be in several.

    Each is read by its own index, no further than the page goes. One queryset with OR in it is read row by row, past
    all that is not asked for.
    """
    pages = [after(rows, ("-pk",), of.after) for rows in parts]
    if len(pages) == 1:
        return pages[0][: of.fetch]
    model: type[Any] = parts[0].model
    listed: Q_ = model._default_manager.filter(pk__in=_together(pages, most=of.fetch)).order_by("-pk")[: of.fetch]
    return listed


def _together(parts: Sequence[QuerySet[Any]], *, most: int) -> QuerySet[Any, Any]:
    """The ids of up to `most` rows of each part."""
    first, *others = (rows.values("pk")[:most] for rows in parts)
    return first.union(*others)


def count(*parts: QuerySet[Model] | QuerySet[Any]) -> dict[str, Any]:
    """`{"value", "capped"}`: how many rows there are in all of these querysets, counting no further than 10,000."""
    rows = _together([part.order_by() for part in parts], most=COUNT_CAP + 1)
    found = rows.count()
    return {"value": min(found, COUNT_CAP), "capped": found > COUNT_CAP}


# -- the seal ---------------------------------------------------------------------------------------------------------


def _sealed(position: Position, *, agency: int, binding: str) -> str:
    return _MARK + _signer(agency, binding).sign_object(list(position))


def _opened(cursor: str, *, agency: int, binding: str) -> Position:
    if not cursor.startswith(_MARK):
        raise Problem("invalid-cursor")
    try:
        return tuple(_signer(agency, binding).unsign_object(cursor.removeprefix(_MARK)))
    except signing.BadSignature:
        raise Problem("invalid-cursor") from None


def _signer(agency: int, binding: str) -> signing.Signer:
    """Bound to the agency and to what was asked; older cursors stay good under `SECRET_KEY_FALLBACKS`."""
    made_for = hashlib.sha256(json.dumps([agency, binding]).encode()).hexdigest()
    return signing.Signer(sep=".", salt=f"lintas.cursor.1.{made_for}")
