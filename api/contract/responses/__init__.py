"""What every answer looks like, as OpenAPI 3.0.3 components: `COMPONENTS` by name, and an example of each.

Chapters: `batches`, `casefiles`, `violations`, `writes`, `findings` (and documents), `preventions`, `reconciliations`,
`statistics`, `snapshots`, `zero_reports`, `silence`, `hukdis`, `referrals` (and timeline, reads), `agencies` (and
mandates), `directory` (catalogue, service, tokens), `classifications`, `clients` (keys, delegations), `log` (events,
entries, proofs), `webhooks`, `problems`. `grammar` has the words. The tests hold the server's real answers against
these schemas.
"""

from __future__ import annotations

from typing import Any

from api.contract.responses import (
    agencies,
    batches,
    casefiles,
    classifications,
    clients,
    directory,
    findings,
    hukdis,
    log,
    preventions,
    problems,
    reconciliations,
    referrals,
    silence,
    snapshots,
    statistics,
    webhooks,
    writes,
    zero_reports,
)
from api.contract.responses.grammar import COMPONENTS, Schema, example_of


def example(name: str) -> Any:
    """An answer of that component."""
    return example_of(COMPONENTS[name])


__all__ = (
    "COMPONENTS",
    "Schema",
    "agencies",
    "batches",
    "casefiles",
    "classifications",
    "clients",
    "directory",
    "example",
    "example_of",
    "findings",
    "hukdis",
    "log",
    "preventions",
    "problems",
    "reconciliations",
    "referrals",
    "silence",
    "snapshots",
    "statistics",
    "webhooks",
    "writes",
    "zero_reports",
)
