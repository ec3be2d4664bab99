"""Between decide and write: an outcome becomes a `Step`, the frozen values that one statement stores.

Says who gains and who loses sight, computes the file after the act, commits to it and seals the entry;
`step_referrals` counts the next deadline. Asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from audit import ledger
from casefiles import flow, references
from casefiles.catalogue.law import LawBook
from casefiles.file import Attached, CaseFile, Violation, there
from casefiles.flow import AgencyView, CaseView, DocumentView, Outcome, Party, State, Transition
from casefiles.identifiers import rekeyed
from casefiles.names import name_key
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.step_referrals import (
    ROLE_OF,
    referral_answered,
    referral_moved,
    referral_opened,
    referrals_voided,
)
from casefiles.transitions.write import Answered, Attachment, Moved, Opened, Step

# Whose agencies come along to every step: they may gain sight by it, or be obliged by a rule of routing.
ROLES_BROUGHT = ("civil_service_agency", "appeal_board", "home_affairs", "policy_ministry")


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the door says about the request: its id and the digest of its idempotency key."""

    id: UUID
    idempotency: bytes | None = None


def step_of(
    loaded: Loaded, case: CaseView, outcome: Outcome, given: Any, *, actor: Actor, law: LawBook, request: RequestFacts
) -> Step:
    """What `write` stores for that outcome on that casefile."""
    facts: CaseFile = {**loaded.facts, **outcome.changes}
    # A correction may have put one of the new documents in another's place.
    placed = {document["id"] for document in facts["documents"]}
    new = newly_attached(loaded.facts, loaded.documents)
    facts["documents"] = [*facts["documents"], *(document for document in new if document["id"] not in placed)]
    if outcome.row.routed:
        facts = {**facts, **flow.taken_for_its_own(facts, loaded.documents)}
    pks = _agency_pks(loaded, facts)
    opened = referral_opened(loaded, case, outcome, given, facts=facts, pks=pks, law=law)
    if opened is not None:
        # A new clock is on time, and the ladder begins again at its foot; one that goes on stands where it stood, and
        # so does one that asks the same again of whoever is late.
        standing = flow.standing(
            facts, purpose=opened.purpose, climbed_by=opened.climbed_by, clock_from=opened.clock_from
        )
        facts = {**facts, **standing}
    closes_turn = not outcome.keeps_turn
    voided = referrals_voided(loaded, pks) if outcome.voids else ()
    if outcome.voids:
        answered = [loaded.referral.id] if closes_turn and loaded.referral is not None else []
        facts["voided_referrals"] = [*loaded.facts.get("voided_referrals", ()), *map(str, voided), *answered]
    if outcome.state is State.CLOSED and loaded.state is not State.CLOSED:
        facts["closed_from"] = str(loaded.state)
        facts["closed_on"] = case.today.isoformat()
        facts["closed_came_from"] = str(loaded.came_from) if loaded.came_from else None
        facts["warnings"] = flow.reminded_of_block(facts)
    sees, unsees = _sight(loaded, outcome, opened, pks=pks)
    return make_step(
        row=outcome.row,
        party=outcome.party,
        state=outcome.state,
        came_from=outcome.came_from,
        outcome=outcome.outcome,
        casefile=loaded.id,
        number=loaded.number,
        finding=loaded.finding,
        head=loaded.head,
        from_state=loaded.state,
        facts=facts,
        given=given,
        mandate_pk=_mandate_pk(loaded, facts),
        pks=pks,
        election=loaded.election,
        overdue_level=facts["overdue_level"],
        data_block=facts["data_block"],
        legal_hold=facts["legal_hold"],
        created_at=loaded.created_at,
        actor=actor,
        law=law,
        now=case.now,
        occurred_at=case.occurred_at,
        request=request,
        opens=opened,
        keeps=loaded.referral if outcome.keeps_turn else None,
        moves=referral_moved(loaded, case, outcome),
        answers=referral_answered(loaded, case, outcome, law) if closes_turn else None,
        voided=voided,
        attached=tuple(new),
        sees=sees,
        unsees=unsees,
        names={agency.pk: agency.code for agency in loaded.agencies.values()},
        audience=loaded.sighted | loaded.auditors | {agency.pk for agency in sees},
    )


