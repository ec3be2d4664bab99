"""The paths on which the bodies run: the line most cases follow, and from where the others leave it.

A path is a list of steps in order. Each is sent by one agency, and says how the casefile stands after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.contract.casebook.people_and_ids import (
    CASEFILE,
    CITY,
    EXAMINER,
    NEXT_EMPLOYER,
    PROVINCE,
    SECOND_CASEFILE,
    SUPERVISOR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a casefile stands: its state, whose turn it is for what, its outcome once it is closed."""

    state: str
    turn: str | None = None
    purpose: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request: the example that is sent, by which agency, about which casefile, and how that stands after it.

    `then` is None where the request moves no casefile. `casefile` is the id that stands for it in the examples.
    """

    example: str
    by: str
    casefile: str | None = None
    then: Standing | None = None

    @property
    def operation(self) -> str:
        """The operationId."""
        return self.example.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A way of the case from its beginning, in both languages."""

    name: str
    id: str
    en: str
    steps: tuple[Step, ...]


def _sent(example: str, by: str) -> Step:
    return Step(example=example, by=by)


def _forwarded(example: str, by: str, casefile: str) -> Step:
    then = Standing(state="submitted", turn=EXAMINER, purpose="verify")
    return Step(example=example, by=by, casefile=casefile, then=then)


def _act(
    name: str, by: str, state: str, turn: str | None = None, purpose: str | None = None, *, outcome: str | None = None
) -> Step:
    then = Standing(state=state, turn=turn, purpose=purpose, outcome=outcome)
    return Step(example=f"perform_{name}", by=by, casefile=CASEFILE, then=then)


def _closed(name: str, by: str, outcome: str) -> Step:
    return _act(name, by, "closed", outcome=outcome)


# -- the line most cases follow ---------------------------------------------------------------------------------------

MAIN = Path(
    name="main",
    id="Alur utama: dari temuan sampai hukuman dilaksanakan",
    en="The main line: from the finding to the sanction carried out",
    steps=(
        _sent("register_document", SUPERVISOR),
        _forwarded("submit_finding", SUPERVISOR, CASEFILE),
        _act("request_identity", EXAMINER, "identity_requested", CITY, "identify"),
        _act("identify", CITY, "submitted", EXAMINER, "verify"),
        _act("accept", EXAMINER, "under_examination", EXAMINER, "examine"),
        _act("recommend", EXAMINER, "recommended", CITY, "acknowledge"),
        _act("acknowledge", CITY, "awaiting_sanction", CITY, "follow_up"),
        _act("note", CITY, "awaiting_sanction", CITY, "follow_up"),
        _sent("register_document.decision", CITY),
        _act("report_sanction", CITY, "sanction_reported", CITY, "deliver"),
        _act("record_delivery", CITY, "sanction_reported", EXAMINER, "review"),
        _sent("register_document.execution_proof", CITY),
        _act("record_execution", CITY, "sanction_reported", EXAMINER, "review"),
        _closed("close", EXAMINER, "sanctioned"),
    ),
)


def until(example: str, path: Path = MAIN) -> tuple[Step, ...]:
    """The path's steps up to that example, included."""
    names = [step.example for step in path.steps]
    return path.steps[: names.index(example) + 1]


def after(example: str, path: Path = MAIN) -> tuple[Step, ...]:
    """The path's steps after that example."""
    return path.steps[len(until(example, path)) :]


def _branch(name: str, id: str, en: str, *steps: Step | Iterable[Step]) -> Path:  # noqa: A002 - the language's code
    flat: list[Step] = []
    for item in steps:
        flat.extend([item] if isinstance(item, Step) else item)
    return Path(name=name, id=id, en=en, steps=tuple(flat))


# -- where others leave it --------------------------------------------------------------------------------------------

_SECOND_FINDING = (
    _sent("register_document.second_assessment", PROVINCE),
    _forwarded("submit_finding.report", PROVINCE, SECOND_CASEFILE),
)
_CONTESTED = (
    *until("perform_record_delivery"),
    _act("contest", CITY, "contested", CITY, "settle"),
)
_DISPUTED = (*until("perform_acknowledge"), _act("dispute", CITY, "disputed", EXAMINER, "answer"))
_BLOCKED = (
    *until("perform_record_delivery"),
    _act("block_data", EXAMINER, "sanction_reported", EXAMINER, "review"),
    _sent("register_document.execution_proof", CITY),
    _act("record_execution", CITY, "sanction_reported", EXAMINER, "review"),
    _act("unblock_data", EXAMINER, "sanction_reported", EXAMINER, "review"),
)

