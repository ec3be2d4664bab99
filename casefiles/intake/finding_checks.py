"""What a finding may contradict in itself, beyond what each field says alone; every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from casefiles import references
from casefiles.catalogue import election_stages, places
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.election_stages import StageNow
from casefiles.catalogue.law import LawBook, local_day
from casefiles.errors import Fault
from casefiles.file import Attached, Finding, Warned
from casefiles.file import Violation as ViolationHeld
from casefiles.flow import AgencyView, DocumentView, MandateView, chronology
from casefiles.flow.dates import Dated, days_told_by, told
from casefiles.flow.finding import FindingGiven, Subject
from casefiles.flow.guards import ended
from casefiles.sight import protected


def contradictions(given: FindingGiven, documents: Mapping[str, DocumentView]) -> list[Fault]:
    """Clarification against its reason, the missing assessment, violations numbered twice or without a basis."""
    faults: list[Fault] = []
    held = given.clarification
    if held.held and held.held_on is None:
        faults.append(
            Fault(
                "required-when",
                "#/clarification/held_on",
                "Wajib diisi bila klarifikasi dilakukan.",
                "Required when the clarification was held.",
            )
        )
    if not held.held and held.reason is None:
        faults.append(
            Fault(
                "required-when",
                "#/clarification/reason",
                "Wajib diisi bila klarifikasi tidak dilakukan.",
                "Required when the clarification was not held.",
            )
        )
    if given.election is None and given.election_nexus == "election_related":
        faults.append(
            Fault(
                "required-when",
                "#/election",
                "Wajib diisi bila perbuatan berkaitan dengan pemilihan (election_nexus). Lihat /catalogue/elections.",
                "Required where the act is related to an election (election_nexus). See /catalogue/elections.",
            )
        )
    if not any(document.type == "assessment" for document in documents.values()):
        faults.append(
            Fault(
                "assessment-missing",
                "#/assessment/documents",
                "Sertakan dokumen bertipe assessment (kajian). Daftarkan dahulu lewat POST /api/v1/documents.",
                "Bring a document of type assessment. Register it first with POST /api/v1/documents.",
            )
        )
    numbers = [violation.number for violation in given.violations]
    for index, violation in enumerate(given.violations):
        if violation.number in numbers[:index]:
            faults.append(
                Fault(
                    "duplicate-number",
                    f"#/violations/{index}/number",
                    "Nomor ini sudah dipakai pelanggaran di atasnya.",
                    "A violation above has this number already.",
                )
            )
        if violation.form == "other_with_legal_basis" and violation.legal_basis is None:
            faults.append(
                Fault(
                    "required-when",
                    f"#/violations/{index}/legal_basis",
                    "Wajib diisi untuk bentuk other_with_legal_basis.",
                    "Required for the form other_with_legal_basis.",
                )
            )
    return faults


def contest_faults(given: FindingGiven, catalogue: Catalogue) -> list[Fault]:
    """Contests that nobody ever held: an office of another kind of election, or of another kind of region."""
    faults = []
    for index, violation in enumerate(given.violations):
        if violation.contest is not None:
            faults.append(
                places.contest_fault(
                    violation.contest.office,
                    violation.contest.region,
                    election=given.election,
                    catalogue=catalogue,
                    pointer=f"#/violations/{index}/contest",
                )
            )
    return [fault for fault in faults if fault is not None]


def stage_faults(given: FindingGiven, catalogue: Catalogue) -> list[Fault]:
    """What the stage forbids: before a contest's first stage Bawaslu forwards only, afterwards it is no reason.

    It is before the stage where every act was over and the matter known before the first stage of its contest, and a
    source bears that day out: a doubtful row refuses nobody. An act not related to the election knows no stage.
    """
    if given.election_nexus != "election_related":
        return []
    held = given.clarification
    found = [_before_stage(given, index, catalogue) for index in range(len(given.violations))]
    if any(stage.has_begun for stage in found):
        if not held.held and held.reason == "before_stage":
            return [
                Fault(
                    "stage-has-begun",
                    "#/clarification/reason",
                    "Tahapan pemilihan ini sudah dimulai ketika perbuatan terjadi atau diketahui; sebutkan alasan lain "
                    "mengapa klarifikasi tidak dilakukan. Lihat GET /api/v1/catalogue/stages.",
                    "A stage of this contest had begun when the act happened or became known; give another reason why "
                    "no clarification was held. See GET /api/v1/catalogue/stages.",
                )
            ]
        return []
    if not all(stage.is_before and stage.is_founded for stage in found):
        return []
    faults: list[Fault] = []
    if held.held or held.reason not in {"before_stage", None}:
        faults.append(
            Fault(
                "before-stage",
                "#/clarification/held" if held.held else "#/clarification/reason",
                "Perbuatan terjadi dan diketahui sebelum tahapan dimulai; Bawaslu hanya meneruskan. Kirim "
                '{"held": false, "reason": "before_stage"}.',
                "The act happened and was known before the first stage, so Bawaslu only forwards it. Send "
                '{"held": false, "reason": "before_stage"}.',
            )
        )
    if given.register_kind != "forwarding_letter":
        faults.append(
            Fault(
                "before-stage",
                "#/register_kind",
                "Sebelum tahapan dimulai tidak ada yang diregistrasi; kirim forwarding_letter dengan nomor surat "
                "penerusan.",
                "Nothing is registered before the first stage; send forwarding_letter with the number of the letter.",
            )
        )
    return faults


def _before_stage(given: FindingGiven, index: int, catalogue: Catalogue) -> StageNow:
    """The stage on the later of the act's last day and the day it became known."""
    violation = given.violations[index]
    contest = references.plain(violation.contest) if violation.contest else None
    day = max(violation.act_date, violation.act_until or violation.act_date, given.known_on)
    return election_stages.of_contest(contest, given.election, day, catalogue)


