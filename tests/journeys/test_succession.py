"""September 2024: KASN ends, and its four hundred open cases come to BKN by one protocol, each accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from demo.client import Client, Refused, clients
from tests.journeys.paths import EMPLOYER, OFFICIAL, SUBMITTER, Journey, finding, subject
from tests.live_server import Server, sequencing, serving
from tests.world import World

if TYPE_CHECKING:
    from tests.conftest import Copies

KASN, BKN, MINISTRY = "kasn", "bkn", "kemenpanrb"
CASES = 400
EXAMINED, RECOMMENDED = 40, 12


@pytest.fixture(scope="module")
def register(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A register of its own, so that four hundred cases are in nobody else's way."""
    name, folder = copies.make(world.template), tmp_path_factory.mktemp("september")
    with serving(copies.roles.on(name), log=folder / "server.log", threads=8) as server, sequencing(server):
        keys = folder / "sandbox.json"
        keys.touch(mode=0o600)
        keys.write_text(json.dumps({"base_url": server.base_url, "clients": list(world.clients.values())}))
        yield server, keys
    copies.drop(name)


@pytest.fixture(scope="module")
def parties(register: tuple[Server, Path]) -> Iterator[Mapping[str, Client]]:
    with httpx.Client(base_url=register[0].base_url, timeout=60) as http:
        yield clients(register[1], http)


