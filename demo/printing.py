"""How the walk is told: two columns on a wide terminal, stacked on a narrow one, plain lines into a file or a pipe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

# From this width on, what is said and what is asked stand side by side.
WIDE = 104

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{8}([0-9a-f]{4})")


@dataclass(frozen=True)
class Said:
    """One sentence in Indonesian and in English."""

    id: str
    en: str


@dataclass(frozen=True)
class Event:
    """One step: who asked what, what came back, and how the casefile stands now."""

    number: int
    agency: str
    method: str
    path: str
    status: int
    says: Said
    before: str = ""
    after: str = ""
    outcome: str = ""
    turn: str = ""
    purpose: str = ""
    due_on: str = ""
    facts: tuple[str, ...] = ()


class Screen:
    """Where the walk is told."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._plain = not console.is_terminal

    def chapter(self, says: Said) -> None:
        """A case begins."""
        if self._plain:
            self._line(f"\n== {says.id} / {says.en} ==")
            return
        self._console.print()
        self._console.print(Rule(style="cyan"))
        self._console.print(Text(says.id, style="bold"))
        self._console.print(Padding(Text(says.en, style="dim"), (0, 0, 1, 0)))

    def step(self, event: Event) -> None:
        """A step that went as the story says."""
        self._tell(event, mark="green", told=_standing(event, arrow="->" if self._plain else "→"))

    def refusal(self, event: Event, code: str, detail: str) -> None:
        """A refusal that was expected."""
        self._tell(event, mark="yellow", told=[f"{code}: {detail}"])

    def summary(self, says: Sequence[Said], addresses: Mapping[str, str]) -> None:
        """The end: what was counted, and where to look."""
        if self._plain:
            self._line("\n== Selesai / Done ==")
            for said in says:
                self._line(f"{said.id} / {said.en}")
            for name, address in addresses.items():
                self._line(f"{name}: {address}")
            return
        self._console.print()
        self._console.print(Rule(style="green"))
        for said in says:
            self._console.print(Text.assemble("  ", (said.id, "bold"), "  ", (said.en, "dim")))
        self._console.print()
        for name, address in addresses.items():
            self._console.print(Text(f"  {name}", style="bold"), Text(address, style="cyan"), soft_wrap=True)

    # -- layouts ------------------------------------------------------------------------------------------------------

    def _tell(self, event: Event, *, mark: str, told: Sequence[str]) -> None:
        if self._plain:
            self._tell_plainly(event, told)
            return
        asked = Text.assemble((event.method, "bold"), f" {_short(event.path)}  ", (str(event.status), f"bold {mark}"))
        standing = [Text(line, style=mark if mark == "yellow" else "") for line in told]
        facts = [Text(fact, style="magenta") for fact in event.facts]
        if self._console.width >= WIDE:
            rows: RenderableType = _side_by_side(event, [asked, *standing, *facts])
        else:
            rows = _stacked(event, [asked, *standing, *facts])
        self._console.print(Padding(rows, (0, 0, 1, 0)))

    def _tell_plainly(self, event: Event, told: Sequence[str]) -> None:
        self._line(f"[{event.number}] {event.says.id} / {event.says.en}")
        self._line(
            f"    {event.agency} {event.method} {event.path} {event.status}{''.join(f'; {one}' for one in told)}"
        )
        for fact in event.facts:
            self._line(f"    {fact}")

    def _line(self, text: str) -> None:
        # A line of a log is never broken by us: somebody may want to search it.
        self._console.print(Text(text), soft_wrap=True)


def _side_by_side(event: Event, right: Sequence[Text]) -> Table:
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(width=4, justify="right", style="dim")
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    left = Text.assemble((event.agency, "bold cyan"), "\n", event.says.id, "\n", (event.says.en, "dim"))
    grid.add_row(str(event.number), left, Text("\n").join(right))
    return grid


def _stacked(event: Event, below: Sequence[Text]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=3, justify="right", style="dim")
    grid.add_column()
    head = Text.assemble((event.agency, "bold cyan"), "\n", event.says.id, "\n", (event.says.en, "dim"))
    grid.add_row(str(event.number), Text("\n").join([head, *below]))
    return grid


def _standing(event: Event, *, arrow: str) -> list[str]:
    """State and turn, as far as the step has to do with them."""
    if not event.after:
        return []
    moved = event.after if event.before == event.after else f"{event.before} {arrow} {event.after}"
    lines = [f"{moved} ({event.outcome})" if event.outcome else moved]
    if event.turn:
        lines.append(f"turn {event.turn}: {event.purpose}, due {event.due_on}")
    return lines


def _short(path: str) -> str:
    """The path with each id cut to its last four digits, for the eye."""
    return _UUID.sub(r"…\1", path)
