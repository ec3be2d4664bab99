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
from casefiles import flow
from casefiles.catalogue.versions import ensure_on_record
from casefiles.errors import Fault
from casefiles.flow import DocumentView
from casefiles.identifiers import number_key
from casefiles.intake import documents
from casefiles.intake.documents import Descriptor
from casefiles.models import Document, Payload
from casefiles.names import name_key
from casefiles.operations import past_refusals
from casefiles.operations.past_cases import PastCase, faults
from casefiles.operations.past_taking import Row, Taking
from casefiles.operations.rows_passed import Passed

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
        self._passed = Passed()
        self._spare: list[str] = []
        flow.digest()  # takes a second, once in a process: before anything is locked
        ensure_on_record()

    def take(self, rows: Sequence[Row], *, now: datetime) -> list[Came]:
        """What came of each row, in their order. Each is in whole, or refused with all that is wrong with it."""
        there = _there(rows)
        came: dict[int, Came] = {}
        fresh: list[Row] = []
        for row in rows:
            if (known := self._known(row, there)) is None:
                fresh.append(row)
            else:
                came[row.line] = known
            self.pass_over(row)
        if fresh:
            came |= self._taken(fresh, {key[:2] for key in there}, now=now)
        return [came[row.line] for row in rows]

    def pass_over(self, row: Row) -> None:
        """Remember a row that has its answer, so that another one for the same officer is refused."""
        self._passed.add(_keys(*_key(row.case)[:2], row.case.nip or "", name_key(row.case.name)))

    def _known(self, row: Row, there: Mapping[Key, tuple[str, str]]) -> Came | None:
        """What is to be said of a row that is not walked; None where it is."""
        key, unnumbered = _key(row.case), _unnumbered(row.case)
        if wrong := faults(row.case):
            return Came(row.line, "refused", faults=wrong)
        if self._passed.holds({key, unnumbered}):
            return Came(row.line, "refused", faults=(past_refusals.REPEATED,))
        if (known := there.get(key)) is not None:
            number, client = known
            return Came(row.line, "imported" if client == self._actor.client_id else "here", number)
        if unnumbered in there:
            return Came(row.line, "refused", faults=(past_refusals.PERHAPS_THERE,))
        return None

    def _taken(self, fresh: Sequence[Row], found: set[tuple[str, str]], *, now: datetime) -> dict[int, Came]:
        """Take in rows that are not there. `found` are office and register number of the findings that there are."""
        firsts = {_key(row.case)[:2]: row for row in reversed(fresh) if _key(row.case)[:2] not in found}
        first = [row for row in fresh if firsts.get(_key(row.case)[:2]) is row]
        with transaction.atomic():
            _take_time()
            papers = self._papers or _registered(self._listed, self._actor, now=now)
            request = RequestFacts(id=uuid4(), only_tries=self._only_check)
            taking = Taking(self._actor, papers, now=now, request=request, spare=self._spare)
            taking.take_together(first)
            for row in fresh:
                if firsts.get(_key(row.case)[:2]) is not row:
                    taking.take_alone(row, _finding_of(row.case))
            if self._only_check:
                transaction.set_rollback(True)
        if not self._only_check:
            self._papers = papers
        came = {line: Came(line, "refused", faults=wrong) for line, wrong in taking.refused.items()}
        numbers = dict.fromkeys(taking.numbers) if self._only_check else taking.numbers
        return came | {line: Came(line, "imported", number, is_new=True) for line, number in numbers.items()}


def _take_time() -> None:
    """Judging a hundred rows asks the database nothing, and takes many seconds on a machine that is busy.

    Meanwhile nothing is locked that anybody else waits for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")


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
