"""The rows of the flow as data: what `/catalogue/transitions` answers, and what the partner's kit carries along."""

from __future__ import annotations

from typing import Any, Final

from casefiles import flow
from casefiles.flow.grammar import Target
from casefiles.shapes import members

API: Final = "/api/v1"


def transition(row: flow.Transition) -> dict[str, Any]:
    """One row of the flow as data."""
    targets = [str(state) for state in row.target_states] or [str(row.target)]
    return {
        "name": row.name,
        "title_id": row.title_id,
        "title_en": row.title_en,
        "from": [str(state) for state in row.source],
        "to": targets,
        "returns": row.target is Target.CAME_FROM,
        "by": [str(party) for party in row.by],
        "given": [
            {"name": member.name, "required": member.required} for member in (members(row.takes) if row.takes else ())
        ],
        "guards": [
            (guard.__doc__ or "").strip().split("\n")[0] for guard in (*row.requires, *row.weighs) if guard.__doc__
        ],
        "outcome": row.outcome or None,
        "announces": f"lintas.{row.announces}",
        "article": row.article,
        "href": _href(row),
    }


def _href(row: flow.Transition) -> str | None:
    """Where it is performed; rows of the clock and of operators have no route."""
    if not row.routed:
        return None
    return f"{API}/findings" if row.creates else f"{API}/casefiles/{{id}}/{row.name}"
