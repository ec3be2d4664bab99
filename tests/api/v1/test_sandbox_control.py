"""In a sandbox time passes at once and the other parties act: over HTTP, with clients whose own clocks are right."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.test import Client as Browser
from pytest_django import Settings

from api.contract.casebook import bodies
from casefiles import register_time
from casefiles.catalogue.law import local_day
from casefiles.models import Tick
from demo import seeding
from demo.client import Client, clients
from demo.seeding import WANTED, Walker
from tests.conftest import Copies
from tests.live_server import ROOT, Server, sequencing, serving
from tests.partner import said
from tests.world import World

ON = {"LINTAS_SANDBOX_CONTROL": "1"}


class Partners:
    """Everybody's clients on a sandbox of their own, which may be moved."""

    def __init__(self, server: Server, parties: Mapping[str, Client]) -> None:
        self.server, self.parties, self.walked = server, parties, 0

    def __getitem__(self, agency: str) -> Client:
        return self.parties[agency]

    def case(self, state: str) -> str:
        """A new case that its own parties have walked there."""
        self.walked += 1
        wanted = next(one for one in WANTED if one.state == state)
        return Walker(self.parties, officer=seeding._NAMES[self.walked]).walk(wanted)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A call of the sandbox's own, by nobody."""
        return httpx.request(
            method, f"{self.server.base_url}/api/v1/sandbox/{path}", json=body, headers=headers, timeout=60
        )

    def advance(self, by: str) -> dict[str, Any]:
        """Let time pass."""
        answer = self.ask("POST", "clock", {"advance": by})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def move(self, casefile: str, to: str) -> httpx.Response:
        """Have the other parties act."""
        return self.ask("POST", f"casefiles/{casefile}/advance", {"to": to})