def _forwarded(parties: Mapping[str, Client]) -> list[Journey]:
    """Four findings of a hundred officers each, forwarded to KASN in August."""
    office = parties[SUBMITTER]
    found = []
    for hundred in range(CASES // 100):
        officers = [
            subject(
                f"Terlapor {hundred * 100 + n}",
                nip=f"19850101201001{1 + n % 2}{hundred * 100 + n:03d}",
                employer=EMPLOYER,
                employment_kind="pns",
                position_kind="functional_expert",
                position="Guru",
            )
            for n in range(100)
        ]
        body = finding(
            office,
            subjects=officers,
            occurred_at="2024-08-12T09:00:00+07:00",
            known_on="2024-08-05",
            registered_on="2024-08-06",
            clarification={"held": True, "held_on": "2024-08-08"},
        )
        body["violations"][0]["act_date"] = "2024-08-01"
        answer = office.post("/findings", body).data
        found += [
            Journey(parties, one["id"], answer["id"], one["number"], today=date(2024, 8, 12))
            for one in answer["casefiles"]
        ]
    return found


def _protocol(folder: Path, **changed: Any) -> str:
    path = folder / "protocol.yaml"
    said = {
        "from": "examining-2014",
        "to": "examining-2024",
        "number": "BA-12/2024",
        "date": date(2024, 9, 12),
        "signed_by": [KASN, BKN],
        "expected": CASES,
        # SE MenPANRB 4/2024: what KASN had begun is reported to the ministry, what it had not goes to BKN.
        "states": {
            "submitted": "restart",
            "under_examination": "report_to_ministry",
            "recommended": "report_to_ministry",
        },
        **changed,
    }
    path.write_text(yaml.safe_dump(said) + "occurred_at: 2024-09-12T10:00:00+07:00\n")
    return str(path)


def test_september_2024_is_replayed_with_four_hundred_open_cases_of_kasn(
    register: tuple[Server, Path], parties: Mapping[str, Client], tmp_path: Path
) -> None:
    server, _ = register
    cases = _forwarded(parties)
    for journey in cases[:EXAMINED]:
        journey.act(KASN, "accept")
    for journey in cases[:RECOMMENDED]:
        journey.act(
            KASN,
            "recommend",
            letter=journey.letter("R-1/KASN/8/2024"),
            violations=[1],
            sanction="moral_any",
            reasoning="Terbukti.",
            official=OFFICIAL,
        )
    waiting, examined, recommended = cases[-1], cases[EXAMINED - 1], cases[0]
    assert waiting.is_hidden_from(BKN)

    # Both counted; one of them counted wrongly, and then the protocol forgot what was under examination.
    as_owner = {"LINTAS_DB_ROLE": "owner"}
    with pytest.raises(AssertionError, match="The protocol counts 399 cases; the register holds 400"):
        server.does("hand_over", _protocol(tmp_path, expected=399), role="owner")
    with pytest.raises(AssertionError, match=rf"{examined.number} \(under_examination\): the protocol says nothing"):
        server.does("hand_over", _protocol(tmp_path, states={"submitted": "restart"}), role="owner")
    assert waiting.seen_by(KASN)["version"] == 1

    # Until then nobody examines them: KASN acts no more, and the operator sees what it left behind.
    with pytest.raises(Refused) as ended:
        parties[KASN].act(waiting.casefile, "return", {"items": [{"code": "missing_evidence", "text": "Bukti."}]})
    (reason,) = ended.value.errors
    assert reason["code"] == "mandate-not-in-force"
    assert "(bkn), examining-2024" in reason["detail"]
    left = server.does("hand_over", "--check", role="owner")
    assert waiting.number in left
    assert f"{CASES:>7}  orphans." in left

    checked = server.does("hand_over", _protocol(tmp_path), "--check", role="owner")
    said = server.manage("hand_over", _protocol(tmp_path), **as_owner)

    assert f"{CASES - EXAMINED:>7}  restart" in said
    assert f"{EXAMINED:>7}  report_to_ministry" in said
    assert f"{CASES:>7}  passed from examining-2014 to examining-2024." in said
    assert "0  orphans." in checked
    digest = next(line for line in checked.splitlines() if line.startswith("SHA-256"))
    assert digest in said
    assert '"in_tree_by"' in said, "a receipt for the mandates' entry"
    with pytest.raises(AssertionError, match="The protocol counts 400 cases; the register holds 0"):
        server.manage("hand_over", _protocol(tmp_path), **as_owner)

    _everybody_knows(parties, cases)
    _bkn_goes_on(waiting, examined, recommended)


def _everybody_knows(parties: Mapping[str, Client], cases: list[Journey]) -> None:
    counted = parties[BKN].get("/casefiles", examiner=BKN, count="exact", limit="500").data
    assert counted["count"] == {"value": CASES, "capped": False}
    assert Counter(item["state"] for item in counted["data"]) == {
        "submitted": CASES - EXAMINED,
        "under_examination": EXAMINED - RECOMMENDED,
        "recommended": RECOMMENDED,
    }
    assert {item["number"] for item in counted["data"]} == {journey.number for journey in cases}
    # The old holder reads on: live, and without acts.
    assert parties[KASN].get("/casefiles", count="exact", limit="1").data["count"]["value"] == CASES
    queue = parties[BKN].get("/referrals", to="me", status="open", count="exact", limit="1").data
    assert queue["count"]["value"] == CASES - RECOMMENDED
    assert parties[KASN].get("/referrals", to="me", status="open", count="exact", limit="1").data["count"]["value"] == 0


def _bkn_goes_on(waiting: Journey, examined: Journey, recommended: Journey) -> None:
    for journey in (waiting, examined, recommended):
        journey.today = date(2024, 9, 12)
    seen = waiting.seen_by(BKN)
    assert (seen["examiner"]["code"], seen["mandate"], seen["turn"]["agency"]["code"]) == (BKN, "examining-2024", BKN)
    assert seen["handed_over"][0]["disposition"] == "restart"
    with pytest.raises(Refused) as refused:
        waiting.act(KASN, "accept")
    assert refused.value.code == "wrong-party"
    assert waiting.act(BKN, "accept")["state"] == "under_examination"

    steps = [item["transition"] for item in examined.read(SUBMITTER, "/timeline", kind="transition").data["data"]]
    assert [(step["name"], step["actor"]["party"], step["actor"]["agency"]["code"]) for step in steps] == [
        ("submit", "submitter", SUBMITTER),
        ("accept", "examiner", KASN),
        ("hand-over", "operator", "lintas"),
    ]
    # The addressee's turn is as it was; it answers, and BKN reviews what KASN recommended.
    assert recommended.seen_by(EMPLOYER)["turn"]["agency"]["code"] == EMPLOYER
    recommended.act(
        EMPLOYER,
        "acknowledge",
        received_on="2024-09-13",
        received_by={"name": "Melati Kencana", "nip": "198403032008012902", "position": "Pengelola surat"},
    )
    assert recommended.seen_by(BKN)["state"] == "awaiting_sanction"
