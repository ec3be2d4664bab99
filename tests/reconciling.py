"""Does everything a casefile is stored as agree with everything else? Asked of whatever tests have walked."""

import itertools
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.models import Agency
from audit import ledger
from audit.models import Entry, Leaf, Pending
from casefiles.models import (
    Attachment,
    Casefile,
    CasefileGrant,
    Document,
    Finding,
    HukdisHandover,
    Payload,
    Prevention,
    Referral,
    Snapshot,
    ZeroReport,
)
from casefiles.models import Transition as Step


def reconcile(casefile: UUID) -> None:
    """Assert that each version of the casefile has exactly one of each record, and that the records agree."""
    row = Casefile.objects.get(pk=casefile)
    versions = list(range(1, row.version + 1))
    steps = list(Step.objects.filter(casefile=casefile).order_by("seq").select_related("agency"))
    entries = list(Entry.objects.filter(stream=casefile).order_by("seq"))
    payloads = list(Payload.objects.filter(casefile=casefile, answer__isnull=True).order_by("seq"))
    history = list(row.history.order_by("version"))

    assert [step.seq for step in steps] == versions
    assert [entry.seq for entry in entries] == versions
    assert [payload.seq for payload in payloads] == versions
    assert [past.version for past in history] == versions
    assert [past.history_type for past in history] == ["+", *"~" * (row.version - 1)]
    assert [step.entry_id for step in steps] == [entry.pk for entry in entries]
    assert sorted(entry.pk for entry in entries) == [entry.pk for entry in entries], "id order is commit order"
    # Each waits for its place in the log, or has it.
    places = (Pending.objects.filter(entry__in=entries), Leaf.objects.filter(entry__in=entries))
    assert sum(each.count() for each in places) == row.version
    assert ledger.chain_faults([(one.seq, bytes(one.leaf_hash), bytes(one.body)) for one in entries]) == []

    # Asked once, not for each version.
    agencies = dict(Agency.objects.values_list("pk", "code"))
    auditors = set(Agency.objects.filter(roles__contains=["auditor"]).values_list("pk", flat=True))
    grants = list(CasefileGrant.objects.filter(content_object=casefile).select_related("agency", "group"))
    attached: dict[int, dict[UUID, Document]] = {seq: {} for seq in versions}
    for one in Attachment.objects.filter(casefile=casefile, seq__in=versions).select_related("document"):
        attached[one.seq][one.document_id] = one.document

    for step, entry, payload, past in zip(steps, entries, payloads, history, strict=True):
        said = json.loads(bytes(entry.body))
        _commitments_open(said, payload)
        _agree(said, step, payload, past, agencies)
        _sight_agrees(said, entry, grants, auditors)
        _attachments_agree(said, payload, attached[step.seq])

    _states_follow(steps)
    _referrals_agree(row, steps)
    _current_row_is_the_last_version(row, history[-1], payloads[-1])


def nothing_is_left_over() -> None:
    """The reverse: no record without its casefile version, in the whole database."""
    versions = {(row.pk, version) for row in Casefile.objects.all() for version in range(1, row.version + 1)}
    assert set(Step.objects.values_list("casefile_id", "seq")) == versions
    assert (
        set(Payload.objects.filter(casefile__isnull=False, answer=None).values_list("casefile_id", "seq")) == versions
    )
    assert set(Casefile.history.values_list("id", "version")) == versions
    streams = {casefile for casefile, _ in versions}
    of_casefiles = Entry.objects.filter(stream__in=streams)
    assert set(of_casefiles.values_list("stream", "seq")) == versions
    assert Step.objects.values("entry").distinct().count() == len(versions)
    # Other streams (agencies, mandates, clients) hold no transitions, and open to what is public.
    assert not Entry.objects.exclude(stream__in=streams).filter(transition__isnull=False).exists()
    # What is registered beside them has its content in the erasable place, and an entry each.
    beside = {
        ident
        for model in (Finding, Document, Prevention, ZeroReport, Snapshot, HukdisHandover)
        for ident in model.objects.values_list("pk", flat=True)
    }
    others = Entry.objects.exclude(stream__in=streams)
    assert set(others.filter(opening__isnull=True).values_list("stream", flat=True)) == beside
    assert Pending.objects.count() == Entry.objects.count()


def _commitments_open(said: dict[str, Any], payload: Payload) -> None:
    assert payload.facts_salt is not None
    assert payload.given_salt is not None
    assert ledger.commit(payload.facts, salt=bytes(payload.facts_salt)).digest.hex() == said["after"]
    assert ledger.commit(payload.given, salt=bytes(payload.given_salt)).digest.hex() == said["payload"]


