"""What the members of a file bear beside `Doc` and `Code`: how they look in JSON, and who is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias


@dataclass(frozen=True, slots=True)
class Internal:
    """For the flow's own use: nobody is shown it."""


@dataclass(frozen=True, slots=True)
class InTimeline:
    """Told by the timeline's changes alone: an answer that shows the file leaves it out."""


@dataclass(frozen=True, slots=True)
class NotInTimeline:
    """Left out of the timeline's changes: it differs with every step, or is told in the caller's language."""


@dataclass(frozen=True, slots=True)
class NotInLists:
    """Left out of a page of casefiles: a page is read often, by many, for orientation only."""


@dataclass(frozen=True, slots=True)
class MayLack:
    """An answer lacks it where the file does; any other member is then null, or an empty list."""


@dataclass(frozen=True, slots=True)
class Seldom:
    """Null in the examples of the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A whole number that begins there."""

    min: int


@dataclass(frozen=True, slots=True)
class Word:
    """One of the words of a list that the code itself holds, as `Word("states")`; the door knows the lists."""

    of: str


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a text: `date`, `instant`, `id`, `digest` or `pointer`."""

    name: str


Day: TypeAlias = Annotated[str, Form("date")]
Moment: TypeAlias = Annotated[str, Form("instant")]
Id: TypeAlias = Annotated[str, Form("id")]
Digest: TypeAlias = Annotated[str, Form("digest")]
Pointer: TypeAlias = Annotated[str, Form("pointer")]
