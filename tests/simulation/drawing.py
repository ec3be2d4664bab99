"""The flow as the simulation draws it, once more and by hand: who may do what, where it leads, and whose what is.

Rows that nobody performs over the API are not drawn; what they leave says `Model.happened`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tests.factories import (
    AUDITOR,
    BKN,
    HOME_AFFAIRS,
    KASN,
    MINISTRY,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
)

RI = "bawaslu-ri"
Case = dict[str, Any]

# transition | from | to | by
DRAWN: Final = """
request-identity   | submitted                              | identity_requested | examiner
identify           | identity_requested submitted           | submitted          | employer examiner
disown             | identity_requested                     | submitted          | employer
recall             | identity_requested returned            | back               | examiner
return             | submitted under_examination            | returned           | examiner
complete           | returned                               | back               | submitter
withdraw           | submitted identity_requested returned  | closed             | submitter
reject             | submitted                              | closed             | examiner
accept             | submitted                              | under_examination  | examiner
clear              | under_examination                      | closed             | examiner
redirect           | submitted under_examination            | closed             | examiner
recommend          | under_examination                      | recommended        | examiner
serve              | recommended                            | awaiting_sanction  | examiner
acknowledge        | recommended                            | awaiting_sanction  | addressee
dispute            | recommended awaiting_sanction          | disputed           | addressee
uphold             | disputed                               | back               | examiner
retract            | disputed                               | closed             | examiner
report-sanction    | awaiting_sanction                      | sanction_reported  | addressee
record-delivery    | sanction_reported                      | same               | addressee
require-correction | sanction_reported                      | awaiting_sanction  | examiner
close              | sanction_reported                      | closed             | examiner
contest            | sanction_reported                      | contested          | addressee
settle             | contested                              | sanction_reported  | addressee
annul              | contested                              | closed             | addressee
record-execution   | sanction_reported closed               | same               | addressee
terminate          | any open                               | closed             | examiner
transfer           | any open                               | same               | employer examiner
note               | any open                               | same               | submitter examiner
extend             | any open                               | same               | examiner
reassign           | any open                               | same               | submitter superior
measure            | any open                               | same               | oversight
block-data         | any open                               | same               | personnel
unblock-data       | any                                    | same               | personnel
correct            | any                                    | same               | submitter examiner employer addressee
merge              | merging                                | closed             | examiner
unmerge            | closed                                 | where it stood     | examiner
reopen             | closed                                 | by its past        | examiner
"""

OPEN: Final = (
    "submitted", "identity_requested", "returned", "under_examination", "recommended", "awaiting_sanction", "disputed",
    "sanction_reported", "contested",
)  # fmt: skip
MERGING: Final = OPEN[:7]
# How far along a case is; what is away stands where it came from.
ALONG: Final = ("submitted", "under_examination", "recommended", "awaiting_sanction", "sanction_reported", "contested")
AWAY: Final = ("identity_requested", "returned", "disputed")
TURNS: Final = {
    "submitted": "examiner", "identity_requested": "employer", "returned": "submitter",
    "under_examination": "examiner", "recommended": "addressee", "awaiting_sanction": "addressee",
    "disputed": "examiner", "sanction_reported": "examiner", "contested": "addressee",
}  # fmt: skip
OUTCOMES: Final = {
    "withdraw": "withdrawn", "reject": "rejected", "clear": "not_proven", "retract": "not_proven",
    "close": "sanctioned", "merge": "merged", "redirect": "redirected",
    "terminate": "terminated", "annul": "annulled",
}  # fmt: skip

OFFICES: Final = frozenset({PADANG, PROVINCE, RI})
OVERSEERS: Final = frozenset({MINISTRY, HOME_AFFAIRS, BKN, PEMPROV})
"""To whom a level of the ladder may show a file."""
ROUND: Final = (PADANG, BKN, PEMKOT, PEMPROV, KASN, PROVINCE, AUDITOR, OTHER_OFFICE, RI, MINISTRY, HOME_AFFAIRS)
"""Everybody who may try something."""

ABOVE: Final = {PADANG: (PROVINCE, RI), OTHER_OFFICE: (PROVINCE, RI), PROVINCE: (RI,), RI: ()}
"""The offices of Bawaslu, and those above each, nearest first."""
LETTERS: Final = {
    BKN: {"reminder", "warning", "report_to_ministry"},
    HOME_AFFAIRS: {"reminder", "reprimand", "report_to_ministry"},
    MINISTRY: {"reminder", "warning", "report_to_ministry"},
    PEMPROV: {"reminder", "reprimand"},
}
"""Which of the measures that are tried whose are: the governor reprimands, and reports nothing."""
BOUND: Final = frozenset({
    "clear", "recommend", "redirect", "terminate", "dispute", "uphold", "retract", "report-sanction",
    "require-correction", "reopen",
})  # fmt: skip
"""What nobody may do any more once a court has ruled on the sanction."""
FACTS: Final = {
    "#/violations/*/place": "matter", "#/subject/position": "identity", "#/unit": "examiner",
    "#/finding/register_number": "office", "#/sanction/decision/number": "decree", "#/employer": "nobody",
}  # fmt: skip
"""The facts that are corrected, and whose they are; an employer is changed by acts of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the drawing."""

    name: str
    start: tuple[str, ...]
    leads: str
    by: tuple[str, ...]


def _lines() -> dict[str, Line]:
    several = {"any open": OPEN, "any": (*OPEN, "closed"), "merging": MERGING}
    lines = {}
    for line in DRAWN.strip().splitlines():
        name, start, leads, by = (cell.strip() for cell in line.split("|"))
        lines[name] = Line(name, several.get(start) or tuple(start.split()), leads, tuple(by.split()))
    return lines


LINES: Final = _lines()


# -- a case, looked at ------------------------------------------------------------------------------------------------


def along(case: Case) -> int:
    """How far along it is, as a number to compare."""
    return ALONG.index(case["back"] if case["state"] in AWAY else case["state"])


def turn_in(case: Case) -> list[str] | None:
    """Whose turn it is: the party and its agency; nobody's once it is closed."""
    if case["state"] == "closed":
        return None
    party = TURNS[case["state"]]
    if case["state"] == "sanction_reported" and not case["delivered"]:
        party = "addressee"
    return [party, case[party]]


def brief(case: Case) -> Case:
    """The case as a failure tells it."""
    return {name: value for name, value in case.items() if name not in {"told", "opened"}}


def local_day(moment: datetime) -> Any:
    """The day in Jakarta."""
    return (moment + timedelta(hours=7)).date()
