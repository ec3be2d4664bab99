"""Intake: from the forwarded finding to an accepted case.

Bawaslu forwards what it has clarified; the examining authority verifies form and substance, asks the officer's agency
who he is, sends an incomplete file back, and accepts or rejects. PKS 2023 art. on handling; SKB 2/2022; SBT practice
of 2024 (seven days to verify, three working days to complete).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from casefiles import nip
from casefiles.flow.finding import FindingGiven
from casefiles.flow.given import Act, DisownReason, Official, RecallReason, RejectReason, WithdrawReason
from casefiles.flow.grammar import (
    AgencyView,
    CaseView,
    Changes,
    Clock,
    Party,
    Referral,
    Refusal,
    Stage,
    Target,
    Transition,
)
from casefiles.flow.guards import (
    at_most,
    is_agency,
    no_caretaker,
    not_the_examiners_own_officer,
    subject_identified,
)
from casefiles.flow.ladder import lapsed_where_the_clock_recalls
from casefiles.flow.routing import HEADS_HIS_OFFICE, is_province_above, may_be_own_desk, own_desk, routed
from casefiles.shapes import (
    AgencyCode,
    Between,
    Code,
    Date,
    Doc,
    DocumentId,
    Identifier,
    Items,
    Nip,
    NotAfterToday,
    Ref,
    Text,
)

# --- what each transition takes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRequest(Act):
    """request-identity: which agency is asked who the subject is."""

    employer: Annotated[AgencyCode, Doc(id="Instansi yang ditanya", en="The agency asked", example="pemkot-padang")]
    text: Annotated[str, Text(4000), Doc(id="Keterangan", en="Explanation")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Act):
    """identify: who the officer is, as known at the act."""

    nip: Annotated[Nip, Doc(id="NIP/NI PPPK, 18 angka", en="NIP or NI PPPK, 18 digits", example="198501012010011001")]
    name: Annotated[str, Text(200), Doc(id="Nama", en="Name", example="Contoh Nama")]
    employer: Annotated[AgencyCode, Doc(id="Instansi pegawai", en="Employing agency", example="pemkot-padang")]
    employment_kind: Annotated[str, Code("employment_kind"), Doc(id="Jenis ASN", en="Employment kind", example="pns")]
    position_kind: Annotated[
        str, Code("position_kind"), Doc(id="Jenis jabatan", en="Position kind", example="functional_expert")
    ]
    position: Annotated[str, Text(200), Doc(id="Jabatan", en="Position", example="Guru")]
    position_roles: Annotated[tuple[Annotated[str, Code("position_roles")], ...], Items(0, 10)] = ()
    grade: Annotated[str, Text(10), Doc(id="Golongan", en="Grade", example="III/d")] | None = None
    work_unit: Annotated[str, Text(200), Doc(id="Unit kerja", en="Work unit")] | None = None
    workplace: (
        Annotated[
            AgencyCode,
            Doc(
                id="Instansi tempat bertugas bila bukan instansi pegawai, mis. penjabat kepala daerah",
                en="Where he serves, if not with his employer, as an acting regional head",
            ),
        ]
        | None
    ) = None
    identity_source: Annotated[str, Code("identity_source"), Doc(id="Sumber", en="Source", example="siasn")] = (
        "agency_records"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disownment(Act):
    """disown: he is not ours, and why; the right agency where known."""

    reason: Annotated[DisownReason, Doc(id="Alasan", en="Reason", example={"code": "not_ours"})]
    employer: Annotated[AgencyCode, Doc(id="Instansi yang benar", en="The right agency")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Act):
    """recall: the examiner takes the file back from a silent party."""

    reason: Annotated[RecallReason, Doc(id="Alasan", en="Reason", example={"code": "no_answer"})]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnItem:
    """One thing that is missing or unclear."""

    code: Annotated[
        str, Code("reasons/return"), Doc(id="Yang kurang", en="What is missing", example="missing_evidence")
    ]
    text: Annotated[str, Text(4000), Doc(id="Penjelasan", en="Explanation", example="Lampirkan tangkapan layar.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(Act):
    """return: the numbered list of what the submitter has to supply."""

    items: Annotated[tuple[ReturnItem, ...], Items(1, 20), Doc(id="Daftar kekurangan", en="Items")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one returned item, by its number (from 1)."""

    item: Annotated[int, Between(1, 20), Doc(id="Nomor butir", en="Item number", example=1)]
    text: Annotated[str, Text(8000), Doc(id="Jawaban", en="Answer", example="Terlampir.")]
    documents: Annotated[tuple[DocumentId, ...], Items(0, 50), Doc(id="Dokumen", en="Documents")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion(Act):
    """complete: one answer per item."""

    answers: Annotated[tuple[Answer, ...], Items(1, 20), Doc(id="Jawaban per butir", en="One answer per item")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Act):
    """withdraw: the submitter takes the matter back before it was accepted."""

    reason: Annotated[WithdrawReason, Doc(id="Alasan", en="Reason", example={"code": "double_entry"})]
    documents: Annotated[tuple[DocumentId, ...], Items(0, 20), Doc(id="Dokumen", en="Documents")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(Act):
    """reject: the matter cannot be taken in."""

    reason: Annotated[RejectReason, Doc(id="Alasan", en="Reason", example={"code": "not_asn"})]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The joint verification before acceptance."""

    held_on: Annotated[
        Date, NotAfterToday(), Doc(id="Tanggal verifikasi", en="Day of the verification", example="2024-10-14")
    ]
    result: Annotated[str, Code("verification_result"), Doc(id="Hasil", en="Result", example="complete")]
    members: Annotated[
        tuple[Annotated[str, Text(200)], ...], Items(0, 30), Doc(id="Peserta", en="Members", example=["bkn"])
    ] = ()
    minutes: Annotated[DocumentId, Doc(id="Berita acara", en="Minutes")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance(Act):
    """accept: the file goes under examination."""

    examiner_reference: (
        Annotated[str, Text(120), Identifier(), Doc(id="Nomor perkara", en="Reference", example="W-112/2024")] | None
    ) = None
    unit: (
        Annotated[str, Text(200), Doc(id="Unit pemeriksa", en="Examining unit", example="Direktorat Wasdal")] | None
    ) = None
    verification: Annotated[Verification, Doc(id="Verifikasi bersama", en="Joint verification")] | None = None
    not_duplicate_of: Annotated[
        tuple[Annotated[UUID, Ref("casefile")], ...],
        Items(0, 100, unique=True),
        Doc(
            id="Perkara dari suspected_duplicates yang dinilai bukan perkara yang sama",
            en="Casefiles of suspected_duplicates that were judged to be another matter",
            example=[],
        ),
    ] = ()


# --- what each requires ---------------------------------------------------------------------------------------------


def not_asked_of_his_own_desk(case: CaseView, given: IdentityRequest) -> Refusal | None:
    """Of a head or secretary the agency is asked that the rule names, or home affairs; never their own office."""
    if not _heads_an_office(case):
        return None
    asked = case.agencies.get(given.employer)
    by_rule = routed(case).agency
    may_know = asked is not None and (asked == by_rule or _is_above(asked, case.parties.get(Party.EMPLOYER)))
    if may_know and not own_desk(case, given.employer) and not may_be_own_desk(case, given.employer):
        return None
    return Refusal(
        "asks-the-subject-himself",
        "Terlapor memimpin suatu pemerintah daerah atau menjabat Sekda, sehingga pertanyaan ini dapat sampai kepadanya "
        "sendiri. Tanyakan kepada provinsi di atasnya atau Kementerian Dalam Negeri, atau isi dengan identify.",
        "The officer heads a regional government or is its secretary, and this question may reach them. Ask the "
        "province above it or the Ministry of Home Affairs, or identify them yourself.",
        pointer="#/employer",
        resolve_with=("identify",),
    )


def _heads_an_office(case: CaseView) -> bool:
    return bool(HEADS_HIS_OFFICE & set(case.facts["subject"].get("position_roles") or ()))


def _is_above(agency: AgencyView, government: AgencyView | None) -> bool:
    """Whether that agency oversees the government (any, where it is not known): home affairs, or its province."""
    if "home_affairs" in agency.roles:
        return True
    return government is not None and is_province_above(agency, government)


def identified_as_our_own(case: CaseView, given: Identity) -> Refusal | None:
    """The agency asked names its own officer, or as the one above the head of a government below it; no other's."""
    if case.stage is not Stage.IDENTITY_REQUESTED or given.employer == case.acting.code:
        return None
    government = case.agencies.get(given.employer)
    if _heads_an_office(case) and government is not None and _is_above(case.acting, government):
        return None
    return Refusal(
        "not-our-officer",
        "Instansi yang ditanya hanya dapat mengidentifikasi pegawainya sendiri. Jika bukan, gunakan disown.",
        "The agency asked can identify its own officers only. If he is not one, use disown.",
        pointer="#/employer",
        resolve_with=("disown",),
    )


def identified_by_whoever_has_the_turn(case: CaseView, given: Any) -> Refusal | None:
    """The employer identifies when asked; the examiner while the file waits for verification."""
    if case.stage is Stage.IDENTITY_REQUESTED and Party.EMPLOYER not in case.acts_as:
        return Refusal(
            "asked-of-another",
            "Identitas sedang ditanyakan kepada instansi pegawai. Tarik dahulu dengan recall.",
            "The employer has been asked. Recall the file first.",
            resolve_with=("recall",),
        )
    if case.stage is Stage.SUBMITTED and Party.EXAMINER not in case.acts_as:
        return Refusal(
            "not-asked",
            "Instansi pegawai mengisi identitas setelah diminta pemeriksa.",
            "An employer identifies once the examiner has asked.",
        )
    return None


def names_another_agency(case: CaseView, given: Disownment) -> Refusal | None:
    """Whoever disowns an officer does not name itself as the right agency."""
    if given.employer != case.acting.code:
        return None
    return Refusal(
        "disowned-and-named",
        "Instansi yang benar tidak mungkin instansi Anda sendiri. Kosongkan employer bila tidak diketahui.",
        "The right agency cannot be your own. Leave employer out where it is not known.",
        pointer="#/employer",
        resolve_with=("identify",),
    )


def every_item_answered(case: CaseView, given: Completion) -> Iterable[Refusal]:
    """One answer per returned item, none beside them."""
    asked = {item["number"] for item in (case.facts.get("returned") or {}).get("items", ())}
    answered = [answer.item for answer in given.answers]
    for number in sorted(asked - set(answered)):
        yield Refusal(
            "item-unanswered",
            f"Butir {number} belum dijawab.",
            f"Item {number} has no answer.",
            pointer="#/answers",
        )
    for index, number in enumerate(answered):
        if number not in asked or number in answered[:index]:
            yield Refusal(
                "item-unknown",
                "Butir ini tidak diminta atau sudah dijawab di atas.",
                "This item was not asked, or is answered above already.",
                pointer=f"#/answers/{index}/item",
            )


def verification_held(case: CaseView, given: Acceptance) -> Refusal | None:
    """Joint verification comes before acceptance where the mandate's row requires it."""
    if case.mandate is None or not case.mandate.verification_required or given.verification is not None:
        return None
    return Refusal(
        "verification-missing",
        "Mandat ini mensyaratkan verifikasi bersama sebelum perkara diterima. Isi verification.",
        "This mandate requires a joint verification before acceptance. Give verification.",
        pointer="#/verification",
    )


def duplicates_judged(case: CaseView, given: Acceptance) -> Iterable[Refusal]:
    """Every casefile that may be the same matter was merged, or is named as another matter."""
    named = {str(one) for one in given.not_duplicate_of}
    for one in case.duplicates:
        if one.id not in named:
            yield Refusal(
                "duplicates-not-judged",
                f"Perkara {one.number} mungkin perkara yang sama. Gabungkan dengan merge, atau sebut {one.id} dalam "
                "not_duplicate_of.",
                f"Casefile {one.number} may be the same matter. Merge it, or name {one.id} in not_duplicate_of.",
                pointer="#/not_duplicate_of",
                resolve_with=("merge",),
            )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def asked(case: CaseView, given: IdentityRequest) -> Changes:
    """The agency asked takes the employer's place until it answers."""
    return {"employer": given.employer, "claimed_employer": case.facts.get("employer")}


def identified(case: CaseView, given: Identity) -> Changes:
    """The officer, as known at the act."""
    subject = {**asdict(given), "identified": True, "violations": case.facts["subject"].get("violations", [])}
    subject["position_roles"] = list(given.position_roles)
    employer = subject.pop("employer")
    subject.pop("occurred_at")
    # What was doubtful about the identity is judged anew; what was flagged about the finding stays.
    flagged = [item for item in case.facts.get("warnings", ()) if item["code"] != nip.CODE]
    return {
        "subject": subject,
        "employer": employer,
        "claimed_employer": None,
        "warnings": [
            *flagged,
            *nip.warnings(given.nip, employment_kind=given.employment_kind, violations=case.facts["violations"]),
        ],
    }


def disowned(case: CaseView, given: Disownment) -> Changes:
    """The agency asked leaves; the right one stays only a name until it is asked itself."""
    return {"employer": given.employer, "claimed_employer": None}


def closed_for_its_reason(case: CaseView, given: Withdrawal | Rejection) -> Changes:
    """Why the matter ended before it was taken in; the words stay with the step."""
    return {"closing": {"reason": {"code": given.reason.code}}}


def recalled(case: CaseView, given: Recall) -> Changes:
    """A recalled question leaves the employer as it was claimed before."""
    if case.stage is Stage.IDENTITY_REQUESTED:
        return {"employer": case.facts.get("claimed_employer"), "claimed_employer": None}
    return {"returned": None}


def returned(case: CaseView, given: Return) -> Changes:
    """The numbered list the submitter answers."""
    items = [{"number": n, "code": item.code, "text": item.text} for n, item in enumerate(given.items, start=1)]
    return {"returned": {"round": case.done("return") + 1, "items": items}}


def completed(case: CaseView, given: Completion) -> Changes:
    """The list is settled; the answers stay with the transition that gave them."""
    return {"returned": None}


def accepted(case: CaseView, given: Acceptance) -> Changes:
    """Reference, unit, verification, the day, and which casefiles were judged to be other matters."""
    verification = None
    if given.verification is not None:
        held = given.verification
        verification = {
            "held_on": held.held_on.isoformat(),
            "result": held.result,
            "members": list(held.members),
            "minutes": str(held.minutes) if held.minutes else None,
        }
    return {
        "examiner_reference": given.examiner_reference,
        "unit": given.unit,
        "accepted_on": case.today.isoformat(),
        "verification": verification,
        "not_duplicate_of": [str(one) for one in given.not_duplicate_of],
    }


def employer_so_far(case: CaseView, given: IdentityRequest | Identity) -> tuple[Party, ...]:
    """Whose sight ends when another agency takes the employer's place: his who had it until now."""
    return (Party.EMPLOYER,) if given.employer != case.facts.get("employer") else ()


def asked_in_vain(case: CaseView, given: Recall) -> tuple[Party, ...]:
    """The agency that was asked and kept silent leaves; an employer who had answered before stays a party."""
    answered_before = case.done("identify") and case.facts.get("claimed_employer") == case.facts.get("employer")
    return (Party.EMPLOYER,) if case.stage is Stage.IDENTITY_REQUESTED and not answered_before else ()


def completion_rule(given: Return) -> str:
    """Three working days where Bawaslu is asked to validate, else the ordinary completion rule."""
    return "validate" if any(item.code == "validation_requested" for item in given.items) else "complete"


# --- the rows -------------------------------------------------------------------------------------------------------

INTAKE = (
    Transition(
        name="submit",
        title_id="Temuan diteruskan",
        title_en="Finding forwarded",
        source=(),
        creates=True,
        target=Stage.SUBMITTED,
        by=(Party.SUBMITTER,),
        takes=FindingGiven,
        opens=Referral(to=Party.EXAMINER, purpose="verify"),
        announces="casefile.submitted",
        article="SKB 2/2022; PKS Bawaslu-KASN 2023",
    ),
    Transition(
        name="request-identity",
        title_id="Identitas diminta",
        title_en="Identity asked",
        source=(Stage.SUBMITTED,),
        target=Stage.IDENTITY_REQUESTED,
        by=(Party.EXAMINER,),
        takes=IdentityRequest,
        weighs=(not_asked_of_his_own_desk, is_agency("#/employer", "employer")),
        records=asked,
        opens=Referral(to=Party.EMPLOYER, purpose="identify"),
        ends=employer_so_far,
        announces="casefile.identity_requested",
        article="SKB 2/2022",
    ),
    Transition(
        name="identify",
        title_id="Pegawai diidentifikasi",
        title_en="Officer identified",
        source=(Stage.IDENTITY_REQUESTED, Stage.SUBMITTED),
        target=Stage.SUBMITTED,
        by=(Party.EMPLOYER, Party.EXAMINER),
        takes=Identity,
        requires=(identified_by_whoever_has_the_turn,),
        weighs=(is_agency("#/employer", "employer"), identified_as_our_own),
        records=identified,
        opens=lambda case, given: Referral(clock=Clock.RESUMES) if case.stage is Stage.IDENTITY_REQUESTED else None,
        ends=employer_so_far,
        announces="casefile.identified",
        article="SKB 2/2022",
    ),
    Transition(
        name="disown",
        title_id="Bukan pegawai kami",
        title_en="Officer disowned",
        source=(Stage.IDENTITY_REQUESTED,),
        target=Stage.SUBMITTED,
        by=(Party.EMPLOYER,),
        takes=Disownment,
        weighs=(is_agency("#/employer", "employer"), names_another_agency),
        records=disowned,
        opens=Referral(clock=Clock.RESUMES),
        ends=(Party.EMPLOYER,),
        forgets=True,
        announces="casefile.disowned",
        article="SKB 2/2022",
    ),
    Transition(
        name="recall",
        title_id="Berkas ditarik kembali",
        title_en="File recalled",
        source=(Stage.IDENTITY_REQUESTED, Stage.RETURNED),
        target=Target.CAME_FROM,
        target_stages=(Stage.SUBMITTED, Stage.UNDER_EXAMINATION),
        by=(Party.EXAMINER, Party.CLOCK),
        takes=Recall,
        requires=(lapsed_where_the_clock_recalls,),
        records=recalled,
        opens=Referral(clock=Clock.RESUMES),
        ends=asked_in_vain,
        announces="casefile.recalled",
        article="SKB 2/2022",
    ),
    Transition(
        name="return",
        title_id="Berkas dikembalikan",
        title_en="File returned",
        source=(Stage.SUBMITTED, Stage.UNDER_EXAMINATION),
        target=Stage.RETURNED,
        by=(Party.EXAMINER,),
        takes=Return,
        requires=(at_most("return", 3),),
        records=returned,
        opens=Referral(to=Party.SUBMITTER, purpose="complete", rule=completion_rule),
        announces="casefile.returned",
        article="SBT 2024: Bawaslu melengkapi dalam 3 hari kerja",
    ),
    Transition(
        name="complete",
        title_id="Berkas dilengkapi",
        title_en="File completed",
        source=(Stage.RETURNED,),
        target=Target.CAME_FROM,
        target_stages=(Stage.SUBMITTED, Stage.UNDER_EXAMINATION),
        by=(Party.SUBMITTER,),
        takes=Completion,
        weighs=(every_item_answered,),
        records=completed,
        opens=Referral(clock=Clock.RESUMES),
        announces="casefile.completed",
        article="SBT 2024: Bawaslu melengkapi dalam 3 hari kerja",
    ),
    Transition(
        name="withdraw",
        title_id="Temuan dicabut",
        title_en="Finding withdrawn",
        source=(Stage.SUBMITTED, Stage.IDENTITY_REQUESTED, Stage.RETURNED),
        target=Stage.CLOSED,
        outcome="withdrawn",
        by=(Party.SUBMITTER,),
        takes=Withdrawal,
        requires=(
            lambda case, given: (
                None
                if not case.done("accept")
                else Refusal(
                    "accepted-already",
                    "Perkara sudah diterima pemeriksa. Kirim note berkode withdrawal_requested; pemeriksa memutus.",
                    "The case was accepted already. Send a note with code withdrawal_requested; the examiner decides.",
                    resolve_with=("note",),
                )
            ),
        ),
        records=closed_for_its_reason,
        announces="casefile.withdrawn",
        article="Perbawaslu 7/2022",
    ),
    Transition(
        name="reject",
        title_id="Temuan ditolak",
        title_en="Finding rejected",
        source=(Stage.SUBMITTED,),
        target=Stage.CLOSED,
        outcome="rejected",
        by=(Party.EXAMINER,),
        takes=Rejection,
        requires=(not_the_examiners_own_officer,),
        records=closed_for_its_reason,
        announces="casefile.rejected",
        article="SKB 2/2022",
    ),
    Transition(
        name="accept",
        title_id="Temuan diterima",
        title_en="Finding accepted",
        source=(Stage.SUBMITTED,),
        target=Stage.UNDER_EXAMINATION,
        by=(Party.EXAMINER,),
        takes=Acceptance,
        requires=(no_caretaker, subject_identified, not_the_examiners_own_officer),
        weighs=(
            verification_held,
            duplicates_judged,
        ),
        records=accepted,
        judges_duplicates=True,
        opens=Referral(to=Party.EXAMINER, purpose="examine"),
        announces="casefile.accepted",
        article="SKB 2/2022; UU 20/2023",
    ),
)
