"""Identity: who the officer is and whose, asked of an agency before the file is verified, and what it answers.

The rows stand in `intake`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from casefiles import nip
from casefiles.file import Subject
from casefiles.flow.given import Act, DisownReason, RecallReason
from casefiles.flow.grammar import (
    AgencyView,
    CaseView,
    Changes,
    Party,
    Refusal,
    State,
)
from casefiles.flow.routing import HEADS_HIS_OFFICE, is_province_above, may_be_own_desk, own_desk, routed
from casefiles.shapes import (
    AgencyCode,
    Code,
    Doc,
    Items,
    Nip,
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
    position_roles: Annotated[
        tuple[Annotated[str, Code("position_roles")], ...],
        Items(0, 10),
        Doc(id="Peran karena jabatan", en="Roles that the position brings"),
    ] = ()
    grade: Annotated[str, Text(10), Doc(id="Golongan", en="Grade", example="III/d")] | None = None
    work_unit: Annotated[str, Text(200), Doc(id="Unit kerja", en="Work unit")] | None = None
    workplace: (
        Annotated[
            AgencyCode,
            Doc(
                id="Instansi tempat bertugas bila bukan instansi pegawai, mis. penjabat kepala daerah",
                en="Where they serve, if not with their employer, as an acting regional head",
            ),
        ]
        | None
    ) = None
    identity_source: Annotated[str, Code("identity_source"), Doc(id="Sumber", en="Source", example="siasn")] = (
        "agency_records"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disownment(Act):
    """disown: the officer is not ours, and why; the right agency where known."""

    reason: Annotated[DisownReason, Doc(id="Alasan", en="Reason", example={"code": "not_ours"})]
    employer: Annotated[AgencyCode, Doc(id="Instansi yang benar", en="The right agency")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Act):
    """recall: the examiner takes the file back from a silent party."""

    reason: Annotated[RecallReason, Doc(id="Alasan", en="Reason", example={"code": "no_answer"})]


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
    if case.state is not State.IDENTITY_REQUESTED or given.employer == case.acting.code:
        return None
    government = case.agencies.get(given.employer)
    if _heads_an_office(case) and government is not None and _is_above(case.acting, government):
        return None
    return Refusal(
        "not-our-officer",
        "Instansi yang ditanya hanya dapat mengidentifikasi pegawainya sendiri. Jika bukan, gunakan disown.",
        "The agency asked can identify its own officers only. If this one is not, use disown.",
        pointer="#/employer",
        resolve_with=("disown",),
    )


def identified_by_whoever_has_the_turn(case: CaseView, given: Any) -> Refusal | None:
    """The employer identifies when asked; the examiner while the file waits for verification."""
    if case.state is State.IDENTITY_REQUESTED and Party.EMPLOYER not in case.acts_as:
        return Refusal(
            "asked-of-another",
            "Identitas sedang ditanyakan kepada instansi pegawai. Tarik dahulu dengan recall.",
            "The employer has been asked. Recall the file first.",
            resolve_with=("recall",),
        )
    if case.state is State.SUBMITTED and Party.EXAMINER not in case.acts_as:
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


# --- what becomes of the file ---------------------------------------------------------------------------------------


def asked(case: CaseView, given: IdentityRequest) -> Changes:
    """The agency asked takes the employer's place until it answers."""
    return {"employer": given.employer, "claimed_employer": case.facts.get("employer")}


def identified(case: CaseView, given: Identity) -> Changes:
    """The officer, as known at the act."""
    subject: Subject = {
        "identified": True,
        "identity_source": given.identity_source,
        "nip": given.nip,
        "name": given.name,
        "employment_kind": given.employment_kind,
        "position_kind": given.position_kind,
        "position_roles": list(given.position_roles),
        "position": given.position,
        "grade": given.grade,
        "work_unit": given.work_unit,
        "workplace": given.workplace,
        "violations": case.facts["subject"].get("violations", []),
    }
    # What was doubtful about the identity is judged anew; what was flagged about the finding stays.
    flagged = [item for item in case.facts.get("warnings", ()) if item["code"] != nip.CODE]
    return {
        "subject": subject,
        "employer": given.employer,
        "claimed_employer": None,
        "warnings": [
            *flagged,
            *nip.warnings(given.nip, employment_kind=given.employment_kind, violations=case.facts["violations"]),
        ],
    }


def disowned(case: CaseView, given: Disownment) -> Changes:
    """The agency asked leaves; the right one stays only a name until it is asked itself."""
    return {"employer": given.employer, "claimed_employer": None}


def recalled(case: CaseView, given: Recall) -> Changes:
    """A recalled question leaves the employer as it was claimed before."""
    if case.state is State.IDENTITY_REQUESTED:
        return {"employer": case.facts.get("claimed_employer"), "claimed_employer": None}
    return {"returned": None}


def employer_so_far(case: CaseView, given: IdentityRequest | Identity) -> tuple[Party, ...]:
    """Whose sight ends when another agency takes the employer's place: the employer's until now."""
    return (Party.EMPLOYER,) if given.employer != case.facts.get("employer") else ()


def asked_in_vain(case: CaseView, given: Recall) -> tuple[Party, ...]:
    """The agency that was asked and kept silent leaves; an employer who had answered before stays a party."""
    answered_before = case.done("identify") and case.facts.get("claimed_employer") == case.facts.get("employer")
    return (Party.EMPLOYER,) if case.state is State.IDENTITY_REQUESTED and not answered_before else ()
