"""Matters as tests need them: valid bodies for every transition, and casefiles that walked the real flow.

`given(name)` is pure: a body that every guard accepts on an ordinary file. `Story` and `casefile_at(state)` go through
`findings.submit` and `transitions.perform`, never past them, on a database seeded with the sandbox's world.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from agencies.actor import Actor
from audit.requests import RequestFacts
from casefiles.catalogue.siasn import HukdisRecord
from casefiles.flow import ROWS, Party, State
from casefiles.flow.examination import (
    Clearance,
    Note,
    PriorSanction,
    Recommendation,
    Redirection,
    Termination,
    Withheld,
)
from casefiles.flow.finding import (
    Assessment,
    Clarification,
    Contest,
    FindingGiven,
    Reporter,
    Subject,
    Violation,
)
from casefiles.flow.given import (
    AmendReason,
    BlockReason,
    ClearReason,
    CorrectionReason,
    Decree,
    DisownReason,
    DisputeReason,
    ExtendReason,
    Letter,
    LighterReason,
    NumberedLetter,
    Official,
    RecallReason,
    RejectReason,
    ReopenReason,
    TerminateReason,
    TransferReason,
    UnblockReason,
    UnmergeReason,
    UpholdReason,
    WithdrawReason,
    WithholdReason,
)
from casefiles.flow.identity import Disownment, Identity, IdentityRequest, Recall
from casefiles.flow.intake import (
    Acceptance,
    Answer,
    Completion,
    Rejection,
    Return,
    ReturnItem,
    Verification,
    Withdrawal,
)
from casefiles.intake import findings, preventions, zero_reports
from casefiles.intake.documents import Descriptor, register
from casefiles.intake.findings import TakenIn
from casefiles.intake.preventions import PreventionGiven, Warned
from casefiles.intake.zero_reports import ReportedPeriod, ZeroReportGiven
from casefiles.models import Casefile, Payload, Referral
from casefiles.operations import hukdis
from casefiles.statistics import snapshots
from casefiles.statistics.snapshots import SnapshotGiven
from casefiles.transitions import duplicates, perform
from casefiles.transitions.decide import Performed
from tests.shaped import body_of

from casefiles.flow.custody import Extension, Reassignment, Serving  # isort: skip
from casefiles.flow.transfer import Transfer  # isort: skip
from casefiles.flow.execution import Execution  # isort: skip
from casefiles.flow.afterwards import Correction  # isort: skip
from casefiles.flow.reopening import Reopening  # isort: skip
from casefiles.flow.joining import Merging, Unmerging  # isort: skip
from casefiles.flow.absorption import Absorption  # isort: skip
from casefiles.flow.follow_up import Acknowledgement, Dispute, Retraction, Revision, Upholding  # isort: skip
from casefiles.flow.remedy import Annulment, Settlement  # isort: skip
from casefiles.flow.contesting import Contesting  # isort: skip
from casefiles.flow.blocking import DataBlock, DataUnblock  # isort: skip
from casefiles.flow.oversight import Escalation, Measure  # isort: skip
from casefiles.flow.closing import Closing, Waiver
from casefiles.flow.sanction import CorrectionDemand, Decision, Delivered, Delivery, Examination, SanctionReport

from casefiles.flow.upkeep import HandOver, Protocol, Recomputation  # isort: skip

# Everyone here is invented.
NIP = "198501012010011001"
NAME = "Terlapor Rekaan"
OFFICER: Mapping[str, str] = {"nip": NIP, "name": NAME}
OFFICIAL = Official(name="Pejabat Rekaan", nip="197001011995031001", position="Kepala Badan")
REPORTER = Reporter(kind="voter", name="Pelapor Rekaan", address="Jalan Rekaan 1", phone="0800000000")

PADANG, PROVINCE, OTHER_OFFICE = "bawaslu-kota-padang", "bawaslu-sumatera-barat", "bawaslu-kab-agam"
BKN, KASN, PEMKOT, PEMPROV = "bkn", "kasn", "pemkot-padang", "pemprov-sumatera-barat"
BOARD, AUDITOR = "bpasn", "bpk"
HOME_AFFAIRS, MINISTRY, OPERATOR = "kemendagri", "kemenpanrb", "lintas"

# A casefile that is none, where an act is judged without a database.
OTHER_CASEFILE = uuid.UUID("0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21")

SUBMITTED_ON = date(2024, 10, 7)


def at(day: date, hour: int = 3) -> datetime:
    """An instant on that day: 03:00 UTC is ten in the morning in Jakarta."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def letter(number: str = "R-1/2024", day: date = date(2024, 10, 20)) -> NumberedLetter:
    """A letter without a registered document."""
    return NumberedLetter(number=number, date=day)


