"""What BPK, an inspectorate or the Ombudsman asks of the history, asked over HTTP as the auditor: docs/auditors.md.

One test for each question that the data answers. Nothing is changed: the cases are walked once for the chapter.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from demo.client import Client, Refused, clients
from tests.api import answers
from tests.journeys.audited import AUDITOR, DECREE, HOLDER, KASN, LATE, LETTER, PAUSED, PROVINCE, Audited, walked
from tests.journeys.paths import EMPLOYER, EXAMINER, OFFICIAL, SUBMITTER, Journey
from tests.world import Sandbox, World, sandboxed

if TYPE_CHECKING:
    from tests.conftest import Copies

PAGE = Path(__file__).resolve().parents[2] / "docs" / "auditors.md"
ACTING = ("recommend", "report-sanction", "retract", "terminate", "reject")


@pytest.fixture(scope="module")
def register(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A register of its own: a hand-over takes every case there is, and the calendar is amended."""
    with sandboxed(copies, world, tmp_path_factory.mktemp("audited")) as running:
        yield running


@pytest.fixture(scope="module")
def parties(register: Sandbox) -> Iterator[Mapping[str, Client]]:
    with httpx.Client(base_url=register.base_url, timeout=30) as http:
        yield clients(register.keys, http)


@pytest.fixture(scope="module")
def audited(register: Sandbox, parties: Mapping[str, Client], tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The cases, each entry of them in its place in the log."""
    cases = walked(parties, register.server, tmp_path_factory.mktemp("walked"))
    ends = time.monotonic() + 20
    while not any(one["kind"] == "calendar.amended" for one in _stream(parties[AUDITOR], "calendar")):
        assert time.monotonic() < ends, "the sequencer has not given the last entry its place"
        time.sleep(0.2)
    return cases


@pytest.fixture
def auditor(parties: Mapping[str, Client], audited: Audited) -> Client:
    """BPK's system: it asks, and nobody else does in this chapter."""
    return parties[AUDITOR]


def _pages(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    """All items of a list, page by page as an auditor's program would read them."""
    found: list[dict[str, Any]] = []
    page = client.get(path, limit="4", **query).data
    found += page["data"]
    while page["next_cursor"]:
        page = client.get(path, limit="4", cursor=page["next_cursor"], **query).data
        found += page["data"]
    return found


def _stream(client: Client, name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = client.get("/log/entries", stream=name).data["data"]
    return entries


def _entries(client: Client) -> list[dict[str, Any]]:
    """The body of every entry of the log."""
    found, first = [], 0
    while True:
        page = client.get("/log/entries", first=str(first), limit="100").data
        found += [json.loads(one["body"]) for one in page["data"]]
        if page["next"] is None:
            return found
        first = page["next_first"]


def _steps(client: Client, journey: Journey, *names: str) -> list[dict[str, Any]]:
    items = client.get(f"/casefiles/{journey.casefile}/timeline", kind="transition").data["data"]
    return [item["transition"] for item in items if not names or item["transition"]["name"] in names]


def test_the_page_for_auditors_names_every_question() -> None:
    """And asks only what there is to ask: each path it calls is one of the contract's."""
    page = PAGE.read_text(encoding="utf-8")
    answered = {name for name in globals() if name.startswith("test_")} - {
        "test_the_page_for_auditors_names_every_question"
    }
    assert set(re.findall(r"`(test_\w+)`", page)) == answered
    called = {re.sub(r"\$[A-Z]+", "{id}", path) for path in re.findall(r'ask "(/[^"?]*)', page)}
    known = {re.sub(r"\{\w+\}", "{id}", path.removeprefix("/api/v1")) for path in answers.document()["paths"]}
    assert called
    assert called <= known


def test_which_named_official_decided(auditor: Client, audited: Audited) -> None:
    """With whole name, NIP and position, for every deciding step. Who approved beside him is not recorded."""
    cases = (audited.reprimanded, audited.misnamed, audited.retired, audited.rejected)
    decided = [step for journey in cases for step in _steps(auditor, journey, *ACTING)]
    assert {step["name"] for step in decided} == set(ACTING)
    assert [step["official"] for step in decided] == [OFFICIAL] * len(decided)
    assert {step["actor"]["person"] for step in decided} == {None}, "systems act; who typed is not known"


def test_whether_the_imposer_was_competent_is_laid_out_and_not_judged(auditor: Client, audited: Audited) -> None:
    """The official's position, the officer's, and the sanction's level: people apply PP 94/2021 art. 16-22 to them."""
    (step,) = _steps(auditor, audited.reprimanded, "report-sanction")
    row = next(
        one for one in auditor.get("/catalogue/sanctions").data["data"] if one["code"] == step["given"]["sanction"]
    )
    seen = auditor.casefile(audited.reprimanded.casefile)
    assert step["official"]["position"] == OFFICIAL["position"]
    assert (row["level"], seen["subject"]["position_kind"]) == ("discipline_medium", "functional_expert")
    assert seen["sanction"]["decision"]["legal_basis"] == "PP 94/2021"


def test_whether_the_officer_was_heard_by_whom_after_which_summons(auditor: Client, audited: Audited) -> None:
    seen = auditor.casefile(audited.reprimanded.casefile)["sanction"]["examination"]
    notes = {step["given"]["code"]: step["given"] for step in _steps(auditor, audited.reprimanded, "note")}
    assert (seen["by"], seen["attended"]) == ("superior", True)
    assert seen["summoned_on"] == [notes["summons_1"]["date"]]
    assert seen["summoned_on"][0] <= seen["examined_on"]
    assert notes["subject_examined"]["document"] == audited.minutes


def test_whether_the_pay_was_really_cut(auditor: Client, audited: Audited) -> None:
    """The addressee says so and names its proof; a sanction that nobody executed has no execution."""
    seen = auditor.casefile(audited.reprimanded.casefile)
    (execution,) = seen["sanction"]["executions"]
    assert execution["executed_on"] > seen["sanction"]["delivered_on"]
    proof = auditor.get(f"/documents/{execution['proof']}").data
    assert (proof["type"], proof["owner"]["code"], len(proof["sha256"])) == ("execution_proof", EMPLOYER, 64)
    unexecuted = [
        one["number"]
        for one in _pages(auditor, "/casefiles", outcome="sanctioned")
        if not one["sanction"]["executions"]
    ]
    assert unexecuted == []


def test_which_move_or_pension_fell_between_known_and_closed(auditor: Client, audited: Audited) -> None:
    """Promotions are in SIASN; what was blocked meanwhile is here."""
    seen = auditor.casefile(audited.retired.casefile)
    (moved,) = _steps(auditor, audited.retired, "transfer")
    (ended,) = _steps(auditor, audited.retired, "terminate")
    known = seen["finding"]["known_on"]
    assert known < moved["given"]["moved_on"] <= ended["occurred_at"][:10]
    assert (moved["given"]["employer"], ended["given"]["reason"]["code"]) == (PROVINCE, "retired")
    (blocked,) = _steps(auditor, audited.misnamed, "block-data")
    assert blocked["given"]["services"] == ["promotion"]


def test_who_had_an_interest_and_who_recused_himself(auditor: Client, audited: Audited) -> None:
    flagged = [
        one["number"]
        for one in _pages(auditor, "/casefiles")
        if any((act["beneficiary"] or {}).get("is_personnel_authority") for act in one["violations"])
    ]
    assert flagged == [audited.reprimanded.number]
    notes = [step["given"] for step in _steps(auditor, audited.reprimanded, "note")]
    assert [note["text"] for note in notes if note["code"] == "official_recused"] == ["Atasan langsung dari calon."]


def test_days_of_delay_per_party_net_of_pauses_and_who_granted_them(auditor: Client, audited: Audited) -> None:
    late: Counter[str] = Counter()
    for one in _pages(auditor, "/referrals", to="any", status="answered", overdue="true", due_from="2024-10-15"):
        late[one["to"]["code"]] += one["days_late"]
    own = _pages(auditor, "/referrals", to=EMPLOYER, status="answered", purpose="follow_up", paused="true")
    assert [(one["casefile"]["id"], one["days_late"], one["paused_days"]) for one in own] == [
        (audited.reprimanded.casefile, LATE, PAUSED)
    ]
    assert late[EMPLOYER] >= LATE
    (pause,) = own[0]["rule"]["pauses"]
    (granted,) = auditor.casefile(audited.reprimanded.casefile)["extensions"]
    assert (granted["by"]["code"], granted["days"], granted["until"]) == (EXAMINER, pause["days"], pause["until"])
    unpaused = _pages(auditor, "/referrals", to=EMPLOYER, status="any", paused="false", due_before="2024-10-15")
    assert {one["paused_days"] for one in unpaused} <= {0}
    assert all(one["due_on"] < "2024-10-15" for one in unpaused)


def test_how_long_between_happening_and_recording_per_office(auditor: Client, audited: Audited) -> None:
    """Every entry holds both instants and the office; nobody has to be asked twice."""
    lag: dict[str, list[timedelta]] = defaultdict(list)
    for body in _entries(auditor):
        if body["to"] is not None:
            happened, written = (datetime.fromisoformat(body[name]) for name in ("occurred_at", "recorded_at"))
            lag[body["actor"]["agency"]].append(written - happened)
    assert {SUBMITTER, EXAMINER, EMPLOYER, PROVINCE, KASN} <= set(lag)
    assert min(lag[SUBMITTER]) > timedelta(days=365), "told years later, and the register shows it"
    (step,) = _steps(auditor, audited.rejected, "reject")
    assert (step["occurred_at"], step["recorded_at"] > step["occurred_at"]) == ("2024-10-10T02:00:00.000Z", True)


def test_who_changed_a_holiday_when_and_on_what_decree(auditor: Client, audited: Audited) -> None:
    loaded, amended = _stream(auditor, "calendar")
    given, state = amended["opened"]["given"], amended["opened"]["state"]
    assert (loaded["kind"], amended["kind"], given["decree"]) == ("calendar.loaded", "calendar.amended", DECREE)
    assert given["added"] == [["2027-07-01", "public_holiday", "Libur tambahan"]]
    body = json.loads(amended["body"])
    assert body["actor"]["party"] == "operator"
    assert body["recorded_at"] > json.loads(loaded["body"])["recorded_at"]
    (day,) = auditor.get("/catalogue/calendar", version=state["version"], valid_on="2027-07-01").data["data"]
    assert day["decree"] == DECREE
    before = auditor.get("/catalogue/calendar", version=loaded["opened"]["state"]["version"], valid_on="2027-07-01")
    assert before.data["data"] == []


def test_what_is_held_from_erasure_by_whom_and_why(auditor: Client, audited: Audited) -> None:
    (held,) = _stream(auditor, "holds")
    assert held["kind"] == "hold.set"
    state = held["opened"]["state"]
    assert (state["casefile"], state["held"]) == (str(audited.reprimanded.casefile), True)
    assert (state["reason"], state["letter"], state["by"]) == ("audit", LETTER, HOLDER)
    assert _stream(auditor, "erasures") == _stream(auditor, "ended-reads") == []


def test_who_changed_a_deadline_catalogue_or_routing_row_and_when(auditor: Client, audited: Audited) -> None:
    """A load is an entry that names version and digest; what a version said is served for ever, with its sources."""
    last = _stream(auditor, "catalogue")[-1]
    state = last["opened"]["state"]
    assert last["kind"] == "catalogue.loaded"
    for name in ("deadlines", "routing", "sanctions"):
        served = auditor.get(f"/catalogue/{name}", version=state["version"]).data
        assert served["catalogue_version"] == state["version"]
        assert len(served["data"]) == state["lists"][name]
    founded = [row["source"] or row["legal_basis"] for row in auditor.get("/catalogue/deadlines").data["data"]]
    assert all(founded), "each row says on what it rests"


def test_which_decree_gives_the_designation_day(auditor: Client, audited: Audited) -> None:
    (act,) = auditor.casefile(audited.reprimanded.casefile)["violations"]
    designation = act["class_reasoning"]["designation"]
    assert act["act_date"] >= designation["designated_on"]
    assert designation["legal_basis"] == "PKPU 2/2024"
    # A decision of the local commission, whose number is not recorded: nothing else stands in its place.
    assert designation["decree"] is None
    assert designation["certainty"] == "seen"
    designations = [row for row in auditor.get("/catalogue/stages").data["data"] if row["stage"] == "designation"]
    assert {row["decree"] for row in designations} == {None, "Keputusan KPU 1632 Tahun 2023"}
    assert all((row["decree"] is None) == (row["decree_status"] == "not_recorded") for row in designations)


def test_what_stands_in_bawaslus_register_but_never_arrived(auditor: Client, audited: Audited) -> None:
    """Sequences with a hole, by office, kind, month and year: 008 was registered, or skipped, and not forwarded."""
    arrived: dict[tuple[str, str, int, int], set[int]] = defaultdict(set)
    for one in _pages(auditor, "/findings", origin_office=SUBMITTER):
        if (number := one["register"]) is not None:
            key = (one["origin_office"]["code"], number["kind"]["letters"], number["month"], number["year"])
            arrived[key].add(number["sequence"])
    missing = {key: set(range(min(seen), max(seen))) - seen for key, seen in arrived.items()}
    assert missing == {(SUBMITTER, "TM", 10, 2024): {8}}


def test_what_went_into_the_hand_over_and_what_came_out(auditor: Client, audited: Audited) -> None:
    passed = [one["opened"] for one in _stream(auditor, "mandates") if one["kind"] == "mandate.handed_over"]
    assert [one["state"]["cases"] for one in passed] == [2]
    assert passed[0]["state"]["dispositions"] == {"report_to_ministry": 1, "restart": 1}
    assert passed[0]["given"]["protocol"]["number"] == "BA-12/2024"
    assert passed[0]["given"]["signed_by"] == [KASN, EXAMINER]
    numbers = {one.number for one in audited.handed_over}
    assert {one["number"] for one in _pages(auditor, "/casefiles", mandate="examining-2014")} == set()
    came_out = [one for one in _pages(auditor, "/casefiles", mandate="examining-2024") if one["number"] in numbers]
    assert len(came_out) == len(numbers)
    for journey in audited.handed_over:
        (step,) = auditor.casefile(journey.casefile)["handed_over"]
        assert (step["from_mandate"], step["protocol"]["number"]) == ("examining-2014", "BA-12/2024")


def test_the_same_form_and_different_sanctions_by_agency_and_position(auditor: Client, audited: Audited) -> None:
    imposed = {
        (one["employer"]["code"], one["subject"]["position_kind"], one["sanction"]["sanction"])
        for one in _pages(auditor, "/casefiles", form="social_media_engagement", outcome="sanctioned")
    }
    assert imposed == {
        (EMPLOYER, "functional_expert", "allowance_cut_25_6m"),
        (PROVINCE, "supervisory_official", "moral_closed"),
    }


def test_who_terminates_or_rejects_what_with_which_codes(auditor: Client, audited: Audited) -> None:
    ended = Counter(
        (one["examiner"]["code"], one["outcome"], one["closing_reason"])
        for one in _pages(auditor, "/casefiles", outcome="terminated,rejected,not_proven")
    )
    assert ended == {
        (EXAMINER, "terminated", "retired"): 1,
        (EXAMINER, "rejected", "not_asn"): 1,
        (EXAMINER, "not_proven", "identity_not_established"): 1,
    }
    (step,) = _steps(auditor, audited.rejected, "reject")
    assert step["given"]["reason"] == {"code": "not_asn", "text": "Perangkat desa."}


def test_how_many_were_reported_proven_and_followed_up_as_of_when(
    auditor: Client, audited: Audited, parties: Mapping[str, Client]
) -> None:
    """Three offices, one index, one digest; a state then and a state now are two answers that do not change."""
    told = auditor.get("/statistics", by="employer,outcome").data
    index = str(told["as_of"]["index"])
    assert (told["sight"], told["merged"]) == ("all", 0)
    funnel = ("submitted", "recommended", "not_proven", "followed_up", "closed", "open")
    assert [told["totals"][name] for name in funnel] == [7, 4, 1, 2, 5, 2]
    for office in (SUBMITTER, EXAMINER):
        theirs = parties[office].get("/statistics", by="employer,outcome", as_of=index).data
        assert (theirs["sight"], theirs["digest"]) == ("own", told["digest"])
    entries = auditor.get("/log/entries", casefile=audited.reprimanded.casefile).data["data"]
    (reported,) = [one["index"] for one in entries if json.loads(one["body"])["kind"] == "report-sanction"]
    for moment, number in ((reported - 1, 0), (reported, 1)):
        then = auditor.get("/statistics", as_of=str(moment)).data
        assert (then["as_of"]["index"], then["totals"]["followed_up"]) == (moment, number)
    ended = Counter(
        {row["key"]["outcome"]: row["closed"] for row in auditor.get("/statistics", by="outcome").data["data"]}
    )
    assert +ended == {"sanctioned": 2, "not_proven": 1, "terminated": 1, "rejected": 1}


def test_that_a_finding_was_late_and_who_took_it(auditor: Client, audited: Audited) -> None:
    """By how many days, and who took it in; no reason is asked for, so none can be shown."""
    seen = auditor.casefile(audited.reprimanded.casefile)
    (warning,) = [one for one in seen["warnings"] if one["code"] == "late-finding"]
    known, registered = (date.fromisoformat(seen["finding"][name]) for name in ("known_on", "registered_on"))
    assert str((registered - known).days) in warning["detail"]
    (step,) = _steps(auditor, audited.reprimanded, "accept")
    assert (step["actor"]["agency"]["code"], step["given"]["unit"]) == (EXAMINER, "Direktorat Pengawasan")


def test_when_a_wrongly_named_officer_was_restored_and_who_was_told(auditor: Client, audited: Audited) -> None:
    """The day it was retracted, the day the block was lifted, by which letters, and which agencies saw it then."""
    retracted, lifted = _steps(auditor, audited.misnamed, "retract", "unblock-data")
    assert retracted["given"]["reason"]["code"] == "identity_not_established"
    assert (lifted["given"]["reason"]["code"], lifted["given"]["letter"]["number"]) == ("misidentified", "P-2/2024")
    assert retracted["occurred_at"] < lifted["occurred_at"]
    sees: set[str] = set()
    for one in auditor.get("/log/entries", casefile=audited.misnamed.casefile).data["data"]:
        for grant in json.loads(one["body"])["grants"]:
            (sees.add if grant["sight"] == "given" else sees.discard)(grant["agency"])
    assert {SUBMITTER, "bawaslu-ri", EXAMINER, EMPLOYER} <= sees
    assert PROVINCE not in sees


def test_whether_the_direct_superior_acted(auditor: Client, audited: Audited) -> None:
    by = {
        one["number"]: one["sanction"]["examination"]["by"]
        for one in _pages(auditor, "/casefiles", outcome="sanctioned")
    }
    assert by == {audited.reprimanded.number: "superior", audited.closed_room.number: "team"}


def test_where_the_original_of_each_digest_lies(auditor: Client, audited: Audited) -> None:
    attached = _pages(auditor, "/documents", casefile=audited.reprimanded.casefile)
    (minutes,) = [one for one in attached if one["type"] == "examination_minutes"]
    assert (minutes["id"], minutes["sha256"]) == (audited.minutes, "ab" * 32)
    assert (minutes["held_by"], minutes["archive_ref"]) == ("Inspektorat Kota Padang", "BAP/12/2024")
    unsaid = {one["type"] for one in attached if one["sha256"] is not None and one["held_by"] is None}
    assert unsaid >= {"decision", "execution_proof"}, "where nobody said, the list of gaps is itself an answer"


def test_who_read_a_closed_moral_sanction(auditor: Client, audited: Audited) -> None:
    sanctioned = _pages(auditor, "/casefiles", outcome="sanctioned")
    (secret,) = [one for one in sanctioned if one["sanction"]["sanction"] == "moral_closed"]
    reads = _pages(auditor, f"/casefiles/{secret['id']}/accesses")
    assert {PROVINCE, EXAMINER} <= {one["agency"]["code"] for one in reads}
    assert EMPLOYER not in {one["agency"]["code"] for one in reads}, "the city has nothing to do with it"
    by_province = _pages(auditor, f"/casefiles/{secret['id']}/accesses", agency=PROVINCE)
    assert {one["client"] for one in by_province} == {f"{PROVINCE}-system"}


def test_who_read_the_minutes_of_an_examination(
    auditor: Client, audited: Audited, parties: Mapping[str, Client]
) -> None:
    """The descriptor, by its own address; the file itself never passes through here."""
    path = f"/casefiles/{audited.reprimanded.casefile}/accesses"
    assert _pages(auditor, path, document=audited.minutes, agency=EXAMINER) == []
    parties[EXAMINER].get(f"/documents/{audited.minutes}")
    (read,) = _pages(auditor, path, document=audited.minutes, agency=EXAMINER)
    assert (read["route"], read["client"]) == ("/documents/{id}", f"{EXAMINER}-system")
    elsewhere = f"/casefiles/{audited.closed_room.casefile}/accesses"
    assert _pages(auditor, elsewhere, document=audited.minutes) == []


def test_which_rule_rows_used_were_never_confirmed_by_a_lawyer(auditor: Client, audited: Audited) -> None:
    """The mark travels with the class, the designation and every deadline; a sanction's stands in its catalogue row."""
    used: set[tuple[str, str, str]] = set()
    seen = auditor.casefile(audited.reprimanded.casefile)
    for act in seen["violations"]:
        why = act["class_reasoning"]
        used.add(("class", why["rule"]["annex_item"], why["certainty"]))
        used.add(("designation", why["designation"]["designated_on"], why["designation"]["certainty"]))
    for one in _pages(auditor, "/referrals", to="any", status="any", casefile=audited.reprimanded.casefile):
        used.add(("deadline", one["rule"]["code"], one["rule"]["certainty"]))
    entries = auditor.get("/log/entries", casefile=audited.reprimanded.casefile).data["data"]
    judged_under = {json.loads(one["body"])["catalogue"] for one in entries if one["kind"] == "report-sanction"}
    (version,) = judged_under
    for row in auditor.get("/catalogue/sanctions", version=version).data["data"]:
        if row["code"] == seen["sanction"]["sanction"]:
            used.add(("sanction", row["code"], row["certainty"]))
    assert {kind for kind, _, _ in used} == {"class", "designation", "deadline", "sanction"}
    unconfirmed = {(kind, code) for kind, code, mark in used if mark not in {"seen", "code"}}
    assert ("deadline", "examine") in unconfirmed
    assert ("deadline", "verify") not in unconfirmed


def test_who_reported_nothing_and_who_was_silent(auditor: Client, parties: Mapping[str, Client]) -> None:
    """An agency that said "nothing" is told from one that said not a word; a false word is not taken."""
    said: dict[str, Any] = {
        "agency": EMPLOYER,
        "subject": "sanctions",
        "period": {"from": "2022-01-01", "until": "2022-06-30"},
        "official": OFFICIAL,
    }
    parties[EMPLOYER].post("/zero-reports", said)
    reported = _pages(auditor, "/zero-reports", subject="sanctions", covers="2022-03-31")
    assert [(one["agency"]["code"], one["contradicted_by"]) for one in reported] == [(EMPLOYER, 0)]
    employers = {one["code"] for one in _pages(auditor, "/agencies", role="employer", in_force_on="2022-03-31")}
    silent = employers - {one["agency"]["code"] for one in reported}
    assert PROVINCE in silent
    assert EMPLOYER not in silent
    now = {one["agency"]["code"]: one for one in _pages(auditor, "/silent-agencies", subject="sanctions")}
    assert {EMPLOYER, PROVINCE} <= set(now)
    assert now[EMPLOYER]["reported_until"] == "2022-06-30"
    assert now[EMPLOYER]["silent_since"] > now[EMPLOYER]["reported_until"]
    waited = next(
        one
        for one in _pages(auditor, "/referrals", to=EMPLOYER, status="any", purpose="follow_up")
        if one["status"] != "voided"
    )
    day = str(datetime.fromisoformat(waited["opened_at"]).astimezone(ZoneInfo(waited["time_zone"])).date())
    with pytest.raises(Refused, match="register-says-otherwise"):
        parties[EMPLOYER].post("/zero-reports", {**said, "period": {"from": day, "until": day}})
