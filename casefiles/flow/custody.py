"""Custody: the file changes hands, or its clock is given more time; where it stands stays the same.

The officer moves and the new agency takes the old one's place; inside Bawaslu a higher office takes a case over, or
delegates it down; the examiner grants time, counted apart; and where the addressee keeps silent, the proof that the
recommendation reached it stands for its acknowledgement. SKB 2/2022; Perbawaslu 7/2022 art. 20; UU 30/2014.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from casefiles.file import Extension as ExtensionHeld
from casefiles.file import Served, Warned, there
from casefiles.flow.dates import DEADLINE, Tells
from casefiles.flow.given import Act, ExtendReason, Letter, Official
from casefiles.flow.grammar import (
    OPEN,
    AgencyView,
    CaseView,
    Changes,
    Clock,
    NewDue,
    Party,
    Referral,
    Refusal,
    State,
    Target,
    Transition,
)
from casefiles.flow.guards import is_agency, receiver_is_not_the_subject, subject_identified
from casefiles.flow.offices import above
from casefiles.flow.transfer import (
    Transfer,
    excuses_no_delay_of_its_own,
    moved_on_a_day,
    moves_to_another_agency,
    no_addressee_follows_the_subject,
    sight_left_behind,
    sight_moves_along,
    transferred,
    turn_moves_along,
    was_addressed_wrongly,
    wrong_address_starts_afresh,
)
from casefiles.shapes import AgencyCode, Between, Code, Date, Doc, DocumentId, NotAfterToday, Text

# As long as the longest clock the law gives anybody (an appeal's decision): whoever grants more is reminded of it.
LONG_EXTENSION = 65

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving(Act):
    """serve: the recommendation reached the addressee, who says nothing; the follow-up clock starts after that day."""

    delivered_on: Annotated[
        Date,
        NotAfterToday(),
        Tells("served"),
        Doc(id="Tanggal penyampaian", en="Day of delivery", example="2024-10-25"),
    ]
    method: Annotated[str, Code("delivery_method"), Doc(id="Cara penyampaian", en="Method", example="courier")]
    proof: Annotated[
        DocumentId, Doc(id="Bukti, sebaiknya berjenis delivery_proof", en="Proof, preferably of type delivery_proof")
    ]
    received_by: Annotated[Official, Doc(id="Penerima, bila diketahui", en="Receiver, where known")] | None = None
    opened: (
        Annotated[
            int,
            Between(1, 1_000_000),
            Doc(
                id="Versi yang dibuka penerima (anggota opened perkara), bila menguatkan penyampaian",
                en="The version that the addressee opened (`opened` of the casefile), where that supports the delivery",
            ),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassignment(Act):
    """reassign: another office of Bawaslu has the case from now on; the one before reads on."""

    office: Annotated[AgencyCode, Doc(id="Kantor yang menangani", en="The office", example="bawaslu-sumatera-barat")]
    kind: Annotated[str, Code("custody_kind"), Doc(id="Jenis perpindahan", en="Kind", example="taken_over")]
    text: Annotated[str, Text(4000), Doc(id="Alasan", en="Why")] | None = None
    letter: Annotated[Letter, Tells("reassigned"), Doc(id="Surat", en="Letter")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Act):
    """extend: the examiner gives whoever has the turn more time; the days are counted and shown apart."""

    until: Annotated[Date, Tells(DEADLINE), Doc(id="Tenggat baru", en="New due day", example="2024-11-15")]
    reason: Annotated[ExtendReason, Doc(id="Alasan", en="Reason", example={"code": "examination_running"})]
    letter: Annotated[Letter, Tells("office_letter"), Doc(id="Surat", en="Letter")] | None = None


# --- what each requires ---------------------------------------------------------------------------------------------


def was_opened_as_cited(case: CaseView, given: Serving) -> Refusal | None:
    """A reading that is cited is on record: the addressee's, of a version with this recommendation."""
    if given.opened is None or _opening(case, given.opened) is not None:
        return None
    return Refusal(
        "not-opened",
        "Penerima rekomendasi belum tercatat membuka versi itu sejak gilirannya. Lihat anggota opened pada GET "
        "/casefiles/{id}, atau kosongkan opened.",
        "The addressee is not on record as having opened that version since its turn began. See `opened` in GET "
        "/casefiles/{id}, or leave opened out.",
        pointer="#/opened",
    )


def goes_to_another_office(case: CaseView, given: Reassignment) -> Refusal | None:
    """Nothing is handed to whoever has it."""
    if given.office != case.facts["submitter"]:
        return None
    return Refusal(
        "same-office",
        "Kantor ini sudah menangani perkara. Sebut kantor lain.",
        "That office has the case already. Name another one.",
        pointer="#/office",
    )