def heard(on: date) -> Examination:
    """The officer was summoned, came and was heard on that day."""
    return Examination(by="team", summoned_on=(on,), examined_on=on, attended=True)


# --- bodies ---------------------------------------------------------------------------------------------------------

Documents = Callable[[str], uuid.UUID]


def _any_document(kind: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, kind)


def _bodies(day: date, document: Documents) -> dict[str, Callable[[], Any]]:
    return {
        "request-identity": lambda: IdentityRequest(employer=PEMKOT),
        "identify": lambda: Identity(
            nip=NIP,
            name=NAME,
            employer=PEMKOT,
            employment_kind="pns",
            position_kind="functional_expert",
            position="Guru",
        ),
        "disown": lambda: Disownment(reason=DisownReason(code="not_ours")),
        "recall": lambda: Recall(reason=RecallReason(code="no_answer")),
        "return": lambda: Return(items=(ReturnItem(code="missing_evidence", text="Lampirkan bukti."),)),
        "complete": lambda: Completion(answers=(Answer(item=1, text="Terlampir."),)),
        "withdraw": lambda: Withdrawal(reason=WithdrawReason(code="double_entry")),
        "reject": lambda: Rejection(reason=RejectReason(code="not_asn"), official=OFFICIAL),
        "accept": lambda: Acceptance(verification=Verification(held_on=day, result="complete")),
        "clear": lambda: Clearance(
            letter=letter(day=day), reason=ClearReason(code="evidence_insufficient"), official=OFFICIAL
        ),
        "recommend": lambda: Recommendation(
            letter=letter(day=day),
            violations=(1,),
            sanction="discipline_medium",
            reasoning="Terbukti.",
            official=OFFICIAL,
        ),
        "redirect": lambda: Redirection(authority="gakkumdu"),
        "terminate": lambda: Termination(
            reason=TerminateReason(code="retired"), violation_found="undecided", official=OFFICIAL
        ),
        "note": lambda: Note(code="other", date=day),
        "serve": lambda: Serving(delivered_on=day, method="courier", proof=document("delivery_proof")),
        "transfer": lambda: Transfer(employer=PEMPROV, moved_on=day, reason=TransferReason(code="inter_agency_move")),
        "reassign": lambda: Reassignment(office=PROVINCE, kind="taken_over"),
        "extend": lambda: Extension(until=day + timedelta(days=45), reason=ExtendReason(code="examination_running")),
        "acknowledge": lambda: Acknowledgement(received_on=day, received_by=OFFICIAL),
        "dispute": lambda: Dispute(reason=DisputeReason(code="wrong_class"), letter=letter(day=day)),
        "uphold": lambda: Upholding(letter=letter(day=day), reason=UpholdReason(code="reasons_rejected")),
        "retract": lambda: Retraction(
            letter=letter(day=day), reason=ClearReason(code="no_violation"), official=OFFICIAL
        ),
        "report-sanction": lambda: SanctionReport(
            sanction="allowance_cut_25_6m",
            decision=Decision(number="SK.1", date=day, legal_basis="PP 94/2021", document=document("decision")),
            official=OFFICIAL,
            examination=heard(day),
        ),
        **_bodies_afterwards(day, document),
    }


