"""A past case is judged in memory as it would be of what the database brings after each of its steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from audit import ledger
from casefiles.catalogue.law import local_day
from casefiles.operations import past_taking
from casefiles.transitions import decide, perform
from casefiles.transitions.load import Mentioned
from casefiles.transitions.load_many import load_many
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.step import ROLES_BROUGHT
from casefiles.transitions.values import Step
from casefiles.transitions.write import write
from tests.casefiles.operations.test_importing import NOW, SANCTIONED, case, taken

pytestmark = pytest.mark.usefixtures("db", "world")

LATER = list(SANCTIONED)[list(SANCTIONED).index("accepted_on") :]


def of_json(loaded: Loaded) -> dict[str, Any]:
    """What was brought, with every value as JSON has it; instants are written in one way."""
    told = {field.name: getattr(loaded, field.name) for field in dataclasses.fields(loaded)}
    told["facts"] = ledger.canonical(told["facts"])
    past = [
        {**row, "answered_at": datetime.fromisoformat(row["answered_at"]).astimezone(UTC)}
        for row in told["past_referrals"]
    ]
    told["past_referrals"] = [orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for row in past]
    if (referral := loaded.referral) is not None:
        opened_at, due_at = referral.opened_at.astimezone(UTC), referral.due_at.astimezone(UTC)
        plain = dataclasses.replace(referral, opened_at=opened_at, due_at=due_at)
        told["referral"] = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    return told


def test_each_step_is_judged_of_what_the_step_before_it_left(monkeypatch: pytest.MonkeyPatch) -> None:
    followed = decide.followed
    judged: dict[tuple[UUID, int], Loaded] = {}
    compared = 0

    def spied(before: Loaded | None, step: Step, **more: Any) -> Loaded:
        found = followed(before, step, **more)
        judged[found.id, found.version] = found
        return found

    def written(walks: Iterable[tuple[Step, ...]]) -> None:
        nonlocal compared
        for step in (step for steps in walks for step in steps):
            write((step,))
            actor = step.act.actor
            (brought,) = load_many(
                [step.casefile],
                actor=actor.agency_id,
                today=local_day(NOW, actor.time_zone),
                mentioned=Mentioned(roles=ROLES_BROUGHT),
            )
            expected, found = of_json(brought), of_json(judged[step.casefile, step.columns.version])
            assert found == expected, (step.act.row.name, [name for name in found if found[name] != expected[name]])
            compared += 1

    monkeypatch.setattr(perform, "followed", spied)
    monkeypatch.setattr(past_taking, "write_walks", written)
    stops = dict.fromkeys(LATER)
    cleared = {"accepted_on": "2020-10-12", "cleared_on": "2020-10-20", "clear_reason": "no_violation",
               "letter_number": "T-1", "outcome": "not_proven"}  # fmt: skip
    came = taken(
        case(),
        case(register_number="2", nip=None, **{**stops, "outcome": "open"}),
        case(register_number="3", **{**stops, **cleared}),
    )
    assert [one.status for one in came] == ["imported"] * 3, came
    assert compared == 7 + 1 + 3
