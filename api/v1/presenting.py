"""What answers look like: the shapes of `answers.md`, section 4, made of facts and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from agencies.actor import Actor
from api.http.language import Language
from api.http.view import DoorRequest
from audit import access, receipts
from audit.ledger import Sealed, instant
from casefiles import flow, register_number
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.deadlines import days_late as late_by
from casefiles.catalogue.law import local_day
from casefiles.file import CaseFile
from casefiles.flow import CaseView, DuplicateView, Party, Refusal
from casefiles.sight import projection, protected
from casefiles.sight.projection import Seer
from casefiles.transitions.write import Step

API = "/api/v1"

# The order in which objects are written; JSONB does not keep one.
FINDING = (
    "id", "register_number", "register", "source", "origin_office", "election", "election_nexus", "stage_at_submission",
    "known_on", "registered_on", "reporter", "witnesses", "href",
)  # fmt: skip
SUBJECT = (
    "identified", "nip", "former_nips", "name", "employment_kind", "position_kind", "position_roles", "position",
    "grade", "work_unit", "workplace", "identity_source", "violations",
)  # fmt: skip
VIOLATION = (
    "number", "form", "annex_item", "violation_class", "confirmed", "act_date", "act_until", "stage_at_act", "region",
    "place", "channel", "interaction", "contest", "beneficiary", "description", "legal_basis",
)  # fmt: skip
CLASS_REASONING = (
    "level", "edition", "rule_version", "legal_basis", "certainty", "designation_on", "designation_pending", "inputs",
    "rule", "designation",
)  # fmt: skip
INPUTS = ("form", "act_date", "act_until", "election", "election_nexus", "contest_office", "region")
CLASS_RULE = ("edition", "annex_item", "phase", "valid_from", "valid_until", "in_force")
DESIGNATION = ("designated_on", "region", "decree", "legal_basis", "certainty")
STAGE = ("stage", "between", "since", "decree", "legal_basis", "certainty")
RECOMMENDATION = ("version", "letter", "violations", "sanction", "reasoning")
SANCTION = (
    "version", "sanction", "comparison", "reason", "ruling", "bound_by", "decision", "examination", "delivered_on",
    "effective_on", "effective_stated", "remedy_until", "executions", "annulled_on", "annulled_by",
)  # fmt: skip
HANDED_OVER = ("from_mandate", "to_mandate", "from_agency", "to_agency", "disposition", "protocol", "on")
SERVED = ("agency", "delivered_on", "method", "proof")
EXTENSION = ("purpose", "until", "days", "reason", "by", "on")
SUPERSEDED = (*SANCTION, "superseded_on", "superseded_by")
CONTEST = ("kind", "sanction_version", "filed_on", "letter", "late", "days_late", "last_day", "decide_by")
SETTLED = (*CONTEST, "ruling", "decision", "settled_on")
MERGED = ("into", "number", "from", "on")
REOPENED = ("ground", "outcome", "closing", "on")
CORRECTED = ("fact", "violation", "by", "on", "reason")
REACHED = ("level", "code", "party", "agency", "purpose", "due_on", "reached_on", "last", "measure")
MEASURE = ("code", "by", "letter", "addressed_to", "on", "new_due")
BLOCK = ("scope", "services", "reason", "letter", "on", "lifted")
DOCUMENT = ("id", "type", "number", "date", "sha256", "size", "owner")
RULE = (
    "code", "days", "day_basis", "starts_from", "clock_from", "counted_to", "time_zone", "source", "legal_basis",
    "certainty", "calendar_version", "skipped", "beyond_calendar", "resumed", "pauses",
)  # fmt: skip
MOVED = ("seq", "cause", "due_from", "due_to", "calendar_from", "calendar_to")

# What a page of casefiles leaves out: it is read often, by many, for orientation only.
NOT_IN_LISTS = frozenset(
    {
        "documents",
        "warnings",
        "withheld",
        "closing",
        "handed_over",
        "suspected_duplicates",
        "sanction_versions",
        "contests",
        "reopened",
        "corrections",
        "ladder",
        "measures",
        "block",
    }
)


def casefile_href(casefile: UUID | str) -> str:
    """Where a casefile is read."""
    return f"{API}/casefiles/{casefile}"


def named(code: str | None, names: Mapping[str, str]) -> dict[str, str] | None:
    """An agency goes in as a code and comes out as `{code, name}`."""
    return None if code is None else {"code": code, "name": names.get(code, code)}


def casefile(
    *,
    ident: UUID | str,
    facts: CaseFile,
    seer: Seer,
    names: Mapping[str, str],
    catalogue: Catalogue,
    now: datetime,
    language: Language,
    created_at: datetime | str,
    updated_at: datetime | str,
    available: Iterable[Mapping[str, Any]] | None = None,
    rule: Mapping[str, Any] | None = None,
    duplicates: Iterable[DuplicateView] | None = None,
    identities: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A casefile as one party sees it; `rule` is the one that the open referral keeps, where it is at hand.

    `duplicates` are those suspected now, for whom they concern; to others null. `identities` are reporter and
    witnesses, who are shown to submitter and examiner only.
    """
    seen, withheld = projection.project(facts, seer=seer, catalogue=catalogue, identities=identities)
    finding = seen.pop("finding")
    recommendation = seen.pop("recommendation")
    shown: dict[str, Any] = {
        "id": str(ident),
        "number": seen.pop("number"),
        "version": seen.pop("version"),
        "state": seen.pop("state"),
        "outcome": seen.pop("outcome"),
        "turn": turn(
            seen.pop("turn", None), names=names, now=now, explanation=rule[f"explanation_{language}"] if rule else None
        ),
        "finding": in_order(
            {
                **finding,
                "register": register_number.shown(finding["register_number"]),
                "origin_office": named(finding["origin_office"], names),
                "stage_at_submission": in_order(finding.get("stage_at_submission"), STAGE),
            },
            FINDING,
        ),
        **{party: named(seen.pop(party), names) for party in ("submitter", "examiner", "employer", "addressee")},
        "mandate": seen.pop("mandate"),
        "examiner_reference": seen.pop("examiner_reference"),
        "subject": in_order({"former_nips": [], **seen.pop("subject")}, SUBJECT),
        "violations": [spoken_class(violation, language) for violation in seen.pop("violations")],
        "recommendation": in_order(recommendation, RECOMMENDATION),
        "served": in_order(seen.pop("served", None), SERVED),
        "sanction": in_order(seen.pop("sanction"), SANCTION),
        "sanction_versions": [in_order(earlier, SUPERSEDED) for earlier in seen.pop("sanction_versions", ())],
        "contest": in_order(seen.pop("contest", None), CONTEST),
        "contests": [in_order(one, SETTLED) for one in seen.pop("contests", ())],
        "overdue_level": seen.pop("overdue_level"),
        "ladder": [
            in_order({**reached, "agency": named(reached["agency"], names)}, REACHED)
            for reached in seen.pop("ladder", ())
        ],
        "measures": [in_order(measure, MEASURE) for measure in seen.pop("measures", ())],
        "data_block": seen.pop("data_block"),
        "block": in_order(seen.pop("block", None), BLOCK),
        "legal_hold": seen.pop("legal_hold"),
        "extensions": [in_order(granted, EXTENSION) for granted in seen.pop("extensions", ())],
        "returned": seen.pop("returned", None),
        "closing": seen.pop("closing", None),
        "handed_over": [in_order(step, HANDED_OVER) for step in seen.pop("handed_over", ())],
        "merged": in_order(seen.pop("merged", None), MERGED),
        "absorbed": [in_order(one, ("casefile", "number", "on", "released_on")) for one in seen.pop("absorbed", ())],
        "reopened": [in_order(one, REOPENED) for one in seen.pop("reopened", ())],
        "corrections": [in_order(one, CORRECTED) for one in seen.pop("corrections", ())],
        "documents": [in_order(document, DOCUMENT) for document in seen.pop("documents")],
    }
    shown["suspected_duplicates"] = None if duplicates is None else [suspicion(one) for one in duplicates]
    if available is not None:
        shown["available"] = list(available)
    shown["warnings"] = [
        {"code": item["code"], "pointer": item["pointer"], "detail": item[language]} for item in seen.pop("warnings")
    ]
    shown["withheld"] = withheld
    shown["created_at"] = created_at
    shown["updated_at"] = updated_at
    return shown


