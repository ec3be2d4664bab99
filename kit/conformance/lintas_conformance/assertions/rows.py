"""One assertion for each row of the flow that a partner performs: where the published story has it."""

from __future__ import annotations

from collections.abc import Iterator

from lintas_conformance.assertions.grammar import Assertion, Judge, NotSeen, all_shown
from lintas_conformance.stage import Seen
from lintas_simulator.contract import Row, rows
from lintas_simulator.stories import story_of


def _performed(row: Row) -> Judge:
    """It was done at the first attempt, once, under the version as it stood, and reported as done."""

    def judge(seen: Seen) -> list[str]:
        mine = [asked for asked in seen.asked if (asked.act.transition or asked.act.verb) == row.name]
        if not mine:
            raise NotSeen
        wrong = []
        for asked in mine:
            refused = [one for one in asked.writes if one.answer.status >= 400]
            if refused:
                wrong += all_shown(refused)
            elif sum(one.committed for one in asked.writes) != 1:
                wrong.append(f"{row.operation} took effect {sum(one.committed for one in asked.writes)} times")
            elif asked.outcome.code:
                wrong.append(f"{row.operation}: exit code {asked.outcome.code}, though it was done")
        return wrong

    return judge


def of_rows() -> Iterator[Assertion]:
    """The assertions of all rows that a published path performs."""
    for row in rows().values():
        if not row.routed or story_of(row.name) is None:
            continue
        address = "/findings" if row.name == "submit" else f"/casefiles/{{id}}/{row.name}"
        yield Assertion(
            id=f"{row.name}.performed",
            scenario="walk",
            judge=_performed(row),
            indonesian=f"{row.title_id}: kirim POST {address} dengan badan menurut dokumen OpenAPI ({row.operation}).",
            english=f"{row.title_en}: send POST {address} with a body of the OpenAPI document ({row.operation}).",
            source=row.article,
            row=row.name,
        )
