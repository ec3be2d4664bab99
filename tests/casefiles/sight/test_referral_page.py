"""The list of referrals is written by PostgreSQL, a timeline's by the presenter: of one referral they say the same."""

from __future__ import annotations

import json
from typing import Any

from casefiles import references
from casefiles.flow import State
from casefiles.flow.given import TransferReason
from casefiles.models import Referral
from tests import factories
from tests.factories import PATHS
from tests.partner import Partner, said
from tests.ready import ROUTED, ready
from tests.world import World

ALL = "/referrals?to=any&status=any"


def _by_id(items: list[dict[str, Any]]) -> dict[str, str]:
    """Each referral as text, so that the order of its members counts."""
    return {item["id"]: json.dumps(item) for item in items}


def _listed(partner: Partner, path: str, **headers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said(partner.get(path, **headers))["data"]
    return found


def _as_told(partner: Partner, casefile: str, **headers: str) -> dict[str, str]:
    items = _listed(partner, f"/casefiles/{casefile}/timeline?kind=referral&limit=200", **headers)
    return _by_id([item["referral"] for item in items])


def test_every_referral_is_written_as_the_presenter_writes_it(db: None, world: World) -> None:
    """After every step that has a route and in every state: each member, its value and its place, in both languages."""
    for state in PATHS:
        factories.casefile_at(state)
    for name in ROUTED:
        told = ready(name)
        body, version = references.plain(told.given), told.story.row.version
        answer = Partner(told.who).post(f"/casefiles/{told.story.casefile}/{name}", body, version=version)
        assert answer.status_code == 200, answer.content
    astray = factories.casefile_at(State.AWAITING_SANCTION)
    astray.do("transfer", by=factories.BKN, reason=TransferReason(code="misaddressed"))
    auditor = Partner("bpk")
    for language in ("id", "en"):
        spoken = {"Accept-Language": language}
        listed = _listed(auditor, f"{ALL}&limit=500", **spoken)
        assert len(listed) == Referral.objects.count() < 500
        assert {item["status"] for item in listed} == {"open", "answered", "voided"}
        for member in ("missed_due_on", "continues", "answered_by", "overdue", "paused_days"):
            assert len({bool(item[member]) for item in listed}) == 2, f"no difference in {member}"
        assert any(item["rule"]["moved"] for item in listed)
        told_of = {ident: text for each in {item["casefile"]["id"] for item in listed}
                   for ident, text in _as_told(auditor, each, **spoken).items()}  # fmt: skip
        assert _by_id(listed) == told_of


def test_a_rule_of_an_earlier_release_is_written_with_what_it_lacks(db: None, world: World) -> None:
    told = factories.casefile_at(State.SUBMITTED)
    kept = Referral.objects.get(casefile=told.casefile)
    rule = {name: value for name, value in kept.rule.items() if name not in {"pauses", "skipped", "source"}}
    Referral.objects.filter(pk=kept.pk).update(rule={**rule, "moved": [{"seq": 2, "due_from": "2024-10-14"}]})
    examiner = Partner("bkn")
    (item,) = _listed(examiner, "/referrals")
    assert item["rule"]["moved"][0]["cause"] == "recompute"
    assert (item["rule"]["pauses"], item["rule"]["source"]) == (None, None)
    assert _by_id([item]) == _as_told(examiner, str(told.casefile))


def test_a_queue_holds_what_the_agency_sees_and_no_other(db: None, world: World) -> None:
    """Read in the order of its index, sight asked of each: the same rows as by the grants, page by page."""
    for _ in range(3):
        factories.casefile_at(State.SUBMITTED)
    factories.casefile_at(State.RECOMMENDED)
    for agency in ("bkn", "pemkot-padang", "bpk", "bawaslu-kota-padang"):
        partner = Partner(agency)
        expected = [item["id"] for item in _listed(partner, f"{ALL}&limit=500")
                    if item["status"] == "open" and item["to"]["code"] == agency]  # fmt: skip
        found, path = [], "/referrals?limit=1"
        while path:
            page = said(partner.get(path))
            found += [item["id"] for item in page["data"]]
            path = (page["next"] or "").removeprefix("/api/v1")
        assert found == expected
