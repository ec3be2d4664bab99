"""Between decide and write: an outcome becomes a `Step`, the frozen values that one statement stores.

Says who gains and who loses sight, computes the file after the act, commits to it and seals the entry;
`step_referrals` counts the next deadline. Asks no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from audit import ledger
from casefiles import flow, references
from casefiles.catalogue.law import LawBook
from casefiles.file import Attached, CaseFile, Reckoned, Turn, Violation, there
from casefiles.flow import AgencyView, CaseView, DocumentView, Outcome, State
from casefiles.flow.parties import ROLE_OF
from casefiles.transitions import rings
from casefiles.transitions.columns import Columns, recorded
from casefiles.transitions.loaded import Loaded
from casefiles.transitions.step_referrals import (
    referral_answered,
    referral_moved,
    referral_opened,
    referrals_voided,
)
from casefiles.transitions.values import Act, Attachment, Moved, Opened, SightChange, Step, TurnChange

# Whose agencies come along to every step: they may gain sight by it, or be obliged by a rule of routing.
ROLES_BROUGHT = ("civil_service_agency", "appeal_board", "home_affairs", "policy_ministry")


def step_of(act: Act, loaded: Loaded, case: CaseView, outcome: Outcome, *, law: LawBook) -> Step:
    """What `write` stores for that outcome on that casefile."""
    attached = newly_attached(loaded.facts, loaded.context.documents)
    facts: CaseFile = {**loaded.facts, **outcome.changes}
    # A correction may have put one of the new documents in another's place.
    placed = {document["id"] for document in facts["documents"]}
    facts["documents"] = [*facts["documents"], *(document for document in attached if document["id"] not in placed)]
    if outcome.row.routed and not outcome.row.creates:
        facts = {**facts, **flow.taken_for_its_own(facts, loaded.context.documents)}
    turn = _turn_changed(act, loaded, case, outcome, facts=facts, law=law)
    facts = _facts_after(loaded, case, outcome, turn, facts=facts)
    turn = replace(turn, rings=rings.after_step(act, loaded, turn, facts=facts, law=law))
    sight = _sight_changed(loaded, outcome, turn.opens, pks=_agency_pks(loaded, facts))
    columns = columns_after(act, loaded, outcome, turn, facts=facts)
    body = references.plain(act.given) if act.given is not None else {}
    after, payload = ledger.commit(facts), ledger.commit(body)
    salts = [ledger.commit({"document": item["id"], "sha256": item["sha256"]}) for item in attached]
    papers = tuple(
        ledger.Attached(digest=salt.digest, size=there(item["size"]))
        for salt, item in zip(salts, attached, strict=True)
    )
    draft = _draft(act, loaded, columns, sight, law=law, after=after, payload=payload, papers=papers)
    return Step(
        act=act,
        from_state=loaded.columns.state,
        columns=columns,
        facts=facts,
        facts_salt=after.salt,
        given=body,
        given_salt=payload.salt,
        turn=turn,
        sight=sight,
        attachments=tuple(
            Attachment(document=UUID(item["id"]), salt=salt.salt) for salt, item in zip(salts, attached, strict=True)
        ),
        sealed=ledger.seal(draft),
    )


def columns_after(act: Act, loaded: Loaded, outcome: Outcome, turn: TurnChange, *, facts: CaseFile) -> Columns:
    """The casefile's row after the step."""
    pks = _agency_pks(loaded, facts)
    return replace(
        loaded.columns,
        version=loaded.version + 1,
        state=str(outcome.state),
        came_from=str(outcome.came_from or ""),
        outcome=outcome.outcome,
        forms=tuple(sorted({violation["form"] for violation in facts["violations"]})),
        violation_class=gravest(facts["violations"]),
        overdue_level=facts["overdue_level"],
        data_block=facts["data_block"],
        legal_hold=facts["legal_hold"],
        updated_at=act.now,
        addressee_id=pks["addressee"],
        employer_id=pks["employer"],
        examiner_id=there(pks["examiner"]),
        mandate_id=_mandate_pk(loaded, facts),
        submitter_id=there(pks["submitter"]),
        open_referral_id=turn.open_referral,
    )


