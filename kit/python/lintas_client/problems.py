"""What goes wrong, as exceptions: a refusal of the register with its stable code, or no answer at all.

No text of these exceptions holds what was sent: an exception ends in logs, and a NIP must not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from lintas_client.answers import Answer
    from lintas_client.shapes import Casefile, ProblemItem


class LintasError(Exception):
    """Whatever this library raises on purpose."""


class Unanswered(LintasError):
    """Nobody answered while patience lasted. A write stays in the outbox and is sent again with the same key."""


class Problem(LintasError):
    """The register refused (RFC 9457).

    `code` is stable, `detail` is in the language that was asked for, `errors` lists every reason with its pointer,
    `members` is all that was said, `retry_after` seconds where the register named them, `is_settled` whether the
    refusal says for certain that a write was not done.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        data = answer.data
        self.members: Mapping[str, Any] = data if isinstance(data, dict) else {}
        self.status = answer.status
        self.code = str(self.members.get("code", "no-problem-json"))
        self.title = str(self.members.get("title", ""))
        self.detail = str(self.members.get("detail", ""))
        self.errors: Sequence[ProblemItem] = cast("Sequence[ProblemItem]", self.members.get("errors", ()))
        self.retry_after = seconds_of(answer.headers.get("retry-after"))
        self.is_settled = True
        super().__init__(f"{answer.method} {answer.path}: {self.status} {self.code}. {self.detail}".strip())

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later without any change: a twin in flight, a rate, a bad moment."""
        return self.status in {429, 502, 503, 504} or self.code == "request-in-progress"

    def settles(self, *, doubtful: bool) -> bool:
        """Whether it says for certain that a write was not done, and will not be while nobody mends anything.

        Token, rate, scope, headers and sight are checked before the register looks for an answer kept under the key.
        Where an earlier attempt may have arrived (`doubtful`), such a refusal does not say what became of it. A token
        that is not accepted says nothing about the write: somebody mends the key, and it is sent.
        """
        if self.passes or self.status == 401 or self.status >= 500:
            return False
        return not doubtful or self.status in {409, 410, 412, 422} or self.code in {"wrong-party", "not-your-office"}


class Unauthenticated(Problem):
    """401: the token, the assertion, the signature or the proof was not accepted."""


class NotAllowed(Problem):
    """403: the scope, the party or the office does not allow it."""


class NotFound(Problem):
    """404: it does not exist, or is not visible for this agency."""


class Conflict(Problem):
    """409: what was asked does not fit how things stand now."""


class WrongState(Conflict):
    """409 `wrong-state`: `members` has `state`, `allowed_from`, `available`."""


class TransitionRefused(Conflict):
    """409 `transition-refused`: every reason at once in `errors`, each with `resolve_with` where something helps."""


class Gone(Problem):
    """410: the act had been accepted, and its content or its kept answer is gone."""


class StaleVersion(Problem):
    """412: the casefile has changed since it was read. It was read again: `current` is how it stands now.

    Nothing is repeated by itself: look whether the act is still right, and do it again.
    """

    current: Casefile | None = None

    @property
    def current_version(self) -> int | None:
        """The version now."""
        version = self.members.get("current_version")
        return version if isinstance(version, int) else None


class InvalidBody(Problem):
    """400, 413, 415, 422: the request has to be mended; `errors` says where."""


class RateLimited(Problem):
    """429: too much at once; `retry_after` says when to come back."""


class Unavailable(Problem):
    """5xx: the register cannot answer now."""


BY_CODE: Final[Mapping[str, type[Problem]]] = {
    "wrong-state": WrongState,
    "transition-refused": TransitionRefused,
    "stale-version": StaleVersion,
}
BY_STATUS: Final[Mapping[int, type[Problem]]] = {
    400: InvalidBody, 401: Unauthenticated, 403: NotAllowed, 404: NotFound, 409: Conflict, 410: Gone, 412: StaleVersion,
    413: InvalidBody, 415: InvalidBody, 422: InvalidBody, 429: RateLimited,
}  # fmt: skip


def problem_of(answer: Answer) -> Problem:
    """The exception of an answer of 400 or above."""
    code = answer.data.get("code") if isinstance(answer.data, dict) else None
    kind = BY_CODE.get(str(code)) or BY_STATUS.get(answer.status)
    return (kind or (Unavailable if answer.status >= 500 else Problem))(answer)


def seconds_of(retry_after: str | None) -> float | None:
    """The seconds that a `Retry-After` names, as a number or as a date; None where it names none."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
