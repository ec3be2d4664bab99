"""The walk of `./run demo`: it walks, it tells, and it stops where something is not as the story says."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from rich.console import Console

from demo import cases
from demo.client import Client, Intention, Refused
from demo.printing import Said, Screen
from demo.walk import Case, Surprise, Then, Walk
from tests.journeys.paths import EMPLOYER, EXAMINER, submitted
from tests.live_server import couriering
from tests.world import Sandbox


def walk_on(parties: Mapping[str, Client], *, width: int | None) -> tuple[Walk, str]:
    """Both cases, and what stood on a terminal of that width (None: no terminal)."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=width is not None, color_system=None, highlight=False)
    walk = Walk(clients=parties, screen=Screen(console))
    cases.walk_everything(walk)
    return walk, out.getvalue()


def test_the_command_walks_both_cases_and_says_what_it_saw(sandbox: Sandbox) -> None:
    command = ("walk_demo", "--base-url", sandbox.base_url, "--sandbox-file", str(sandbox.keys))
    with couriering(sandbox.server):
        told = sandbox.server.manage(*command, "--webhooks")
    assert "\x1b" not in told
    assert "sanction_reported -> closed (sanctioned)" in told
    assert "under_examination -> closed (not_proven)" in told
    for code in ("invalid-body", "not-found", "wrong-party", "stale-version", "transition-refused"):
        assert f"; {code}: " in told
    assert "Idempotency-Replayed: true" in told
    assert "2 casefiles" in told
    assert "16 transitions" in told
    assert "lintas-verify receipt 0" in told
    assert "lintas-verify receipt 1" in told
    assert "2: refused 503" in told
    assert "nothing is lost" in told
    assert f"{sandbox.base_url}/api/docs" in told


@pytest.mark.parametrize("width", [46, 80, 130])
def test_it_fits_the_terminal(parties: Mapping[str, Client], width: int) -> None:
    walk, told = walk_on(parties, width=width)
    story = told.split("2 perkara")[0]
    assert [line for line in story.splitlines() if len(line) > width] == []
    assert len(walk.cases) == 2


def test_it_can_be_walked_again_on_the_same_sandbox(parties: Mapping[str, Client]) -> None:
    numbers = {case.number for _ in range(2) for case in walk_on(parties, width=None)[0].cases}
    assert len(numbers) == 4


def test_each_party_reads_back_what_is_its_own(parties: Mapping[str, Client]) -> None:
    lecturer, officer = walk_on(parties, width=None)[0].cases
    # The civil service agency came to know of the lecturer with the recommendation.
    see = {
        lecturer.id: {"bawaslu-sumatera-barat", "bawaslu-ri", "kasn", "kemdikbudristek", "bkn", "bpk"},
        officer.id: {"bawaslu-kab-kotawaringin-timur", "bawaslu-ri", "bkn", "bpk"},
    }
    for casefile, expected in see.items():
        assert {agency for agency in parties if sees(parties[agency], casefile)} == expected
    ministry = parties["kemdikbudristek"].casefile(lecturer.id)
    assert (ministry["finding"]["href"], ministry["sanction"]["comparison"]) == (None, "lighter")
    office = parties["bawaslu-sumatera-barat"].casefile(lecturer.id)
    assert (office["outcome"], office["closing"]["conformity"]) == ("sanctioned", "lighter_accepted")


def sees(client: Client, casefile: str) -> bool:
    """Whether the casefile exists for this client."""
    try:
        client.casefile(casefile)
    except Refused as refused:
        return refused.code != "not-found"
    return True


def test_it_stops_at_a_due_date_that_is_not_as_told(parties: Mapping[str, Client]) -> None:
    journey = submitted(parties)
    walk = Walk(clients=parties, screen=Screen(Console(file=io.StringIO())))
    made = parties[EXAMINER].get(f"/casefiles/{journey.casefile}")
    case = Case(
        id=journey.casefile,
        number=journey.number,
        finding=journey.finding,
        then=Then("submitted"),
        submission=Intention("/findings", {}),
        accepted=made,
    )
    asks = {"employer": EMPLOYER, "occurred_at": "2024-10-10T09:00:00+07:00"}
    wrong = Then("identity_requested", EMPLOYER, "identify", "2024-10-18")
    with pytest.raises(Surprise, match="due_on is '2024-10-17', expected '2024-10-18'"):
        walk.performs(EXAMINER, case, "request-identity", asks, Said("Ditanya", "Asked"), wrong)


def test_it_stops_where_a_refusal_does_not_come(parties: Mapping[str, Client]) -> None:
    walk = Walk(clients=parties, screen=Screen(Console(file=io.StringIO())))
    with pytest.raises(Surprise, match="was accepted"):
        walk.refused(EXAMINER, Said("?", "?"), lambda client: client.get("/me"), status=404, code="not-found")


def test_it_says_when_nobody_answers(sandbox: Sandbox) -> None:
    with pytest.raises(CommandError, match=r"no answer from http://127\.0\.0\.1:9"):
        call_command("walk_demo", "--base-url", "http://127.0.0.1:9", "--sandbox-file", str(sandbox.keys))


def test_it_says_which_client_the_sandbox_lacks(sandbox: Sandbox, tmp_path: Path) -> None:
    listed = json.loads(sandbox.keys.read_text())
    listed["clients"] = [client for client in listed["clients"] if client["agency"] != "kasn"]
    fewer = tmp_path / "sandbox.json"
    fewer.write_text(json.dumps(listed))
    with pytest.raises(CommandError, match="no client for kasn"):
        call_command("walk_demo", "--base-url", sandbox.base_url, "--sandbox-file", str(fewer))


def test_it_says_how_to_get_the_keys(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"\./run serve --sandbox"):
        call_command("walk_demo", "--base-url", "http://127.0.0.1:9", "--sandbox-file", str(tmp_path / "none.json"))
