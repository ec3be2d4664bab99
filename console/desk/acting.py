"""The one place of the console that performs: an officer's act, through the same rules and the same `perform`.

A body is read as the API reads it, and refused in the API's words. An act is tried first, which stores nothing, and
then performed once under the form's key, together with the note that the form is spent. No key signs it: the entry
names the person and the second factor that they gave to the console.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Final, Literal, NamedTuple, TypeVar
from uuid import UUID, uuid5

import orjson
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.translation import gettext as _

from agencies.actor import Actor
from api.http import bodies, problems
from api.http.idempotency_key import digest
from api.http.problems import Problem
from audit import receipts, status
from audit.ledger import Sealed
from audit.requests import RequestFacts
from casefiles import flow
from casefiles.catalogue import book
from casefiles.errors import CasefileError
from casefiles.file import CaseFile
from casefiles.flow import Refused, Transition, WrongParty, WrongState
from casefiles.intake import documents
from casefiles.intake.documents import Descriptor
from casefiles.transitions import perform
from casefiles.transitions.decide import Performed
from casefiles.transitions.taking import sight_and_lock
from casefiles.transitions.unit import Unit
from console.desk import limits, wording
from console.desk.connection import as_desk, storing
from console.desk.kept import Ticket
from contents import keeping, storage
from contents.errors import ContentError, NotAccepted, TooLarge
from contents.models import Content
from contents.receiving import BEGINS, MOST, Offered

S = TypeVar("S")

_PART: Final = 256 * 1024
_PATIENCE: Final = "set_config('lock_timeout', '2s', true)"
"""How long an act waits for a casefile that somebody else is working on."""
_CLAIM: Final = """
INSERT INTO console_form (id, user_id, casefile, transition, version)
VALUES (%(form)s, %(user)s, %(casefile)s, %(transition)s, %(version)s)
ON CONFLICT (id) DO UPDATE SET kept_at = console_form.kept_at
RETURNING entry, receipt ->> 'casefile',
    EXISTS (SELECT FROM people_foureyes WHERE agency_id = %(agency)s),
    EXISTS (SELECT FROM console_draft WHERE id = %(as_draft)s)
"""
_SPEND: Final = """
WITH drafted AS (
    UPDATE console_draft SET state = 'done', performer_id = %(person)s, settled_at = %(now)s, kept = NULL, remark = NULL
    WHERE id = %(draft)s AND agency_id = %(agency)s AND state = 'waits' AND drafter_id <> %(person)s
        AND expires_at > %(now)s
    RETURNING id
)
UPDATE console_form SET entry = %(entry)s, receipt = %(receipt)s::jsonb, done_at = %(now)s, kept = NULL
WHERE id = %(form)s AND (%(draft)s::uuid IS NULL OR EXISTS (SELECT FROM drafted))
"""
"""A draft is taken in the same statement: who comes second, drafted it, or comes too late finds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for with a form, and the body as it was read from it."""

    ticket: Ticket
    actor: Actor
    body: Mapping[str, Any]
    now: datetime
    request_id: UUID
    language: Literal["id", "en"]

    @property
    def person(self) -> UUID:
        """Who acts."""
        return person_of(self.actor)

    @property
    def draft(self) -> UUID | None:
        """The draft that is performed; its id is the form's key."""
        is_drafted = self.actor.proved is not None and self.actor.proved.drafted is not None
        return self.ticket.form if is_drafted else None

    @property
    def request(self) -> RequestFacts:
        """The request as the log names it, under the form's key."""
        return RequestFacts(
            id=self.request_id, idempotency=digest(client=self.actor.keyed_as, key=str(self.ticket.form))
        )

    def read_as(self, shape: type[S]) -> S:
        """The body as that shape. Raises Problem with every breach."""
        return bodies.parse(shape, dict(self.body), catalogue=book.load(), now=self.now, time_zone=self.actor.time_zone)


def person_of(actor: Actor) -> UUID:
    """The person who is about to act. Raises TypeError for who has proved nothing."""
    if actor.proved is None:
        raise TypeError("nobody acts at the desk without a proof of who they are")
    return actor.proved.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Asked):
    """A row of the flow that somebody wants to perform on a casefile."""

    row: Transition


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason of a refusal, in the reader's language, and the place in the body that it is about."""

    pointer: str | None
    sentence: str
    resolve_with: tuple[str, ...] = ()


class NotDone(Exception):
    """The act was refused, and nothing was stored. `current` is the casefile's version where the page's is older."""

    def __init__(
        self, status_code: int, code: str, sentence: str, faults: tuple[Fault, ...], current: int | None
    ) -> None:
        super().__init__(code)
        self.status = status_code
        self.code = code
        self.sentence = sentence
        self.faults = faults
        self.current = current


