"""Examination: the examining authority examines again, and clears, recommends, redirects or terminates.

Two assessments stay apart: what Bawaslu said lies in the finding, what the examiner confirms lies in the
recommendation. UU 5/2014 art. 33, UU 20/2023 art. 26; SKB 2/2022 with its annex.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from casefiles.file import Closing, Violation, Warned
from casefiles.file import Letter as LetterHeld
from casefiles.flow.binding import not_bound
from casefiles.flow.dates import Tells
from casefiles.flow.given import (
    Act,
    ClearReason,
    Letter,
    NumberedLetter,
    Official,
    TerminateReason,
    WithholdReason,
)
from casefiles.flow.grammar import OPEN, CaseView, Changes, Party, Referral, Refusal, State, Target, Transition
from casefiles.flow.guards import (
    employer_known,
    is_agency,
    no_caretaker,
    not_the_examiners_own_officer,
    subject_identified,
)
from casefiles.flow.routing import addressee_by_rule, addressee_of, addressee_warning
from casefiles.shapes import AgencyCode, Between, Code, Date, Doc, DocumentId, Items, NotAfterToday, Text

# --- what each transition takes -------------------------------------------------------------------------------------

ViolationNumbers = Annotated[
    tuple[Annotated[int, Between(1, 100)], ...],
    Items(1, 100, unique=True),
    Doc(id="Nomor pelanggaran yang terbukti", en="Numbers of the confirmed violations", example=[1]),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance(Act):
    """clear: not proven."""

    letter: Annotated[NumberedLetter, Tells("outcome_letter"), Doc(id="Surat hasil", en="Outcome letter")]
    reason: Annotated[ClearReason, Doc(id="Alasan", en="Reason")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A document that is not shared with the addressee, and why."""

    document: Annotated[DocumentId, Doc(id="Dokumen", en="Document")]
    reason: Annotated[WithholdReason, Doc(id="Alasan", en="Reason")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation(Act):
    """recommend: proven; what the addressee shall impose."""

    letter: Annotated[NumberedLetter, Tells("recommended"), Doc(id="Surat rekomendasi", en="Recommendation letter")]
    violations: ViolationNumbers
    sanction: Annotated[
        str,
        Code("sanctions-and-levels"),
        Doc(id="Hukuman: kode atau tingkat", en="Sanction: a code or a level", example="discipline_medium"),
    ]
    reasoning: Annotated[str, Text(20_000), Doc(id="Pertimbangan", en="Reasoning", example="Terbukti menurut …")]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]
    addressee: (
        Annotated[
            AgencyCode,
            Doc(
                id="Yang wajib menindaklanjuti; kosong: menurut /catalogue/routing",
                en="Whom it obliges; left out: by /catalogue/routing",
            ),
        ]
        | None
    ) = None
    withheld: Annotated[tuple[Withheld, ...], Items(0, 50), Doc(id="Tidak dibagikan", en="Not shared")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection(Act):
    """redirect: another authority is competent."""

    authority: Annotated[
        str, Code("reasons/redirect"), Doc(id="Instansi berwenang", en="Competent authority", example="gakkumdu")
    ]
    letter: Annotated[Letter, Tells("redirected"), Doc(id="Surat pelimpahan", en="Letter")] | None = None
    text: Annotated[str, Text(4000), Doc(id="Penjelasan", en="Explanation")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorSanction:
    """The sanction that was imposed for the same act before."""

    sanction: Annotated[str, Code("sanctions"), Doc(id="Hukuman", en="Sanction", example="moral_open")]
    decision: Annotated[Letter, Tells("prior_decision"), Doc(id="Keputusan", en="Decision")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination(Act):
    """terminate: the case ends before its merits are settled."""

    reason: Annotated[TerminateReason, Doc(id="Alasan", en="Reason")]
    violation_found: Annotated[
        str, Code("violation_found"), Doc(id="Pelanggaran terbukti?", en="Violation found?", example="undecided")
    ]
    official: Annotated[Official, Doc(id="Pejabat yang memutus", en="Official who decided")]
    proof: Annotated[DocumentId, Doc(id="Bukti", en="Proof")] | None = None
    sanction: Annotated[PriorSanction, Doc(id="Hukuman yang sudah dijatuhkan", en="The earlier sanction")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Act):
    """note: progress or news, seen by all parties; it never touches a clock."""

    code: Annotated[
        str,
        Code("reasons/note-addressee|reasons/note-submitter|reasons/note-examiner"),
        Doc(id="Kode catatan", en="Note code", example="team_formed"),
    ]
    date: Annotated[Date, NotAfterToday(), Tells("noted"), Doc(id="Tanggal", en="Date", example="2024-10-23")]
    document: Annotated[DocumentId, Doc(id="Dokumen", en="Document")] | None = None
    text: Annotated[str, Text(4000), Doc(id="Catatan", en="Text")] | None = None


# --- what each requires ---------------------------------------------------------------------------------------------


def violations_are_of_this_subject(case: CaseView, given: Any) -> Iterable[Refusal]:
    """Only violations of this casefile can be confirmed."""
    known = {violation["number"] for violation in case.facts["violations"]}
    for index, number in enumerate(given.violations or ()):
        if number not in known:
            yield Refusal(
                "violation-unknown",
                "Nomor pelanggaran ini tidak ada pada perkara ini. Nomornya: "
                + ", ".join(str(n) for n in sorted(known))
                + ".",
                "This casefile has no violation of that number. It has: " + ", ".join(map(str, sorted(known))) + ".",
                pointer=f"#/violations/{index}",
            )


def sanction_fits_employment(case: CaseView, given: Any) -> Refusal | None:
    """The sanction exists for this kind of employment: on the day of its decree, or of the recommendation."""
    kind = case.facts["subject"].get("employment_kind")
    decision = getattr(given, "decision", None)
    day = decision.date if decision is not None else case.today
    if given.sanction is None or not kind or case.law.fits_employment(given.sanction, kind, day):
        return None
    return Refusal(
        "sanction-does-not-fit",
        f"Hukuman ini tidak tersedia untuk {kind} pada {day.isoformat()}. Lihat /catalogue/sanctions.",
        f"This sanction does not exist for {kind} on {day.isoformat()}. See /catalogue/sanctions.",
        pointer="#/sanction",
    )


def withheld_documents_are_of_this_file(case: CaseView, given: Recommendation) -> Iterable[Refusal]:
    """Only what the file holds can be withheld from the addressee."""
    attached = {document["id"] for document in case.facts["documents"]}
    for index, item in enumerate(given.withheld):
        if str(item.document) not in attached:
            yield Refusal(
                "document-not-attached",
                "Dokumen ini tidak terlampir pada perkara.",
                "This document is not attached to the casefile.",
                pointer=f"#/withheld/{index}/document",
            )


def prior_sanction_is_brought(case: CaseView, given: Termination) -> Refusal | None:
    """`already_sanctioned` brings that sanction and its decision."""
    if given.reason.code != "already_sanctioned" or given.sanction is not None:
        return None
    return Refusal(
        "prior-sanction-missing",
        "Alasan already_sanctioned harus disertai hukuman dan keputusannya pada sanction.",
        "The reason already_sanctioned has to bring that sanction and its decision under sanction.",
        pointer="#/sanction",
    )


def own_officer_is_redirected(case: CaseView, given: Any) -> Refusal | None:
    """An examiner does not end the case of its own officer where it may still redirect it."""
    redirects = case.state in {State.SUBMITTED, State.UNDER_EXAMINATION}
    return not_the_examiners_own_officer(case, given) if redirects else None


def not_given_up_before_the_ladder(case: CaseView, given: Termination) -> Refusal | None:
    """A case is given up as not followed up only after the last measure of the escalation ladder."""
    if given.reason.code != "not_followed_up" or case.facts.get("ladder_exhausted"):
        return None
    return Refusal(
        "ladder-not-exhausted",
        "Perkara tidak dapat diakhiri sebagai not_followed_up sebelum langkah eskalasi terakhir dilakukan.",
        "A case cannot end as not_followed_up before the last measure of the escalation ladder was taken.",
        pointer="#/reason/code",
        resolve_with=("measure",),
    )


# What ends a case whatever was ruled in it.
ENDS_WHAT_IS_BOUND = frozenset({"subject_deceased", "court_order"})


def ends_no_bound_sanction(case: CaseView, given: Termination) -> Refusal | None:
    """A sanction that a ruling binds is carried out, and the case closed: it is not given up, nor called another's."""
    return None if given.reason.code in ENDS_WHAT_IS_BOUND else not_bound(case, given)


NOTES_OF = {
    Party.ADDRESSEE: "reasons/note-addressee",
    Party.EMPLOYER: "reasons/note-addressee",
    Party.SUBMITTER: "reasons/note-submitter",
    Party.EXAMINER: "reasons/note-examiner",
}


def note_is_this_partys(case: CaseView, given: Note) -> Refusal | None:
    """Each party has its own kinds of notes."""
    lists = {NOTES_OF[party] for party in case.acts_as if party in NOTES_OF}
    if any(case.law.has_code(name, given.code) for name in lists):
        return None
    return Refusal(
        "note-of-another-party",
        "Catatan dengan kode ini bukan dari pihak Anda. Lihat /catalogue/reasons.",
        "A note of this code is another party's. See /catalogue/reasons.",
        pointer="#/code",
    )


# --- what becomes of the file ---------------------------------------------------------------------------------------


def confirmed(case: CaseView, numbers: Iterable[int]) -> list[Violation]:
    """The violations with class and `confirmed` as the examiner sees them, computed afresh under today's catalogue."""
    chosen = set(numbers)
    return [
        {
            **violation,
            **case.law.classify(violation, case.facts["finding"]),
            "confirmed": violation["number"] in chosen,
        }
        for violation in case.facts["violations"]
    ]


def letter_of(letter: Letter) -> LetterHeld:
    """A letter as the file holds it."""
    return {
        "number": letter.number,
        "date": letter.date.isoformat(),
        "document": str(letter.document) if letter.document else None,
    }


def recommended(case: CaseView, given: Recommendation) -> Changes:
    """The first or a further version of the recommendation; that an earlier one was received says nothing of it."""
    earlier = case.facts.get("recommendation")
    violations = confirmed(case, given.violations)
    by_others = [one for one in case.facts.get("warnings", ()) if one["code"] != "addressee-not-by-rule"]
    changes: Changes = {}
    if case.facts.get("received_on"):
        changes["received_on"] = None
    if case.facts.get("served"):
        changes["served"] = None
    return {
        **changes,
        **shared_with_it(case),
        "addressee": addressee_of(case, given),
        "warnings": recommended_warnings(
            case, violations, given.sanction, [*by_others, *addressee_warning(case, given)]
        ),
        "violations": violations,
        "recommendation": {
            "version": earlier["version"] + 1 if earlier else 1,
            "letter": letter_of(given.letter),
            "violations": list(given.violations),
            "sanction": given.sanction,
            "reasoning": given.reasoning,
        },
        "withheld_documents": [{"document": str(item.document), "reason": item.reason.code} for item in given.withheld],
    }


def shared_with_it(case: CaseView) -> Changes:
    """What waited for a recommendation to be shared is shared with this one."""
    return {"unshared_documents": []} if case.facts.get("unshared_documents") else {}


OUTSIDE_THE_ANNEX = "level-outside-annex"


def level_warnings(case: CaseView, found: Iterable[Violation], sanction: str) -> list[Warned]:
    """What is doubtful about the sanction recommended: the annex names another level for what is confirmed.

    Of several violations the heaviest row counts. A row that names no level, and a class read by analogy, say nothing.
    """
    rows = [(one, level) for one in found if one["confirmed"] and (level := (one["class"] or {}).get("level"))]
    if not rows:
        return []
    heaviest, level = max(rows, key=lambda row: case.law.heaviness(row[1]))
    number, form = heaviest["number"], heaviest["form"]
    if case.law.meets(level, sanction):
        return []
    item, edition = heaviest["annex_item"] or "-", heaviest["class"]["edition"]
    return [
        {
            "code": OUTSIDE_THE_ANNEX,
            "pointer": "#/recommendation/sanction",
            "id": f"Untuk pelanggaran {number} ({form}) lampiran edisi {edition}, butir {item}, menyebut {level}; yang "
            f"direkomendasikan {sanction}.",
            "en": f"For violation {number} ({form}) the annex, edition {edition}, item {item}, names {level}; what is "
            f"recommended is {sanction}.",
        }
    ]


def recommended_warnings(
    case: CaseView, found: Iterable[Violation], sanction: str, others: Iterable[Warned]
) -> list[Warned]:
    """The warnings of the file, with what is doubtful about the sanction that is recommended now."""
    kept = [one for one in others if one["code"] != OUTSIDE_THE_ANNEX]
    return [*kept, *level_warnings(case, found, sanction)]


def cleared(case: CaseView, given: Clearance) -> Changes:
    """Nothing is confirmed."""
    return {
        "violations": confirmed(case, ()),
        "closing": {"letter": letter_of(given.letter), "reason": {"code": given.reason.code}},
    }


def redirected(case: CaseView, given: Redirection) -> Changes:
    """Where the matter went."""
    return {
        "closing": {"authority": given.authority, "letter": letter_of(given.letter) if given.letter else None},
    }


def terminated(case: CaseView, given: Termination) -> Changes:
    """Why it ended, whether a violation was found, and the earlier sanction where there is one."""
    closing: Closing = {"reason": {"code": given.reason.code}, "violation_found": given.violation_found}
    if given.sanction is not None:
        closing["prior_sanction"] = {
            "sanction": given.sanction.sanction,
            "decision": letter_of(given.sanction.decision),
        }
    return {"closing": closing}


# --- the rows -------------------------------------------------------------------------------------------------------

EXAMINATION = (
    Transition(
        name="clear",
        title_id="Tidak terbukti",
        title_en="Not proven",
        source=(State.UNDER_EXAMINATION,),
        target=State.CLOSED,
        outcome="not_proven",
        by=(Party.EXAMINER,),
        takes=Clearance,
        requires=(not_the_examiners_own_officer, not_bound),
        records=cleared,
        announces="casefile.cleared",
        article="UU 5/2014 pasal 33; UU 20/2023",
    ),
    Transition(
        name="recommend",
        title_id="Rekomendasi diterbitkan",
        title_en="Recommended",
        source=(State.UNDER_EXAMINATION,),
        target=State.RECOMMENDED,
        by=(Party.EXAMINER,),
        takes=Recommendation,
        requires=(no_caretaker, subject_identified, employer_known, not_the_examiners_own_officer, not_bound),
        weighs=(
            violations_are_of_this_subject,
            sanction_fits_employment,
            addressee_by_rule,
            withheld_documents_are_of_this_file,
            is_agency("#/addressee", "employer"),
        ),
        records=recommended,
        opens=Referral(to=Party.ADDRESSEE, purpose="acknowledge"),
        grants=(Party.CIVIL_SERVICE_AGENCY,),
        announces="casefile.recommended",
        article="SKB 2/2022; UU 5/2014 pasal 33",
    ),
    Transition(
        name="redirect",
        title_id="Dialihkan ke instansi berwenang",
        title_en="Redirected",
        source=(State.SUBMITTED, State.UNDER_EXAMINATION),
        target=State.CLOSED,
        outcome="redirected",
        by=(Party.EXAMINER,),
        takes=Redirection,
        requires=(not_bound,),
        records=redirected,
        announces="casefile.redirected",
        article="SKB 2/2022",
    ),
    Transition(
        name="terminate",
        title_id="Perkara dihentikan",
        title_en="Terminated",
        source=OPEN,
        target=State.CLOSED,
        outcome="terminated",
        by=(Party.EXAMINER,),
        takes=Termination,
        requires=(own_officer_is_redirected,),
        weighs=(prior_sanction_is_brought, not_given_up_before_the_ladder, ends_no_bound_sanction),
        records=terminated,
        announces="casefile.terminated",
        article="SKB 2/2022",
    ),
    Transition(
        name="note",
        title_id="Catatan",
        title_en="Noted",
        source=OPEN,
        target=Target.SAME,
        by=(Party.SUBMITTER, Party.EXAMINER, Party.ADDRESSEE, Party.EMPLOYER),
        takes=Note,
        weighs=(note_is_this_partys,),
        announces="casefile.noted",
        article="SKB 2/2022",
    ),
)