def _bodies_afterwards(day: date, document: Documents) -> dict[str, Callable[[], Any]]:
    """Of the rows that follow a reported sanction, and of those beside the line."""
    return {
        "record-delivery": lambda: Delivery(delivered_on=day, method="hand"),
        "require-correction": lambda: CorrectionDemand(
            letter=letter(day=day), reason=CorrectionReason(code="not_examined")
        ),
        "recompute": lambda: Recomputation(
            calendar_version="2024.1", old_due=date(2024, 11, 7), new_due=date(2024, 11, 8)
        ),
        "hand-over": lambda: HandOver(
            mandate="examining-2027", disposition="continue", protocol=Protocol(number="BA-1/2027", date=day)
        ),
        "escalate": lambda: Escalation(
            level=1, ladder="follow_up_reminder", due_on=date(2024, 10, 28), reached_on=date(2024, 10, 24)
        ),
        "measure": lambda: Measure(code="reminder", letter=letter(day=day), addressed_to=PEMKOT),
        "block-data": lambda: DataBlock(
            letter=letter(day=day),
            reason=BlockReason(code="moved_while_examined", text="Mutasi selama diperiksa."),
            scope="partial",
            services=("promotion",),
        ),
        "unblock-data": lambda: DataUnblock(letter=letter(day=day), reason=UnblockReason(code="followed_up")),
        "close": lambda: Closing(
            conformity="in_line", contest_waived=Waiver(on=day, document=document("moral_statement"))
        ),
        "contest": lambda: Contesting(kind="objection", filed_on=day, letter=letter("B-1/2024", day)),
        "settle": lambda: Settlement(
            ruling="upheld",
            decision=Decision(number="PUT.1", date=day, legal_basis="PP 79/2021", document=document("ruling")),
            official=OFFICIAL,
        ),
        "annul": lambda: Annulment(
            decision=Decree(number="PUT.1", date=day, legal_basis="PP 79/2021", document=document("annulment_decree")),
            official=OFFICIAL,
        ),
        "record-execution": lambda: Execution(executed_on=day, proof=document("execution_proof")),
        "merge": lambda: Merging(into=OTHER_CASEFILE),
        "absorb": lambda: Absorption(casefile=OTHER_CASEFILE, number="LTS/2024/000009", on=day, submitters=(PADANG,)),
        "unmerge": lambda: Unmerging(reason=UnmergeReason(code="not_the_same_act")),
        "release": lambda: Absorption(casefile=OTHER_CASEFILE, number="LTS/2024/000009", on=day, submitters=(PADANG,)),
        "reopen": lambda: Reopening(
            ground=ReopenReason(code="new_evidence"), letter=letter(day=day), official=OFFICIAL
        ),
        "correct": lambda: Correction(
            fact="#/violations/*/place", violation=1, value="Padang", reason=AmendReason(code="clerical_error")
        ),
    }


def given(name: str, /, *, day: date = SUBMITTED_ON, document: Documents = _any_document, **changed: Any) -> Any:
    """A body for that transition that an ordinary file's guards accept, as given on `day`; fields may be changed.

    Where none stands here it is made of the examples of its fields.
    """
    import dataclasses

    if (ordinary := _bodies(day, document).get(name)) is not None:
        return dataclasses.replace(ordinary(), **changed)
    takes = ROWS[name].takes
    assert takes is not None, f"{name} takes no body"
    return dataclasses.replace(body_of(takes, day=day, document=document), **changed)


def finding_given(*, documents: Iterable[uuid.UUID], **changed: Any) -> FindingGiven:
    """A finding with one violation and one subject who is known by name only."""
    said: dict[str, Any] = {
        "occurred_at": at(SUBMITTED_ON),
        "register_number": f"{uuid.uuid4().hex[:12]}/TM/2024",
        "source": "finding",
        "origin_office": PADANG,
        "election": "pilkada-2024",
        "known_on": date(2024, 10, 2),
        "registered_on": date(2024, 10, 3),
        "clarification": Clarification(held=True, held_on=date(2024, 10, 5)),
        "assessment": Assessment(summary="Menyukai unggahan calon.", documents=tuple(documents)),
        "violations": (violation(),),
        "subjects": (Subject(name=NAME, violations=(1,)),),
    }
    return FindingGiven(**{**said, **changed})


def violation(number: int = 1, **changed: Any) -> Violation:
    """A like on social media after the candidates were designated."""
    said: dict[str, Any] = {
        "form": "social_media_engagement",
        "act_date": date(2024, 9, 29),
        "contest": Contest(office="mayor", region="13.71"),
        "description": "Menyukai unggahan calon.",
    }
    return Violation(number=number, **{**said, **changed})


