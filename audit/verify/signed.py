"""`lintas-verify evidence FILE`: one signed act, as `GET /casefiles/{id}/evidence/{seq}` answers it.

Shows that the entry is in the log, who acted, and that a key of theirs signed a request for this very act.
"""

from __future__ import annotations

from pathlib import Path

from .anchors import HOW_TO_GET_A_KEY, Anchors, read_json
from .case import entry_of, index_of, verify_actors, verify_signature
from .checkpoints import asks_witnesses
from .entries import Chains, place
from .report import CannotDecide, Report

FORMAT = "lintas-evidence/1"


def verify_evidence(file: Path, *, anchors: Anchors, report: Report) -> None:
    """Verify the evidence of one act. Raises `CannotDecide` where it is none, is cut off, or no key was given."""
    document = read_json(file)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CannotDecide(f"{file}: this is no evidence of a signed act ({FORMAT}).")
    if not anchors.keys:
        raise CannotDecide(HOW_TO_GET_A_KEY)
    asks_witnesses(anchors, report)
    # One entry of its stream: its place in it is the whole log's matter.
    entry = entry_of(document, chains=Chains(Report()), anchors=anchors, report=report)
    if entry is None:
        return
    if entry["stream"] != document.get("casefile") or entry["seq"] != document.get("seq"):
        report.add("column-differs", member="casefile", **place(entry))
    if entry["request"].get("signature") is None:
        raise CannotDecide(f"{file}: the request of this entry was not signed.")
    keys = verify_actors(document.get("parties"), [(index_of(document), entry, None)], anchors=anchors, report=report)
    verify_signature(entry, document.get("evidence"), keys=keys, report=report)
    report.verified.update(entry=str(entry["entry"]), casefile=str(entry["stream"]))
