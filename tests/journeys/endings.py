"""How a case of practice ends: what every journey asks once it is over, and the stretches that most of them share."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from pytest_django import DjangoDbBlocker

from config.roles import database_name
from demo.client import Client
from tests.journeys.paths import EMPLOYER, EXAMINER, OFFICER, OFFICIAL, RECEIVER, SUBMITTER, Journey, registered
from tests.reconciling import reconcile
from tests.world import Sandbox

# A leaf gets its place within a second; a busy machine may need longer.
PATIENCE_S = 20

_serial = itertools.count(1)


def officer(name: str, **known: Any) -> dict[str, Any]:
    """What `identify` takes for an officer whom no other journey tells of; the name is made his alone."""
    born, serial = date(1970, 1, 1) + timedelta(days=next(_serial)), next(_serial)
    nip = f"{born:%Y%m%d}2010011{serial % 900 + 100}"
    return {**OFFICER, "nip": nip, "name": f"{name} {nip[4:8]}", **known}


def named(person: Mapping[str, Any], *violations: int) -> dict[str, Any]:
    """The officer as a submitter names him who knows all of that already."""
    return {**person, "violations": list(violations or (1,))}


# --- stretches ------------------------------------------------------------------------------------------------------


def asked_and_accepted(journey: Journey, person: Mapping[str, Any]) -> dict[str, Any]:
    """The employer says who he is, and the examiner takes the case on."""
    journey.act(EXAMINER, "request-identity", employer=person["employer"])
    journey.act(person["employer"], "identify", **person)
    return journey.accept()


def recommends(
    journey: Journey, sanction: str, *, examiner: str = EXAMINER, violations: Sequence[int] = (1,), **more: Any
) -> dict[str, Any]:
    """The examiner finds it proven."""
    return journey.act(
        examiner,
        "recommend",
        letter=journey.letter("R-1/2024"),
        violations=list(violations),
        sanction=sanction,
        reasoning="Terbukti.",
        official=OFFICIAL,
        **more,
    )


def acknowledges(journey: Journey, agency: str = EMPLOYER) -> dict[str, Any]:
    """The addressee receives the letter on the day it was sent."""
    return journey.act(agency, "acknowledge", received_on=str(journey.today), received_by=RECEIVER)


def imposes(journey: Journey, sanction: str, *, agency: str = EMPLOYER, **more: Any) -> dict[str, Any]:
    """The addressee imposes that sanction after its own examination."""
    decision = {
        "number": "SK-1/2024",
        "date": str(journey.today),
        "legal_basis": "PP 94/2021",
        "document": registered(journey.parties[agency], "decision"),
    }
    examination = {
        "by": "team",
        "summoned_on": [str(journey.today)],
        "examined_on": str(journey.today),
        "attended": True,
    }
    given = {"sanction": sanction, "decision": decision, "official": OFFICIAL, "examination": examination, **more}
    return journey.act(agency, "report-sanction", **given)


def delivers(journey: Journey, agency: str = EMPLOYER) -> dict[str, Any]:
    """The decree reaches the officer."""
    return journey.act(agency, "record-delivery", delivered_on=str(journey.today), method="hand")


def reads_out(journey: Journey, *, agency: str = EMPLOYER, **more: Any) -> dict[str, Any]:
    """An open moral sanction is stated at the ceremony of that day."""
    proof = registered(journey.parties[agency], "execution_proof")
    executed_on = str(journey.today + timedelta(days=1))
    return journey.act(
        agency, "record-execution", **{"executed_on": executed_on, "proof": proof, "form": "ceremony", **more}
    )


def closes(
    journey: Journey, conformity: str = "in_line", *, examiner: str = EXAMINER, waived: bool = True, **more: Any
) -> dict[str, Any]:
    """The examiner's judgment; unless told, the officer has given up his remedy in writing."""
    if waived:
        document = registered(journey.parties[examiner], "other")
        more["contest_waived"] = {"on": str(journey.today), "document": document}
    return journey.act(examiner, "close", conformity=conformity, **more)


