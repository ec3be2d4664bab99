"""The walk's client on bad days: an answer lost on its way, a token that ran out."""

from collections.abc import Mapping

import httpx
import pytest

from demo.client import Client, Refused
from tests.journeys.paths import SUBMITTER, finding, subject, submitted
from tests.world import Sandbox


class LosingTransport(httpx.HTTPTransport):
    """Delivers every request, and loses the answer of the first POST to a path that ends so."""

    def __init__(self, ending: str) -> None:
        super().__init__()
        self.ending, self.lost = ending, 0
        self.keys: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "POST" and request.url.path.endswith(self.ending):
            self.keys.append(request.headers["Idempotency-Key"])
            if not self.lost:
                response.read()
                response.close()
                self.lost += 1
                raise httpx.ReadError("the line went dead")
        return response


def test_a_finding_whose_answer_was_lost_is_submitted_once(parties: Mapping[str, Client], sandbox: Sandbox) -> None:
    line = LosingTransport("/findings")
    with httpx.Client(base_url=sandbox.base_url, transport=line, timeout=20) as http:
        office = Client(parties[SUBMITTER].identity, http)
        body = finding(office, subjects=[subject("Satu Rantau")])
        answer = office.post("/findings", body)
        listed = office.get("/findings", register_number=body["register_number"]).data["data"]
    assert (answer.status, answer.replayed, line.lost) == (201, True, 1)
    assert len(set(line.keys)) == 1
    assert [one["id"] for one in listed] == [answer.data["id"]]


def test_a_token_is_bought_once_and_again_when_it_runs_out(parties: Mapping[str, Client], sandbox: Sandbox) -> None:
    bought: list[str] = []

    def note(request: httpx.Request) -> None:
        if request.url.path == "/oauth/token":
            bought.append(request.content.decode())

    with httpx.Client(base_url=sandbox.base_url, timeout=20, event_hooks={"request": [note]}) as http:
        office = Client(parties[SUBMITTER].identity, http)
        office.get("/me")
        office.get("/me")
        assert len(bought) == 1
        office._token_ends = 0.0
        office.get("/me")
    # A new assertion each time: a `jti` buys one token.
    assert len(set(bought)) == 2


def test_a_refusal_says_code_detail_and_what_to_mend(parties: Mapping[str, Client]) -> None:
    journey = submitted(parties)
    with pytest.raises(Refused) as refused:
        parties["bkn"].act(journey.casefile, "request-identity", {"employr": "pemkot-padang"})
    assert (refused.value.status, refused.value.code) == (422, "invalid-body")
    assert {error["code"] for error in refused.value.errors} == {"unknown-field", "missing-field"}
    assert "pemkot-padang" not in refused.value.answer.content.decode()
