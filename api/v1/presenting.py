"""What answers look like: casefiles, referrals, receipts and refusals as JSON objects, made of facts and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from agencies.actor import Actor
from api.contract.responses.file import MEMBERS
from api.http import problems
from api.http.language import Language
from api.http.problems import ErrorItem
from api.http.view import DoorRequest
from audit import access, receipts
from audit.ledger import Sealed, instant
from casefiles import file, flow, register_number
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.deadlines import days_late as late_by
from casefiles.catalogue.law import local_day
from casefiles.file import CaseFile
from casefiles.flow import CaseView, DuplicateView, Party, Refusal, State
from casefiles.flow.parties import HOLDERS
from casefiles.sight import projection
from casefiles.sight.projection import Viewer
from casefiles.sight.referral_page import MOVED, RULE
from casefiles.transitions.values import Step

API = "/api/v1"


def casefile_href(casefile: UUID | str) -> str:
    """Where a casefile is read."""
    return f"{API}/casefiles/{casefile}"


def named(code: str | None, names: Mapping[str, str]) -> dict[str, str] | None:
    """An agency goes in as a code and comes out as `{code, name}`."""
    return None if code is None else {"code": code, "name": names.get(code, code)}


@dataclass(frozen=True, slots=True)
class Telling:
    """To whom a file is presented, and what is needed for that beside its facts.

    `names` are the agencies' names by code. `rule` is the open referral's, None where it was not loaded. `in_list`
    leaves out what pages do not show.
    """

    viewer: Viewer
    names: Mapping[str, str]
    catalogue: Catalogue
    now: datetime
    language: Language
    rule: Mapping[str, Any] | None = None
    in_list: bool = False


def casefile(
    ident: UUID | str,
    facts: CaseFile,
    telling: Telling,
    *,
    created_at: datetime | str,
    updated_at: datetime | str,
    available: Iterable[Mapping[str, Any]] = (),
    duplicates: Iterable[DuplicateView] | None = None,
    identities: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A casefile as one party sees it.

    `duplicates` are those suspected now, for whom they concern; to others null. `identities` are reporter and
    witnesses, who are shown to submitter and examiner only.
    """
    seen, withheld = projection.project(
        facts, viewer=telling.viewer, catalogue=telling.catalogue, identities=identities
    )
    whole: dict[str, Any] = {
        **seen,
        "id": str(ident),
        **{str(party): named(seen[party], telling.names) for party in HOLDERS},
        "finding": _shown(file.Finding, seen["finding"], telling),
        "suspected_duplicates": None if duplicates is None else [suspicion(duplicate) for duplicate in duplicates],
        "available": list(available),
        "withheld": withheld,
        "created_at": created_at,
        "updated_at": updated_at,
    }
    return _shown(file.CaseFile, whole, telling)


def _shown(part: Any, held: Mapping[str, Any], telling: Telling) -> dict[str, Any]:
    """A part of the file as answers write it: its members in order, null or empty where the file lacks them.

    `TOLD` has the members that are shown otherwise than they are stored; all others are copied.
    """
    if (tell := TOLD.get(part)) is not None:
        held = {**held, **tell(held, telling)}
    shown: dict[str, Any] = {}
    for name, inner, is_list, may_lack in _order(part, telling.in_list):
        value = held.get(name)
        if value is None:
            if not may_lack or name in held:
                shown[name] = [] if is_list else None
        elif inner is None:
            shown[name] = value
        elif isinstance(value, list):
            shown[name] = [_shown(inner, item, telling) for item in value]
        else:
            shown[name] = _shown(inner, value, telling)
    return shown


@cache
def _order(part: Any, in_list: bool) -> tuple[tuple[str, Any, bool, bool], ...]:
    """The members to write: name, the part it is or lists, whether it is a list, and whether it may be left out."""
    return tuple(
        (member.name, member.part, member.is_list, member.may_lack)
        for member in MEMBERS[part]
        if member.in_lists or not in_list
    )


def attached(document: file.Attached, names: Mapping[str, str]) -> dict[str, Any]:
    """A document of the file, shown apart from it; its owner is `{code, name}`."""
    owned: Mapping[str, Any] = {**document, "owner": named(document["owner"], names)}
    return {member.name: owned.get(member.name) for member in MEMBERS[file.Attached]}


def _turn(turn: Mapping[str, Any], telling: Telling) -> dict[str, Any]:
    """What a turn shows beside the stored facts; it is overdue from the instant `due_at` on."""
    overdue = turn.get("missed_due_on") is not None or telling.now >= datetime.fromisoformat(turn["due_at"])
    shown = {
        "agency": named(turn["agency"], telling.names),
        "original_due_on": turn.get("original_due_on") or turn["due_on"],
        "overdue": overdue,
    }
    return shown if telling.rule is None else {**shown, "explanation": telling.rule[f"explanation_{telling.language}"]}


def _finding(finding: Mapping[str, Any], telling: Telling) -> dict[str, Any]:
    return {
        "register": register_number.shown(finding["register_number"]),
        "origin_office": named(finding["origin_office"], telling.names),
    }