_INTAKE = (
    _branch(
        "warned",
        "Pencegahan sebelum perbuatan, lalu temuan",
        "A warning before the act, then the finding",
        _sent("record_prevention", SUPERVISOR),
        until("perform_identify"),
    ),
    _branch(
        "second-officer",
        "Terlapor kedua pada temuan yang sama",
        "A second officer of the same finding",
        until("submit_finding"),
        _sent("add_subjects", SUPERVISOR),
    ),
    _branch(
        "disowned",
        "Bukan pegawai instansi yang ditanya",
        "Not an officer of the agency asked",
        until("perform_request_identity"),
        _act("disown", CITY, "submitted", EXAMINER, "verify"),
    ),
    _branch(
        "recalled",
        "Instansi yang ditanya diam",
        "The agency asked keeps silent",
        until("perform_request_identity"),
        _act("recall", EXAMINER, "submitted", EXAMINER, "verify"),
    ),
    _branch(
        "returned",
        "Berkas dikembalikan dan dilengkapi",
        "The file goes back and is completed",
        until("perform_identify"),
        _act("return", EXAMINER, "returned", SUPERVISOR, "complete"),
        _sent("register_document.evidence", SUPERVISOR),
        _act("complete", SUPERVISOR, "submitted", EXAMINER, "verify"),
        after("perform_identify"),
    ),
    _branch(
        "withdrawn",
        "Temuan dicabut",
        "The finding is withdrawn",
        until("submit_finding"),
        _closed("withdraw", SUPERVISOR, "withdrawn"),
    ),
    _branch(
        "rejected",
        "Temuan ditolak",
        "The finding is rejected",
        until("submit_finding"),
        _closed("reject", EXAMINER, "rejected"),
    ),
    _branch(
        "redirected",
        "Instansi lain yang berwenang",
        "Another authority is competent",
        until("submit_finding"),
        _closed("redirect", EXAMINER, "redirected"),
    ),
    _branch(
        "taken-over",
        "Kantor di atasnya mengambil alih",
        "The office above takes it over",
        until("submit_finding"),
        _act("reassign", PROVINCE, "submitted", EXAMINER, "verify"),
    ),
    _branch(
        "merged",
        "Perbuatan yang sama dilaporkan dua kali: digabungkan, lalu dipisahkan",
        "The same act arrived twice: merged, then parted again",
        until("submit_finding"),
        _SECOND_FINDING,
        _closed("merge", EXAMINER, "merged"),
        _act("unmerge", EXAMINER, "submitted", EXAMINER, "verify"),
    ),
)

_EXAMINATION = (
    _branch(
        "corrected",
        "Fakta dibetulkan, lalu alur utama",
        "A fact is corrected, then the main line",
        until("perform_accept"),
        _act("correct", EXAMINER, "under_examination", EXAMINER, "examine"),
        after("perform_accept"),
    ),
    _branch(
        "cleared",
        "Tidak terbukti",
        "Not proven",
        until("perform_accept"),
        _closed("clear", EXAMINER, "not_proven"),
    ),
    _branch(
        "terminated",
        "Dihentikan karena pegawai mengundurkan diri",
        "Ended because the officer resigned",
        until("perform_accept"),
        _closed("terminate", EXAMINER, "terminated"),
    ),
    _branch(
        "extended",
        "Tenggat pemeriksaan diperpanjang",
        "The examination is given more time",
        until("perform_accept"),
        _act("extend", EXAMINER, "under_examination", EXAMINER, "examine"),
    ),
    _branch(
        "served",
        "Rekomendasi disampaikan dengan bukti, karena instansi diam, lalu alur utama",
        "The recommendation is served, as the agency keeps silent, then the main line",
        until("perform_recommend"),
        _sent("register_document.delivery_proof", EXAMINER),
        _act("serve", EXAMINER, "awaiting_sanction", CITY, "follow_up"),
        after("perform_note"),
    ),
    _branch(
        "disputed",
        "Disanggah dan dipertahankan, lalu alur utama",
        "Disputed and upheld, then the main line",
        _DISPUTED,
        _act("uphold", EXAMINER, "awaiting_sanction", CITY, "follow_up"),
        after("perform_note"),
    ),
    _branch(
        "retracted",
        "Disanggah dan dicabut",
        "Disputed and retracted",
        _DISPUTED,
        _closed("retract", EXAMINER, "not_proven"),
    ),
    _branch(
        "transferred",
        "Pegawai pindah instansi",
        "The officer moves to another agency",
        until("perform_acknowledge"),
        _act("transfer", CITY, "awaiting_sanction", NEXT_EMPLOYER, "follow_up"),
    ),
    _branch(
        "overdue",
        "Instansi terlambat dan diperingatkan",
        "The agency is late and is warned",
        until("perform_acknowledge"),
        _act("measure", EXAMINER, "awaiting_sanction", CITY, "follow_up"),
    ),
)

