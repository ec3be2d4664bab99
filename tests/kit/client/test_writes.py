"""A write of the client: kept before it is sent, done once, and gone from the disk when it was accepted."""

from __future__ import annotations

import logging
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.client import Client as Counterpart
from lintas_client import InvalidBody, ReferenceTaken, StaleVersion, Unanswered
from tests.journeys.paths import SUBMITTER, finding, subject, submitted
from tests.kit.client.conftest import Open

NIP = "198501012010011903"


class Line(httpx.HTTPTransport):
    """A line that notes what went over it, and that loses answers of POSTs below a path where it is told to."""

    def __init__(self, *, loses: int = 0, ending: str = "") -> None:
        super().__init__()
        self.loses, self.ending = loses, ending
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        response = super().handle_request(request)
        if self.loses and request.method == "POST" and request.url.path.endswith(self.ending):
            response.read()
            response.close()
            self.loses -= 1
            raise httpx.ReadError("the line went dead")
        return response

    def keys(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.sent if "Idempotency-Key" in request.headers]


def test_two_programs_that_send_what_is_pending_at_once_do_it_once(
    opened: Open, counterparts: Mapping[str, Counterpart]
) -> None:
    journey = submitted(counterparts)
    dead = opened(transport=Line(loses=99, ending="/note"), sleep=lambda _: None)
    with pytest.raises(Unanswered):
        dead.act(journey.casefile, "note", {"code": "other", "date": "2024-10-10"})

    first, second = opened(), opened()
    [found], [found_too] = first.outbox.pending(), second.outbox.pending()
    done, done_too = second.send(found_too), first.send(found)
    assert (done.id, done.version) == (done_too.id, done_too.version)
    assert len(first.receipts.kept()) == 1
    assert [one["name"] for one in _steps(journey.casefile, counterparts)] == ["submit", "note"]


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_finding_is_done_once_though_its_answer_was_lost_and_nothing_personal_stays(
    opened: Open, counterparts: Mapping[str, Counterpart], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line = Line(loses=1, ending="/findings")
    office = opened(SUBMITTER, transport=line, sleep=lambda _: None)
    body = finding(counterparts[SUBMITTER], subjects=[subject("Melati Rantau", nip=NIP), subject("Dua Rantau")])
    done = office.post("/findings", body, reference="nomor 1")
    assert done.replayed
    assert caplog.records
    assert NIP not in caplog.text
    assert "Melati" not in caplog.text
    assert len(line.keys()) == 2
    assert len(set(line.keys())) == 1
    listed = counterparts[SUBMITTER].get("/findings", register_number=body["register_number"]).data["data"]
    assert [one["id"] for one in listed] == [done.id]
    assert len(done.casefiles) == len(done.receipts) == 2
    # The receipts lie in the store; the body has left it, the write-ahead log included.
    assert {kept.stream for kept in office.receipts.kept()} == {one["id"] for one in done.casefiles}
    assert office.outbox.pending() == []
    kept = on_disk(tmp_path)
    assert b"Melati" not in kept
    assert NIP.encode() not in kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}

    # The same reference, in a program that was started anew: nothing is sent.
    again = opened(SUBMITTER, transport=(second := Line()))
    remembered = again.post("/findings", body, reference="nomor 1")
    assert (remembered.id, remembered.casefiles, remembered.receipts) == (done.id, done.casefiles, done.receipts)
    assert second.sent == []
    with pytest.raises(ReferenceTaken):
        again.post("/findings", {**body, "register_number": "lain"}, reference="nomor 1")


def test_what_nobody_answers_is_pending_and_is_sent_later_with_its_key(
    opened: Open, counterparts: Mapping[str, Counterpart], tmp_path: Path
) -> None:
    line = Line(loses=99, ending="/note")
    journey = submitted(counterparts)
    examiner = opened(transport=line, sleep=lambda _: None)
    with pytest.raises(Unanswered) as unanswered:
        examiner.act(journey.casefile, "note", {"code": "other", "date": "2024-10-10", "text": NIP})
    assert NIP not in f"{unanswered.value!r} {unanswered.value} {examiner.outbox.pending()}"
    assert NIP.encode() in on_disk(tmp_path)
    [resumed] = opened(transport=(second := Line())).resume()
    assert resumed.accepted is not None
    assert resumed.accepted.replayed
    assert set(second.keys()) == set(line.keys())
    assert [one["name"] for one in _steps(journey.casefile, counterparts)] == ["submit", "note"]


def _steps(casefile: str, counterparts: Mapping[str, Counterpart]) -> list[Mapping[str, Any]]:
    items = counterparts["bkn"].get(f"/casefiles/{casefile}/timeline").data["data"]
    return [one["transition"] for one in items if one["kind"] == "transition"]


def test_a_stale_version_is_read_again_and_told_and_never_repeated(
    opened: Open, counterparts: Mapping[str, Counterpart]
) -> None:
    journey, line = submitted(counterparts), Line()
    examiner = opened(transport=line)
    seen = examiner.casefile(journey.casefile)
    journey.act("bkn", "note", code="other", date="2024-10-10", text="sementara itu")
    note = {"code": "other", "date": "2024-10-10", "text": "dari yang lama"}
    with pytest.raises(StaleVersion) as stale:
        examiner.act(journey.casefile, "note", note, reference="catatan")
    assert [request.method for request in line.sent if "/casefiles/" in request.url.path] == ["GET", "POST", "GET"]
    assert stale.value.current is not None
    assert stale.value.current["version"] == stale.value.current_version == seen["version"] + 1
    assert [one.code for one in examiner.outbox.refused()] == ["stale-version"]
    done = examiner.act(journey.casefile, "note", note, reference="catatan")
    assert done.version == seen["version"] + 2
    assert len(set(line.keys())) == 2
    assert examiner.outbox.refused() == []


def test_a_refusal_is_typed_told_in_the_language_asked_for_and_not_repeated(
    opened: Open, counterparts: Mapping[str, Counterpart]
) -> None:
    journey = submitted(counterparts)
    told = {}
    for language in ("id", "en"):
        line = Line()
        examiner = opened(transport=line, language=language)
        with pytest.raises(InvalidBody) as refused:
            examiner.act(journey.casefile, "identify", {"nip": NIP, "nama": "Melati"})
        assert len(line.keys()) == 1
        assert (refused.value.status, refused.value.code) == (422, "invalid-body")
        assert {"unknown-field", "missing-field"} <= {error["code"] for error in refused.value.errors}
        assert NIP not in f"{refused.value} {refused.value!r} {refused.value.answer!r}"
        told[language] = refused.value.detail
    assert told["id"] != told["en"]
    assert examiner.rehearse(f"/casefiles/{journey.casefile}/note", {"code": "other", "date": "2024-10-10"})["valid"]


@pytest.mark.parametrize("how", [{"signs": True}, {"dpop": True}, {"signs": True, "dpop": True}])
def test_signed_requests_and_bound_tokens_are_accepted(
    opened: Open, counterparts: Mapping[str, Counterpart], how: Mapping[str, bool]
) -> None:
    journey, line = submitted(counterparts), Line()
    done = opened(transport=line, **how).act(journey.casefile, "note", {"code": "other", "date": "2024-10-10"})
    assert done.version == 2
    [sent] = [request for request in line.sent if request.url.path.endswith("/note")]
    assert ("Signature" in sent.headers) == how.get("signs", False)
    assert sent.headers["Authorization"].startswith("DPoP " if how.get("dpop") else "Bearer ")
