"""Reading one catalogue file strictly: what a lawyer signed off is what the program uses, or nothing is loaded.

A file is YAML, read strictly (`agencies.strict_yaml`), with a header and `rows`. Refused are an unquoted `13.71` that
became a number, a key nobody knows, a value of another type. Every refusal names file, line, row and reason. The
content of all files, without their layout, has one canonical form (`content_of`): the digest is taken over it, a loaded
version is kept in it, and `from_content` reads it back.
"""

import dataclasses
import datetime as dt
import json
import operator
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union

from agencies import strict_yaml
from agencies.regions import Region
from agencies.strict_yaml import Members, UnreadableYaml


class CatalogueError(Exception):
    """A catalogue file cannot be used."""

    def __init__(self, file: str, reason: str, *, line: int | None = None, row: str | None = None) -> None:
        self.file, self.line, self.row, self.reason = file, line, row, reason
        place = [file]
        if line is not None:
            place.append(f"line {line}")
        if row is not None:
            place.append(f"row {row}")
        super().__init__(f"{', '.join(place)}: {reason}")


class CatalogueErrors(CatalogueError):
    """Several places cannot be used; the message has a line for each. Place and reason are those of the first."""

    def __init__(self, *faults: CatalogueError) -> None:
        first = faults[0]
        super().__init__(first.file, first.reason, line=first.line, row=first.row)
        self.faults, self.args = faults, ("\n".join(map(str, faults)),)


class Faults:
    """Collects what is wrong, so that whoever corrects the files sees all of it at once."""

    def __init__(self) -> None:
        self._found: list[CatalogueError] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        """A part whose fault does not keep the next part from being looked at."""
        try:
            yield
        except CatalogueErrors as faults:
            self._found.extend(faults.faults)
        except CatalogueError as fault:
            self._found.append(fault)

    def refuse(self) -> None:
        """Raise the one fault, or all of them as `CatalogueErrors`; nothing where there is none."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise CatalogueErrors(*self._found)


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as written: its values, and where they stand (no line where it comes from the record)."""

    file: str
    line: int | None
    number: int
    values: Mapping[str, object]

    @property
    def name(self) -> str:
        """What to call the row in a message: its number, and its code where it has one."""
        code = self.values.get("code")
        return f"{self.number} ({code})" if isinstance(code, str) else str(self.number)

    def refuse(self, reason: str) -> CatalogueError:
        """The error that is about this row."""
        return CatalogueError(self.file, reason, line=self.line, row=self.name)


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file as written: the header without `rows`, and the rows."""

    name: str
    header: Mapping[str, object]
    rows: tuple[RawRow, ...]

    def refuse(self, reason: str) -> CatalogueError:
        """The error that is about this file's header."""
        return CatalogueError(self.name, reason, line=1)

    def text(self, key: str) -> str:
        """A header value that must be there and say something."""
        value = self.header.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(f"the header lacks {key}")
        return value


def read(path: Path, *, root: Path, allowed: Collection[str]) -> RawFile:
    """One file: header keys must be among `allowed` (and `rows`); CatalogueError otherwise."""
    name = path.relative_to(root).as_posix()
    try:
        content = strict_yaml.read(path)
    except OSError as error:
        raise CatalogueError(name, f"cannot be read: {error.strerror}") from error
    except UnreadableYaml as error:
        raise CatalogueError(name, f"is not readable YAML: {error.reason}", line=error.line) from error
    if not isinstance(content, Members):
        raise CatalogueError(name, "must be a mapping: a header, then rows", line=1)
    for key in content:
        if key not in allowed and key != "rows":
            raise CatalogueError(name, f"the header has an unknown key: {key}", line=1)
    raw_rows = content.pop("rows", [])
    if not isinstance(raw_rows, list):
        raise CatalogueError(name, "rows must be a list", line=1)
    rows = []
    for number, values in enumerate(raw_rows, start=1):
        if not isinstance(values, Members):
            raise CatalogueError(name, "a row must be a mapping", row=str(number))
        rows.append(RawRow(name, values.line, number, values))
    return RawFile(name, content, tuple(rows))


# -- the content of all files -----------------------------------------------------------------------------------------

MANIFEST = "catalogue.yaml"
_REGIONS = "regions"
_region = operator.attrgetter(*(one.name for one in fields(Region)))


