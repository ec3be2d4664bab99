"""Generated from the OpenAPI document by `./run openapi`. Do not edit. The shapes of bodies and answers."""

from collections.abc import Mapping
from typing import Any, Final, Literal, NotRequired, TypedDict

class AcceptanceVerification(TypedDict):
    """Verifikasi bersama / Joint verification (The joint verification before acceptance.)"""
    held_on: str
    result: Literal['complete', 'incomplete', 'waived']
    members: NotRequired[list[str] | None]
    minutes: NotRequired[str | None]

class Acceptance(TypedDict):
    """accept: the file goes under examination."""
    occurred_at: NotRequired[str | None]
    examiner_reference: NotRequired[str | None]
    unit: NotRequired[str | None]
    verification: NotRequired[AcceptanceVerification | None]
    not_duplicate_of: NotRequired[list[str] | None]

class AcceptLine(TypedDict):
    """An acceptance, as in POST /casefiles/{casefile}/accept."""
    act: Literal['accept']
    casefile: str
    version: int
    body: Acceptance

class AccessAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class AccessVendor(TypedDict):
    """Vendor yang kliennya bertindak untuk instansi itu / The vendor whose client acted for that agency"""
    code: str
    name: str

class Access(TypedDict):
    """Satu pembacaan / One read"""
    at: str
    agency: AccessAgency
    client: str
    vendor: AccessVendor | None
    route: str
    purpose: str
    request_id: str
    caller_request_id: str | None

class AccessPage(TypedDict):
    """Halaman pembacaan, terbaru dahulu / A page of reads, newest first"""
    data: list[Access]
    next: str | None
    next_cursor: str | None

class Official(TypedDict):
    """The person who decided or received, by name, NIP and position; elected and appointed ones have no NIP."""
    name: str
    nip: NotRequired[str | None]
    position: str

class Acknowledgement(TypedDict):
    """acknowledge: who received the recommendation, and when; the follow-up clock starts after that day."""
    occurred_at: NotRequired[str | None]
    received_on: str
    received_by: Official

class AcknowledgeLine(TypedDict):
    """An acknowledgement, as in POST /casefiles/{casefile}/acknowledge."""
    act: Literal['acknowledge']
    casefile: str
    version: int
    body: Acknowledgement