def days_of(content: Mapping[str, Any], papers: Iterable[Attached], *, arrived_on: date) -> Finding:
    """The days of a finding that a file keeps. One that does not say when it was forwarded was so when it arrived.

    `papers` are the descriptors attached to it; the youngest assessment among them is the one that was forwarded.
    """
    assessed = [day for paper in papers if paper["type"] == "assessment" and (day := paper["date"])]
    return {
        "known_on": content["known_on"],
        "registered_on": content["registered_on"],
        "clarified_on": content["clarification"]["held_on"],
        "assessed_on": max(assessed, default=None),
        "forwarded_on": content["forwarded_on"] or arrived_on.isoformat(),
        "arrived_on": arrived_on.isoformat(),
    }


# The days that a finding tells, by their paths.
DAYS: Final = days_told_by(FindingGiven)


def day_faults(
    given: FindingGiven, documents: Mapping[str, DocumentView], *, today: date, time_zone: str
) -> list[Fault]:
    """Days that contradict each other, or lie after the day the finding was forwarded to us (`today`)."""
    days = tuple(told(DAYS, given))
    found = [
        *chronology.ahead_of(today, days, time_zone=time_zone),
        *chronology.papers_ahead_of(today, given, documents, time_zone=time_zone),
        *(
            replace(clash, code="out-of-order")
            for clash in chronology.judged((*days, *_assessed(given, documents)), ())
        ),
    ]
    return [Fault(fault.code, fault.pointer, fault.id, fault.en) for fault in found]


def _assessed(given: FindingGiven, documents: Mapping[str, DocumentView]) -> list[Dated]:
    """The youngest assessment: an older one may lie in the file of an earlier matter."""
    dated = [
        Dated("assessed", paper.date, f"#/assessment/documents/{place}", given=True)
        for place, ident in enumerate(given.assessment.documents)
        if (paper := documents.get(str(ident))) is not None and paper.type == "assessment" and paper.date is not None
    ]
    return sorted(dated, key=lambda found: found.day)[-1:]


def warnings(
    content: Mapping[str, Any], violations: Sequence[ViolationHeld], *, arrived_on: date, law: LawBook
) -> list[Warned]:
    """What is flagged and not refused: a finding set or sent late, acts from before the first stage of their contest.

    `content` is the finding as it was forwarded, `violations` those of one casefile, with their stage; `arrived_on` is
    the day the finding arrived.
    """
    found: list[Warned] = law.late_warnings({**content, "arrived_on": arrived_on.isoformat()})
    found += places.warnings(violations, register=content["register_number"])
    found += _anonymous_report(content)
    if content["clarification"]["reason"] != "before_stage":
        found += election_stages.warnings(violations)
    return found


