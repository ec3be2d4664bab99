"""Taking in a finding: n subjects become n casefiles, all or nothing, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from agencies.actor import Actor
from audit import ledger
from audit.ids import uuid7
from audit.requests import RequestFacts
from casefiles import flow, references
from casefiles.catalogue.law import local_day, open_book
from casefiles.catalogue.versions import ensure_on_record
from casefiles.errors import Erased, Fault, FindingExists, InvalidGiven, NoMandate, NotVisible, NotYourOffice
from casefiles.file import Warned
from casefiles.flow import AgencyView, Party, WrongParty
from casefiles.flow.finding import FindingGiven, MoreSubjects
from casefiles.identifiers import number_key
from casefiles.intake import finding_checks
from casefiles.intake.finding_steps import Submission, finding_steps
from casefiles.intake.surroundings import Mandate, Office, Surroundings, bring, wanted
from casefiles.models import Finding, Payload
from casefiles.sight import protected
from casefiles.transitions import committing
from casefiles.transitions.decide import before_the_last_step, unknown_agencies, unknown_documents
from casefiles.transitions.unit import Part, Question, Unit
from casefiles.transitions.values import Act, Step
from casefiles.transitions.write import stored, write


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A finding with the casefiles that it made; `warnings` are about this act, and stand in no casefile.

    `names` are those of the agencies that it names, by code.
    """

    finding: UUID
    version: int
    content: Mapping[str, Any]
    steps: tuple[Step, ...]
    names: Mapping[str, str]
    warnings: tuple[Warned, ...] = ()


def asks(actor: Actor, given: FindingGiven) -> Question[Surroundings]:
    """What has to be known to take in that finding."""
    return wanted(
        office=given.origin_office,
        codes={code for _, code in references.agencies(given)} | {actor.agency_code},
        documents=given.assessment.documents,
        owner=actor,
        register_number=given.register_number,
    )


def submit(
    *,
    actor: Actor,
    given: FindingGiven,
    now: datetime,
    request: RequestFacts,
    unit: Unit | None = None,
    around: Surroundings | None = None,
    told: bool = False,
    spare: list[str] | None = None,
) -> TakenIn:
    """Take in a finding, inside the caller's transaction; a door hands over its unit, and what `asks` brought it.

    `told`: the operator writes down what the office forwarded long ago, with documents of the operator's. `spare`:
    numbers of casefiles that were rolled back, to be given before others are drawn; they are taken out of it.
    Raises `WrongParty` (no election supervisor), `CatalogueNotOnRecord`, `InvalidGiven`, `NotYourOffice`,
    `FindingExists` (with a unit, its writing may too); nothing is stored then.
    """
    act = submits(given, actor=actor, now=now, request=request, told=told)
    if "election_supervisor" not in actor.roles and not told:
        raise WrongParty(act.row.name, act.row.by)
    ensure_on_record()
    around = around or bring(asks(actor, given))
    taken = judged(act, given, around=around, spare=[] if spare is None else spare)
    own = unit or Unit()
    own.store(_new_finding(taken))
    own.store(stored(taken.steps))
    if unit is None:
        own.write()
    return _taken_in(taken.shared, taken.steps, version=1, names=around.names())


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding that may be stored: its row, what its casefiles share, the salt of its protected part, their steps."""

    row: Mapping[str, Any]
    shared: Submission
    salt: bytes | None
    steps: tuple[Step, ...]


def judged(act: Act, given: FindingGiven, *, around: Surroundings, spare: list[str]) -> Judged:
    """The finding as it would be stored; asks the database for nothing but numbers, where `spare` has not enough.

    Raises `InvalidGiven`, `NotYourOffice`, `NoMandate`, `FindingExists`.
    """
    actor, moment, told = act.actor, act.moment, act.stands_for is not None
    today = local_day(moment, actor.time_zone)
    law = open_book(calendar_version=around.calendar_version)
    found = around.named({code for _, code in references.agencies(given)} | {actor.agency_code}, today=today)
    documents = around.documents
    faults = [
        *unknown_agencies(references.agencies(given), set(found)),
        *unknown_documents(references.documents(given), documents),
        *finding_checks.contradictions(given, documents),
        *finding_checks.contest_faults(given, law.catalogue),
        *finding_checks.day_faults(given, documents, today=today, time_zone=actor.time_zone),
        *finding_checks.stage_faults(given, law.catalogue),
        *finding_checks.subject_faults(
            given.subjects, [violation.number for violation in given.violations], agencies=found
        ),
    ]
    if faults:
        raise InvalidGiven(tuple(faults))
    office = around.office(given.origin_office, today=today)
    if actor.agency_id not in office.pks and not told:
        raise NotYourOffice
    mandate = around.mandate(on=local_day(moment, office.office.time_zone))
    if mandate is None:
        raise NoMandate
    if around.earlier is not None:
        raise FindingExists(around.earlier)
    content = references.plain(given)
    row = _row(given, office=office, mandate=mandate, now=act.now)
    shielded, salt = protected.sealed(content)
    shared = Submission(
        act=act,
        law=law,
        office=office,
        mandate=mandate,
        agencies=found,
        documents=documents,
        content=content,
        shielded=shielded,
        finding=row["id"],
        arrived=moment,
        auditors=around.auditors,
        spare=spare,
    )
    return Judged(row, shared, salt, finding_steps(given.subjects, shared))


def store_many(taken: Sequence[Judged]) -> frozenset[UUID]:
    """Store findings without their casefiles' steps, in one statement. Returns those whose number was still free."""
    if not taken:
        return frozenset()
    rows = [_told_row(one) for one in taken]
    with connection.cursor() as cursor:
        cursor.execute(_NEW_ONES, {"findings": orjson.dumps(rows).decode()})
        return frozenset(ident for (ident,) in cursor.fetchall())