def _agree(said: dict[str, Any], step: Step, payload: Payload, past: Any, agencies: dict[Any, str]) -> None:
    assert (said["kind"], said["from"] or "", said["to"], said["seq"]) == (
        step.name,
        step.from_state,
        step.to_state,
        step.seq,
    )
    actor = said["actor"]
    assert (actor["party"], actor["agency"], actor["client"]) == (step.party, step.agency.code, step.client)
    assert actor["person"] is None
    # A request over HTTP is signed for by a key; an act of a test has none.
    assert actor["key"] is None or len(actor["key"]) == 43
    assert said["request"]["id"] == str(step.request_id) == str(past.step_request)
    assert (said["occurred_at"], said["recorded_at"]) == (
        ledger.instant(step.occurred_at),
        ledger.instant(step.recorded_at),
    )
    assert said["basis"] == step.legal_basis
    assert said["record"] == ledger.digest_of(_record(past)).hex()
    facts: Any = payload.facts
    assert (past.state, past.outcome or None, past.version) == (facts["state"], facts["outcome"], facts["version"])
    assert (past.step_transition, past.step_agency, past.step_client, past.history_date) == (
        step.name,
        step.agency_id,
        step.client,
        step.recorded_at,
    )
    assert past.state == step.to_state
    assert (past.overdue_level, past.data_block, past.legal_hold) == (
        facts["overdue_level"],
        facts["data_block"],
        facts["legal_hold"],
    )
    assert payload.nip == (facts["subject"].get("nip") or "")
    assert payload.reference_keys == facts["reference_keys"]
    for party in ("submitter", "examiner", "employer", "addressee"):
        assert agencies.get(getattr(past, f"{party}_id")) == facts[party]


NOT_IN_THE_RECORD = {
    "history_id": "numbers rows, says nothing",
    "history_date": "the entry's recorded_at",
    "history_change_reason": "always empty",
    "step_transition": "the entry's kind",
    "step_client": "the entry's actor",
    "step_request": "the entry's request",
}


def _record(past: Any) -> dict[str, Any]:
    """The history row as the entry's `record` was taken over it: every column but those the entry itself states."""
    row = {
        field.attname: getattr(past, field.attname)
        for field in past._meta.concrete_fields
        if field.attname not in NOT_IN_THE_RECORD
    }
    for name, value in row.items():
        if isinstance(value, datetime):
            row[name] = ledger.instant(value)
        elif isinstance(value, UUID):
            row[name] = str(value)
    return row


def _sight_agrees(said: dict[str, Any], entry: Entry, grants: list[CasefileGrant], auditors: set[Any]) -> None:
    given = {grant.agency.code for grant in grants if grant.from_entry_id == entry.pk}
    ended = {
        (grant.agency.code, "ended" if grant.reads_on else "revoked")
        for grant in grants
        if grant.until_entry_id == entry.pk
    }
    listed = [(one["agency"], one["sight"]) for one in said["grants"]]
    assert sorted(listed) == sorted([*((code, "given") for code in given), *ended])
    seen = {
        grant.agency_id
        for grant in grants
        if grant.from_entry_id <= entry.pk and (grant.until_entry_id is None or grant.until_entry_id >= entry.pk)
    }
    assert list(entry.audience) == sorted(seen | auditors)
    assert all(grant.group_id == grant.agency.group_id for grant in grants)


def _attachments_agree(said: dict[str, Any], payload: Payload, attached: dict[UUID, Document]) -> None:
    kept: Any = payload.attachments
    assert {UUID(one["document"]) for one in kept} == set(attached)
    opened = [
        ledger.commit(
            {"document": one["document"], "sha256": attached[UUID(one["document"])].sha256},
            salt=bytes.fromhex(one["salt"]),
        ).digest.hex()
        for one in kept
    ]
    sizes = [attached[UUID(one["document"])].size for one in kept]
    assert [(one["digest"], one["size"]) for one in said["attachments"]] == list(zip(opened, sizes, strict=True))


def _states_follow(steps: list[Step]) -> None:
    assert steps[0].from_state == ""
    for before, after in itertools.pairwise(steps):
        assert after.from_state == before.to_state
        assert after.recorded_at >= after.occurred_at
    # What parties did before the clock rang may be told after it.
    told = [step for step in steps if step.party != "clock" or step.from_state != step.to_state]
    for before, after in itertools.pairwise(told):
        assert after.occurred_at >= before.occurred_at


def _referrals_agree(row: Casefile, steps: list[Step]) -> None:
    referrals = list(Referral.objects.filter(casefile=row).order_by("opened_seq"))
    still_open = [one.pk for one in referrals if one.status == "open"]
    assert still_open == ([] if row.state == "closed" else [row.open_referral_id])
    by_seq = {step.seq: step for step in steps}
    for one, following in zip(referrals, [*referrals[1:], None], strict=True):
        assert one.opened_at == by_seq[one.opened_seq].occurred_at
        if one.answered_seq is None:
            assert following is None
            continue
        answer = by_seq[one.answered_seq]
        assert (one.answered_at, one.answered_by_id, one.answered_with) == (
            answer.occurred_at,
            answer.agency_id,
            answer.name,
        )
        # Always exactly one: the step that answers a referral opens the next, unless it closes the case.
        if answer.to_state == "closed":
            assert following is None or following.opened_seq > one.answered_seq
        else:
            assert following is not None
            assert following.opened_seq == one.answered_seq


def _current_row_is_the_last_version(row: Casefile, last: Any, payload: Payload) -> None:
    for field in Casefile._meta.concrete_fields:
        assert getattr(last, field.attname) == getattr(row, field.attname), field.attname
    facts: Any = payload.facts
    turn = facts["turn"]
    assert (turn or {}).get("referral") == (str(row.open_referral_id) if row.open_referral_id else None)
