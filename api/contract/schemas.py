"""Shapes as OpenAPI 3.0.3: request bodies (closed, with enumerations from the catalogue) and query parameters.

Objects become components under their class name and are referred to; a nullable object stands inline, because in
3.0.3 nothing may stand beside `$ref`.
"""

from __future__ import annotations

import datetime as dt
import inspect
from typing import Any, TypeAlias
from uuid import UUID

from api.http import bodies
from api.http.bodies import Catalogue
from api.http.rendering import instant
from casefiles import shapes
from casefiles.shapes import Doc, Member

Schema: TypeAlias = dict[str, Any]

# Longer lists are told by their catalogue page, not enumerated at every use.
MAX_ENUM = 80


def to_openapi(shape: type[Any], *, catalogue: Catalogue) -> tuple[Schema, dict[str, Schema]]:
    """A reference to the shape's schema, and all components it needs by name.

    Raises LookupError for a code list the catalogue lacks and ValueError where two shapes share a name.
    """
    components: dict[str, Schema] = {}
    owners: dict[str, type[Any]] = {}
    reference = _component(shape, catalogue, components, owners)
    return reference, components


def query_parameters(shape: type[Any], *, catalogue: Catalogue) -> list[Schema]:
    """The shape of a query as OpenAPI parameters; lists are written `a,b`."""
    parameters: list[Schema] = []
    for member in shapes.members(shape):
        schema = _member(member, catalogue, {}, {})
        if schema.pop("nullable", False) and "enum" in schema:
            schema["enum"] = [value for value in schema["enum"] if value is not None]
        description = schema.pop("description", None)
        parameter: Schema = {"name": member.name, "in": "query", "required": member.required, "schema": schema}
        if description:
            parameter["description"] = description
        if member.item is not None:
            parameter |= {"style": "form", "explode": False}
        parameters.append(parameter)
    return parameters


def example_of(shape: type[Any], *, catalogue: Catalogue) -> Any:
    """A body of this shape made of the examples in its documentation; optional fields without one are left out."""
    example: dict[str, Any] = {}
    for member in shapes.members(shape):
        value = _example(member, catalogue)
        if value is not None:
            example[member.name] = value
        elif member.required:
            raise ValueError(f"{shape.__name__}.{member.name} is required and has no example")
    return example


def _component(
    shape: type[Any], catalogue: Catalogue, components: dict[str, Schema], owners: dict[str, type[Any]]
) -> Schema:
    name = shape.__name__
    if owners.setdefault(name, shape) is not shape:
        raise ValueError(f"two shapes are called {name}")
    if name not in components:
        components[name] = {}
        components[name] = _object(shape, catalogue, components, owners)
    return {"$ref": f"#/components/schemas/{name}"}


def _object(
    shape: type[Any], catalogue: Catalogue, components: dict[str, Schema], owners: dict[str, type[Any]]
) -> Schema:
    parts = shapes.members(shape)
    schema: Schema = {"type": "object", "additionalProperties": False}
    if shape.__doc__ and not shape.__doc__.startswith(f"{shape.__name__}("):
        schema["description"] = inspect.cleandoc(shape.__doc__)
    schema["properties"] = {member.name: _member(member, catalogue, components, owners) for member in parts}
    required = [member.name for member in parts if member.required]
    return schema | ({"required": required} if required else {})


def _member(
    member: Member, catalogue: Catalogue, components: dict[str, Schema], owners: dict[str, type[Any]]
) -> Schema:
    if member.is_object and not member.takes_null:
        return _component(member.base, catalogue, components, owners)
    schema = (
        _object(member.base, catalogue, components, owners)
        if member.is_object
        else _list(member, member.item, catalogue, components, owners)
        if member.item is not None
        else _scalar(member, catalogue)
    )
    if member.doc is not None:
        schema["description"] = _description(member.doc, schema.get("description"))
        if member.doc.example is not None and member.item is None and not member.is_object:
            schema["example"] = member.doc.example
    if member.takes_null:
        schema["nullable"] = True
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    default = member.default
    if not member.required and default is not None and default != () and not member.is_object:
        schema["default"] = default.value if hasattr(default, "value") else default
    return schema