def known_subject(**changed: Any) -> Subject:
    """A subject whom the submitter identified."""
    said: dict[str, Any] = {
        "name": NAME,
        "nip": NIP,
        "employer": PEMKOT,
        "employment_kind": "pns",
        "position_kind": "functional_expert",
        "position": "Guru",
        "violations": (1,),
    }
    return Subject(**{**said, **changed})


# --- actors and stories ---------------------------------------------------------------------------------------------


# Django would make this statement anew for every step of every story, which takes three times what it takes to ask it.
ACTOR = """
SELECT client.id AS client_pk, client.client_id, client.agency_id, agency.name AS agency_name, agency.roles,
       client.scopes, client.user_id AS user_pk, agency.group_id AS group_pk, agency.time_zone,
       -- The client's first key, as the token of a client remembers it.
       key.thumbprint AS key_thumbprint
FROM agencies_client client
JOIN agencies_agency agency ON agency.id = client.agency_id
LEFT JOIN agencies_clientkey key ON key.client_id = client.id
WHERE agency.code = %s ORDER BY key.id LIMIT 1
"""


def actor(agency: str) -> Actor:
    """The one client of that agency in the sandbox's world, as the domain is told of it."""
    with connection.cursor() as cursor:
        cursor.execute(ACTOR, [agency])
        row = cursor.fetchone()
        assert row is not None, f"{agency} has no client"
        found: dict[str, Any] = dict(zip((column.name for column in cursor.description), row, strict=True))
    for name in ("roles", "scopes"):
        found[name] = frozenset(found[name])
    return Actor(**found, agency_code=agency, ancestors=(), token_pk=0)


def document(owner: str, kind: str, *, now: datetime | None = None, size: int = 18_233) -> uuid.UUID:
    """A registered descriptor of that agency's."""
    return register(
        actor=actor(owner),
        given=Descriptor(
            type=kind, title="Judul dokumen rekaan", media_type="application/pdf", size=size, sha256="ab" * 32
        ),
        now=datetime.now(UTC) if _at_once.get() else now or at(SUBMITTED_ON, 1),
    ).stream


_at_once: ContextVar[bool] = ContextVar("at_once", default=False)


@contextmanager
def recorded_at_once() -> Iterator[None]:
    """What stories tell is recorded now, as by a real server: for logs whose times a verifier reads."""
    token = _at_once.set(True)
    try:
        yield
    finally:
        _at_once.reset(token)


def _recorded(moment: datetime) -> datetime:
    return datetime.now(UTC) if _at_once.get() else moment + timedelta(hours=1)


def _known(day: date) -> datetime:
    return datetime.now(UTC) if _at_once.get() else at(day)


def request() -> RequestFacts:
    """A request of its own."""
    return RequestFacts(id=uuid.uuid4())


