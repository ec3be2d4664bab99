"""Upkeep: what a change of the law itself does to open cases.

A decree that changes the working calendar moves the deadlines counted with it; a new examining authority takes the
cases of the old one over, each with its disposition. Neither is a decision on a case, so neither has a route: the
clock and the operator act, on the record. SE MenPANRB 4/2024; UU 20/2023 art. 70(3); MK 121/PUU-XXII/2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

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
    Stage,
    Target,
    Transition,
)
from casefiles.shapes import Code, Date, Doc, Text

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation(Act):
    """recompute: an open deadline is counted again under another version of the calendar."""

    calendar_version: Annotated[str, Text(20), Doc(id="Versi kalender", en="Calendar version", example="2026.2")]
    old_due: Annotated[Date, Doc(id="Tenggat semula", en="Due day before", example="2026-11-24")]
    new_due: Annotated[Date, Doc(id="Tenggat baru", en="Due day now", example="2026-11-25")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The protocol by which both authorities hand the cases over: offices and papers, no persons."""

    number: Annotated[str, Text(120), Doc(id="Nomor berita acara", en="Protocol number", example="BA-1/2024")]
    date: Annotated[Date, Doc(id="Tanggal berita acara", en="Protocol date", example="2024-09-12")]
    sha256: Annotated[str, Text(64), Doc(id="SHA-256 berkas", en="SHA-256 of the file")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Act):
    """hand-over: the case passes to the holder of another mandate."""

    mandate: Annotated[str, Text(80), Doc(id="Mandat baru", en="The new mandate", example="examining-2024")]
    disposition: Annotated[str, Code("disposition"), Doc(id="Disposisi", en="Disposition", example="restart")]
    protocol: Annotated[Protocol, Doc(id="Berita acara serah terima", en="Hand-over protocol")]


# --- what each requires ---------------------------------------------------------------------------------------------


def deadline_moves(case: CaseView, given: Recomputation) -> Refusal | None:
    """The new day is the one this calendar gives, and another one than before."""
    if case.referral is None:
        return None
    due_on, _ = case.law.recounted(case.referral, seq=case.version + 1)
    if given.old_due == case.referral.due_on and given.new_due == due_on != case.referral.due_on:
        return None
    return Refusal(
        "deadline-unchanged",
        f"Menurut kalender ini tenggat perkara adalah {due_on.isoformat()}; tidak ada yang perlu dihitung ulang.",
        f"Under this calendar the case is due on {due_on.isoformat()}; there is nothing to count again.",
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
FITS: dict[str, tuple[Stage, ...]] = {
    "continue": tuple(Stage),
    "restart": (Stage.SUBMITTED, Stage.RETURNED, Stage.UNDER_EXAMINATION),
    "return": (Stage.SUBMITTED, Stage.UNDER_EXAMINATION),
    "report_to_ministry": OPEN,
}


def disposition_fits(case: CaseView, given: HandOver) -> Refusal | None:
    """A case is begun anew or sent back only before a recommendation was made of it."""
    if case.stage in FITS[given.disposition]:
        return None
    stages = ", ".join(FITS[given.disposition])
    return Refusal(
        "disposition-does-not-fit",
        f"Disposisi {given.disposition} hanya untuk perkara pada keadaan {stages}. Pakai continue.",
        f"The disposition {given.disposition} is only for casefiles in {stages}. Use continue.",
        pointer="#/disposition",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def counted_again(case: CaseView, given: Recomputation) -> NewDue:
    """The same referral with its new due day."""
    if case.referral is None:
        raise ValueError("recompute needs an open referral")
    due_on, rule = case.law.recounted(case.referral, seq=case.version + 1)
    return NewDue(due_on, rule=rule)


def handed_over(case: CaseView, given: HandOver) -> Changes:
    """The new mandate and its holder; who decided under the old one stays in the history."""
    named = _named(case)
    step = {
        "from_mandate": case.mandate.code if case.mandate else None,
        "to_mandate": named.code,
        "from_agency": case.facts["examiner"],
        "to_agency": named.agency,
        "disposition": given.disposition,
        "protocol": {"number": given.protocol.number, "date": given.protocol.date.isoformat()},
        "on": case.today.isoformat(),
    }
    changes: dict[str, Any] = {
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
ASKED_ANEW = {
    "number": 1,
    "code": "validation_requested",
    "text": "Otoritas pemeriksa berganti: mohon kajian dan buktinya divalidasi kembali. "
    "The examining authority has changed: please validate assessment and evidence again.",
}


def goes_to(case: CaseView, given: HandOver) -> Stage:
    """Begun anew, sent back to be validated, or as it stands."""
    begun = {"restart": Stage.SUBMITTED, "return": Stage.RETURNED}
    return begun.get(given.disposition) or Stage(str(case.stage))


def passes_the_turn(case: CaseView, given: HandOver) -> Referral | None:
    """The examiner's turn becomes the new one's, on a clock of its own; anybody else's stays with him."""
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
        source=OPEN,
        target=Target.SAME,
        by=(Party.CLOCK,),
        routed=False,
        takes=Recomputation,
        weighs=(deadline_moves,),
        moves=counted_again,
        announces="casefile.deadline_recomputed",
        article="SKB 3 Menteri tentang hari libur nasional dan cuti bersama",
    ),
    Transition(
        name="hand-over",
        title_id="Diserahkan kepada pemegang mandat baru",
        title_en="Handed over",
        source=tuple(Stage),
        target=goes_to,
        target_stages=(Stage.SUBMITTED, Stage.RETURNED),
        paths=(
            *((stage, Stage.SUBMITTED) for stage in FITS["restart"]),
            *((stage, Stage.RETURNED) for stage in FITS["return"]),
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
