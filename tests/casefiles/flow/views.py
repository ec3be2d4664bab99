"""Casefiles in memory: what the guards see of an ordinary file at each state. No database."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from agencies import calendar
from agencies.calendar import Calendar
from casefiles import flow
from casefiles.catalogue import book
from casefiles.catalogue.law import LawBook
from casefiles.flow import AgencyView, CaseView, MandateView, Party, ReferralView, State
from tests.factories import NIP, OTHER_CASEFILE, at, given

DAY = date(2024, 11, 4)


def _agency(pk: int, code: str, level: str, *roles: str, region: str = "", parent: int | None = None) -> AgencyView:
    return AgencyView(
        pk=pk,
        code=code,
        name=code,
        roles=frozenset(roles),
        level=level,
        region=region,
        time_zone="Asia/Jakarta",
        parent=parent,
    )


AGENCIES = {
    view.code: view
    for view in (
        _agency(1, "bawaslu-kota-padang", "city", "election_supervisor", parent=8),
        _agency(2, "bkn", "national", "examiner", "employer", "civil_service_agency"),
        _agency(3, "pemkot-padang", "city", "employer", region="13.71"),
        _agency(4, "pemprov-sumatera-barat", "province", "employer", region="13"),
        _agency(5, "bpasn", "national", "appeal_board"),
        _agency(6, "kemendagri", "national", "home_affairs", "employer"),
        _agency(7, "lintas", "national", "operator"),
        _agency(8, "bawaslu-sumatera-barat", "province", "election_supervisor", parent=9),
        _agency(9, "bawaslu-ri", "national", "election_supervisor"),
        _agency(10, "kemenpanrb", "national", "policy_ministry", "employer"),
    )
}

WHO = {
    Party.SUBMITTER: "bawaslu-kota-padang",
    Party.EXAMINER: "bkn",
    Party.SUPERIOR_OFFICE: "bawaslu-sumatera-barat",
    Party.EMPLOYER: "pemkot-padang",
    Party.ADDRESSEE: "pemprov-sumatera-barat",
    Party.APPEAL_BOARD: "bpasn",
    Party.CIVIL_SERVICE_AGENCY: "bkn",
    Party.OVERSIGHT: "kemendagri",
    Party.CLOCK: "lintas",
    Party.OPERATOR: "lintas",
}

MANDATE = MandateView(
    code="examining-2024",
    agency="bkn",
    valid_from=date(2024, 9, 4),
    valid_until=None,
    caretaker=False,
    verification_required=False,
)


@cache
def law() -> LawBook:
    """The catalogue of the repository and the holidays of those years, without a database."""
    return LawBook(catalogue=book.load(), calendar=Calendar.from_rows("2024.1", calendar.seed_rows((2024, 2025))))


FACTS: Mapping[str, Any] = {
    "outcome": None,
    "finding": {
        "id": "f",
        "register_number": "001/TM/2024",
        "source": "finding",
        "registered_on": "2024-10-03",
        "election": "pilkada-2024",
        "reporter": None,
    },
    "submitter": "bawaslu-kota-padang",
    "examiner": "bkn",
    "employer": "pemkot-padang",
    "addressee": None,
    "mandate": "examining-2024",
    "subject": {"identified": True, "nip": NIP, "employment_kind": "pns", "position_roles": [], "violations": [1]},
    "violations": [
        {
            "number": 1,
            "form": "social_media_engagement",
            "act_date": "2024-09-29",
            "contest": {"office": "mayor", "region": "13.71"},
            "confirmed": None,
        }
    ],
    "recommendation": None,
    "sanction": None,
    "documents": [],
    "overdue_level": 0,
    "data_block": "none",
    "legal_hold": False,
    "warnings": [],
    "steps": {"submit": 1},
    "reference_keys": [],
}
RECOMMENDATION = {"version": 1, "sanction": "discipline_medium", "violations": [1], "letter": {}, "reasoning": "x"}
SANCTION: dict[str, Any] = {
    "version": 1,
    "sanction": "allowance_cut_25_6m",
    "comparison": "equal",
    "decision": {"number": "SK.1", "date": "2024-10-28", "legal_basis": "x", "document": "d"},
    "delivered_on": None,
    "effective_on": None,
}
CONTEST = {
    "kind": "objection",
    "sanction_version": 1,
    "filed_on": "2024-11-01",
    "letter": None,
    "late": False,
    "days_late": 0,
    "last_day": "2024-11-18",
}
ITEMS = {"round": 1, "items": [{"number": 1, "code": "missing_evidence", "text": "x"}]}


def facts_at(state: State | None) -> Any:
    """The file of an ordinary case at that state."""
    facts: dict[str, Any] = copy.deepcopy(dict(FACTS))
    if state is State.RETURNED:
        facts["returned"] = copy.deepcopy(ITEMS)
    if state in {
        State.RECOMMENDED,
        State.AWAITING_SANCTION,
        State.DISPUTED,
        State.SANCTION_REPORTED,
        State.CONTESTED,
        State.CLOSED,
    }:
        facts |= {"addressee": "pemprov-sumatera-barat", "recommendation": copy.deepcopy(RECOMMENDATION)}
    if state in {State.SANCTION_REPORTED, State.CONTESTED, State.CLOSED}:
        facts["sanction"] = copy.deepcopy(SANCTION)
    if state is State.CONTESTED:
        facts["sanction"]["delivered_on"] = "2024-10-29"
        facts["contest"] = copy.deepcopy(CONTEST)
    if state not in {None, State.CLOSED}:
        facts["turn"] = {"due_on": "2024-11-20"}
    if state is State.CLOSED:
        facts |= {"outcome": "sanctioned", "closed_from": "sanction_reported", "closed_came_from": None}
    return facts


MERGED = {"into": str(OTHER_CASEFILE), "number": "LTS/2024/000009", "from": "under_examination", "on": "2024-10-30"}
# The addressee's follow-up, a week late on `DAY`: before that day, three reminders' worth of working days.
OVERDUE = ReferralView(
    id="r",
    purpose="follow_up",
    party=Party.ADDRESSEE,
    to="pemprov-sumatera-barat",
    opened_at=at(date(2024, 10, 14)),
    clock_from=date(2024, 10, 14),
    due_on=date(2024, 10, 28),
    due_at=datetime(2024, 10, 28, 17, tzinfo=UTC),
    rule=law().counted("follow_up", start=date(2024, 10, 14), time_zone="Asia/Jakarta", mandate=None)[1],
)
BLOCK = {
    "scope": "partial",
    "services": ["promotion"],
    "reason": {"code": "no_follow_up", "text": None},
    "letter": {},
    "on": "2024-10-30",
    "lifted": None,
}


def late_view(state: State | None, party: Party, **changed: Any) -> CaseView:
    """The ordinary case at that state, whose addressee is late and whose officer's data are blocked as told."""
    return view_at(state, party, **{"referral": OVERDUE if state is not State.CLOSED else None, **changed})


