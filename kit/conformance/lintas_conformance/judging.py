"""A run: every scenario that the integration can play, then every assertion's verdict on what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from lintas_conformance.acts import Integration
from lintas_conformance.assertions import Assertion, NotSeen, assertions
from lintas_conformance.assertions.access import OUGHT_TO_FAIL
from lintas_conformance.assertions.grammar import EVERYWHERE
from lintas_conformance.scenarios import SCENARIOS, playable
from lintas_conformance.stage import Seen, Stage
from lintas_simulator.register import Register

Verdict = Literal["held", "broken", "not-seen"]
"""Kept, broken, or: the integration has nothing to do with it, or never came that far."""
SAYS: Final[Mapping[Verdict, tuple[str, str]]] = {
    "held": ("dipenuhi", "held"),
    "broken": ("dilanggar", "broken"),
    "not-seen": ("tidak teramati", "not seen"),
}


@dataclass(frozen=True)
class Result:
    """The verdict on one assertion, with the evidence against it."""

    assertion: Assertion
    verdict: Verdict
    evidence: Sequence[str] = ()


def run(
    register: Register,
    integration: Integration,
    *,
    only: Collection[str] = (),
    sleep: Callable[[float], None] = time.sleep,
    begins: Callable[[str], object] = lambda name: None,
) -> list[Result]:
    """Play the scenarios (or those named in `only`) and judge. `begins` is told the name of each as it begins.

    An assertion that looks everywhere is judged by what was played.
    """
    stage = Stage(register, integration, sleep=sleep)
    played: dict[str, Seen] = {}
    for name, scenario in SCENARIOS.items():
        if (not only or name in only) and playable(stage, scenario):
            begins(name)
            played[name] = stage.begin(name)
            scenario.plays(stage)
    stage.begin("")
    everything = _together(stage, played)
    return [
        _judged(one, everything if one.scenario == EVERYWHERE else played.get(one.scenario))
        for one in assertions().values()
    ]


def _together(stage: Stage, played: Mapping[str, Seen]) -> Seen:
    """All that was seen; without the scenarios in which a refused token is no fault."""
    counted = [seen for name, seen in played.items() if name not in OUGHT_TO_FAIL]
    told: dict[str, Any] = {"personal": sorted(set(stage.personal())), "order": [one["id"] for one in stage.events()]}
    return Seen(
        EVERYWHERE,
        asked=[asked for seen in counted for asked in seen.asked],
        exchanges=[one for seen in counted for one in seen.exchanges],
        told=told,
    )


def _judged(assertion: Assertion, seen: Seen | None) -> Result:
    if seen is None or not (seen.asked or seen.deliveries):
        return Result(assertion, "not-seen")
    try:
        evidence = list(assertion.judge(seen))
    except NotSeen:
        return Result(assertion, "not-seen")
    return Result(assertion, "broken" if evidence else "held", evidence)


def is_passed(results: Sequence[Result]) -> bool:
    """Whether nothing was broken and something was seen."""
    verdicts = {one.verdict for one in results}
    return "broken" not in verdicts and "held" in verdicts