@pytest.fixture(scope="module")
def partners(copies: Copies, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partners]:
    """A sandbox of two server processes that may be moved."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    folder, name = tmp_path_factory.mktemp("moved"), copies.make(world.template)
    with (
        serving(copies.roles.on(name), log=folder / "server.log", workers=2, LINTAS_SANDBOX_CONTROL="1") as server,
        sequencing(server),
    ):
        keys = folder / "sandbox.json"
        keys.write_text(json.dumps({"base_url": server.base_url, "clients": list(world.clients.values())}))
        with httpx.Client(base_url=server.base_url, timeout=30) as http:
            yield Partners(server, clients(keys, http))
    copies.drop(name)


def told_now(told: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(told["now"])


def day_of(moment: str) -> str:
    """The day of that moment where the parties are: from 17.00 UTC on it is tomorrow there."""
    return local_day(datetime.fromisoformat(moment), "Asia/Jakarta").isoformat()


def test_time_passes_for_every_process_and_reminders_come(partners: Partners) -> None:
    casefile = partners.case("recommended")
    assert partners["bkn"].casefile(casefile)["turn"]["overdue"] is False
    tokens = partners["pemkot-padang"].token(), partners["bkn"].token()

    told = partners.advance("P14D")
    assert told["rounds"] == 14
    assert told["escalated"] >= 2
    assert told["paused"] is None
    ahead = timedelta(days=14)
    for _ in range(6):  # whichever process answers
        read = partners.ask("GET", "clock").json()
        assert abs(told_now(read) - datetime.now(UTC) - ahead) < timedelta(seconds=30)
        assert read["ahead"] == "P14DT00H00M00S"
    # The clock's own command agrees; without the setting it is as far behind, and refuses to go on.
    assert (datetime.now(UTC) + ahead).date().isoformat() in partners.server.manage("tick", **ON)

    after = partners["bkn"].casefile(casefile)
    assert after["turn"]["overdue"] is True
    assert after["overdue_level"] >= 1
    reached = [one["reached_on"] for one in after["ladder"]]
    assert reached == sorted(reached)
    assert len(set(reached)) > 1, "each level is reached on a day of its own"

    # Tokens that were bought before are good still, and a signature of now is: partners' clocks are real.
    assert (partners["pemkot-padang"].token(), partners["bkn"].token()) == tokens
    tomorrow = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    receipt = {**bodies.BODIES["perform_acknowledge"], "occurred_at": tomorrow, "received_on": day_of(tomorrow)}
    partners["pemkot-padang"].casefile(casefile)
    done = partners["pemkot-padang"].act(casefile, "acknowledge", receipt)
    assert done.data["state"] == "awaiting_sanction"


def test_a_new_token_is_bought_with_an_assertion_of_now_and_acts_are_signed_now(partners: Partners) -> None:
    partners.advance("PT6H")
    fresh = Client(partners["bkn"].identity, partners["bkn"]._http)
    assert fresh.get("/me").data["client"] == fresh.identity.client_id
    casefile, now = partners.case("under_examination"), partners.ask("GET", "clock").json()["now"]
    noted = fresh.act(casefile, "note", {"occurred_at": now, "code": "other", "date": day_of(now), "text": "Berjalan."})
    assert noted.status == 200


def test_the_other_parties_act_to_the_end_and_each_step_is_theirs(partners: Partners) -> None:
    casefile = partners.case("submitted")
    told = partners.move(casefile, "recommended").json()
    assert [(one["transition"], one["agency"]) for one in told["walked"]] == [
        ("identify", "bkn"), ("accept", "bkn"), ("recommend", "bkn"),
    ]  # fmt: skip
    file = partners["pemkot-padang"].casefile(casefile)
    assert (file["state"], file["version"]) == ("recommended", told["version"])
    # Now it is the caller's turn; the rest is walked again.
    today = partners.ask("GET", "clock").json()["now"]
    receipt = {**bodies.BODIES["perform_acknowledge"], "occurred_at": today, "received_on": day_of(today)}
    partners["pemkot-padang"].act(casefile, "acknowledge", receipt)
    again = partners.move(casefile, "closed").json()
    assert [one["transition"] for one in again["walked"]] == ["report-sanction", "record-delivery", "close"]
    assert partners["bpk"].casefile(casefile)["outcome"] == "sanctioned"
    assert partners.move(casefile, "closed").json()["walked"] == []

    back = partners.move(casefile, "recommended")
    assert (back.status_code, back.json()["errors"][0]["allowed"]) == (422, [])


@pytest.mark.parametrize(
    ("state", "to", "walked"),
    [
        ("identity_requested", "under_examination", ["identify", "accept"]),
        ("returned", "under_examination", ["complete", "accept"]),
        ("disputed", "sanction_reported", ["uphold", "report-sanction"]),
    ],
)
def test_a_case_beside_the_line_is_brought_back_to_it(
    partners: Partners, state: str, to: str, walked: list[str]
) -> None:
    answer = partners.move(partners.case(state), to)
    assert [one["transition"] for one in answer.json().get("walked", ())] == walked, answer.text


def test_where_a_step_is_refused_the_answer_says_why_and_how_far_it_came(partners: Partners) -> None:
    answer = partners.move(partners.case("contested"), "closed")
    told = answer.json()
    assert (answer.status_code, told["code"], told["state"], told["walked"]) == (409, "wrong-state", "contested", [])


def test_parties_act_by_their_mood_when_a_turn_comes(partners: Partners) -> None:
    waiting, minded = partners.case("recommended"), dict[str, str]()
    for mood in ("prompt", "late", "silent", "disputes"):
        told = partners.ask("POST", "partners/addressee", {"mood": mood}).json()
        assert told["partners"]["addressee"]["mood"] == mood
        casefile = minded[mood] = partners.case("under_examination")
        partners.move(casefile, "recommended")
        days = 1 if mood != "late" else 14
        partners.advance(f"P{days}D")
        partners.ask("POST", "partners/addressee", {"mood": "silent"})
    recommended, acted = dict[str, datetime](), dict[str, dict[str, int]]()
    for mood, casefile in minded.items():
        steps = [
            (one["transition"]["name"], datetime.fromisoformat(one["transition"]["recorded_at"]))
            for one in partners["bpk"].get(f"/casefiles/{casefile}/timeline").data["data"]
            if one["kind"] == "transition" and one["transition"]["name"] not in {"escalate"}
        ]
        [recommended[mood]] = [at for name, at in steps if name == "recommend"]
        acted[mood] = {name: (at - recommended[mood]).days for name, at in steps if at > recommended[mood]}
    # The due day falls on another one each week; a late party acts three days after it.
    assert acted["late"].pop("acknowledge") >= 4
    assert acted == {"prompt": {"acknowledge": 1}, "late": {}, "silent": {}, "disputes": {"dispute": 1}}
    # A turn that had come before stays somebody's own.
    assert partners["bpk"].casefile(waiting)["state"] == "recommended"


# -- wrong input, and where it may not be ----------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["P", "P0D", "PT", "14", "-P1D", "P93D", "P1Y", "P14D ", "\u0661"])
def test_a_duration_that_is_none_is_refused_in_both_languages(partners: Partners, by: str) -> None:
    before = partners.ask("GET", "clock").json()["ahead"]
    for language, words in (("id", "misalnya"), ("en", "for example")):
        answer = partners.ask("POST", "clock", {"advance": by}, **{"Accept-Language": language})
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert (error["pointer"], words in error["detail"]) == ("#/advance", True)
    assert partners.ask("GET", "clock").json()["ahead"] == before


def test_bodies_methods_and_ids_that_are_wrong_are_refused(partners: Partners) -> None:
    lost = "0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21"
    for method, path, body, status, code in (
        ("POST", "clock", {"advnce": "P1D"}, 422, "invalid-body"),
        ("POST", "clock", [], 422, "invalid-body"),
        ("POST", "partners/judge", {"mood": "late"}, 404, "not-found"),
        ("POST", "partners/examiner", {"mood": "angry"}, 422, "invalid-body"),
        ("POST", "partners/examiner", {"mood": "disputes"}, 422, "invalid-body"),
        ("DELETE", "clock", None, 405, "method-not-allowed"),
        ("GET", f"casefiles/{lost}/advance", None, 405, "method-not-allowed"),
        ("POST", f"casefiles/{lost}/advance", {"to": "closed"}, 404, "not-found"),
        ("POST", "casefiles/x/advance", {"to": "closed"}, 404, "not-found"),
        ("POST", f"casefiles/{lost}/advance", {"to": "disputed"}, 422, "invalid-body"),
    ):
        answer = partners.ask(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    # A page of another site can post text, but no JSON.
    plain = httpx.post(f"{partners.server.base_url}/api/v1/sandbox/clock", content=b'{"advance": "P1D"}')
    assert (plain.status_code, plain.json()["code"]) == (415, "unsupported-media-type")


def test_nobody_goes_further_ahead_than_a_year(partners: Partners) -> None:
    answers = [partners.ask("POST", "clock", {"advance": "P92D"}) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 422]
    assert "--fresh" in answers[-1].json()["errors"][0]["detail"]


@pytest.mark.django_db
def test_elsewhere_there_is_no_such_route_and_time_is_real(settings: Settings, world: World) -> None:
    settings.LINTAS_SANDBOX_CONTROL = False
    for path in ("clock", "partners/addressee", "casefiles/0193e1f2-8a10-7c44-a1d0-5b0e6c7f3a21/advance"):
        answer = Browser().post(f"/api/v1/sandbox/{path}", b"{}", content_type="application/json")
        assert (answer.status_code, said(answer)["code"]) == (404, "unknown-route")
    Tick.objects.create(ticked_at=datetime.now(UTC), ahead=timedelta(days=14))
    assert register_time.ahead() == timedelta()


def test_the_setting_refuses_a_public_address() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"], cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "LINTAS_SANDBOX": "1", "LINTAS_BASE_URL": "https://lintas.example.go.id", **ON},
    )  # fmt: skip
    assert "LINTAS_SANDBOX_CONTROL belongs to a sandbox on this machine" in done.stderr
