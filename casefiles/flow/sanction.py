"""Sanction: what the addressee imposes and delivers, and what the examiner makes of it.

The sanction is compared with what was recommended; a lighter or other one needs its reason, anything but a light one
its examination. Nothing is closed before the officer holds the decree and the time for a remedy has passed. PP 94/2021
art. 26-39; PP 42/2004 art. 15; Peraturan BKN 6/2022; PP 79/2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from casefiles.file import Examination as ExaminationHeld
from casefiles.file import Sanction, there
from casefiles.flow.binding import not_bound
from casefiles.flow.closing import (
    Closing,
    accepted_lighter_has_its_reason,
    closed,
    delivered,
    judged_as_compared,
    remedy_is_not_doubtful,
    remedy_is_over,
)
from casefiles.flow.dates import Tells
from casefiles.flow.examination import sanction_fits_employment
from casefiles.flow.given import Act, CorrectionReason, Imposition, Letter, LighterReason, Official
from casefiles.flow.grammar import CaseView, Changes, Party, Referral, Refusal, State, Target, Transition
from casefiles.flow.guards import addressee_is_there, at_most, no_caretaker
from casefiles.flow.versions import (
    EFFECT_WARNINGS,
    comparison,
    effect_warnings,
    imposed,
    in_effect,
    remedy_of,
    review_counted_from,
    superseded,
    warned,
)
from casefiles.shapes import Code, Date, Doc, DocumentId, Items, NotAfterToday

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Imposition):
    """The decree that imposes the sanction, and the day of effect (TMT) where it states one."""

    effective_on: (
        Annotated[
            Date,
            Tells("effective"),
            Doc(id="TMT menurut keputusan", en="Effective on, as it states", example="2024-11-28"),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Who heard the officer, after which summons, and whether they came."""

    by: Annotated[str, Code("examination_by"), Doc(id="Pemeriksa", en="Examined by", example="team")]
    summoned_on: Annotated[
        tuple[Annotated[Date, NotAfterToday()], ...],
        Items(0, 5),
        Tells("summoned"),
        Doc(id="Tanggal panggilan", en="Days of the summons", example=["2024-10-25"]),
    ] = ()
    examined_on: (
        Annotated[
            Date,
            NotAfterToday(),
            Tells("heard"),
            Doc(id="Tanggal pemeriksaan; wajib bila hadir", en="Day examined; given if attended", example="2024-10-28"),
        ]
        | None
    ) = None
    attended: Annotated[bool, Doc(id="Hadir?", en="Attended?", example=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Act):
    """record-delivery: the decree reached the officer."""

    delivered_on: Annotated[
        Date,
        NotAfterToday(),
        Tells("delivered"),
        Doc(id="Tanggal penyampaian", en="Day of delivery", example="2024-11-06"),
    ]
    method: Annotated[str, Code("delivery_method"), Doc(id="Cara penyampaian", en="Method", example="hand")]
    document: Annotated[DocumentId, Doc(id="Bukti penyampaian", en="Proof of delivery")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Delivery reported together with the sanction."""

    delivered_on: Annotated[
        Date, NotAfterToday(), Doc(id="Tanggal penyampaian", en="Day of delivery", example="2024-11-06")
    ]
    method: Annotated[str, Code("delivery_method"), Doc(id="Cara penyampaian", en="Method", example="hand")]
    document: Annotated[DocumentId, Doc(id="Bukti penyampaian", en="Proof of delivery")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionReport(Act):
    """report-sanction: what was imposed, by which decree, after which examination."""

    sanction: Annotated[str, Code("sanctions"), Doc(id="Hukuman yang dijatuhkan", en="Sanction", example="moral_open")]
    decision: Annotated[Decision, Tells("decided"), Doc(id="Keputusan", en="Decree")]
    official: Annotated[Official, Doc(id="Pejabat yang menjatuhkan", en="Official who imposed it")]
    examination: Annotated[Examination, Doc(id="Pemeriksaan", en="Examination")] | None = None
    delivery: Annotated[Delivered, Tells("delivered"), Doc(id="Penyampaian", en="Delivery")] | None = None
    reason: (
        Annotated[LighterReason, Doc(id="Alasan bila lebih ringan atau lain jenis", en="Why lighter or another kind")]
        | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionDemand(Act):
    """require-correction: the sanction has to be mended; at most once."""

    letter: Annotated[Letter, Tells("demanded"), Doc(id="Surat", en="Letter")]
    reason: Annotated[CorrectionReason, Doc(id="Alasan", en="Reason")]


# --- what each requires ---------------------------------------------------------------------------------------------


def examined_unless_light(case: CaseView, given: SanctionReport) -> Refusal | None:
    """PP 94/2021 art. 26-27: only a light sanction may do without a recorded examination."""
    if given.examination is not None or case.law.sanction(given.sanction).get("level") == "discipline_light":
        return None
    return Refusal(
        "examination-missing",
        "Selain hukuman ringan, pemeriksaan wajib dilaporkan: siapa yang memeriksa, kapan dipanggil, hadir atau tidak.",
        "Except for light sanctions the examination has to be reported: by whom, when summoned, attended or not.",
        pointer="#/examination",
    )


def hearing_fits_attendance(case: CaseView, given: SanctionReport) -> Refusal | None:
    """Whoever came was heard on a day; whoever did not come was heard on none (PP 94/2021 art. 28-30)."""
    examination = given.examination
    if examination is None or examination.attended is (examination.examined_on is not None):
        return None
    if examination.attended:
        return Refusal(
            "hearing-day-missing",
            "Pegawai hadir, jadi sebutkan hari ia diperiksa pada examined_on.",
            "The officer came, so say under examined_on on which day they were heard.",
            pointer="#/examination/examined_on",
        )
    return Refusal(
        "heard-without-attending",
        "Pegawai tidak hadir, jadi tidak ada hari ia diperiksa. Kosongkan examined_on, atau kirim attended: true.",
        "The officer did not come, so there is no day of a hearing. Leave examined_on out, or send attended: true.",
        pointer="#/examination/examined_on",
    )


def lighter_has_its_reason(case: CaseView, given: SanctionReport) -> Refusal | None:
    """Lighter or of another kind: say why."""
    if given.reason is not None or comparison(case, given.sanction) not in {"lighter", "different_kind"}:
        return None
    return Refusal(
        "reason-missing",
        "Hukuman ini lebih ringan atau lain jenis daripada yang direkomendasikan; sebutkan alasannya pada reason.",
        "This sanction is lighter than recommended, or of another kind; say why under reason.",
        pointer="#/reason",
    )


def not_yet_delivered(case: CaseView, given: Any) -> Refusal | None:
    """A decree is delivered once."""
    if (case.facts.get("sanction") or {}).get("delivered_on") is None:
        return None
    return Refusal(
        "delivered-already",
        "Penyampaian keputusan ini sudah tercatat.",
        "The delivery of this decree is recorded already.",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def reported(case: CaseView, given: SanctionReport) -> Changes:
    """A version of the sanction, compared with the recommendation; one that had to be corrected stays beside it."""
    examination: ExaminationHeld | None = None
    if given.examination is not None:
        held = given.examination
        examination = {
            "by": held.by,
            "summoned_on": [day.isoformat() for day in held.summoned_on],
            "examined_on": held.examined_on.isoformat() if held.examined_on else None,
            "attended": held.attended,
        }
    sanction = imposed(
        case,
        sanction=given.sanction,
        decision=given.decision,
        stated_on=given.decision.effective_on,
        delivered_on=given.delivery.delivered_on if given.delivery else None,
        examination=examination,
        reason={"code": given.reason.code, "text": given.reason.text} if given.reason else None,
    )
    sanction["delivery_document"] = proof_of(given.delivery)
    return {
        "sanction": sanction,
        "sanction_versions": superseded(case, kind="correction", decision=given.decision),
        "warnings": warned(case.facts, EFFECT_WARNINGS, effect_warnings(case, sanction)),
    }


def proof_of(delivery: Delivery | Delivered | None) -> str | None:
    """The paper that proves the delivery, where one was brought: its date is held against the day of delivery."""
    return str(delivery.document) if delivery is not None and delivery.document is not None else None


def delivery_recorded(case: CaseView, given: Delivery) -> Changes:
    """Delivery, and the day the sanction takes effect by its rule."""
    delivered: Sanction = {
        **there(case.facts["sanction"]),
        "delivered_on": given.delivered_on.isoformat(),
        "delivery_document": proof_of(given),
    }
    sanction = in_effect(case, delivered)
    return {
        "sanction": sanction,
        "warnings": warned(case.facts, EFFECT_WARNINGS, effect_warnings(case, sanction)),
    }


def decided_on(case: CaseView, given: SanctionReport) -> date:
    """Delivery is counted from the decree."""
    return given.decision.date


def review_starts(case: CaseView, given: Delivery) -> date:
    """Review is counted from the last day of the remedy window; without a remedy, from the delivery."""
    return review_counted_from(there(delivery_recorded(case, given)["sanction"])) or given.delivered_on


def review_starts_at_once(case: CaseView, given: SanctionReport) -> date:
    """The same, where delivery was reported together with the sanction."""
    return review_counted_from(there(reported(case, given)["sanction"])) or given.decision.date


def opened_by_report(case: CaseView, given: SanctionReport) -> Referral:
    """Deliver first; review once delivered."""
    if given.delivery is None:
        return Referral(to=Party.ADDRESSEE, purpose="deliver", runs_from=decided_on)
    return Referral(to=Party.EXAMINER, purpose="review", runs_from=review_starts_at_once)


def appeal_board_where_it_may_be_called(case: CaseView, given: SanctionReport) -> tuple[Party, ...]:
    """A dismissal may be appealed: the board sees the file from its report on."""
    decision = given.decision
    remedy = remedy_of(case, given.sanction, decided_on=decision.date, imposed_by=decision.imposed_by)
    return (Party.APPEAL_BOARD,) if remedy == "appeal" else ()


# --- the rows -------------------------------------------------------------------------------------------------------

SANCTION = (
    Transition(
        name="report-sanction",
        title_id="Hukuman dilaporkan",
        title_en="Sanction reported",
        source=(State.AWAITING_SANCTION,),
        target=State.SANCTION_REPORTED,
        by=(Party.ADDRESSEE,),
        takes=SanctionReport,
        requires=(not_bound,),
        weighs=(
            sanction_fits_employment,
            examined_unless_light,
            lighter_has_its_reason,
            hearing_fits_attendance,
        ),
        records=reported,
        opens=opened_by_report,
        grants=appeal_board_where_it_may_be_called,
        announces="casefile.sanction_reported",
        article="PP 94/2021 pasal 26-39; PP 42/2004 pasal 15",
    ),
    Transition(
        name="record-delivery",
        title_id="Keputusan disampaikan",
        title_en="Decree delivered",
        source=(State.SANCTION_REPORTED,),
        target=Target.SAME,
        by=(Party.ADDRESSEE,),
        takes=Delivery,
        requires=(not_yet_delivered,),
        records=delivery_recorded,
        opens=Referral(to=Party.EXAMINER, purpose="review", runs_from=review_starts),
        announces="casefile.delivered",
        article="PP 94/2021 pasal 37; Peraturan BKN 6/2022 pasal 49-50",
    ),
    Transition(
        name="require-correction",
        title_id="Perbaikan diminta",
        title_en="Correction required",
        source=(State.SANCTION_REPORTED,),
        target=State.AWAITING_SANCTION,
        by=(Party.EXAMINER,),
        takes=CorrectionDemand,
        requires=(at_most("require-correction", 1), not_bound, addressee_is_there),
        opens=Referral(to=Party.ADDRESSEE, purpose="follow_up"),
        announces="casefile.correction_required",
        article="UU 5/2014 pasal 33",
    ),
    Transition(
        name="close",
        title_id="Perkara ditutup",
        title_en="Closed",
        source=(State.SANCTION_REPORTED,),
        target=State.CLOSED,
        outcome="sanctioned",
        by=(Party.EXAMINER,),
        takes=Closing,
        requires=(no_caretaker, delivered),
        weighs=(remedy_is_over, remedy_is_not_doubtful, judged_as_compared, accepted_lighter_has_its_reason),
        records=closed,
        announces="casefile.closed",
        article="SKB 2/2022; UU 20/2023",
    ),
)