@dataclass
class Story:
    """One casefile on its way. Each act happens a day after the one before, and is recorded an hour later."""

    casefile: uuid.UUID
    finding: uuid.UUID
    day: date = SUBMITTED_ON
    examiner: str = BKN
    submitter: str = PADANG
    addressee: str = PEMKOT
    employer: str = PEMKOT
    # What the officer's agency says of him when it identifies him.
    officer: Mapping[str, str] = field(default_factory=lambda: OFFICER)
    walked: list[str] = field(default_factory=lambda: ["submit"])

    @property
    def row(self) -> Casefile:
        """The casefile as stored."""
        return Casefile.objects.get(pk=self.casefile)

    @property
    def payload(self) -> Payload:
        """The content of the current version."""
        return Payload.objects.get(casefile=self.casefile, seq=self.row.version, answer__isnull=True)

    @property
    def facts(self) -> Any:
        """The file as it stands."""
        stored = Payload.objects.filter(
            casefile=self.casefile, seq=F("casefile__version"), answer__isnull=True
        ).values_list("facts", flat=True)
        return dict(stored.get() or {})

    @property
    def open(self) -> Referral:
        """The open referral."""
        return Referral.objects.get(casefile=self.casefile, status="open")

    def suspected_by(self, agency: str) -> tuple[uuid.UUID, ...]:
        """The casefiles that this agency sees and that may be the same matter."""
        found = duplicates.suspected(actor(agency), casefile=self.casefile, finding=self.finding, facts=self.facts)
        return tuple(uuid.UUID(one.id) for one in found)

    def referral(self, purpose: str) -> Referral:
        """The last referral of that purpose."""
        return Referral.objects.filter(casefile=self.casefile, purpose=purpose).order_by("opened_seq").last()  # type: ignore[return-value]  # a test that asks knows

    def who(self, name: str) -> str:
        """The agency that ordinarily performs that transition here."""
        parties = {
            "submitter": self.submitter,
            "examiner": self.examiner,
            "employer": self.employer,
            "addressee": self.addressee,
        }
        if name == "identify" and self.row.state == "submitted":
            return self.examiner
        if name == "note":
            return self.submitter
        if name in {"measure", "block-data", "unblock-data"}:
            return BKN
        return parties[ROWS[name].by[0]]

    def do(
        self,
        name: str,
        *,
        by: str | None = None,
        on: date | None = None,
        occurred_at: datetime | None = None,
        now: datetime | None = None,
        version: int | None = None,
        body: Any = None,
        as_party: Party | None = None,
        **changed: Any,
    ) -> Performed:
        """Perform one transition, by its ordinary party unless told, on the next day unless told."""
        agency = by or self.who(name)
        day = on or self.day + timedelta(days=1)
        moment = occurred_at or at(day)

        def owned(kind: str) -> uuid.UUID:
            return document(agency, kind, now=moment)

        if body is None:
            if name == "identify":
                changed = {**self.officer, **changed}
            if name == "complete" and "answers" not in changed:
                asked = self.facts["returned"]["items"]
                changed["answers"] = tuple(Answer(item=item["number"], text="Terlampir.") for item in asked)
            if name == "close" and "conformity" not in changed:
                compared = self.facts["sanction"]["comparison"]
                changed["conformity"] = "in_line" if compared in {"equal", "heavier"} else "not_in_line_noted"
            if name == "accept" and "not_duplicate_of" not in changed and Casefile.objects.filter(pk=self.casefile):
                # Stories tell of one officer again and again; here each is a matter of its own.
                changed["not_duplicate_of"] = self.suspected_by(agency)
            body = given(name, day=day, document=owned, **changed)
        with transaction.atomic():
            done = perform.perform(
                actor=actor(agency),
                casefile=self.casefile,
                name=name,
                given=body,
                occurred_at=moment,
                now=now or _recorded(moment),
                request=request(),
                expected_version=version,
                as_party=as_party,
            )
        self.day = max(day, self.day)
        self.walked.append(name)
        return done


def submit(*, by: str = PADANG, now: datetime | None = None, **changed: Any) -> TakenIn:
    """Take in a finding of that office, an hour after it was forwarded."""
    said = finding_given(documents=(document(by, "assessment"),), **{"origin_office": by, **changed})
    moment = said.occurred_at or at(SUBMITTED_ON)
    with transaction.atomic():
        return findings.submit(actor=actor(by), given=said, now=now or _recorded(moment), request=request())


def story(*, by: str = PADANG, examiner: str = BKN, officer: Mapping[str, str] = OFFICER, **changed: Any) -> Story:
    """A finding's first casefile, just submitted; of an officer who is known by name only unless told."""
    taken = submit(by=by, **{"subjects": (Subject(name=officer["name"], violations=(1,)),), **changed})
    return Story(
        casefile=taken.steps[0].casefile,
        finding=taken.finding,
        day=(changed.get("occurred_at") or at(SUBMITTED_ON)).date(),
        submitter=by,
        examiner=examiner,
        officer=officer,
    )


def prevention_given(**changed: Any) -> PreventionGiven:
    """A verbal warning of one officer of the city, before the candidates were designated."""
    said: dict[str, Any] = {
        "kind": "verbal_warning",
        "held_on": date(2024, 8, 12),
        "office": PADANG,
        "election": "pilkada-2024",
        "officers": (Warned(nip=NIP, name=NAME, employer=PEMKOT),),
        "text": "Diperingatkan setelah apel.",
    }
    return PreventionGiven(**{**said, **changed})


