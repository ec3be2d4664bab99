"""The kit finds nothing wrong with our own client, and names each mistake of one that is careless."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from casefiles import flow
from lintas_conformance import Result, run
from lintas_conformance.assertions import assertions
from lintas_conformance.assertions import rows as chapter
from lintas_conformance.judging import is_passed
from lintas_conformance.scenarios import SCENARIOS
from lintas_simulator import running
from lintas_simulator.stories import story_of
from tests.kit.conformance.clocks import Clock
from tests.kit.conformance.ours import Ours, listening
from tests.kit.conformance.plain import Plain

EMPLOYER, OFFICE, EXAMINER = "pemkot-padang", "bawaslu-kota-padang", "bkn"

MISTAKES: Mapping[str, tuple[str, str]] = {
    "no-key": ("idempotency.key-sent", "late"),
    "new-key-on-retry": ("idempotency.same-key-after-503", "unavailable"),
    "restart-forgets": ("idempotency.same-key-after-restart", "restarted"),
    "one-key-for-all": ("idempotency.new-key-for-new-act", "walk"),
    "key-of-nip": ("pdp.nip-not-in-key", "late"),
    "silence-is-final": ("act.done-once-after-cut", "cut"),
    "silence-is-success": ("retry.silence-is-no-success", "restarted"),
    "never-gives-up": ("retry.gives-up", "restarted"),
    "ignores-retry-after": ("retry.after-429", "limited"),
    "repeats-4xx": ("refusal.422-not-repeated", "invalid"),
    "refusals-hidden": ("refusal.422-reported", "invalid"),
    "no-if-match": ("if-match.sent", "late"),
    "if-match-star": ("if-match.not-a-star", "late"),
    "guesses-the-version": ("if-match.was-read", "late"),
    "412-ignored": ("stale-version.read-again", "race"),
    "412-repeated": ("stale-version.not-blindly-repeated", "race"),
    "moves-the-day": ("law.dates-backwards-not-repeated", "dates-backwards"),
    "dates-back": ("law.mandate-ended-not-repeated", "mandate-ended"),
    "moved-on-ignored": ("law.moved-on-reported", "moved-on"),
    "asks-until-granted": ("law.silence-too-early-not-repeated", "silence-too-early"),
    "form-sent": ("wire.media-type-is-json", "late"),
    "chokes-on-new-members": ("tolerant.unknown-members", "strange"),
    "aud-is-token-url": ("create_token.audience-is-the-issuer", "inbox"),
    "assertion-kept": ("create_token.assertion-used-once", "revoked"),
    "token-for-each-call": ("create_token.token-kept", "walk"),
    "secret-sent": ("create_token.no-secret-sent", "inbox"),
    "401-is-final": ("create_token.renewed-after-401", "revoked"),
    "loops-on-401": ("create_token.no-loop-on-401", "token-refused"),
    "clock-ignored": ("create_token.no-loop-when-the-clock-is-off", "clock"),
    "token-logged": ("create_token.token-not-logged", "inbox"),
    "first-page-only": ("list_referrals.every-page-read", "inbox"),
    "cursor-cut": ("list_referrals.cursor-untouched", "inbox"),
    "parameter-invented": ("query.known-parameters", "inbox"),
    "route-misspelt": ("routes.known", "late"),
    "place-forgotten": ("list_events.place-kept", "feed"),
    "page-taken-twice": ("list_events.repeated-page-taken-once", "feed-repeated"),
    "gap-ignored": ("list_events.gap-noticed", "feed-hole"),
    "newest-first": ("list_events.in-order", "feed"),
    "unknown-type-stops": ("list_events.unknown-type-passed-over", "feed-invented"),
    "tight-loop": ("list_events.no-tight-loop", "feed"),
    "receipts-thrown-away": ("read_receipt.redeemed", "receipts"),
    "challenge-not-echoed": ("webhook.challenge-answered", "webhook"),
    "believes-everything": ("webhook.forged-does-nothing", "webhook"),
    "v1-unchecked": ("webhook.v1-verified", "webhook"),
    "v1a-unchecked": ("webhook.v1a-verified", "webhook"),
    "age-unchecked": ("webhook.old-refused", "webhook"),
    "message-taken-twice": ("webhook.repeated-taken-once", "webhook"),
    "second-message-refused": ("webhook.repeated-accepted", "webhook"),
    "order-demanded": ("webhook.out-of-order-accepted", "webhook"),
    "keys-fetched-once": ("webhook.key-change-followed", "webhook"),
    "nip-in-url": ("pdp.nip-not-in-url", "late"),
    "name-in-url": ("pdp.name-not-in-url", "late"),
    "nip-in-header": ("pdp.nip-not-in-headers", "late"),
    "body-logged": ("pdp.nip-not-in-log", "walk"),
}
"""What is done wrong: the assertion that names it, and the scenario in which it shows."""


def judged(agency: str, *mistakes: str, only: tuple[str, ...] = ()) -> Mapping[str, Result]:
    clock = Clock()
    with running(clock=clock, sleep=clock.sleep) as simulator:
        client = Plain(simulator.register, clock, agency=agency, mistakes=frozenset(mistakes))
        with listening(client):
            return {one.assertion.id: one for one in run(simulator.register, client, only=only, sleep=clock.sleep)}


def broken(results: Mapping[str, Result]) -> Mapping[str, list[str]]:
    return {ident: list(one.evidence) for ident, one in results.items() if one.verdict == "broken"}


def test_our_own_client_keeps_every_promise(tmp_path: Path) -> None:
    clock = Clock()
    agencies = (EMPLOYER, OFFICE, "bawaslu-sumatera-barat", EXAMINER)
    with running(clock=clock, sleep=clock.sleep) as simulator:
        client = Ours(simulator.register, tmp_path, agencies=agencies, clock=clock)
        with contextlib.closing(client), listening(client):
            results = run(simulator.register, client, sleep=clock.sleep)
    assert [(one.assertion.id, one.evidence) for one in results if one.verdict != "held"] == []
    assert is_passed(results)


@pytest.mark.parametrize("agency", [EMPLOYER, OFFICE, EXAMINER])
def test_a_client_of_ones_own_may_pass_and_is_judged_by_its_own_rows_alone(agency: str) -> None:
    results = judged(agency)
    assert broken(results) == {}
    rows = {one.assertion.row for one in results.values() if one.assertion.row and one.verdict == "held"}
    assert ("acknowledge" in rows, "submit" in rows, "accept" in rows) == tuple(
        agency == one for one in (EMPLOYER, OFFICE, EXAMINER)
    )


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_each_mistake_is_named_by_its_assertion(mistake: str) -> None:
    ident, scenario = MISTAKES[mistake]
    found = broken(judged(EMPLOYER, mistake, only=(scenario,)))
    assert ident in found, found
    evidence = " ".join(line for lines in found.values() for line in lines)
    assert "198501012010011001" not in evidence, "a report shows no personal data"
    assert "Contoh" not in evidence


LAW = ("dates-backwards", "mandate-ended", "moved-on", "silence-too-early")


def test_what_the_law_refuses_is_neither_repeated_nor_hidden() -> None:
    repeated = broken(judged(EMPLOYER, "repeats-4xx", only=LAW))
    assert {ident for ident in repeated if ident.startswith("law.")} == {f"law.{one}-not-repeated" for one in LAW}
    hidden = broken(judged(EMPLOYER, "refusals-hidden", only=LAW))
    assert {ident for ident in hidden if ident.startswith("law.")} == {f"law.{one}-reported" for one in LAW}


def test_only_the_parties_of_a_step_are_judged_by_what_refuses_it() -> None:
    for agency in (OFFICE, EXAMINER):
        verdicts = {ident: one.verdict for ident, one in judged(agency, only=LAW).items() if ident.startswith("law.")}
        seen = {ident for ident, verdict in verdicts.items() if verdict == "held"}
        assert seen == {f"law.{one}-{what}" for one in LAW[:2] for what in ("not-repeated", "reported")}


def test_every_row_that_partners_may_perform_is_covered_and_every_assertion_says_how_to_mend_it() -> None:
    listed = assertions()
    assert {one.row for one in listed.values() if one.row} == {row.name for row in flow.FLOW if row.routed}
    assert {one.scenario for one in listed.values()} == {*SCENARIOS, "*"} - {"document"}
    for one in listed.values():
        assert one.source
        assert one.indonesian.endswith("."), one.id
        assert one.english.endswith("."), one.id
        assert one.indonesian != one.english
    assert len([one for one in listed.values() if not one.row]) >= 60


def test_a_row_that_no_path_performs_has_no_assertion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chapter, "story_of", lambda name: None if name == "dispute" else story_of(name))
    assert "dispute" not in {one.row for one in chapter.of_rows()}
