"""Past cases come in: rows of a list are walked through the flow as if each act were told on its day.

Every act is recorded by the operator, for the party whose act it was: the entry names the operator's agency, the party
`operator`, and as its client `import_cases:` with the SHA-256 of the list. No party's key stands behind it. The mandate
is that of the day on which the finding was forwarded. Rows are taken in together, and each is in whole or not at all.
What is there already is found by office, register number and officer, so a list may be sent again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from django.db import connection, transaction

from agencies import system
from agencies.actor import Actor
from audit.requests import RequestFacts
from casefiles import errors, flow
from casefiles.catalogue.versions import ensure_on_record
from casefiles.errors import CasefileError, Fault, InvalidGiven
from casefiles.flow import DocumentView, Refused, WrongParty, WrongState
from casefiles.identifiers import number_key
from casefiles.intake import documents, findings
from casefiles.intake.documents import Descriptor
from casefiles.models import Document, Payload
from casefiles.names import name_key
from casefiles.operations.past_cases import PastCase, faults
from casefiles.operations.past_walks import (
    ORDER,
    Planned,
    column_of,
    finding_of,
    is_same_act,
    planned,
    subject_of,
)
from casefiles.transitions import perform

CLIENT: Final = "import_cases"
TOGETHER: Final = 100
"""Rows of one transaction."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The list: its digest, its size in bytes and what it is."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list and its line."""

    line: int
    case: PastCase


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a row: `imported` by this list, `here` by another way, or `refused`, with every fault.

    `is_new` says that it came in just now; an earlier run of the same list has the same status.
    """

    line: int
    status: Literal["imported", "here", "refused"]
    number: str | None = None
    faults: tuple[Fault, ...] = ()
    is_new: bool = False


Key = tuple[str, str, str]
"""Office, register number and officer, as they are compared."""


class Importer:
    """Takes rows in, many in one transaction. With `only_check` nothing is stored."""

    def __init__(self, listed: Listed, *, only_check: bool = False) -> None:
        self._listed, self._only_check = listed, only_check
        self._actor = replace(system.operator(CLIENT), client_id=f"{CLIENT}:{listed.sha256}")
        self._papers: Mapping[str, DocumentView] = {}
        self._seen: set[Key] = set()
        self._spare: list[str] = []
        flow.digest()  # takes a second, once in a process: before anything is locked
        ensure_on_record()

    def take(self, rows: Sequence[Row], *, now: datetime) -> list[Came]:
        """What came of each row, in their order. Each is in whole, or refused with all that is wrong with it."""
        came: dict[int, Came] = {}
        fresh: list[Row] = []
        there = _there(rows)
        for row in rows:
            key = _key(row.case)
            if wrong := faults(row.case):
                came[row.line] = Came(row.line, "refused", faults=wrong)
            elif not self._seen.isdisjoint({key, _unnumbered(row.case)}):
                came[row.line] = Came(row.line, "refused", faults=(_REPEATED,))
            elif (known := there.get(key)) is not None:
                number, client = known
                came[row.line] = Came(row.line, "imported" if client == self._actor.client_id else "here", number)
            elif _unnumbered(row.case) in there:
                came[row.line] = Came(row.line, "refused", faults=(_PERHAPS_THERE,))
            else:
                fresh.append(row)
            self.pass_over(row)
        while fresh:
            attempt = _Attempt(self, {key[:2] for key in there}, now)
            with transaction.atomic():
                attempt.walk(fresh)
                if attempt.refused or self._only_check:
                    transaction.set_rollback(True)
            came |= {line: Came(line, "refused", faults=wrong) for line, wrong in attempt.refused.items()}
            if not attempt.refused:
                if not self._only_check:
                    self._papers = attempt.papers
                came |= {line: self._came_in(line, number) for line, number in attempt.numbers.items()}
                break
            # A row that is refused takes nothing along, no number either: the others are walked again without it.
            if not self._only_check:
                self._spare[:0] = attempt.numbers.values()
            fresh = [row for row in fresh if row.line not in attempt.refused]
        return [came[row.line] for row in rows]

    def pass_over(self, row: Row) -> None:
        """Remember a row that has its answer, so that another one for the same officer is refused."""
        self._seen |= _keys(*_key(row.case)[:2], row.case.nip or "", name_key(row.case.name))

    def _came_in(self, line: int, number: str) -> Came:
        return Came(line, "imported", None if self._only_check else number, is_new=True)

    # What an attempt works with.

    @property
    def actor(self) -> Actor:
        """The operator, by this list."""
        return self._actor

    @property
    def listed(self) -> Listed:
        """The list."""
        return self._listed

    @property
    def spare(self) -> list[str]:
        """The numbers of casefiles that were rolled back with a row that was refused."""
        return self._spare

    @property
    def papers(self) -> Mapping[str, DocumentView]:
        """The list as a document of each type, where it is registered."""
        return self._papers

    @property
    def request(self) -> RequestFacts:
        """A request of its own for each transaction."""
        return RequestFacts(id=uuid4(), only_tries=self._only_check)


