"""What a row writes into the file: one small function for each row that leaves a fact behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from lintas_simulator.casefiles import CLOSED, Casefile
from lintas_simulator.contract import SAME, Row, agency, named
from lintas_simulator.log import instant

Given = Mapping[str, Any]
Record = Callable[[Casefile, Given], None]
RETURNS_LATER: Final = frozenset({"request-identity", "return", "dispute", "merge"})
"""Rows after which another may lead back to where the file stood."""


def perform(case: Casefile, row: Row, given: Given, *, actor: str, now: datetime) -> None:
    """Change the file as the row says: facts, state, turn and sight. It was judged before."""
    target = case.target_of(row, given)
    if row.name in RETURNS_LATER:
        case.came_from = case.state
    if row.name in RECORDS:
        RECORDS[row.name](case, given)
    if row.name == "disown":
        case.readers.discard(actor)
    case.state = target
    if target != "identity_requested":
        case.asked = None
    if target != CLOSED:
        case.outcome = None
    elif row.targets != (SAME,):
        case.outcome = row.outcome or "annulled"
    case.version += 1
    case.updated_at = now
    case.hand_over(now=now, keeps=row.targets == (SAME,))


def _request_identity(case: Casefile, given: Given) -> None:
    case.asked = given["employer"]


def _identify(case: Casefile, given: Given) -> None:
    case.employer = given["employer"]
    case.readers.add(given["employer"])
    subject = {name: value for name, value in given.items() if name not in {"employer", "occurred_at"}}
    case.told["subject"] = {**case.told["subject"], **subject, "identified": True}


def _accept(case: Casefile, given: Given) -> None:
    case.told["examiner_reference"] = given.get("examiner_reference")


def _return(case: Casefile, given: Given) -> None:
    case.told["returned"] = {"items": given["items"]}


def _recommend(case: Casefile, given: Given) -> None:
    case.addressee = given.get("addressee") or case.employer
    former = (case.told.get("recommendation") or {}).get("version", 0)
    case.told["recommendation"] = {**given, "version": former + 1}


def _uphold(case: Casefile, given: Given) -> None:
    if given.get("recommendation"):
        _recommend(case, given["recommendation"])


def _serve(case: Casefile, given: Given) -> None:
    case.told["served"] = dict(given)


def _report_sanction(case: Casefile, given: Given) -> None:
    delivery = given.get("delivery") or {}
    former = (case.told.get("sanction") or {}).get("version", 0)
    recommended = (case.told.get("recommendation") or {}).get("sanction")
    comparison = "equal" if given["sanction"] == recommended else "lighter"
    delivered = {"delivered_on": delivery.get("delivered_on"), "delivered_by": delivery.get("method")}
    case.told["sanction"] = {**given, **delivered, "version": former + 1, "comparison": comparison}


def _record_delivery(case: Casefile, given: Given) -> None:
    case.told["sanction"] = {**case.told["sanction"], "delivered_on": given["delivered_on"]}


def _require_correction(case: Casefile, given: Given) -> None:
    case.told["sanction"] = None


def _contest(case: Casefile, given: Given) -> None:
    case.told["contest"] = {**given, "status": "open"}


def _settle(case: Casefile, given: Given) -> None:
    case.told["contest"] = None
    if given.get("sanction"):
        _report_sanction(case, {**case.told["sanction"], **given})


def _close(case: Casefile, given: Given) -> None:
    case.told["closing"] = dict(given)


def _reopen(case: Casefile, given: Given) -> None:
    case.told |= {"closing": None, "sanction": None, "recommendation": None}


def _transfer(case: Casefile, given: Given) -> None:
    if case.addressee == case.employer:
        case.addressee = given["employer"]
    case.employer = given["employer"]
    case.readers.add(given["employer"])


def _reassign(case: Casefile, given: Given) -> None:
    case.readers.add(given["office"])
    case.submitter = given["office"]


def _block(case: Casefile, given: Given) -> None:
    case.told["data_block"] = "active"


def _unblock(case: Casefile, given: Given) -> None:
    case.told["data_block"] = "lifted"


RECORDS: Final[Mapping[str, Record]] = {
    "request-identity": _request_identity,
    "identify": _identify,
    "accept": _accept,
    "return": _return,
    "recommend": _recommend,
    "uphold": _uphold,
    "serve": _serve,
    "report-sanction": _report_sanction,
    "record-delivery": _record_delivery,
    "require-correction": _require_correction,
    "contest": _contest,
    "settle": _settle,
    "close": _close,
    "reopen": _reopen,
    "transfer": _transfer,
    "reassign": _reassign,
    "block-data": _block,
    "unblock-data": _unblock,
}


def opened(given: Given, subject: Mapping[str, Any], *, ident: str, href: str) -> dict[str, Any]:
    """What a new casefile tells of its finding, its officer and the acts."""
    office = agency(given["origin_office"])
    finding = {**given, "id": ident, "href": href, "origin_office": named(office["code"] if office else None)}
    numbers = subject["violations"]
    return {
        "finding": finding,
        "subject": {**subject, "identified": bool(subject.get("nip")), "identity_source": None},
        "violations": [
            {**one, "confirmed": None, "violation_class": "discipline"}
            for one in given["violations"]
            if one["number"] in numbers
        ],
    }


def registered(descriptor: Given, *, ident: str, owner: str, now: datetime) -> dict[str, Any]:
    """A document as it is shown."""
    return {**descriptor, "id": ident, "owner": named(owner), "registered_at": instant(now), "created_at": instant(now)}
