"""Upkeep: what a change of the law itself does to open cases.

A decree that changes the working calendar moves whatever was counted with it: due days, the end of a remedy and the
review after it, the day to decide on a contest, the day of effect; levels of the ladder follow their due day. A new
examining authority takes the cases of the old one over, each with its disposition. Neither is a decision on a case, so
neither has a route: the clock and the operator act, on the record. SE MenPANRB 4/2024; UU 20/2023 art. 70(3); MK
121/PUU-XXII/2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from casefiles.file import HandedOver, ReturnedItem
from casefiles.flow.contesting import LATE_WARNINGS, late_warning, timed
from casefiles.flow.dates import DEADLINE, Tells
from casefiles.flow.given import Act
from casefiles.flow.grammar import (
    OPEN,
    AgencyView,
    CaseView,
    Changes,
    NewDue,
    Party,
    Referral,
    Refusal,
    State,
    Target,
    Transition,
)
from casefiles.flow.ladder import followed
from casefiles.flow.versions import EFFECT_WARNINGS, effect_warnings, in_effect, review_counted_from, warned
from casefiles.shapes import Code, Date, Doc, Identifier, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation(Act):
    """recompute: what was counted is counted again under another version of the calendar.

    The due days are those of the open referral, where it moves; what else moved is told by the changes of the file.
    """

    calendar_version: Annotated[str, Text(20), Doc(id="Versi kalender", en="Calendar version", example="2026.2")]
    old_due: (
        Annotated[Date, Tells(DEADLINE), Doc(id="Tenggat semula", en="Due day before", example="2026-11-24")] | None
    ) = None
    new_due: Annotated[Date, Tells(DEADLINE), Doc(id="Tenggat baru", en="Due day now", example="2026-11-25")] | None = (
        None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The protocol by which both authorities hand the cases over: offices and papers, no persons."""

    number: Annotated[
        str, Text(120), Identifier(), Doc(id="Nomor berita acara", en="Protocol number", example="BA-1/2024")
    ]
    date: Annotated[Date, Tells("protocol"), Doc(id="Tanggal berita acara", en="Protocol date", example="2024-09-12")]
    sha256: Annotated[str, Text(64), Doc(id="SHA-256 berkas", en="SHA-256 of the file")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Act):
    """hand-over: the case passes to the holder of another mandate."""

    mandate: Annotated[str, Text(80), Doc(id="Mandat baru", en="The new mandate", example="examining-2024")]
    disposition: Annotated[str, Code("disposition"), Doc(id="Disposisi", en="Disposition", example="restart")]
    protocol: Annotated[Protocol, Doc(id="Berita acara serah terima", en="Hand-over protocol")]


# --- what each requires ---------------------------------------------------------------------------------------------


def something_moves(case: CaseView, given: Recomputation) -> Refusal | None:
    """Under this calendar a day is another one than before, and the due days are those that the open referral has."""
    found = recomputation_of(case, given.calendar_version)
    if found is not None and (given.old_due, given.new_due) == (found.old_due, found.new_due):
        return None
    moves = counted_again(case, given)
    due = moves or case.referral
    id_, en = "tidak ada", "no day"
    if due is not None:
        id_ = en = due.due_on.isoformat()
    return Refusal(
        "deadline-unchanged",
        f"Menurut kalender ini tenggat perkara adalah {id_}; tidak ada lagi yang perlu dihitung ulang.",
        f"Under this calendar the case is due on {en}; there is nothing else to count again.",
        pointer="#/new_due",
    )


def mandate_is_another(case: CaseView, given: HandOver) -> Refusal | None:
    """The mandate named exists, is in force on the day of the hand-over, and is not the casefile's own."""
    named = case.named_mandate
    if named is None:
        return Refusal(
            "unknown-mandate",
            "Tidak ada mandat dengan kode ini. Daftarkan dahulu dengan register_mandate.",
            "There is no mandate of this code. Register it first with register_mandate.",
            pointer="#/mandate",
        )
    if case.mandate is not None and named.code == case.mandate.code:
        return Refusal(
            "mandate-is-the-same",
            "Perkara sudah berada pada mandat ini.",
            "The casefile stands under this mandate already.",
            pointer="#/mandate",
        )
    if named.in_force(on=case.today):
        return None
    return Refusal(
        "mandate-not-in-force",
        "Mandat penerima belum atau tidak lagi berlaku pada hari serah terima.",
        "The receiving mandate is not in force on the day of the hand-over.",
        pointer="#/mandate",
    )


