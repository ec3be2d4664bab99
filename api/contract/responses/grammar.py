"""The words in which answers are described: functions that make OpenAPI 3.0.3 schemas, and examples of them.

Every member of an object is always there, unless it is marked `optional`; what may be null is marked `maybe`. Codes are
plain strings with `x-extensible-enum`: a client ignores values it does not know. A nullable object stands inline,
because in 3.0.3 nothing may stand beside `$ref`. Descriptions are Indonesian, then English.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, Union

from api.contract.schemas import MAX_ENUM
from casefiles.catalogue.book import load as load_catalogue

Schema: TypeAlias = dict[str, Any]

# What stands under components/schemas, by name; filled by `component` as the chapters are read.
COMPONENTS: dict[str, Schema] = {}

_REF = "#/components/schemas/"


class Optional(NamedTuple):
    """A member that may be left out."""

    schema: Schema


def component(name: str, schema: Schema) -> Schema:
    """Give the schema a name; returns the reference to it. Raises ValueError where the name is taken."""
    if name in COMPONENTS:
        raise ValueError(f"two answers are called {name}")
    COMPONENTS[name] = schema
    return {"$ref": _REF + name}


def resolved(schema: Schema) -> Schema:
    """The schema itself, where it is a reference."""
    return COMPONENTS[schema["$ref"].removeprefix(_REF)] if "$ref" in schema else schema


# -- leaves -----------------------------------------------------------------------------------------------------------


def text(doc: str, example: str) -> Schema:
    """Text."""
    return {"type": "string", "description": doc, "example": example}


def ident(doc: str, example: str = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10") -> Schema:
    """An id."""
    return {"type": "string", "format": "uuid", "description": doc, "example": example}


def day(doc: str, example: str) -> Schema:
    """A local date."""
    return {"type": "string", "format": "date", "description": doc, "example": example}


def instant(doc: str, example: str = "2026-11-20T03:04:05.123Z") -> Schema:
    """An instant in UTC, in milliseconds."""
    return {"type": "string", "format": "date-time", "description": doc, "example": example}


def number(doc: str, example: int, *, least: int = 0) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": least, "description": doc, "example": example}


def flag(doc: str, *, example: bool) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": doc, "example": example}


def href(doc: str, example: str) -> Schema:
    """A path on this server, or an address."""
    return {"type": "string", "format": "uri-reference", "description": doc, "example": example}


def digest(doc: str, example: str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08") -> Schema:
    """A SHA-256 digest."""
    return {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": doc, "example": example}


def pointer(doc: str, example: str) -> Schema:
    """A JSON pointer as a fragment."""
    return {"type": "string", "description": doc, "example": example}


def word(doc: str, words: Iterable[str], example: str) -> Schema:
    """One of the words known today; more may come."""
    known = list(dict.fromkeys(str(known_word) for known_word in words))
    if example not in known:
        raise ValueError(f"{example} is not among {known}")
    return {"type": "string", "description": doc, "x-extensible-enum": known, "example": example}


def code(doc: str, list_name: str, example: str) -> Schema:
    """A code from a list of the catalogue."""
    known = list(load_catalogue().codes(list_name))
    schema = word(f"{doc} (catalogue: {list_name})", known, example)
    if len(known) > MAX_ENUM:
        del schema["x-extensible-enum"]
    return schema


def anything(doc: str) -> Schema:
    """Any JSON value, null included: `nullable` says nothing where there is no type."""
    return {"description": doc, "example": None}


# -- what holds others ------------------------------------------------------------------------------------------------


def object_of(doc: str, /, **members: Schema | Optional) -> Schema:
    """An object; a trailing underscore is not part of a member's name."""
    properties = {
        name.rstrip("_"): member.schema if isinstance(member, Optional) else member for name, member in members.items()
    }
    required = [name.rstrip("_") for name, member in members.items() if not isinstance(member, Optional)]
    schema: Schema = {"type": "object", "description": doc, "properties": properties}
    return schema | ({"required": required} if required else {})