def add_subjects(
    *,
    actor: Actor,
    finding: UUID,
    given: MoreSubjects,
    now: datetime,
    request: RequestFacts,
    told: bool = False,
    spare: list[str] | None = None,
) -> TakenIn:
    """Add further officers to a finding the caller submitted; each becomes a casefile of its own.

    `told`: the operator writes down whom the office named long ago. `spare`: as `submit` takes them.
    Raises `CatalogueNotOnRecord`, `NotVisible`, `WrongParty` (another office's finding), `Erased`, `InvalidGiven`.
    """
    ensure_on_record()
    act = submits(given, actor=actor, now=now, request=request, told=told)
    kept, last = _held(finding)
    content = dict(last.given or {})
    today = local_day(act.moment, actor.time_zone)
    codes = {code for _, code in references.agencies(given)} | {actor.agency_code}
    around = bring(_asks_again(kept, content, codes=codes))
    office = around.office(kept.office.code, today=today)
    if actor.agency_id not in office.pks and not told:
        raise WrongParty(act.row.name, act.row.by)
    if not content:
        raise Erased
    found = around.named(codes, today=today)
    arrived = datetime.fromisoformat(content["occurred_at"] or kept.created_at.isoformat())
    if faults := _faults_of_more(given, content, agencies=found, moment=act.moment, arrived=arrived):
        raise InvalidGiven(tuple(faults))
    # Not the finding's own: a casefile stands under the mandate in force when it was submitted.
    mandate = around.mandate(on=local_day(act.moment, office.office.time_zone))
    if mandate is None:
        raise NoMandate
    content["subjects"] = [*content["subjects"], *(references.plain(subject) for subject in given.subjects)]
    shielded, salt = protected.sealed(content)
    shared = Submission(
        act=act,
        law=open_book(calendar_version=around.calendar_version),
        office=office,
        mandate=mandate,
        agencies=found,
        documents=around.documents,
        content=content,
        shielded=shielded,
        finding=finding,
        arrived=arrived,
        auditors=around.auditors,
        spare=[] if spare is None else spare,
    )
    version = last.seq + 1
    _keep_content(shared, version=version, salt=salt)
    steps = finding_steps(given.subjects, shared)
    write(steps)
    return _taken_in(shared, steps, version=version, names=around.names())