def mandate_warnings(mandate: MandateView, forwarded: datetime, *, now: datetime, time_zone: str) -> tuple[Warned, ...]:
    """Whose mandate a finding fell under by its day, and why, where that authority is not in office now or then.

    `forwarded` is the moment for which it was chosen, `time_zone` that of the office of origin.
    """
    on, today = local_day(forwarded, time_zone), local_day(now, time_zone)
    begun, ended = mandate.valid_from.isoformat(), mandate.valid_until
    whose_id = f"mandat {mandate.code} milik {mandate.agency_name}"
    whose_en = f"the mandate {mandate.code} of {mandate.agency_name}"
    if on < mandate.valid_from:
        return (
            {
                "code": "mandate-not-begun",
                "pointer": "#/occurred_at",
                "id": f"Pada {on.isoformat()} belum ada otoritas pemeriksa; perkara berada pada {whose_id}, yang baru "
                f"berlaku sejak {begun}.",
                "en": f"On {on.isoformat()} there was no examining authority yet: the case stands under {whose_en}, "
                f"which begins on {begun}.",
            },
        )
    if ended is None or today < ended:
        return ()
    by_day = on < ended
    why_id = (
        f"yang berlaku pada hari temuan diteruskan ({on.isoformat()})"
        if by_day
        else f"pemegang terakhir sebelum {on.isoformat()}, sebab pada hari itu tidak ada mandat yang berlaku"
    )
    why_en = (
        f"which was in force on the day the finding was forwarded ({on.isoformat()})"
        if by_day
        else f"the last holder before {on.isoformat()}, since no mandate was in force on that day"
    )
    return (
        {
            "code": "mandate-ended",
            "pointer": "#/occurred_at",
            "id": f"Perkara berada pada {whose_id}, {why_id}. Mandat itu berlaku {begun} sampai sebelum "
            f"{ended.isoformat()} ({mandate.legal_basis}) dan sudah berakhir; perkara menunggu serah terima kepada "
            "pemegang mandat sekarang. Jika temuan baru diteruskan sekarang, occurred_at seharusnya dikosongkan.",
            "en": f"The case stands under {whose_en}, {why_en}. That mandate ran from {begun} until before "
            f"{ended.isoformat()} ({mandate.legal_basis}) and is over: the case waits to be handed over to who is in "
            "office now. If the finding is forwarded only now, occurred_at should have been left out.",
        },
    )


# A report (laporan) has somebody who reported it, by whichever office it came.
REPORTS = frozenset({"report", "delegated_report"})


def _anonymous_report(content: Mapping[str, Any]) -> list[Warned]:
    """What nobody put their name to is no report: it comes in as initial information."""
    reporter = content.get("reporter")
    if content["source"] not in REPORTS or reporter is None or reporter["kind"] != "anonymous":
        return []
    return [
        {
            "code": protected.ANONYMOUS,
            "pointer": "#/finding/source",
            "id": "Pelapor anonim: yang tanpa identitas pelapor bukan laporan, melainkan initial_information.",
            "en": "The reporter is anonymous: what nobody put their name to is no report but initial_information.",
        }
    ]


def subject_faults(
    subjects: tuple[Subject, ...],
    numbers: list[int],
    *,
    agencies: Mapping[str, AgencyView],
    named: frozenset[str] = frozenset(),
) -> list[Fault]:
    """Subjects that name unknown violations or no employer, or stand there twice.

    `numbers` are the violations' own, `agencies` those that were mentioned, `named` the NIPs the finding holds already.
    """
    faults: list[Fault] = []
    for index, subject in enumerate(subjects):
        for position, number in enumerate(subject.violations):
            if number not in numbers:
                faults.append(
                    Fault(
                        "unknown-violation",
                        f"#/subjects/{index}/violations/{position}",
                        "Tidak ada pelanggaran bernomor ini dalam temuan.",
                        "The finding has no violation of this number.",
                    )
                )
        employer = agencies.get(subject.employer) if subject.employer else None
        if employer is not None and not employer.in_force and employer.ended_on:
            gone = ended(employer, pointer=f"#/subjects/{index}/employer")
            faults.append(Fault(gone.code, gone.pointer, gone.id, gone.en))
        elif employer is not None and "employer" not in employer.roles:
            faults.append(
                Fault(
                    "agency-lacks-role",
                    f"#/subjects/{index}/employer",
                    "Instansi ini tidak berperan sebagai employer.",
                    "That agency does not act as an employer.",
                )
            )
        if subject.nip is not None and subject.nip in {*named, *(other.nip for other in subjects[:index])}:
            faults.append(
                Fault(
                    "duplicate-subject",
                    f"#/subjects/{index}/nip",
                    "Terlapor ini sudah disebut dalam temuan ini; satukan pelanggarannya.",
                    "The finding names this officer already; join their violations.",
                )
            )
    return faults