class _Attempt:
    """One transaction over some rows."""

    def __init__(self, importer: Importer, found: set[tuple[str, str]], now: datetime) -> None:
        self._importer, self._now = importer, now
        # Office and register number of the findings that there are; those of this attempt are added.
        self._found = found
        self._actor, self._request = importer.actor, importer.request
        self.papers: Mapping[str, DocumentView] = {}
        self.refused: dict[int, tuple[Fault, ...]] = {}
        self.numbers: dict[int, str] = {}

    def walk(self, rows: Sequence[Row]) -> None:
        """Take in every finding, then each further act on all casefiles that have one."""
        self.papers = self._importer.papers or _registered(self._importer.listed, self._actor, now=self._now)
        walked: dict[UUID, tuple[Row, dict[str, Planned]]] = {}
        for row in rows:
            try:
                casefile, number = self._taken_in(row.case)
            except (CasefileError, Refused, WrongState, WrongParty) as why:
                self.refused[row.line] = tuple(_told(why, None))
                continue
            steps = planned(row.case, decision=UUID(self.papers["decision"].id), time_zone=self._actor.time_zone)
            walked[casefile] = (row, {step.name: step for step in steps})
            self.numbers[row.line] = number
        for name in ORDER:
            self._each(name, walked)

    def _taken_in(self, case: PastCase) -> tuple[UUID, str]:
        shared = {"actor": self._actor, "now": self._now, "request": self._request, "told": True}
        shared["spare"] = self._importer.spare
        number = _key(case)[:2]
        finding = _finding_of(case) if number in self._found else None
        self._found.add(number)
        if finding is None:
            given = finding_of(case, assessment=UUID(self.papers["assessment"].id), time_zone=self._actor.time_zone)
            taken = findings.submit(given=given, **shared)  # type: ignore[arg-type]  # the same for both
        else:
            ident, content = finding
            if not is_same_act(case, content.get("violations", [])):
                raise InvalidGiven((_OTHER_ACT,))
            more = subject_of(case, time_zone=self._actor.time_zone)
            taken = findings.add_subjects(finding=ident, given=more, **shared)  # type: ignore[arg-type]  # the same
        step = taken.steps[-1]
        return step.casefile, step.columns.number

    def _each(self, name: str, walked: Mapping[UUID, tuple[Row, dict[str, Planned]]]) -> None:
        acts = {
            casefile: steps[name]
            for casefile, (row, steps) in walked.items()
            if name in steps and row.line not in self.refused
        }
        if not acts:
            return
        refused = perform.record_past(
            actor=self._actor,
            name=name,
            bodies={casefile: act.body for casefile, act in acts.items()},
            stands_for=next(iter(acts.values())).party,
            documents={paper.id: paper for paper in self.papers.values()},
            now=self._now,
            request=self._request,
        )
        for casefile, why in refused.items():
            self.refused[walked[casefile][0].line] = tuple(_told(why, acts[casefile]))


# -- what is there -----------------------------------------------------------------------------------------------------


def _key(case: PastCase) -> Key:
    return case.origin_office, number_key(case.register_number), case.nip or name_key(case.name)


def _unnumbered(case: PastCase) -> Key:
    """Under which an officer of this name is known who has no NIP there."""
    office, register, _ = _key(case)
    return office, register, f"{_WITHOUT_NIP}{name_key(case.name)}"


def _keys(office: str, register: str, nip: str, name: str) -> set[Key]:
    """All under which an officer is known: NIP and name, or the name and that there is no NIP."""
    return {(office, register, one) for one in (nip or f"{_WITHOUT_NIP}{name}", name)}


_WITHOUT_NIP: Final = "?"


def _there(rows: Iterable[Row]) -> dict[Key, tuple[str, str]]:
    """Of the casefiles that the rows name and that are there: number, and the client that made it. One statement."""
    named = {(row.case.origin_office, number_key(row.case.register_number)) for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [[office for office, _ in named], [key for _, key in named]])
        found = cursor.fetchall()
    there: dict[Key, tuple[str, str]] = {}
    for office, register, number, client, nip, name in found:
        there |= dict.fromkeys(_keys(office, register, nip, name), (number, client))
    return there


_THERE: Final = """
SELECT o.code, f.register_key, c.number, t.client, p.nip, p.name_key
FROM unnest(%s::text[], %s::text[]) AS asked(office, register_key)
JOIN agencies_agency o ON o.code = asked.office
JOIN casefiles_finding f ON f.office_id = o.id AND f.register_key = asked.register_key
JOIN casefiles_casefile c ON c.finding_id = f.id
JOIN casefiles_transition t ON t.casefile_id = c.id AND t.seq = 1
JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
"""