def _held(finding: UUID) -> tuple[Finding, Payload]:
    """The finding and the last version of its content, held for one adder at a time. Raises `NotVisible`."""
    with connection.cursor() as cursor:
        # So that the finding's versions count without gaps. The row itself is append-only.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"finding:{finding}"])
    kept = Finding.objects.select_related("office").filter(pk=finding).first()
    if kept is None:
        raise NotVisible
    return kept, Payload.objects.filter(finding=kept, answer__isnull=True).order_by("-seq")[0]


def _asks_again(kept: Finding, content: Mapping[str, Any], *, codes: set[str]) -> Question[Surroundings]:
    """What has to be known to add to a finding; `content` is empty where it was erased."""
    employers = {subject["employer"] for subject in content.get("subjects", ()) if subject["employer"]}
    documents = [UUID(ident) for ident in content["assessment"]["documents"]] if content else ()
    return wanted(office=kept.office.code, codes=codes | employers, documents=documents, owner=None)


def _faults_of_more(
    given: MoreSubjects,
    content: Mapping[str, Any],
    *,
    agencies: Mapping[str, AgencyView],
    moment: datetime,
    arrived: datetime,
) -> list[Fault]:
    """All that is wrong with officers who are added to the finding with that content."""
    return [
        *unknown_agencies(references.agencies(given), set(agencies)),
        *finding_checks.subject_faults(
            given.subjects,
            [violation["number"] for violation in content["violations"]],
            agencies=agencies,
            named=frozenset(subject["nip"] for subject in content["subjects"] if subject["nip"]),
        ),
        *before_the_last_step(moment, arrived),
    ]


def submits(
    given: FindingGiven | MoreSubjects, *, actor: Actor, now: datetime, request: RequestFacts, told: bool
) -> Act:
    """The act, whoever of the submitting side performs it: an office above forwards what its office submits."""
    return Act(
        row=flow.ROWS["submit"],
        actor=actor,
        given=given,
        occurred_at=given.occurred_at,
        now=now,
        request=request,
        party=Party.OPERATOR if told else Party.SUBMITTER,
        stands_for=Party.SUBMITTER if told else None,
    )


def _taken_in(shared: Submission, steps: tuple[Step, ...], *, version: int, names: Mapping[str, str]) -> TakenIn:
    act = shared.act
    warnings = finding_checks.mandate_warnings(
        shared.mandate.view, act.moment, now=act.now, time_zone=shared.office.office.time_zone
    )
    return TakenIn(
        finding=shared.finding, version=version, content=shared.content, steps=steps, names=names, warnings=warnings
    )


# --- what is stored beside the steps --------------------------------------------------------------------------------


def _row(given: FindingGiven, *, office: Office, mandate: Mandate, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(now),
        "office_id": office.office.pk,
        "register_number": given.register_number,
        "register_key": number_key(given.register_number),
        "source": given.source,
        "election": given.election or "",
        "mandate_id": mandate.pk,
        "known_on": given.known_on,
        "registered_on": given.registered_on,
        "created_at": now,
    }


def _new_finding(taken: Judged) -> Part:
    """The finding's row, the first version of its content, and their entry. Its check raises `FindingExists`."""
    row, shared = taken.row, taken.shared
    act, own = shared.act, committing.fresh_salt()
    sealed = committing.first_recorded(
        "finding", row, shared.content, salt=own, actor=act.actor, now=act.now, request=act.request
    )

    def check(count: int) -> None:
        # The unique index decides a race: the later one has waited for the earlier, and stored no row.
        if count == 0:
            raise FindingExists(_earlier(row))

    return Part(
        f"{_NEW}, {ledger.written('told')}",
        # Read first, so that the finding's entry comes before those of its casefiles.
        "(SELECT count(*) FROM finding) * (SELECT count(*) FROM told)",
        {
            **{f"finding_{name}": value for name, value in row.items()},
            "finding_content": orjson.dumps(shared.content).decode(),
            "finding_given_salt": taken.salt,
            "finding_salt": own,
            **ledger.columns_of(sealed, "told"),
        },
        check,
    )