def without(schema: Schema, *names: str, doc: str) -> Schema:
    """The object less some members."""
    whole = resolved(schema)
    kept = {name: member for name, member in whole["properties"].items() if name not in names}
    required = [name for name in whole.get("required", ()) if name not in names]
    return {"type": "object", "description": doc, "properties": kept, "required": required}


def having(schema: Schema, doc: str, /, **members: Schema | Optional) -> Schema:
    """The named object with further members."""
    return {"description": doc, "allOf": [schema, object_of("Selain itu / Besides", **members)]}


def free(doc: str, example: Mapping[str, Any]) -> Schema:
    """An object whose members are told elsewhere."""
    return {"type": "object", "additionalProperties": True, "description": doc, "example": dict(example)}


def many(schema: Schema, doc: str = "", *, example: list[Any] | None = None) -> Schema:
    """A list."""
    listing: Schema = {"type": "array", "items": schema}
    if doc:
        listing["description"] = doc
    return listing if example is None else listing | {"example": example}


def maybe(schema: Schema, *, shown: bool = True) -> Schema:
    """The schema, or null; `shown=False` has null in the examples."""
    nullable = copy.deepcopy(resolved(schema)) | {"nullable": True}
    return nullable if shown else nullable | {"example": None}


def optional(schema: Schema) -> Optional:
    """A member that may be left out."""
    return Optional(schema)


def page(name: str, item: Schema, doc: str, *, counted: bool = True, linked: bool = True) -> Schema:
    """A page of a list."""
    members: dict[str, Schema | Optional] = {
        "data": many(item),
        "next": maybe(
            href("Alamat halaman berikutnya / The next page's address", "/api/v1/casefiles?cursor=c1.WyIwMTkzIl0.q2x"),
            shown=linked,
        ),
        "next_cursor": maybe(text("Kursor halaman berikutnya / The next page's cursor", "c1.WyIwMTkzIl0.q2x")),
    }
    if counted:
        members["count"] = optional(
            object_of(
                "Hanya dengan count=exact / Only with count=exact",
                value=number("Jumlah, paling banyak 10.000 / How many, 10,000 at most", 812),
                capped=flag("Benar bila lebih dari 10.000 / True beyond 10,000", example=False),
            )
        )
    return component(name, object_of(doc, **members))


def row(shape: type[Any], doc: str) -> Schema:
    """A row of the catalogue, from its dataclass."""
    hints = typing.get_type_hints(shape)
    members = {field.name: _typed(hints[field.name]) for field in dataclasses.fields(shape)}
    return {"type": "object", "description": doc, "properties": members, "required": list(members)}


def _typed(hint: Any) -> Schema:
    origin = typing.get_origin(hint)
    if origin in {Union, types.UnionType}:
        (kind,) = (part for part in typing.get_args(hint) if part is not types.NoneType)
        return _typed(kind) | {"nullable": True}
    if origin is Literal:
        return {"type": "string", "x-extensible-enum": list(typing.get_args(hint))}
    if origin is tuple:
        return {"type": "array", "items": _typed(typing.get_args(hint)[0])}
    plain: Schema | None = _PLAIN.get(hint)
    if plain is None:
        raise TypeError(f"{hint!r} has no schema here")
    return dict(plain)


_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    dt.date: {"type": "string", "format": "date"},
}

# -- examples ---------------------------------------------------------------------------------------------------------


def example_of(schema: Schema) -> Any:
    """An answer made of the examples of its parts."""
    schema = resolved(schema)
    if "example" in schema:
        return copy.deepcopy(schema["example"])
    if schema.get("type") == "array":
        return [example_of(schema["items"])]
    if "allOf" in schema:
        return {name: value for part in schema["allOf"] for name, value in example_of(part).items()}
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: example_of(member) for name, member in schema["properties"].items() if name in wanted}
    raise ValueError(f"no example: {schema}")