def _draft(
    act: Act,
    loaded: Loaded,
    columns: Columns,
    sight: SightChange,
    *,
    law: LawBook,
    after: ledger.Commitment,
    payload: ledger.Commitment,
    papers: tuple[ledger.Attached, ...],
) -> ledger.Draft:
    """What the log says of the step: nothing of its content, but commitments to it."""
    actor, head = act.actor, loaded.head
    return ledger.Draft(
        stream=columns.id,
        seq=columns.version,
        prev=head.leaf_hash if head else None,
        kind=act.row.name,
        from_state=loaded.state,
        to_state=columns.state,
        occurred_at=act.moment,
        recorded_at=act.now,
        author=actor.as_party(there(act.party)),
        request_id=act.request.id,
        idempotency=act.request.idempotency,
        caller_request_id=act.request.caller_id,
        before=head.after if head else None,
        after=after.digest,
        payload=payload.digest,
        attachments=papers,
        sightings=(
            *(ledger.Sighting(agency.code, "given") for agency in sight.sees),
            *(ledger.Sighting(agency.code, "revoked" if sight.forgets else "ended") for agency in sight.unsees),
        ),
        rules=flow.digest(),
        catalogue=law.catalogue.version,
        audience=tuple(sorted(loaded.sighted | loaded.context.auditors | {agency.pk for agency in sight.sees})),
        basis=act.row.article,
        record=ledger.digest_of(_recorded(act, columns, first=head is None)),
        signature=act.request.signature,
    )


def _recorded(act: Act, columns: Columns, *, first: bool) -> dict[str, Any]:
    """What the history says of the step, as the entry commits to it."""
    return {
        **recorded(columns),
        "history_type": "+" if first else "~",
        "history_user_id": act.actor.user_pk,
        "step_agency": act.actor.agency_id,
    }


def _turn_changed(
    act: Act, loaded: Loaded, case: CaseView, outcome: Outcome, *, facts: CaseFile, law: LawBook
) -> TurnChange:
    pks = _agency_pks(loaded, facts)
    opens = referral_opened(act, loaded, case, outcome, facts=facts, pks=pks, law=law)
    return TurnChange(
        opens=opens,
        keeps=loaded.referral if outcome.keeps_turn else None,
        moves=referral_moved(loaded, case, outcome),
        answers=None if outcome.keeps_turn else referral_answered(loaded, case, outcome, law),
        voided=referrals_voided(loaded, pks) if outcome.voids else (),
    )


def _facts_after(loaded: Loaded, case: CaseView, outcome: Outcome, turn: TurnChange, *, facts: CaseFile) -> CaseFile:
    """The file after the step: what the engine itself says of it, beside the changes that the row records."""
    if turn.opens is not None and not outcome.row.creates:
        # A new clock is on time, and the ladder begins again at its foot; one that goes on stands where it stood, and
        # so does one that asks the same again of whoever is late.
        standing = flow.standing(
            facts, purpose=turn.opens.purpose, climbed_by=turn.opens.climbed_by, clock_from=turn.opens.clock_from
        )
        facts = {**facts, **standing}
    if outcome.voids:
        answered = [loaded.referral.id] if not outcome.keeps_turn and loaded.referral is not None else []
        facts["voided_referrals"] = [*loaded.facts.get("voided_referrals", ()), *map(str, turn.voided), *answered]
    if outcome.state is State.CLOSED and loaded.state is not State.CLOSED:
        facts["closed_from"] = str(loaded.state)
        facts["closed_on"] = case.today.isoformat()
        facts["closed_came_from"] = str(loaded.came_from) if loaded.came_from else None
        facts["warnings"] = flow.reminded_of_block(facts)
    steps = dict(facts.get("steps", {}))
    steps[outcome.row.name] = steps.get(outcome.row.name, 0) + 1
    return {
        **facts,
        "steps": steps,
        "state": str(outcome.state),
        "outcome": outcome.outcome or None,
        "version": loaded.version + 1,
        "turn": _turn_after(loaded, case, turn, facts["turn"]),
    }