@dataclass(frozen=True, slots=True)
class RawSet:
    """All files of a catalogue as written, and the regions they speak of."""

    manifest: RawFile
    files: Mapping[str, RawFile]
    regions: tuple[Region, ...]


def content_of(found: RawSet) -> bytes:
    """The content in one form, not the layout: a comment or a blank line changes nothing."""
    content: dict[str, object] = {
        MANIFEST: found.manifest.header,
        _REGIONS: [_region(row) for row in found.regions],
    }
    for name, file in found.files.items():
        content[name] = {"header": file.header, "rows": [row.values for row in file.rows]}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=dt.date.isoformat)
    return text.encode()


def from_content(content: bytes) -> RawSet:
    """What `content_of` was made of. Days are text here, as JSON has them; `dated` makes days of them again."""
    members: dict[str, Any] = json.loads(content)
    manifest = RawFile(MANIFEST, members.pop(MANIFEST), ())
    regions = tuple(Region(*row) for row in members.pop(_REGIONS))
    files = {
        name: RawFile(
            name,
            file["header"],
            tuple(RawRow(name, None, number, values) for number, values in enumerate(file["rows"], start=1)),
        )
        for name, file in members.items()
    }
    return RawSet(manifest, files, regions)


def dated(row_type: type[Any], raw: RawRow) -> RawRow:
    """The row with days where its type wants them. Raises ValueError where the text is none."""
    kinds = _kinds(row_type)
    wants = {name for name, kind in kinds.items() if dt.date in (kind, *typing.get_args(kind))}
    values = {
        name: dt.date.fromisoformat(value) if name in wants and isinstance(value, str) else value
        for name, value in raw.values.items()
    }
    return dataclasses.replace(raw, values=values)


_KINDS: dict[type[Any], Mapping[str, Any]] = {}
_REQUIRED: dict[type[Any], Mapping[str, bool]] = {}


def _kinds(row_type: type[Any]) -> Mapping[str, Any]:
    """The declared types of a row by name; to resolve them for each of some thousand rows took long."""
    if row_type not in _KINDS:
        _KINDS[row_type] = typing.get_type_hints(row_type)
    return _KINDS[row_type]


def _required(row_type: type[Any]) -> Mapping[str, bool]:
    """The members of a row by name, and whether each has to be written."""
    if row_type not in _REQUIRED:
        _REQUIRED[row_type] = {
            one.name: one.default is MISSING and one.default_factory is MISSING for one in fields(row_type)
        }
    return _REQUIRED[row_type]


@cache
def _parts(kind: Any) -> tuple[bool, Any, Any]:
    """Whether null is a value of that type, then what any other value has to be, and the origin of that."""
    origin = typing.get_origin(kind)
    if origin not in (Union, types.UnionType):
        return False, kind, origin
    kind = next(part for part in typing.get_args(kind) if part is not type(None))
    return True, kind, typing.get_origin(kind)


Row = TypeVar("Row")

_WANTED = {str: "text (quote it)", int: "a whole number", bool: "true or false", dt.date: "a day (YYYY-MM-DD)"}


def build(row_type: type[Row], raw: RawRow) -> Row:
    """A frozen row from what was written: each key known, each required value there, each of its declared type."""
    kinds, declared = _kinds(row_type), _required(row_type)
    for key in raw.values:
        if key not in declared:
            raise raw.refuse(f"unknown key: {key}")
    given: dict[str, Any] = {}
    for name, required in declared.items():
        if name in raw.values:
            given[name] = _typed(kinds[name], raw.values[name], raw, name)
        elif required:
            raise raw.refuse(f"{name} is missing")
    return row_type(**given)


def _typed(kind: Any, value: object, raw: RawRow, name: str) -> object:
    may_be_null, kind, origin = _parts(kind)
    if may_be_null and value is None:
        return None
    if origin is Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            raise raw.refuse(f"{name} must be one of {', '.join(choices)}")
        return value
    if origin is tuple:
        if not isinstance(value, list) or not all(type(item) is str and item for item in value):
            raise raw.refuse(f"{name} must be a list of words")
        if len(set(value)) != len(value):
            raise raw.refuse(f"{name} names a word twice")
        return tuple(value)
    # type() and not isinstance(): true is no number, and a moment is no day.
    if type(value) is not kind:
        raise raw.refuse(f"{name} must be {_WANTED[kind]}")
    if isinstance(value, str) and (not value.strip() or value != value.strip()):
        raise raw.refuse(f"{name} is empty or has blanks around it")
    return value