def tried(wanted: Wanted) -> CaseFile:
    """The casefile as it would be after the act; nothing is stored. Raises `NotDone`."""
    try:
        limits.check(wanted.person, limits.ACTS)
        given = wanted.read_as(_shape(wanted))
        with storing():
            done, unit = _performed(wanted, given)
            unit.write()
            connection.check_constraints()  # deferred ones too, as a commit would
            transaction.set_rollback(True)
    except REFUSALS as why:
        raise not_done(why, wanted) from why
    return done.facts


def performed(wanted: Wanted) -> bool:
    """Perform the act once, under the form's key; whether it is done now, and not before. Raises `NotDone`."""
    try:
        limits.check(wanted.person, limits.ACTS)
        given = wanted.read_as(_shape(wanted))
        with storing():
            if is_spent(wanted):
                return False
            done, unit = _performed(wanted, given)
            unit.write()
            spend(wanted, done.sealed.uuid, stated(done.sealed))
    except REFUSALS as why:
        raise not_done(why, wanted) from why
    return True


REFUSALS: Final = (Problem, CasefileError, Refused, WrongState, WrongParty, DatabaseError, InterfaceError)
"""What is told to the officer beside their form. A lost connection is an InterfaceError, and no DatabaseError."""


def _shape(wanted: Wanted) -> type[Any]:
    if wanted.row.takes is None:
        raise TypeError(f"{wanted.row.name} takes nothing, and so has no form")
    return wanted.row.takes


def _performed(wanted: Wanted, given: Any) -> tuple[Performed, Unit]:
    """Ask for sight and lock, and decide; what is to be written is in the unit."""
    casefile, actor = wanted.ticket.casefile, wanted.actor
    question = sight_and_lock(actor, casefile, locks=perform.locks_alone(wanted.row.name, given))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_PATIENCE}, {status.PULSE}, {question.sql}", question.parameters)
        _patience, pulse, told = cursor.fetchone()
    refuse_paused(pulse)
    sight, is_held = question.read(orjson.loads(told))
    if sight is None:
        raise Problem("not-found")
    if sight.is_former:
        raise flow.WrongParty(wanted.row.name, wanted.row.by)
    unit = Unit(held=frozenset({casefile}) if is_held else frozenset())
    done = perform.undertake(
        unit,
        actor=actor,
        casefile=casefile,
        name=wanted.row.name,
        given=given,
        occurred_at=given.occurred_at,
        now=wanted.now,
        request=wanted.request,
        expected_version=wanted.ticket.version,
    )
    return done, unit


def refuse_paused(pulse: str | None) -> None:
    """Raise Problem `writes-paused` where the log could not keep what a receipt promises."""
    if (read := status.read_pulse(pulse)) and (why := read.paused()):
        raise Problem("writes-paused", errors=[problems.ErrorItem(f"log-{why}")])


def is_spent(wanted: Asked) -> bool:
    """Take the form's key; whether it led to an act already. A twin that is under way is waited for.

    Raises `NotDone` where the agency wants two officers and nobody drafted the act, and for a form that was drafted:
    only another officer performs that, whatever has become of the agency's policy since.
    """
    claim = _claimed(wanted.ticket, agency=wanted.actor.agency_id)
    if claim.entry is None and wanted.draft is None:
        if claim.wants_two:
            raise refused_to_one()
        if claim.was_drafted:
            raise NotDone(
                409, "form-drafted", _("Formulir ini sudah menjadi rancangan; orang lain yang mencatatnya."), (), None
            )
    return claim.entry is not None


def refused_to_one() -> NotDone:
    """One officer alone, where the agency wants two."""
    return NotDone(
        409, "draft-wanted", _("Instansi Anda menghendaki dua petugas: simpan sebagai rancangan dahulu."), (), None
    )


class _Claim(NamedTuple):
    """What stands under a form's key: the entry that it led to already, and the stream of that entry.

    `wants_two` says whether the agency wants two officers now, `was_drafted` whether the form became a draft.
    """

    entry: UUID | None
    stream: UUID | None
    wants_two: bool
    was_drafted: bool


def _claimed(ticket: Ticket, *, agency: int) -> _Claim:
    """Take the key."""
    parameters: dict[str, Any] = {
        "form": ticket.form,
        "user": ticket.user,
        "casefile": ticket.casefile,
        "transition": ticket.transition,
        "version": ticket.version,
        "agency": agency,
        "as_draft": ticket.as_draft,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, parameters)
        entry, stream, wants_two, was_drafted = cursor.fetchone()
    return _Claim(entry, UUID(stream) if stream else None, wants_two, was_drafted)


def stated(sealed: Sealed) -> dict[str, Any]:
    """The receipt of one casefile's entry, as the API hands it out."""
    said = receipts.stated(sealed)
    told = {name: said[name] for name in ("seq", "leaf_hash", "accepted_at", "in_tree_by", "jws")}
    return {"entry": said["entry"], "casefile": said["stream"], **told}