def prevention(*, by: str = PADANG, now: datetime | None = None, **changed: Any) -> uuid.UUID:
    """A prevention that the office recorded in time."""
    given = prevention_given(**changed)
    return preventions.record(actor=actor(by), given=given, now=now or _known(date(2024, 8, 13))).stream


def hukdis_record(told: Story) -> HukdisRecord:
    """The newest record for SIASN of that story's casefile."""
    return hukdis.held(told.casefile, now=datetime.now(UTC)).records[-1]


def handed_to_siasn(told: Story, *, by: str = PEMKOT, siasn_id: str | None = "8ae4-0001") -> uuid.UUID:
    """That the newest version of its sanction was handed to SIASN; the id of the hand-over."""
    record = hukdis_record(told)
    given = hukdis.HukdisHandedOver(
        sanction_version=record.sanction_version, digest=hukdis.digest_of(record), siasn_id=siasn_id
    )
    with transaction.atomic():
        return hukdis.record(
            actor=actor(by), casefile=told.casefile, given=given, now=_known(told.day + timedelta(days=30))
        ).stream


def period(first: date, last: date) -> ReportedPeriod:
    """The days from the first to the last, both included."""
    return ReportedPeriod(from_=first, until=last)


def zero_report_given(**changed: Any) -> ZeroReportGiven:
    """The city had no sanction to impose in January 2024."""
    said: dict[str, Any] = {
        "agency": PEMKOT,
        "subject": "sanctions",
        "period": period(date(2024, 1, 1), date(2024, 1, 31)),
        "official": OFFICIAL,
        "text": "Nihil berdasarkan register bulan Januari.",
    }
    return ZeroReportGiven(**{**said, **changed})


def zero_report(*, by: str = PEMKOT, now: datetime | None = None, **changed: Any) -> uuid.UUID:
    """A zero report that the agency recorded, or is refused, as one transaction."""
    with transaction.atomic():
        return zero_reports.record(
            actor=actor(by), given=zero_report_given(**changed), now=now or _known(date(2025, 1, 15))
        ).stream


def snapshot(*, by: str = AUDITOR, now: datetime | None = None, **changed: Any) -> uuid.UUID:
    """Numbers that the agency froze as one transaction; something has its place in the log."""
    said: dict[str, Any] = {"name": "Angka Januari"}
    with transaction.atomic():
        return snapshots.take(
            actor=actor(by), given=SnapshotGiven(**{**said, **changed}), now=now or datetime.now(UTC)
        ).stream


PATHS: dict[State, tuple[str, ...]] = {
    State.SUBMITTED: (),
    State.IDENTITY_REQUESTED: ("request-identity",),
    State.RETURNED: ("return",),
    State.UNDER_EXAMINATION: ("request-identity", "identify", "accept"),
}
PATHS[State.RECOMMENDED] = (*PATHS[State.UNDER_EXAMINATION], "recommend")
PATHS[State.AWAITING_SANCTION] = (*PATHS[State.RECOMMENDED], "acknowledge")
PATHS[State.DISPUTED] = (*PATHS[State.AWAITING_SANCTION], "dispute")
PATHS[State.SANCTION_REPORTED] = (*PATHS[State.AWAITING_SANCTION], "report-sanction")
PATHS[State.CONTESTED] = (*PATHS[State.SANCTION_REPORTED], "record-delivery", "contest")
PATHS[State.CLOSED] = (*PATHS[State.SANCTION_REPORTED], "record-delivery", "close")


def casefile_at(state: State, *, through: tuple[str, ...] | None = None, **submitted: Any) -> Story:
    """A casefile that walked the real flow to that state, by the shortest ordinary path or the one given."""
    told = story(**submitted)
    for name in PATHS[state] if through is None else through:
        told.do(name)
    assert told.row.state == state, f"walked to {told.row.state}"
    return told


__all__ = (
    "Delivered",
    "Letter",
    "LighterReason",
    "PriorSanction",
    "Revision",
    "Story",
    "Warned",
    "Withheld",
    "WithholdReason",
    "actor",
    "casefile_at",
    "document",
    "given",
    "heard",
    "story",
    "submit",
)
