"""Going step by step: do it, look whether it came as expected, tell it; stop at the first surprise."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.client import Answer, Client, Intention, Refused
from demo.printing import Event, Said, Screen

# Who can always look, because no step changes his sight.
AUDITOR = "bpk"


SCANNED_WITHIN_S = 10.0
"""How long the walk waits for a scanner; without one a content stays in quarantine."""


class Surprise(Exception):
    """A step did not come as the story says; the message names the step, and what came instead."""


@dataclass(frozen=True)
class Then:
    """How a casefile should stand after a step: state, outcome, and whose turn it is for what until which day."""

    state: str
    turn: str | None = None
    purpose: str | None = None
    due_on: str | None = None
    outcome: str | None = None


@dataclass
class Case:
    """A casefile on its way. The submission and its answer are kept, as an integrator would, to send it again."""

    id: str
    number: str
    finding: str
    then: Then
    submission: Intention
    accepted: Answer
    version: int = 1
    receipt: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Walk:
    """Everyone's clients, the screen, and what has been counted so far."""

    clients: Mapping[str, Client]
    screen: Screen
    cases: list[Case] = field(default_factory=list)
    steps: int = 0
    transitions: int = 0
    safeguards: int = 0
    began: float = field(default_factory=time.monotonic)

    def __getitem__(self, agency: str) -> Client:
        """That agency's client."""
        if agency not in self.clients:
            raise Surprise(f"The sandbox has no client for {agency}: agencies/sandbox.yaml lists whom it seeds.")
        return self.clients[agency]

    # -- writing ------------------------------------------------------------------------------------------------------

    def registers(
        self, agency: str, kind: str, title: str, *, number: str, date: str, content: bytes = b"", **more: str
    ) -> str:
        """Register the descriptor of an invented document, with the digest of its real bytes; returns its id."""
        media_type = "application/pdf" if content else "text/plain"
        content = content or f"{title}\nNomor {number}, {date}\n(dokumen contoh; isinya karangan)\n".encode()
        digest = hashlib.sha256(content).hexdigest()
        described = {
            "type": kind,
            "title": title,
            "number": number,
            "date": date,
            "media_type": media_type,
            "size": len(content),
            "sha256": digest,
            **more,
        }
        says = Said(f"Dokumen didaftarkan: {title}", f"Document registered: {kind}, SHA-256 {digest[:12]}…")
        answer = self._tries(agency, says, lambda client: client.post("/documents", described))
        self._expects(agency, answer, {"status": (answer.status, 201), "sha256": (answer.data["sha256"], digest)})
        self._tells(agency, says, answer)
        return str(answer.data["id"])

    def uploads(self, agency: str, kind: str, title: str, *, number: str, date: str) -> str:
        """Register a document and bring its content, which is read again where a scanner answers; returns the id."""
        content = _as_pdf(f"{title}. Nomor {number}, {date} (dokumen contoh; isinya karangan)")
        document = self.registers(agency, kind, title, number=number, date=date, content=content)
        says = Said("Layanan ini menyimpan isi berkas atau tidak", "Whether this service keeps contents")
        if self._tries(agency, says, lambda client: client.get("")).data["contents"] is None:
            return document
        says = Said(f"Isi berkas diunggah dan disegel: {title}", f"The content of it is uploaded and sealed: {kind}")
        brought = self._tries(agency, says, lambda client: client.upload(document, content))
        self._expects(agency, brought, {"status": (brought.status, 201)})
        self._tells(agency, says, brought, facts=[f"receipt {brought.data['receipt']['leaf_hash'][:12]}…"])
        until = time.monotonic() + SCANNED_WITHIN_S
        says = Said("Isi berkas dibaca lagi", "The content is read again")
        while True:
            known = self._tries(agency, says, lambda client: client.get(f"/documents/{document}"))
            if known.data["content"]["status"] != "quarantined" or time.monotonic() > until:
                break
            time.sleep(0.2)
        if known.data["content"]["status"] == "quarantined":
            self._tells(agency, says, known, facts=["no scanner here (clamav-daemon): it stays in quarantine, unread"])
            return document
        read = self._tries(agency, says, lambda client: client.get(f"/documents/{document}/content"))
        self._expects(agency, read, {"status": (read.status, 200), "the bytes": (read.content == content, True)})
        self._tells(agency, says, read, facts=["the scanner has called it clean; the same bytes came back"])
        return document

    def submits(self, agency: str, finding: Mapping[str, Any], says: Said, then: Then) -> Case:
        """Forward a finding with one subject."""
        submission = Intention("/findings", finding)
        answer = self._tries(agency, says, lambda client: client.send(submission))
        self._expects(agency, answer, {"status": (answer.status, 201), "casefiles": (len(answer.data["casefiles"]), 1)})
        made = answer.data["casefiles"][0]
        case = Case(
            id=made["id"],
            number=made["number"],
            finding=answer.data["id"],
            then=then,
            submission=submission,
            accepted=answer,
        )
        seen = self[agency].casefile(case.id)
        self._expects(agency, answer, _standing(seen, then))
        self.cases.append(case)
        self.transitions += 1
        self._tells(agency, says, answer, before="-", after=then, facts=[f"{case.number}"])
        return case

    def performs(
        self, agency: str, case: Case, transition: str, given: Mapping[str, Any], says: Said, then: Then,
        *, shows: Callable[[dict[str, Any]], Sequence[str]] = lambda seen: (),
    ) -> dict[str, Any]:  # fmt: skip
        """Perform a transition and compare the casefile after it with the story; returns it."""
        client = self[agency]
        self._tries(agency, says, lambda _: client.get(f"/casefiles/{case.id}"))
        answer = self._tries(agency, says, lambda _: client.act(case.id, transition, given))
        seen: dict[str, Any] = answer.data
        self._expects(
            agency,
            answer,
            {
                "status": (answer.status, 200),
                "version": (seen["version"], case.version + 1),
                "receipt": (seen["receipt"]["seq"], case.version + 1),
                **_standing(seen, then),
            },
        )
        before, case.then, case.version = case.then, then, case.version + 1
        case.receipt = seen["receipt"]
        self.transitions += 1
        self._tells(agency, says, answer, before=before.state, after=then, facts=shows(seen))
        return seen

    def other_matters(self, agency: str, case: Case) -> list[str]:
        """The casefiles that may be the same matter, as that agency is told: earlier walks of the same story."""
        return [str(one["casefile"]) for one in self[agency].casefile(case.id)["suspected_duplicates"]]

    def repeats(self, agency: str, case: Case, says: Said) -> None:
        """Send the submission again, as after a lost answer: the very same bytes come back, nothing happens twice."""
        again = self._tries(agency, says, lambda client: client.send(case.submission))
        self._expects(
            agency,
            again,
            {
                "status": (again.status, case.accepted.status),
                "Idempotency-Replayed": (again.replayed, True),
                "ETag": (again.etag, case.accepted.etag),
                "the same bytes": (again.content == case.accepted.content, True),
            },
        )
        self.safeguards += 1
        self._tells(
            agency, says, again, facts=[f"Idempotency-Replayed: true, {len(again.content)} byte yang sama / same bytes"]
        )

    # -- refusals -----------------------------------------------------------------------------------------------------

    def refused(
        self, agency: str, says: Said, send: Callable[[Client], Answer], *, status: int, code: str,
        shows: Callable[[Refused], Sequence[str]] = lambda refused: (), case: Case | None = None,
    ) -> None:  # fmt: skip
        """Try what must be refused, with that status and code; the casefile stays as it was."""
        self.steps += 1
        try:
            answer = send(self[agency])
        except Refused as refused:
            facts = shows(refused)
            self._expects(agency, refused.answer, {"status": (refused.status, status), "code": (refused.code, code)})
            if case is not None:
                seen = self[AUDITOR].casefile(case.id)
                self._expects(agency, refused.answer, {"version": (seen["version"], case.version)})
            self.safeguards += 1
            self.screen.refusal(self._event(agency, says, refused.answer, facts=[*facts]), code, refused.detail)
            return
        raise Surprise(f"{self._where(agency, answer)} was accepted ({answer.status}); expected {status} {code}.")

    # -- reading ------------------------------------------------------------------------------------------------------

    def reads(
        self, agency: str, path: str, says: Said, check: Callable[[Any], Mapping[str, tuple[Any, Any]]],
        *, shows: Callable[[Any], Sequence[str]] = lambda data: (), **query: str,
    ) -> Any:  # fmt: skip
        """Read something and look at it: `check` gives what is found and what is expected, by name."""
        answer = self._tries(agency, says, lambda client: client.get(path, **query))
        self._expects(agency, answer, {"status": (answer.status, 200), **check(answer.data)})
        self._tells(agency, says, answer, facts=shows(answer.data))
        return answer.data

    def tells(
        self, agency: str, says: Said, answer: Answer, expected: Mapping[str, tuple[Any, Any]], facts: Sequence[str]
    ) -> None:
        """Tell something that was looked at in another way: `expected` gives what is found and hoped for, by name."""
        self._expects(agency, answer, expected)
        self._tells(agency, says, answer, facts=facts)

    # -- the walk's own -----------------------------------------------------------------------------------------------

    def _tries(self, agency: str, says: Said, send: Callable[[Client], Answer]) -> Answer:
        try:
            return send(self[agency])
        except Refused as refused:
            errors = "".join(
                f"\n  {error.get('pointer') or error.get('parameter') or '-'}: {error['code']}. {error.get('detail')}"
                for error in refused.errors
            )
            raise Surprise(
                f"{self._where(agency, refused.answer)} ({says.en}) was refused: {refused.status} {refused.code}. "
                f"{refused.detail}{errors}"
            ) from refused

    def _expects(self, agency: str, answer: Answer, wanted: Mapping[str, tuple[Any, Any]]) -> None:
        wrong = [
            f"{name} is {found!r}, expected {hoped!r}" for name, (found, hoped) in wanted.items() if found != hoped
        ]
        if wrong:
            raise Surprise(f"{self._where(agency, answer)}: {'; '.join(wrong)}.")

    def _where(self, agency: str, answer: Answer) -> str:
        return f"Step {self.steps + 1}, {agency} {answer.method} {answer.path}"

    def _tells(
        self, agency: str, says: Said, answer: Answer, *, before: str = "", after: Then | None = None,
        facts: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.steps += 1
        self.screen.step(self._event(agency, says, answer, before=before, after=after, facts=facts))

    def _event(
        self, agency: str, says: Said, answer: Answer, *, before: str = "", after: Then | None = None,
        facts: Sequence[str] = (),
    ) -> Event:  # fmt: skip
        return Event(
            number=self.steps,
            agency=agency,
            method=answer.method,
            path=answer.path,
            status=answer.status,
            says=says,
            before=before,
            after=after.state if after else "",
            outcome=(after.outcome if after else None) or "",
            turn=(after.turn if after else None) or "",
            purpose=(after.purpose if after else None) or "",
            due_on=(after.due_on if after else None) or "",
            facts=tuple(facts),
        )


def _standing(seen: Mapping[str, Any], then: Then) -> dict[str, tuple[Any, Any]]:
    """Found and expected, by name."""
    turn = seen["turn"] or {}
    return {
        "state": (seen["state"], then.state),
        "outcome": (seen["outcome"], then.outcome),
        "turn": ((turn.get("agency") or {}).get("code"), then.turn),
        "purpose": (turn.get("purpose"), then.purpose),
        "due_on": (turn.get("due_on"), then.due_on),
    }


def _as_pdf(text: str) -> bytes:
    """A PDF of one page with that text."""
    escaped = text.replace("\\", "").replace("(", "\\(").replace(")", "\\)")
    page = f"BT /F1 11 Tf 40 780 Td ({escaped}) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    made, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%sendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, tail)
