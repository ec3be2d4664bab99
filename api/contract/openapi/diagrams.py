"""The flow drawn as Mermaid: the line most cases follow for the README, and each chapter by itself for docs/flow.md.

One drawing of every row at once is a thicket that nobody reads. Rows that leave from every open state are in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from casefiles import flow
from casefiles.flow import OPEN, State, Transition
from casefiles.flow.afterwards import AFTERWARDS
from casefiles.flow.examination import EXAMINATION
from casefiles.flow.execution import EXECUTION
from casefiles.flow.follow_up import FOLLOW_UP
from casefiles.flow.grammar import Target
from casefiles.flow.intake import INTAKE
from casefiles.flow.joining import JOINING
from casefiles.flow.remedy import REMEDY
from casefiles.flow.sanction import SANCTION

# The way of a case from the finding to the sanction, with the ends and loops that are usual.
MAIN_LINE: Final = (
    "submit",
    "request-identity",
    "identify",
    "return",
    "complete",
    "reject",
    "accept",
    "clear",
    "recommend",
    "acknowledge",
    "dispute",
    "uphold",
    "report-sanction",
    "record-delivery",
    "require-correction",
    "close",
    "contest",
    "settle",
    "annul",
)


def _rows(*of_chapters: Transition) -> tuple[Transition, ...]:
    """The rows as they stand in the table, which adds to a chapter's rows what holds for every row."""
    return tuple(flow.ROWS[row.name] for row in of_chapters)


CHAPTERS: Final = (
    ("Penerimaan / Intake", _rows(*INTAKE)),
    (
        "Pemeriksaan dan rekomendasi / Examination and recommendation",
        _rows(*EXAMINATION, *FOLLOW_UP, flow.ROWS["serve"]),
    ),
    ("Hukuman dan upaya administratif / Sanction and remedies", _rows(*SANCTION, *REMEDY, *EXECUTION)),
    ("Penggabungan dan pembukaan kembali / Merging and reopening", _rows(*JOINING, *AFTERWARDS)),
)

# So many states in a row are drawn as one.
MANY: Final = 5


def main_line() -> Iterator[str]:
    """The README's drawing."""
    return _drawn(flow.ROWS[name] for name in MAIN_LINE)


def chapters() -> Iterator[tuple[str, Iterator[str]]]:
    """Each chapter's title and drawing."""
    for title, rows in CHAPTERS:
        yield title, _drawn(row for row in rows if not is_everywhere(row))


def is_everywhere(row: Transition) -> bool:
    """Whether the row leaves from every open state, so that drawing it would only hide the others."""
    return set(row.source) >= set(OPEN)


# -- arrows -----------------------------------------------------------------------------------------------------------


def _drawn(rows: Iterable[Transition]) -> Iterator[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    spans: dict[str, str] = {}
    for row in rows:
        for source, target in _gathered(list(_ways(row)), spans):
            # Whatever may end a case has its outcome where it does.
            label = f"{row.name} ({row.outcome})" if row.outcome and target == State.CLOSED else row.name
            arrows.setdefault((source, target), []).append(label)
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    direction TB"
    for name, title in spans.items():
        yield f'    state "{title}" as {name}'
    for (source, target), names in arrows.items():
        yield f"    {source} --> {target}: {', '.join(names)}"
    if any(target == State.CLOSED for _, target in arrows):
        yield "    closed --> [*]"
    yield "```"


def _gathered(ways: list[tuple[str, str]], spans: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The row's arrows; where many states lead to one, or one to many, one arrow for all of them."""
    sources, targets = (list(dict.fromkeys(names)) for names in zip(*ways, strict=True))
    if len(sources) >= MANY and len(targets) == 1:
        yield _span(sources, spans), targets[0]
    elif len(targets) >= MANY and len(sources) == 1:
        yield sources[0], _span(targets, spans)
    else:
        yield from ways


def _span(names: list[str], spans: dict[str, str]) -> str:
    """One state that stands for all of these, from the first to the last in the order of the flow."""
    order = [str(state) for state in State]
    first, last = order.index(names[0]), order.index(names[-1])
    if order[first : last + 1] != names:
        raise ValueError(f"these states are not one stretch of the flow: {', '.join(names)}")
    name = f"{names[0]}_to_{names[-1]}"
    spans[name] = f"{names[0]} … {names[-1]}"
    return name


def _ways(row: Transition) -> Iterator[tuple[str, str]]:
    if row.paths:
        yield from ((str(source), str(target)) for source, target in row.paths if source is not target)
        return
    sources = [str(state) for state in row.source] or ["[*]"]
    for source in sources:
        if row.target is Target.SAME:
            yield source, source
        elif row.target is Target.CAME_FROM:
            # Back only to states from which some row had led here.
            for state in row.target_states:
                if any(state in other.source and other.target == source for other in flow.FLOW):
                    yield source, str(state)
        elif row.target_states:
            for state in row.target_states:
                yield source, str(state)
        else:
            yield source, str(row.target)
