"""The questions of a form: fields, groups and lists of groups, with what was typed and what it is in a body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext as _

from console import telling
from console.desk import choosing, days
from console.desk.choosing import Found

SEARCHED: Final = frozenset({"search", "agency"})
MOST_ROWS: Final = 20
"""Rows of a list that are drawn; whoever needs more has a system."""


@dataclass(slots=True)
class Field:
    """One question. `kind` is text, area, day, moment, number, select, checks, search or agency.

    The last two are boxes in which a row of a long list is named (`choosing`); `values` are its code once it is
    recognised.
    """

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
    list_name: str = ""
    doubts: list[str] = field(default_factory=list)
    """What fits several rows, or none: told where the door refuses it."""
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

    @property
    def shown(self) -> str:
        """What stands in the box: what was typed, or the label and code of the row that was recognised."""
        labels = dict(self.options)
        return "; ".join(choosing.shown(value, labels.get(value)) for value in self.values)

    @property
    def list_id(self) -> str:
        """The id of the list that the page offers with the box; empty where it offers none."""
        if self.kind not in SEARCHED or not 0 < len(self.options) <= choosing.OFFERED:
            return ""
        return f"d-{self.ident}" if self.kind == "agency" else f"d-{self.list_name}"

    def recognise(self, found: Found) -> None:
        """Put codes in the place of what names one row each; note what does not."""
        settled: list[str] = []
        rows = dict(self.options)
        for text in choosing.parted(self.values, found, is_many=self.is_many):
            fits = found.get(text, ())
            if len(fits) == 1:
                settled.append(fits[0][0])
            else:
                settled.append(text)
                if not re.fullmatch(r"[\d.]+", text):  # a village is no row of the list of regions
                    self.doubts.append(choosing.doubt(text, fits))
            rows.update(fits[: choosing.OFFERED])
        self.values = settled
        self.options = list(rows.items()) if self.kind == "agency" else self.options

    def told(self) -> str:
        """What was typed, in words: for the summary. A text is shown as it is, also where it looks like a day."""
        labels = dict(self.options)
        values = [one for one in self._read() if one is not None]
        spoken = in_words if self.kind in {"day", "moment"} else str
        return ", ".join(
            labels.get(str(one).lower() if self.is_flag else str(one), "") or spoken(one) for one in values
        )

    def json(self) -> Any:
        """The value as it stands in the body; `None` where it is null. Raises LookupError where it is left out."""
        if self.is_empty:
            if self.required and self.takes_null and not self.is_many:
                return None
            if self.is_many and self.required:
                return []
            raise LookupError(self.name)
        read = self._read()
        # A question that came with several answers is not answered with the first of them: the door refuses a list.
        return read if self.is_many or len(read) > 1 else read[0]

    def _read(self) -> list[Any]:
        if self.is_many and self.kind != "checks":
            pieces = [piece for value in self.values for piece in re.split(r"[,;\n]", value) if piece.strip()]
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
        return body_of(self.parts)


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


Part: TypeAlias = Field | Group | Rows


def in_words(value: Any) -> str:
    """A value of a body as people read it."""
    if isinstance(value, bool):
        return _("Ya") if value else _("Tidak")
    text = str(value)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return telling.day(text)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}T.+", text):
            return telling.instant(text)
    except (ValueError, OverflowError):  # no day of the calendar, or one at its very end
        pass
    return text


# -- walking ----------------------------------------------------------------------------------------------------------


def body_of(parts: Sequence[Part]) -> dict[str, Any]:
    """The object that the questions make; what was left out is left out."""
    found: dict[str, Any] = {}
    for part in parts:
        try:
            found[part.pointer.rpartition("/")[2]] = part.json()
        except LookupError:
            continue
    return found


def fields_of(parts: Sequence[Part]) -> Iterator[Field]:
    """Every field among them, in order."""
    for part in parts:
        if isinstance(part, Field):
            yield part
        else:
            yield from fields_of(part.parts)


def told_of(parts: Sequence[Part], within: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What was filled in, in words: label, with those of the groups around it, and value."""
    for part in parts:
        if part.is_empty:
            continue
        if isinstance(part, Field):
            yield ": ".join((*within, part.label)), part.told()
        else:
            yield from told_of(part.parts, within if isinstance(part, Rows) else (*within, part.label))


def nearest(parts: Sequence[Part], pointer: str) -> Field | None:
    """The field that the pointer names or lies within; the first one of a group that it names."""
    for one in fields_of(parts):
        if pointer == one.pointer or pointer.startswith(f"{one.pointer}/"):
            return one
    return next((one for one in fields_of(parts) if one.pointer.startswith(f"{pointer}/") and pointer != "#"), None)


def is_row_of(name: str, parts: Sequence[Part]) -> bool:
    """Whether the name belongs to a row of a list under the number that it had before its rows were counted anew."""
    for part in parts:
        if isinstance(part, Rows) and (found := re.fullmatch(re.escape(part.name) + r"\.\d{1,3}\.(.+)", name)):
            return bool(part.parts) and any(
                one.name.removeprefix(f"{part.parts[0].name}.") == found[1] for one in fields_of(part.parts[0].parts)
            )
        if not isinstance(part, Field) and is_row_of(name, part.parts):
            return True
    return False
