"""Who takes part in the two stories, and what both need to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from demo.client import Client, Refused

SUPERVISOR = "bawaslu-sumatera-barat"
EXAMINER_THEN = "kasn"
MINISTRY = "kemdikbudristek"
ELSEWHERE = "bawaslu-kab-kotawaringin-timur"
EXAMINER_NOW = "bkn"
REGENCY = "pemkab-kotawaringin-timur"


def at(day: str, time: str = "09:00") -> str:
    """That moment in western Indonesia."""
    return f"{day}T{time}:00+07:00"


def next_number(office: Client) -> str:
    """The next number of that office's register, so that the walk can be walked again on the same sandbox."""
    page = office.get("/findings", origin_office=office.agency, limit="1", count="exact").data
    return f"{page['count']['value'] + 1:03d}"


def misspelled(body: Mapping[str, Any], name: str, typo: str) -> dict[str, Any]:
    """The body with one field's name typed wrongly."""
    return {typo if key == name else key: value for key, value in body.items()}


def mended(refused: Refused) -> Sequence[str]:
    """What the service says would mend it."""
    return [
        f"{error.get('pointer', '')} {error['code']}"
        + (f", did_you_mean: {error['did_you_mean']}" if "did_you_mean" in error else "")
        for error in refused.errors
    ]


def history(timeline: Any) -> Sequence[str]:
    """One line for each transition of a timeline."""
    return [
        f"{step['occurred_at'][:10]} {step['name']} ({step['actor']['party']}), {len(changes)} perubahan/changes"
        for step, changes in (
            (item["transition"], item["changes"]) for item in timeline["data"] if item["kind"] == "transition"
        )
    ]
