"""The language in which we say what a request may carry: frozen dataclasses whose fields bear marks.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Letter:
        number: Annotated[str, Text(100), Doc(id="Nomor surat", en="Letter number", example="B-12/KASN/2024")]
        date: Annotated[Date, NotAfterToday()]
        document: DocumentId | None = None

A field without a default is required, `tuple[X, ...]` is a list, a dataclass is an object, and `Literal[...]` or an
enumeration is a closed choice. An optional field takes null as absent; a required one takes null only where it is
written `X | None`, and there null means something that leaving it out does not. The door reads these shapes to check
bodies and queries and to write the OpenAPI document; the flow uses them to say what a transition takes. Nothing here
knows HTTP or a database.
A trailing underscore is not part of the name outside (`from_` is `from`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import types
import typing
from dataclasses import MISSING, dataclass
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union
from uuid import UUID

# -- marks ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doc:
    """What the field means, in both languages, and an example value as it looks in JSON."""

    id: str
    en: str
    example: Any = None


@dataclass(frozen=True, slots=True)
class Text:
    """Text of 1 to `max_length` characters (line breaks and tabs allowed); `pattern` must match the whole text."""

    max_length: int = 4000
    pattern: str | None = None
    may_be_blank: bool = False


@dataclass(frozen=True, slots=True)
class Identifier:
    """Beside `Text`: a number or code by which a paper or case is found (`casefiles.identifiers`).

    No character in it is one that nobody can write down, and as it is compared it is no longer than the text may be.
    It is `Lasting`, too: papers and cases outlive what they say of a person.
    """


@dataclass(frozen=True, slots=True)
class Lasting:
    """Beside `Text`: it stays when content is erased, so that no NIP and no NIK may stand in it.

    Refused are 16 or 18 digits that could be one, together or in groups (`casefiles.personal_numbers`). No numbering of
    an office is known that needs them: registers, letters, decrees and courts count in at most ten digits and separate
    the rest by letters and slashes, SIASN's ids are UUIDs, and a NUPTK (16 digits) is a teacher's own number.
    """


@dataclass(frozen=True, slots=True)
class Code:
    """A code from a list of the catalogue, for example `Code("sanctions")` or `Code("reasons.reject")`."""

    list_name: str


@dataclass(frozen=True, slots=True)
class Items:
    """How many items a list holds; `unique` refuses the same item twice."""

    min: int = 0
    max: int = 100
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number from `min` to `max`, both included."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class NotAfterToday:
    """A date that is not after today in the time zone of the office that calls."""


@dataclass(frozen=True, slots=True)
class NotAfterNow:
    """An instant that is not after the moment of the request."""


@dataclass(frozen=True, slots=True)
class AgencySlug:
    """The code of an agency: a slug, opaque, never parsed."""


@dataclass(frozen=True, slots=True)
class EighteenDigits:
    """A NIP: 18 digits; blanks, dots, hyphens and a leading apostrophe are dropped on the way in (`casefiles.nip`).

    `whole` refuses what cannot be: a birth date, a month of appointment or a sex that no NIP has.
    """

    whole: bool = False


@dataclass(frozen=True, slots=True)
class RegionDots:
    """A region code of the Ministry of Home Affairs: `13`, `13.71`, `13.71.01` or `13.71.01.1001`."""


@dataclass(frozen=True, slots=True)
class Sha256Hex:
    """A SHA-256 digest as 64 hexadecimal digits, kept in lower case."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The id (UUID) of a thing of this kind, for example a document of the caller."""

    kind: str


@dataclass(frozen=True, slots=True)
class Ascending:
    """Dates that may not run backwards, earliest first; `violations/*/act_date` reaches into the items of a list.

    A shape lists them in a class variable: `orders: ClassVar[tuple[Ascending, ...]] = (Ascending("a", "b"),)`.
    """

    paths: tuple[str, ...]

    def __init__(self, *paths: str) -> None:
        object.__setattr__(self, "paths", paths)


AgencyCode: TypeAlias = Annotated[str, AgencySlug()]
DocumentId: TypeAlias = Annotated[UUID, Ref("document")]
Date: TypeAlias = dt.date
Instant: TypeAlias = dt.datetime
# Whoever a case is about is found by the NIP that their agency has for them, and real ones hold wrong dates: what is
# doubtful in it is warned about. Of an official who decides or receives the register knows no more than the NIP says.
Nip: TypeAlias = Annotated[str, EighteenDigits()]
OfficialNip: TypeAlias = Annotated[str, EighteenDigits(whole=True)]
RegionCode: TypeAlias = Annotated[str, RegionDots()]
Sha256: TypeAlias = Annotated[str, Sha256Hex()]
Number: TypeAlias = Annotated[int, Between(1, 1_000_000)]
# How well a row of the law, or whatever is read off a number, is founded (`casefiles.catalogue.rows`).
Certainty: TypeAlias = Literal["seen", "code", "memory", "proposal"]

