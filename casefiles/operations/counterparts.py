"""The other parties of a case, in a sandbox: each step by whoever has the turn, as their own system would send it.

It is the real flow: every step goes through `perform` with its guards, is an entry of the log, and is recorded at the
register's time. What is said is invented and short. A case that the flow refuses to move stays where it came to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from agencies import system, systems
from agencies.actor import Actor
from audit.requests import RequestFacts
from casefiles.errors import CasefileError
from casefiles.flow import Party, Refused, State, WrongParty, WrongState
from casefiles.flow.closing import Closing, Waiver
from casefiles.flow.examination import Recommendation
from casefiles.flow.follow_up import Acknowledgement, Dispute, Upholding
from casefiles.flow.given import DisputeReason, NumberedLetter, Official, UpholdReason
from casefiles.flow.identity import Identity
from casefiles.flow.intake import Acceptance, Answer, Completion, Verification
from casefiles.flow.sanction import Decision, Delivery, Examination, SanctionReport
from casefiles.intake.documents import Descriptor, register
from casefiles.transitions import duplicates, perform
from casefiles.transitions.load import Mentioned, load
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.parties import holders_of

LINE: Final = (
    State.SUBMITTED,
    State.UNDER_EXAMINATION,
    State.RECOMMENDED,
    State.AWAITING_SANCTION,
    State.SANCTION_REPORTED,
    State.CLOSED,
)
"""The line most cases follow; a case is moved forward on it."""
BEFORE: Final[Mapping[State, State]] = {
    State.IDENTITY_REQUESTED: State.SUBMITTED,
    State.CONTESTED: State.SANCTION_REPORTED,
}
"""States beside the line, each with the one that it leads back to, where the file does not say so."""
MOST: Final = 12
# One calendar for all: a day that has begun here has begun everywhere further east.
_CAPITAL: Final = ZoneInfo("Asia/Jakarta")
REFUSALS: Final = (CasefileError, Refused, WrongState, WrongParty, systems.NoSystem)
_SOMEBODY: Final = "pemkot-padang"
_IMPOSED: Final = {
    "moral_any": "moral_open",
    "discipline_light": "written_reprimand",
    "discipline_medium": "allowance_cut_25_6m",
    "discipline_heavy": "release_to_executor_12m",
}
_IMPOSED_ON_PPPK: Final = {
    "moral_any": "moral_open",
    "discipline_light": "pppk_written_reprimand",
    "discipline_medium": "pppk_raise_delay_1y",
    "discipline_heavy": "pppk_termination_honourable",
}


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a case came: the steps with the agency that took each, and why it went no further, if it did not."""

    number: str
    version: int
    state: State
    steps: tuple[tuple[str, str], ...]
    refused: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """One step about to be taken: the case as it stands, the day, and who acts."""

    loaded: Loaded
    actor: Actor
    day: date
    now: datetime

    @property
    def facts(self) -> Any:
        return self.loaded.facts

    def document(self, kind: str, title: str) -> UUID:
        """A descriptor of the acting agency's."""
        given = Descriptor(
            type=kind, title=title, media_type="application/pdf", size=18_233, sha256=uuid4().hex + uuid4().hex
        )
        return register(actor=self.actor, given=given, now=self.now, request=RequestFacts(id=uuid4())).stream

    def letter(self) -> NumberedLetter:
        """A letter of that day."""
        return NumberedLetter(number=f"S-{self.loaded.version}/{self.day.year}", date=self.day)


def ahead(loaded: Loaded) -> tuple[State, ...]:
    """The states of the line that lie ahead of it."""
    state = State(loaded.columns.state)
    if state in LINE:
        return LINE[LINE.index(state) + 1 :]
    return LINE[LINE.index(loaded.came_from or BEFORE[state]) :]


def standing(casefile: UUID, *, now: datetime) -> Loaded:
    """The case as it stands. Raises `NotVisible` where there is none, `Erased`, and `system.NoOperator`."""
    operator = system.operator("sandbox")
    return load(casefile, actor=operator.agency_id, today=now.astimezone(_CAPITAL).date(), mentioned=Mentioned())


def advance(casefile: UUID, *, to: State, now: Callable[[], datetime]) -> Walked:
    """Have whoever has the turn act, until the case stands at `to` or a step is refused. Each step is stored by itself.

    Raises as `standing` does.
    """
    steps: list[tuple[str, str]] = []
    for _ in range(MOST):
        loaded = standing(casefile, now=now())
        if to not in ahead(loaded):
            break
        try:
            steps.append(_stepped(loaded, now=now()))
        except REFUSALS as why:
            return _walked(loaded, steps, refused=why)
    return _walked(standing(casefile, now=now()), steps)


def _walked(loaded: Loaded, steps: list[tuple[str, str]], *, refused: Exception | None = None) -> Walked:
    state = State(loaded.columns.state)
    return Walked(loaded.columns.number, loaded.version, state, tuple(steps), refused)


def answer(casefile: UUID, *, disputes: bool, now: datetime) -> tuple[str, str]:
    """One step by whoever has the turn: its name and the agency. Who `disputes` does so once before it acts.

    Raises `REFUSALS`, and as `standing` does.
    """
    return _stepped(standing(casefile, now=now), now=now, disputes=disputes)


@transaction.atomic
def _stepped(loaded: Loaded, *, now: datetime, disputes: bool = False) -> tuple[str, str]:
    name, party, says = _next(loaded, disputes=disputes)
    agency = loaded.context.agencies[_holder(loaded, party)]
    actor = systems.acting(agency.pk, now=now)
    turn = _Turn(loaded, actor, now.astimezone(_CAPITAL).date(), now)
    perform.perform(
        actor=actor,
        casefile=loaded.id,
        name=name,
        given=says(turn),
        occurred_at=None,
        now=now,
        request=RequestFacts(id=uuid4()),
        expected_version=loaded.version,
    )
    return name, agency.code