def goes_up_or_down_the_line(case: CaseView, given: Reassignment) -> Refusal | None:
    """Taken over by an office above the present one, delegated to one below it; never to its neighbour."""
    present, office = case.parties[Party.SUBMITTER], case.agencies.get(given.office)
    if office is None or office.pk == present.pk:
        return None
    lower, higher = (present, office) if given.kind == "taken_over" else (office, present)
    if higher in above(lower, case.agencies.values()):
        return None
    if given.kind == "taken_over":
        return Refusal(
            "office-not-above",
            "Perkara hanya dapat diambil alih oleh kantor di atas kantor yang sekarang menangani.",
            "A case is taken over only by an office above the one that has it.",
            pointer="#/office",
        )
    return Refusal(
        "office-not-below",
        "Perkara hanya dapat dilimpahkan kepada kantor di bawah kantor yang sekarang menangani.",
        "A case is delegated only to an office below the one that has it.",
        pointer="#/office",
    )


def some_office_takes_it(case: CaseView, given: Any) -> Refusal | None:
    """Before an office is named: there is one in force above the present one, or below it."""
    if given is not None or case.acting.pk != case.parties[Party.SUBMITTER].pk:
        return None  # whoever stands above takes the case to itself
    present = case.acting
    brought = case.agencies.values()
    higher = set(above(present, brought))
    offices = [office for office in brought if office.in_force and "election_supervisor" in office.roles]
    if any(office in higher or present in above(office, brought) for office in offices if office.pk != present.pk):
        return None
    return Refusal(
        "office-not-above",
        "Tidak ada kantor yang berlaku di atas maupun di bawah kantor ini. Daftarkan dahulu kantor atasannya pada "
        "operator.",
        "No office in force stands above this one or below it. Have the operator register its superior office first.",
        pointer="#/office",
    )


def stays_in_its_own_branch(case: CaseView, given: Reassignment) -> Refusal | None:
    """A superior office takes a case to itself or hands it to an office under it, never past itself upwards."""
    office = case.agencies.get(given.office)
    branch = (office, *above(office, case.agencies.values()))
    if Party.SUBMITTER in case.acts_as or office is None or case.acting in branch:
        return None
    return Refusal(
        "not-your-branch",
        "Kantor atasan hanya dapat menyerahkan perkara kepada dirinya atau kantor di bawahnya.",
        "A superior office may hand a case only to itself or to an office under it.",
        pointer="#/office",
    )


def grants_more_time(case: CaseView, given: Extension) -> Refusal | None:
    """The new day lies after the present one."""
    if case.referral is None or given.until > case.referral.due_on:
        return None
    due = case.referral.due_on.isoformat()
    return Refusal(
        "not-after-the-due-day",
        f"Tenggat sekarang {due}; tenggat baru harus sesudahnya.",
        f"It is due on {due}; the new day has to lie after it.",
        pointer="#/until",
    )


def grants_time_to_come(case: CaseView, given: Extension) -> Refusal | None:
    """Time that has passed is granted to nobody."""
    if given.until >= case.today:
        return None
    return Refusal(
        "already-past",
        "Tenggat baru sudah lewat pada hari langkah ini dilakukan (occurred_at).",
        "The new day has passed already on the day of this step (occurred_at).",
        pointer="#/until",
    )


# --- who follows, who stands above ----------------------------------------------------------------------------------


# --- what becomes of the file ---------------------------------------------------------------------------------------


def served(case: CaseView, given: Serving) -> Changes:
    """The day of receipt, and on whom and how it was served; the receiver stays with the transition."""
    fact: Served = {
        "agency": there(case.facts["addressee"]),
        "delivered_on": given.delivered_on.isoformat(),
        "method": given.method,
        "proof": str(given.proof),
    }
    if given.opened is not None and (at := _opening(case, given.opened)) is not None:
        fact["opened"] = {"version": given.opened, "at": at}
    return {"received_on": given.delivered_on.isoformat(), "served": fact}


def _opening(case: CaseView, version: int) -> str | None:
    """When the addressee opened that version, since the turn is its own; None where it did not."""
    if case.referral is None or version < case.referral.opened_in:
        return None
    return case.opened.get((case.facts["addressee"] or "", version))


def reassigned(case: CaseView, given: Reassignment) -> Changes:
    """The new office is the submitter; the finding stays what the office of origin wrote."""
    return {"submitter": given.office}


def office_and_all_above(case: CaseView, given: Reassignment) -> tuple[AgencyView, ...]:
    """The new office sees the case, and whoever is above it."""
    office = case.agencies[given.office]
    return (office, *above(office, case.agencies.values()))


