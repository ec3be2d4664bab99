"""The request behind an entry, as the log names it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from audit.evidence import Signed


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the door says about the request: its id, the digest of its idempotency key, whether it only tries, what
    proves its signature, where it was signed, and the id that its caller chose ("" where none was kept).
    """

    id: UUID
    idempotency: bytes | None = None
    only_tries: bool = False
    signed: Signed | None = None
    caller_id: str = ""

    @property
    def signature(self) -> bytes | None:
        """What the entries of the request hold of that proof."""
        return self.signed.digest if self.signed else None
