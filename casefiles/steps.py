"""Between decide and write: an outcome becomes a `Step`, the frozen values that one statement stores.

Counts the next deadline, says who gains and who loses sight, computes the file after the act, commits to it and seals
the entry. Asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from audit import ledger
from audit.ids import uuid7
from casefiles import deadlines, delay, flow, references
from casefiles.flow import AgencyView, CaseView, Clock, DocumentView, Outcome, Party, Stage, Transition
from casefiles.identifiers import rekeyed
from casefiles.law import LawBook, local_day, next_day_starts, rule_of
from casefiles.loading import Loaded
from casefiles.names import name_key
from casefiles.writing import Answered, Attachment, Moved, Opened, Step

ROLE_OF = {
    Party.CIVIL_SERVICE_AGENCY: "civil_service_agency",
    Party.APPEAL_BOARD: "appeal_board",
}
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
    facts = {**loaded.facts, **outcome.changes}
    # A correction may have put one of the new documents in another's place.
    placed = {document["id"] for document in facts["documents"]}
    new = newly_attached(loaded.facts, loaded.documents)
    facts["documents"] = [*facts["documents"], *(document for document in new if document["id"] not in placed)]
    if outcome.row.routed:
        facts |= flow.taken_for_its_own(facts, loaded.documents)
    pks = _agency_pks(loaded, facts)
    opened = _opened(loaded, case, outcome, given, facts=facts, pks=pks, law=law)
    if opened is not None:
        # A new clock is on time, and the ladder begins again at its foot; one that goes on stands where it stood, and
        # so does one that asks the same again of whoever is late.
        facts |= flow.standing(
            facts, purpose=opened.purpose, climbed_by=opened.climbed_by, clock_from=opened.clock_from
        )
    closes_turn = not outcome.keeps_turn
    voided = _voided(loaded, pks) if outcome.voids else ()
    if outcome.voids:
        answered = [loaded.referral.id] if closes_turn and loaded.referral is not None else []
        facts["voided_referrals"] = [*loaded.facts.get("voided_referrals", ()), *map(str, voided), *answered]
    if outcome.stage is Stage.CLOSED and loaded.stage is not Stage.CLOSED:
        facts["closed_from"] = str(loaded.stage)
        facts["closed_on"] = case.today.isoformat()
        facts["closed_came_from"] = str(loaded.came_from) if loaded.came_from else None
        facts["warnings"] = flow.reminded_of_block(facts)
    sees, unsees = _sight(loaded, outcome, opened, pks=pks)
    return make_step(
        row=outcome.row,
        party=outcome.party,
        stage=outcome.stage,
        came_from=outcome.came_from,
        outcome=outcome.outcome,
        casefile=loaded.id,
        number=loaded.number,
        finding=loaded.finding,
        head=loaded.head,
        from_stage=loaded.stage,
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
        moves=_moved(loaded, case, outcome),
        answers=_answered(loaded, case, outcome, law) if closes_turn else None,
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
    stage: Stage,
    came_from: Stage | None,
    outcome: str,
    casefile: UUID,
    number: str,
    finding: UUID,
    head: ledger.Head | None,
    from_stage: Stage | None,
    facts: dict[str, Any],
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
    attached: tuple[Mapping[str, Any], ...],
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
    facts |= {"state": str(stage), "outcome": outcome or None, "version": seq}
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
            **facts["turn"],
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
        "state": str(stage),
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
            from_state=from_stage,
            to_state=str(stage),
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
                ledger.Attached(digest=one.digest, size=item["size"]) for one, item in zip(salts, attached, strict=True)
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
        from_state=str(from_stage or ""),
        state=str(stage),
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


def gravest(violations: list[dict[str, Any]]) -> str:
    """The class by which the casefile is listed: discipline if any (confirmed or not yet judged) is; else ethics."""
    judged = [violation for violation in violations if violation.get("confirmed")] or violations
    classes = {violation.get("violation_class") for violation in judged}
    return "discipline" if "discipline" in classes else "ethics" if "ethics" in classes else ""


def newly_attached(facts: Mapping[str, Any], documents: Mapping[str, DocumentView]) -> list[dict[str, Any]]:
    """The documents that were mentioned and are not part of the file yet, as the file lists them."""
    there = {document["id"] for document in facts["documents"]}
    return [described(document) for document in documents.values() if document.id not in there]


def described(document: DocumentView) -> dict[str, Any]:
    """A document as the file lists it."""
    return document.listed


def _agency_pks(loaded: Loaded, facts: Mapping[str, Any]) -> dict[str, int | None]:
    """The keys of the parties' agencies after the step; every code a step may name was brought along by `load`."""
    known = {agency.code: agency.pk for agency in loaded.agencies.values()}
    parties = ("submitter", "examiner", "employer", "addressee")
    return {party: known[facts[party]] if facts.get(party) else None for party in parties}


