"""The parts of a casefile as answers show them: derived from the types of the file, but for what `Differs` says.

`part` describes one part and remembers it. From what it remembers follow the components of the OpenAPI document, the
order in which an answer writes the members of a part (`MEMBERS`), and what a page of casefiles leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from api.contract.responses.grammar import (
    Optional,
    Schema,
    code,
    component,
    day,
    digest,
    flag,
    ident,
    instant,
    many,
    maybe,
    number,
    object_of,
    optional,
    pointer,
    text,
    word,
)
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.rows import CERTAINTIES, Phase, Purpose
from casefiles.file.marks import AtLeast, Form, MayLack, NotInLists, Seldom, Word
from casefiles.file.reading import FileMember, members
from casefiles.flow import OutcomeName, Party, State
from casefiles.flow.corrections import FactName
from casefiles.shapes import Code, Doc

CONTESTS = ("objection", "appeal", "lawsuit")
WORDS: dict[str, tuple[str, ...]] = {
    "states": tuple(State),
    "parties": tuple(Party),
    "purposes": get_args(Purpose),
    "outcomes": get_args(OutcomeName),
    "facts": get_args(FactName),
    "certainties": CERTAINTIES,
    "phases": get_args(Phase),
    "contests": CONTESTS,
    "superseding": ("correction", *CONTESTS),
    "rulings": (*load_catalogue().codes("reasons/settle"), "annulled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """A member that an answer shows and the file holds otherwise (`instead_of`) or lacks (it stands `after`).

    What comes first stands after nothing. `in_lists` says whether a page of casefiles shows it.
    """

    name: str
    schema: Schema | Optional
    instead_of: tuple[str, ...] = ()
    after: str = ""
    in_lists: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A member as an answer writes it; of a part or a list of parts, which one."""

    name: str
    part: Any = None
    is_list: bool = False
    may_lack: bool = False
    in_lists: bool = True


# By part, in order; filled as the chapters are read.
MEMBERS: dict[Any, tuple[Shown, ...]] = {}
_NAMED: dict[Any, Schema] = {}


def part(name: str, of: Any, *differs: Differs) -> Schema:
    """The component of that name for a part of the file; returns the reference to it."""
    reference = component(name, described(of, *differs))
    _NAMED[of] = reference
    return reference


def described(of: Any, *differs: Differs) -> Schema:
    """A part of the file, or the whole, as an answer shows it."""
    shown = _with_differences(of, differs)
    MEMBERS[of] = tuple(member for member, _ in shown)
    return object_of(
        " ".join((of.__doc__ or "").split()).rstrip("."), **{member.name: schema for member, schema in shown}
    )


@cache
def not_in_lists(of: Any) -> frozenset[str]:
    """The members of a part that a page of casefiles leaves out. Its chapter has been read."""
    return frozenset(member.name for member in MEMBERS[of] if not member.in_lists)


def _with_differences(of: Any, differs: Iterable[Differs]) -> list[tuple[Shown, Schema | Optional]]:
    otherwise = {name: difference for difference in differs for name in difference.instead_of[:1]}
    silent = {name for difference in differs for name in difference.instead_of[1:]}
    shown: list[tuple[Shown, Schema | Optional]] = []
    for member in members(of):
        if difference := otherwise.get(member.name):
            shown.append((_otherwise(difference), difference.schema))
        elif member.shown and member.name not in silent:
            shown.append((_as_held(member), optional(_schema(member)) if member.mark(MayLack) else _schema(member)))
    for difference in differs:
        if not difference.instead_of:
            names = [member.name for member, _ in shown]
            place = names.index(difference.after) + 1 if difference.after else 0
            shown.insert(place, (_otherwise(difference), difference.schema))
    return shown


def _otherwise(difference: Differs) -> Shown:
    may_lack = isinstance(difference.schema, Optional)
    return Shown(difference.name, may_lack=may_lack, in_lists=difference.in_lists)


def _as_held(member: FileMember) -> Shown:
    return Shown(
        member.name,
        part=member.part,
        is_list=member.item is not None and not member.nullable,
        may_lack=member.mark(MayLack) is not None,
        in_lists=member.mark(NotInLists) is None,
    )


def _schema(member: FileMember) -> Schema:
    if member.item is not None:
        schema = many(_schema(member.item), _spoken(member.doc), example=member.doc.example)
    elif member.part is not None:
        schema = _NAMED[member.part] if member.part in _NAMED else described(member.part)
    else:
        schema = _scalar(member)
    if not member.nullable:
        return schema
    holds_others = member.item is not None or member.part is not None
    in_examples = member.mark(Seldom) is None if holds_others else member.doc.example is not None
    return maybe(schema, shown=in_examples)


def _spoken(doc: Doc) -> str:
    return doc.id if doc.id == doc.en else f"{doc.id} / {doc.en}"


def _scalar(member: FileMember) -> Schema:
    doc, example = _spoken(member.doc), member.doc.example
    form, listed, words = member.mark(Form), member.mark(Code), member.mark(Word)
    if listed is not None:
        return code(doc, listed.list_name, example or next(iter(load_catalogue().codes(listed.list_name))))
    if words is not None:
        return word(doc, WORDS[words.of], example or WORDS[words.of][0])
    if member.base is bool:
        return flag(doc, example=example)
    if member.base is int:
        least = member.mark(AtLeast)
        return number(doc, example, least=least.min if least else 0)
    if form is None:
        return text(doc, example)
    make: Any = {"date": day, "instant": instant, "id": ident, "digest": digest, "pointer": pointer}[form.name]
    schema: Schema = make(doc) if example is None and form.name in {"id", "instant", "digest"} else make(doc, example)
    return schema