def make_step(
    *,
    row: Transition,
    party: Party,
    state: State,
    came_from: State | None,
    outcome: str,
    casefile: UUID,
    number: str,
    finding: UUID,
    head: ledger.Head | None,
    from_state: State | None,
    facts: CaseFile,
    given: Any,
    mandate_pk: int | None,
    pks: Mapping[str, int | None],
    election: str,
    overdue_level: int,
    data_block: str,
    legal_hold: bool,
    created_at: datetime,
    actor: Actor,
    law: LawBook,
    now: datetime,
    occurred_at: datetime,
    request: RequestFacts,
    opens: Opened | None,
    keeps: flow.ReferralView | None,
    moves: Moved | None,
    answers: Answered | None,
    attached: tuple[Attached, ...],
    sees: tuple[AgencyView, ...],
    unsees: tuple[AgencyView, ...],
    names: Mapping[int, str],
    audience: frozenset[int],
    voided: tuple[UUID, ...] = (),
) -> Step:
    """Join an outcome and the file after it into what `write` stores, the sealed entry included."""
    seq = head.seq + 1 if head else 1
    steps = dict(facts.get("steps", {}))
    steps[row.name] = steps.get(row.name, 0) + 1
    facts["steps"] = steps
    facts["state"], facts["outcome"], facts["version"] = str(state), outcome or None, seq
    if opens is not None:
        facts["turn"] = {
            "party": opens.party,
            "agency": names[opens.to_agency],
            "purpose": opens.purpose,
            "referral": str(opens.id),
            "since": ledger.instant(occurred_at),
            "due_on": opens.due_on.isoformat(),
            "original_due_on": opens.original_due_on.isoformat(),
            "missed_due_on": opens.missed_due_on.isoformat() if opens.missed_due_on else None,
            "due_at": ledger.instant(opens.due_at),
        }
    elif keeps is None:
        facts["turn"] = None
    elif moves is not None:
        facts["turn"] = {
            **there(facts["turn"]),
            "due_on": moves.due_on.isoformat(),
            "missed_due_on": moves.missed_due_on.isoformat() if moves.missed_due_on else None,
            "due_at": ledger.instant(moves.due_at),
        }
    body = references.plain(given) if given is not None else {}
    forms = tuple(sorted({violation["form"] for violation in facts["violations"]}))
    open_referral = opens.id if opens else UUID(keeps.id) if keeps else None
    violation_class = gravest(facts["violations"])
    record = {
        "id": str(casefile),
        "number": number,
        "version": seq,
        "state": str(state),
        "came_from": str(came_from or ""),
        "outcome": outcome,
        "election": election,
        "forms": list(forms),
        "violation_class": violation_class,
        "overdue_level": overdue_level,
        "data_block": data_block,
        "legal_hold": legal_hold,
        "created_at": ledger.instant(created_at),
        "updated_at": ledger.instant(now),
        "addressee_id": pks["addressee"],
        "employer_id": pks["employer"],
        "examiner_id": pks["examiner"],
        "mandate_id": mandate_pk,
        "submitter_id": pks["submitter"],
        "finding_id": str(finding),
        "open_referral_id": str(open_referral) if open_referral else None,
        "history_type": "~" if head else "+",
        "history_user_id": actor.user_pk,
        "step_agency": actor.agency_id,
    }
    after, payload = ledger.commit(facts), ledger.commit(body)
    salts = [ledger.commit({"document": item["id"], "sha256": item["sha256"]}) for item in attached]
    sealed = ledger.seal(
        ledger.Draft(
            stream=casefile,
            seq=seq,
            prev=head.leaf_hash if head else None,
            kind=row.name,
            from_state=from_state,
            to_state=str(state),
            occurred_at=occurred_at,
            recorded_at=now,
            author=ledger.Author(
                party=party, agency=actor.agency_code, client=actor.client_id, key=actor.key_thumbprint
            ),
            request_id=request.id,
            idempotency=request.idempotency,
            before=head.after if head else None,
            after=after.digest,
            payload=payload.digest,
            attachments=tuple(
                ledger.Attached(digest=one.digest, size=there(item["size"]))
                for one, item in zip(salts, attached, strict=True)
            ),
            sightings=(
                *(ledger.Sighting(agency.code, "given") for agency in sees),
                *(ledger.Sighting(agency.code, "revoked" if row.forgets else "ended") for agency in unsees),
            ),
            rules=flow.digest(),
            catalogue=law.catalogue.version,
            audience=tuple(sorted(audience)),
            basis=row.article,
            record=ledger.digest_of(record),
        )
    )
    subject = facts["subject"]
    return Step(
        casefile=casefile,
        number=number,
        finding=finding,
        seq=seq,
        name=row.name,
        from_state=str(from_state or ""),
        state=str(state),
        came_from=str(came_from or ""),
        outcome=outcome,
        mandate=mandate_pk,
        submitter=pks["submitter"] or 0,
        examiner=pks["examiner"] or 0,
        employer=pks["employer"],
        addressee=pks["addressee"],
        election=election,
        forms=forms,
        violation_class=violation_class,
        overdue_level=overdue_level,
        data_block=data_block,
        legal_hold=legal_hold,
        open_referral=open_referral,
        created_at=created_at,
        party=party,
        agency=actor.agency_id,
        client=actor.client_id,
        user=actor.user_pk,
        occurred_at=occurred_at,
        recorded_at=now,
        legal_basis=row.article,
        request_id=request.id,
        sealed=sealed,
        facts=facts,
        facts_salt=after.salt,
        given=body,
        given_salt=payload.salt,
        nip=subject.get("nip") or "",
        name_key=name_key(subject.get("name") or ""),
        reference_keys=tuple(rekeyed(facts.get("reference_keys", ()))),
        opens=opens,
        answers=answers,
        voided=voided,
        moves=moves,
        attachments=tuple(
            Attachment(document=UUID(item["id"]), salt=one.salt) for one, item in zip(salts, attached, strict=True)
        ),
        sees=tuple(agency.pk for agency in sees),
        unsees=tuple(agency.pk for agency in unsees),
        forgets=row.forgets,
    )


