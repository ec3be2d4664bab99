"""Bodies judged, and answers shaped, by the schemas of the OpenAPI document (3.0)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from lintas_simulator.contract import contract, named
from lintas_simulator.problems import Reason

Schema = Mapping[str, Any]

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_PLAIN: Final[Mapping[str, str]] = {
    "date": "2024-01-01",
    "date-time": "2024-01-01T00:00:00.000Z",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "uri-reference": "/",
}
"""What stands for text that an answer must have and the simulator does not know, by its format."""
_UUID: Final = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def resolved(schema: Schema) -> Schema:
    """The schema behind references; of `allOf` the parts together, `nullable` kept."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return resolved(contract()["schemas"][name])
    if "allOf" in schema:
        parts = [resolved(part) for part in schema["allOf"]]
        merged: dict[str, Any] = {}
        for part in (*parts, {name: value for name, value in schema.items() if name != "allOf"}):
            members = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", []), *part.get("required", [])]
            merged |= part
            if members:
                merged |= {"properties": members, "required": required}
        return merged
    return schema


def breaches(schema: Schema, value: Any, at: str = "#") -> Iterator[Reason]:
    """Whatever is wrong with a body, each with its place. The refused value is never repeated."""
    schema = resolved(schema)
    if value is None:
        if not schema.get("nullable"):
            yield Reason("null-not-allowed", pointer=at)
        return
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        tried = [list(breaches(choice, value, at)) for choice in choices]
        yield from min(tried, key=len)
        return
    kind = schema.get("type")
    if kind and (not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        if kind == "object":
            yield Reason("empty-array-for-object" if value == [] else "not-an-object", pointer=at)
        else:
            yield Reason("wrong-type", pointer=at, facts={"wanted": kind})
        return
    if kind == "object":
        yield from _of_members(schema, value, at)
    elif kind == "array":
        yield from _of_items(schema, value, at)
    elif kind == "string":
        yield from _of_text(schema, value, at)
    elif kind in {"integer", "number"}:
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if not least <= value <= most:
            yield Reason("out-of-range", pointer=at, facts={"min": least, "max": most})


def _of_members(schema: Schema, value: Mapping[str, Any], at: str) -> Iterator[Reason]:
    known = schema.get("properties", {})
    for name in value:
        if name not in known and schema.get("additionalProperties") is False:
            near = difflib.get_close_matches(name, known, n=1)
            members = {"did_you_mean": near[0]} if near else {"allowed": sorted(known)}
            yield Reason("unknown-field", pointer=f"{at}/{name}", members=members)
    for name in schema.get("required", ()):
        if name not in value:
            yield Reason("missing-field", pointer=f"{at}/{name}")
    for name, inner in known.items():
        if name in value:
            yield from breaches(inner, value[name], f"{at}/{name}")


def _of_items(schema: Schema, value: list[Any], at: str) -> Iterator[Reason]:
    if len(value) < schema.get("minItems", 0):
        yield Reason("too-few-items", pointer=at, facts={"min": schema["minItems"]})
    if len(value) > schema.get("maxItems", len(value)):
        yield Reason("too-many-items", pointer=at, facts={"max": schema["maxItems"]})
    for place, item in enumerate(value):
        yield from breaches(schema.get("items", {}), item, f"{at}/{place}")


def _of_text(schema: Schema, value: str, at: str) -> Iterator[Reason]:
    if "enum" in schema and value not in schema["enum"]:
        near = difflib.get_close_matches(value, [str(one) for one in schema["enum"]], n=1)
        yield Reason("not-among-choices", pointer=at, members={"did_you_mean": near[0]} if near else {})
    elif len(value) > schema.get("maxLength", len(value)):
        yield Reason("too-long", pointer=at, facts={"max": schema["maxLength"]})
    elif len(value) < schema.get("minLength", 0) or (schema.get("minLength") and not value.strip()):
        yield Reason("blank", pointer=at)
    elif "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        yield Reason("wrong-form", pointer=at)
    elif (code := _fault_of_format(str(schema.get("format", "")), value)) is not None:
        yield Reason(code, pointer=at)


def _fault_of_format(kind: str, value: str) -> str | None:
    if kind == "uuid":
        return None if _UUID.fullmatch(value) else "bad-id"
    try:
        if kind == "date":
            date.fromisoformat(value)
        elif kind == "date-time" and datetime.fromisoformat(value).tzinfo is None:
            return "no-time-zone"
    except ValueError:
        return "bad-date" if kind == "date" else "bad-instant"
    return None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def shaped(schema: Schema, known: Any) -> Any:
    """An answer of that schema: what is known of it, and of the rest null, nothing or the plainest value.

    A member that the schema does not name is left out, so that nothing is shown that the register would not show.
    """
    schema = resolved(schema)
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        schema = resolved(choices[0])
    kind = schema.get("type")
    if known is None and schema.get("nullable"):
        return None
    if kind == "object":
        members = schema.get("properties", {})
        if isinstance(known, str) and members.keys() == {"code", "name"}:
            known = named(known)  # an agency goes in as a code
        known = known if isinstance(known, Mapping) else {}
        if not members:
            return dict(known)
        required = set(schema.get("required", ()))
        told = {name for name in members if name in known or name in required}
        return {name: shaped(inner, known.get(name)) for name, inner in members.items() if name in told}
    if kind == "array":
        return [shaped(schema.get("items", {}), item) for item in known or ()]
    if known is not None:
        return known
    if kind == "string":
        plain = _PLAIN.get(str(schema.get("format")), "0" * 64 if "64" in schema.get("pattern", "") else "-")
        return schema.get("enum", [plain])[0]
    return {"integer": schema.get("minimum", 0), "number": 0, "boolean": False}.get(str(kind))


def answered(operation: str, known: Any) -> Any:
    """The body of an operation's answer."""
    return shaped(contract()["operations"][operation]["answer"], known)
