"""What comes and what goes: a request, its answer, and the record of both that an observer reads afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request as it came. Header names are in lower case; `query` has the parameters in their order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)

    @cached_property
    def asked(self) -> Mapping[str, str]:
        """The parameters by name; of a repeated one the last."""
        return dict(self.query)

    @cached_property
    def data(self) -> Any:
        """The JSON of the body, None where there is none."""
        return _json_of(self.content)


@dataclass(frozen=True)
class Answer:
    """What is answered. `cut` says after how many bytes the connection is cut, 0 for no answer at all, None for never.

    `code` is that of a problem.
    """

    status: int
    content: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    cut: int | None = None

    @cached_property
    def data(self) -> Any:
        """The JSON of the body, None where there is none."""
        return _json_of(self.content)


def _json_of(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def of_json(data: Any, *, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body; `_` in the names of headers stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(data, ensure_ascii=False).encode()
    return Answer(status, content, {"Content-Type": "application/json", **named})


@dataclass(frozen=True)
class Exchange:
    """One request with its answer: `at` and `until` in seconds, `mishap` what was done to it on purpose.

    `operation` is the operationId, `client` who called (as far as known), `casefile` the one in the address.
    `committed` says that this very request had an effect (and was not a repetition), whatever the caller was answered.
    """

    number: int
    at: float
    until: float
    request: Request
    answer: Answer
    operation: str = ""
    client: str = ""
    casefile: str = ""
    mishap: str = ""
    committed: bool = False
    version: int | None = None
    """The version of the casefile when the request came; None where it concerns none."""