class AgencyParent(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class AgencyFormerNamesItem(TypedDict):
    """Nama terdahulu / A former name"""
    name: str
    until: str

class AgencyHeirsItemAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class AgencyHeirsItem(TypedDict):
    """Penerus / An heir"""
    agency: AgencyHeirsItemAgency
    kind: str
    on: str

class Agency(TypedDict):
    """Instansi peserta / An agency that takes part"""
    code: str
    name: str
    roles: list[str]
    level: str
    region: str | None
    parent: AgencyParent | None
    time_zone: str
    valid_from: str
    valid_until: str | None
    former_names: list[AgencyFormerNamesItem]
    heirs: list[AgencyHeirsItem]
    legal_basis: str | None
    source: str | None
    certainty: str | None

class AgencyName(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class AgencyPageCount(TypedDict):
    """Hanya dengan count=exact / Only with count=exact"""
    value: int
    capped: bool

class AgencyPage(TypedDict):
    """Halaman instansi menurut kode / A page of agencies by code"""
    data: list[Agency]
    next: str | None
    next_cursor: str | None
    count: NotRequired[AgencyPageCount]

class AmendReason(TypedDict):
    """Why a recorded fact is corrected."""
    text: NotRequired[str | None]
    code: Literal['clerical_error', 'late_information', 'document_replaced', 'identity_updated', 'court_order', 'data_subject_request', 'other']

class AnnexRow(TypedDict):
    """Golongan bentuk itu menurut lampiran / A form's class by the annex"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    form: str
    phase: str
    edition: str
    annex_item: str | None
    violation_class: str
    level: str | None

class Decree(TypedDict):
    """A decree or ruling by number, date and legal basis."""
    number: str
    date: str
    legal_basis: str
    document: str

class Annulment(TypedDict):
    """annul: the sanction was annulled; the case ends."""
    occurred_at: NotRequired[str | None]
    decision: Decree
    official: Official

class Answer(TypedDict):
    """The answer to one returned item, by its number (from 1)."""
    item: int
    text: str
    documents: NotRequired[list[str] | None]

class ApprovalGiven(TypedDict):
    """POST /delegations/{id}/approve: all that was asked for, or less of it."""
    scopes: NotRequired[list[str] | None]
    valid_until: NotRequired[str | None]

class Asked(TypedDict):
    """An act, by what its class is computed from; named as in the `inputs` that a file keeps of a class."""
    form: Literal['install_props', 'online_campaign', 'attend_declaration', 'social_media_engagement', 'joint_photo', 'introduction_event', 'spouse_event_without_leave', 'approach_party_or_public', 'party_membership', 'partisan_activity', 'expert_or_winning_team', 'support_letter', 'favouring_decision', 'campaign_participation', 'campaign_with_attributes', 'mobilise_civil_servants', 'campaign_state_facilities', 'spouse_campaign_breach', 'party_event_speaker', 'self_declaration_without_leave', 'campaign_organiser', 'other_with_legal_basis']
    act_date: str
    act_until: NotRequired[str | None]
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    election_nexus: NotRequired[Literal['election_related', 'not_election_related'] | None]
    contest_office: NotRequired[Literal['president', 'dpr', 'dpd', 'dprd_province', 'dprd_regency_city', 'governor', 'regent', 'mayor', 'none'] | None]
    region: NotRequired[str | None]
    employment_kind: NotRequired[Literal['pns', 'cpns', 'pppk', 'pppk_part_time'] | None]

class Assessment(TypedDict):
    """The submitter's own study (kajian); its document has to be registered first."""
    summary: str
    documents: list[str]

class AttachedDocumentOwner(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class AttachedDocument(TypedDict):
    """Dokumen pada perkara; isi menurut jenisnya / A document of the file; its content by the type's audience"""
    id: str
    type: str
    number: str | None
    date: str | None
    sha256: str | None
    size: int | None
    owner: AttachedDocumentOwner | None

class AuthorizationServer(TypedDict):
    """RFC 8414"""
    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    grant_types_supported: list[str]
    scopes_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    dpop_signing_alg_values_supported: list[str]

class BlockedBy(TypedDict):
    """Alasan suatu transisi terhalang / Why a transition is blocked"""
    code: str
    detail: str
    pointer: str | None
    resolve_with: list[str]

class AvailableTransition(TypedDict):
    """Transisi yang boleh dicoba pihak ini sekarang / A transition this party may try now"""
    transition: str
    href: str
    blocked_by: list[BlockedBy]

class Batch(TypedDict):
    """Kemajuan satu batch / How far a batch is"""
    id: str
    created_at: str
    lines: int
    done: int
    refused: int
    left: int
    running: bool
    href: str
    results: str

class BatchAnswerBatch(TypedDict):
    """Batch ini / This batch"""
    id: str
    href: str

class BatchAnswerFinding(TypedDict):
    """submit: temuannya / The finding"""
    id: str
    href: str

class Receipt(TypedDict):
    """Janji bertanda tangan: entri, hash daunnya, dalam log paling lambat kapan / The signed promise: which entry, the hash of its leaf, in the log until when"""
    entry: str
    casefile: str
    seq: int
    leaf_hash: str
    accepted_at: str
    in_tree_by: str
    proof: str
    jws: str | None

class BatchAnswerCasefilesItem(TypedDict):
    """Perkara yang dibuat atau digerakkan / A casefile that was made or moved"""
    id: str
    number: str
    version: int
    state: str | None
    href: str
    receipt: Receipt

class BatchAnswerWarningsItem(TypedDict):
    """Peringatan / A warning"""
    code: str
    pointer: str

class ProblemItem(TypedDict):
    """Satu alasan / One reason"""
    code: str
    pointer: NotRequired[str]
    parameter: NotRequired[str]
    detail: str
    did_you_mean: NotRequired[str]
    allowed: NotRequired[list[str]]
    href: NotRequired[str]
    number: NotRequired[str]
    resolve_with: NotRequired[list[str]]

class ProblemExisting(TypedDict):
    """finding-exists, zero-report-exists: yang sudah ada / What there is already"""
    href: str

class Problem(TypedDict):
    """Penolakan (RFC 9457); abaikan anggota yang tidak dikenal / A refusal; ignore unknown members"""
    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: NotRequired[list[ProblemItem]]
    more_errors: NotRequired[int]
    state: NotRequired[str]
    allowed_from: NotRequired[list[str]]
    available: NotRequired[list[AvailableTransition]]
    current_version: NotRequired[int]
    existing: NotRequired[ProblemExisting]
    contradicted_by: NotRequired[int]
    did_you_mean: NotRequired[str]
    error: NotRequired[str]
    error_description: NotRequired[str]

class BatchAnswerWould(TypedDict):
    """validate_only: yang akan terjadi / What would come of it"""
    state: NotRequired[str]

class BatchAnswerStoppedExisting(TypedDict):
    """finding-exists, zero-report-exists: yang sudah ada / What there is already"""
    href: str

class BatchAnswerStopped(TypedDict):
    """Penolakan (RFC 9457); abaikan anggota yang tidak dikenal / A refusal; ignore unknown members"""
    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: NotRequired[list[ProblemItem]]
    more_errors: NotRequired[int]
    state: NotRequired[str]
    allowed_from: NotRequired[list[str]]
    available: NotRequired[list[AvailableTransition]]
    current_version: NotRequired[int]
    existing: NotRequired[BatchAnswerStoppedExisting]
    contradicted_by: NotRequired[int]
    did_you_mean: NotRequired[str]
    error: NotRequired[str]
    error_description: NotRequired[str]

class BatchAnswer(TypedDict):
    """Satu baris jawaban: `batch` di awal, `line` untuk tiap baris, `end` di akhir. Dengan validate_only tiap baris memuat valid dan would, dan batch null / One line of the answer: `batch` first, a `line` for each line, `end` last. With validate_only each line has valid and would, and batch is null"""
    kind: str
    batch: NotRequired[BatchAnswerBatch | None]
    lines: NotRequired[int]
    answered: NotRequired[int]
    line: NotRequired[int]
    status: NotRequired[int]
    act: NotRequired[str]
    finding: NotRequired[BatchAnswerFinding]
    casefiles: NotRequired[list[BatchAnswerCasefilesItem]]
    warnings: NotRequired[list[BatchAnswerWarningsItem]]
    problem: NotRequired[Problem]
    valid: NotRequired[bool]
    would: NotRequired[BatchAnswerWould]
    done: NotRequired[int]
    refused: NotRequired[int]
    left: NotRequired[int]
    stopped: NotRequired[BatchAnswerStopped | None]

class BatchResultFinding(TypedDict):
    """submit: temuannya / The finding"""
    id: str
    href: str

class BatchResultCasefilesItem(TypedDict):
    """Perkara yang dibuat atau digerakkan / A casefile that was made or moved"""
    id: str
    number: str
    version: int
    state: str | None
    href: str
    receipt: Receipt

class BatchResultWarningsItem(TypedDict):
    """Peringatan / A warning"""
    code: str
    pointer: str

class BatchResult(TypedDict):
    """Jawaban satu baris / The answer to one line"""
    line: int
    status: int
    act: NotRequired[str]
    finding: NotRequired[BatchResultFinding]
    casefiles: NotRequired[list[BatchResultCasefilesItem]]
    warnings: NotRequired[list[BatchResultWarningsItem]]
    problem: NotRequired[Problem]

class BatchResultPage(TypedDict):
    """Halaman jawaban, menurut nomor baris / A page of answers, by line number"""
    data: list[BatchResult]
    next: str | None
    next_cursor: str | None

class BlockReason(TypedDict):
    """Why the officer's data are blocked."""
    text: NotRequired[str | None]
    code: Literal['no_follow_up', 'partial_follow_up', 'moved_while_examined', 'other']

BlockedServicesCode = Literal['promotion', 'transfer', 'pension', 'other']
"""catalogue: blocked_services"""

class CalendarDay(TypedDict):
    """Satu hari / A day"""
    date: str
    kind: str
    name_id: str
    source: str
    decree: str | None
    estimated: bool

class CasefileTurn(TypedDict):
    """Giliran siapa, untuk apa, sampai kapan / Whose turn, for what, until when"""
    party: str
    agency: AgencyName
    purpose: str
    referral: str
    since: str
    due_on: str
    original_due_on: str
    due_at: str
    overdue: bool
    explanation: NotRequired[str]

class CasefileFindingRegisterKind(TypedDict):
    """Jenis / Kind"""
    letters: str
    meaning: str
    certainty: str

class CasefileFindingRegisterElection(TypedDict):
    """Pemilihan / Election"""
    letters: str
    meaning: str
    certainty: str

class CasefileFindingRegisterLevel(TypedDict):
    """Tingkat / Level"""
    letters: str
    meaning: str
    certainty: str

class CasefileFindingRegisterBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own numbering: NOT a region code of the Ministry of Home Affairs"""
    of_bawaslu: str

class CasefileFindingRegister(TypedDict):
    """Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's register number taken apart; null where its form is another. What counts is register_number"""
    sequence: int
    registered: bool
    kind: CasefileFindingRegisterKind
    election: CasefileFindingRegisterElection
    level: CasefileFindingRegisterLevel
    bawaslu_place: CasefileFindingRegisterBawasluPlace
    month: int
    year: int

class CasefileFindingOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileFindingStageAtSubmission(TypedDict):
    """Tahapan pada hari itu / The stage on that day"""
    stage: str | None
    between: bool
    since: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str | None

class CasefileFindingReporter(TypedDict):
    """Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only"""
    kind: str
    name: str | None
    address: str | None
    phone: str | None

class WitnessRead(TypedDict):
    """Saksi; hanya bagi pengirim dan pemeriksa / A witness; for submitter and examiner only"""
    name: str
    address: str | None
    phone: str | None

class CasefileFinding(TypedDict):
    """Temuan asalnya / The finding it came from"""
    id: str
    register_number: str
    register: CasefileFindingRegister | None
    source: str
    origin_office: CasefileFindingOriginOffice
    election: str | None
    election_nexus: str
    stage_at_submission: CasefileFindingStageAtSubmission | None
    known_on: str
    registered_on: str
    reporter: CasefileFindingReporter | None
    witnesses: list[WitnessRead]
    href: str | None

class CasefileSubmitter(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileExaminer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileEmployer(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class CasefileAddressee(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class SubjectReadWorkplace(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class SubjectRead(TypedDict):
    """Terlapor / The officer"""
    identified: bool
    identity_source: str | None
    nip: str | None
    former_nips: list[str]
    name: str | None
    employment_kind: str | None
    position_kind: str | None
    position_roles: list[str]
    position: str | None
    grade: str | None
    work_unit: str | None
    workplace: SubjectReadWorkplace | None
    violations: list[int]

class ViolationReadContest(TypedDict):
    """Pemilihan yang dimaksud / The contest"""
    office: str
    region: str | None

class ViolationReadBeneficiary(TypedDict):
    """Yang diuntungkan / Whom it favoured"""
    kind: str
    name: str | None
    is_personnel_authority: bool

class ViolationReadClassReasoningInputs(TypedDict):
    """Masukan; golongan dapat dihitung ulang darinya / The inputs, from which the class can be computed again"""
    form: str
    act_date: str
    act_until: str | None
    election: str | None
    election_nexus: str
    contest_office: str | None
    region: str | None

class ViolationReadClassReasoningRule(TypedDict):
    """Baris lampiran yang dibaca / The row of the annex that was read"""
    edition: str
    annex_item: str | None
    phase: str
    valid_from: str | None
    valid_until: str | None
    in_force: bool

class ViolationReadClassReasoningDesignation(TypedDict):
    """Penetapan calon yang dipakai / The designation it was held against"""
    designated_on: str
    region: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str

class ViolationReadClassReasoning(TypedDict):
    """Mengapa golongan itu / Why this class"""
    level: str | None
    edition: str | None
    rule_version: str
    legal_basis: str | None
    certainty: str
    designation_on: str | None
    designation_pending: bool
    inputs: ViolationReadClassReasoningInputs | None
    rule: ViolationReadClassReasoningRule | None
    designation: ViolationReadClassReasoningDesignation | None
    reasoning: str

class ViolationReadStageAtAct(TypedDict):
    """Tahapan pada hari itu / The stage on that day"""
    stage: str | None
    between: bool
    since: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str | None

class ViolationRead(TypedDict):
    """Pelanggaran; golongannya dihitung / A violation; its class is computed"""
    number: int
    form: str
    act_date: str
    act_until: str | None
    region: str | None
    place: str | None
    channel: str | None
    interaction: str | None
    contest: ViolationReadContest | None
    beneficiary: ViolationReadBeneficiary | None
    description: str
    legal_basis: str | None
    annex_item: str | None
    violation_class: str
    class_reasoning: ViolationReadClassReasoning
    stage_at_act: ViolationReadStageAtAct | None
    confirmed: bool | None

class LetterRead(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileRecommendation(TypedDict):
    """Rekomendasi yang berlaku / The recommendation in force"""
    version: int
    letter: LetterRead
    violations: list[int]
    sanction: str
    reasoning: str

class CasefileServedOpened(TypedDict):
    """Penerima membuka rekomendasi / The addressee opened the recommendation"""
    version: int
    at: str

class CasefileServed(TypedDict):
    """Rekomendasi disampaikan dengan bukti / The recommendation was served, with proof"""
    agency: AgencyName
    delivered_on: str
    method: str
    proof: str
    opened: CasefileServedOpened | None

class CasefileSanctionReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileSanctionRuling(TypedDict):
    """Putusan yang menetapkannya / The ruling that ordered it"""
    kind: str
    ruling: str

class CasefileSanctionBoundByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileSanctionBoundBy(TypedDict):
    """Putusan yang mengikat hukuman ini / The ruling that binds this sanction"""
    kind: str
    ruling: str
    decision: CasefileSanctionBoundByDecision

class CasefileSanctionDecision(TypedDict):
    """Keputusan yang menjatuhkannya / The decree that imposed it"""
    number: str
    date: str
    legal_basis: str
    document: str
    imposed_by: NotRequired[str | None]

class CasefileSanctionExamination(TypedDict):
    """Pemeriksaan / How the officer was heard"""
    by: str
    summoned_on: list[str]
    examined_on: str | None
    attended: bool

class CasefileSanctionExecutionsItem(TypedDict):
    """Satu pelaksanaan / One time it was carried out"""
    executed_on: str
    form: str | None
    attended: bool
    place: str | None
    proof: str

class CasefileSanctionAnnulledByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileSanctionAnnulledBy(TypedDict):
    """Pembatalannya / What annulled it"""
    kind: str
    decision: CasefileSanctionAnnulledByDecision

class CasefileSanction(TypedDict):
    """Hukuman yang berlaku / The sanction in force"""
    version: int
    sanction: str
    comparison: str
    reason: CasefileSanctionReason | None
    ruling: CasefileSanctionRuling | None
    bound_by: CasefileSanctionBoundBy | None
    decision: CasefileSanctionDecision
    examination: CasefileSanctionExamination | None
    delivered_on: str | None
    effective_on: str | None
    effective_stated: str | None
    remedy_until: str | None
    executions: list[CasefileSanctionExecutionsItem] | None
    annulled_on: str | None
    annulled_by: CasefileSanctionAnnulledBy | None

class SupersededSanctionReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class SupersededSanctionRuling(TypedDict):
    """Putusan yang menetapkannya / The ruling that ordered it"""
    kind: str
    ruling: str

class SupersededSanctionBoundByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class SupersededSanctionBoundBy(TypedDict):
    """Putusan yang mengikat hukuman ini / The ruling that binds this sanction"""
    kind: str
    ruling: str
    decision: SupersededSanctionBoundByDecision

class SupersededSanctionDecision(TypedDict):
    """Keputusan yang menjatuhkannya / The decree that imposed it"""
    number: str
    date: str
    legal_basis: str
    document: str
    imposed_by: NotRequired[str | None]

class SupersededSanctionExamination(TypedDict):
    """Pemeriksaan / How the officer was heard"""
    by: str
    summoned_on: list[str]
    examined_on: str | None
    attended: bool

class SupersededSanctionExecutionsItem(TypedDict):
    """Satu pelaksanaan / One time it was carried out"""
    executed_on: str
    form: str | None
    attended: bool
    place: str | None
    proof: str

class SupersededSanctionAnnulledByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class SupersededSanctionAnnulledBy(TypedDict):
    """Pembatalannya / What annulled it"""
    kind: str
    decision: SupersededSanctionAnnulledByDecision

class SupersededSanctionSupersededByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class SupersededSanctionSupersededBy(TypedDict):
    """Yang menggantinya / By what"""
    kind: str
    decision: SupersededSanctionSupersededByDecision

class SupersededSanction(TypedDict):
    """Versi hukuman yang sudah diganti / A version of the sanction that another superseded"""
    version: int
    sanction: str
    comparison: str
    reason: SupersededSanctionReason | None
    ruling: SupersededSanctionRuling | None
    bound_by: SupersededSanctionBoundBy | None
    decision: SupersededSanctionDecision
    examination: SupersededSanctionExamination | None
    delivered_on: str | None
    effective_on: str | None
    effective_stated: str | None
    remedy_until: str | None
    executions: list[SupersededSanctionExecutionsItem] | None
    annulled_on: str | None
    annulled_by: SupersededSanctionAnnulledBy | None
    superseded_on: str
    superseded_by: SupersededSanctionSupersededBy

class CasefileContestLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileContest(TypedDict):
    """Upaya yang sedang diperiksa / The contest that waits for its ruling"""
    kind: str
    sanction_version: int
    filed_on: str
    letter: CasefileContestLetter | None
    late: bool
    days_late: int
    last_day: str | None
    decide_by: str | None

class SettledContestLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class SettledContestDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class SettledContest(TypedDict):
    """Upaya yang sudah diputus / A contest that was settled"""
    kind: str
    sanction_version: int
    filed_on: str
    letter: SettledContestLetter | None
    late: bool
    days_late: int
    last_day: str | None
    decide_by: str | None
    ruling: str
    decision: SettledContestDecision
    settled_on: str

class LadderReached(TypedDict):
    """Satu jenjang eskalasi yang tercapai; lihat /catalogue/ladder / A level of the ladder that was reached"""
    level: int
    code: str
    party: str
    agency: AgencyName
    purpose: str
    due_on: str
    reached_on: str
    last: bool
    measure: str | None

class MeasureReadBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class MeasureRead(TypedDict):
    """Tindakan pengendalian / A measure of oversight"""
    code: str
    by: MeasureReadBy
    letter: LetterRead
    addressed_to: AgencyName
    on: str
    new_due: str | None

class CasefileBlockReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileBlockLiftedReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileBlockLifted(TypedDict):
    """Pembukaannya / How it was lifted"""
    reason: CasefileBlockLiftedReason
    letter: LetterRead
    on: str

class CasefileBlock(TypedDict):
    """Pemblokiran data terakhir / The last block of the officer's data"""
    scope: str
    services: list[str]
    reason: CasefileBlockReason
    letter: LetterRead
    on: str
    lifted: CasefileBlockLifted | None

class ExtensionReadReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: str | None

class ExtensionRead(TypedDict):
    """Waktu yang diberi pemeriksa / Time that the examiner granted"""
    purpose: str
    until: str
    days: int
    reason: ExtensionReadReason
    by: AgencyName
    on: str

class CasefileReturnedItemsItem(TypedDict):
    """Satu kekurangan / One item"""
    number: int
    code: str
    text: str

class CasefileReturned(TypedDict):
    """Yang harus dilengkapi / What has to be supplied"""
    round: int
    items: list[CasefileReturnedItemsItem]

class CasefileClosingReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileClosingContestWaived(TypedDict):
    """Pelepasan upaya hukum / Waived remedy"""
    on: str
    document: str

class CasefileClosingDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileClosingLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileClosingPriorSanction(TypedDict):
    """Hukuman terdahulu / The earlier sanction"""
    sanction: str
    decision: LetterRead

class CasefileClosing(TypedDict):
    """Bagaimana perkara ditutup; isinya menurut cara menutup / How it was closed; members depend on the way"""
    conformity: NotRequired[str]
    note: NotRequired[str | None]
    reason: NotRequired[CasefileClosingReason | None]
    contest_waived: NotRequired[CasefileClosingContestWaived | None]
    remedy_judged: NotRequired[str | None]
    decision: NotRequired[CasefileClosingDecision]
    letter: NotRequired[CasefileClosingLetter | None]
    authority: NotRequired[str]
    violation_found: NotRequired[str]
    prior_sanction: NotRequired[CasefileClosingPriorSanction]

class HandedOverReadFromAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class HandedOverReadProtocol(TypedDict):
    """Berita acara / The protocol"""
    number: str
    date: str

class HandedOverRead(TypedDict):
    """Perkara beralih ke mandat lain / The case passed to another mandate"""
    from_mandate: str | None
    to_mandate: str
    from_agency: HandedOverReadFromAgency
    to_agency: AgencyName
    disposition: str
    protocol: HandedOverReadProtocol
    on: str

CasefileMerged = TypedDict('CasefileMerged', {
    'into': str,
    'number': str,
    'from': str,
    'on': str,
})
"""Digabungkan ke perkara mana; hanya yang berhak melihat perkara itu dapat membacanya / Into which casefile it was merged; only who may see that one can read it"""

class CasefileAbsorbedItem(TypedDict):
    """Perkara yang digabungkan ke perkara ini / A casefile that was merged into this one"""
    casefile: str
    number: str
    on: str
    released_on: str | None

class CasefileReopenedItemClosingReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileReopenedItemClosingContestWaived(TypedDict):
    """Pelepasan upaya hukum / Waived remedy"""
    on: str
    document: str

class CasefileReopenedItemClosingDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileReopenedItemClosingLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileReopenedItemClosingPriorSanction(TypedDict):
    """Hukuman terdahulu / The earlier sanction"""
    sanction: str
    decision: LetterRead

class CasefileReopenedItemClosing(TypedDict):
    """Bagaimana perkara ditutup; isinya menurut cara menutup / How it was closed; members depend on the way"""
    conformity: NotRequired[str]
    note: NotRequired[str | None]
    reason: NotRequired[CasefileReopenedItemClosingReason | None]
    contest_waived: NotRequired[CasefileReopenedItemClosingContestWaived | None]
    remedy_judged: NotRequired[str | None]
    decision: NotRequired[CasefileReopenedItemClosingDecision]
    letter: NotRequired[CasefileReopenedItemClosingLetter | None]
    authority: NotRequired[str]
    violation_found: NotRequired[str]
    prior_sanction: NotRequired[CasefileReopenedItemClosingPriorSanction]

class CasefileReopenedItem(TypedDict):
    """Pernah ditutup dan dibuka kembali / It was closed once, and opened again"""
    ground: str
    outcome: str
    closing: CasefileReopenedItemClosing | None
    on: str

class CorrectedReadReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CorrectedRead(TypedDict):
    """Fakta yang dibetulkan; nilainya pada timeline / A corrected fact; its values are in the timeline"""
    fact: str
    violation: int | None
    by: AgencyName
    on: str
    reason: CorrectedReadReason

class SuspectedDuplicate(TypedDict):
    """Perkara yang mungkin perkara yang sama / A casefile that may be the same matter"""
    casefile: str
    number: str
    state: str
    href: str
    because: list[str]

class Warning(TypedDict):
    """Peringatan; tidak menolak apa pun / A warning; it refuses nothing"""
    code: str
    pointer: str
    detail: str

class PriorPreventionOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PriorPrevention(TypedDict):
    """Pencegahan terdahulu / An earlier prevention"""
    id: str
    kind: str
    held_on: str
    office: PriorPreventionOffice
    href: str

class CasefileOpenedItemAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileOpenedItem(TypedDict):
    """Pembacaan pertama / A first reading"""
    agency: CasefileOpenedItemAgency
    version: int
    at: str

class Casefile(TypedDict):
    """Satu terlapor dalam satu perkara, menurut yang boleh dilihat pemanggil / One officer in one matter, as the caller may see it"""
    id: str
    number: str
    version: int
    state: str
    outcome: str | None
    turn: CasefileTurn | None
    finding: CasefileFinding
    submitter: CasefileSubmitter
    examiner: CasefileExaminer
    employer: CasefileEmployer | None
    addressee: CasefileAddressee | None
    mandate: str | None
    examiner_reference: str | None
    subject: SubjectRead
    violations: list[ViolationRead]
    recommendation: CasefileRecommendation | None
    served: CasefileServed | None
    sanction: CasefileSanction | None
    sanction_versions: list[SupersededSanction]
    contest: CasefileContest | None
    contests: list[SettledContest]
    overdue_level: int
    ladder: list[LadderReached]
    measures: list[MeasureRead]
    data_block: str
    block: CasefileBlock | None
    legal_hold: bool
    extensions: list[ExtensionRead]
    returned: CasefileReturned | None
    closing: CasefileClosing | None
    handed_over: list[HandedOverRead]
    merged: CasefileMerged | None
    absorbed: list[CasefileAbsorbedItem]
    reopened: list[CasefileReopenedItem]
    corrections: list[CorrectedRead]
    documents: list[AttachedDocument]
    suspected_duplicates: list[SuspectedDuplicate] | None
    available: list[AvailableTransition]
    warnings: list[Warning]
    withheld: list[str]
    created_at: str
    updated_at: str
    prior_preventions: list[PriorPrevention] | None
    opened: list[CasefileOpenedItem]
    as_of: str | None
    former: bool

class CasefileAcceptedTurn(TypedDict):
    """Giliran siapa, untuk apa, sampai kapan / Whose turn, for what, until when"""
    party: str
    agency: AgencyName
    purpose: str
    referral: str
    since: str
    due_on: str
    original_due_on: str
    due_at: str
    overdue: bool
    explanation: NotRequired[str]

class CasefileAcceptedFindingRegisterKind(TypedDict):
    """Jenis / Kind"""
    letters: str
    meaning: str
    certainty: str

class CasefileAcceptedFindingRegisterElection(TypedDict):
    """Pemilihan / Election"""
    letters: str
    meaning: str
    certainty: str

class CasefileAcceptedFindingRegisterLevel(TypedDict):
    """Tingkat / Level"""
    letters: str
    meaning: str
    certainty: str

class CasefileAcceptedFindingRegisterBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own numbering: NOT a region code of the Ministry of Home Affairs"""
    of_bawaslu: str

class CasefileAcceptedFindingRegister(TypedDict):
    """Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's register number taken apart; null where its form is another. What counts is register_number"""
    sequence: int
    registered: bool
    kind: CasefileAcceptedFindingRegisterKind
    election: CasefileAcceptedFindingRegisterElection
    level: CasefileAcceptedFindingRegisterLevel
    bawaslu_place: CasefileAcceptedFindingRegisterBawasluPlace
    month: int
    year: int

class CasefileAcceptedFindingOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileAcceptedFindingStageAtSubmission(TypedDict):
    """Tahapan pada hari itu / The stage on that day"""
    stage: str | None
    between: bool
    since: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str | None

class CasefileAcceptedFindingReporter(TypedDict):
    """Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only"""
    kind: str
    name: str | None
    address: str | None
    phone: str | None

class CasefileAcceptedFinding(TypedDict):
    """Temuan asalnya / The finding it came from"""
    id: str
    register_number: str
    register: CasefileAcceptedFindingRegister | None
    source: str
    origin_office: CasefileAcceptedFindingOriginOffice
    election: str | None
    election_nexus: str
    stage_at_submission: CasefileAcceptedFindingStageAtSubmission | None
    known_on: str
    registered_on: str
    reporter: CasefileAcceptedFindingReporter | None
    witnesses: list[WitnessRead]
    href: str | None

class CasefileAcceptedSubmitter(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileAcceptedExaminer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileAcceptedEmployer(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class CasefileAcceptedAddressee(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class CasefileAcceptedRecommendation(TypedDict):
    """Rekomendasi yang berlaku / The recommendation in force"""
    version: int
    letter: LetterRead
    violations: list[int]
    sanction: str
    reasoning: str

class CasefileAcceptedServedOpened(TypedDict):
    """Penerima membuka rekomendasi / The addressee opened the recommendation"""
    version: int
    at: str

class CasefileAcceptedServed(TypedDict):
    """Rekomendasi disampaikan dengan bukti / The recommendation was served, with proof"""
    agency: AgencyName
    delivered_on: str
    method: str
    proof: str
    opened: CasefileAcceptedServedOpened | None

class CasefileAcceptedSanctionReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileAcceptedSanctionRuling(TypedDict):
    """Putusan yang menetapkannya / The ruling that ordered it"""
    kind: str
    ruling: str

class CasefileAcceptedSanctionBoundByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileAcceptedSanctionBoundBy(TypedDict):
    """Putusan yang mengikat hukuman ini / The ruling that binds this sanction"""
    kind: str
    ruling: str
    decision: CasefileAcceptedSanctionBoundByDecision

class CasefileAcceptedSanctionDecision(TypedDict):
    """Keputusan yang menjatuhkannya / The decree that imposed it"""
    number: str
    date: str
    legal_basis: str
    document: str
    imposed_by: NotRequired[str | None]

class CasefileAcceptedSanctionExamination(TypedDict):
    """Pemeriksaan / How the officer was heard"""
    by: str
    summoned_on: list[str]
    examined_on: str | None
    attended: bool

class CasefileAcceptedSanctionExecutionsItem(TypedDict):
    """Satu pelaksanaan / One time it was carried out"""
    executed_on: str
    form: str | None
    attended: bool
    place: str | None
    proof: str

class CasefileAcceptedSanctionAnnulledByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileAcceptedSanctionAnnulledBy(TypedDict):
    """Pembatalannya / What annulled it"""
    kind: str
    decision: CasefileAcceptedSanctionAnnulledByDecision

class CasefileAcceptedSanction(TypedDict):
    """Hukuman yang berlaku / The sanction in force"""
    version: int
    sanction: str
    comparison: str
    reason: CasefileAcceptedSanctionReason | None
    ruling: CasefileAcceptedSanctionRuling | None
    bound_by: CasefileAcceptedSanctionBoundBy | None
    decision: CasefileAcceptedSanctionDecision
    examination: CasefileAcceptedSanctionExamination | None
    delivered_on: str | None
    effective_on: str | None
    effective_stated: str | None
    remedy_until: str | None
    executions: list[CasefileAcceptedSanctionExecutionsItem] | None
    annulled_on: str | None
    annulled_by: CasefileAcceptedSanctionAnnulledBy | None

class CasefileAcceptedContestLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileAcceptedContest(TypedDict):
    """Upaya yang sedang diperiksa / The contest that waits for its ruling"""
    kind: str
    sanction_version: int
    filed_on: str
    letter: CasefileAcceptedContestLetter | None
    late: bool
    days_late: int
    last_day: str | None
    decide_by: str | None

class CasefileAcceptedBlockReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileAcceptedBlockLiftedReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileAcceptedBlockLifted(TypedDict):
    """Pembukaannya / How it was lifted"""
    reason: CasefileAcceptedBlockLiftedReason
    letter: LetterRead
    on: str

class CasefileAcceptedBlock(TypedDict):
    """Pemblokiran data terakhir / The last block of the officer's data"""
    scope: str
    services: list[str]
    reason: CasefileAcceptedBlockReason
    letter: LetterRead
    on: str
    lifted: CasefileAcceptedBlockLifted | None

class CasefileAcceptedReturnedItemsItem(TypedDict):
    """Satu kekurangan / One item"""
    number: int
    code: str
    text: str

class CasefileAcceptedReturned(TypedDict):
    """Yang harus dilengkapi / What has to be supplied"""
    round: int
    items: list[CasefileAcceptedReturnedItemsItem]

class CasefileAcceptedClosingReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileAcceptedClosingContestWaived(TypedDict):
    """Pelepasan upaya hukum / Waived remedy"""
    on: str
    document: str

class CasefileAcceptedClosingDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileAcceptedClosingLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileAcceptedClosingPriorSanction(TypedDict):
    """Hukuman terdahulu / The earlier sanction"""
    sanction: str
    decision: LetterRead

class CasefileAcceptedClosing(TypedDict):
    """Bagaimana perkara ditutup; isinya menurut cara menutup / How it was closed; members depend on the way"""
    conformity: NotRequired[str]
    note: NotRequired[str | None]
    reason: NotRequired[CasefileAcceptedClosingReason | None]
    contest_waived: NotRequired[CasefileAcceptedClosingContestWaived | None]
    remedy_judged: NotRequired[str | None]
    decision: NotRequired[CasefileAcceptedClosingDecision]
    letter: NotRequired[CasefileAcceptedClosingLetter | None]
    authority: NotRequired[str]
    violation_found: NotRequired[str]
    prior_sanction: NotRequired[CasefileAcceptedClosingPriorSanction]

CasefileAcceptedMerged = TypedDict('CasefileAcceptedMerged', {
    'into': str,
    'number': str,
    'from': str,
    'on': str,
})
"""Digabungkan ke perkara mana; hanya yang berhak melihat perkara itu dapat membacanya / Into which casefile it was merged; only who may see that one can read it"""

class CasefileAcceptedAbsorbedItem(TypedDict):
    """Perkara yang digabungkan ke perkara ini / A casefile that was merged into this one"""
    casefile: str
    number: str
    on: str
    released_on: str | None

class CasefileAcceptedReopenedItemClosingReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileAcceptedReopenedItemClosingContestWaived(TypedDict):
    """Pelepasan upaya hukum / Waived remedy"""
    on: str
    document: str

class CasefileAcceptedReopenedItemClosingDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileAcceptedReopenedItemClosingLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileAcceptedReopenedItemClosingPriorSanction(TypedDict):
    """Hukuman terdahulu / The earlier sanction"""
    sanction: str
    decision: LetterRead

class CasefileAcceptedReopenedItemClosing(TypedDict):
    """Bagaimana perkara ditutup; isinya menurut cara menutup / How it was closed; members depend on the way"""
    conformity: NotRequired[str]
    note: NotRequired[str | None]
    reason: NotRequired[CasefileAcceptedReopenedItemClosingReason | None]
    contest_waived: NotRequired[CasefileAcceptedReopenedItemClosingContestWaived | None]
    remedy_judged: NotRequired[str | None]
    decision: NotRequired[CasefileAcceptedReopenedItemClosingDecision]
    letter: NotRequired[CasefileAcceptedReopenedItemClosingLetter | None]
    authority: NotRequired[str]
    violation_found: NotRequired[str]
    prior_sanction: NotRequired[CasefileAcceptedReopenedItemClosingPriorSanction]

class CasefileAcceptedReopenedItem(TypedDict):
    """Pernah ditutup dan dibuka kembali / It was closed once, and opened again"""
    ground: str
    outcome: str
    closing: CasefileAcceptedReopenedItemClosing | None
    on: str

class CasefileAcceptedOpenedItemAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileAcceptedOpenedItem(TypedDict):
    """Pembacaan pertama / A first reading"""
    agency: CasefileAcceptedOpenedItemAgency
    version: int
    at: str

class CasefileAccepted(TypedDict):
    """Perkara sesudah perbuatan, dan bukti diterima / The casefile after the act, and the receipt"""
    id: str
    number: str
    version: int
    state: str
    outcome: str | None
    turn: CasefileAcceptedTurn | None
    finding: CasefileAcceptedFinding
    submitter: CasefileAcceptedSubmitter
    examiner: CasefileAcceptedExaminer
    employer: CasefileAcceptedEmployer | None
    addressee: CasefileAcceptedAddressee | None
    mandate: str | None
    examiner_reference: str | None
    subject: SubjectRead
    violations: list[ViolationRead]
    recommendation: CasefileAcceptedRecommendation | None
    served: CasefileAcceptedServed | None
    sanction: CasefileAcceptedSanction | None
    sanction_versions: list[SupersededSanction]
    contest: CasefileAcceptedContest | None
    contests: list[SettledContest]
    overdue_level: int
    ladder: list[LadderReached]
    measures: list[MeasureRead]
    data_block: str
    block: CasefileAcceptedBlock | None
    legal_hold: bool
    extensions: list[ExtensionRead]
    returned: CasefileAcceptedReturned | None
    closing: CasefileAcceptedClosing | None
    handed_over: list[HandedOverRead]
    merged: CasefileAcceptedMerged | None
    absorbed: list[CasefileAcceptedAbsorbedItem]
    reopened: list[CasefileAcceptedReopenedItem]
    corrections: list[CorrectedRead]
    documents: list[AttachedDocument]
    suspected_duplicates: list[SuspectedDuplicate] | None
    available: list[AvailableTransition]
    warnings: list[Warning]
    withheld: list[str]
    created_at: str
    updated_at: str
    prior_preventions: list[PriorPrevention] | None
    opened: list[CasefileAcceptedOpenedItem]
    as_of: str | None
    former: bool
    receipt: Receipt

class CasefileItemTurn(TypedDict):
    """Giliran siapa, untuk apa, sampai kapan / Whose turn, for what, until when"""
    party: str
    agency: AgencyName
    purpose: str
    referral: str
    since: str
    due_on: str
    original_due_on: str
    due_at: str
    overdue: bool
    explanation: NotRequired[str]

class CasefileItemFindingRegisterKind(TypedDict):
    """Jenis / Kind"""
    letters: str
    meaning: str
    certainty: str

class CasefileItemFindingRegisterElection(TypedDict):
    """Pemilihan / Election"""
    letters: str
    meaning: str
    certainty: str

class CasefileItemFindingRegisterLevel(TypedDict):
    """Tingkat / Level"""
    letters: str
    meaning: str
    certainty: str

class CasefileItemFindingRegisterBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own numbering: NOT a region code of the Ministry of Home Affairs"""
    of_bawaslu: str

class CasefileItemFindingRegister(TypedDict):
    """Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's register number taken apart; null where its form is another. What counts is register_number"""
    sequence: int
    registered: bool
    kind: CasefileItemFindingRegisterKind
    election: CasefileItemFindingRegisterElection
    level: CasefileItemFindingRegisterLevel
    bawaslu_place: CasefileItemFindingRegisterBawasluPlace
    month: int
    year: int

class CasefileItemFindingOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileItemFindingStageAtSubmission(TypedDict):
    """Tahapan pada hari itu / The stage on that day"""
    stage: str | None
    between: bool
    since: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str | None

class CasefileItemFinding(TypedDict):
    """Temuan asalnya, tanpa pelapor dan saksi / The finding it came from, without reporter and witnesses"""
    id: str
    register_number: str
    register: CasefileItemFindingRegister | None
    source: str
    origin_office: CasefileItemFindingOriginOffice
    election: str | None
    election_nexus: str
    stage_at_submission: CasefileItemFindingStageAtSubmission | None
    known_on: str
    registered_on: str
    href: str | None

class CasefileItemSubmitter(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileItemExaminer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class CasefileItemEmployer(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class CasefileItemAddressee(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class CasefileItemSubjectWorkplace(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

class CasefileItemSubject(TypedDict):
    """Terlapor, tanpa NIP / The officer, without NIP"""
    identified: bool
    identity_source: str | None
    name: str | None
    employment_kind: str | None
    position_kind: str | None
    position_roles: list[str]
    position: str | None
    grade: str | None
    work_unit: str | None
    workplace: CasefileItemSubjectWorkplace | None
    violations: list[int]

class CasefileItemRecommendation(TypedDict):
    """Rekomendasi / Recommendation"""
    version: int
    letter: LetterRead
    violations: list[int]
    sanction: str

class CasefileItemServedOpened(TypedDict):
    """Penerima membuka rekomendasi / The addressee opened the recommendation"""
    version: int
    at: str

class CasefileItemServed(TypedDict):
    """Rekomendasi disampaikan dengan bukti / The recommendation was served, with proof"""
    agency: AgencyName
    delivered_on: str
    method: str
    proof: str
    opened: CasefileItemServedOpened | None

class CasefileItemSanctionReason(TypedDict):
    """Alasan / Reason"""
    code: str
    text: NotRequired[str | None]

class CasefileItemSanctionRuling(TypedDict):
    """Putusan yang menetapkannya / The ruling that ordered it"""
    kind: str
    ruling: str

class CasefileItemSanctionBoundByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileItemSanctionBoundBy(TypedDict):
    """Putusan yang mengikat hukuman ini / The ruling that binds this sanction"""
    kind: str
    ruling: str
    decision: CasefileItemSanctionBoundByDecision

class CasefileItemSanctionDecision(TypedDict):
    """Keputusan yang menjatuhkannya / The decree that imposed it"""
    number: str
    date: str
    legal_basis: str
    document: str
    imposed_by: NotRequired[str | None]

class CasefileItemSanctionExamination(TypedDict):
    """Pemeriksaan / How the officer was heard"""
    by: str
    summoned_on: list[str]
    examined_on: str | None
    attended: bool

class CasefileItemSanctionExecutionsItem(TypedDict):
    """Satu pelaksanaan / One time it was carried out"""
    executed_on: str
    form: str | None
    attended: bool
    place: str | None
    proof: str

class CasefileItemSanctionAnnulledByDecision(TypedDict):
    """Keputusan / The decree"""
    number: str
    date: str
    legal_basis: str
    document: str

class CasefileItemSanctionAnnulledBy(TypedDict):
    """Pembatalannya / What annulled it"""
    kind: str
    decision: CasefileItemSanctionAnnulledByDecision

class CasefileItemSanction(TypedDict):
    """Hukuman yang berlaku / The sanction in force"""
    version: int
    sanction: str
    comparison: str
    reason: CasefileItemSanctionReason | None
    ruling: CasefileItemSanctionRuling | None
    bound_by: CasefileItemSanctionBoundBy | None
    decision: CasefileItemSanctionDecision
    examination: CasefileItemSanctionExamination | None
    delivered_on: str | None
    effective_on: str | None
    effective_stated: str | None
    remedy_until: str | None
    executions: list[CasefileItemSanctionExecutionsItem] | None
    annulled_on: str | None
    annulled_by: CasefileItemSanctionAnnulledBy | None

class CasefileItemContestLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class CasefileItemContest(TypedDict):
    """Upaya yang sedang diperiksa / The contest that waits for its ruling"""
    kind: str
    sanction_version: int
    filed_on: str
    letter: CasefileItemContestLetter | None
    late: bool
    days_late: int
    last_day: str | None
    decide_by: str | None

class CasefileItemReturnedItemsItem(TypedDict):
    """Satu kekurangan / One item"""
    number: int
    code: str
    text: str

class CasefileItemReturned(TypedDict):
    """Yang harus dilengkapi / What has to be supplied"""
    round: int
    items: list[CasefileItemReturnedItemsItem]

CasefileItemMerged = TypedDict('CasefileItemMerged', {
    'into': str,
    'number': str,
    'from': str,
    'on': str,
})
"""Digabungkan ke perkara mana; hanya yang berhak melihat perkara itu dapat membacanya / Into which casefile it was merged; only who may see that one can read it"""

class CasefileItemAbsorbedItem(TypedDict):
    """Perkara yang digabungkan ke perkara ini / A casefile that was merged into this one"""
    casefile: str
    number: str
    on: str
    released_on: str | None

class CasefileItem(TypedDict):
    """Perkara dalam daftar: tanpa NIP, dokumen, dan pertimbangan / A casefile in a list: no NIP, documents, reasoning"""
    id: str
    number: str
    version: int
    state: str
    outcome: str | None
    turn: CasefileItemTurn | None
    finding: CasefileItemFinding
    submitter: CasefileItemSubmitter
    examiner: CasefileItemExaminer
    employer: CasefileItemEmployer | None
    addressee: CasefileItemAddressee | None
    mandate: str | None
    examiner_reference: str | None
    subject: CasefileItemSubject
    violations: list[ViolationRead]
    recommendation: CasefileItemRecommendation | None
    served: CasefileItemServed | None
    sanction: CasefileItemSanction | None
    contest: CasefileItemContest | None
    overdue_level: int
    data_block: str
    legal_hold: bool
    extensions: list[ExtensionRead]
    returned: CasefileItemReturned | None
    merged: CasefileItemMerged | None
    absorbed: list[CasefileItemAbsorbedItem]
    created_at: str
    updated_at: str
    closing_reason: str | None
    href: str

class CasefilePageCount(TypedDict):
    """Hanya dengan count=exact / Only with count=exact"""
    value: int
    capped: bool

class CasefilePage(TypedDict):
    """Halaman perkara, terbaru dahulu / A page of casefiles, newest first"""
    data: list[CasefileItem]
    next: str | None
    next_cursor: str | None
    count: NotRequired[CasefilePageCount]

class CasefileSearch(TypedDict):
    """POST /casefiles/search: the same filters, and what may never stand in a URL."""
    state: NotRequired[list[Literal['submitted', 'identity_requested', 'returned', 'under_examination', 'recommended', 'awaiting_sanction', 'disputed', 'sanction_reported', 'contested', 'closed']] | None]
    outcome: NotRequired[list[Literal['sanctioned', 'not_proven', 'terminated', 'redirected', 'rejected', 'withdrawn', 'merged', 'annulled']] | None]
    turn: NotRequired[str | None]
    submitter: NotRequired[str | None]
    examiner: NotRequired[str | None]
    employer: NotRequired[str | None]
    mandate: NotRequired[str | None]
    form: NotRequired[Literal['install_props', 'online_campaign', 'attend_declaration', 'social_media_engagement', 'joint_photo', 'introduction_event', 'spouse_event_without_leave', 'approach_party_or_public', 'party_membership', 'partisan_activity', 'expert_or_winning_team', 'support_letter', 'favouring_decision', 'campaign_participation', 'campaign_with_attributes', 'mobilise_civil_servants', 'campaign_state_facilities', 'spouse_campaign_breach', 'party_event_speaker', 'self_declaration_without_leave', 'campaign_organiser', 'other_with_legal_basis'] | None]
    violation_class: NotRequired[Literal['ethics', 'discipline'] | None]
    overdue: NotRequired[bool | None]
    number: NotRequired[str | None]
    register_number: NotRequired[str | None]
    finding: NotRequired[str | None]
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    changed_since: NotRequired[str | None]
    nip: NotRequired[str | None]
    name: NotRequired[str | None]
    purpose: Literal['case_handling', 'identity_check', 'oversight', 'audit', 'statistics', 'system_sync', 'personnel_administration', 'legal_proceedings', 'subject_request', 'public_information', 'incident_response', 'integration_test', 'operation']
    limit: NotRequired[int | None]
    cursor: NotRequired[str | None]

class CasefileSearchPage(TypedDict):
    """Halaman hasil pencarian; kursornya dikirim dalam badan / A page of what was found; the cursor goes into the body"""
    data: list[CasefileItem]
    next: str | None
    next_cursor: str | None

class CatalogueCalendar(TypedDict):
    """Hari bukan hari kerja / The days off"""
    list: str
    version: str
    versions: list[str]
    data: list[CalendarDay]

class CodeRow(TypedDict):
    """Satu kode / A code"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str

class CodeList(TypedDict):
    """Satu daftar kode / A list of codes"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    open: bool
    acts: NotRequired[list[str]]
    data: list[CodeRow]

class CatalogueCodes(TypedDict):
    """Kumpulan daftar kode / Lists of codes"""
    list: str
    catalogue_version: str
    data: list[CodeList]

class DeadlineRow(TypedDict):
    """Aturan tenggat / A deadline rule"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str
    purpose: str | None
    starts_from: str
    days: int
    day_basis: str
    mandate: str
    condition: str | None
    in_use: bool

class CatalogueDeadlines(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    data: list[DeadlineRow]

class DocumentTypeRow(TypedDict):
    """Jenis dokumen / A document type"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str
    audience: str
    audience_if_open: str | None

class CatalogueDocumentTypes(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    open: bool
    data: list[DocumentTypeRow]

class ElectionRow(TypedDict):
    """Pemilihan / An election"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str
    kind: str
    voting_on: str

class CatalogueElections(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    open: bool
    data: list[ElectionRow]

class EventType(TypedDict):
    """Satu jenis / A type"""
    type: str
    transition: str | None
    states: list[str]
    title_id: str
    title_en: str
    gives_sight: bool
    ends_sight: bool
    received_by_id: str
    received_by_en: str

class CatalogueEvents(TypedDict):
    """Jenis peristiwa / The types of events"""
    list: str
    catalogue_version: str
    digest: str
    data: list[EventType]

class LadderRow(TypedDict):
    """Satu tingkat eskalasi / A level of the ladder"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str
    party: str
    purpose: str
    level: int
    offset_days: int
    day_basis: str
    act: str | None
    by_role: str
    sees: list[str]
    last: bool
    scope: str
    mandate: str

class CatalogueLadder(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    data: list[LadderRow]

class CatalogueReasons(TypedDict):
    """Kumpulan daftar kode / Lists of codes"""
    list: str
    catalogue_version: str
    data: list[CodeList]

class RegionRow(TypedDict):
    """Wilayah / A region"""
    code: str
    name: str
    level: str
    province: str | None
    autonomous: bool

class CatalogueRegions(TypedDict):
    """Wilayah / Regions"""
    list: str
    catalogue_version: str
    data: list[RegionRow]

class RoutingRow(TypedDict):
    """Tujuan rekomendasi / Whom a recommendation obliges"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    role: str
    levels: list[str]
    addressee: str

class CatalogueRouting(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    data: list[RoutingRow]

class SanctionRow(TypedDict):
    """Satu hukuman / A sanction"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str
    family: str
    level: str | None
    rank: int
    effect: str
    remedy: str
    employment_kinds: list[str]
    agency: str | None
    remedy_if_personnel_authority: str | None
    remedy_if_other_official: str | None
    remedy_if_president: str | None

class SanctionLevelRow(TypedDict):
    """Tingkat hukuman / A level"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    code: str
    label_id: str
    label_en: str
    family: str
    rank: int

class CatalogueSanctions(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    open: bool
    data: list[SanctionRow]
    levels: list[SanctionLevelRow]

class SiasnRow(TypedDict):
    """Padanan pada SIASN / What SIASN calls it"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    member: str
    code: str
    siasn: str
    employment_kinds: list[str]
    election_kind: str | None

class CatalogueSiasn(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    data: list[SiasnRow]

class StageRow(TypedDict):
    """Tahapan / When a stage ran"""
    certainty: str
    legal_basis: str | None
    source: str | None
    note_id: str | None
    note_en: str | None
    valid_from: str | None
    valid_until: str | None
    election: str
    stage: str
    offices: list[str]
    region: str | None
    decree: str | None
    decree_status: str

class CatalogueStages(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    data: list[StageRow]

class CatalogueTransitionsTurnsItem(TypedDict):
    """Giliran per tahap / Whose turn a state is"""
    state: str
    party: str
    purpose: str

class TransitionRowGivenItem(TypedDict):
    """Isian / A member"""
    name: str
    required: bool

TransitionRow = TypedDict('TransitionRow', {
    'name': str,
    'title_id': str,
    'title_en': str,
    'from': list[str],
    'to': list[str],
    'returns': bool,
    'by': list[str],
    'given': list[TransitionRowGivenItem],
    'guards': list[str],
    'outcome': str | None,
    'announces': str,
    'article': str,
    'href': str | None,
})
"""Satu transisi / A transition"""

class CatalogueTransitions(TypedDict):
    """Alur perkara sebagai data / The flow as data"""
    list: str
    catalogue_version: str
    digest: str
    turns: list[CatalogueTransitionsTurnsItem]
    data: list[TransitionRow]

class CatalogueViolations(TypedDict):
    """Daftar katalog / A list of the catalogue"""
    list: str
    title_id: str
    title_en: str
    version: str
    source: str
    catalogue_version: str
    open: bool
    data: list[CodeRow]
    annex: list[AnnexRow]

class Change(TypedDict):
    """Satu perubahan / One change"""
    pointer: str
    before: Any
    after: Any

CheckpointNote = str
"""C2SP tlog-checkpoint"""

class Clarification(TypedDict):
    """Whether the officer and witnesses were heard; if not, why."""
    held: bool
    held_on: NotRequired[str | None]
    subject_heard: NotRequired[bool | None]
    reason: NotRequired[Literal['before_stage', 'subject_absent', 'subject_refused', 'time_ran_out', 'other'] | None]

class ClassificationAnswerInputs(TypedDict):
    """Masukan; golongan dapat dihitung ulang darinya / The inputs, from which the class can be computed again"""
    form: str
    act_date: str
    act_until: str | None
    election: str | None
    election_nexus: str
    contest_office: str | None
    region: str | None
    employment_kind: str | None

class ClassificationAnswerLevel(TypedDict):
    """Tingkat atau hukuman; null: menurut pasal yang dilanggar / Null: by the article"""
    code: str
    label_id: str
    label_en: str

class ClassificationAnswerSanctionsItem(TypedDict):
    """Satu hukuman / A sanction"""
    code: str
    label_id: str
    label_en: str
    legal_basis: str | None
    certainty: str

class ClassificationAnswerDecree(TypedDict):
    """Keputusan yang memuat lampiran itu / The decree of that annex"""
    code: str
    label_id: str
    label_en: str

class ClassificationAnswerRule(TypedDict):
    """Baris lampiran yang dibaca / The row of the annex that was read"""
    edition: str
    annex_item: str | None
    phase: str
    valid_from: str | None
    valid_until: str | None
    in_force: bool

class ClassificationAnswerDesignation(TypedDict):
    """Penetapan calon yang dipakai / The designation it was held against"""
    designated_on: str
    region: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str

class ClassificationAnswerStage(TypedDict):
    """Tahapan pada hari itu / The stage on that day"""
    stage: str | None
    between: bool
    since: str | None
    decree: str | None
    legal_basis: str | None
    certainty: str | None

class ClassificationAnswerThenLevel(TypedDict):
    """Tingkat atau hukuman; null: menurut pasal yang dilanggar / Null: by the article"""
    code: str
    label_id: str
    label_en: str

class ClassificationAnswerThenSanctionsItem(TypedDict):
    """Satu hukuman / A sanction"""
    code: str
    label_id: str
    label_en: str
    legal_basis: str | None
    certainty: str

class ClassificationAnswerThen(TypedDict):
    """Jawaban sejak hari itu / The answer from that day on"""
    violation_class: str
    annex_item: str | None
    legal_basis: str | None
    level: ClassificationAnswerThenLevel | None
    sanctions: list[ClassificationAnswerThenSanctionsItem]

class ClassificationAnswer(TypedDict):
    """Golongan suatu perbuatan menurut katalog; bukan putusan / The class of an act by the catalogue; not a ruling"""
    catalogue_version: str
    inputs: ClassificationAnswerInputs
    violation_class: str
    annex_item: str | None
    legal_basis: str | None
    level: ClassificationAnswerLevel | None
    sanctions: list[ClassificationAnswerSanctionsItem]
    edition: str | None
    decree: ClassificationAnswerDecree | None
    certainty: str
    rule: ClassificationAnswerRule
    designation: ClassificationAnswerDesignation | None
    designation_pending: bool
    stage: ClassificationAnswerStage | None
    since: str | None
    until: str | None
    then: ClassificationAnswerThen | None
    reasoning_id: str
    reasoning_en: str
    notice_id: str
    notice_en: str

class ClearReason(TypedDict):
    """Why it is not proven."""
    text: NotRequired[str | None]
    code: Literal['no_violation', 'elements_not_met', 'evidence_insufficient', 'identity_not_established', 'act_permitted', 'agency_finding_accepted', 'other']

class NumberedLetter(TypedDict):
    """An authority's letter about its own decision, which bears a number."""
    number: str
    date: str
    document: NotRequired[str | None]

class Clearance(TypedDict):
    """clear: not proven."""
    occurred_at: NotRequired[str | None]
    letter: NumberedLetter
    reason: ClearReason
    official: Official

class ClosingReason(TypedDict):
    """Alasan menerima yang lebih ringan / Why lighter is accepted (Why the sanction is lighter or of another kind than recommended.)"""
    text: NotRequired[str | None]
    code: Literal['lesser_form_found', 'mitigating', 'first_offence', 'sanction_unavailable', 'combined_decision', 'ordered_by_ruling', 'other']

class ClosingContestWaived(TypedDict):
    """Pelepasan upaya hukum / Waived remedy (The officer gave up the remedy in writing.)"""
    on: str
    document: str

class Closing(TypedDict):
    """close: the examiner's judgment of what was imposed."""
    occurred_at: NotRequired[str | None]
    conformity: Literal['in_line', 'lighter_accepted', 'not_in_line_noted']
    note: NotRequired[str | None]
    reason: NotRequired[ClosingReason | None]
    contest_waived: NotRequired[ClosingContestWaived | None]
    remedy_judged: NotRequired[str | None]

class ComparedLine(TypedDict):
    """One line of the caller's register: one way of naming the case, and what the caller believes of it. A belief that is null or left out is not compared."""
    ref: str
    number: NotRequired[str | None]
    register_number: NotRequired[str | None]
    origin_office: NotRequired[str | None]
    nip: NotRequired[str | None]
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    state: NotRequired[Literal['submitted', 'identity_requested', 'returned', 'under_examination', 'recommended', 'awaiting_sanction', 'disputed', 'sanction_reported', 'contested', 'closed'] | None]
    outcome: NotRequired[Literal['sanctioned', 'not_proven', 'terminated', 'redirected', 'rejected', 'withdrawn', 'merged', 'annulled'] | None]
    employer: NotRequired[str | None]
    violation_class: NotRequired[Literal['ethics', 'discipline'] | None]
    sanction: NotRequired[Literal['moral_closed', 'moral_open', 'oral_reprimand', 'written_reprimand', 'written_dissatisfaction', 'allowance_cut_25_6m', 'allowance_cut_25_9m', 'allowance_cut_25_12m', 'demotion_one_level_12m', 'release_to_executor_12m', 'dismissal_honourable_not_own_request', 'dismissal_dishonourable_discipline', 'dismissal_dishonourable', 'raise_delay_1y', 'promotion_delay_1y', 'rank_down_1y', 'rank_down_3y', 'transfer_demotion', 'release_from_office', 'pppk_oral_reprimand', 'pppk_written_reprimand', 'pppk_written_dissatisfaction', 'pppk_raise_delay_1y', 'pppk_grade_down_1y', 'pppk_termination_honourable', 'pppk_termination_not_own_request', 'pppk_termination_dishonourable', 'pppk_dismissal_dishonourable'] | None]
    due_on: NotRequired[str | None]

class ComparedScope(TypedDict):
    """Which cases the caller lists. Days are local to the office the finding came from, and both ends are included."""
    role: Literal['submitter', 'examiner', 'employer', 'addressee']
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    submitted_from: NotRequired[str | None]
    submitted_until: NotRequired[str | None]

class Completion(TypedDict):
    """complete: one answer per item."""
    occurred_at: NotRequired[str | None]
    answers: list[Answer]

class ConsistencyProof(TypedDict):
    """Bukti bahwa log hanya bertambah (RFC 9162, 2.1.4) / Proof that the log only grew"""
    first: int
    second: int
    proof: list[str]

class ContentUploadedContentSignaturesItem(TypedDict):
    """Satu tanda tangan pada PDF / A signature in the PDF"""
    status: str
    covers_file: bool | None
    signed_at: str | None
    timestamped: bool
    issuer: str | None
    revocation: str

class ContentUploadedContent(TypedDict):
    """Isi berkas di sini; null bila tidak disimpan di sini atau tidak diperlihatkan / The content here; null where contents are not kept or this one is not shown"""
    status: str
    finding: str | None
    flags: list[str]
    signatures: list[ContentUploadedContentSignaturesItem] | None
    uploaded_at: str | None
    scanned_at: str | None

class RecordReceipt(TypedDict):
    """Janji bertanda tangan bagi yang bukan perkara / The signed promise for what is no casefile"""
    entry: str
    stream: str
    seq: int
    leaf_hash: str
    accepted_at: str
    in_tree_by: str
    proof: str
    jws: str | None

class ContentUploaded(TypedDict):
    """Isi yang diterima dan tanda terimanya / The content taken in and its receipt"""
    document: str
    content: ContentUploadedContent
    receipt: RecordReceipt

class ContestingLetter(TypedDict):
    """Surat keberatan, banding, atau gugatan / The letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Contesting(TypedDict):
    """contest: an objection, an appeal or a lawsuit was filed against the sanction."""
    occurred_at: NotRequired[str | None]
    kind: Literal['objection', 'appeal', 'lawsuit']
    filed_on: str
    letter: NotRequired[ContestingLetter | None]
    documents: NotRequired[list[str] | None]

class Correction(TypedDict):
    """correct: one recorded fact, its right value, and why it was wrong."""
    occurred_at: NotRequired[str | None]
    fact: Literal['#/subject/name', '#/subject/nip', '#/subject/position', '#/subject/position_kind', '#/subject/position_roles', '#/subject/grade', '#/subject/work_unit', '#/subject/workplace', '#/subject/employment_kind', '#/subject/identity_source', '#/finding/register_number', '#/finding/known_on', '#/finding/registered_on', '#/finding/clarified_on', '#/finding/forwarded_on', '#/violations/*/act_date', '#/violations/*/act_until', '#/violations/*/region', '#/violations/*/place', '#/violations/*/channel', '#/violations/*/interaction', '#/violations/*/description', '#/violations/*/contest/office', '#/violations/*/contest/region', '#/examiner_reference', '#/unit', '#/verification/held_on', '#/recommendation/letter/number', '#/recommendation/letter/date', '#/received_on', '#/sanction/decision/number', '#/sanction/decision/date', '#/sanction/decision/legal_basis', '#/sanction/effective_stated', '#/sanction/decision/imposed_by', '#/sanction/delivered_on', '#/documents/*', '#/employer', '#/addressee', '#/submitter', '#/recommendation/violations', '#/recommendation/sanction', '#/sanction/sanction']
    violation: NotRequired[int | None]
    value: str | None
    replaces: NotRequired[str | None]
    reason: AmendReason
    document: NotRequired[str | None]

class Letter(TypedDict):
    """A letter by number and date, and its descriptor where it was registered; not every letter bears a number."""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class CorrectionReason(TypedDict):
    """Why the sanction has to be corrected."""
    text: NotRequired[str | None]
    code: Literal['lighter_unfounded', 'not_examined', 'wrong_authority', 'wrong_legal_basis', 'sanction_unavailable', 'procedure_defect', 'wrong_person', 'other']

class CorrectionDemand(TypedDict):
    """require-correction: the sanction has to be mended; at most once."""
    occurred_at: NotRequired[str | None]
    letter: Letter
    reason: CorrectionReason

class DataBlock(TypedDict):
    """block-data: the civil service agency suspends personnel data or services of the officer."""
    occurred_at: NotRequired[str | None]
    letter: Letter
    reason: BlockReason
    scope: Literal['partial', 'full']
    services: NotRequired[list[BlockedServicesCode] | None]

class UnblockReason(TypedDict):
    """Why the block is lifted."""
    text: NotRequired[str | None]
    code: Literal['followed_up', 'retracted', 'misidentified', 'case_ended', 'court_order', 'other']

class DataUnblock(TypedDict):
    """unblock-data: the block is lifted, whole."""
    occurred_at: NotRequired[str | None]
    letter: Letter
    reason: UnblockReason

class Decision(TypedDict):
    """The decree that imposes the sanction, and the day of effect (TMT) where it states one."""
    number: str
    date: str
    legal_basis: str
    document: str
    imposed_by: NotRequired[Literal['personnel_authority', 'other_official', 'president'] | None]
    effective_on: NotRequired[str | None]

class DelegationVendor(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class DelegationEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class Delegation(TypedDict):
    """Yang boleh dilakukan klien vendor / What a vendor's client may do"""
    id: str
    status: str
    vendor: DelegationVendor
    client: str
    employer: DelegationEmployer
    resource: str
    roles: list[str]
    scopes: list[str]
    purposes: list[str]
    requested_at: str
    valid_until: str
    approved_at: str | None
    ended_at: str | None

class DelegationChangedVendor(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class DelegationChangedEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class DelegationChanged(TypedDict):
    """Delegasi sesudahnya / The delegation afterwards"""
    id: str
    status: str
    vendor: DelegationChangedVendor
    client: str
    employer: DelegationChangedEmployer
    resource: str
    roles: list[str]
    scopes: list[str]
    purposes: list[str]
    requested_at: str
    valid_until: str
    approved_at: str | None
    ended_at: str | None
    receipt: dict[str, Any] | None

class DelegationGiven(TypedDict):
    """POST /delegations."""
    employer: str
    roles: list[str]
    scopes: list[str]
    valid_until: str
    purposes: NotRequired[list[str] | None]

class DelegationPage(TypedDict):
    """Delegasi / Delegations"""
    data: list[Delegation]
    next: str | None
    next_cursor: str | None

class Delivery(TypedDict):
    """record-delivery: the decree reached the officer."""
    occurred_at: NotRequired[str | None]
    delivered_on: str
    method: Literal['system', 'hand', 'courier', 'post', 'email', 'sent_to_address', 'read_in_absence']
    document: NotRequired[str | None]

class Descriptor(TypedDict):
    """POST /documents: the descriptor of one file."""
    type: Literal['report_form', 'finding_form', 'initial_information', 'preliminary_assessment', 'assessment', 'clarification_invitation', 'clarification_minutes', 'witness_minutes', 'plenary_minutes', 'cover_letter', 'evidence', 'withdrawal_letter', 'verification_minutes', 'examiner_minutes', 'recommendation', 'outcome_letter', 'answer_letter', 'receipt', 'extension_letter', 'identity_confirmation', 'team_decree', 'ethics_council_decree', 'summons', 'examination_minutes', 'examination_report', 'ethics_minutes', 'ethics_decision', 'technical_consideration', 'approval_letter', 'decision', 'delivery_proof', 'moral_statement', 'execution_proof', 'response', 'transfer_decree', 'service_end_decree', 'objection_letter', 'appeal_letter', 'authority_reply', 'ruling', 'annulment_decree', 'court_verdict', 'reminder_letter', 'warning_letter', 'reprimand_letter', 'block_letter', 'unblock_letter', 'oversight_report', 'protocol', 'other']
    title: str
    number: NotRequired[str | None]
    date: NotRequired[str | None]
    media_type: str
    size: int
    sha256: str
    signature_status: NotRequired[Literal['valid', 'invalid', 'unsigned', 'unknown'] | None]
    evidence_kind: NotRequired[Literal['screenshot', 'photo', 'video', 'audio', 'link', 'document', 'statement', 'object', 'other'] | None]
    held_by: NotRequired[str | None]
    archive_ref: NotRequired[str | None]

class DisownReason(TypedDict):
    """Why this is not an officer of the agency."""
    text: NotRequired[str | None]
    code: Literal['not_ours', 'not_asn', 'not_found', 'ambiguous', 'moved_before_act', 'left_before_act', 'other']

class Disownment(TypedDict):
    """disown: the officer is not ours, and why; the right agency where known."""
    occurred_at: NotRequired[str | None]
    reason: DisownReason
    employer: NotRequired[str | None]

class DisparityDataItemSanctionsItem(TypedDict):
    """Perkara menurut hukuman / Casefiles by sanction"""
    sanction: str
    casefiles: int

class DisparityDataItemGroupsItemSanctionsItem(TypedDict):
    """Perkara menurut hukuman / Casefiles by sanction"""
    sanction: str
    casefiles: int

class DisparityDataItemGroupsItemComparisonsItem(TypedDict):
    """Perkara menurut bandingan / Casefiles by comparison"""
    comparison: str
    casefiles: int

class DisparityDataItemGroupsItem(TypedDict):
    """Satu instansi atau jenis jabatan / An agency or a kind of position"""
    key: str | None
    name: str | None
    sanctions: list[DisparityDataItemGroupsItemSanctionsItem]
    comparisons: list[DisparityDataItemGroupsItemComparisonsItem]

class DisparityDataItem(TypedDict):
    """Satu bentuk / One form"""
    form: str
    sanctions: list[DisparityDataItemSanctionsItem]
    groups: list[DisparityDataItemGroupsItem]

class Disparity(TypedDict):
    """Bentuk sama, hukuman berbeda / Same form, different sanction"""
    by: str
    sight: str
    data: list[DisparityDataItem]

class DisputeReason(TypedDict):
    """Why the addressee disputes the recommendation."""
    text: NotRequired[str | None]
    code: Literal['not_our_officer', 'wrong_person', 'not_proven_by_agency', 'wrong_class', 'wrong_legal_basis', 'sanction_unavailable', 'already_sanctioned', 'officer_left_service', 'officer_deceased', 'officer_moved', 'file_incomplete', 'not_competent', 'other']

class Dispute(TypedDict):
    """dispute: the addressee objects, with reasons; the follow-up clock runs on."""
    occurred_at: NotRequired[str | None]
    reason: DisputeReason
    letter: Letter
    documents: NotRequired[list[str] | None]

class DocumentOwner(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class DocumentContentSignaturesItem(TypedDict):
    """Satu tanda tangan pada PDF / A signature in the PDF"""
    status: str
    covers_file: bool | None
    signed_at: str | None
    timestamped: bool
    issuer: str | None
    revocation: str

class DocumentContent(TypedDict):
    """Isi berkas di sini; null bila tidak disimpan di sini atau tidak diperlihatkan / The content here; null where contents are not kept or this one is not shown"""
    status: str
    finding: str | None
    flags: list[str]
    signatures: list[DocumentContentSignaturesItem] | None
    uploaded_at: str | None
    scanned_at: str | None

class Document(TypedDict):
    """Keterangan satu berkas; berkasnya tetap pada pemiliknya / The descriptor of a file that stays with its owner"""
    id: str
    type: str
    title: str | None
    number: str | None
    date: str | None
    media_type: str | None
    size: int | None
    sha256: str | None
    signature_status: str | None
    evidence_kind: str | None
    held_by: str | None
    archive_ref: str | None
    owner: DocumentOwner | None
    content: DocumentContent | None
    created_at: str
    withheld: list[str]

class DocumentPage(TypedDict):
    """Halaman dokumen, terbaru dahulu / A page of documents, newest first"""
    data: list[Document]
    next: str | None
    next_cursor: str | None

class DocumentRegisteredOwner(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class DocumentRegisteredContentSignaturesItem(TypedDict):
    """Satu tanda tangan pada PDF / A signature in the PDF"""
    status: str
    covers_file: bool | None
    signed_at: str | None
    timestamped: bool
    issuer: str | None
    revocation: str

class DocumentRegisteredContent(TypedDict):
    """Isi berkas di sini; null bila tidak disimpan di sini atau tidak diperlihatkan / The content here; null where contents are not kept or this one is not shown"""
    status: str
    finding: str | None
    flags: list[str]
    signatures: list[DocumentRegisteredContentSignaturesItem] | None
    uploaded_at: str | None
    scanned_at: str | None

class DocumentRegistered(TypedDict):
    """Keterangan berkas dan tanda terimanya / The descriptor and its receipt"""
    id: str
    type: str
    title: str | None
    number: str | None
    date: str | None
    media_type: str | None
    size: int | None
    sha256: str | None
    signature_status: str | None
    evidence_kind: str | None
    held_by: str | None
    archive_ref: str | None
    owner: DocumentRegisteredOwner | None
    content: DocumentRegisteredContent | None
    created_at: str
    withheld: list[str]
    receipt: RecordReceipt

class DueRuleSkippedItem(TypedDict):
    """Hari libur yang dilewati selain Sabtu dan Minggu / A day off that was skipped, weekends apart"""
    date: str
    name_id: str
    kind: str
    decree: str | None
    source: str

class DueRuleResumedItem(TypedDict):
    """Berkas pada pihak lain; hari itu tidak dihitung / The file was elsewhere; those days do not count"""
    seq: int
    away_from: str
    away_until: str
    days: int
    due_on: str

class DueRulePausesItem(TypedDict):
    """Perpanjangan oleh pemeriksa, atau tenggat dari tindakan (0 hari) / Time granted by the examiner, or a day set by a measure (0 days)"""
    seq: int
    until: str
    days: int
    reason: str

class DueRuleMovedItem(TypedDict):
    """Perpindahan tenggat / A move of the due day"""
    seq: int
    cause: str
    due_from: str
    due_to: str
    calendar_from: str
    calendar_to: str

class DueRule(TypedDict):
    """Bagaimana tenggat dihitung / How the deadline was counted"""
    code: str
    days: int
    day_basis: str
    starts_from: str
    clock_from: str
    counted_to: str
    time_zone: str
    source: str | None
    legal_basis: str | None
    certainty: str
    calendar_version: str
    skipped: list[DueRuleSkippedItem]
    beyond_calendar: bool
    resumed: list[DueRuleResumedItem]
    pauses: list[DueRulePausesItem]
    moved: list[DueRuleMovedItem]
    explanation: str

class EventDataTurn(TypedDict):
    """Giliran sesudahnya, atau yang membuka; null bila selesai atau bila hak lihat Anda berakhir / Whose turn it became, or who opened it; null where closed, or where your sight ended"""
    party: str
    agency: str

class EventData(TypedDict):
    """Ringkas; baca perkaranya lewat href / Thin; read the casefile at href"""
    casefile: str
    number: str
    version: int
    transition: str | None
    state: str
    turn: EventDataTurn | None
    href: str

class Event(TypedDict):
    """Satu peristiwa (CloudEvents 1.0) / An event"""
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    logindex: int
    previous: int | None
    data: EventData

class EventPage(TypedDict):
    """Halaman peristiwa dalam urutan log / A page of events in the order of the log"""
    data: list[Event]
    next_after: int
    next: str
    head: int

class EvidenceEvidence(TypedDict):
    """Yang dikomit request.signature: SHA-256 atas garam lalu bentuk RFC 8785 dari yang lain / What request.signature commits to: SHA-256 over the salt, then the RFC 8785 form of the others"""
    base: str
    signature: str
    alg: str
    jwk: dict[str, Any]
    salt: str

class Evidence(TypedDict):
    """Bukti tanda tangan satu langkah / What proves the signature of a step"""
    format: str
    casefile: str
    seq: int
    index: int | None
    leaf_hash: str
    body: str
    proof: str | None
    evidence: EvidenceEvidence
    parties: list[dict[str, Any]]

class Execution(TypedDict):
    """record-execution: the sanction was carried out, with its proof; `form` for a moral sanction only."""
    occurred_at: NotRequired[str | None]
    executed_on: str
    proof: str
    form: NotRequired[Literal['ceremony', 'forum', 'notice_board', 'mass_media', 'closed_room'] | None]
    attended: NotRequired[bool | None]
    place: NotRequired[str | None]

class ExtendReason(TypedDict):
    """Why the examiner grants more time."""
    text: NotRequired[str | None]
    code: Literal['examination_running', 'subject_absent', 'technical_consideration_pending', 'home_affairs_approval_pending', 'presidential_decision_pending', 'acting_authority', 'force_majeure', 'other']

class ExtensionLetter(TypedDict):
    """Surat / Letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Extension(TypedDict):
    """extend: the examiner gives whoever has the turn more time; the days are counted and shown apart."""
    occurred_at: NotRequired[str | None]
    until: str
    reason: ExtendReason
    letter: NotRequired[ExtensionLetter | None]

class FindingOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingFoundBy(TypedDict):
    """Ditemukan oleh / Found by"""
    level: str
    region: str | None

class FindingClarification(TypedDict):
    """Klarifikasi / Clarification"""
    held: bool
    held_on: str | None
    subject_heard: bool | None
    reason: str | None

class FindingAssessment(TypedDict):
    """Kajian / Assessment"""
    summary: str
    documents: list[str]

class FindingReporter(TypedDict):
    """Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only"""
    kind: str
    name: str | None
    address: str | None
    phone: str | None

class FindingViolationsItemContest(TypedDict):
    """Pemilihan yang dimaksud / The contest"""
    office: str
    region: str | None

class FindingViolationsItemBeneficiary(TypedDict):
    """Yang diuntungkan / Whom it favoured"""
    kind: str
    name: str | None
    is_personnel_authority: bool

class FindingViolationsItem(TypedDict):
    """Pelanggaran seperti disampaikan / A violation as it was stated"""
    number: int
    form: str
    act_date: str
    act_until: str | None
    region: str | None
    place: str | None
    channel: str | None
    interaction: str | None
    contest: FindingViolationsItemContest | None
    beneficiary: FindingViolationsItemBeneficiary | None
    description: str
    legal_basis: str | None

class FindingSubjectsItemEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingSubjectsItem(TypedDict):
    """Terlapor seperti disampaikan / The officer as they were named"""
    name: str | None
    nip: str | None
    employer: FindingSubjectsItemEmployer | None
    employment_kind: str | None
    position_kind: str | None
    position_roles: list[str]
    position: str | None
    grade: str | None
    work_unit: str | None
    workplace: str | None
    violations: list[int]

class FindingReferencesItem(TypedDict):
    """Nomor pada sistem lain / Number in another system"""
    system: str
    value: str

class FindingRegisterKind(TypedDict):
    """Jenis / Kind"""
    letters: str
    meaning: str
    certainty: str

class FindingRegisterElection(TypedDict):
    """Pemilihan / Election"""
    letters: str
    meaning: str
    certainty: str

class FindingRegisterLevel(TypedDict):
    """Tingkat / Level"""
    letters: str
    meaning: str
    certainty: str

class FindingRegisterBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own numbering: NOT a region code of the Ministry of Home Affairs"""
    of_bawaslu: str

class FindingRegister(TypedDict):
    """Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's register number taken apart; null where its form is another. What counts is register_number"""
    sequence: int
    registered: bool
    kind: FindingRegisterKind
    election: FindingRegisterElection
    level: FindingRegisterLevel
    bawaslu_place: FindingRegisterBawasluPlace
    month: int
    year: int

class FindingCasefilesItem(TypedDict):
    """Perkara yang boleh dilihat / A casefile the caller sees"""
    id: str
    number: str
    version: int
    state: str
    href: str

class Finding(TypedDict):
    """Temuan seperti disampaikan / The finding as it was forwarded"""
    occurred_at: str | None
    register_number: str
    register_kind: str
    source: str
    origin_office: FindingOriginOffice
    found_by: FindingFoundBy | None
    election: str | None
    known_on: str
    registered_on: str
    forwarded_on: str | None
    election_nexus: str
    clarification: FindingClarification
    assessment: FindingAssessment
    reporter: FindingReporter | None
    witnesses: list[WitnessRead]
    violations: list[FindingViolationsItem]
    subjects: list[FindingSubjectsItem]
    references: list[FindingReferencesItem]
    id: str
    version: int
    register: FindingRegister | None
    casefiles: list[FindingCasefilesItem]
    warnings: list[Warning]
    withheld: list[str]

class FindingContentOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingContentFoundBy(TypedDict):
    """Ditemukan oleh / Found by"""
    level: str
    region: str | None

class FindingContentClarification(TypedDict):
    """Klarifikasi / Clarification"""
    held: bool
    held_on: str | None
    subject_heard: bool | None
    reason: str | None

class FindingContentAssessment(TypedDict):
    """Kajian / Assessment"""
    summary: str
    documents: list[str]

class FindingContentReporter(TypedDict):
    """Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only"""
    kind: str
    name: str | None
    address: str | None
    phone: str | None

class FindingContentViolationsItemContest(TypedDict):
    """Pemilihan yang dimaksud / The contest"""
    office: str
    region: str | None

class FindingContentViolationsItemBeneficiary(TypedDict):
    """Yang diuntungkan / Whom it favoured"""
    kind: str
    name: str | None
    is_personnel_authority: bool

class FindingContentViolationsItem(TypedDict):
    """Pelanggaran seperti disampaikan / A violation as it was stated"""
    number: int
    form: str
    act_date: str
    act_until: str | None
    region: str | None
    place: str | None
    channel: str | None
    interaction: str | None
    contest: FindingContentViolationsItemContest | None
    beneficiary: FindingContentViolationsItemBeneficiary | None
    description: str
    legal_basis: str | None

class FindingContentSubjectsItemEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingContentSubjectsItem(TypedDict):
    """Terlapor seperti disampaikan / The officer as they were named"""
    name: str | None
    nip: str | None
    employer: FindingContentSubjectsItemEmployer | None
    employment_kind: str | None
    position_kind: str | None
    position_roles: list[str]
    position: str | None
    grade: str | None
    work_unit: str | None
    workplace: str | None
    violations: list[int]

class FindingContentReferencesItem(TypedDict):
    """Nomor pada sistem lain / Number in another system"""
    system: str
    value: str

class FindingContent(TypedDict):
    """Isi temuan seperti disampaikan / What was forwarded"""
    occurred_at: str | None
    register_number: str
    register_kind: str
    source: str
    origin_office: FindingContentOriginOffice
    found_by: FindingContentFoundBy | None
    election: str | None
    known_on: str
    registered_on: str
    forwarded_on: str | None
    election_nexus: str
    clarification: FindingContentClarification
    assessment: FindingContentAssessment
    reporter: FindingContentReporter | None
    witnesses: list[WitnessRead]
    violations: list[FindingContentViolationsItem]
    subjects: list[FindingContentSubjectsItem]
    references: list[FindingContentReferencesItem]

class FindingCreatedOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingCreatedFoundBy(TypedDict):
    """Ditemukan oleh / Found by"""
    level: str
    region: str | None

class FindingCreatedClarification(TypedDict):
    """Klarifikasi / Clarification"""
    held: bool
    held_on: str | None
    subject_heard: bool | None
    reason: str | None

class FindingCreatedAssessment(TypedDict):
    """Kajian / Assessment"""
    summary: str
    documents: list[str]

class FindingCreatedReporter(TypedDict):
    """Pelapor; hanya bagi pengirim dan pemeriksa / The reporter; for submitter and examiner only"""
    kind: str
    name: str | None
    address: str | None
    phone: str | None

class FindingCreatedViolationsItemContest(TypedDict):
    """Pemilihan yang dimaksud / The contest"""
    office: str
    region: str | None

class FindingCreatedViolationsItemBeneficiary(TypedDict):
    """Yang diuntungkan / Whom it favoured"""
    kind: str
    name: str | None
    is_personnel_authority: bool

class FindingCreatedViolationsItem(TypedDict):
    """Pelanggaran seperti disampaikan / A violation as it was stated"""
    number: int
    form: str
    act_date: str
    act_until: str | None
    region: str | None
    place: str | None
    channel: str | None
    interaction: str | None
    contest: FindingCreatedViolationsItemContest | None
    beneficiary: FindingCreatedViolationsItemBeneficiary | None
    description: str
    legal_basis: str | None

class FindingCreatedSubjectsItemEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingCreatedSubjectsItem(TypedDict):
    """Terlapor seperti disampaikan / The officer as they were named"""
    name: str | None
    nip: str | None
    employer: FindingCreatedSubjectsItemEmployer | None
    employment_kind: str | None
    position_kind: str | None
    position_roles: list[str]
    position: str | None
    grade: str | None
    work_unit: str | None
    workplace: str | None
    violations: list[int]

class FindingCreatedReferencesItem(TypedDict):
    """Nomor pada sistem lain / Number in another system"""
    system: str
    value: str

class FindingCreatedRegisterKind(TypedDict):
    """Jenis / Kind"""
    letters: str
    meaning: str
    certainty: str

class FindingCreatedRegisterElection(TypedDict):
    """Pemilihan / Election"""
    letters: str
    meaning: str
    certainty: str

class FindingCreatedRegisterLevel(TypedDict):
    """Tingkat / Level"""
    letters: str
    meaning: str
    certainty: str

class FindingCreatedRegisterBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own numbering: NOT a region code of the Ministry of Home Affairs"""
    of_bawaslu: str

class FindingCreatedRegister(TypedDict):
    """Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's register number taken apart; null where its form is another. What counts is register_number"""
    sequence: int
    registered: bool
    kind: FindingCreatedRegisterKind
    election: FindingCreatedRegisterElection
    level: FindingCreatedRegisterLevel
    bawaslu_place: FindingCreatedRegisterBawasluPlace
    month: int
    year: int

class FindingCreatedCasefilesItem(TypedDict):
    """Perkara yang terbentuk / A casefile it made"""
    id: str
    number: str
    version: int
    state: str
    href: str
    receipt: Receipt

class FindingCreated(TypedDict):
    """Temuan yang diterima; satu perkara per terlapor / The finding taken in; a casefile per officer"""
    occurred_at: str | None
    register_number: str
    register_kind: str
    source: str
    origin_office: FindingCreatedOriginOffice
    found_by: FindingCreatedFoundBy | None
    election: str | None
    known_on: str
    registered_on: str
    forwarded_on: str | None
    election_nexus: str
    clarification: FindingCreatedClarification
    assessment: FindingCreatedAssessment
    reporter: FindingCreatedReporter | None
    witnesses: list[WitnessRead]
    violations: list[FindingCreatedViolationsItem]
    subjects: list[FindingCreatedSubjectsItem]
    references: list[FindingCreatedReferencesItem]
    id: str
    version: int
    register: FindingCreatedRegister | None
    casefiles: list[FindingCreatedCasefilesItem]
    warnings: list[Warning]

class FindingGivenFoundBy(TypedDict):
    """Ditemukan oleh / Found by (The supervisor who found it, which may be below the office that forwards it.)"""
    level: Literal['national', 'province', 'regency', 'sub_district', 'village', 'polling_station', 'overseas']
    region: NotRequired[str | None]

class FindingGivenReporter(TypedDict):
    """Pelapor / Reporter (Who reported. Seen by the submitter and the examiner only.)"""
    kind: Literal['voter', 'monitor', 'participant', 'anonymous']
    name: NotRequired[str | None]
    address: NotRequired[str | None]
    phone: NotRequired[str | None]

class Witness(TypedDict):
    """Who saw it. Protected as the reporter is."""
    name: str
    address: NotRequired[str | None]
    phone: NotRequired[str | None]

class ViolationContest(TypedDict):
    """Pemilihan yang dimaksud / Contest (The contest the act was about; it decides which designation day counts.)"""
    office: Literal['president', 'dpr', 'dpd', 'dprd_province', 'dprd_regency_city', 'governor', 'regent', 'mayor', 'none']
    region: NotRequired[str | None]

class ViolationBeneficiary(TypedDict):
    """Yang diuntungkan / Beneficiary (Whom the act favoured.)"""
    kind: Literal['prospective_candidate', 'candidate', 'party', 'coalition', 'unknown']
    name: NotRequired[str | None]
    is_personnel_authority: NotRequired[bool | None]

class Violation(TypedDict):
    """One act, numbered; its class is computed, never stated."""
    number: int
    form: Literal['install_props', 'online_campaign', 'attend_declaration', 'social_media_engagement', 'joint_photo', 'introduction_event', 'spouse_event_without_leave', 'approach_party_or_public', 'party_membership', 'partisan_activity', 'expert_or_winning_team', 'support_letter', 'favouring_decision', 'campaign_participation', 'campaign_with_attributes', 'mobilise_civil_servants', 'campaign_state_facilities', 'spouse_campaign_breach', 'party_event_speaker', 'self_declaration_without_leave', 'campaign_organiser', 'other_with_legal_basis']
    act_date: str
    act_until: NotRequired[str | None]
    region: NotRequired[str | None]
    place: NotRequired[str | None]
    channel: NotRequired[Literal['facebook', 'instagram', 'x', 'tiktok', 'youtube', 'threads', 'telegram', 'whatsapp_group', 'whatsapp_status', 'whatsapp_private', 'other_social_media', 'online_media', 'website', 'print', 'broadcast', 'outdoor_media', 'public_event', 'private_meeting', 'official_event', 'office', 'school_or_campus', 'house_of_worship', 'home_visit', 'letter', 'phone', 'other'] | None]
    interaction: NotRequired[Literal['post', 'share', 'comment', 'like', 'follow', 'join_group', 'create_or_manage_group', 'story', 'live', 'profile_picture', 'tag', 'forward_message', 'pose_photo', 'attend', 'accompany', 'speak', 'host', 'wear_attributes', 'install_props', 'distribute_material', 'give_goods_or_money', 'invite', 'mobilise', 'sign_support', 'collect_id_cards', 'register_with_party', 'team_member', 'use_state_facility', 'issue_decision', 'other'] | None]
    contest: NotRequired[ViolationContest | None]
    beneficiary: NotRequired[ViolationBeneficiary | None]
    description: str
    legal_basis: NotRequired[str | None]

class Subject(TypedDict):
    """One officer, as far as the submitter knows them; each becomes one casefile."""
    name: NotRequired[str | None]
    nip: NotRequired[str | None]
    employer: NotRequired[str | None]
    employment_kind: NotRequired[Literal['pns', 'cpns', 'pppk', 'pppk_part_time'] | None]
    position_kind: NotRequired[Literal['senior_leader_main', 'senior_leader_middle', 'senior_leader_first', 'administrator', 'supervisory_official', 'functional_expert', 'functional_skilled', 'executor', 'unknown'] | None]
    position_roles: NotRequired[list[Literal['regional_secretary', 'acting_regional_head', 'unit_head', 'hr_unit_head', 'inspector', 'sub_district_head', 'urban_village_head', 'acting_village_head', 'school_head', 'teacher', 'lecturer', 'health_worker', 'extension_worker', 'public_order_officer', 'election_secretariat', 'other']] | None]
    position: NotRequired[str | None]
    grade: NotRequired[str | None]
    work_unit: NotRequired[str | None]
    workplace: NotRequired[str | None]
    violations: list[int]

class Reference(TypedDict):
    """The same matter's number in another system."""
    system: Literal['sbt', 'sp4n_lapor', 'siapnet', 'sigaplapor', 'idis', 'other']
    value: str

class FindingGiven(TypedDict):
    """POST /findings: everything the submitter forwards."""
    occurred_at: NotRequired[str | None]
    register_number: str
    register_kind: NotRequired[Literal['register', 'forwarding_letter'] | None]
    source: Literal['finding', 'report', 'initial_information', 'delegated_report', 'task_force_report', 'public_complaint', 'examiner_initiative', 'agency_report']
    origin_office: str
    found_by: NotRequired[FindingGivenFoundBy | None]
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    known_on: str
    registered_on: str
    forwarded_on: NotRequired[str | None]
    election_nexus: NotRequired[Literal['election_related', 'not_election_related'] | None]
    clarification: Clarification
    assessment: Assessment
    reporter: NotRequired[FindingGivenReporter | None]
    witnesses: NotRequired[list[Witness] | None]
    violations: list[Violation]
    subjects: list[Subject]
    references: NotRequired[list[Reference] | None]

class FindingItemRegisterKind(TypedDict):
    """Jenis / Kind"""
    letters: str
    meaning: str
    certainty: str

class FindingItemRegisterElection(TypedDict):
    """Pemilihan / Election"""
    letters: str
    meaning: str
    certainty: str

class FindingItemRegisterLevel(TypedDict):
    """Tingkat / Level"""
    letters: str
    meaning: str
    certainty: str

class FindingItemRegisterBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu sendiri: BUKAN kode wilayah Kemendagri / Place in Bawaslu's own numbering: NOT a region code of the Ministry of Home Affairs"""
    of_bawaslu: str

class FindingItemRegister(TypedDict):
    """Nomor register Bawaslu yang terurai; null bila bentuknya lain. Yang berlaku tetap register_number / Bawaslu's register number taken apart; null where its form is another. What counts is register_number"""
    sequence: int
    registered: bool
    kind: FindingItemRegisterKind
    election: FindingItemRegisterElection
    level: FindingItemRegisterLevel
    bawaslu_place: FindingItemRegisterBawasluPlace
    month: int
    year: int

class FindingItemOriginOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class FindingItem(TypedDict):
    """Temuan dalam daftar / A finding in a list"""
    id: str
    register_number: str
    register: FindingItemRegister | None
    origin_office: FindingItemOriginOffice
    source: str
    election: str | None
    known_on: str
    registered_on: str
    created_at: str
    href: str

class FindingPageCount(TypedDict):
    """Hanya dengan count=exact / Only with count=exact"""
    value: int
    capped: bool

class FindingPage(TypedDict):
    """Halaman temuan, terbaru dahulu / A page of findings, newest first"""
    data: list[FindingItem]
    next: str | None
    next_cursor: str | None
    count: NotRequired[FindingPageCount]

class HukdisEntry(TypedDict):
    """Entri log versi itu / The log's entry of that version"""
    index: int | None
    leaf_hash: str

class HukdisPayload(TypedDict):
    """Badan POST /hukdis/save; kosong: tidak diisi; tanggal dd-mm-yyyy / The body of POST /hukdis/save; empty: not filled in; days are dd-mm-yyyy"""
    id: str
    pnsOrangId: str
    golonganId: str
    golonganLama: str
    kedudukanHukumId: str
    jenisHukumanId: str
    jenisTingkatHukumanId: str
    alasanHukumanDisiplinId: str
    nomorPp: str
    skNomor: str
    skTanggal: str
    hukumanTanggal: str
    akhirHukumanTanggal: str
    masaTahun: str
    masaBulan: str
    keterangan: str
    hukdisYangDiberhentikanId: str
    skPembatalanNomor: str
    skPembatalanTanggal: str
    path: list[str]

class HukdisRecordCertaintyItem(TypedDict):
    """Kepastian padanannya / How well founded a mapped member is"""
    member: str
    certainty: str

class HukdisRecordUnfilledItem(TypedDict):
    """Anggota yang tidak diisi, dan sebabnya / A member that was not filled in, and why"""
    member: str
    code: str
    detail: str

class HukdisRecordWaitsItem(TypedDict):
    """Mengapa belum diserahkan; kosong: serahkan / Why it is not to be handed over yet; empty: hand it over"""
    code: str
    detail: str

class HukdisRecord(TypedDict):
    """Satu versi hukuman / A version of the sanction"""
    sanction_version: int
    sanction: str
    status: str
    payload: HukdisPayload
    digest: str
    certainty: list[HukdisRecordCertaintyItem]
    unfilled: list[HukdisRecordUnfilledItem]
    waits: list[HukdisRecordWaitsItem]

class HukdisHandedOverItemAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class HukdisHandedOverItem(TypedDict):
    """Satu penyerahan ke SIASN / A hand-over to SIASN"""
    id: str
    sanction_version: int
    version: int
    digest: str | None
    siasn_id: str | None
    agency: HukdisHandedOverItemAgency
    at: str
    index: int | None

class Hukdis(TypedDict):
    """Muatan hukdis satu perkara / The hukdis payload of a casefile"""
    casefile: str
    number: str
    version: int
    nip: str | None
    entry: HukdisEntry
    none_because: str | None
    records: list[HukdisRecord]
    handed_over: list[HukdisHandedOverItem]

class HukdisHandedOver(TypedDict):
    """POST /casefiles/{id}/hukdis: that version of the sanction was handed to SIASN."""
    sanction_version: int
    digest: str
    siasn_id: NotRequired[str | None]

class HukdisRecorded(TypedDict):
    """Penyerahan yang dicatat dan tanda terimanya / The hand-over that was recorded, and its receipt"""
    id: str
    casefile: str
    sanction_version: int
    digest: str
    siasn_id: str | None
    receipt: RecordReceipt

class Identity(TypedDict):
    """identify: who the officer is, as known at the act."""
    occurred_at: NotRequired[str | None]
    nip: str
    name: str
    employer: str
    employment_kind: Literal['pns', 'cpns', 'pppk', 'pppk_part_time']
    position_kind: Literal['senior_leader_main', 'senior_leader_middle', 'senior_leader_first', 'administrator', 'supervisory_official', 'functional_expert', 'functional_skilled', 'executor', 'unknown']
    position: str
    position_roles: NotRequired[list[Literal['regional_secretary', 'acting_regional_head', 'unit_head', 'hr_unit_head', 'inspector', 'sub_district_head', 'urban_village_head', 'acting_village_head', 'school_head', 'teacher', 'lecturer', 'health_worker', 'extension_worker', 'public_order_officer', 'election_secretariat', 'other']] | None]
    grade: NotRequired[str | None]
    work_unit: NotRequired[str | None]
    workplace: NotRequired[str | None]
    identity_source: NotRequired[Literal['siasn', 'agency_records', 'submitter', 'document'] | None]

class IdentityRequest(TypedDict):
    """request-identity: which agency is asked who the subject is."""
    occurred_at: NotRequired[str | None]
    employer: str
    text: NotRequired[str | None]

class PublicJwk(TypedDict):
    """A public key (RFC 7517): EC P-256, OKP Ed25519, or RSA of 3072 to 4096 bits."""
    kty: Literal['EC', 'OKP', 'RSA']
    crv: NotRequired[Literal['P-256', 'Ed25519'] | None]
    x: NotRequired[str | None]
    y: NotRequired[str | None]
    n: NotRequired[str | None]
    e: NotRequired[str | None]

class KeyGiven(TypedDict):
    """POST /clients/me/keys."""
    jwk: PublicJwk
    kid: str
    nonce: str
    proof: str
    valid_from: NotRequired[str | None]
    valid_until: NotRequired[str | None]

class KeysKeysItem(TypedDict):
    """Satu kunci / A key"""
    kty: str
    crv: str
    x: str
    y: NotRequired[str]
    kid: str
    use: str
    alg: NotRequired[str]
    vkey: NotRequired[str]

class Keys(TypedDict):
    """Kunci publik tanda terima, log, dan webhook (RFC 7517) / Public keys of receipts, the log and webhooks"""
    keys: list[KeysKeysItem]

class LogEntryOpened(TypedDict):
    """Hanya dengan stream: apa yang dikomitkan entri itu; SHA-256 atas garam lalu bentuk RFC 8785-nya adalah payload dan after / With stream only: what the entry commits to; SHA-256 over the salt, then its RFC 8785 form, is payload and after"""
    given: dict[str, Any]
    given_salt: str
    state: dict[str, Any]
    state_salt: str

class LogEntry(TypedDict):
    """Satu entri; isinya null bagi yang tidak melihatnya / An entry; null where you had no sight"""
    index: int
    leaf_hash: str
    entry: str | None
    kind: str | None
    stream: str | None
    seq: int | None
    body: str | None
    proof: str
    opened: NotRequired[LogEntryOpened]

class LogEntryPage(TypedDict):
    """Entri log / Entries of the log"""
    data: list[LogEntry]
    next: str | None
    next_first: int | None
    size: int

class MandateAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class Mandate(TypedDict):
    """Mandat pemeriksa / An examining mandate"""
    code: str
    agency: MandateAgency
    valid_from: str
    valid_until: str | None
    legal_basis: str
    caretaker: bool
    verification_required: bool

class Mandates(TypedDict):
    """Siapa pemeriksa, sejak kapan sampai kapan / Who examines, from when until when"""
    data: list[Mandate]

class MeAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class MeVendor(TypedDict):
    """Vendor yang kliennya bertindak untuk instansi ini; null: klien instansi sendiri / The vendor whose client acts for this agency; null: a client of the agency's own"""
    code: str
    name: str
    delegation: str
    purposes: list[str]
    valid_until: str

class MeKeysEndingItem(TypedDict):
    """Kunci yang berakhir dalam 30 hari / A key that ends within 30 days"""
    kid: str
    valid_until: str

class MeQuotasItem(TypedDict):
    """Kuota satu jenis panggilan / The quota of one kind of call"""
    kind: str
    limit: int
    window_seconds: int
    remaining: int
    whole_in_seconds: int

class MeDeprecatedCallsItem(TypedDict):
    """Panggilan yang akan dihapus, dan klien instansi ini yang masih memakainya / A call to be removed, and the client of this agency that still makes it"""
    operation: str
    client: str
    calls: int
    last_at: str
    deprecated_since: str
    sunset: str | None
    successor: str | None
    href: str

class MeWebhooksItem(TypedDict):
    """Webhook yang perlu dilihat / A webhook that needs a look"""
    id: str
    status: str
    failing_since: str | None
    pauses_at: str | None
    href: str

class Me(TypedDict):
    """Siapa saya / Who am I"""
    client: str
    agency: MeAgency
    roles: list[str]
    scopes: list[str]
    parties: list[str]
    default_purpose: str
    time_zone: str
    key_thumbprint: str | None
    signatures_required_from: str | None
    sender_constrained: bool
    vendor: MeVendor | None
    keys_ending: list[MeKeysEndingItem]
    quotas: list[MeQuotasItem]
    deprecated_calls: list[MeDeprecatedCallsItem]
    webhooks: list[MeWebhooksItem]

class Measure(TypedDict):
    """measure: a letter of those who oversee the obliged agency."""
    occurred_at: NotRequired[str | None]
    code: Literal['reminder', 'warning', 'nspk_violator_listing', 'decision_revocation', 'decision_annulment', 'authority_transfer_recommendation', 'reprimand', 'report_to_ministry', 'report_to_president', 'other']
    letter: NumberedLetter
    addressed_to: str
    text: NotRequired[str | None]
    due_on: NotRequired[str | None]

class MergingLetter(TypedDict):
    """Surat / Letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Merging(TypedDict):
    """merge: into which casefile this one goes."""
    occurred_at: NotRequired[str | None]
    into: str
    text: NotRequired[str | None]
    letter: NotRequired[MergingLetter | None]

class MoreSubjects(TypedDict):
    """POST /findings/{id}/subjects: further officers of the same finding."""
    occurred_at: NotRequired[str | None]
    subjects: list[Subject]

class Note(TypedDict):
    """note: progress or news, seen by all parties; it never touches a clock."""
    occurred_at: NotRequired[str | None]
    code: Literal['team_formed', 'council_formed', 'summons_1', 'summons_2', 'subject_absent', 'subject_examined', 'report_done', 'hearing_held', 'submitted_to_authority', 'submitted_to_president', 'technical_consideration_requested', 'home_affairs_approval_requested', 'position_changed', 'other', 'withdrawal_requested', 'parallel_track_changed', 'new_evidence', 'inquiry_made', 'official_recused', 'request_refused']
    date: str
    document: NotRequired[str | None]
    text: NotRequired[str | None]

Nothing = dict[str, Any]
"""An act that needs no more than its address: {}."""

NothingGiven = dict[str, Any]
"""POST /delegations/{id}/end."""

class ObligationsDataItem(TypedDict):
    """Giliran satu kunci / The turns of one key"""
    key: dict[str, Any]
    open: int
    overdue: int
    overdue_at_first: int
    longest_overdue: int
    answered: int
    answered_late: int
    answered_late_at_first: int
    days_late: int
    days_late_at_first: int
    median_days: int | None
    p90_days: int | None
    paused_days: int

class Obligations(TypedDict):
    """Kewajiban, yang paling terlambat dahulu / Obligations, the most overdue first"""
    by: list[str]
    sight: str
    at: str
    data: list[ObligationsDataItem]

class OpenAPI(TypedDict):
    """Dokumen OpenAPI / An OpenAPI document"""
    openapi: str

class OwnKey(TypedDict):
    """Satu kunci / A key"""
    kid: str
    alg: str
    thumbprint: str
    status: str
    valid_from: str
    valid_until: str | None
    revoked_at: str | None

class OwnKeyChanged(TypedDict):
    """Kunci sesudahnya / The key afterwards"""
    kid: str
    alg: str
    thumbprint: str
    status: str
    valid_from: str
    valid_until: str | None
    revoked_at: str | None
    receipt: dict[str, Any] | None

class OwnKeys(TypedDict):
    """Kunci klien ini / This client's keys"""
    data: list[OwnKey]
    most: int
    nonce: str
    nonce_until: str

class Parting(TypedDict):
    """Perbuatan ini mengakhiri hak lihat pelakunya / The act ended the actor's own sight"""
    id: str
    number: str
    version: int
    receipt: Receipt

class PreventionOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionAddressed(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class PreventionOfficersItemEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionOfficersItem(TypedDict):
    """Pegawai yang diperingatkan / An officer who was warned"""
    nip: str | None
    name: str
    employer: PreventionOfficersItemEmployer | None

class Prevention(TypedDict):
    """Satu pencegahan; tidak ada di /events / One act of prevention; it is not in /events"""
    id: str
    kind: str
    held_on: str
    office: PreventionOffice
    election: str | None
    region: str | None
    addressed: PreventionAddressed | None
    created_at: str
    href: str
    audience: int | None
    letter: PreventionLetter | None
    officers: list[PreventionOfficersItem]
    text: str | None
    withheld: list[str]

class PreventionGivenLetter(TypedDict):
    """Surat, wajib bagi appeal_letter / Letter, for appeal_letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Warned(TypedDict):
    """An officer whom a prevention names. The agency it is addressed to sees its own officers only. Whoever warns on the spot knows a name, not a NIP; without it the warning shows in no casefile of the officer."""
    nip: NotRequired[str | None]
    name: str
    employer: NotRequired[str | None]

class PreventionGiven(TypedDict):
    """POST /preventions: one act of prevention by an office."""
    kind: Literal['socialisation', 'appeal_letter', 'verbal_warning', 'other']
    held_on: str
    office: str
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    region: NotRequired[str | None]
    addressed: NotRequired[str | None]
    audience: NotRequired[int | None]
    letter: NotRequired[PreventionGivenLetter | None]
    officers: NotRequired[list[Warned] | None]
    text: NotRequired[str | None]

class PreventionItemOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionItemAddressed(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionItem(TypedDict):
    """Pencegahan dalam daftar, tanpa nama / A prevention in a list, no names"""
    id: str
    kind: str
    held_on: str
    office: PreventionItemOffice
    election: str | None
    region: str | None
    addressed: PreventionItemAddressed | None
    created_at: str
    href: str

class PreventionPage(TypedDict):
    """Halaman pencegahan, terbaru dahulu / A page of preventions, newest first"""
    data: list[PreventionItem]
    next: str | None
    next_cursor: str | None

class PreventionRecordedOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionRecordedAddressed(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionRecordedLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class PreventionRecordedOfficersItemEmployer(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class PreventionRecordedOfficersItem(TypedDict):
    """Pegawai yang diperingatkan / An officer who was warned"""
    nip: str | None
    name: str
    employer: PreventionRecordedOfficersItemEmployer | None

class PreventionRecorded(TypedDict):
    """Pencegahan dan tanda terimanya / The prevention and its receipt"""
    id: str
    kind: str
    held_on: str
    office: PreventionRecordedOffice
    election: str | None
    region: str | None
    addressed: PreventionRecordedAddressed | None
    created_at: str
    href: str
    audience: int | None
    letter: PreventionRecordedLetter | None
    officers: list[PreventionRecordedOfficersItem]
    text: str | None
    withheld: list[str]
    receipt: RecordReceipt

class PreventionsBesideDataItem(TypedDict):
    """Satu kunci / One key"""
    key: str | None
    name: str | None
    preventions: int
    findings: int
    casefiles: int
    recommended: int

class PreventionsBeside(TypedDict):
    """Pencegahan di samping pelanggaran / Prevention beside violations"""
    by: str
    sight: str
    data: list[PreventionsBesideDataItem]

class ProblemsDataItem(TypedDict):
    """Satu kode / A code"""
    code: str
    status: int
    type: str
    title: str
    cause: str
    remedy: str

class Problems(TypedDict):
    """Semua kode masalah / All problem codes"""
    data: list[ProblemsDataItem]

ProofFile = str
"""C2SP tlog-proof"""

class ReassignmentLetter(TypedDict):
    """Surat / Letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Reassignment(TypedDict):
    """reassign: another office of Bawaslu has the case from now on; the one before reads on."""
    occurred_at: NotRequired[str | None]
    office: str
    kind: Literal['taken_over', 'delegated']
    text: NotRequired[str | None]
    letter: NotRequired[ReassignmentLetter | None]

class RecallReason(TypedDict):
    """Why the examiner takes the file back."""
    text: NotRequired[str | None]
    code: Literal['no_answer', 'no_longer_needed', 'asked_in_error', 'other']

class Recall(TypedDict):
    """recall: the examiner takes the file back from a silent party."""
    occurred_at: NotRequired[str | None]
    reason: RecallReason

class WithholdReason(TypedDict):
    """Why a part of the file is not shared with the addressee."""
    text: NotRequired[str | None]
    code: Literal['reporter_protection', 'state_secret', 'criminal_inquiry', 'other']

class Withheld(TypedDict):
    """A document that is not shared with the addressee, and why."""
    document: str
    reason: WithholdReason

class Recommendation(TypedDict):
    """recommend: proven; what the addressee shall impose."""
    occurred_at: NotRequired[str | None]
    letter: NumberedLetter
    violations: list[int]
    sanction: Literal['moral_any', 'discipline_light', 'discipline_medium', 'discipline_heavy', 'moral_closed', 'moral_open', 'oral_reprimand', 'written_reprimand', 'written_dissatisfaction', 'allowance_cut_25_6m', 'allowance_cut_25_9m', 'allowance_cut_25_12m', 'demotion_one_level_12m', 'release_to_executor_12m', 'dismissal_honourable_not_own_request', 'dismissal_dishonourable_discipline', 'dismissal_dishonourable', 'raise_delay_1y', 'promotion_delay_1y', 'rank_down_1y', 'rank_down_3y', 'transfer_demotion', 'release_from_office', 'pppk_oral_reprimand', 'pppk_written_reprimand', 'pppk_written_dissatisfaction', 'pppk_raise_delay_1y', 'pppk_grade_down_1y', 'pppk_termination_honourable', 'pppk_termination_not_own_request', 'pppk_termination_dishonourable', 'pppk_dismissal_dishonourable']
    reasoning: str
    official: Official
    addressee: NotRequired[str | None]
    withheld: NotRequired[list[Withheld] | None]

class ReconciledLineCasefilesItem(TypedDict):
    """Perkara / Casefile"""
    id: str
    number: str
    href: str

class ReconciledLineMergedInto(TypedDict):
    """Yang menerima perkara yang disebut / What took in the casefile that was named"""
    id: str
    number: str
    href: str | None

class ReconciledLineDifferencesItem(TypedDict):
    """Satu perbedaan / One difference"""
    member: str
    yours: str
    ours: str | None

class ReconciledLine(TypedDict):
    """Satu baris register pemanggil / One line of the caller's register"""
    ref: str
    index: int
    status: str
    casefiles: list[ReconciledLineCasefilesItem]
    found: int
    outside_scope: bool
    merged_into: ReconciledLineMergedInto | None
    differences: list[ReconciledLineDifferencesItem]

class ReconciliationAsOf(TypedDict):
    """Keadaan log saat dicocokkan, dibaca pada saat yang sama / The log's state, read at the same moment"""
    index: int | None
    waiting: int
    at: str

class ReconciliationScope(TypedDict):
    """Cakupan yang diminta / The scope that was asked"""
    role: str
    election: str | None
    submitted_from: str | None
    submitted_until: str | None

class ReconciliationCounted(TypedDict):
    """yours = matched + different + ambiguous + unknown + repeated; ours = listed + missing"""
    yours: int
    ours: int
    matched: int
    different: int
    ambiguous: int
    unknown: int
    repeated: int
    listed: int
    missing: int

class ReconciliationMissingItem(TypedDict):
    """Perkara yang tidak didaftar / A casefile that was not listed"""
    id: str
    number: str
    register_number: str
    state: str
    href: str

class Reconciliation(TypedDict):
    """Dua register dicocokkan / Two registers compared"""
    as_of: ReconciliationAsOf
    scope: ReconciliationScope
    counted: ReconciliationCounted
    items: list[ReconciledLine]
    missing: list[ReconciliationMissingItem]
    missing_capped: bool
    digest: str

class ReconciliationGiven(TypedDict):
    """POST /reconciliations: which cases, and the lines of the caller's register."""
    scope: ComparedScope
    items: list[ComparedLine]

class RedirectionLetter(TypedDict):
    """Surat pelimpahan / Letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Redirection(TypedDict):
    """redirect: another authority is competent."""
    occurred_at: NotRequired[str | None]
    authority: Literal['gakkumdu', 'village_authority', 'military', 'police', 'election_ethics_council', 'legislature_ethics', 'state_enterprise', 'inspectorate', 'ombudsman', 'policy_ministry', 'other']
    letter: NotRequired[RedirectionLetter | None]
    text: NotRequired[str | None]

class ReferralCasefile(TypedDict):
    """Perkara / Casefile"""
    id: str
    number: str
    state: str
    version: int
    href: str

class ReferralFrom(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class ReferralAnsweredBy(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

Referral = TypedDict('Referral', {
    'id': str,
    'casefile': ReferralCasefile,
    'purpose': str,
    'party': str,
    'from': ReferralFrom,
    'to': AgencyName,
    'status': str,
    'opened_at': str,
    'clock_from': str,
    'due_on': str,
    'original_due_on': str,
    'missed_due_on': str | None,
    'due_at': str,
    'time_zone': str,
    'overdue': bool,
    'answered_at': str | None,
    'answered_by': ReferralAnsweredBy | None,
    'answered_with': str | None,
    'days_late': int,
    'paused_days': int,
    'continues': str | None,
    'rule': DueRule,
    'expects': list[str],
})
"""Perkara yang diserahkan kepada suatu instansi untuk ditindaklanjuti / The case handed to an agency for action"""

class ReferralPageCount(TypedDict):
    """Hanya dengan count=exact / Only with count=exact"""
    value: int
    capped: bool

class ReferralPage(TypedDict):
    """Halaman rujukan, tenggat terdekat dahulu / A page of referrals, soonest due first"""
    data: list[Referral]
    next: str | None
    next_cursor: str | None
    count: NotRequired[ReferralPageCount]

class RegisterGapsOffice(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class RegisterGapsSeriesItemBawasluPlace(TypedDict):
    """Tempat menurut penomoran Bawaslu / Place in Bawaslu's own numbering"""
    of_bawaslu: str

RegisterGapsSeriesItemRangesItem = TypedDict('RegisterGapsSeriesItemRangesItem', {
    'from': int,
    'until': int,
})
"""Nomor yang tidak ada, keduanya termasuk / Numbers that are not here, both included"""

class RegisterGapsSeriesItem(TypedDict):
    """Satu deret nomor / A series of numbers"""
    kind: str
    election: str
    level: str
    bawaslu_place: RegisterGapsSeriesItemBawasluPlace
    year: int
    first: int
    last: int
    present: int
    missing: int
    ranges: list[RegisterGapsSeriesItemRangesItem]
    repeated: list[int]

class RegisterGaps(TypedDict):
    """Nomor register yang terlewat / Numbers that a register skips"""
    office: RegisterGapsOffice
    series: list[RegisterGapsSeriesItem]
    unread: int

class RehearsalWouldTurn(TypedDict):
    """Giliran / Turn"""
    party: str
    agency: AgencyName
    purpose: str

class RehearsalWould(TypedDict):
    """Yang akan terjadi; kosong untuk dokumen / What would come of it; empty for a document"""
    state: NotRequired[str]
    turn: NotRequired[RehearsalWouldTurn | None]
    due_on: NotRequired[str | None]

class Rehearsal(TypedDict):
    """Jawaban validate_only: tidak ada yang disimpan / Answer to validate_only: nothing is stored"""
    valid: bool
    warnings: list[Warning]
    would: RehearsalWould

class RejectReason(TypedDict):
    """Why the finding cannot be taken in."""
    text: NotRequired[str | None]
    code: Literal['not_asn', 'not_neutrality', 'formal_defect', 'material_defect', 'unverifiable', 'out_of_mandate', 'not_prohibited_then', 'already_decided', 'time_barred', 'test_entry', 'other']

class Rejection(TypedDict):
    """reject: the matter cannot be taken in."""
    occurred_at: NotRequired[str | None]
    reason: RejectReason
    official: Official

class ReopenReason(TypedDict):
    """On what ground a closed case is opened again."""
    text: NotRequired[str | None]
    code: Literal['new_evidence', 'ruling', 'fraud', 'wrong_person', 'closure_error', 'misaddressed_closure', 'late_appeal', 'other']

class Reopening(TypedDict):
    """reopen: on what ground, by which letter, decided by whom. The ground says where the case goes on."""
    occurred_at: NotRequired[str | None]
    ground: ReopenReason
    letter: Letter
    official: Official

class Replay(TypedDict):
    """POST /webhooks/{id}/replay."""
    from_index: int

class SanctionReportExamination(TypedDict):
    """Pemeriksaan / Examination (Who heard the officer, after which summons, and whether they came.)"""
    by: Literal['superior', 'team', 'ethics_council']
    summoned_on: NotRequired[list[str] | None]
    examined_on: NotRequired[str | None]
    attended: bool

class SanctionReportDelivery(TypedDict):
    """Penyampaian / Delivery (Delivery reported together with the sanction.)"""
    delivered_on: str
    method: Literal['system', 'hand', 'courier', 'post', 'email', 'sent_to_address', 'read_in_absence']
    document: NotRequired[str | None]

class SanctionReportReason(TypedDict):
    """Alasan bila lebih ringan atau lain jenis / Why lighter or another kind (Why the sanction is lighter or of another kind than recommended.)"""
    text: NotRequired[str | None]
    code: Literal['lesser_form_found', 'mitigating', 'first_offence', 'sanction_unavailable', 'combined_decision', 'ordered_by_ruling', 'other']

class SanctionReport(TypedDict):
    """report-sanction: what was imposed, by which decree, after which examination."""
    occurred_at: NotRequired[str | None]
    sanction: Literal['moral_closed', 'moral_open', 'oral_reprimand', 'written_reprimand', 'written_dissatisfaction', 'allowance_cut_25_6m', 'allowance_cut_25_9m', 'allowance_cut_25_12m', 'demotion_one_level_12m', 'release_to_executor_12m', 'dismissal_honourable_not_own_request', 'dismissal_dishonourable_discipline', 'dismissal_dishonourable', 'raise_delay_1y', 'promotion_delay_1y', 'rank_down_1y', 'rank_down_3y', 'transfer_demotion', 'release_from_office', 'pppk_oral_reprimand', 'pppk_written_reprimand', 'pppk_written_dissatisfaction', 'pppk_raise_delay_1y', 'pppk_grade_down_1y', 'pppk_termination_honourable', 'pppk_termination_not_own_request', 'pppk_termination_dishonourable', 'pppk_dismissal_dishonourable']
    decision: Decision
    official: Official
    examination: NotRequired[SanctionReportExamination | None]
    delivery: NotRequired[SanctionReportDelivery | None]
    reason: NotRequired[SanctionReportReason | None]

class ReportSanctionLine(TypedDict):
    """A sanction report, as in POST /casefiles/{casefile}/report-sanction."""
    act: Literal['report-sanction']
    casefile: str
    version: int
    body: SanctionReport

ReportedPeriod = TypedDict('ReportedPeriod', {
    'from': str,
    'until': str,
})
"""The days reported on, as officials write them: both are included. 366 days at most."""

class Retraction(TypedDict):
    """retract: the dispute is right; the recommendation is taken back."""
    occurred_at: NotRequired[str | None]
    letter: NumberedLetter
    reason: ClearReason
    official: Official

class ReturnItem(TypedDict):
    """One thing that is missing or unclear."""
    code: Literal['missing_assessment', 'missing_clarification', 'missing_evidence', 'evidence_unreadable', 'identity_unclear', 'act_date_unclear', 'place_unclear', 'chronology_unclear', 'candidate_link_unclear', 'form_mismatch', 'unsigned', 'validation_requested', 'other']
    text: str

class Return(TypedDict):
    """return: the numbered list of what the submitter has to supply."""
    occurred_at: NotRequired[str | None]
    items: list[ReturnItem]

class ServiceContents(TypedDict):
    """Isi berkas yang disimpan di sini; null: tidak ada / Contents kept here; null: none"""
    media_types: list[str]
    most_bytes: int
    agency_bytes: int

class Service(TypedDict):
    """Dokumen layanan / The service document"""
    service: str
    api_version: str
    sandbox: bool
    catalogue_version: str
    contents: ServiceContents | None
    log_origin: str
    links: dict[str, str]

class ServingReceivedBy(TypedDict):
    """Penerima, bila diketahui / Receiver, where known (The person who decided or received, by name, NIP and position; elected and appointed ones have no NIP.)"""
    name: str
    nip: NotRequired[str | None]
    position: str

class Serving(TypedDict):
    """serve: the recommendation reached the addressee, who says nothing; the follow-up clock starts after that day."""
    occurred_at: NotRequired[str | None]
    delivered_on: str
    method: Literal['system', 'hand', 'courier', 'post', 'email', 'sent_to_address', 'read_in_absence']
    proof: str
    received_by: NotRequired[ServingReceivedBy | None]
    opened: NotRequired[int | None]

class SettlementDelivery(TypedDict):
    """Penyampaian / Delivery (Delivery reported together with the sanction.)"""
    delivered_on: str
    method: Literal['system', 'hand', 'courier', 'post', 'email', 'sent_to_address', 'read_in_absence']
    document: NotRequired[str | None]

class Settlement(TypedDict):
    """settle: what was ruled on the contest; another sanction where the ruling changes it."""
    occurred_at: NotRequired[str | None]
    ruling: Literal['upheld', 'lightened', 'aggravated', 'changed', 'deemed_granted', 'inadmissible_late', 'withdrawn']
    decision: Decision
    official: Official
    sanction: NotRequired[Literal['moral_closed', 'moral_open', 'oral_reprimand', 'written_reprimand', 'written_dissatisfaction', 'allowance_cut_25_6m', 'allowance_cut_25_9m', 'allowance_cut_25_12m', 'demotion_one_level_12m', 'release_to_executor_12m', 'dismissal_honourable_not_own_request', 'dismissal_dishonourable_discipline', 'dismissal_dishonourable', 'raise_delay_1y', 'promotion_delay_1y', 'rank_down_1y', 'rank_down_3y', 'transfer_demotion', 'release_from_office', 'pppk_oral_reprimand', 'pppk_written_reprimand', 'pppk_written_dissatisfaction', 'pppk_raise_delay_1y', 'pppk_grade_down_1y', 'pppk_termination_honourable', 'pppk_termination_not_own_request', 'pppk_termination_dishonourable', 'pppk_dismissal_dishonourable'] | None]
    delivery: NotRequired[SettlementDelivery | None]

class SilentAgencyAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class SilentAgency(TypedDict):
    """Satu instansi dan lama diamnya / An agency, and how long it has said nothing"""
    agency: SilentAgencyAgency
    subject: str
    acted_on: str | None
    reported_until: str | None
    never: bool
    silent_since: str
    weeks: int
    waiting: int
    overdue: int
    oldest_due_on: str | None

class SilentAgencyPage(TypedDict):
    """Halaman instansi menurut kode / A page of agencies, by code"""
    data: list[SilentAgency]
    next: str | None
    next_cursor: str | None

class SnapshotTakenBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class SnapshotContentAsOf(TypedDict):
    """Saat dalam log / The moment in the log"""
    index: int
    at: str | None

class SnapshotContentCountedFor(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class SnapshotContentTotalsItem(TypedDict):
    """Jumlah seluruhnya menurut satuan / The totals of a unit"""
    unit: str
    numbers: dict[str, Any]

class SnapshotContentTablesItemRowsItem(TypedDict):
    """Satu baris / A row"""
    key: str | None
    name: NotRequired[str]
    numbers: dict[str, Any]

class SnapshotContentTablesItem(TypedDict):
    """Satu tabel; yang dihitung perkara / A table; casefiles are counted"""
    by: str
    measures: list[str]
    rows: list[SnapshotContentTablesItemRowsItem]
    left_out: bool
    adds_up: bool

class SnapshotContentHandlingItem(TypedDict):
    """Hari kalender sampai giliran dijawab, tanpa hari jeda; kosong bila nomor lognya bukan yang terbaru saat dibekukan / Calendar days until a turn was answered, pauses taken off; none where the index was not the newest"""
    purpose: str
    median_days: int
    p90_days: int

class SnapshotContent(TypedDict):
    """Isi cuplikan; tidak pernah berubah / What was frozen; never changes"""
    format: str
    name: str
    origin: str
    as_of: SnapshotContentAsOf
    root: str
    edition: int
    catalogue: str
    sight: str
    counted_for: SnapshotContentCountedFor
    suppressed_below: int
    totals: list[SnapshotContentTotalsItem]
    merged: int | None
    tables: list[SnapshotContentTablesItem]
    handling: list[SnapshotContentHandlingItem]

class Snapshot(TypedDict):
    """Satu cuplikan angka / A snapshot of numbers"""
    id: str
    name: str
    index: int
    published: bool
    taken_by: SnapshotTakenBy
    created_at: str
    digest: str
    href: str
    content: SnapshotContent

SnapshotFile = str
"""CSV: satu baris per sel / CSV: one line per cell"""

class SnapshotGiven(TypedDict):
    """POST /statistics/snapshots: what to freeze, and whether everybody may read it."""
    name: str
    as_of: NotRequired[int | None]
    published: NotRequired[bool | None]

class SnapshotItemTakenBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class SnapshotItem(TypedDict):
    """Cuplikan dalam daftar / A snapshot in a list"""
    id: str
    name: str
    index: int
    published: bool
    taken_by: SnapshotItemTakenBy
    created_at: str
    digest: str
    href: str

class SnapshotPage(TypedDict):
    """Halaman cuplikan, terbaru dahulu / A page of snapshots, newest first"""
    data: list[SnapshotItem]
    next: str | None
    next_cursor: str | None

class SnapshotRecordedTakenBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class SnapshotRecordedContentAsOf(TypedDict):
    """Saat dalam log / The moment in the log"""
    index: int
    at: str | None

class SnapshotRecordedContentCountedFor(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class SnapshotRecordedContentTotalsItem(TypedDict):
    """Jumlah seluruhnya menurut satuan / The totals of a unit"""
    unit: str
    numbers: dict[str, Any]

class SnapshotRecordedContentTablesItemRowsItem(TypedDict):
    """Satu baris / A row"""
    key: str | None
    name: NotRequired[str]
    numbers: dict[str, Any]

class SnapshotRecordedContentTablesItem(TypedDict):
    """Satu tabel; yang dihitung perkara / A table; casefiles are counted"""
    by: str
    measures: list[str]
    rows: list[SnapshotRecordedContentTablesItemRowsItem]
    left_out: bool
    adds_up: bool

class SnapshotRecordedContentHandlingItem(TypedDict):
    """Hari kalender sampai giliran dijawab, tanpa hari jeda; kosong bila nomor lognya bukan yang terbaru saat dibekukan / Calendar days until a turn was answered, pauses taken off; none where the index was not the newest"""
    purpose: str
    median_days: int
    p90_days: int

class SnapshotRecordedContent(TypedDict):
    """Isi cuplikan; tidak pernah berubah / What was frozen; never changes"""
    format: str
    name: str
    origin: str
    as_of: SnapshotRecordedContentAsOf
    root: str
    edition: int
    catalogue: str
    sight: str
    counted_for: SnapshotRecordedContentCountedFor
    suppressed_below: int
    totals: list[SnapshotRecordedContentTotalsItem]
    merged: int | None
    tables: list[SnapshotRecordedContentTablesItem]
    handling: list[SnapshotRecordedContentHandlingItem]

class SnapshotRecorded(TypedDict):
    """Cuplikan dan tanda terimanya / The snapshot and its receipt"""
    id: str
    name: str
    index: int
    published: bool
    taken_by: SnapshotRecordedTakenBy
    created_at: str
    digest: str
    href: str
    content: SnapshotRecordedContent
    receipt: RecordReceipt

class StatisticsAsOf(TypedDict):
    """Saat dalam log / The moment in the log"""
    index: int
    at: str | None

class StatisticsCountedFor(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class StatisticsDefinitionsDimensionsItem(TypedDict):
    """Dimensi / A dimension"""
    code: str
    text: str

class StatisticsDefinitionsMeasuresItem(TypedDict):
    """Ukuran / A measure"""
    code: str
    text: str

class StatisticsDefinitionsWordsItem(TypedDict):
    """Kata SBT dan artinya di sini, bila ditanya menurut sbt_status; baris pertama yang cocok berlaku / A word of SBT and what is read as it here, where sbt_status is asked for; the first that fits holds"""
    code: str
    label: str
    states: list[str]
    outcomes: list[str]
    reasons: list[str]
    certainty: str
    source: str

class StatisticsDefinitions(TypedDict):
    """Arti angka-angka ini / What these numbers mean"""
    edition: int
    unit: str
    dimensions: list[StatisticsDefinitionsDimensionsItem]
    measures: list[StatisticsDefinitionsMeasuresItem]
    merged: str
    words: list[StatisticsDefinitionsWordsItem]

class StatisticsTotals(TypedDict):
    """Jumlah seluruhnya, tiap satuan sekali / The totals, each unit once"""
    submitted: int | None
    open: NotRequired[int | None]
    recommended: NotRequired[int | None]
    not_proven: NotRequired[int | None]
    followed_up: NotRequired[int | None]
    closed: NotRequired[int | None]
    overdue: NotRequired[int | None]
    blocked: NotRequired[int | None]
    unidentified: NotRequired[int | None]
    suppressed: bool

class StatisticsDataItem(TypedDict):
    """Satu baris / A row"""
    key: dict[str, Any]
    submitted: int | None
    open: NotRequired[int | None]
    recommended: NotRequired[int | None]
    not_proven: NotRequired[int | None]
    followed_up: NotRequired[int | None]
    closed: NotRequired[int | None]
    overdue: NotRequired[int | None]
    blocked: NotRequired[int | None]
    unidentified: NotRequired[int | None]
    suppressed: bool

class Statistics(TypedDict):
    """Angka dengan satuan, definisi, dan saatnya / Numbers with their unit, definitions and moment"""
    unit: str
    by: list[str]
    filters: dict[str, Any]
    publish: bool
    as_of: StatisticsAsOf
    head: int
    sight: str
    counted_for: StatisticsCountedFor
    definitions: StatisticsDefinitions
    totals: StatisticsTotals
    data: list[StatisticsDataItem]
    merged: int | None
    erased: int | None
    suppressed_below: int | None
    digest: str

class SubmitLine(TypedDict):
    """A finding, as in POST /findings."""
    act: Literal['submit']
    body: FindingGiven

class TerminateReason(TypedDict):
    """Why the case ends without a finding on the merits."""
    text: NotRequired[str | None]
    code: Literal['subject_deceased', 'retired', 'resigned', 'dismissed_other_case', 'contract_ended', 'already_sanctioned', 'withdrawn_on_request', 'insufficient_evidence', 'not_followed_up', 'expired', 'court_order', 'other']

class TerminationSanction(TypedDict):
    """Hukuman yang sudah dijatuhkan / The earlier sanction (The sanction that was imposed for the same act before.)"""
    sanction: Literal['moral_closed', 'moral_open', 'oral_reprimand', 'written_reprimand', 'written_dissatisfaction', 'allowance_cut_25_6m', 'allowance_cut_25_9m', 'allowance_cut_25_12m', 'demotion_one_level_12m', 'release_to_executor_12m', 'dismissal_honourable_not_own_request', 'dismissal_dishonourable_discipline', 'dismissal_dishonourable', 'raise_delay_1y', 'promotion_delay_1y', 'rank_down_1y', 'rank_down_3y', 'transfer_demotion', 'release_from_office', 'pppk_oral_reprimand', 'pppk_written_reprimand', 'pppk_written_dissatisfaction', 'pppk_raise_delay_1y', 'pppk_grade_down_1y', 'pppk_termination_honourable', 'pppk_termination_not_own_request', 'pppk_termination_dishonourable', 'pppk_dismissal_dishonourable']
    decision: Letter

class Termination(TypedDict):
    """terminate: the case ends before its merits are settled."""
    occurred_at: NotRequired[str | None]
    reason: TerminateReason
    violation_found: Literal['yes', 'no', 'undecided']
    official: Official
    proof: NotRequired[str | None]
    sanction: NotRequired[TerminationSanction | None]

class TimelineItemTransitionActorAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class TimelineItemTransitionActorVendor(TypedDict):
    """Vendor yang kliennya bertindak untuk instansi itu / The vendor whose client acted for that agency"""
    code: str
    name: str

class TimelineItemTransitionActor(TypedDict):
    """Pelaku / Who did it"""
    party: str
    agency: TimelineItemTransitionActorAgency
    client: str
    vendor: TimelineItemTransitionActorVendor | None
    person: str | None

class TimelineItemTransitionOfficial(TypedDict):
    """Pejabat yang memutus / The official who decided"""
    name: str
    nip: str | None
    position: str

class TimelineItemTransitionEntry(TypedDict):
    """Entri log / Log entry"""
    id: str
    index: int | None
    leaf_hash: str

TimelineItemTransition = TypedDict('TimelineItemTransition', {
    'name': str,
    'from': str | None,
    'to': str,
    'occurred_at': str,
    'recorded_at': str,
    'actor': TimelineItemTransitionActor,
    'official': TimelineItemTransitionOfficial | None,
    'legal_basis': str,
    'given': dict[str, Any],
    'request_id': str,
    'caller_request_id': str | None,
    'entry': TimelineItemTransitionEntry,
})
"""Transisi yang dilakukan / The transition performed"""

class TimelineItemReferralCasefile(TypedDict):
    """Perkara / Casefile"""
    id: str
    number: str
    state: str
    version: int
    href: str

class TimelineItemReferralFrom(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class TimelineItemReferralAnsweredBy(TypedDict):
    """Instansi: kode dan nama / An agency: code and name"""
    code: str
    name: str

TimelineItemReferral = TypedDict('TimelineItemReferral', {
    'id': str,
    'casefile': TimelineItemReferralCasefile,
    'purpose': str,
    'party': str,
    'from': TimelineItemReferralFrom,
    'to': AgencyName,
    'status': str,
    'opened_at': str,
    'clock_from': str,
    'due_on': str,
    'original_due_on': str,
    'missed_due_on': str | None,
    'due_at': str,
    'time_zone': str,
    'overdue': bool,
    'answered_at': str | None,
    'answered_by': TimelineItemReferralAnsweredBy | None,
    'answered_with': str | None,
    'days_late': int,
    'paused_days': int,
    'continues': str | None,
    'rule': DueRule,
    'expects': list[str],
})
"""Perkara yang diserahkan kepada suatu instansi untuk ditindaklanjuti / The case handed to an agency for action"""

class TimelineItemDocumentOwner(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class TimelineItemDocument(TypedDict):
    """Dokumen pada perkara; isi menurut jenisnya / A document of the file; its content by the type's audience"""
    id: str
    type: str
    number: str | None
    date: str | None
    sha256: str | None
    size: int | None
    owner: TimelineItemDocumentOwner | None

class TimelineItem(TypedDict):
    """Transisi, rujukan, atau dokumen / A transition, a referral or a document"""
    kind: str
    at: str
    seq: int
    transition: TimelineItemTransition | None
    changes: list[Change]
    referral: TimelineItemReferral | None
    document: TimelineItemDocument | None
    withheld: list[str]

TimelineDifference = TypedDict('TimelineDifference', {
    'from': int,
    'to': int,
    'changes': list[Change],
})
"""Hanya dengan between / Only with between"""

class Timeline(TypedDict):
    """Semua yang terjadi, tertua dahulu / All that happened, oldest first"""
    casefile: str
    data: list[TimelineItem]
    next: str | None
    next_cursor: str | None
    difference: NotRequired[TimelineDifference]

class Token(TypedDict):
    """Token"""
    access_token: str
    token_type: str
    expires_in: int
    scope: str

class TransferReason(TypedDict):
    """Why another agency takes the employer's place."""
    text: NotRequired[str | None]
    code: Literal['inter_agency_move', 'agency_merged', 'agency_split', 'misaddressed', 'conflict_of_interest', 'other']

class Transfer(TypedDict):
    """transfer: another agency is the officer's employer from now on, and has the turn where the old one had it."""
    occurred_at: NotRequired[str | None]
    employer: str
    moved_on: NotRequired[str | None]
    reason: TransferReason
    decree: NotRequired[str | None]
    clock: NotRequired[Literal['runs_on', 'fresh'] | None]

class UnmergeReason(TypedDict):
    """Why a merge is undone."""
    text: NotRequired[str | None]
    code: Literal['merged_in_error', 'not_the_same_act', 'other']

class UnmergingLetter(TypedDict):
    """Surat / Letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class Unmerging(TypedDict):
    """unmerge: the merge is undone, and why."""
    occurred_at: NotRequired[str | None]
    reason: UnmergeReason
    letter: NotRequired[UnmergingLetter | None]

class UpholdReason(TypedDict):
    """Why the examiner upholds or revises."""
    text: NotRequired[str | None]
    code: Literal['reasons_rejected', 'revised_class', 'revised_sanction', 'file_supplied', 'other']

class UpholdingRevised(TypedDict):
    """Rekomendasi yang direvisi / Revised recommendation (What an upheld recommendation says from now on.)"""
    violations: list[int]
    sanction: Literal['moral_any', 'discipline_light', 'discipline_medium', 'discipline_heavy', 'moral_closed', 'moral_open', 'oral_reprimand', 'written_reprimand', 'written_dissatisfaction', 'allowance_cut_25_6m', 'allowance_cut_25_9m', 'allowance_cut_25_12m', 'demotion_one_level_12m', 'release_to_executor_12m', 'dismissal_honourable_not_own_request', 'dismissal_dishonourable_discipline', 'dismissal_dishonourable', 'raise_delay_1y', 'promotion_delay_1y', 'rank_down_1y', 'rank_down_3y', 'transfer_demotion', 'release_from_office', 'pppk_oral_reprimand', 'pppk_written_reprimand', 'pppk_written_dissatisfaction', 'pppk_raise_delay_1y', 'pppk_grade_down_1y', 'pppk_termination_honourable', 'pppk_termination_not_own_request', 'pppk_termination_dishonourable', 'pppk_dismissal_dishonourable']
    reasoning: str

class Upholding(TypedDict):
    """uphold: the dispute is answered; the recommendation stands, revised or not."""
    occurred_at: NotRequired[str | None]
    letter: NumberedLetter
    reason: UpholdReason
    revised: NotRequired[UpholdingRevised | None]
    clock: NotRequired[Literal['runs_on', 'fresh'] | None]

class WebhookWarning(TypedDict):
    """Surat kepada contact selama kegagalan ini / The mail to the contact, of this failing"""
    status: str
    at: str

class Webhook(TypedDict):
    """Satu webhook: kursor pada peristiwa Anda / A webhook: a cursor over your events"""
    id: str
    url: str
    types: list[str]
    status: str
    pause_reason: str | None
    after: int
    attempts: int
    failing_since: str | None
    next_attempt_at: str | None
    pauses_at: str | None
    contact: str | None
    warning: WebhookWarning | None
    former_secret_until: str | None
    created_at: str
    changed_at: str
    href: str

class WebhookChange(TypedDict):
    """PATCH /webhooks/{id}: what is left out stays."""
    url: NotRequired[str | None]
    types: NotRequired[list[str] | None]
    contact: NotRequired[str | None]
    active: NotRequired[bool | None]

class WebhookDeliveryAttemptsItem(TypedDict):
    """Satu percobaan / An attempt"""
    number: int
    at: str
    outcome: str
    status: int | None
    latency_ms: int
    answer: str

class WebhookDelivery(TypedDict):
    """Satu pengiriman / A delivery"""
    id: str
    kind: str
    webhook_id: str
    type: str
    logindex: int | None
    agencies: list[str]
    status: str
    created_at: str
    delivered_at: str | None
    next_attempt_at: str | None
    attempts: list[WebhookDeliveryAttemptsItem]

class WebhookDeliveryPage(TypedDict):
    """Halaman pengiriman, terbaru dahulu / A page of deliveries, the newest first"""
    data: list[WebhookDelivery]
    next: str | None
    next_cursor: str | None

class WebhookEventDataTurn(TypedDict):
    """Giliran sesudahnya, atau yang membuka; null bila selesai atau bila hak lihat Anda berakhir / Whose turn it became, or who opened it; null where closed, or where your sight ended"""
    party: str
    agency: str

class WebhookEventDataAgenciesItem(TypedDict):
    """Instansi yang untuknya dikirim / An employer for which it is sent"""
    agency: str
    previous: int | None
    skipped: int

class WebhookEventData(TypedDict):
    """Seperti di /events; bagi vendor juga agencies / As in /events; for a vendor agencies, too"""
    casefile: str
    number: str
    version: int
    transition: str | None
    state: str
    turn: WebhookEventDataTurn | None
    href: str
    agencies: NotRequired[list[WebhookEventDataAgenciesItem]]

class WebhookEvent(TypedDict):
    """Butir /events yang sama; tantangan dan ping memakai bentuk CloudEvents yang sama dengan data sendiri. previous di sini adalah peristiwa yang dikirim kepada webhook ini sebelumnya; skipped: sekian peristiwa jenis lain di antaranya / The same item as in /events; a challenge and a ping have the same CloudEvents form with data of their own. Here previous is the event sent to this webhook before; skipped: so many events of other types lie between. Bagi vendor data.agencies menyebut untuk instansi mana, masing-masing dengan previous dan skipped sendiri; previous di sini null / For a vendor data.agencies says for which employers, each with a previous and skipped of its own; previous here is null"""
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    logindex: int
    previous: int | None
    data: WebhookEventData
    skipped: int

class WebhookGiven(TypedDict):
    """POST /webhooks."""
    url: str
    types: NotRequired[list[str] | None]
    contact: NotRequired[str | None]
    after: NotRequired[int | None]

class WebhookList(TypedDict):
    """Webhook klien ini / This client's webhooks"""
    data: list[Webhook]

class WebhookRegisteredWarning(TypedDict):
    """Surat kepada contact selama kegagalan ini / The mail to the contact, of this failing"""
    status: str
    at: str

class WebhookRegistered(TypedDict):
    """Webhook yang baru, dengan secret sekali ini saja / The new webhook, with its secret this once"""
    id: str
    url: str
    types: list[str]
    status: str
    pause_reason: str | None
    after: int
    attempts: int
    failing_since: str | None
    next_attempt_at: str | None
    pauses_at: str | None
    contact: str | None
    warning: WebhookRegisteredWarning | None
    former_secret_until: str | None
    created_at: str
    changed_at: str
    href: str
    secret: str | None

class WebhookSecret(TypedDict):
    """Secret baru, sekali ini saja / The new secret, this once"""
    secret: str
    former_until: str

class WithdrawReason(TypedDict):
    """Why the submitter withdraws."""
    text: NotRequired[str | None]
    code: Literal['registered_in_error', 'wrong_person', 'plenary_revoked', 'not_asn', 'double_entry', 'other']

class Withdrawal(TypedDict):
    """withdraw: the submitter takes the matter back before it was accepted."""
    occurred_at: NotRequired[str | None]
    reason: WithdrawReason
    documents: NotRequired[list[str] | None]

class ZeroReportAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

ZeroReportPeriod = TypedDict('ZeroReportPeriod', {
    'from': str,
    'until': str,
})
"""Periode; kedua hari termasuk / The period; both days are included"""

class ZeroReportReportedBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class ZeroReportLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class ZeroReportOfficial(TypedDict):
    """Pejabat yang bertanggung jawab / The official who answers for it"""
    name: str
    nip: str | None
    position: str

class ZeroReportWithdrawalOfficial(TypedDict):
    """Pejabat yang bertanggung jawab / The official who answers for it"""
    name: str
    nip: str | None
    position: str

class ZeroReportWithdrawalWithdrawnBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class ZeroReportWithdrawal(TypedDict):
    """Penarikannya / Its withdrawal"""
    reason: str
    official: ZeroReportWithdrawalOfficial | None
    withdrawn_by: ZeroReportWithdrawalWithdrawnBy

class ZeroReport(TypedDict):
    """Satu laporan nihil; tidak pernah diubah / A zero report; never changed"""
    id: str
    agency: ZeroReportAgency
    subject: str
    election: str | None
    period: ZeroReportPeriod
    reported_by: ZeroReportReportedBy
    created_at: str
    contradicted_by: int
    withdrawn_at: str | None
    href: str
    letter: ZeroReportLetter | None
    official: ZeroReportOfficial | None
    text: str | None
    withdrawal: ZeroReportWithdrawal | None

class ZeroReportGivenLetter(TypedDict):
    """Surat / Letter (A letter by number and date, and its descriptor where it was registered; not every letter bears a number.)"""
    number: NotRequired[str | None]
    date: str
    document: NotRequired[str | None]

class ZeroReportGiven(TypedDict):
    """POST /zero-reports: there was nothing to report in that period."""
    agency: str
    subject: Literal['findings', 'sanctions']
    election: NotRequired[Literal['pemilu-2024', 'pilkada-2020', 'pilkada-2024'] | None]
    period: ReportedPeriod
    letter: NotRequired[ZeroReportGivenLetter | None]
    official: Official
    text: NotRequired[str | None]

class ZeroReportItemAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

ZeroReportItemPeriod = TypedDict('ZeroReportItemPeriod', {
    'from': str,
    'until': str,
})
"""Periode; kedua hari termasuk / The period; both days are included"""

class ZeroReportItemReportedBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class ZeroReportItem(TypedDict):
    """Laporan nihil dalam daftar, tanpa nama / A zero report in a list, no names"""
    id: str
    agency: ZeroReportItemAgency
    subject: str
    election: str | None
    period: ZeroReportItemPeriod
    reported_by: ZeroReportItemReportedBy
    created_at: str
    contradicted_by: int
    withdrawn_at: str | None
    href: str

class ZeroReportPage(TypedDict):
    """Halaman laporan nihil, terbaru dahulu / A page of zero reports, newest first"""
    data: list[ZeroReportItem]
    next: str | None
    next_cursor: str | None

class ZeroReportRecordedAgency(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

ZeroReportRecordedPeriod = TypedDict('ZeroReportRecordedPeriod', {
    'from': str,
    'until': str,
})
"""Periode; kedua hari termasuk / The period; both days are included"""

class ZeroReportRecordedReportedBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class ZeroReportRecordedLetter(TypedDict):
    """Surat / A letter"""
    number: str | None
    date: str
    document: str | None

class ZeroReportRecordedOfficial(TypedDict):
    """Pejabat yang bertanggung jawab / The official who answers for it"""
    name: str
    nip: str | None
    position: str

class ZeroReportRecordedWithdrawalOfficial(TypedDict):
    """Pejabat yang bertanggung jawab / The official who answers for it"""
    name: str
    nip: str | None
    position: str

class ZeroReportRecordedWithdrawalWithdrawnBy(TypedDict):
    """Instansi / Agency"""
    code: str
    name: str

class ZeroReportRecordedWithdrawal(TypedDict):
    """Penarikannya / Its withdrawal"""
    reason: str
    official: ZeroReportRecordedWithdrawalOfficial | None
    withdrawn_by: ZeroReportRecordedWithdrawalWithdrawnBy

class ZeroReportRecorded(TypedDict):
    """Laporan nihil dan tanda terimanya / The zero report and its receipt"""
    id: str
    agency: ZeroReportRecordedAgency
    subject: str
    election: str | None
    period: ZeroReportRecordedPeriod
    reported_by: ZeroReportRecordedReportedBy
    created_at: str
    contradicted_by: int
    withdrawn_at: str | None
    href: str
    letter: ZeroReportRecordedLetter | None
    official: ZeroReportRecordedOfficial | None
    text: str | None
    withdrawal: ZeroReportRecordedWithdrawal | None
    receipt: RecordReceipt

class ZeroReportWithdrawn(TypedDict):
    """POST /zero-reports/{id}/withdraw: the report counts no more."""
    reason: str
    official: Official

OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {
    'create_token': ('POST', '/oauth/token'),
    'revoke_token': ('POST', '/oauth/revoke'),
    'read_authorization_server': ('GET', '/.well-known/oauth-authorization-server'),
    'read_keys': ('GET', '/.well-known/jwks.json'),
    'read_service': ('GET', '/api/v1'),
    'read_me': ('GET', '/api/v1/me'),
    'list_own_keys': ('GET', '/api/v1/clients/me/keys'),
    'add_own_key': ('POST', '/api/v1/clients/me/keys'),
    'revoke_own_key': ('DELETE', '/api/v1/clients/me/keys/{kid}'),
    'list_delegations': ('GET', '/api/v1/delegations'),
    'ask_delegation': ('POST', '/api/v1/delegations'),
    'read_delegation': ('GET', '/api/v1/delegations/{delegation}'),
    'approve_delegation': ('POST', '/api/v1/delegations/{delegation}/approve'),
    'end_delegation': ('POST', '/api/v1/delegations/{delegation}/end'),
    'list_findings': ('GET', '/api/v1/findings'),
    'submit_finding': ('POST', '/api/v1/findings'),
    'read_finding': ('GET', '/api/v1/findings/{finding}'),
    'add_subjects': ('POST', '/api/v1/findings/{finding}/subjects'),
    'list_casefiles': ('GET', '/api/v1/casefiles'),
    'search_casefiles': ('POST', '/api/v1/casefiles/search'),
    'read_casefile': ('GET', '/api/v1/casefiles/{casefile}'),
    'read_timeline': ('GET', '/api/v1/casefiles/{casefile}/timeline'),
    'list_accesses': ('GET', '/api/v1/casefiles/{casefile}/accesses'),
    'read_evidence': ('GET', '/api/v1/casefiles/{casefile}/evidence/{seq}'),
    'send_batch': ('POST', '/api/v1/batches'),
    'read_batch': ('GET', '/api/v1/batches/{batch}'),
    'list_batch_results': ('GET', '/api/v1/batches/{batch}/results'),
    'read_hukdis': ('GET', '/api/v1/casefiles/{casefile}/hukdis'),
    'record_hukdis': ('POST', '/api/v1/casefiles/{casefile}/hukdis'),
    'list_referrals': ('GET', '/api/v1/referrals'),
    'list_events': ('GET', '/api/v1/events'),
    'list_webhooks': ('GET', '/api/v1/webhooks'),
    'register_webhook': ('POST', '/api/v1/webhooks'),
    'read_webhook': ('GET', '/api/v1/webhooks/{webhook}'),
    'change_webhook': ('PATCH', '/api/v1/webhooks/{webhook}'),
    'end_webhook': ('DELETE', '/api/v1/webhooks/{webhook}'),
    'ping_webhook': ('POST', '/api/v1/webhooks/{webhook}/ping'),
    'rotate_webhook_secret': ('POST', '/api/v1/webhooks/{webhook}/secret'),
    'replay_webhook': ('POST', '/api/v1/webhooks/{webhook}/replay'),
    'list_deliveries': ('GET', '/api/v1/webhooks/{webhook}/deliveries'),
    'redeliver': ('POST', '/api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver'),
    'read_checkpoint': ('GET', '/api/v1/log/checkpoint'),
    'prove_consistency': ('GET', '/api/v1/log/consistency'),
    'list_log_entries': ('GET', '/api/v1/log/entries'),
    'read_receipt': ('GET', '/api/v1/log/entries/{index}/receipt'),
    'list_agencies': ('GET', '/api/v1/agencies'),
    'list_register_gaps': ('GET', '/api/v1/agencies/{agency}/register-gaps'),
    'list_mandates': ('GET', '/api/v1/mandates'),
    'read_catalogue_calendar': ('GET', '/api/v1/catalogue/calendar'),
    'read_classification': ('GET', '/api/v1/catalogue/classifications'),
    'classify_act': ('POST', '/api/v1/catalogue/classifications'),
    'read_catalogue_events': ('GET', '/api/v1/catalogue/events'),
    'read_catalogue_transitions': ('GET', '/api/v1/catalogue/transitions'),
    'read_catalogue_violations': ('GET', '/api/v1/catalogue/violations'),
    'read_catalogue_sanctions': ('GET', '/api/v1/catalogue/sanctions'),
    'read_catalogue_reasons': ('GET', '/api/v1/catalogue/reasons'),
    'read_catalogue_document_types': ('GET', '/api/v1/catalogue/document-types'),
    'read_catalogue_codes': ('GET', '/api/v1/catalogue/codes'),
    'read_catalogue_elections': ('GET', '/api/v1/catalogue/elections'),
    'read_catalogue_stages': ('GET', '/api/v1/catalogue/stages'),
    'read_catalogue_regions': ('GET', '/api/v1/catalogue/regions'),
    'read_catalogue_deadlines': ('GET', '/api/v1/catalogue/deadlines'),
    'read_catalogue_ladder': ('GET', '/api/v1/catalogue/ladder'),
    'read_catalogue_routing': ('GET', '/api/v1/catalogue/routing'),
    'read_catalogue_siasn': ('GET', '/api/v1/catalogue/siasn'),
    'reconcile_registers': ('POST', '/api/v1/reconciliations'),
    'count_casefiles': ('GET', '/api/v1/statistics'),
    'count_obligations': ('GET', '/api/v1/statistics/obligations'),
    'compare_sanctions': ('GET', '/api/v1/statistics/disparity'),
    'count_preventions': ('GET', '/api/v1/statistics/preventions'),
    'list_snapshots': ('GET', '/api/v1/statistics/snapshots'),
    'take_snapshot': ('POST', '/api/v1/statistics/snapshots'),
    'read_snapshot': ('GET', '/api/v1/statistics/snapshots/{snapshot}'),
    'read_snapshot_csv': ('GET', '/api/v1/statistics/snapshots/{snapshot}/csv'),
    'list_preventions': ('GET', '/api/v1/preventions'),
    'record_prevention': ('POST', '/api/v1/preventions'),
    'read_prevention': ('GET', '/api/v1/preventions/{prevention}'),
    'list_zero_reports': ('GET', '/api/v1/zero-reports'),
    'record_zero_report': ('POST', '/api/v1/zero-reports'),
    'read_zero_report': ('GET', '/api/v1/zero-reports/{zero_report}'),
    'withdraw_zero_report': ('POST', '/api/v1/zero-reports/{zero_report}/withdraw'),
    'list_silent_agencies': ('GET', '/api/v1/silent-agencies'),
    'list_documents': ('GET', '/api/v1/documents'),
    'register_document': ('POST', '/api/v1/documents'),
    'read_document': ('GET', '/api/v1/documents/{document}'),
    'read_content': ('GET', '/api/v1/documents/{document}/content'),
    'upload_content': ('PUT', '/api/v1/documents/{document}/content'),
    'perform_request_identity': ('POST', '/api/v1/casefiles/{casefile}/request-identity'),
    'perform_identify': ('POST', '/api/v1/casefiles/{casefile}/identify'),
    'perform_disown': ('POST', '/api/v1/casefiles/{casefile}/disown'),
    'perform_recall': ('POST', '/api/v1/casefiles/{casefile}/recall'),
    'perform_return': ('POST', '/api/v1/casefiles/{casefile}/return'),
    'perform_complete': ('POST', '/api/v1/casefiles/{casefile}/complete'),
    'perform_withdraw': ('POST', '/api/v1/casefiles/{casefile}/withdraw'),
    'perform_reject': ('POST', '/api/v1/casefiles/{casefile}/reject'),
    'perform_accept': ('POST', '/api/v1/casefiles/{casefile}/accept'),
    'perform_clear': ('POST', '/api/v1/casefiles/{casefile}/clear'),
    'perform_recommend': ('POST', '/api/v1/casefiles/{casefile}/recommend'),
    'perform_redirect': ('POST', '/api/v1/casefiles/{casefile}/redirect'),
    'perform_terminate': ('POST', '/api/v1/casefiles/{casefile}/terminate'),
    'perform_note': ('POST', '/api/v1/casefiles/{casefile}/note'),
    'perform_acknowledge': ('POST', '/api/v1/casefiles/{casefile}/acknowledge'),
    'perform_dispute': ('POST', '/api/v1/casefiles/{casefile}/dispute'),
    'perform_uphold': ('POST', '/api/v1/casefiles/{casefile}/uphold'),
    'perform_retract': ('POST', '/api/v1/casefiles/{casefile}/retract'),
    'perform_report_sanction': ('POST', '/api/v1/casefiles/{casefile}/report-sanction'),
    'perform_record_delivery': ('POST', '/api/v1/casefiles/{casefile}/record-delivery'),
    'perform_require_correction': ('POST', '/api/v1/casefiles/{casefile}/require-correction'),
    'perform_close': ('POST', '/api/v1/casefiles/{casefile}/close'),
    'perform_contest': ('POST', '/api/v1/casefiles/{casefile}/contest'),
    'perform_settle': ('POST', '/api/v1/casefiles/{casefile}/settle'),
    'perform_annul': ('POST', '/api/v1/casefiles/{casefile}/annul'),
    'perform_record_execution': ('POST', '/api/v1/casefiles/{casefile}/record-execution'),
    'perform_measure': ('POST', '/api/v1/casefiles/{casefile}/measure'),
    'perform_block_data': ('POST', '/api/v1/casefiles/{casefile}/block-data'),
    'perform_unblock_data': ('POST', '/api/v1/casefiles/{casefile}/unblock-data'),
    'perform_serve': ('POST', '/api/v1/casefiles/{casefile}/serve'),
    'perform_transfer': ('POST', '/api/v1/casefiles/{casefile}/transfer'),
    'perform_reassign': ('POST', '/api/v1/casefiles/{casefile}/reassign'),
    'perform_extend': ('POST', '/api/v1/casefiles/{casefile}/extend'),
    'perform_merge': ('POST', '/api/v1/casefiles/{casefile}/merge'),
    'perform_unmerge': ('POST', '/api/v1/casefiles/{casefile}/unmerge'),
    'perform_reopen': ('POST', '/api/v1/casefiles/{casefile}/reopen'),
    'perform_correct': ('POST', '/api/v1/casefiles/{casefile}/correct'),
    'list_problems': ('GET', '/api/v1/problems'),
    'read_openapi_yaml': ('GET', '/api/v1/openapi.yaml'),
    'read_openapi_json': ('GET', '/api/v1/openapi.json'),
}
"""Method and path of each operation."""