def gravest(violations: list[Violation]) -> str:
    """The class by which the casefile is listed: discipline if any (confirmed or not yet judged) is; else ethics."""
    judged = [violation for violation in violations if violation.get("confirmed")] or violations
    classes = {violation.get("violation_class") for violation in judged}
    return "discipline" if "discipline" in classes else "ethics" if "ethics" in classes else ""


def newly_attached(facts: CaseFile, documents: Mapping[str, DocumentView]) -> list[Attached]:
    """The documents that were mentioned and are not part of the file yet, as the file lists them."""
    there = {document["id"] for document in facts["documents"]}
    return [described(document) for document in documents.values() if document.id not in there]


def described(document: DocumentView) -> Attached:
    """A document as the file lists it."""
    return document.listed


def _agency_pks(loaded: Loaded, facts: CaseFile) -> dict[str, int | None]:
    """The keys of the parties' agencies after the step; every code a step may name was brought along by `load`."""
    known = {agency.code: agency.pk for agency in loaded.agencies.values()}
    codes = {
        "submitter": facts["submitter"],
        "examiner": facts["examiner"],
        "employer": facts.get("employer"),
        "addressee": facts.get("addressee"),
    }
    return {party: known[code] if code else None for party, code in codes.items()}


def _mandate_pk(loaded: Loaded, facts: CaseFile) -> int | None:
    """The key of the mandate the casefile stands under after the step: its own, or the one a hand-over names."""
    named = loaded.named_mandate
    return loaded.named_mandate_pk if named is not None and facts.get("mandate") == named.code else loaded.mandate_pk


def _sight(
    loaded: Loaded, outcome: Outcome, opened: Opened | None, *, pks: Mapping[str, int | None]
) -> tuple[tuple[AgencyView, ...], tuple[AgencyView, ...]]:
    ends = {
        agency
        for loser in outcome.ends
        if (
            agency := loser.pk
            if isinstance(loser, AgencyView)
            else {"employer": loaded.employer, "addressee": loaded.addressee}.get(str(loser))
        )
        is not None
    }
    # Whoever is a party in another role after the step keeps his sight, and so do offices above the submitter.
    ends -= {pk for party, pk in pks.items() if pk is not None and party not in outcome.ends} | loaded.superiors
    gains = [
        agency.pk
        for gainer in outcome.grants
        for agency in ((gainer,) if isinstance(gainer, AgencyView) else loaded.with_role(ROLE_OF[gainer]))
    ]
    if opened is not None:
        gains.append(opened.to_agency)
    sees = tuple(loaded.agencies[pk] for pk in dict.fromkeys(gains) if pk not in loaded.sighted and pk not in ends)
    return sees, tuple(loaded.agencies[pk] for pk in sorted(ends & loaded.sighted))
