"""Bodies made of what their shapes say of themselves, for acts of which no test has a story."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from api.contract.schemas import example_of
from casefiles import shapes
from casefiles.catalogue import book
from casefiles.shapes import Member, Ref


def body_of(shape: type[Any], *, day: dt.date, document: Callable[[str], uuid.UUID]) -> Any:
    """A body with the required members alone: days are `day`, documents are drawn, the rest are the examples.

    Raises ValueError where a required member has no example.
    """
    told = example_of(shape, catalogue=book.load())
    return shape(
        **{
            member.attribute: _value(member, told[member.name], day, document)
            for member in shapes.members(shape)
            if member.required
        }
    )


def _value(member: Member, example: Any, day: dt.date, document: Callable[[str], uuid.UUID]) -> Any:
    if member.is_object:
        return body_of(member.base, day=day, document=document)
    if member.item is not None:
        return tuple(_value(member.item, one, day, document) for one in example)
    if member.base is dt.date:
        return day
    if member.base is uuid.UUID:
        return document("other") if member.mark(Ref) == Ref("document") else uuid.UUID(example)
    if member.base is dt.datetime:
        return dt.datetime.fromisoformat(example)
    return member.base(example)
