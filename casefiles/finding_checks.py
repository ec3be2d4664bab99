"""What a finding may contradict in itself, beyond what each field says alone; every fault at once."""

from __future__ import annotations

from collections.abc import Mapping

from casefiles.errors import Fault
from casefiles.flow import AgencyView, DocumentView
from casefiles.flow.finding import FindingGiven, Subject


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
