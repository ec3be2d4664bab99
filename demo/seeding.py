"""A case in every state, for a sandbox: walked through the API along the paths of the casebook, by their own parties.

Each case is another officer's. Its days are moved so that its last step was yesterday: whoever has the turn is not
late. What was listed before stays listed for as long as it stands in a state that is wanted; only what is missing is
walked anew, so that it may be asked for at every start.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.contract.casebook import bodies, paths, people_and_ids
from api.contract.casebook.paths import Step
from demo.client import Answer, Client, Intention, Refused

# Sees every case, and so can say how each stands.
AUDITOR: Final = "bpk"
_CAPITAL: Final = ZoneInfo("Asia/Jakarta")
_DATE: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?=T|$)")
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
# The act lies in the campaign, whenever it became known.
_STAYS: Final = frozenset({"act_date", "act_until"})
# Numbers from here on, so that somebody who counts his own findings from one meets none of ours.
_FIRST_NUMBER: Final = 501
_ATTEMPTS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a case is to stand, and the stretch of a path that leads there, with what is said otherwise on the way."""

    state: str
    path: str
    until: str
    purpose: str | None = None
    contest: str | None = None
    outcome: str | None = None
    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def standing(self) -> tuple[str, str | None, str | None, str | None]:
        """What tells one wanted case from the others."""
        return self.state, self.purpose, self.contest, self.outcome

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that lead there."""
        return paths.until(self.until, paths.BY_NAME[self.path])


def _open(
    state: str, purpose: str, until: str, path: str = "main", contest: str | None = None, **changed: Any
) -> Wanted:
    return Wanted(state=state, purpose=purpose, contest=contest, path=path, until=f"perform_{until}", changed=changed)


def _closed(outcome: str, path: str, until: str) -> Wanted:
    return Wanted(state="closed", outcome=outcome, path=path, until=f"perform_{until}")


_DISMISSED = {
    "perform_report_sanction": {"sanction": "dismissal_honourable_not_own_request"},
    "perform_contest": {"kind": "appeal"},
}
WANTED: tuple[Wanted, ...] = (
    Wanted(state="submitted", purpose="verify", path="main", until="submit_finding"),
    _open("identity_requested", "identify", "request_identity"),
    _open("returned", "complete", "return", "returned"),
    _open("under_examination", "examine", "accept"),
    _open("recommended", "acknowledge", "recommend"),
    _open("awaiting_sanction", "follow_up", "acknowledge"),
    _open("disputed", "answer", "dispute", "disputed"),
    _open("sanction_reported", "deliver", "report_sanction"),
    _open("sanction_reported", "review", "record_delivery"),
    _open("contested", "settle", "contest", "contested", "objection"),
    _open("contested", "settle", "contest", "contested", "appeal", **_DISMISSED),
    _closed("withdrawn", "withdrawn", "withdraw"),
    _closed("rejected", "rejected", "reject"),
    _closed("redirected", "redirected", "redirect"),
    _closed("merged", "merged", "merge"),
    _closed("not_proven", "cleared", "clear"),
    _closed("terminated", "terminated", "terminate"),
    _closed("sanctioned", "main", "close"),
    _closed("annulled", "annulled", "annul"),
)

_NAMES: Final = (
    "Aditya Rekaan", "Bunga Rekaan", "Cahya Rekaan", "Dimas Rekaan", "Endah Rekaan", "Fajar Rekaan", "Gita Rekaan",
    "Hendra Rekaan", "Indah Rekaan", "Joko Rekaan", "Kartika Rekaan", "Lukman Rekaan", "Mega Rekaan", "Nanda Rekaan",
    "Oki Rekaan", "Putri Rekaan", "Qori Rekaan", "Rama Rekaan", "Sinta Rekaan",
)  # fmt: skip


def seed_cases(clients: Mapping[str, Client], listed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One case for each of `WANTED`, as `sandbox.json` lists it: those listed that still stand so, else new ones.

    Raises `Refused` where the service refuses a step.
    """
    files = [(case, clients[AUDITOR].casefile(case["id"])) for case in listed]
    # Whatever went on since it was listed comes last: it must not take the place of a case that stands as it stood.
    files.sort(key=lambda one: one[0]["state"] != one[1]["state"])
    standing: dict[tuple[Any, ...], str] = {}
    for _, file in files:
        standing.setdefault(_standing(file), file["id"])
    found = []
    for number, wanted in enumerate(WANTED):
        casefile = standing.get(wanted.standing)
        if casefile is None:
            casefile = Walker(clients, officer=_NAMES[number]).walk(wanted)
        found.append(_listed(clients, casefile))
    return found


