"""Forms that are made of shapes: the row says what it takes, and that is what is asked, in the reader's language.

A field is named by its place in the body, with dots: `decision.number`, `items.0.code`. What nobody filled in is left
out. The body is read by the same rules as a system's (`console.desk.acting`); nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from casefiles import shapes
from casefiles.shapes import Member
from console import telling, words
from console.desk import days

Typed = Mapping[str, Sequence[str]]
"""What came with the form, by name; names that the form does not have are kept, for the door to refuse."""
NOTHING: Final[Typed] = {}
LONG: Final = 500
"""Texts that may be longer are written into an area of several lines."""
MOST_ROWS: Final = 20
"""Rows of a list that are drawn; whoever needs more has a system."""


@dataclass(slots=True)
class Field:
    """One question. `kind` is text, area, day, moment, number, select or checks."""

    name: str
    pointer: str
    label: str
    hint: str
    kind: str
    required: bool
    values: list[str]
    options: Sequence[tuple[str, str]] = ()
    is_many: bool = False
    takes_null: bool = False
    is_flag: bool = False
    is_paper: bool = False
    zone: str = "UTC"
    errors: list[str] = field(default_factory=list)

    @property
    def ident(self) -> str:
        """The id of its element."""
        return "f-" + self.name.replace(".", "-").replace("_", "-")

    @property
    def value(self) -> str:
        """What was typed."""
        return self.values[0] if self.values else ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed or chosen."""
        return not any(value.strip() for value in self.values)

    @property
    def chosen(self) -> list[tuple[str, str, bool]]:
        """The options, each with whether it is chosen."""
        return [(code, label, code in self.values) for code, label in self.options]

    @property
    def is_foreign(self) -> bool:
        """Whether something was sent that is none of the options; it is shown and refused, not dropped."""
        return bool(self.options) and not self.is_many and bool(self.value) and self.value not in dict(self.options)

    def told(self) -> str:
        """What was typed, in words: for the summary."""
        labels = dict(self.options)
        values = [one for one in self._read() if one is not None]
        return ", ".join(
            labels.get(str(one).lower() if self.is_flag else str(one), "") or _in_words(one) for one in values
        )

    def json(self) -> Any:
        """The value as it stands in the body; `None` where it is null. Raises LookupError where it is left out."""
        if self.is_empty:
            if self.required and self.takes_null and not self.is_many:
                return None
            if self.is_many and self.required:
                return []
            raise LookupError(self.name)
        return self._read() if self.is_many else self._read()[0]

    def _read(self) -> list[Any]:
        if self.is_many and self.kind != "checks":
            pieces = [piece for piece in re.split(r"[,;\n]", self.value) if piece.strip()]
        else:
            pieces = [value for value in self.values if value.strip()]
        return [self._one(piece.strip()) for piece in pieces]

    def _one(self, text: str) -> Any:
        if self.kind == "day":
            return days.read(text)
        if self.kind == "moment":
            return days.read_moment(text, zone=self.zone)
        if self.kind == "number":
            return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
        if self.is_flag:
            return {"true": True, "false": False}.get(text, text)
        return text.replace("\r\n", "\n")


@dataclass(slots=True)
class Group:
    """Questions that belong together: an object of the body, or one row of a list."""

    name: str
    pointer: str
    label: str
    hint: str
    required: bool
    parts: list[Field | Group | Rows]
    errors: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing in it was filled in."""
        return all(part.is_empty for part in self.parts)

    def json(self) -> Any:
        """The object. Raises LookupError where it may be left out, and was."""
        if self.is_empty and not self.required:
            raise LookupError(self.name)
        return _object(self.parts)


@dataclass(slots=True)
class Rows:
    """A list of objects, a group for each."""

    name: str
    pointer: str
    label: str
    hint: str
    required: bool
    most: int
    parts: list[Group]
    errors: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no row was filled in."""
        return all(row.is_empty for row in self.parts)

    @property
    def may_grow(self) -> bool:
        """Whether another row may be drawn."""
        return len(self.parts) < min(self.most, MOST_ROWS)

    def json(self) -> Any:
        """The rows that were filled in. Raises LookupError where the list may be left out, and was."""
        if self.is_empty and not self.required:
            raise LookupError(self.name)
        return [row.json() for row in self.parts if not row.is_empty]


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

    parts: list[Field | Group | Rows]
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
        return {**_object(self.parts), **self.unknown}

    def typed(self) -> list[tuple[str, str]]:
        """Names and values of all that was typed, for hidden fields."""
        found = [(one.name, value) for one in self.fields() for value in one.values if value.strip()]
        return [*found, *self.unknown.items()]

    def fields(self) -> Iterator[Field]:
        """Every field, in order."""
        yield from _fields(self.parts)

    def told(self) -> list[tuple[str, str]]:
        """What was filled in, in words: label and value."""
        return list(_told(self.parts, ()))

    def complain(self, pointer: str | None, sentence: str) -> None:
        """Put what is wrong beside the field that it is about, or above the form."""
        part = _nearest(self.parts, pointer or "")
        (self.errors if part is None else part.errors).append(sentence)

    def complaints(self) -> list[tuple[str, str, str]]:
        """Id, label and sentence of everything that is wrong with a field, in order."""
        return [(one.ident, one.label, sentence) for one in self.fields() for sentence in one.errors]


