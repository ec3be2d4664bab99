"""What a register answered, before anybody judges it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx


@dataclass(frozen=True)
class Answer:
    """What came back: `content` the very bytes, `data` their JSON or None. Header names are in lower case."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @cached_property
    def data(self) -> Any:
        """The JSON of the body; None where there is none."""
        try:
            return json.loads(self.content) if self.content else None
        except ValueError:
            return None

    @property
    def replayed(self) -> bool:
        """Whether the register answered with what it had stored under this key."""
        return self.headers.get("idempotency-replayed") == "true"


def answer_of(method: str, path: str, response: httpx.Response) -> Answer:
    """The answer that a response is."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(method=method, path=path, status=response.status_code, headers=headers, content=response.content)
