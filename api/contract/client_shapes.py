"""The types of the Python client (`kit/python`), made from the OpenAPI document: a TypedDict for each object.

Bodies are strict: a fixed set of values is a Literal. Answers are not: a client ignores values that it does not know,
so those are plain strings.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from api.contract.openapi.files import ROOT, Document
from api.contract.operations import JSON

PACKAGE: Final = ROOT / "kit" / "python" / "lintas_client"
SHAPES: Final = PACKAGE / "shapes.py"
ACTS: Final = PACKAGE / "acts.py"
PERFORM: Final = "perform_"

_HEAD: Final = '''"""Generated from the OpenAPI document by `./run openapi`. Do not edit. {what}"""
'''
_ACTS: Final = '''
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintas_client.outbox import Accepted
    from lintas_client.shapes import (
{bodies}    )


class Acts:
    """The transitions. Each performs on the version of the casefile seen last, or on the one that is named."""

    def __init__(self, act: Callable[..., Accepted]) -> None:
        self._act = act
'''
_SCALARS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def modules(contract: Document) -> dict[Path, str]:
    """The generated modules with their text."""
    return {SHAPES: shapes(contract), ACTS: acts(contract)}


def shapes(contract: Document) -> str:
    """`shapes.py`: every schema of the document, and which operation lies at which address."""
    names = _Names(contract["components"]["schemas"])
    for name in contract["components"]["schemas"]:
        names.define(name)
    operations = [
        f"    {operation['operationId']!r}: ({method.upper()!r}, {path!r}),"
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        if "operationId" in operation
    ]
    head = _HEAD.format(what="The shapes of bodies and answers.")
    imports = "from collections.abc import Mapping\nfrom typing import Any, Final, Literal, NotRequired, TypedDict\n"
    table = ["OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {", *operations, "}"]
    return "\n".join((head, imports, *names.lines, *table, '"""Method and path of each operation."""', ""))


def acts(contract: Document) -> str:
    """`acts.py`: a method for each transition that has a route, with the type of its body."""
    lines = []
    bodies: set[str] = set()
    for methods in contract["paths"].values():
        for operation in methods.values():
            name = operation.get("operationId", "")
            if not name.startswith(PERFORM):
                continue
            transition = name.removeprefix(PERFORM).replace("_", "-")
            body = operation["requestBody"]["content"][JSON]["schema"]["$ref"].rpartition("/")[2]
            bodies.add(body)
            method = transition.replace("-", "_")
            method += "_" if keyword.iskeyword(method) else ""
            lines += [
                f"    def {method}(",
                f"        self, casefile: str, given: {body}, *,",
                "        reference: str | None = None, version: int | None = None",
                "    ) -> Accepted:",
                f'        """{_sentence(operation["summary"])}"""',
                f"        return self._act(casefile, {transition!r}, given, reference=reference, version=version)",
                "",
            ]
    head = _HEAD.format(what="One method for each transition.")
    given = "".join(f"        {body},\n" for body in sorted(bodies))
    return "\n".join((head + _ACTS.format(bodies=given), *lines))


class _Names:
    """Defines schemas by name, each after those that it needs."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self.lines: list[str] = []
        self._schemas = schemas
        self._begun: set[str] = set()
        self._done: set[str] = set()

    def define(self, name: str) -> None:
        """Write the definition of a component, once."""
        if name in self._begun:
            return
        self._begun.add(name)
        self._write(name, self._schemas[name])
        self._done.add(name)

    def _write(self, name: str, schema: Mapping[str, Any]) -> None:
        members, required = self._members(schema)
        if not members:
            self.lines += [f"{name} = {self._type(schema, name)}", *_about(schema), ""]
            return
        fields = {
            member: self._field(child, f"{name}{_camel(member)}", is_required=member in required)
            for member, child in members.items()
        }
        if all(member.isidentifier() and not keyword.iskeyword(member) for member in fields):
            self.lines += [f"class {name}(TypedDict):", *(f"    {line}" for line in _about(schema))]
            self.lines += [f"    {member}: {type_}" for member, type_ in fields.items()]
        else:
            self.lines += [f"{name} = TypedDict({name!r}, {{"]
            self.lines += [f"    {member!r}: {type_}," for member, type_ in fields.items()]
            self.lines += ["})", *_about(schema)]
        self.lines.append("")

    def _members(self, schema: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        members, required = dict(schema.get("properties", {})), set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            more, needed = self._members(self._schemas[_named(part)] if "$ref" in part else part)
            members, required = {**members, **more}, required | needed
        return members, required

    def _field(self, schema: Mapping[str, Any], name: str, *, is_required: bool) -> str:
        type_ = self._type(schema, name)
        return type_ if is_required else f"NotRequired[{type_}]"

    def _type(self, schema: Mapping[str, Any], name: str) -> str:
        """The type of a schema; an object without a name of its own is defined as `name`."""
        type_ = self._bare(schema, name)
        return f"{type_} | None" if schema.get("nullable") and type_ != "Any" else type_

    def _bare(self, schema: Mapping[str, Any], name: str) -> str:
        if "$ref" in schema:
            return self._referred(_named(schema))
        if len(schema.get("allOf", ())) == 1 and not schema.get("properties"):
            return self._type(schema["allOf"][0], name)
        if "enum" in schema:
            return f"Literal[{', '.join(repr(value) for value in schema['enum'] if value is not None)}]"
        either = schema.get("oneOf") or schema.get("anyOf")
        if either and "properties" not in schema:
            return " | ".join(dict.fromkeys(self._type(one, f"{name}{number}") for number, one in enumerate(either, 1)))
        if schema.get("type") == "array":
            return f"list[{self._type(schema['items'], f'{name}Item')}]"
        if schema.get("properties") or "allOf" in schema:
            self._write(self._free(name), schema)
            return name
        if schema.get("type") == "object":
            more = schema.get("additionalProperties")
            return f"dict[str, {self._type(more, f'{name}Value') if isinstance(more, dict) else 'Any'}]"
        return _SCALARS.get(schema.get("type", ""), "Any")

    def _referred(self, name: str) -> str:
        self.define(name)
        return name if name in self._done else repr(name)

    def _free(self, name: str) -> str:
        if name in self._schemas or name in self._begun:
            raise ValueError(f"Two shapes would be called {name}: give the inner one a component of its own.")
        self._begun.add(name)
        return name


def _named(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _camel(member: str) -> str:
    return "".join(word.capitalize() for word in member.replace("-", "_").replace("@", "").split("_"))


def _about(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("description"):
        yield f'"""{_sentence(schema["description"])}"""'


def _sentence(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace('"""', "'''").split()).removesuffix('"')
