"""Time that passes at once, in a sandbox: day after day, with a round of the clock and of the counterparts after each.

So every reminder, level and lapse is recorded on the day on which it would have come.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from casefiles import register_time
from casefiles.operations import clock, moods

DAY: Final = timedelta(days=1)
# The clock's own round may be at work; in a sandbox it takes milliseconds.
_ATTEMPTS: Final = 100
_BETWEEN_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Travelled:
    """What the days brought; `answered` counts steps of counterparts.

    `paused` says why the clock did nothing at the end of one: time has stopped there.
    """

    at: datetime
    ahead: timedelta
    rounds: int = 0
    escalated: int = 0
    given_back: int = 0
    refused: int = 0
    answered: int = 0
    paused: str = ""


def advance(by: timedelta) -> Travelled:
    """Let that much time pass. Raises `register_time.TooFar` before anything moved, and what `clock.tick` raises."""
    if register_time.ahead() + by > register_time.MOST:
        raise register_time.TooFar
    rounds: list[clock.Ticked] = []
    answered = 0
    left = by
    while left > timedelta() and not (rounds and rounds[-1].paused):
        step = min(left, DAY)
        register_time.move(step)
        left -= step
        rounds.append(_round())
        if not rounds[-1].paused:
            answered += moods.act(now=register_time.now()).steps
    return Travelled(
        at=register_time.now(),
        ahead=register_time.ahead(),
        rounds=len(rounds),
        escalated=sum(one.escalated for one in rounds),
        given_back=sum(one.given_back for one in rounds),
        refused=sum(one.refused for one in rounds),
        answered=answered,
        paused=rounds[-1].paused if rounds else "",
    )


def _round() -> clock.Ticked:
    for _ in range(_ATTEMPTS):
        done = clock.tick(now=clock.moment())
        if not done.busy:
            return done
        time.sleep(_BETWEEN_S)
    return done