def completing_goes_along(case: CaseView, given: Reassignment) -> Referral | None:
    """What was asked of the old office is asked of the new one, until the same day."""
    if case.referral is None or case.referral.party is not Party.SUBMITTER:
        return None
    return Referral(to=Party.SUBMITTER, purpose=case.referral.purpose, clock=Clock.RUNS_ON)


def days_granted(due_on: date, given: Extension, *, today: date) -> int:
    """How many days an extension gives: those to come, today included. A day that has passed is given to nobody."""
    return (given.until - max(due_on, today - timedelta(days=1))).days


def extended(case: CaseView, given: Extension) -> Changes:
    """Every extension stays in the file, for all parties to see; a long one warns."""
    if case.referral is None:
        return {}
    earlier = case.facts.get("extensions", ())
    granted: ExtensionHeld = {
        "purpose": case.referral.purpose,
        "until": given.until.isoformat(),
        "days": days_granted(case.referral.due_on, given, today=case.today),
        "reason": {"code": given.reason.code, "text": given.reason.text},
        "by": case.acting.code,
        "on": case.today.isoformat(),
    }
    changes: Changes = {"extensions": [*earlier, granted]}
    if given.until > case.law.working_days_after(case.referral.due_on, LONG_EXTENSION):
        warning: Warned = {
            "code": "long-extension",
            "pointer": f"#/extensions/{len(earlier)}/until",
            "id": f"Perpanjangan ini lebih dari {LONG_EXTENSION} hari kerja.",
            "en": f"This extension is longer than {LONG_EXTENSION} working days.",
        }
        changes["warnings"] = [*case.facts.get("warnings", ()), warning]
    return changes


def new_due_day(case: CaseView, given: Extension) -> NewDue:
    """The referral stays; its due day moves, and its rule says who granted how much and why."""
    if case.referral is None:
        raise ValueError("extend moves the due day of an open referral, and an open casefile always has one")
    days = days_granted(case.referral.due_on, given, today=case.today)
    rule = case.law.extended(
        case.referral.rule, until=given.until, days=days, reason=given.reason.code, seq=case.version + 1
    )
    return NewDue(given.until, paused_days=days, rule=rule)


# --- the rows -------------------------------------------------------------------------------------------------------

CUSTODY = (
    Transition(
        name="serve",
        title_id="Rekomendasi disampaikan dengan bukti",
        title_en="Recommendation served",
        source=(State.RECOMMENDED,),
        target=State.AWAITING_SANCTION,
        by=(Party.EXAMINER,),
        takes=Serving,
        weighs=(receiver_is_not_the_subject, was_opened_as_cited),
        records=served,
        opens=Referral(to=Party.ADDRESSEE, purpose="follow_up", runs_from=lambda case, given: given.delivered_on),
        announces="casefile.served",
        article="UU 30/2014; SKB 2/2022",
    ),
    Transition(
        name="transfer",
        title_id="Instansi pegawai beralih",
        title_en="Transferred to another agency",
        source=OPEN,
        target=Target.SAME,
        by=(Party.EMPLOYER, Party.EXAMINER),
        takes=Transfer,
        requires=(subject_identified,),
        weighs=(
            is_agency("#/employer", "employer"),
            moves_to_another_agency,
            moved_on_a_day,
            no_addressee_follows_the_subject,
            wrong_address_starts_afresh,
            excuses_no_delay_of_its_own,
        ),
        records=transferred,
        opens=turn_moves_along,
        grants=sight_moves_along,
        ends=sight_left_behind,
        voids=was_addressed_wrongly,
        announces="casefile.transferred",
        article="SKB 2/2022",
    ),
    Transition(
        name="reassign",
        title_id="Penanganan berpindah kantor",
        title_en="Reassigned to another office",
        source=OPEN,
        target=Target.SAME,
        by=(Party.SUBMITTER, Party.SUPERIOR_OFFICE),
        takes=Reassignment,
        requires=(some_office_takes_it,),
        weighs=(
            is_agency("#/office", "election_supervisor"),
            goes_to_another_office,
            goes_up_or_down_the_line,
            stays_in_its_own_branch,
        ),
        records=reassigned,
        opens=completing_goes_along,
        grants=office_and_all_above,
        announces="casefile.reassigned",
        article="Perbawaslu 7/2022 pasal 20",
    ),
    Transition(
        name="extend",
        title_id="Tenggat diperpanjang",
        title_en="Deadline extended",
        source=OPEN,
        target=Target.SAME,
        by=(Party.EXAMINER,),
        takes=Extension,
        weighs=(grants_more_time, grants_time_to_come),
        records=extended,
        moves=new_due_day,
        announces="casefile.extended",
        article="SKB 2/2022",
    ),
)