def form_of(shape: type[Any], around: Around, *, without: Collection[str] = ()) -> Form:
    """The form of a shape, `without` members that nobody types."""
    parts = [_part(member, "", "#", around) for member in shapes.members(shape) if member.name not in without]
    # When it happened is asked last: most acts are told as they happen.
    parts.sort(key=lambda part: isinstance(part, Field) and part.kind == "moment" and not part.required)
    asked = {one.name for one in _fields(parts)}
    unknown = {
        name: values[-1] if values else ""
        for name, values in around.typed.items()
        if name not in asked and not _is_row_of(name, parts)
    }
    return Form(parts, unknown)


# -- drawing ----------------------------------------------------------------------------------------------------------


def _part(member: Member, prefix: str, pointer: str, around: Around) -> Field | Group | Rows:
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
    for number in range(min(count, limits.max, MOST_ROWS)):
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
        kind = "checks" if kind == "select" else kind
        hint = (
            hint
            if kind == "checks"
            else " ".join(filter(None, (hint, _("Bila lebih dari satu, pisahkan dengan koma."))))
        )
    if kind == "moment" and not member.required:
        hint = " ".join(filter(None, (hint, _("Kosongkan bila sekarang."))))
    example = None if options else _example(member)
    if example:
        hint = " ".join(filter(None, (hint, _("Contoh: %(example)s") % {"example": example})))
    values = [value for value in around.typed.get(name, ()) if value]
    return Field(
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
    )


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
        return "select", [(choice, choice) for choice in item.choices]
    if (code := item.mark(shapes.Code)) is not None:
        return "select", _codes(code.list_name)
    reference = item.mark(shapes.Ref)
    if item.base is UUID and reference is not None and reference.kind == "document":
        return "select", around.documents
    text = item.mark(shapes.Text)
    return ("area" if text is not None and text.max_length > LONG else "text"), ()


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
    return label.strip(), f"{further[0].upper()}{further[1:]}." if further else ""


def _example(member: Member) -> str:
    if member.doc is None or member.doc.example is None or member.is_object:
        return ""
    example = member.doc.example
    return ", ".join(_in_words(one) for one in (example if isinstance(example, list) else [example]))


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("Ya") if value else _("Tidak")
    text = str(value)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return telling.day(text)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}T.+", text):
            return telling.instant(text)
    except ValueError:
        pass
    return text


# -- walking ----------------------------------------------------------------------------------------------------------


def _object(parts: Sequence[Field | Group | Rows]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        try:
            found[part.pointer.rpartition("/")[2]] = part.json()
        except LookupError:
            continue
    return found


def _fields(parts: Sequence[Field | Group | Rows]) -> Iterator[Field]:
    for part in parts:
        if isinstance(part, Field):
            yield part
        else:
            yield from _fields(part.parts)


def _told(parts: Sequence[Field | Group | Rows], within: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for part in parts:
        if part.is_empty:
            continue
        if isinstance(part, Field):
            yield ": ".join((*within, part.label)), part.told()
        else:
            yield from _told(part.parts, within if isinstance(part, Rows) else (*within, part.label))


def _nearest(parts: Sequence[Field | Group | Rows], pointer: str) -> Field | None:
    """The field that the pointer names or lies within; the first one of a group that it names."""
    for one in _fields(parts):
        if pointer == one.pointer or pointer.startswith(f"{one.pointer}/"):
            return one
    return next((one for one in _fields(parts) if one.pointer.startswith(f"{pointer}/") and pointer != "#"), None)


def _is_row_of(name: str, parts: Sequence[Field | Group | Rows]) -> bool:
    """Whether the name belongs to a row of a list under the number that it had before its rows were counted anew."""
    for part in parts:
        if isinstance(part, Rows) and (found := re.fullmatch(re.escape(part.name) + r"\.\d{1,3}\.(.+)", name)):
            return bool(part.parts) and any(
                one.name.removeprefix(f"{part.parts[0].name}.") == found[1] for one in _fields(part.parts[0].parts)
            )
        if not isinstance(part, Field) and _is_row_of(name, part.parts):
            return True
    return False