def _opened(
    loaded: Loaded,
    case: CaseView,
    outcome: Outcome,
    given: Any,
    *,
    facts: Mapping[str, Any],
    pks: Mapping[str, int | None],
    law: LawBook,
) -> Opened | None:
    referral = outcome.opens
    if referral is None:
        return None
    turn = flow.turn_in(outcome.stage, facts)
    party = referral.to or (turn.party if turn else None)
    purpose = referral.purpose or (turn.purpose if turn else None)
    if party is None or purpose is None:
        raise ValueError(f"{outcome.row.name} opens a referral for nobody")
    holder = _holder(loaded, party, pks)
    if holder is None:
        raise ValueError(f"{outcome.row.name}: the casefile has no {party}")
    clock = referral.clock(given) if callable(referral.clock) else referral.clock
    today = local_day(case.occurred_at, holder.time_zone)
    earlier = _earlier(loaded, purpose, holder=holder)
    continues = None
    if clock is Clock.FRESH or earlier is None:
        start = referral.runs_from(case, given) if referral.runs_from else today
        mandate = facts.get("mandate")
        rule = referral.rule(given) if referral.rule else _rule_so_far(loaded, purpose)
        due = law.due(rule=rule, start=start, time_zone=holder.time_zone, mandate=mandate)
        due_on, due_at, stated = due.due_on, due.due_at, rule_of(due)
        asked = delay.asked_before(loaded, referral, party=party, purpose=purpose, holder=holder)
        missed = delay.missed(asked, clock=referral.again, today=today, time_zone=holder.time_zone)
        origin = asked if missed else None
    else:
        missed = delay.missed(earlier, clock=clock, today=today, time_zone=holder.time_zone)
        origin = earlier
        continues = UUID(earlier["id"])
        start = date.fromisoformat(earlier["clock_from"])
        due_on = date.fromisoformat(earlier["due_on"])
        stated = dict(earlier["rule"])
        if clock is Clock.RESUMES:
            away = today
            if earlier["answered_at"]:
                away = local_day(datetime.fromisoformat(earlier["answered_at"]), holder.time_zone)
            days = law.days_away(away_from=away, away_until=today, basis=stated["day_basis"])
            due_on = law.resumed(due_on=due_on, away_from=away, away_until=today, basis=stated["day_basis"])
            was_due, kept = date.fromisoformat(earlier["due_on"]), stated
            stated = deadlines.explain_resumed(
                stated, away_from=away, away_until=today, days=days, due_on=due_on, seq=loaded.version + 1
            )
            stated = delay.moved(stated, kept, was_due, due_on, seq=loaded.version + 1, cause=outcome.row.name)
        due_at = next_day_starts(due_on, holder.time_zone)
    return Opened(
        id=uuid7(case.now),
        purpose=purpose,
        party=party,
        from_agency=case.acting.pk,
        to_agency=holder.pk,
        clock_from=start,
        due_on=due_on,
        due_at=due_at,
        time_zone=holder.time_zone,
        rule=stated,
        continues=continues,
        original_due_on=date.fromisoformat(origin["original_due_on"]) if origin else due_on,
        missed_due_on=missed,
        climbed_by=date.fromisoformat(origin["clock_from"]) if origin else None,
    )