def _description(doc: Doc, further: str | None) -> str:
    return f"{doc.id} / {doc.en}" + (f" ({further})" if further else "")


def _list(
    member: Member,
    item: Member,
    catalogue: Catalogue,
    components: dict[str, Schema],
    owners: dict[str, type[Any]],
) -> Schema:
    limits = member.mark(shapes.Items) or shapes.Items()
    items = _member(item, catalogue, components, owners)
    # Java's generator takes the codes of a set for text unless they have a name. A query has no owner, and names none.
    if limits.unique and "enum" in items and owners:
        items = _named_codes(item, items, components)
    schema: Schema = {"type": "array", "items": items, "maxItems": limits.max}
    if limits.min:
        schema["minItems"] = limits.min
    if limits.unique:
        schema["uniqueItems"] = True
    return schema


def _named_codes(item: Member, schema: Schema, components: dict[str, Schema]) -> Schema:
    """A reference to the codes of that list as a component of their own."""
    code = item.mark(shapes.Code)
    if code is None:
        return schema
    name = "".join(part.capitalize() for part in code.list_name.replace("|", "_").split("_")) + "Code"
    components[name] = {**schema, "description": f"catalogue: {code.list_name}"}
    return {"$ref": f"#/components/schemas/{name}"}


def _scalar(member: Member, catalogue: Catalogue) -> Schema:
    if member.base is bool:
        return {"type": "boolean"}
    if member.base is int:
        limits = member.mark(shapes.Between)
        return {"type": "integer"} | ({"minimum": limits.min, "maximum": limits.max} if limits else {})
    if member.base is float:
        return {"type": "number"}
    if member.base is dt.datetime:
        return {"type": "string", "format": "date-time"}
    if member.base is dt.date:
        return {"type": "string", "format": "date"}
    if member.base is UUID:
        return {"type": "string", "format": "uuid"}
    if member.choices:
        return {"type": "string", "enum": list(member.choices)}
    return {"type": "string"} | _text(member, catalogue)


def _text(member: Member, catalogue: Catalogue) -> Schema:
    if (code := member.mark(shapes.Code)) is not None:
        lists = bodies.catalogue_lists(code.list_name)
        codes = list(dict.fromkeys(code for name in lists for code in catalogue.codes(name)))
        if len(codes) > MAX_ENUM:
            return {"maxLength": 80, "description": f"catalogue: {', '.join(lists)}"}
        return {"enum": codes}
    if member.mark(shapes.AgencySlug):
        return {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80}
    if member.mark(shapes.EighteenDigits):
        return {"pattern": r"^'?([ .-]*[0-9]){18}[ .-]*$"}
    if member.mark(shapes.RegionDots):
        return {"pattern": r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"}
    if member.mark(shapes.Sha256Hex):
        return {"pattern": "^[0-9a-fA-F]{64}$"}
    text = member.mark(shapes.Text) or shapes.Text()
    schema: Schema = {"maxLength": text.max_length}
    if not text.may_be_blank:
        schema["minLength"] = 1
    if text.pattern is not None:
        schema["pattern"] = f"^(?:{text.pattern})$"
    return schema


# -- examples ---------------------------------------------------------------------------------------------------------

_EXAMPLES: dict[type[Any], Any] = {
    bool: True,
    int: 1,
    float: 1.5,
    dt.date: "2024-10-07",
    dt.datetime: instant(dt.datetime(2024, 10, 7, 2, 30, tzinfo=dt.UTC)),
    UUID: "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10",
}


def _example(member: Member, catalogue: Catalogue) -> Any:
    if member.doc is not None and member.doc.example is not None:
        return member.doc.example
    if member.is_object:
        return example_of(member.base, catalogue=catalogue) if member.required else None
    if member.item is not None:
        limits = member.mark(shapes.Items) or shapes.Items()
        return [_example(member.item, catalogue)] if limits.min or member.required else None
    if not member.required:
        return None
    if member.choices:
        return member.choices[0]
    if (code := member.mark(shapes.Code)) is not None:
        return next(iter(catalogue.codes(bodies.catalogue_lists(code.list_name)[0])))
    return _EXAMPLES.get(member.base, "…" if member.mark(shapes.Text) or not member.marks else None)