def sanctioned(journey: Journey, sanction: str, *, agency: str = EMPLOYER) -> dict[str, Any]:
    """Acknowledged, imposed, delivered, closed."""
    acknowledges(journey, agency)
    imposes(journey, sanction, agency=agency)
    delivers(journey, agency)
    return closes(journey)


# The steps of that stretch, and of the one that leads to it.
ASKED = ("submit", "request-identity", "identify", "accept")
SANCTIONED = ("acknowledge", "report-sanction", "record-delivery", "close")


# --- what is asked at the end ---------------------------------------------------------------------------------------


def steps_told(journey: Journey, agency: str) -> list[dict[str, Any]]:
    """The transitions as that agency reads them in the timeline, oldest first."""
    items = journey.read(agency, "/timeline", kind="transition").data["data"]
    return [item["transition"] for item in items]


def told(journey: Journey, agency: str) -> str:
    """All that the agency can read of the casefile and in its own lists, as text."""
    client = journey.parties[agency]
    answers = [
        journey.read(agency),
        journey.read(agency, "/timeline"),
        client.get("/casefiles", limit="500"),
        client.get("/referrals", status="any", to="any", limit="500"),
        client.get("/findings", limit="500"),
        client.get("/documents", limit="500"),
        client.get("/preventions", limit="500"),
    ]
    return "\n".join(answer.content.decode() for answer in answers)


def events(client: Client, *, after: int = -1) -> list[dict[str, Any]]:
    """What the agency's feed tells from that place of the log on."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.get("/events", after=str(after), limit="500").data
        found += [one["data"] for one in page["data"]]
        if not page["data"]:
            return found
        after = page["next_after"]


@dataclass(frozen=True)
class Ends:
    """Asks, of a journey that is over, everything that must be true of every one."""

    sandbox: Sandbox
    blocker: DjangoDbBlocker

    def __call__(
        self,
        journey: Journey,
        outcome: str,
        steps: Sequence[str],
        *,
        unseen: Sequence[str],
        submitter: str = SUBMITTER,
        examiner: str = EXAMINER,
    ) -> None:
        """The outcome, the steps in order, the feed of the submitter, who must not see it, and the records."""
        assert unseen, "somebody there must be who is not to know"
        for agency in (submitter, examiner, "bpk"):
            seen = journey.seen_by(agency)
            assert (seen["state"], seen["outcome"], seen["turn"]) == ("closed", outcome, None)
            assert [step["name"] for step in steps_told(journey, agency)] == list(steps)
        # A step that the submitter did not see as it happened would be missing from its feed.
        assert self.fed(journey, submitter) == list(steps)
        for agency in unseen:
            assert journey.is_hidden_from(agency), agency
        with self.on_the_register():
            reconcile(UUID(journey.casefile))

    def fed(self, journey: Journey, agency: str) -> list[str]:
        """The transitions that the agency's feed tells of the casefile; that it was opened is none."""
        fed = events(journey.parties[agency], after=self._first_place(journey) - 1)
        return [one["transition"] for one in fed if one["casefile"] == journey.casefile and one["transition"]]

    def _first_place(self, journey: Journey) -> int:
        """Where in the log the casefile begins, once all of its steps have a place."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            places: list[int | None] = [step["entry"]["index"] for step in steps_told(journey, "bpk")]
            if places[0] is not None and None not in places:
                return places[0]
            assert time.monotonic() < deadline, f"no place in the log after {PATIENCE_S} s"
            time.sleep(0.1)

    def on_the_register(self) -> AbstractContextManager[None]:
        """Django's own connection to the database that the server writes to."""
        return _on(database_name(self.sandbox.server.roles.owner), self.blocker)


@contextmanager
def _on(database: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    used = connections.settings["default"]
    with blocker.unblock():
        before = used["NAME"]
        connections.close_all()
        used["NAME"] = database
        try:
            yield
        finally:
            connections.close_all()
            used["NAME"] = before
