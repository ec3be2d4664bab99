"""What a view says of each of its methods for the OpenAPI document, beyond what the door enforces already.

Scopes, query, `Idempotency-Key`, `If-Match` and the path are read from the view itself (`api.openapi`); an
`Operation` adds the words, the body, the answer, and the refusals that only this operation knows.

    class FindingsView(DoorView):
        operations: ClassVar = {
            "get": Operation("list_findings", tag="findings", id="Daftar temuan", en="List findings", answer="FindingPage"),
        }
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormBody:
    """A body that is a form (`/oauth/*`), by its schema and an example."""

    schema: Mapping[str, Any]
    example: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    `name` is the operationId and never changes. `answer` names a schema of `api.responses` (None: no content).
    `tagged` says that the answer has an ETag, `located` that it has a Location. `refuses` lists problem codes beyond
    those that follow from the door; `guards` the reasons a `transition-refused` can carry.
    """

    name: str
    tag: str
    id: str
    en: str
    answer: str | None
    description: str = ""
    body: type[Any] | FormBody | None = None
    status: int = 200
    media_type: str = JSON
    tagged: bool = False
    located: bool = False
    refuses: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
