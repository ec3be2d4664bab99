"""Forms that are made of shapes: the row says what it takes, and that is what is asked, in the reader's language.

A field is named by its place in the body, with dots: `decision.number`, `items.0.code`. What nobody filled in is left
out. The body is read by the same rules as a system's (`console.desk.acting`); nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from agencies import regions
from casefiles import shapes
from casefiles.shapes import Member
from console import telling, words
from console.desk import choosing
from console.desk.choosing import Found, Row
from console.desk.fields import (
    MOST_ROWS,
    SEARCHED,
    Field,
    Group,
    Part,
    Rows,
    body_of,
    fields_of,
    in_words,
    is_row_of,
    nearest,
    told_of,
)
from console.desk.plain import LABELS, Language
from console.desk.wording import for_people

Typed = Mapping[str, Sequence[str]]
"""What came with the form, by name; names that the form does not have are kept, for the door to refuse."""
NOTHING: Final[Typed] = {}
LONG: Final = 500
"""Texts that may be longer are written into an area of several lines."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a form needs besides the shape: the documents that may be named, the office's time zone, and what was typed.

    `grows` is the name of the list that is to get one row more.
    """

    documents: Sequence[tuple[str, str]]
    zone: str
    typed: Typed = field(default_factory=dict)
    grows: str = ""


@dataclass(slots=True)
class Form:
    """The questions of a shape, with what was typed and what is wrong with it."""

    parts: list[Part]
    unknown: dict[str, str]
    """What came and was not asked for."""
    errors: list[str] = field(default_factory=list)
    """What is wrong and stands beside no field."""

    @property
    def asks_for_papers(self) -> bool:
        """Whether a document may be named in it."""
        return any(one.is_paper for one in self.fields())

    def body(self) -> dict[str, Any]:
        """The body as a system would send it."""
        return {**body_of(self.parts), **self.unknown}

    def typed(self) -> list[tuple[str, str]]:
        """Names and values of all that was typed, for hidden fields."""
        found = [(one.name, value) for one in self.fields() for value in one.values if value.strip()]
        return [*found, *self.unknown.items()]

    def fields(self) -> Iterator[Field]:
        """Every field, in order."""
        yield from fields_of(self.parts)

    def recognise(self, named: Callable[[Collection[str]], Found]) -> None:
        """Ask once who is meant by everything that was typed where an agency is asked for."""
        fields = [one for one in self.fields() if one.kind == "agency" and not one.is_empty]
        texts = {text for one in fields for text in choosing.texts_in(one.values, is_many=one.is_many)}
        if texts:
            found = named(texts)
            for one in fields:
                one.recognise(found)

    def lists(self) -> list[tuple[str, list[str]]]:
        """The lists that the page offers with its boxes, each once: id and what may be chosen."""
        offered = {one.list_id: one.options for one in self.fields() if one.list_id}
        return [(ident, [choosing.shown(*row) for row in rows]) for ident, rows in offered.items()]

    def told(self) -> list[tuple[str, str]]:
        """What was filled in, in words: label and value."""
        return list(told_of(self.parts, ()))

    def complain(self, pointer: str | None, sentence: str) -> None:
        """Put what is wrong beside the field that it is about, or above the form."""
        part = nearest(self.parts, pointer or "")
        if part is None:
            self.errors.append(sentence)
        else:
            # Which names fit says more than that the code is unknown.
            part.errors = [*part.doubts] or [*part.errors, sentence]

    def complaints(self) -> list[tuple[str, str, str]]:
        """Id, label and sentence of everything that is wrong with a field, in order."""
        return [(one.ident, one.label, sentence) for one in self.fields() for sentence in one.errors]


def form_of(shape: type[Any], around: Around, *, without: Collection[str] = ()) -> Form:
    """The form of a shape, `without` members that nobody types."""
    parts = [_part(member, "", "#", around) for member in shapes.members(shape) if member.name not in without]
    # When it happened is asked last: most acts are told as they happen.
    parts.sort(key=lambda part: isinstance(part, Field) and part.kind == "moment" and not part.required)
    asked = {one.name for one in fields_of(parts)}
    unknown = {
        name: values[-1] if values else ""
        for name, values in around.typed.items()
        if name not in asked and not is_row_of(name, parts)
    }
    return Form(parts, unknown)


# -- drawing ----------------------------------------------------------------------------------------------------------


def _part(member: Member, prefix: str, pointer: str, around: Around) -> Part:
    name, at = f"{prefix}{member.name}", f"{pointer}/{member.name}"
    if member.is_object:
        label, hint = _label(member)
        parts = [_part(one, f"{name}.", at, around) for one in shapes.members(member.base)]
        return Group(name, at, label, hint, member.required and not member.nullable, parts)
    if member.item is not None and member.item.is_object:
        return _rows(member, member.item, name, at, around)
    return _field(member, name, at, around)


def _rows(member: Member, item: Member, name: str, at: str, around: Around) -> Rows:
    label, hint = _label(member)
    limits = member.mark(shapes.Items) or shapes.Items()
    filled = _filled_rows(name, around.typed)
    count = max(len(filled), limits.min, 1) + (around.grows == name)
    rows = []
    # Rows that were filled in are drawn, however many came: the door refuses what is too much, and nothing is dropped.
    for number in range(max(len(filled), min(count, limits.max, MOST_ROWS))):
        typed = around.typed
        if number < len(filled) and filled[number] != number:
            old, new = f"{name}.{filled[number]}.", f"{name}.{number}."
            typed = {new + key.removeprefix(old): value for key, value in typed.items() if key.startswith(old)}
        elif number >= len(filled):
            typed = NOTHING
        place = Around(around.documents, around.zone, typed, around.grows)
        parts = [_part(one, f"{name}.{number}.", f"{at}/{number}", place) for one in shapes.members(item.base)]
        rows.append(Group(f"{name}.{number}", f"{at}/{number}", f"{label} {number + 1}", "", False, parts))
    return Rows(name, at, label, hint, member.required, limits.max, rows)


def _filled_rows(name: str, typed: Typed) -> list[int]:
    """The numbers of the rows in which something was typed, in order."""
    pattern = re.compile(re.escape(name) + r"\.(\d{1,3})\..+")
    return sorted(
        {
            int(matched[1])
            for key, values in typed.items()
            if (matched := pattern.fullmatch(key)) and any(value.strip() for value in values)
        }
    )


def _field(member: Member, name: str, at: str, around: Around) -> Field:
    label, hint = _label(member)
    item = member.item or member
    kind, options = _kind(item, around)
    is_many = member.item is not None
    if is_many:
        kind = "checks" if kind in {"select", "search"} else kind
        if kind not in {"checks", "agency"}:
            hint = " ".join(filter(None, (hint, _("Bila lebih dari satu, pisahkan dengan koma."))))
    if kind == "moment" and not member.required:
        hint = " ".join(filter(None, (hint, _("Kosongkan bila sekarang."))))
    example = None if options else _example(member)
    if kind in SEARCHED:
        hint = " ".join(filter(None, (hint, _search_hint(kind, is_many=is_many))))
    if example:  # the last, because it has no full stop
        hint = " ".join(filter(None, (hint, _("Contoh: %(example)s") % {"example": example})))
    values = [value for value in around.typed.get(name, ()) if value]
    question = Field(
        name=name,
        pointer=at,
        label=label,
        hint=hint,
        kind=kind,
        required=member.required,
        values=values,
        options=options,
        is_many=is_many,
        takes_null=member.nullable,
        is_flag=item.base is bool,
        is_paper=(reference := item.mark(shapes.Ref)) is not None and reference.kind == "document",
        zone=around.zone,
        list_name=_list_of(item),
    )
    if kind == "search" and not question.is_empty:
        question.recognise({value: choosing.fitting(value, options) for value in values})
    return question


def _list_of(item: Member) -> str:
    code = item.mark(shapes.Code)
    return re.sub(r"[^a-z0-9]+", "-", code.list_name) if code is not None else "regions"


def _search_hint(kind: str, *, is_many: bool) -> str:
    if kind == "search":
        return _("Tulis sebagian namanya atau kodenya.")
    if is_many:
        return _("Tulis nama, nama lama, atau kodenya; bila lebih dari satu, pisahkan dengan titik koma.")
    return _("Tulis nama, nama lama, atau kodenya.")


def _kind(item: Member, around: Around) -> tuple[str, Sequence[tuple[str, str]]]:
    if item.base is bool:
        return "select", [("true", _("Ya")), ("false", _("Tidak"))]
    if item.base is date:
        return "day", ()
    if item.base is datetime:
        return "moment", ()
    if item.base is int:
        return "number", ()
    if item.choices:
        return "select", [
            (choice, telling.place(choice) if choice.startswith("#/") else choice) for choice in item.choices
        ]
    if (code := item.mark(shapes.Code)) is not None:
        rows = _codes(code.list_name)
        return ("search" if len(rows) > choosing.LONG else "select"), rows
    if item.mark(shapes.AgencySlug):
        return "agency", ()
    if item.mark(shapes.RegionDots):
        return "search", _regions()
    reference = item.mark(shapes.Ref)
    if item.base is UUID and reference is not None and reference.kind == "document":
        return "select", around.documents
    text = item.mark(shapes.Text)
    return ("area" if text is not None and text.max_length > LONG else "text"), ()


def _regions() -> list[Row]:
    return [(code, words.spelt(region.name)) for code, region in regions.load().items()]


def _codes(list_name: str) -> list[tuple[str, str]]:
    """Codes and labels of the catalogue's lists; `a|b` joins lists, `reasons.x` is `reasons/x`."""
    lists = [name.replace(".", "/") for name in list_name.split("|")]
    return list(dict(choice for name in lists for choice in words.choices(name)).items())


def _label(member: Member) -> tuple[str, str]:
    """What the field is called, and what its documentation says further."""
    if member.doc is None:
        return member.name, ""
    text = member.doc.en if words.is_english() else member.doc.id
    label, _semicolon, further = text.partition(";")
    further = further.strip()
    hint = f"{further[0].upper()}{further[1:]}." if further else ""
    language: Language = "en" if words.is_english() else "id"
    if said := LABELS.get(member.doc.id.partition(";")[0].strip()):
        return said[language], for_people(hint, language) if hint else ""
    return for_people(label.strip(), language), for_people(hint, language) if hint else ""


def _example(member: Member) -> str:
    if member.doc is None or member.doc.example is None or member.is_object:
        return ""
    example = member.doc.example
    return ", ".join(in_words(one) for one in (example if isinstance(example, list) else [example]))
