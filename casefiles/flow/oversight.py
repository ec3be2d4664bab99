"""Oversight: what happens to whoever does not act in time, or not as recommended.

The clock reaches the levels of the ladder; letters, blocks (`blocking`) and the end of a case are acts of people. The
governor and home affairs reprimand, the civil service agency warns, the policy ministry reports to the President.
Perpres 116/2022 art. 20; UU 5/2014 art. 33; UU 23/2014.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from casefiles.file import Measure as MeasureHeld
from casefiles.flow.binding import binding
from casefiles.flow.dates import DEADLINE, Tells
from casefiles.flow.examination import letter_of
from casefiles.flow.given import Act, NumberedLetter
from casefiles.flow.grammar import OPEN, AgencyView, CaseView, Changes, NewDue, Party, Refusal, Target, Transition
from casefiles.flow.ladder import (
    REPORTS,
    climbed,
    holder_of,
    is_overdue,
    measured,
    next_level,
    seeing,
)
from casefiles.flow.routing import is_province_above, not_to_the_subject
from casefiles.shapes import AgencyCode, Between, Code, Date, Doc, Text

# Which role takes which measure (dossier 2.4, 6): Perpres 116/2022 gives the civil service agency warning, listing and
# revocation; UU 5/2014 art. 33 the ministry and the report to the President; home affairs and governors reprimand the
# heads of regional governments.
MEASURES_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "civil_service_agency": frozenset(
            {"reminder", "warning", "nspk_violator_listing", "decision_revocation", "report_to_ministry", "other"}
        ),
        "home_affairs": frozenset({"reminder", "reprimand", "report_to_ministry", "other"}),
        "governor": frozenset({"reminder", "reprimand", "other"}),
        "policy_ministry": frozenset(
            {
                "reminder",
                "warning",
                "decision_annulment",
                "authority_transfer_recommendation",
                "report_to_ministry",
                "report_to_president",
                "other",
            }
        ),
    }
)

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Act):
    """escalate: the level that was reached, and the due day by which it was judged."""

    level: Annotated[int, Between(1, 20), Doc(id="Jenjang", en="Level", example=2)]
    ladder: Annotated[str, Text(60), Doc(id="Langkah pada tangga", en="Step", example="follow_up_warning")]
    due_on: Annotated[Date, Tells(DEADLINE), Doc(id="Tenggat yang dipakai", en="Due day", example="2024-11-20")]
    reached_on: Annotated[Date, Tells(DEADLINE), Doc(id="Tercapai pada", en="Reached on", example="2024-11-21")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Act):
    """measure: a letter of those who oversee the obliged agency."""

    code: Annotated[str, Code("reasons/measure"), Doc(id="Kode tindakan", en="Measure", example="reprimand")]
    letter: Annotated[NumberedLetter, Tells("office_letter"), Doc(id="Surat", en="Letter")]
    addressed_to: Annotated[
        AgencyCode,
        Doc(
            id="Instansi tujuan surat; laporan kepada Presiden: instansi yang dilaporkan",
            en="The agency it is addressed to; a report to the President: the agency reported",
            example="pemkot-padang",
        ),
    ]
    text: Annotated[str, Text(4000), Doc(id="Uraian", en="Text")] | None = None
    due_on: (
        Annotated[
            Date,
            Tells(DEADLINE),
            Doc(
                id="Tenggat baru bagi tindak lanjut; teguran memberi tiga hari bila dikosongkan",
                en="New due day of the follow-up; left out, a reprimand gives three days",
                example="2024-11-15",
            ),
        ]
        | None
    ) = None


# --- what each requires ---------------------------------------------------------------------------------------------


def the_next_level_is_reached(case: CaseView, given: Escalation) -> Refusal | None:
    """One level at a time, and none before its day; a reminder comes before the due day by its own offset."""
    level = next_level(case)
    if level is not None and case.occurred_at >= level.reached_at:
        return None
    return Refusal(
        "level-not-reached",
        "Jenjang berikutnya belum tercapai, atau tidak ada jenjang lagi.",
        "The next level is not reached yet, or there is none.",
        pointer="#/level",
    )


def judged_as_it_stands(case: CaseView, given: Escalation) -> Refusal | None:
    """What is recorded is the next level of this ladder, reckoned from the due day that the delay is counted from."""
    level = next_level(case)
    if level is None or case.referral is None:
        return None
    said = (given.level, given.ladder, given.due_on, given.reached_on)
    if said == (level.level, level.code, case.referral.late_from, level.reached_on):
        return None
    return Refusal(
        "judged-by-another-day",
        "Jenjang, langkah, atau tenggatnya bukan yang berlaku sekarang.",
        "Level, step or due day are not those that hold now.",
        pointer="#/due_on",
    )


def lapsed_or_out_of_line(case: CaseView, given: Any) -> Refusal | None:
    """Oversight acts on what is overdue, or on a sanction that is not in line with the recommendation."""
    differs = (case.facts.get("sanction") or {}).get("comparison") in {"lighter", "different_kind"}
    # What a ruling ordered is not the agency's to mend.
    if is_overdue(case) or (differs and binding(case.facts) is None):
        return None
    return Refusal(
        "neither-overdue-nor-out-of-line",
        "Tenggat belum lewat, dan tidak ada hukuman yang lebih ringan atau lain jenis.",
        "Nothing is overdue, and no sanction is lighter than recommended or of another kind.",
        pointer="#/turn/due_on",
    )


def measure_is_this_roles(case: CaseView, given: Measure) -> Refusal | None:
    """Each of those who oversee has measures of their own."""
    if given.code in measures_of(case):
        return None
    return Refusal(
        "measure-of-another",
        "Tindakan ini bukan wewenang instansi Anda. Yang dapat Anda ambil: " + ", ".join(sorted(measures_of(case))),
        "This measure is not your agency's to take. Yours are: " + ", ".join(sorted(measures_of(case))),
        pointer="#/code",
    )


def measures_of(case: CaseView) -> frozenset[str]:
    """The measures that the acting agency may take on this file."""
    roles = set(case.acting.roles)
    if any(is_province_above(case.acting, other) for other in _obliged(case)):
        roles.add("governor")
    return frozenset().union(*(MEASURES_OF.get(role, frozenset()) for role in roles))


def addressed_to_whom_it_concerns(case: CaseView, given: Measure) -> Refusal | None:
    """A letter goes to the obliged agency or the province above it, a report also to a ministry (dossier 11.6)."""
    to = case.agencies.get(given.addressed_to)
    obliged = _obliged(case)
    if to is not None and to.in_force:
        if any(to.code == other.code or is_province_above(to, other) for other in obliged):
            return None
        if given.code in REPORTS and to.roles & {"policy_ministry", "home_affairs"}:
            return None
    return Refusal(
        "addressed-to-a-stranger",
        "Surat ini harus ditujukan kepada instansi yang wajib bertindak pada perkara ini atau provinsi di atasnya; "
        "laporan juga kepada kementerian.",
        "This letter has to go to an agency that is obliged in this case or to the province above it; a report also "
        "to a ministry.",
        pointer="#/addressed_to",
    )


def _obliged(case: CaseView) -> tuple[AgencyView, ...]:
    holder = holder_of(case)
    parties = [case.parties.get(party) for party in (Party.ADDRESSEE, Party.EMPLOYER)]
    return tuple(agency for agency in (holder, *parties) if agency is not None)


def new_due_moves_the_follow_up(case: CaseView, given: Measure) -> Refusal | None:
    """Only the addressee's follow-up gets another due day by a measure, and it lies ahead."""
    if given.due_on is None:
        return None
    if not _awaits_the_addressee(case):
        return Refusal(
            "no-follow-up-to-move",
            "Hanya tenggat tindak lanjut instansi tujuan yang dapat diubah dengan tindakan.",
            "Only the due day of the addressee's follow-up can be moved by a measure.",
            pointer="#/due_on",
        )
    if case.referral is not None and given.due_on <= case.referral.due_on:
        due = case.referral.due_on.isoformat()
        return Refusal(
            "not-after-the-due-day",
            f"Tenggat sekarang {due}; tenggat baru harus sesudahnya.",
            f"It is due on {due}; the new day has to lie after it.",
            pointer="#/due_on",
        )
    if given.due_on >= case.today:
        return None
    return Refusal(
        "new-due-is-past",
        "Tenggat baru harus hari ini atau sesudahnya.",
        "The new due day has to be today or later.",
        pointer="#/due_on",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def escalation_of(case: CaseView) -> Escalation | None:
    """What the clock records on this file now: the next level, where its day has come."""
    level = next_level(case)
    if level is None or case.referral is None or case.occurred_at < level.reached_at:
        return None
    return Escalation(level=level.level, ladder=level.code, due_on=case.referral.late_from, reached_on=level.reached_on)


def escalated(case: CaseView, given: Escalation) -> Changes:
    """The level, and what was reached, for every party to see."""
    level = next_level(case)
    return {"overdue_level": given.level, "ladder": climbed(case, level)} if level is not None else {}


def seen_from_this_level(case: CaseView, given: Escalation) -> tuple[AgencyView, ...]:
    """Those whom the level names see the file from now on."""
    level = next_level(case)
    return seeing(case, level) if level is not None else ()


def measure_taken(case: CaseView, given: Measure) -> Changes:
    """The letter joins the file; a report at the last level ends the ladder."""
    moves = new_due(case, given)
    to = case.agencies[given.addressed_to]
    taken: MeasureHeld = {
        "code": given.code,
        "by": {"code": case.acting.code, "name": case.acting.name},
        "letter": letter_of(given.letter),
        "addressed_to": {"code": to.code, "name": to.name},
        "on": case.today.isoformat(),
        "new_due": moves.due_on.isoformat() if moves else None,
    }
    return {"measures": [*case.facts.get("measures", ()), taken], **measured(case, given.code)}


def new_due(case: CaseView, given: Measure) -> NewDue | None:
    """The day a measure names; else the three days of a reprimand, as in 2020. It never grants a pause.

    Nor does it take away time: where a sanction is out of line and nothing is late yet, the day stays.
    """
    referral = case.referral
    if referral is None or not _awaits_the_addressee(case):
        return None
    due_on = given.due_on
    said: Mapping[str, Any] = {}
    if due_on is None and given.code == "reprimand":
        today = case.occurred_at.astimezone(ZoneInfo(referral.time_zone)).date()
        due_on, said = case.law.counted(
            "follow_up_after_reprimand",
            start=today,
            time_zone=referral.time_zone,
            mandate=case.facts.get("mandate"),
        )
    if due_on is None or due_on <= referral.due_on:
        return None
    rule = case.law.extended(referral.rule, until=due_on, days=0, reason=given.code, seq=case.version + 1)
    return NewDue(due_on, rule={**rule, **_explained(given, due_on, said)})


def _explained(given: Measure, due_on: date, said: Mapping[str, Any]) -> dict[str, str]:
    if said:
        return {name: said[name] for name in ("explanation_id", "explanation_en")}
    return {
        "explanation_id": f"Ditetapkan sampai akhir {due_on.isoformat()} dengan surat {given.letter.number}.",
        "explanation_en": f"Set to the end of {due_on.isoformat()} by letter {given.letter.number}.",
    }


def _awaits_the_addressee(case: CaseView) -> bool:
    referral = case.referral
    return referral is not None and referral.party is Party.ADDRESSEE and referral.purpose == "follow_up"


# --- the rows -------------------------------------------------------------------------------------------------------

OVERSIGHT = (
    Transition(
        name="escalate",
        title_id="Jenjang eskalasi tercapai",
        title_en="Escalated",
        source=OPEN,
        target=Target.SAME,
        by=(Party.CLOCK,),
        routed=False,
        takes=Escalation,
        weighs=(the_next_level_is_reached, judged_as_it_stands),
        records=escalated,
        grants=seen_from_this_level,
        announces="casefile.escalated",
        article="UU 5/2014 pasal 33; Perpres 116/2022 pasal 20",
    ),
    Transition(
        name="measure",
        title_id="Tindakan pengendalian diambil",
        title_en="Measure taken",
        source=OPEN,
        target=Target.SAME,
        by=(Party.OVERSIGHT,),
        takes=Measure,
        requires=(lapsed_or_out_of_line,),
        weighs=(measure_is_this_roles, addressed_to_whom_it_concerns, not_to_the_subject, new_due_moves_the_follow_up),
        records=measure_taken,
        moves=new_due,
        announces="casefile.measure_taken",
        article="UU 5/2014 pasal 33; Perpres 116/2022 pasal 20",
    ),
)