def _told_row(taken: Judged) -> dict[str, Any]:
    act, own = taken.shared.act, committing.fresh_salt()
    sealed = committing.first_recorded(
        "finding", taken.row, taken.shared.content, salt=own, actor=act.actor, now=act.now, request=act.request
    )
    return {
        **taken.row,
        "content": taken.shared.content,
        "given_salt": None if taken.salt is None else taken.salt.hex(),
        "salt": own.hex(),
        "entry": sealed.uuid,
        "leaf": sealed.leaf_hash.hex(),
        "body": sealed.body.decode(),
        "caller_request_id": sealed.caller_request_id,
    }


# Of many findings at once; one whose number was taken meanwhile is left out with its content and its entry.
_NEW_ONES = f"""
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(findings)s::jsonb) AS f(id uuid, office_id bigint, register_number text,
        register_key text, source text, election text, mandate_id bigint, known_on date, registered_on date,
        created_at timestamptz, content jsonb, given_salt text, salt text, entry uuid, leaf text, body text,
        caller_request_id text)
), finding AS (
    INSERT INTO casefiles_finding (id, office_id, register_number, register_key, source, election, mandate_id,
        known_on, registered_on, created_at)
    SELECT id, office_id, register_number, register_key, source, election, mandate_id, known_on, registered_on,
        created_at
    FROM told ON CONFLICT (office_id, register_key) DO NOTHING RETURNING id
), content AS (
    INSERT INTO casefiles_payload (finding_id, seq, given, given_salt, facts_salt, nip, name_key, created_at)
    SELECT t.id, 1, t.content, decode(t.given_salt, 'hex'), decode(t.salt, 'hex'), '', '', t.created_at
    FROM told t JOIN finding USING (id)
), kept AS (
    SELECT t.* FROM told t JOIN finding USING (id)
), {ledger.written_of("entry", "kept")}
SELECT id FROM finding
"""  # noqa: S608 - composed of constants only
_NEW = """
finding AS (
    INSERT INTO casefiles_finding (id, office_id, register_number, register_key, source, election, mandate_id,
        known_on, registered_on, created_at)
    VALUES (%(finding_id)s, %(finding_office_id)s, %(finding_register_number)s, %(finding_register_key)s,
        %(finding_source)s, %(finding_election)s, %(finding_mandate_id)s, %(finding_known_on)s,
        %(finding_registered_on)s, %(finding_created_at)s)
    ON CONFLICT (office_id, register_key) DO NOTHING RETURNING id
), content AS (
    INSERT INTO casefiles_payload (finding_id, seq, given, given_salt, facts_salt, nip, name_key, created_at)
    VALUES (%(finding_id)s, 1, %(finding_content)s::jsonb, %(finding_given_salt)s, %(finding_salt)s, '', '',
        %(finding_created_at)s)
)
"""


def _earlier(row: Mapping[str, Any]) -> UUID:
    found: UUID = Finding.objects.values_list("pk", flat=True).get(
        office=row["office_id"], register_key=row["register_key"]
    )
    return found


def _keep_content(shared: Submission, *, version: int, salt: bytes | None) -> None:
    """A further version of the finding's content, with its entry."""
    act, own = shared.act, committing.fresh_salt()
    Payload.objects.create(
        finding_id=shared.finding,
        seq=version,
        given=shared.content,
        given_salt=salt,
        facts_salt=own,
        created_at=act.now,
    )
    committing.recorded(
        "finding", shared.finding, salt=own, actor=act.actor, now=act.now, request=act.request, is_first=False
    )
