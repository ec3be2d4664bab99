"""One request and its answer: authorised, signed where asked, repeated with patience where repeating is safe."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from lintas_client import signing
from lintas_client.answers import Answer, answer_of
from lintas_client.identity import Identity
from lintas_client.problems import Problem, Unanswered, problem_of
from lintas_client.tokens import Tokens

API: Final = "/api/v1"
RENEWS: Final = frozenset({"token-expired", "token-invalid", "dpop-nonce-required", "use-dpop-nonce"})
"""Refusals that a new token, or the nonce that came with them, mends at once."""
READS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Call:
    """A request before it is sent. `path` lies below /api/v1; what it holds is shown by no text form."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of_json(cls, method: str, path: str, body: Any, **headers: str) -> Call:
        """A request with a JSON body."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return cls(method, path, content=content, headers={"Content-Type": "application/json", **headers})


@dataclass(frozen=True)
class Patience:
    """How long a request is repeated: at most so many attempts, and so many seconds of waiting altogether."""

    attempts: int = 6
    seconds: float = 60.0
    first_pause: float = 0.25
    longest_pause: float = 10.0

    def pause(self, attempt: int, *, asked: float | None) -> float:
        """Seconds before the next attempt: what the register asked for and a little more, or a random part of a
        bound that doubles. Chance keeps many clients from coming back at the same instant.
        """
        bound = min(self.longest_pause, self.first_pause * 2 ** (attempt - 1))
        chance = random.uniform(0.0, bound)  # noqa: S311 - spreads clients, guards nothing
        return chance if asked is None else asked + chance / 4


class Wire:
    """Sends requests of one identity over one pool of connections. Not for several threads at once.

    Repeated are: no answer, 409 `request-in-progress`, 429, 502, 503, 504. A token that ran out is renewed once. No
    other refusal is ever repeated.
    """

    def __init__(
        self,
        identity: Identity,
        tokens: Tokens,
        http: httpx.Client,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.identity = identity
        self.tokens = tokens
        self._http = http
        self._patience = patience or Patience()
        self._sleep = sleep
        self._was_sent = False

    def send(self, call: Call, *, doubtful: bool = False) -> Answer:
        """Send it until it is answered; the answer below 400. Raises `Problem` or `Unanswered`.

        `doubtful` says that an earlier attempt may have arrived: then a refusal settles less (`Problem.is_settled`).
        """
        renewed, attempt, waited = False, 0, 0.0
        while True:
            attempt += 1
            failure: Problem | Unanswered
            try:
                return self._once(call)
            except httpx.TransportError as why:
                # The kind of the error only: its text may hold the credentials of a proxy.
                failure = Unanswered(f"{call.method} {call.path}: no answer ({type(why).__name__}).")
                doubtful, asked = doubtful or self._was_sent, None
            except Problem as refused:
                refused.is_settled = refused.settles(doubtful=doubtful)
                if refused.code in RENEWS and not renewed:
                    self.tokens.drop()
                    renewed = True
                    continue
                if not refused.passes:
                    raise
                failure, asked = refused, refused.retry_after
                doubtful = doubtful or (self._was_sent and refused.status != 429)
            pause = self._patience.pause(attempt, asked=asked)
            waited += pause
            if attempt >= self._patience.attempts or waited > self._patience.seconds:
                raise failure
            self._sleep(pause)

    def _once(self, call: Call) -> Answer:
        self._was_sent = False
        url = httpx.URL(f"{self.identity.base_url}{API}{call.path}")
        if call.query:
            url = url.copy_merge_params({name: str(value) for name, value in call.query.items()})
        headers = {"Accept-Language": self.identity.language, **call.headers}
        if self.identity.purpose:
            headers.setdefault("Lintas-Purpose", self.identity.purpose)
        headers |= self.tokens.authorised(call.method, f"{API}{call.path}")
        if self.identity.signs and call.method not in READS:
            target = f"{self.tokens.issuer}{API}{call.path}{f'?{url.query.decode()}' if url.query else ''}"
            headers |= signing.signed(
                call.method, target, call.content, headers, key=self.identity.key, created=self.tokens.now()
            )
        self._was_sent = True
        response = self._http.request(call.method, url, content=call.content or None, headers=headers)
        answer = answer_of(call.method, call.path, response)
        self.tokens.hear(answer.headers)
        if answer.status >= 400:
            raise problem_of(answer)
        return answer