@dataclass
class Walker:
    """Sends the steps of one case, as they stand in the casebook but for its officer, its numbers and its days."""

    clients: Mapping[str, Client]
    officer: str
    number: int = 0
    drawn: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def walk(self, wanted: Wanted) -> str:
        """Walk there; the id of the casefile."""
        happened = [
            body["occurred_at"] for step in wanted.steps if "occurred_at" in (body := bodies.BODIES[step.example])
        ]
        yesterday = _now(self.clients[AUDITOR]).astimezone(_CAPITAL).date() - timedelta(days=1)
        later = yesterday - date.fromisoformat(happened[-1][:10])
        for step in wanted.steps:
            body = {**copy.deepcopy(bodies.BODIES[step.example]), **wanted.changed.get(step.example, {})}
            # Two cases with one number in another system would be suspected to be one matter.
            body.pop("references", None)
            self._send(step, _moved(body, later))
        return self.drawn[people_and_ids.CASEFILE]

    def _send(self, step: Step, body: dict[str, Any]) -> None:
        if step.operation == "submit_finding":
            answer = self._forwarded(step, body)
        else:
            answer = self.clients[step.by].send(self._intended(step, body))
        data = answer.data
        for pointer, written in people_and_ids.DRAWN.get(step.example, {}).items():
            self.drawn[written] = _read(data, pointer)
        for file in (data, *data.get("casefiles", ())):
            if "version" in file:
                self.versions[file["id"]] = file["version"]

    def _intended(self, step: Step, body: Mapping[str, Any]) -> Intention:
        told = self._told(body)
        if step.casefile is None:
            return Intention("/documents", told)
        casefile = self.drawn[step.casefile]
        if "not_duplicate_of" in told:
            # An earlier start may have walked a case of this officer, which has gone on since.
            suspected = self.clients[step.by].casefile(casefile)["suspected_duplicates"]
            told["not_duplicate_of"] = [one["casefile"] for one in suspected]
        transition = step.operation.removeprefix("perform_").replace("_", "-")
        return Intention(f"/casefiles/{casefile}/{transition}", told, f'"{self.versions[casefile]}"')

    def _forwarded(self, step: Step, body: dict[str, Any]) -> Answer:
        """Forward it under the office's next free number of that month."""
        office = self.clients[step.by]
        counted = office.get("/findings", origin_office=office.agency, limit="1", count="exact").data["count"]["value"]
        _, rest = body["register_number"].split("/", 1)
        kind = rest.rsplit("/", 2)[0]
        registered = date.fromisoformat(body["registered_on"])
        for sequence in range(_FIRST_NUMBER + counted, _FIRST_NUMBER + counted + _ATTEMPTS):
            number = f"{sequence}/{kind}/{_ROMAN[registered.month - 1]}/{registered.year}"
            try:
                return office.post("/findings", self._told({**body, "register_number": number}))
            except Refused as refused:
                if refused.code != "finding-exists":
                    raise
        raise LookupError(f"{office.agency} has no free register number between these")

    def _told(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with this case's officer, and with what was drawn."""
        text = json.dumps(body, ensure_ascii=False)
        of_officer = {people_and_ids.NAME: self.officer, people_and_ids.NIP: _nip_of(self.officer)}
        for written, instead in {**of_officer, **self.drawn}.items():
            text = text.replace(written, instead)
        told: dict[str, Any] = json.loads(text)
        return told


def _now(client: Client) -> datetime:
    """The register's time: a sandbox that was moved is ahead of ours."""
    try:
        return datetime.fromisoformat(client.get("/sandbox/clock").data["now"])
    except Refused as refused:
        if refused.status != 404:
            raise
        return datetime.now(UTC)


def _nip_of(officer: str) -> str:
    """An invented NIP: born in 1980 and after, appointed in March 2008, sex and serial by the place in the list."""
    place = _NAMES.index(officer)
    return f"{1980 + place % 8}{place % 12 + 1:02}{place + 1:02}200803{place % 2 + 1}{901 + place}"


def _moved(value: Any, later: timedelta) -> Any:
    """The same with every day so much later, but for the act's own."""
    if isinstance(value, dict):
        return {name: one if name in _STAYS else _moved(one, later) for name, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, later) for one in value]
    if isinstance(value, str) and _DATE.match(value):
        return f"{date.fromisoformat(value[:10]) + later}{value[10:]}"
    return value


def _read(data: Any, pointer: str) -> str:
    for part in pointer.removeprefix("#/").split("/"):
        data = data[int(part)] if isinstance(data, list) else data[part]
    return str(data)


# -- what sandbox.json says of a case ---------------------------------------------------------------------------------


def _standing(file: Mapping[str, Any]) -> tuple[str, str | None, str | None, str | None]:
    turn, contest = file["turn"] or {}, file["contest"] or {}
    return file["state"], turn.get("purpose"), contest.get("kind"), file["outcome"]


def _listed(clients: Mapping[str, Client], casefile: str) -> dict[str, Any]:
    """A case as it stands: whose turn it is, and what that agency's client may do now; once closed, the examiner's."""
    file = clients[AUDITOR].casefile(casefile)
    turn = file["turn"]
    acting = clients[turn["agency"]["code"] if turn else file["examiner"]["code"]]
    state, purpose, contest, outcome = _standing(file)
    return {
        "state": state,
        "purpose": purpose,
        "contest": contest,
        "outcome": outcome,
        "number": file["number"],
        "id": casefile,
        "href": f"/api/v1/casefiles/{casefile}",
        "turn": {"party": turn["party"], "agency": acting.agency, "due_on": turn["due_on"]} if turn else None,
        "client_id": acting.identity.client_id,
        "may": list(_free(acting.casefile(casefile))),
    }


def _free(file: Mapping[str, Any]) -> Iterator[str]:
    """The transitions that nothing blocks."""
    return (one["transition"] for one in file["available"] if not one["blocked_by"])