_AFTER_THE_SANCTION = (
    _branch(
        "mended",
        "Hukuman harus diperbaiki",
        "The sanction has to be mended",
        until("perform_record_delivery"),
        _act("require_correction", EXAMINER, "awaiting_sanction", CITY, "follow_up"),
    ),
    _branch(
        "blocked",
        "Data pegawai diblokir dan dibuka, lalu alur utama",
        "Personnel data are blocked and unblocked, then the main line",
        _BLOCKED,
        after("perform_record_execution"),
    ),
    _branch(
        "contested",
        "Keberatan: hukuman diringankan",
        "An objection: the sanction is lightened",
        _CONTESTED,
        _sent("register_document.ruling", CITY),
        _act("settle", CITY, "sanction_reported", EXAMINER, "review"),
    ),
    _branch(
        "annulled",
        "Keberatan: hukuman dibatalkan",
        "An objection: the sanction is annulled",
        _CONTESTED,
        _sent("register_document.annulment", CITY),
        _closed("annul", CITY, "annulled"),
    ),
    _branch(
        "reopened",
        "Dibuka kembali dengan bukti baru",
        "Opened again on new evidence",
        MAIN.steps,
        _act("reopen", EXAMINER, "under_examination", EXAMINER, "examine"),
    ),
)

_BESIDE = (
    _branch(
        "nothing-to-report",
        "Laporan nihil",
        "A zero report",
        _sent("record_zero_report", CITY),
        _sent("withdraw_zero_report", CITY),
    ),
    _branch(
        "frozen",
        "Angka dibekukan dan terbit",
        "Numbers are frozen and published",
        _sent("take_snapshot", EXAMINER),
    ),
    _branch(
        "webhook",
        "Webhook didaftarkan dan dicoba",
        "A webhook is registered and tried",
        _sent("register_webhook", EXAMINER),
        _sent("ping_webhook", EXAMINER),
        _sent("rotate_webhook_secret", EXAMINER),
    ),
    _branch(
        "asked",
        "Sebelum berbuat: bolehkah?",
        "Before the act: may I?",
        _sent("classify_act", CITY),
    ),
    _branch(
        "compared",
        "Perkara dicari, dan register dicocokkan",
        "The case is searched for, and registers are compared",
        until("perform_acknowledge"),
        _sent("search_casefiles", EXAMINER),
        _sent("reconcile_registers", CITY),
    ),
)

PATHS: tuple[Path, ...] = (MAIN, *_INTAKE, *_EXAMINATION, *_AFTER_THE_SANCTION, *_BESIDE)
"""Every path, the main line first."""

BY_NAME = {path.name: path for path in PATHS}


# Until which day whoever has the turn after that example has time.
DUE_ON: Mapping[str, str] = {
    "submit_finding": "2024-10-14",
    "submit_finding.report": "2024-10-16",
    "perform_request_identity": "2024-10-15",
    "perform_identify": "2024-10-15",
    "perform_disown": "2024-10-15",
    "perform_recall": "2024-10-22",
    "perform_return": "2024-10-15",
    "perform_complete": "2024-10-16",
    "perform_reassign": "2024-10-14",
    "perform_unmerge": "2024-10-18",
    "perform_accept": "2024-11-01",
    "perform_correct": "2024-11-01",
    "perform_extend": "2024-11-15",
    "perform_recommend": "2024-10-23",
    "perform_acknowledge": "2024-11-05",
    "perform_serve": "2024-11-08",
    "perform_note": "2024-11-05",
    "perform_dispute": "2024-11-08",
    "perform_uphold": "2024-11-05",
    "perform_transfer": "2024-11-12",
    "perform_measure": "2024-11-15",
    "perform_report_sanction": "2024-11-22",
    "perform_record_delivery": "2024-12-04",
    "perform_require_correction": "2024-11-27",
    "perform_block_data": "2024-12-04",
    "perform_unblock_data": "2024-12-04",
    "perform_contest": "2024-12-18",
    "perform_settle": "2024-12-17",
    "perform_record_execution": "2024-12-04",
    "perform_reopen": "2025-02-05",
}


def leading_to(example: str) -> tuple[Step, ...]:
    """The steps up to that example, on the first path that has it. Raises LookupError where none has."""
    for path in PATHS:
        if any(step.example == example for step in path.steps):
            return until(example, path)
    raise LookupError(f"no path of api/contract/casebook/paths.py has {example}")