def _finding_of(case: PastCase) -> tuple[UUID, dict[str, Any]] | None:
    """The finding of that number and its content, where there is one."""
    last = (
        Payload.objects.filter(
            finding__office__code=case.origin_office,
            finding__register_key=number_key(case.register_number),
            answer__isnull=True,
        )
        .order_by("-seq")
        .first()
    )
    return None if last is None or last.finding_id is None else (last.finding_id, dict(last.given or {}))


PAPERS: Final = ("assessment", "decision")
"""What the list stands for: the office's assessment, and the decree."""


def _registered(listed: Listed, actor: Actor, *, now: datetime) -> dict[str, DocumentView]:
    """The list as a document of each type, registered once for the operator."""
    found = {
        row.type: row for row in Document.objects.filter(owner=actor.agency_id, sha256=listed.sha256, type__in=PAPERS)
    }
    papers = {}
    for kind in PAPERS:
        row = found.get(kind)
        ident = row.pk if row is not None else _register(kind, listed, actor, now=now)
        papers[kind] = DocumentView(
            id=str(ident), type=kind, number="", date=None, sha256=listed.sha256, size=listed.size,
            owner=actor.agency_code,
        )  # fmt: skip
    return papers


def _register(kind: str, listed: Listed, actor: Actor, *, now: datetime) -> UUID:
    given = Descriptor(
        type=kind,
        title="Daftar perkara terdahulu / List of past cases",
        media_type=listed.media_type,
        size=listed.size,
        sha256=listed.sha256,
    )
    return documents.register(actor=actor, given=given, now=now).stream


# -- refusals ----------------------------------------------------------------------------------------------------------

_REPEATED: Final = Fault(
    "repeated-row",
    "#/register_number",
    "Baris di atas memuat kantor, nomor register, dan pegawai yang sama.",
    "A row above has the same office, register number and officer.",
)
_PERHAPS_THERE: Final = Fault(
    "perhaps-there-without-nip",
    "#/nip",
    "Pada nomor register ini sudah ada pegawai bernama sama tanpa NIP. Bila orangnya sama, hapus baris ini dan "
    "lengkapi NIP pada perkaranya; bila orang lain, kirim dengan POST /findings/{id}/subjects.",
    "Under this register number there is an officer of the same name without a NIP. For the same person leave this row "
    "out and add the NIP to the casefile; for another one use POST /findings/{id}/subjects.",
)
_OTHER_ACT: Final = Fault(
    "other-act-under-number",
    "#/form",
    "Temuan bernomor ini memuat perbuatan lain (form atau act_date berbeda). Satu nomor register memuat perbuatan yang "
    "sama bagi semua pegawainya; beri nomor lain, atau samakan form dan act_date.",
    "The finding of this number holds another act (form or act_date differ). One register number holds the same act "
    "for all of its officers; give another number, or the same form and act_date.",
)
_PLAIN: Final[Mapping[type[Exception], Fault]] = {
    errors.NoMandate: Fault(
        "no-mandate",
        "#/forwarded_on",
        "Pada hari itu dan sebelumnya tidak ada mandat pemeriksa dalam register. Daftarkan dengan register_mandate.",
        "There is no examiner's mandate in the register for that day or before it. Register it with register_mandate.",
    ),
    errors.Erased: Fault(
        "finding-erased",
        "#/register_number",
        "Isi temuan bernomor ini sudah dihapus; tidak dapat ditambahi.",
        "The content of the finding of this number was erased; nothing can be added to it.",
    ),
    errors.FindingExists: Fault(
        "number-just-taken",
        "#/register_number",
        "Nomor register ini baru saja dipakai oleh pencatatan lain. Jalankan lagi perintah ini.",
        "This register number was used by somebody else just now. Run this command again.",
    ),
    WrongState: Fault(
        "days-not-in-the-flow",
        "#/outcome",
        "Urutan tanggalnya tidak mungkin dalam alur perkara. Lihat docs/flow.md.",
        "The order of its days is not possible in the flow. See docs/flow.md.",
    ),
}


def _told(why: Exception, act: Planned | None) -> Iterable[Fault]:
    """Why a row is refused, pointing to its columns."""
    if isinstance(why, InvalidGiven):
        return [replace(fault, pointer=column_of(fault.pointer, act)) for fault in why.faults]
    if isinstance(why, Refused):
        return [
            Fault(reason.code, column_of(reason.pointer or "", act), reason.id, reason.en) for reason in why.reasons
        ]
    plain = next((fault for kind, fault in _PLAIN.items() if isinstance(why, kind)), None)
    if plain is None:
        raise why
    return [plain]
