"""A casefile that stands where a row of the flow may be performed, and a body that its guards accept.

Whatever concerns every routed transition (documented answers, statements, measurements) gets its casefiles here, so
that a row which joins the flow joins them all. Needs the sandbox's world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from casefiles import flow
from casefiles.flow import State
from tests import factories
from tests.factories import Story

ROUTED = tuple(row.name for row in flow.FLOW if row.routed and not row.creates)

# What has to happen in the same state before.
FIRST: Mapping[str, tuple[str, ...]] = {
    "accept": ("identify",),
    "close": ("record-delivery",),
    "contest": ("record-delivery",),
    "unblock-data": ("block-data",),
    # Whoever is not identified moves nowhere, and an agency that was not asked has no sight.
    "transfer": ("request-identity", "identify"),
}
# A letter of oversight goes to an agency that is obliged already; what is unmerged was merged before.
LATER: Mapping[str, State] = {"measure": State.AWAITING_SANCTION, "unmerge": State.SUBMITTED}


@dataclass(frozen=True, slots=True)
class Ready:
    """The casefile's story, the agency that performs the row on it now, and the body."""

    story: Story
    who: str
    given: Any


def ready(name: str, **submitted: Any) -> Ready:
    """A casefile at the first state from which that row may be performed; `submitted` as `factories.story` takes it."""
    state = LATER.get(name) or flow.ROWS[name].source[0]
    told = factories.casefile_at(state, **submitted)
    into = factories.casefile_at(state, **submitted).casefile if name in {"merge", "unmerge"} else None
    if name == "unmerge":
        told.do("merge", into=into)
    for before in FIRST.get(name, ()):
        told.do(before)
    who = told.who(name)
    changed: dict[str, Any] = dict(told.officer) if name == "identify" else {}
    if name == "merge":
        changed["into"] = into
    if name == "accept":
        changed["not_duplicate_of"] = told.suspected_by(who)
    # More time is granted from today on, and today the file is a year or two late.
    day = datetime.now(UTC).date() if name == "extend" else told.day
    given = factories.given(name, day=day, document=lambda kind: factories.document(who, kind), **changed)
    if name == "unmerge":  # a merge of that day is undone in time
        given = replace(given, occurred_at=factories.at(told.day, 4))
    return Ready(told, who, given)