def _turn_after(loaded: Loaded, case: CaseView, turn: TurnChange, before: Turn | None) -> Turn | None:
    """Whose turn it is after the step, as the file tells it."""
    opens, moves = turn.opens, turn.moves
    if opens is not None:
        return {
            "party": opens.party,
            "agency": loaded.context.agencies[opens.to_agency].code,
            "purpose": opens.purpose,
            "referral": str(opens.id),
            "since": ledger.instant(case.occurred_at),
            "due_on": opens.due_on.isoformat(),
            "original_due_on": opens.original_due_on.isoformat(),
            "missed_due_on": opens.missed_due_on.isoformat() if opens.missed_due_on else None,
            "due_at": ledger.instant(opens.due_at),
            "reckoned": {
                "clock_from": opens.clock_from.isoformat(),
                "paused_days": 0,
                "continues": str(opens.continues) if opens.continues else None,
                "rule": ledger.digest_of(opens.rule).hex(),
            },
        }
    if turn.keeps is None or moves is None:
        return None if turn.keeps is None else before
    return {
        **there(before),
        "due_on": moves.due_on.isoformat(),
        "missed_due_on": moves.missed_due_on.isoformat() if moves.missed_due_on else None,
        "due_at": ledger.instant(moves.due_at),
        "reckoned": _reckoned_anew(there(before).get("reckoned", {}), moves),
    }


def _reckoned_anew(before: Reckoned, moves: Moved) -> Reckoned:
    """How the moved due day came about; what a turn of an earlier release did not tell stays untold."""
    reckoned: Reckoned = {
        **before,
        "clock_from": moves.clock_from.isoformat(),
        "rule": ledger.digest_of(moves.rule).hex(),
    }
    if "paused_days" in before:
        reckoned["paused_days"] = before["paused_days"] + moves.paused_days
    return reckoned


def gravest(violations: list[Violation]) -> str:
    """The class by which the casefile is listed: discipline if any (confirmed or not yet judged) is; else ethics."""
    judged = [violation for violation in violations if violation.get("confirmed")] or violations
    classes = {violation.get("violation_class") for violation in judged}
    return "discipline" if "discipline" in classes else "ethics" if "ethics" in classes else ""


def newly_attached(facts: CaseFile, documents: Mapping[str, DocumentView]) -> list[Attached]:
    """The documents that were mentioned and are not part of the file yet, as the file lists them."""
    there_already = {document["id"] for document in facts["documents"]}
    return [document.listed for document in documents.values() if document.id not in there_already]


def _agency_pks(loaded: Loaded, facts: CaseFile) -> dict[str, int | None]:
    """The keys of the parties' agencies after the step; every code a step may name was brought along by `load`."""
    known = {agency.code: agency.pk for agency in loaded.context.agencies.values()}
    codes = {
        "submitter": facts["submitter"],
        "examiner": facts["examiner"],
        "employer": facts.get("employer"),
        "addressee": facts.get("addressee"),
    }
    return {party: known[code] if code else None for party, code in codes.items()}


def _mandate_pk(loaded: Loaded, facts: CaseFile) -> int | None:
    """The key of the mandate the casefile stands under after the step: its own, or the one a hand-over names."""
    named = loaded.context.named_mandate
    hands_over = named is not None and facts.get("mandate") == named.code
    return loaded.context.named_mandate_pk if hands_over else loaded.columns.mandate_id


def _sight_changed(
    loaded: Loaded, outcome: Outcome, opened: Opened | None, *, pks: Mapping[str, int | None]
) -> SightChange:
    agencies, columns = loaded.context.agencies, loaded.columns
    ends = {
        agency
        for loser in outcome.ends
        if (
            agency := loser.pk
            if isinstance(loser, AgencyView)
            else {"employer": columns.employer_id, "addressee": columns.addressee_id}.get(str(loser))
        )
        is not None
    }
    # Whoever is a party in another role after the step keeps its sight, and so do offices above the submitter.
    ends -= {pk for party, pk in pks.items() if pk is not None and party not in outcome.ends}
    ends -= loaded.context.superiors
    gains = [
        agency.pk
        for gainer in outcome.grants
        for agency in ((gainer,) if isinstance(gainer, AgencyView) else loaded.with_role(ROLE_OF[gainer]))
    ]
    if opened is not None:
        gains.append(opened.to_agency)
    return SightChange(
        sees=tuple(agencies[pk] for pk in dict.fromkeys(gains) if pk not in loaded.sighted and pk not in ends),
        unsees=tuple(agencies[pk] for pk in sorted(ends & loaded.sighted)),
        forgets=outcome.row.forgets,
    )