# -- reading a shape --------------------------------------------------------------------------------------------------

Base: TypeAlias = type[Any]
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a shape, taken apart.

    `base` is str, int, bool, float, date, datetime, UUID, tuple or a dataclass; `item` describes the items of a tuple;
    `choices` is the closed choice of a `Literal` or an enumeration (then `base` is str or the enumeration).
    """

    name: str
    attribute: str
    base: Base
    marks: tuple[object, ...]
    nullable: bool
    required: bool
    default: Any
    item: Member | None
    choices: tuple[str, ...]

    @property
    def doc(self) -> Doc | None:
        """The field's documentation, if it has one."""
        return self.mark(Doc)

    def mark(self, kind: type[M]) -> M | None:
        """The mark of this kind, if the field bears one; the last one wins, so an alias can be narrowed."""
        return next((mark for mark in reversed(self.marks) if isinstance(mark, kind)), None)

    @property
    def takes_null(self) -> bool:
        """Whether null may be sent: for an optional field it says the same as leaving the field out."""
        return self.nullable or not self.required

    @property
    def is_object(self) -> bool:
        """True if the field holds a shape of its own."""
        return dataclasses.is_dataclass(self.base)


def members(shape: type[Any]) -> tuple[Member, ...]:
    """The fields of a shape, in order. Raises TypeError where a field is of a type this language does not know."""
    if shape not in _taken:
        if not dataclasses.is_dataclass(shape):
            raise TypeError(f"{shape!r} is not a shape: make it a frozen dataclass")
        hints = typing.get_type_hints(shape, include_extras=True)
        _taken[shape] = tuple(_member(one, hints[one.name]) for one in dataclasses.fields(shape) if one.init)
    return _taken[shape]


_taken: dict[type[Any], tuple[Member, ...]] = {}


def outlives(member: Member) -> bool:
    """Whether the field's text stays when content is erased."""
    return member.mark(Lasting) is not None or member.mark(Identifier) is not None


def orders(shape: type[Any]) -> tuple[Ascending, ...]:
    """The dates of a shape that may not run backwards."""
    declared: tuple[Ascending, ...] = getattr(shape, "orders", ())
    return declared


def _member(one: dataclasses.Field[Any], hint: Any) -> Member:
    required = one.default is MISSING and one.default_factory is MISSING
    default: Any = None
    if one.default is not MISSING:
        default = one.default
    elif one.default_factory is not MISSING:
        default = one.default_factory()
    return _taken_apart(one.name, hint, required=required, default=default)


def _taken_apart(attribute: str, hint: Any, *, required: bool, default: Any) -> Member:
    base, marks, nullable = unwrapped(hint)
    item: Member | None = None
    choices: tuple[str, ...] = ()
    origin = typing.get_origin(base)
    if origin is Literal:
        choices, base = tuple(typing.get_args(base)), str
    elif origin is tuple:
        kind, *rest = typing.get_args(base)
        if rest != [Ellipsis]:
            raise TypeError(f"{attribute}: a list is written tuple[X, ...]")
        item, base = _taken_apart(attribute, kind, required=True, default=None), tuple
    elif isinstance(base, type) and issubclass(base, enum.Enum):
        choices = tuple(str(each.value) for each in base)
    elif base not in _SCALARS and not dataclasses.is_dataclass(base):
        raise TypeError(f"{attribute}: {base!r} has no form in JSON here")
    return Member(
        name=attribute.rstrip("_"),
        attribute=attribute,
        base=base,
        marks=marks,
        nullable=nullable,
        required=required,
        default=default,
        item=item,
        choices=choices,
    )


def unwrapped(hint: Any) -> tuple[Any, tuple[object, ...], bool]:
    """The bare type, its marks from the inside out, and whether null is allowed."""
    origin = typing.get_origin(hint)
    if origin is Annotated:
        inner, *outer = typing.get_args(hint)
        base, marks, nullable = unwrapped(inner)
        return base, (*marks, *outer), nullable
    if origin in {Union, types.UnionType}:
        kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
        if len(kinds) != 1:
            raise TypeError(f"{hint!r}: of a union only `X | None` has one meaning in JSON")
        base, marks, _ = unwrapped(kinds[0])
        return base, marks, True
    return hint, (), False


_SCALARS = frozenset({str, int, bool, float, dt.date, dt.datetime, UUID})
