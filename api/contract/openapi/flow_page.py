"""`docs/flow.md`: the flow for people, made of the table that the server runs on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

from api.contract.openapi.diagrams import chapters, is_everywhere, main_line
from casefiles import flow
from casefiles.flow import OPEN, State, Transition, chronology
from casefiles.flow.corrections import AUTHORS, CHANGED_BY, CORRECTABLE
from casefiles.flow.days import KINDS, ORDERS, PAPERS, REMEDY_DOUBTS
from casefiles.flow.grammar import Target

COMMAND = "./run openapi"

_CODE = re.compile("[a-z]+(?:-[a-z]+)+")


def guards_of(row: Transition) -> Iterator[tuple[str, str]]:
    """What each guard of the row refuses with: the stable code, and the sentence that says what has to hold."""
    for guard in (*row.requires, *row.weighs):
        if row.takes is not None and guard.__name__ == chronology.GUARD:  # type: ignore[attr-defined]  # guards are functions
            yield from chronology.refused_with(row.takes)
        else:
            yield from _refused_by(guard)


def flow_page() -> str:
    """The whole page."""
    return "\n".join(
        [
            f"<!-- Generated from casefiles/flow by `{COMMAND}`. Do not edit. -->",
            "# The flow / Alur perkara",
            "",
            "One casefile is one officer in one matter. Whose turn it is, since when and until when, is always one",
            "open referral. The same table drives the server, `GET /api/v1/catalogue/transitions` and the OpenAPI",
            "document.",
            "",
            *_drawings(),
            "",
            *_turns(),
            "",
            *_transitions(),
            "",
            *_refusals(),
            "",
            *_days(),
            "",
            *_corrections(),
            "",
            f"Digest of the table: `{flow.digest()}`",
            "",
        ]
    )


# -- the parts --------------------------------------------------------------------------------------------------------


def _drawings() -> Iterator[str]:
    yield "## Diagrams / Diagram"
    yield ""
    yield f"{_everywhere()} are possible from every open state and are left out."
    yield "`a … b` stands for every state from `a` to `b`, in the order of the table below."
    yield ""
    yield "### Alur utama / The main line"
    yield ""
    yield from main_line()
    for title, lines in chapters():
        yield ""
        yield f"### {title}"
        yield ""
        yield from lines


def _everywhere() -> str:
    *most, last = [f"`{row.name}`" for row in flow.FLOW if is_everywhere(row)]
    return f"{', '.join(most)} and {last}"


def _turns() -> Iterator[str]:
    yield "## Whose turn / Giliran siapa"
    yield ""
    yield from _table(
        ("State / tahap", "Turn of / giliran", "For / untuk"),
        [(f"`{state}`", *_turn(state)) for state in State],
    )


def _turn(state: State) -> tuple[str, str]:
    turn = flow.turn_in(state, {})
    if turn is None:
        return ("-", "-")
    if state is State.CONTESTED:
        board = flow.turn_in(state, {"contest": {"kind": "appeal"}})
        return (f"{turn.party}; of an appeal: {board.party}" if board else "-", turn.purpose)
    later = flow.TURNS.get(state)
    if later is None or later == turn:
        return (str(turn.party), turn.purpose)
    return (f"{turn.party}, then {later.party}", f"{turn.purpose}, then {later.purpose}")


def _transitions() -> Iterator[str]:
    yield "## Transitions / Transisi"
    yield ""
    rows = []
    for row in flow.FLOW:
        codes = dict.fromkeys(code for code, _ in guards_of(row))
        rows.append(
            (
                f"`{row.name}`<br>{row.title_id} / {row.title_en}",
                _stages(row.source) or "-",
                _target(row),
                ", ".join(row.by),
                f"`{row.takes.__name__}`" if row.takes else "-",
                ", ".join(f"`{code}`" for code in codes) or "-",
                row.article,
            )
        )
    yield from _table(("Name", "From", "To", "By", "Takes", "Refused with", "Article"), rows)
    yield ""
    yield "What each takes, field by field: `openapi/lintas-v1.yaml`, the schema of that name."


def _refusals() -> Iterator[str]:
    yield "## What has to hold / Yang harus terpenuhi"
    yield ""
    known: dict[str, tuple[str, list[str]]] = {}
    for row in flow.FLOW:
        for code, holds in guards_of(row):
            sentence, names = known.setdefault(code, (holds, []))
            if not sentence and holds:
                known[code] = (holds, names)
            if row.name not in names:
                names.append(row.name)
    yield from _table(
        ("Refused with", "What has to hold", "Transitions"),
        [(f"`{code}`", holds or "-", ", ".join(names)) for code, (holds, names) in sorted(known.items())],
    )


def _days() -> Iterator[str]:
    yield "## Which day may follow which / Hari apa boleh mengikuti hari apa"
    yield ""
    yield "Every body, every correction and every finding is held to this table, through whatever lies between: what is"
    yield "impossible is refused with the day it is compared with, what is odd is flagged among the file's warnings. No"
    yield "day told lies after the day of its act, and no document is dated after the act that brings it."
    yield ""
    yield from _table(
        ("Day", "not before", "Because", "Else"),
        [
            (
                f"{KINDS[order.later].id} / {KINDS[order.later].en}",
                f"{KINDS[order.earlier].id} / {KINDS[order.earlier].en}",
                f"{order.id} / {order.en}",
                f"{'flagged' if order.warns else 'refused'}: `{order.code}`",
            )
            for order in ORDERS
        ],
    )
    yield ""
    yield "The date of a document that stands beside a day is that day, or it is flagged: "
    yield ", ".join(f"`{code}` ({KINDS[kind].en})" for kind, _, _, code in PAPERS) + "."
    yield ""
    yield f"`close` respects what touches a remedy ({', '.join(f'`{code}`' for code in sorted(REMEDY_DOUBTS))}): it"
    yield "waits for the correction, a waiver, or the examiner's reason under `remedy_judged`."


def _corrections() -> Iterator[str]:
    yield "## What `correct` mends / Yang dapat dibetulkan"
    yield ""
    yield from _table(
        ("Fact / fakta", "Corrected by", "Rules of the field"),
        [
            (f"`{name}`", AUTHORS[field.author][1], f"`{field.shape.__name__}.{field.field}`")
            for name, field in CORRECTABLE.items()
        ],
    )
    yield ""
    yield (
        "Facts of a violation (`*`) are named with its number under `violation`, a document (`#/documents/*`) with its "
        "id under `replaces` and that of the new one as the value."
    )
    yield ""
    yield from _table(
        ("Not corrected / tidak dibetulkan", "Changed by / diubah dengan"),
        [(f"`{name}`", ", ".join(f"`{act}`" for act in acts)) for name, acts in CHANGED_BY.items()],
    )


# -- reading the table ------------------------------------------------------------------------------------------------


def _stages(states: tuple[State, ...]) -> str:
    if states == tuple(State):
        return "every state"
    return "every open state" if states == OPEN else ", ".join(f"`{state}`" for state in states)


def _target(row: Transition) -> str:
    if row.target is Target.SAME:
        return "stays"
    if row.target is Target.CAME_FROM:
        return "where it came from: " + _stages(row.target_states)
    if row.paths:
        return "stays, or " + _stages(row.target_states)
    if row.target_states:
        return _stages(row.target_states) + (f" / `{row.outcome}`" if row.outcome else "")
    return f"`{row.target}`" + (f" / `{row.outcome}`" if row.outcome else "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join("---" for _ in head) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


# -- reading the guards -----------------------------------------------------------------------------------------------
# A guard is a plain function that builds its Refusal itself; its codes are the kebab-case constants in its bytecode.
# What it merely delegates to (a lambda around another guard) is followed, within the flow.


def _refused_by(guard: Any, seen: frozenset[Any] = frozenset()) -> Iterator[tuple[str, str]]:
    if not isinstance(guard, FunctionType) or guard in seen or not guard.__module__.startswith("casefiles.flow"):
        return
    sentence = _sentence(guard)
    for code in _codes(guard.__code__):
        yield code, sentence
    for name in guard.__code__.co_names:
        called = guard.__globals__.get(name)
        if isinstance(called, FunctionType):
            yield from _refused_by(called, seen | {guard})


def _codes(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str) and _CODE.fullmatch(constant):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _codes(constant)


def _sentence(guard: Callable[..., Any]) -> str:
    """The guard's own docstring; where a factory made it, the factory's, which says `A guard: ...`."""
    own = (guard.__doc__ or "").strip().partition("\n")[0]
    if own or ".<locals>." not in guard.__qualname__:
        return own
    factory = getattr(guard, "__globals__", {}).get(guard.__qualname__.partition(".<locals>.")[0])
    text = ((factory and factory.__doc__) or "").strip().partition("\n")[0]
    sentence = text.removeprefix("A guard: ").removeprefix("A guard that ")
    return sentence[:1].upper() + sentence[1:]