# A disposition beside `continue` fits only where the file stands so. A case that has a recommendation is not begun
# anew behind the back of the agency that was asked to follow it.
FITS: dict[str, tuple[State, ...]] = {
    "continue": tuple(State),
    "restart": (State.SUBMITTED, State.RETURNED, State.UNDER_EXAMINATION),
    "return": (State.SUBMITTED, State.UNDER_EXAMINATION),
    "report_to_ministry": OPEN,
}


def disposition_fits(case: CaseView, given: HandOver) -> Refusal | None:
    """A case is begun anew or sent back only before a recommendation was made of it."""
    if case.state in FITS[given.disposition]:
        return None
    states = ", ".join(FITS[given.disposition])
    return Refusal(
        "disposition-does-not-fit",
        f"Disposisi {given.disposition} hanya untuk perkara pada keadaan {states}. Pakai continue.",
        f"The disposition {given.disposition} is only for casefiles in {states}. Use continue.",
        pointer="#/disposition",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def recomputation_of(case: CaseView, calendar_version: str) -> Recomputation | None:
    """What is recorded on this file under that calendar, which is the case's; none where no day moves."""
    moves = counted_again(case, None)
    if moves is not None and case.referral is not None:
        return Recomputation(calendar_version=calendar_version, old_due=case.referral.due_on, new_due=moves.due_on)
    return Recomputation(calendar_version=calendar_version) if counted_anew(case) else None


def counted_anew(case: CaseView) -> Changes:
    """The days that the file holds, counted with this calendar, where they are others.

    The day of effect and the last day of the remedy of the sanction in force, and what the open contest is held to.
    What was superseded, settled or annulled stays as it was judged, and so does what had taken effect in a closed file.
    """
    changes: Changes = {}
    sanction, contest = case.facts.get("sanction"), case.facts.get("contest")
    # A code that the officer's agency has no row for is not counted: it keeps what it has.
    effective_on = (sanction or {}).get("effective_on") or ""
    if case.state is State.CLOSED and effective_on <= case.today.isoformat():
        return {}
    if sanction and sanction.get("annulled_on") is None and case.law.sanction(sanction["sanction"]):
        counted = in_effect(case, sanction)
        if counted != sanction:
            changes["sanction"] = counted
    if contest is not None and (judged := timed(case, contest)) != contest:
        changes["contest"] = judged
    return changes


def counted_again(case: CaseView, given: Any) -> NewDue | None:
    """The same referral with its new due day; none where it stays.

    A review that is counted from the last day of the remedy starts when that day does.
    """
    referral = case.referral
    if referral is None or referral.rule["day_basis"] != "working":
        return None
    start = referral.clock_from
    sanction = case.facts.get("sanction")
    if referral.purpose == "review" and sanction is not None and review_counted_from(sanction) == start:
        anew = counted_anew(case).get("sanction") or sanction
        start = review_counted_from(anew) or start
    due_on, rule = case.law.recounted(referral, clock_from=start)
    if (due_on, start) == (referral.due_on, referral.clock_from):
        return None
    return NewDue(due_on, rule=rule, clock_from=start)


def days_recorded_anew(case: CaseView, given: Recomputation) -> Changes:
    """What was counted anew, and its warnings; the levels reached stay those of the clock whose start moves."""
    changes = counted_anew(case)
    if (sanction := changes.get("sanction")) is not None:
        changes["warnings"] = warned(case.facts, EFFECT_WARNINGS, effect_warnings(case, sanction))
    if (contest := changes.get("contest")) is not None:
        changes["warnings"] = warned({**case.facts, **changes}, LATE_WARNINGS, late_warning(contest))
    moves = counted_again(case, given)
    if moves is not None and moves.clock_from is not None and case.facts.get("ladder"):
        changes["ladder"] = followed(case, moves.clock_from)
    return changes


def handed_over(case: CaseView, given: HandOver) -> Changes:
    """The new mandate and its holder; who decided under the old one stays in the history."""
    named = _named(case)
    step: HandedOver = {
        "from_mandate": case.mandate.code if case.mandate else None,
        "to_mandate": named.code,
        "from_agency": case.facts["examiner"],
        "to_agency": named.agency,
        "disposition": given.disposition,
        "protocol": {"number": given.protocol.number, "date": given.protocol.date.isoformat()},
        "on": case.today.isoformat(),
    }
    changes: Changes = {
        "mandate": named.code,
        "examiner": named.agency,
        "handed_over": [*case.facts.get("handed_over", ()), step],
    }
    if given.disposition == "return":
        changes["returned"] = {"round": case.done("return"), "items": [ASKED_ANEW]}
    elif given.disposition == "restart":
        changes["returned"] = None
    return changes


# What a returned case is asked by an authority that has only just received it.
ASKED_ANEW: Final[ReturnedItem] = {
    "number": 1,
    "code": "validation_requested",
    "text": "Otoritas pemeriksa berganti: mohon kajian dan buktinya divalidasi kembali. "
    "The examining authority has changed: please validate assessment and evidence again.",
}


def goes_to(case: CaseView, given: HandOver) -> State:
    """Begun anew, sent back to be validated, or as it stands."""
    begun = {"restart": State.SUBMITTED, "return": State.RETURNED}
    return begun.get(given.disposition) or State(str(case.state))


def passes_the_turn(case: CaseView, given: HandOver) -> Referral | None:
    """The examiner's turn becomes the new one's, on a clock of its own; anybody else's stays where it is."""
    if given.disposition == "restart":
        return Referral(to=Party.EXAMINER, purpose="verify")
    if given.disposition == "return":
        return Referral(to=Party.SUBMITTER, purpose="complete", rule=lambda _: "validate")
    if case.referral is not None and case.referral.party is Party.EXAMINER:
        return Referral(to=Party.EXAMINER, purpose=case.referral.purpose)
    return None


def taken_over_by(case: CaseView, given: HandOver) -> tuple[AgencyView, ...]:
    """The new holder sees the file from here on; the ministry, where it is reported to it. Nobody loses sight."""
    gains = [case.agencies[_named(case).agency]]
    if given.disposition == "report_to_ministry":
        gains += [agency for agency in case.agencies.values() if "policy_ministry" in agency.roles]
    return tuple(gains)


def _named(case: CaseView) -> Any:
    if case.named_mandate is None:
        raise ValueError("hand-over needs the mandate it names")
    return case.named_mandate


# --- the rows -------------------------------------------------------------------------------------------------------

UPKEEP = (
    Transition(
        name="recompute",
        title_id="Tenggat dihitung ulang",
        title_en="Deadline counted again",
        source=tuple(State),
        target=Target.SAME,
        by=(Party.CLOCK,),
        routed=False,
        takes=Recomputation,
        weighs=(something_moves,),
        records=days_recorded_anew,
        moves=counted_again,
        announces="casefile.deadline_recomputed",
        article="SKB 3 Menteri tentang hari libur nasional dan cuti bersama",
    ),
    Transition(
        name="hand-over",
        title_id="Diserahkan kepada pemegang mandat baru",
        title_en="Handed over",
        source=tuple(State),
        target=goes_to,
        target_states=(State.SUBMITTED, State.RETURNED),
        paths=(
            *((state, State.SUBMITTED) for state in FITS["restart"]),
            *((state, State.RETURNED) for state in FITS["return"]),
        ),
        by=(Party.OPERATOR,),
        routed=False,
        takes=HandOver,
        weighs=(mandate_is_another, disposition_fits),
        records=handed_over,
        opens=passes_the_turn,
        grants=taken_over_by,
        announces="casefile.handed_over",
        article="UU 20/2023 pasal 70 ayat (3); SE MenPANRB 4/2024",
    ),
)
