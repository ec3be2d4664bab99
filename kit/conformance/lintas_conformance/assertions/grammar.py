"""What an assertion is: an id made from a flow row, an operation or an article, where it looks, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lintas_conformance.stage import Asked, Seen
from lintas_simulator.messages import Exchange

EVERYWHERE: Final = "*"


class NotSeen(Exception):
    """The scenario has shown nothing that could be judged."""


Judge = Callable[[Seen], Sequence[str]]
"""What speaks against the integration, as evidence without personal data; nothing where it did right."""


@dataclass(frozen=True)
class Assertion:
    """One promise that a good integration keeps. `indonesian` and `english` say how to mend it; `row` is the flow's."""

    id: str
    scenario: str
    judge: Judge
    indonesian: str
    english: str
    source: str
    row: str = ""


def shown(one: Exchange) -> str:
    """An exchange as evidence: no address, no body."""
    answered = "no answer" if one.answer.cut is not None else f"{one.answer.status} {one.answer.code}".strip()
    return f"#{one.number} {one.request.method} {one.operation or 'unknown route'}: {answered}"


def all_shown(found: Iterable[Exchange]) -> list[str]:
    """Exchanges as evidence, ten at most."""
    return [shown(one) for one in found][:10]


def only_act(seen: Seen) -> Asked:
    """The first act of a scenario, where it was attempted at all. Raises `NotSeen`."""
    if not seen.asked or not seen.asked[0].writes:
        raise NotSeen
    return seen.asked[0]


def refused_with(*codes: str) -> Judge:
    """No request was ever refused with one of these codes."""

    def judge(seen: Seen) -> list[str]:
        return all_shown(one for one in seen.exchanges if one.answer.code in codes)

    return judge