def spend(wanted: Asked | Paper, entry: UUID, receipt: Any, *, ticket: Ticket | None = None) -> None:
    """Note in the act's transaction what the form led to; what was kept of it, or of its draft, goes.

    Raises `NotDone` for a draft that waits no more, or that this person drafted.
    """
    draft = wanted.draft if isinstance(wanted, Asked) else None
    parameters: dict[str, Any] = {
        "form": (ticket or wanted.ticket).form,
        "entry": entry,
        "receipt": orjson.dumps(receipt).decode(),
        "now": wanted.now,
        "draft": draft,
        "person": person_of(wanted.actor),
        "agency": wanted.actor.agency_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, parameters)
        if draft is not None and cursor.rowcount != 1:
            raise NotDone(409, "draft-settled", _("Rancangan ini tidak menunggu Anda lagi."), (), None)


# -- a paper ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file that somebody brings, with its descriptor as it was read from the form.

    `ticket` says for which form of which casefile it is brought.
    """

    ticket: Ticket
    actor: Actor
    body: Mapping[str, Any]
    file: BinaryIO
    now: datetime
    request_id: UUID
    language: Literal["id", "en"]


def brought(paper: Paper) -> UUID:
    """Register the descriptor and, where contents are kept, take the file in to be scanned; the document's id.

    Size, digest and media type are those of the file itself. The same file with the same descriptor, brought again for
    the same form, is the same document: a button that was pressed twice, or a file that could not be taken in the first
    time. Raises `NotDone`.
    """
    try:
        limits.check(person_of(paper.actor), limits.PAPERS)
        measured = _measured(paper.file)
        given = _described(paper, measured)
        request = RequestFacts(id=paper.request_id)
        ticket = _ticket_of(paper, digest=measured["sha256"])
        with storing():
            known = _claimed(ticket, agency=paper.actor.agency_id).stream
            if known is None:
                sealed = documents.register(actor=paper.actor, given=given, now=paper.now, request=request)
                spend(paper, sealed.uuid, stated(sealed), ticket=ticket)
            document = known or sealed.stream
        if storage.is_offered():
            with as_desk():
                _taken_in(paper, document, digest=bytes.fromhex(measured["sha256"]), request=request)
    except (*REFUSALS, ContentError) as why:
        raise not_done(why, paper) from why
    return document


def faults_beside_the_file(paper: Paper) -> tuple[Fault, ...]:
    """What else is wrong with the descriptor of a file that was refused."""
    try:
        _described(paper, {"media_type": "application/pdf", "size": 1, "sha256": "0" * 64})
    except Problem as why:
        return not_done(why, paper).faults
    return ()


def _described(paper: Paper, measured: Mapping[str, Any]) -> Descriptor:
    return bodies.parse(
        Descriptor,
        {**paper.body, **measured},
        catalogue=book.load(),
        now=paper.now,
        time_zone=paper.actor.time_zone,
    )


def _ticket_of(paper: Paper, *, digest: str) -> Ticket:
    """The ticket under which this file with this descriptor is registered once."""
    what = [str(paper.ticket.user), str(paper.ticket.casefile), digest, dict(paper.body)]
    name = orjson.dumps(what, option=orjson.OPT_SORT_KEYS).decode()
    return replace(paper.ticket, form=uuid5(paper.ticket.form, name))


def _measured(file: BinaryIO) -> dict[str, Any]:
    """What the file says of itself. Raises `NotAccepted` where it is neither PDF nor JPEG nor PNG, or is too large."""
    begins = file.read(16)
    media_type = next((kind for kind, mark in BEGINS.items() if begins.startswith(mark)), None)
    if media_type is None:
        raise NotAccepted
    file.seek(0)
    sha256, size = hashlib.sha256(), 0
    while part := file.read(_PART):
        sha256.update(part)
        size += len(part)
    if size > MOST:
        raise TooLarge
    return {"media_type": media_type, "size": size, "sha256": sha256.hexdigest()}


def _taken_in(paper: Paper, document: UUID, *, digest: bytes, request: RequestFacts) -> None:
    intent = keeping.intend(
        actor=paper.actor, document=document, offered=Offered(digest=digest, length=None), now=paper.now
    )
    if isinstance(intent, Content):
        return
    draft = keeping.begin(intent)
    paper.file.seek(0)
    while part := paper.file.read(_PART):
        if not draft.take(part):
            break
    keeping.keep(actor=paper.actor, draft=draft, now=paper.now, request=request)


def not_done(why: Exception, wanted: Asked | Paper) -> NotDone:
    """The refusal in the API's words. A fault of ours is raised as it is."""
    if isinstance(why, DatabaseError | InterfaceError) and problems.code_of_database_error(why) is None:
        raise why
    problem = problems.from_exception(why)
    said = problem.in_language(wanted.language, instance=f"urn:uuid:{wanted.request_id}")
    faults = tuple(
        Fault(
            item.get("pointer"),
            wording.refused(item["code"], str(item["detail"]), wanted.language),
            tuple(item.get("resolve_with", ())),
        )
        for item in said.get("errors", ())
    )
    sentence = wording.refused(problem.code, str(said["detail"]), wanted.language)
    return NotDone(problem.status, problem.code, sentence, faults, problem.members.get("current_version"))
