"""What a finding may contradict in itself, beyond what each field says alone; every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from casefiles import references, stages
from casefiles.catalogue import Catalogue
from casefiles.errors import Fault
from casefiles.flow import AgencyView, DocumentView
from casefiles.flow.finding import FindingGiven, Subject
from casefiles.stages import StageNow

# UU 7/2017 art. 454: found matters are set as a finding within seven days; the register flags a later one.
REGISTERED_WITHIN = timedelta(days=7)


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
    return stages.of_contest(contest, given.election, day, catalogue)


def warnings(content: Mapping[str, Any], violations: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What is flagged and not refused: a finding set late, acts from before the first stage of their contest.

    `content` is the finding as it was forwarded, `violations` those of one casefile, with their stage.
    """
    found: list[dict[str, str]] = []
    known, registered = date.fromisoformat(content["known_on"]), date.fromisoformat(content["registered_on"])
    if registered - known > REGISTERED_WITHIN:
        days = (registered - known).days
        found.append(
            {
                "code": "late-finding",
                "pointer": "#/finding/registered_on",
                "id": f"Diregistrasi {days} hari sesudah diketahui; batasnya {REGISTERED_WITHIN.days} hari.",
                "en": f"Registered {days} days after it became known; the limit is {REGISTERED_WITHIN.days} days.",
            }
        )
    found += _anonymous_report(content)
    if content["clarification"]["reason"] == "before_stage":
        return found  # forwarded as an act from before the stage, so there is nothing to flag
    for index, violation in enumerate(violations):
        if (violation["stage_at_act"] or {}).get("stage") == stages.PRE_STAGE:
            found.append(
                {
                    "code": "act-before-stage",
                    "pointer": f"#/violations/{index}/act_date",
                    "id": "Perbuatan terjadi sebelum tahapan pertama pemilihan itu menurut katalog.",
                    "en": "By the catalogue the act lies before the first stage of that contest.",
                }
            )
    return found


ANONYMOUS = "anonymous-report"
# A report (laporan) has somebody who reported it, by whichever office it came.
REPORTS = frozenset({"report", "delegated_report"})


def _anonymous_report(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """What nobody put their name to is no report: it comes in as initial information."""
    reporter = content.get("reporter")
    if content["source"] not in REPORTS or reporter is None or reporter["kind"] != "anonymous":
        return []
    return [
        {
            "code": ANONYMOUS,
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
        if employer is not None and "employer" not in employer.roles:
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
                    "The finding names this officer already; join his violations.",
                )
            )
    return faults
