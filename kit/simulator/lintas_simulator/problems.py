"""Refusals (RFC 9457) with the register's own codes, statuses and sentences, in both languages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lintas_simulator.contract import contract
from lintas_simulator.messages import Answer

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Reason:
    """One item of `errors[]`; `facts` fill the sentence, `members` stand beside it."""

    code: str
    pointer: str | None = None
    parameter: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)

    def in_language(self, language: str) -> dict[str, Any]:
        """The item as it stands in the answer."""
        known = {**contract()["refusals"], **contract()["assertions"], **contract()["items"]}
        sentence = known.get(self.code, {"id": self.code, "en": self.code})[language]
        item: dict[str, Any] = {"code": self.code}
        if self.pointer is not None:
            item["pointer"] = self.pointer
        if self.parameter is not None:
            item["parameter"] = self.parameter
        return {**item, "detail": _filled(sentence, self.facts), **self.members}


class Problem(Exception):
    """A refusal on its way to the caller. Raises KeyError at once for a code that the register does not have."""

    def __init__(
        self,
        code: str,
        *,
        reasons: Sequence[Reason] = (),
        facts: Mapping[str, Any] | None = None,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = contract()["problems"][code]
        super().__init__(code)
        self.code = code
        self.status = int(self.kind["status"])
        self.reasons = tuple(reasons)
        self.facts = dict(facts or {})
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    def answer(self, *, base_url: str, language: str) -> Answer:
        """The refusal as an answer."""
        detail = _filled(self.kind["detail"][language], self.facts)
        told = [reason.in_language(language) for reason in self.reasons]
        if self.code in {"invalid-client", "invalid-request", "unsupported-grant-type", "invalid-scope"}:
            detail = " ".join(item["detail"] for item in told) or detail
            self.members |= {"error": self.code.replace("-", "_"), "error_description": detail}
        body = {
            "type": f"{base_url}/problems/{self.code}",
            "title": self.kind["title"][language],
            "status": self.status,
            "code": self.code,
            "detail": detail,
            "instance": f"urn:uuid:{uuid.uuid4()}",
            **({"errors": told} if told else {}),
            **self.members,
        }
        headers = {"Content-Type": MEDIA_TYPE, "Content-Language": language, "Cache-Control": "no-store"}
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        content = json.dumps(body, ensure_ascii=False).encode()
        return Answer(self.status, content, {**headers, **self.headers}, code=self.code)


def preferred(accept_language: str) -> str:
    """`en` where the header names English first, `id` in every other case."""
    return "en" if accept_language.strip().lower().startswith("en") else "id"


def _filled(sentence: str, facts: Mapping[str, Any]) -> str:
    try:
        return sentence.format(**facts)
    except (KeyError, IndexError, ValueError):
        return sentence
