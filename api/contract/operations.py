"""What a view says of each of its methods for the OpenAPI document, beyond what the door enforces already.

Scopes, query, `Idempotency-Key`, `If-Match` and the path are read from the view itself (`api.contract.openapi`); an
`Operation` adds the words, the body, the answer, and the refusals that only this operation knows.

    class FindingsView(DoorView):
        operations: ClassVar = {
            "get": Operation("list_findings", tag="findings", id="Daftar temuan", en="Findings", answer="FindingPage"),
        }
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casefiles.flow import Transition

JSON = "application/json"
TEXT = "text/plain"
LINES = "application/x-ndjson"
CSV = "text/csv"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormBody:
    """A body that is a form (`/oauth/*`), by its schema and an example."""

    schema: Mapping[str, Any]
    example: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BytesBody:
    """A body that is a file of one of these media types, with its digest in a header."""

    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinesBody:
    """A body of many JSON objects, one a line, each of one of these shapes."""

    media_type: str
    shapes: tuple[type[Any], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    `name` is the operationId and never changes. `answer` names a schema of `api.contract.responses` (None: no content).
    `tagged` says that the answer has an ETag, `located` that it has a Location. `refuses` lists problem codes beyond
    those that follow from the door; `row` is the row of the flow that the operation performs;
    `callbacks` is what the service sends because of it; `bytes` names the media types of an answer that is a file.
    """

    name: str
    tag: str
    id: str
    en: str
    answer: str | None
    description: str = ""
    body: type[Any] | FormBody | BytesBody | LinesBody | None = None
    status: int = 200
    media_type: str = JSON
    tagged: bool = False
    located: bool = False
    refuses: tuple[str, ...] = ()
    row: Transition | None = None
    callbacks: Mapping[str, Any] | None = None
    bytes: tuple[str, ...] = ()


def transition_operation(row: Transition) -> Operation:
    """The operation that performs one row of the flow: `perform_report_sanction`."""
    came = ", ".join(f"`{state}`" for state in row.source)
    went = ", ".join(f"`{state}`" for state in row.target_states) or f"`{row.target}`"
    by = ", ".join(f"`{party}`" for party in row.by)
    outcome = f" (`{row.outcome}`)" if row.outcome else ""
    return Operation(
        f"perform_{row.name.replace('-', '_')}",
        tag="transitions",
        id=row.title_id,
        en=row.title_en,
        description=(
            f"Dari / from {came} ke / to {went}{outcome}. Oleh / by {by}. Dasar / basis: {row.article}.\n\n"
            "Semua alasan penolakan datang sekaligus / All reasons to refuse come at once."
        ),
        body=row.takes,
        answer="CasefileAccepted",
        tagged=True,
        refuses=("wrong-party", "wrong-state", "transition-refused"),
        row=row,
    )


def catalogue_operation(name: str) -> Operation:
    """The operation that reads one list of the catalogue."""
    words = name.replace("-", "_")
    return Operation(
        f"read_catalogue_{words}",
        tag="catalogue",
        id=f"Katalog {name}",
        en=f"Catalogue: {name}",
        answer=f"Catalogue{''.join(part.capitalize() for part in words.split('_'))}",
        tagged=True,
        refuses=("not-found",),
    )
