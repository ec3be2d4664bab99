"""The one who calls: resolved once per request, handed down as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.ledger import Author


@dataclass(frozen=True, slots=True)
class Actor:
    """A client acting for its agency. `ancestors` are the agency's parents, nearest first (primary keys)."""

    client_pk: int
    client_id: str
    agency_id: int
    agency_code: str
    agency_name: str
    roles: frozenset[str]
    scopes: frozenset[str]
    user_pk: int | None
    group_pk: int
    time_zone: str
    ancestors: tuple[int, ...]
    token_pk: int
    key_thumbprint: str | None
    default_purpose: str = "case_handling"
    signatures_required_from: datetime | None = None

    def must_sign(self, *, now: datetime) -> bool:
        """Whether what the client writes now must carry a signature."""
        return self.signatures_required_from is not None and self.signatures_required_from <= now

    def as_recorder(self) -> Author:
        """Who records something that is no step of a casefile: a document, a key, a webhook, a reading.

        A command of the operator's has no key, and says that it is the operator's.
        """
        is_command = self.key_thumbprint is None and "operator" in self.roles
        return Author(
            party="operator" if is_command else "recorder",
            agency=self.agency_code,
            client=self.client_id,
            key=self.key_thumbprint,
        )

    @property
    def is_auditor(self) -> bool:
        """Auditors read every file (less protected identities) and change nothing."""
        return "auditor" in self.roles