def suspicion(one: DuplicateView) -> dict[str, Any]:
    """A casefile that may be the same matter, and why."""
    return {
        "casefile": one.id,
        "number": one.number,
        "state": one.state,
        "href": casefile_href(one.id),
        "because": list(one.because),
    }


def in_order(said: Mapping[str, Any] | None, names: Iterable[str]) -> dict[str, Any] | None:
    """The object with these members in this order; members it lacks are null, others are left out."""
    return None if said is None else {name: said.get(name) for name in names}


def spoken_class(violation: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A violation, its class explained in the caller's language."""
    shown = {name: violation.get(name) for name in VIOLATION}
    shown["stage_at_act"] = in_order(shown["stage_at_act"], STAGE)
    explained = violation.get("class")
    if explained is not None:
        shown["class_reasoning"] = {
            **{name: explained.get(name) for name in CLASS_REASONING},
            "inputs": in_order(explained.get("inputs"), INPUTS),
            "rule": in_order(explained.get("rule"), CLASS_RULE),
            "designation": in_order(explained.get("designation"), DESIGNATION),
            "reasoning": explained[f"reasoning_{language}"],
        }
    return shown


def spoken_rule(rule: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """How a deadline was counted, explained in the caller's language."""
    # Rules kept before moves said their cause were moved by calendars only.
    moved = [{name: move.get(name, "recompute") for name in MOVED} for move in rule.get("moved", ())]
    return {**{name: rule.get(name) for name in RULE}, "moved": moved, "explanation": rule[f"explanation_{language}"]}


def turn(
    said: Mapping[str, Any] | None, *, names: Mapping[str, str], now: datetime, explanation: str | None = None
) -> dict[str, Any] | None:
    """Whose turn it is; overdue from the instant `due_at` on. Why then, where the rule is at hand."""
    if said is None:
        return None
    explained = {} if explanation is None else {"explanation": explanation}
    return {
        "party": said["party"],
        "agency": named(said["agency"], names),
        "purpose": said["purpose"],
        "referral": said["referral"],
        "since": said["since"],
        "due_on": said["due_on"],
        "original_due_on": said.get("original_due_on") or said["due_on"],
        "due_at": said["due_at"],
        "overdue": said.get("missed_due_on") is not None or now >= datetime.fromisoformat(said["due_at"]),
        **explained,
    }


def would(facts: Mapping[str, Any], *, names: Mapping[str, str]) -> dict[str, Any]:
    """What an act would lead to, for who only validates: the state, whose turn, and until when."""
    said = facts.get("turn")
    return {
        "state": facts["state"],
        "turn": {"party": said["party"], "agency": named(said["agency"], names), "purpose": said["purpose"]}
        if said
        else None,
        "due_on": said["due_on"] if said else None,
    }


def days_late(row: Mapping[str, Any], *, now: datetime) -> int:
    """How many days an open referral is late today, where its holder sits."""
    return late_by(row["missed_due_on"] or row["due_on"], local_day(now, row["time_zone"]))


def listed(shown: dict[str, Any]) -> dict[str, Any]:
    """The casefile as a page shows it: no NIP, documents, reasoning or available transitions; its href instead.

    Whoever counts terminations by their reason reads a page, not every file.
    """
    item = {name: value for name, value in shown.items() if name not in NOT_IN_LISTS}
    item["subject"] = {name: value for name, value in shown["subject"].items() if name not in {"nip", "former_nips"}}
    # Whom somebody has to protect is looked up one by one, and each look is recorded.
    item["finding"] = {name: value for name, value in shown["finding"].items() if name not in protected.WHO}
    if item["recommendation"] is not None:
        item["recommendation"] = {name: value for name, value in item["recommendation"].items() if name != "reasoning"}
    # Of how it was closed the code alone: letters, judgments and free text are the detail's.
    item["closing_reason"] = ((shown["closing"] or {}).get("reason") or {}).get("code")
    item["href"] = casefile_href(shown["id"])
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
    """What was done to prevent it, for who may know; null for everybody else."""
    if rows is None:
        return None
    return [
        {**{name: row[name] for name in ("id", "kind", "held_on", "office")}, "href": f"{API}/preventions/{row['id']}"}
        for row in rows
    ]


def receipt(sealed: Sealed, *, casefile: UUID | str) -> dict[str, Any]:
    """The signed promise for an accepted write: which entry, the hash of its leaf, in the tree until when.

    `jws` is null where this installation has no receipt key; /readyz complains of that.
    """
    said = receipts.stated(sealed)
    return {
        "entry": said["entry"],
        "casefile": str(casefile),
        "seq": said["seq"],
        "leaf_hash": said["leaf_hash"],
        "accepted_at": said["accepted_at"],
        "in_tree_by": said["in_tree_by"],
        "proof": f"{API}/log/entries?leaf_hash={said['leaf_hash']}",
        "jws": said["jws"],
    }


def made(step: Step) -> dict[str, Any]:
    """A casefile that a finding made, in the 201."""
    return {
        "id": str(step.casefile),
        "number": step.number,
        "version": step.seq,
        "state": step.state,
        "href": casefile_href(step.casefile),
        "receipt": receipt(step.sealed, casefile=step.casefile),
    }


def record_access(request: DoorRequest, *, route: str, shown: Iterable[UUID], purpose: str | None = None) -> None:
    """Record that these were shown to the caller, for the purpose given or that of the request.

    Raises TypeError where the view does not say (`recorded`) that this method records.
    """
    actor: Actor = request.actor
    if (read_for := purpose or request.purpose) is None:
        raise TypeError(f"the view of {route} does not name this method in `recorded`")
    access.record(
        at=request.now,
        request_id=request.request_id,
        agency=actor.agency_id,
        client=actor.client_id,
        route=route,
        purpose=read_for,
        shown=shown,
    )


__all__ = (
    "API",
    "available",
    "casefile",
    "casefile_href",
    "days_late",
    "instant",
    "listed",
    "made",
    "named",
    "receipt",
    "record_access",
    "turn",
    "would",
)
