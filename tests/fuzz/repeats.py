"""Which generated requests say again what another one says.

The systematic part of schemathesis puts every wrong value into every operation, and again for each optional header
that may stand beside it: twelve thousand requests, of which a third repeat another. `Repeats` lets each through
once, so a short run still throws every wrong value of every parameter and every member:

- within one operation, the same wrong value of the same parameter (whatever else is optional), or the same body;
- among the transitions, which share one view and one reader of bodies: a wrong value of a parameter, or of a member of
  the body (a letter, an official), that several declare alike. Which transition gets it follows from the value, so that
  it is the same one in every run and every process.

What is missing, what is of another media type and what is valid goes to every operation.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

# Of a parameter or a member there is a wrong value: the others are about the whole request.
WHOLE = frozenset({"", "Content-Type"})
BODY = ParameterLocation.BODY
# `letter -> date: Incorrect type`, `documents: Incorrect type`
MEMBER = re.compile(r"(\w+)(?: ->|:) (.*)", re.DOTALL)
WHERE = {
    ParameterLocation.HEADER: "headers",
    ParameterLocation.QUERY: "query",
    ParameterLocation.PATH: "path_parameters",
}


@dataclass(frozen=True)
class Shared:
    """What several transitions have alike: by name and schema, the operation ids in the document's order."""

    told: Mapping[str, Sequence[str]]
    members: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Shared:
        """Read it from the document; what two declare differently is not alike."""
        told = defaultdict[str, list[str]](list)
        members: dict[tuple[str, str], str] = {}
        for operation, said in _transitions(document):
            for kind, name, schema in _declared(document, said):
                alike = f"{kind} {name} {_spelled(schema)}"
                members[operation, f"{kind} {name}"] = alike
                if operation not in told[alike]:
                    told[alike].append(operation)
        return cls(told=told, members=members)

    def is_for(self, operation: str, where: str, name: str, wrong: str) -> bool:
        """Whether it is this operation that gets the wrong value of that parameter or member."""
        alike = self.members.get((operation, f"{where} {name}"))
        if alike is None:
            return True
        told = self.told[alike]
        return told[zlib.crc32(f"{alike} {wrong}".encode()) % len(told)] == operation


@dataclass
class Repeats:
    """What has been thrown at one operation."""

    operation: str
    shared: Shared
    _thrown: set[str] = field(default_factory=set)

    def has(self, case: Any) -> bool:
        """Whether this request says again what another one says; one that does not is remembered."""
        said = case.meta.phase.data
        parameter, where = getattr(said, "parameter", None) or "", getattr(said, "parameter_location", None)
        if case.meta.phase.name is not TestPhase.COVERAGE or parameter in WHOLE or where not in {BODY, *WHERE}:
            return False
        if where is BODY:
            value, member = repr(case.body), MEMBER.match(said.description)
            name, wrong = (member[1], member[2]) if member else ("", "")
        else:
            given = getattr(case, WHERE[where]) or {}
            if parameter not in given:  # it is missing, which is every operation's own affair
                return False
            value = wrong = repr(given[parameter])
            name = parameter
        if not self.shared.is_for(self.operation, where.value, name, wrong):
            return True
        key = f"{where.value} {parameter} {value}"
        again = key in self._thrown
        self._thrown.add(key)
        return again


def _transitions(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for methods in document["paths"].values():
        for said in methods.values():
            if said["operationId"].startswith("perform_"):
                yield said["operationId"], said


def _declared(document: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Where, name and schema of each parameter, and of each member of the body."""
    for parameter in said["parameters"]:
        known = _resolved(document, parameter)
        yield known["in"], known["name"], known["schema"]
    if "requestBody" in said:
        body = _resolved(document, said["requestBody"]["content"]["application/json"]["schema"])
        for member, schema in body["properties"].items():
            yield BODY.value, member, schema


def _spelled(schema: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in schema.items() if name not in {"description", "example"}})


def _resolved(document: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in said:
        return said
    _, _, kind, name = said["$ref"].split("/")
    found: Mapping[str, Any] = document["components"][kind][name]
    return found