def _earlier(loaded: Loaded, purpose: str, *, holder: AgencyView) -> Mapping[str, Any] | None:
    """The last referral of that purpose, which may be the one that is open until this step; none that was voided.

    Nor one of another agency: what it left undone is not held against the one that took its place. Bawaslu's offices
    are one institution.
    """
    if loaded.referral is not None and loaded.referral.purpose == purpose:
        return {
            "id": loaded.referral.id,
            "clock_from": loaded.referral.clock_from.isoformat(),
            "due_on": loaded.referral.due_on.isoformat(),
            "original_due_on": (loaded.referral.original_due_on or loaded.referral.due_on).isoformat(),
            "missed_due_on": loaded.referral.missed_due_on.isoformat() if loaded.referral.missed_due_on else None,
            "answered_at": None,
            "rule": loaded.referral.rule,
        }
    past = (one for one in loaded.past_referrals if one["purpose"] == purpose and one["status"] != "voided")
    return next((one for one in past if one["party"] == Party.SUBMITTER or one["to_agency_id"] == holder.pk), None)


def _rule_so_far(loaded: Loaded, purpose: str) -> str:
    """What is asked of another as it was asked until now goes by the same rule; otherwise the purpose says which."""
    same = loaded.referral is not None and loaded.referral.purpose == purpose
    return str(loaded.referral.rule["code"]) if same and loaded.referral else purpose


def _mandate_pk(loaded: Loaded, facts: Mapping[str, Any]) -> int | None:
    """The key of the mandate the casefile stands under after the step: its own, or the one a hand-over names."""
    named = loaded.named_mandate
    return loaded.named_mandate_pk if named is not None and facts.get("mandate") == named.code else loaded.mandate_pk


def _holder(loaded: Loaded, party: Party, pks: Mapping[str, int | None]) -> AgencyView | None:
    """The agency that is this party of the file; a party that is nobody's column is the agency of its role."""
    if party in ROLE_OF:
        return next(iter(loaded.with_role(ROLE_OF[party])), None)
    return next((agency for agency in loaded.agencies.values() if agency.pk == pks[party]), None)


def _moved(loaded: Loaded, case: CaseView, outcome: Outcome) -> Moved | None:
    """The open referral with its new due day, which ends at its holder's midnight; one that had passed is kept."""
    if outcome.moves is None or loaded.referral is None:
        return None
    before, moves = loaded.referral, outcome.moves
    rule = before.rule if moves.rule is None else moves.rule
    holder = loaded.agency(loaded.referral.to)
    zone = holder.time_zone if holder else "Asia/Jakarta"
    return Moved(
        id=UUID(loaded.referral.id),
        due_on=outcome.moves.due_on,
        due_at=next_day_starts(outcome.moves.due_on, zone),
        paused_days=outcome.moves.paused_days,
        rule=delay.moved(
            rule, before.rule, before.due_on, moves.due_on, seq=loaded.version + 1, cause=outcome.row.name
        ),
        clock_from=outcome.moves.clock_from or loaded.referral.clock_from,
        missed_due_on=flow.missed_due_day(case),
    )


def _answered(loaded: Loaded, case: CaseView, outcome: Outcome, law: LawBook) -> Answered | None:
    if loaded.referral is None:
        return None
    holder = loaded.agency(loaded.referral.to)
    answered_on = local_day(case.occurred_at, holder.time_zone if holder else case.acting.time_zone)
    late = 0 if outcome.voids else deadlines.days_late(loaded.referral.late_from, answered_on)
    status = "voided" if outcome.voids else "answered"
    return Answered(id=UUID(loaded.referral.id), by=case.acting.pk, days_late=late, status=status)


def _voided(loaded: Loaded, pks: Mapping[str, int | None]) -> tuple[UUID, ...]:
    """What the agency that was addressed wrongly answered before: its delay counts for nobody either."""
    left = {("employer", loaded.employer), ("addressee", loaded.addressee)} - set(pks.items())
    return tuple(
        UUID(past["id"])
        for past in loaded.past_referrals
        if past["status"] == "answered" and (past["party"], past["to_agency_id"]) in left
    )


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
