"""The days that bodies tell: which field of which body tells which kind of day (`chronology` says what may follow it).

A field that tells a day and stands in no table here fails a test, so that whoever adds one has to say what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from casefiles.shapes import Member, Ref, members

# A day that is computed, or granted for the time to come: it is held against the clock by its own guard, not here.
DEADLINE: Final = "deadline"


@dataclass(frozen=True, slots=True)
class Dated:
    """One day, of what kind it is, and where it stands: in the body (`given`), or in the file."""

    kind: str
    day: date
    pointer: str
    given: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """The rest of the body says of which of these kinds the day is."""

    kinds: tuple[str, ...]
    chosen: Callable[[Any], str]


KindOf: TypeAlias = str | OneOf

# What was filed, by its kind: each follows something else.
FILINGS: Mapping[str, str] = {"objection": "objected", "appeal": "appealed", "lawsuit": "sued"}
_FILED = OneOf(tuple(FILINGS.values()), lambda given: FILINGS[given.kind])
# Whoever was never the agency's officer came to the other one at any time: the file was addressed wrongly.
_MOVED = OneOf(
    ("moved", "never_there"), lambda given: "never_there" if given.reason.code == "misaddressed" else "moved"
)

DATES: Mapping[str, Mapping[str, KindOf]] = {
    "submit": {
        "violations/*/act_date": "act",
        "violations/*/act_until": "act_end",
        "known_on": "known",
        "registered_on": "registered",
        "clarification/held_on": "clarified",
        "forwarded_on": "forwarded",
    },
    "accept": {"verification/held_on": "verified"},
    "clear": {"letter/date": "outcome_letter"},
    "recommend": {"letter/date": "recommended"},
    "redirect": {"letter/date": "redirected"},
    "terminate": {"sanction/decision/date": "prior_decision"},
    "note": {"date": "noted"},
    "acknowledge": {"received_on": "received"},
    "serve": {"delivered_on": "served"},
    "dispute": {"letter/date": "disputed"},
    "uphold": {"letter/date": "answered"},
    "retract": {"letter/date": "answered"},
    "report-sanction": {
        "decision/date": "decided",
        "decision/effective_on": "effective",
        "examination/summoned_on/*": "summoned",
        "examination/examined_on": "heard",
        "delivery/delivered_on": "delivered",
    },
    "record-delivery": {"delivered_on": "delivered"},
    "require-correction": {"letter/date": "demanded"},
    "close": {"contest_waived/on": "waived"},
    "contest": {"filed_on": _FILED, "letter/date": "contest_letter"},
    "settle": {
        "decision/date": "ruled",
        "decision/effective_on": "effective",
        "delivery/delivered_on": "ruling_delivered",
    },
    "annul": {"decision/date": "ruled"},
    "record-execution": {"executed_on": "carried_out"},
    "transfer": {"moved_on": _MOVED},
    "reassign": {"letter/date": "reassigned"},
    "extend": {"until": DEADLINE, "letter/date": "office_letter"},
    "escalate": {"due_on": DEADLINE, "reached_on": DEADLINE},
    "measure": {"letter/date": "office_letter", "due_on": DEADLINE},
    "block-data": {"letter/date": "blocked"},
    "unblock-data": {"letter/date": "unblocked"},
    "merge": {"letter/date": "office_letter"},
    "absorb": {"on": DEADLINE},
    "release": {"on": DEADLINE},
    "unmerge": {"letter/date": "parted"},
    "reopen": {"letter/date": "reopened"},
    "recompute": {"old_due": DEADLINE, "new_due": DEADLINE},
    # One protocol hands over many cases, so it says nothing of one of them.
    "hand-over": {"protocol/date": "protocol"},
}


def told(row: str, given: Any) -> Iterator[Dated]:
    """The days that this body tells, deadlines apart."""
    for path, kind_of in DATES.get(row, {}).items():
        kind = kind_of.chosen(given) if isinstance(kind_of, OneOf) else kind_of
        if kind != DEADLINE:
            for pointer, day in at(given, path.split("/"), "#"):
                yield Dated(kind, day, pointer, given=True)


def kinds_of(row: str) -> tuple[str, ...]:
    """The kinds of days that a body of this row may tell, deadlines apart."""
    found = [one.kinds if isinstance(one, OneOf) else (one,) for one in DATES.get(row, {}).values()]
    return tuple(dict.fromkeys(kind for kinds in found for kind in kinds if kind != DEADLINE))


def at(value: Any, path: list[str], pointer: str) -> Iterator[tuple[str, Any]]:
    """What stands at that path of a body or a file, with its pointer; `*` is every item of a list."""
    if value is None:
        return
    if not path:
        yield pointer, value
    elif path[0] == "*":
        for place, item in enumerate(value):
            yield from at(item, path[1:], f"{pointer}/{place}")
    else:
        inner = value.get(path[0]) if isinstance(value, Mapping) else getattr(value, path[0], None)
        yield from at(inner, path[1:], f"{pointer}/{path[0]}")


def documents(given: Any) -> Iterator[tuple[str, str]]:
    """The documents that a body names, each with its pointer."""
    for member in members(type(given)):
        yield from _documents(member, getattr(given, member.attribute), f"#/{member.name}")


def _documents(member: Member, value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if member.item is not None:
        for place, item in enumerate(value):
            yield from _documents(member.item, item, f"{pointer}/{place}")
    elif member.is_object:
        for inner in members(member.base):
            yield from _documents(inner, getattr(value, inner.attribute), f"{pointer}/{inner.name}")
    elif (mark := member.mark(Ref)) is not None and mark.kind == "document":
        yield pointer, str(value)


def names_documents(shape: type[Any]) -> bool:
    """Whether a body of that shape may name a document."""
    return any(_names_documents(member) for member in members(shape))


def _names_documents(member: Member) -> bool:
    if member.item is not None:
        return _names_documents(member.item)
    if member.is_object:
        return names_documents(member.base)
    mark = member.mark(Ref)
    return mark is not None and mark.kind == "document"


def day_fields(shape: type[Any], prefix: str = "") -> Iterator[str]:
    """The path of every field of a shape that holds a day, as the table names it."""
    for member in members(shape):
        yield from _day_fields(member, f"{prefix}{member.name}")


def _day_fields(member: Member, path: str) -> Iterator[str]:
    if member.item is not None:
        yield from _day_fields(member.item, f"{path}/*")
    elif member.is_object:
        yield from day_fields(member.base, f"{path}/")
    elif member.base is date:
        yield path