CAME_FROM = {
    State.IDENTITY_REQUESTED: State.SUBMITTED,
    State.RETURNED: State.SUBMITTED,
    State.DISPUTED: State.AWAITING_SANCTION,
}


def view_at(state: State | None, party: Party = Party.EXAMINER, *, facts: Any = None, **changed: Any) -> CaseView:
    """The ordinary case at that state as seen by that party, acting on `DAY`."""
    case = CaseView(
        version=3,
        state=state,
        came_from=CAME_FROM.get(state) if state else None,
        facts=facts_at(state) | (facts or {}),
        acting=AGENCIES[WHO[party]],
        parties={one: AGENCIES[WHO[one]] for one in (Party.SUBMITTER, Party.EXAMINER, Party.EMPLOYER, Party.ADDRESSEE)},
        now=datetime(2025, 1, 6, 3, tzinfo=UTC),
        occurred_at=at(DAY),
        today=DAY,
        law=law(),
        mandate=MANDATE,
        referral=None
        if state in {None, State.CLOSED}
        else ReferralView(
            id="r",
            purpose="any",
            party=party,
            to=WHO[party],
            opened_at=at(date(2024, 10, 21)),
            clock_from=date(2024, 10, 21),
            due_on=date(2024, 11, 20),
            due_at=at(date(2024, 11, 21)),
            rule=law().counted("examine", start=date(2024, 10, 21), time_zone="Asia/Jakarta", mandate=None)[1],
        ),
        agencies=AGENCIES,
        acts_as=frozenset({party}),
        last_occurred_at=at(date(2024, 10, 21)),
    )
    return replace(case, **changed)


def allowed(
    name: str, state: State, party: Party, *, facts: dict[str, Any] | None = None, view: Any = None, **body: Any
) -> flow.Outcome:
    """The outcome of that transition on an ordinary file, with whatever a test changes about file, view and body."""
    case = view_at(state, party, facts=facts or {}, **(view or {}))
    return flow.decide(flow.ROWS[name], case, frozenset({party}), given(name, day=DAY, **body))
