"""The rules by which casefiles go on: findings, acts of whoever may, acts of whoever may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from casefiles.flow.finding import Subject
from casefiles.references import plain
from tests import factories
from tests.factories import NIP, PADANG
from tests.partner import said
from tests.simulation.acting import Acting
from tests.simulation.drawing import LINES, ROUND, Case

WEIGHTS: Final = {
    **dict.fromkeys(
        ("accept", "recommend", "acknowledge", "report-sanction", "record-delivery", "contest", "settle", "close",
         "complete"), 12,
    ),
    **dict.fromkeys(
        ("request-identity", "identify", "uphold", "require-correction", "unmerge", "annul", "record-execution"), 3
    ),
}  # fmt: skip
"""What leads a walk on is done oftener; otherwise none would get far."""

STRAIGHT: Final = {
    "submitted": ("accept", "accept", "identify"),
    "under_examination": ("recommend",),
    "recommended": ("acknowledge", "serve"),
    "awaiting_sanction": ("report-sanction",),
    "sanction_reported": ("record-delivery", "contest", "contest", "record-execution"),
    "contested": ("settle", "settle", "annul"),
}
"""What leads to a sanction, and to a ruling on it."""

anything = st.integers(0, 9999)


class Walking(Acting):
    """Acts on casefiles, well and badly chosen."""

    def on(self, switch: str) -> bool:
        """Whether this run does such things at all."""
        return switch not in self.off and bool(self.model.cases)

    # -- acts ----------------------------------------------------------------------------------------------------------

    @rule()
    def a_minute_passes(self) -> None:
        """The least that may happen."""
        if self._register is not None:
            self._move(timedelta(minutes=1))

    @rule(officers=st.integers(1, 2), known=st.booleans(), twice=st.booleans())
    def submit(self, officers: int, known: bool, twice: bool) -> None:
        """An office forwards a finding; `twice`: of an officer of whom another finding tells already."""
        self._forward(officers=officers, known=known, twice=twice)

    def _forward(self, *, officers: int, known: bool, twice: bool) -> None:
        nips = [f"{NIP[:14]}{next(self.numbers):04d}" for _ in range(officers)]
        if twice and self.model.cases and "merge" not in self.off:
            nips[0] = self._case(0)["nip"]
        register, number = self.register, f"{next(self.numbers):04d}/TM/SIM/2024"
        body = plain(
            factories.finding_given(
                documents=(factories.document(PADANG, "assessment", now=register.now),),
                register_number=number,
                occurred_at=None,
                subjects=tuple(
                    factories.known_subject(nip=nip, name=f"Terlapor {nip[-4:]}")
                    if known else Subject(name=f"Terlapor {nip[-4:]}", violations=(1,))
                    for nip in nips
                ),
            )
        )  # fmt: skip
        answer = self._send(PADANG, "/findings", body)
        if self.model.paused:
            assert self._code(answer) == "503 writes-paused"
            return
        assert answer.status_code == 201, answer.content
        made = said(answer)
        for nip, one in zip(nips, made["casefiles"], strict=True):
            self.model.submitted(one["id"], nip=nip, known=known, finding=made["id"], register=number, at=register.now)
            self._compare(self.model.cases[one["id"]])

    @precondition(lambda self: bool(self.model.cases))
    @rule(which=anything, choices=st.lists(anything, min_size=1, max_size=8))
    def go_on(self, which: int, choices: list[int]) -> None:
        """Somebody whose turn it may be does what the state allows, a few times."""
        self._walk(self._case(which), choices)

    def _walk(self, case: Case, choices: list[int]) -> None:
        for choice in choices:
            names = [
                name for name, line in LINES.items() if case["state"] in line.start and self._wants(case, name)
                for _ in range(WEIGHTS.get(name, 1))
            ]  # fmt: skip
            if case["erased"] or not names:
                return
            name = names[choice % len(names)]
            holders = self.model.holders(case, name)
            if holders:
                self._act(case, name, holders[choice % len(holders)], choice=choice)

    @precondition(lambda self: bool(self.model.cases))
    @rule(which=anything, choices=st.lists(anything, min_size=5, max_size=10))
    def go_far(self, which: int, choices: list[int]) -> None:
        """The same for longer: few files reach their end otherwise."""
        self._walk(self._case(which), choices)

    @precondition(lambda self: self.on("astray"))
    @rule(which=anything, name=st.sampled_from(sorted(LINES)), who=st.sampled_from(ROUND), behind=st.integers(0, 2))
    def go_astray(self, which: int, name: str, who: str, behind: int) -> None:
        """Anybody tries anything, on a version that may be an old one."""
        case = self._case(which)
        if name == "unmerge" and case["merged"] is None:
            return
        self._act(case, name, who, version=max(1, case["version"] - behind), choice=which)

    @precondition(lambda self: self.on("stale"))
    @rule(which=anything, choice=anything, behind=st.integers(1, 3))
    def act_on_an_old_version(self, which: int, choice: int, behind: int) -> None:
        """Whoever may act does so on a version that has passed, as a client that did not read before it wrote."""
        case = self._case(which)
        names = [name for name, line in LINES.items() if case["state"] in line.start and self._wants(case, name)]
        if case["version"] > behind and names:
            name = names[choice % len(names)]
            holders = self.model.holders(case, name)
            if holders:
                self._act(case, name, holders[0], version=case["version"] - behind, choice=choice)

    @precondition(lambda self: self.on("merge"))
    @rule(which=anything)
    def merge_again(self, which: int) -> None:
        """A casefile is merged into another of its officer, where there is one."""
        pairs = [
            case for case in self.model.cases.values()
            if sum(other["nip"] == case["nip"] for other in self.model.cases.values()) > 1
        ]  # fmt: skip
        if pairs:
            case = pairs[which % len(pairs)]
            name = "unmerge" if case["merged"] is not None and which % 2 else "merge"
            self._act(case, name, case["examiner"], choice=which)

    @precondition(lambda self: self.on("remedies"))
    @rule(which=anything, choices=st.lists(anything, min_size=6, max_size=9))
    def before_a_court(self, which: int, choices: list[int]) -> None:
        """A file goes the straight way to a sanction that is contested, and to what is ruled on it."""
        case = self._case(which)
        for choice in choices:
            names = STRAIGHT.get(case["state"])
            if names is None or case["erased"]:
                return
            name = names[choice % len(names)]
            holders = self.model.holders(case, name)
            if holders:
                self._act(case, name, holders[0], choice=choice)

    @precondition(lambda self: self.on("oversight"))
    @rule(which=anything, choice=anything)
    def oversee(self, which: int, choice: int) -> None:
        """Somebody who oversees writes to whoever is late, or finds that nobody is."""
        late = [case for case in self.model.cases.values() if self._due(case)[1]]
        case = late[which % len(late)] if late else self._case(which)
        holders = self.model.holders(case, "measure")
        if holders:
            self._act(case, "measure", holders[which % len(holders)], choice=choice)