def _violation(violation: Mapping[str, Any], telling: Telling) -> dict[str, Any]:
    explained = violation.get("class")
    return {"class_reasoning": None if explained is None else _shown(file.ClassReasoning, explained, telling)}


# By part, what its answer says otherwise than the file holds it: the values of the schemas under `Differs`.
TOLD: Mapping[Any, Callable[[Mapping[str, Any], Telling], Mapping[str, Any]]] = {
    file.Turn: _turn,
    file.Finding: _finding,
    file.Violation: _violation,
    file.ClassReasoning: lambda explained, telling: {"reasoning": explained[f"reasoning_{telling.language}"]},
    file.Attached: lambda document, telling: {"owner": named(document["owner"], telling.names)},
    file.Reached: lambda reached, telling: {"agency": named(reached["agency"], telling.names)},
    file.Subject: lambda subject, telling: {"workplace": named(subject.get("workplace"), telling.names)},
    file.Served: lambda served, telling: {"agency": named(served["agency"], telling.names)},
    file.Extension: lambda extension, telling: {"by": named(extension["by"], telling.names)},
    file.Corrected: lambda corrected, telling: {"by": named(corrected["by"], telling.names)},
    file.HandedOver: lambda handed, telling: {
        end: named(handed[end], telling.names) for end in ("from_agency", "to_agency")
    },
    file.Warned: lambda warning, telling: {"detail": warning[telling.language]},
}


def suspicion(duplicate: DuplicateView) -> dict[str, Any]:
    """A casefile that may be the same matter, and why."""
    return {
        "casefile": duplicate.id,
        "number": duplicate.number,
        "state": duplicate.state,
        "href": casefile_href(duplicate.id),
        "because": list(duplicate.because),
    }


def in_order(held: Mapping[str, Any] | None, names: Iterable[str]) -> dict[str, Any] | None:
    """The object with these members in this order; members it lacks are null, others are left out."""
    return None if held is None else {name: held.get(name) for name in names}


