"""The order on which months of reads ended: two persons signed it, for this log and for these months.

Who the persons are and whether they might sign is nothing that a verifier can know; an auditor compares the public keys
with those that the archives' office has published. That there are two, with two keys that fit the order, it can.
"""

from __future__ import annotations

from typing import Any, Final

from ..tlog.notes import LOG, BadNote, decode, read_vkey
from .entries import Entry
from .forms import canonical

FORMAT: Final = "lintas-months/1"
PERSONS: Final = 2


def order_fault(entry: Entry, given: Any, state: Any) -> str:
    """The member of the order that does not hold; "" where all do. `given` and `state` are what the entry opens to."""
    if not isinstance(given, dict) or not isinstance(state, dict) or given.get("format") != FORMAT:
        return "format"
    if given.get("origin") != entry.get("origin"):
        return "origin"
    if given.get("id") is None or given["id"] != state.get("order"):
        return "id"
    until, ended = given.get("until"), state.get("until")
    if not isinstance(until, str) or not isinstance(ended, str) or ended > until:
        return "until"
    return "" if len(_signers(given)) >= PERSONS else "signatures"


def _signers(order: dict[str, Any]) -> set[bytes]:
    """The keys that signed the order; none where one signature does not fit, or a name or a key stands twice."""
    marks = order.get("signatures")
    if not isinstance(marks, list):
        return set()
    try:
        message = f"{FORMAT}\n".encode() + canonical({name: order[name] for name in order if name != "signatures"})
        keys: dict[str, bytes] = {}
        for mark in marks:
            key = read_vkey(mark["key"])
            if key.type != LOG or key.name != mark["name"]:
                return set()
            key.verify(decode(mark["signature"]), message)
            keys[key.name] = key.raw
    except (BadNote, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()
    raw = set(keys.values())
    return raw if len(raw) == len(marks) else set()