def _holder(loaded: Loaded, party: Party) -> int:
    return holders_of(loaded.columns)[party]


def _next(loaded: Loaded, *, disputes: bool) -> tuple[str, Party, Callable[[_Turn], Any]]:
    """The step that the line wants next: its name, the party whose it is, and what that says."""
    state = State(loaded.columns.state)
    if state is State.SUBMITTED and not loaded.facts["subject"]["identified"]:
        return "identify", Party.EXAMINER, _identified
    if state is State.SANCTION_REPORTED and (loaded.facts.get("sanction") or {}).get("delivered_on") is None:
        return "record-delivery", Party.ADDRESSEE, _delivered
    if disputes and state is State.RECOMMENDED and not loaded.facts.get("steps", {}).get("dispute"):
        return "dispute", Party.ADDRESSEE, _disputed
    if state not in _STEPS:
        raise WrongState(state, tuple(_STEPS))
    return _STEPS[state]


# -- what they say ----------------------------------------------------------------------------------------------------


def _identified(turn: _Turn) -> Identity:
    subject = turn.facts["subject"]
    employer = holders_of(turn.loaded.columns).get(Party.EMPLOYER)
    return Identity(
        # Invented, and another one for each case.
        nip=subject.get("nip") or f"198501012010011{turn.loaded.id.int % 900 + 100}",
        name=subject.get("name") or "Terlapor Rekaan",
        employer=_SOMEBODY if employer is None else turn.loaded.context.agencies[employer].code,
        employment_kind=subject.get("employment_kind") or "pns",
        position_kind=subject.get("position_kind") or "functional_expert",
        position=subject.get("position") or "Guru",
    )


def _completed(turn: _Turn) -> Completion:
    items = turn.facts["returned"]["items"]
    return Completion(answers=tuple(Answer(item=one["number"], text="Terlampir.") for one in items))


def _accepted(turn: _Turn) -> Acceptance:
    suspected = duplicates.suspected(
        turn.actor, casefile=turn.loaded.id, finding=turn.loaded.columns.finding_id, facts=turn.facts
    )
    return Acceptance(
        unit="Pemeriksa kotak pasir",
        verification=Verification(held_on=turn.day, result="complete"),
        not_duplicate_of=tuple(UUID(one.id) for one in suspected),
    )


def _recommended(turn: _Turn) -> Recommendation:
    return Recommendation(
        letter=turn.letter(),
        violations=tuple(turn.facts["subject"]["violations"]),
        sanction="discipline_medium",
        reasoning="Terbukti menurut bukti yang diperiksa (langkah kotak pasir).",
        official=_OFFICIAL,
    )


def _acknowledged(turn: _Turn) -> Acknowledgement:
    return Acknowledgement(received_on=turn.day, received_by=_OFFICIAL)


def _disputed(turn: _Turn) -> Dispute:
    return Dispute(reason=DisputeReason(code="wrong_class"), letter=turn.letter())


def _upheld(turn: _Turn) -> Upholding:
    return Upholding(letter=turn.letter(), reason=UpholdReason(code="reasons_rejected"))


def _reported(turn: _Turn) -> SanctionReport:
    recommended = turn.facts["recommendation"]["sanction"]
    is_pppk = str(turn.facts["subject"].get("employment_kind")).startswith("pppk")
    return SanctionReport(
        sanction=(_IMPOSED_ON_PPPK if is_pppk else _IMPOSED).get(recommended, recommended),
        decision=Decision(
            number=f"SK-{turn.loaded.version}/{turn.day.year}",
            date=turn.day,
            legal_basis="PP 94/2021",
            document=turn.document("decision", "Keputusan hukuman disiplin (kotak pasir)"),
        ),
        official=_OFFICIAL,
        examination=Examination(by="team", summoned_on=(turn.day,), examined_on=turn.day, attended=True),
    )


def _delivered(turn: _Turn) -> Delivery:
    return Delivery(delivered_on=turn.day, method="hand")


def _closed(turn: _Turn) -> Closing:
    in_line = turn.facts["sanction"]["comparison"] in {"equal", "heavier"}
    statement = turn.document("moral_statement", "Pernyataan tidak mengajukan upaya (kotak pasir)")
    return Closing(
        conformity="in_line" if in_line else "not_in_line_noted",
        note="Ditutup oleh kotak pasir.",
        contest_waived=Waiver(on=turn.day, document=statement),
    )


_OFFICIAL: Final = Official(name="Pejabat Rekaan", nip="197001011995031001", position="Kepala Badan")
_STEPS: Final[Mapping[State, tuple[str, Party, Callable[[_Turn], Any]]]] = {
    State.SUBMITTED: ("accept", Party.EXAMINER, _accepted),
    State.IDENTITY_REQUESTED: ("identify", Party.EMPLOYER, _identified),
    State.RETURNED: ("complete", Party.SUBMITTER, _completed),
    State.UNDER_EXAMINATION: ("recommend", Party.EXAMINER, _recommended),
    State.RECOMMENDED: ("acknowledge", Party.ADDRESSEE, _acknowledged),
    State.DISPUTED: ("uphold", Party.EXAMINER, _upheld),
    State.AWAITING_SANCTION: ("report-sanction", Party.ADDRESSEE, _reported),
    State.SANCTION_REPORTED: ("close", Party.EXAMINER, _closed),
}