def spoken_rule(rule: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """How a deadline was counted, explained in the caller's language."""
    # Rules kept before moves said their cause were moved by calendars only.
    moved = [{name: move.get(name, "recompute") for name in MOVED} for move in rule.get("moved", ())]
    return {**{name: rule.get(name) for name in RULE}, "moved": moved, "explanation": rule[f"explanation_{language}"]}


def would(facts: CaseFile, *, names: Mapping[str, str]) -> dict[str, Any]:
    """What an act would lead to, for a caller that only validates: the state, whose turn, and until when."""
    turn = facts.get("turn")
    return {
        "state": facts["state"],
        "turn": {"party": turn["party"], "agency": named(turn["agency"], names), "purpose": turn["purpose"]}
        if turn
        else None,
        "due_on": turn["due_on"] if turn else None,
    }


def days_late(row: Mapping[str, Any], *, now: datetime) -> int:
    """How many days an open referral is late at `now`; days begin where its holder sits."""
    return late_by(row["missed_due_on"] or row["due_on"], local_day(now, row["time_zone"]))


def referral(row: Mapping[str, Any], *, now: datetime, language: Language) -> dict[str, Any]:
    """A referral as it is shown, made of a row of `casefiles.sight.referrals`; an open one is late until `now`."""
    is_open = row["status"] == "open"
    return {
        "id": str(row["id"]),
        "casefile": {
            "id": str(row["casefile_id"]),
            "number": row["case_number"],
            "state": row["case_state"],
            "version": row["case_version"],
            "href": casefile_href(row["casefile_id"]),
        },
        "purpose": row["purpose"],
        "party": row["party"],
        "from": {"code": row["from_code"], "name": row["from_name"]},
        "to": {"code": row["to_code"], "name": row["to_name"]},
        "status": row["status"],
        "opened_at": row["opened_at"],
        "clock_from": row["clock_from"],
        "due_on": row["due_on"],
        "original_due_on": row["original_due_on"],
        "missed_due_on": row["missed_due_on"],
        "due_at": row["due_at"],
        "time_zone": row["time_zone"],
        "overdue": is_open and (row["missed_due_on"] is not None or now >= row["due_at"]),
        "answered_at": row["answered_at"],
        "answered_by": {"code": row["by_code"], "name": row["by_name"]} if row["by_code"] else None,
        "answered_with": row["answered_with"] or None,
        "days_late": days_late(row, now=now) if is_open else row["days_late"],
        "paused_days": row["paused_days"],
        "continues": str(row["continues_id"]) if row["continues_id"] else None,
        "rule": spoken_rule(row["rule"], language),
        "expects": list(flow.expected_of(Party(row["party"]), State(row["case_state"]))) if is_open else [],
    }


def listed(
    ident: UUID | str, facts: CaseFile, telling: Telling, *, created_at: datetime, updated_at: datetime
) -> dict[str, Any]:
    """The casefile as a page shows it: no NIP, documents, reasoning or available transitions; its href instead.

    A NIP is read in one casefile at a time, and each of these reads is recorded. The code of the reason for closing is
    shown, so that terminations can be counted by reason from pages.
    """
    item = casefile(ident, facts, replace(telling, in_list=True), created_at=created_at, updated_at=updated_at)
    # Of how it was closed the code alone: letters, judgments and free text are the detail's.
    reason = (facts.get("closing") or {}).get("reason")
    item["closing_reason"] = reason["code"] if reason else None
    item["href"] = casefile_href(ident)
    return item


def refusal(reason: Refusal, language: Language) -> dict[str, Any]:
    """One reason why a transition is blocked."""
    return {
        "code": reason.code,
        "detail": reason.en if language == "en" else reason.id,
        "pointer": reason.pointer or None,
        "resolve_with": list(reason.resolve_with),
    }


def available(
    case: CaseView, *, ident: UUID | str, parties: frozenset[Party], language: Language
) -> list[dict[str, Any]]:
    """The transitions this party may try now, with everything that blocks each."""
    return [
        {
            "transition": row.name,
            "href": f"{casefile_href(ident)}/{row.name}",
            "blocked_by": [refusal(reason, language) for reason in reasons],
        }
        for row, reasons in flow.available_to(case, parties)
    ]


def prior_preventions(rows: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    """The preventions before the act, null for a caller that may not know of them."""
    if rows is None:
        return None
    return [
        {**{name: row[name] for name in ("id", "kind", "held_on", "office")}, "href": f"{API}/preventions/{row['id']}"}
        for row in rows
    ]


def opened(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Which party whose turn it was has opened which version, and when, oldest first."""
    return [
        {
            "agency": {"code": row["agency"], "name": row["name"]},
            "version": row["version"],
            "at": instant(datetime.fromisoformat(row["at"])),
        }
        for row in rows
    ]


def receipt(sealed: Sealed, *, casefile: UUID | str | None = None) -> dict[str, Any]:
    """The signed promise for an accepted write: which entry, the hash of its leaf, in the tree until when.

    Of what is no casefile it names the `stream`, which is the record's id. `jws` is null where this installation has no
    receipt key; /readyz complains of that.
    """
    stated = receipts.stated(sealed)
    return {
        "entry": stated["entry"],
        **({"stream": stated["stream"]} if casefile is None else {"casefile": str(casefile)}),
        "seq": stated["seq"],
        "leaf_hash": stated["leaf_hash"],
        "accepted_at": stated["accepted_at"],
        "in_tree_by": stated["in_tree_by"],
        "proof": f"{API}/log/entries?leaf_hash={stated['leaf_hash']}",
        "jws": stated["jws"],
    }


def made(step: Step) -> dict[str, Any]:
    """A casefile that a finding made, in the 201."""
    return {
        "id": str(step.casefile),
        "number": step.columns.number,
        "version": step.columns.version,
        "state": step.columns.state,
        "href": casefile_href(step.casefile),
        "receipt": receipt(step.sealed, casefile=step.casefile),
    }


def callers_own(chosen: str, *, agency: str, vendor: str | None, to: Actor) -> str | None:
    """The id that a caller chose for its request, for its own agency: it may say whatever that agency's systems do.

    `agency` is whom the call was for, `vendor` whose system made it (None: the agency's own). A vendor's client is told
    what that vendor's systems chose, and nothing of the agency's own or another vendor's.
    """
    if agency != to.agency_code or (to.vendor is not None and vendor != to.vendor.code):
        return None
    return chosen or None


def record_access(request: DoorRequest, *, route: str, shown: Iterable[UUID], purpose: str | None = None) -> None:
    """Record that these were shown to the caller, for the purpose given or that of the request.

    Raises as `recording` does.
    """
    with recording(request, route=route, shown=shown, purpose=purpose) as read:
        access.record(
            at=read.at,
            request_id=read.request_id,
            agency=read.agency,
            client=read.client,
            route=read.route,
            purpose=read.purpose,
            shown=read.shown,
            caller_request_id=read.caller_request_id,
        )


@contextmanager
def recording(
    request: DoorRequest, *, route: str, shown: Iterable[UUID] = (), purpose: str | None = None
) -> Iterator[access.Read]:
    """The read that a statement within records, for the purpose given or that of the request.

    Raises Problem `temporarily-unavailable` where it cannot be recorded: then nothing is shown. Raises TypeError where
    the view does not say (`recorded`) that this method records.
    """
    actor: Actor = request.actor
    if (read_for := purpose or request.purpose) is None:
        raise TypeError(f"the view of {route} does not name this method in `recorded`")
    try:
        yield access.Read(
            at=request.now,
            request_id=request.request_id,
            agency=actor.agency_id,
            client=actor.client_id,
            route=route,
            purpose=read_for,
            shown=tuple(shown),
            caller_request_id=request.caller_id,
        )
    except DatabaseError as exc:
        problem = problems.from_exception(exc, request=request._request)
        if problem.code == "temporarily-unavailable":
            problem.errors = (ErrorItem("read-not-recorded"),)
        raise problem from exc


__all__ = (
    "API",
    "attached",
    "available",
    "callers_own",
    "casefile",
    "casefile_href",
    "days_late",
    "instant",
    "listed",
    "made",
    "named",
    "receipt",
    "record_access",
    "recording",
    "referral",
    "would",
)
