"""The examples of the OpenAPI document: bodies that the server would read, answers as it would give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import responses, schemas
from casefiles import flow, shapes
from casefiles.catalogue import load as load_catalogue
from casefiles.flow import Party, Transition

# Members that may be left out, and that an example is poorer without; by the shape's name.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "FindingGiven": ("found_by", "references"),
    "Violation": ("contest", "beneficiary"),
    "Acceptance": ("verification",),
    "SanctionReport": ("examination", "reason"),
    "Closing": ("contest_waived",),
}

_AGENCY_OF: Mapping[Party, tuple[str, str]] = {
    Party.SUBMITTER: ("bawaslu-kota-padang", "Bawaslu Kota Padang"),
    Party.EXAMINER: ("bkn", "Badan Kepegawaian Negara"),
    Party.EMPLOYER: ("pemkot-padang", "Pemerintah Kota Padang"),
    Party.ADDRESSEE: ("pemkot-padang", "Pemerintah Kota Padang"),
}


# A search is for little: all its filters together would find nothing. A case is named in one way, not in all.
_WHOLE: Mapping[str, Mapping[str, Any]] = {
    "CasefileSearch": {"nip": "198501012010011001", "purpose": "case_handling"},
    "ReconciliationGiven": {
        "scope": {"role": "employer", "election": "pilkada-2024"},
        "items": [
            {"ref": "SIKAP-17", "number": "LTS/2026/000123", "state": "awaiting_sanction", "due_on": "2026-11-24"},
            {"ref": "SIKAP-18", "nip": "198501012010011001", "election": "pilkada-2024", "outcome": "sanctioned"},
        ],
    },
}


def body(shape: type[Any]) -> dict[str, Any]:
    """A body of this shape. It says nothing of `occurred_at`: an example is sent when it is sent."""
    if shape.__name__ in _WHOLE:
        return dict(_WHOLE[shape.__name__])
    said: dict[str, Any] = schemas.example_of(shape, catalogue=load_catalogue())
    said.pop("occurred_at", None)
    for member in shapes.members(shape):
        kind = member.item or member
        if not kind.is_object or (member.name not in said and member.name not in _SHOWN.get(shape.__name__, ())):
            continue
        # A documented example stands as it is.
        if member.doc is None or member.doc.example is None:
            said[member.name] = [body(kind.base)] if member.item else body(kind.base)
    return {member.name: said[member.name] for member in shapes.members(shape) if member.name in said}


def answer(name: str, row: Transition | None) -> Any:
    """An answer; after a transition the casefile stands where that leads."""
    said = responses.example(name)
    if row is None or name not in {"CasefileAccepted", "Rehearsal"}:
        return said
    stage = row.target if isinstance(row.target, flow.Stage) else (row.target_stages or row.source)[0]
    told = said if name == "CasefileAccepted" else said["would"]
    turn = flow.turn_in(stage, {})
    told["state"] = str(stage)
    if turn is None:
        told["turn"] = None
    else:
        code, agency_name = _AGENCY_OF[turn.party]
        told["turn"] |= {"party": str(turn.party), "purpose": turn.purpose}
        told["turn"]["agency"] = {"code": code, "name": agency_name}
    if name == "CasefileAccepted":
        told["outcome"] = row.outcome or None if turn is None else None
        told["available"] = []
    elif turn is None:
        told["due_on"] = None
    return said
