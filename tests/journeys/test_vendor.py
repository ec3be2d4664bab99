"""A vendor's system that serves two employers, over real HTTP, from the asking to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from demo.client import Client, Refused
from tests.journeys.paths import EMPLOYER, EXAMINER, RECEIVER, recommended, submitted

VENDOR, REGENCY = "vendor-kepegawaian", "pemkab-kotawaringin-timur"
Parties = Mapping[str, Client]


def for_an_employer(vendor: Client, http: httpx.Client, resource: str) -> Client:
    """The vendor's client, which buys its tokens for one employer."""
    return Client(vendor.identity, http, resource=resource)


@pytest.fixture
def wire(parties: Parties) -> Iterator[httpx.Client]:
    """Connections of the vendor's own."""
    with httpx.Client(base_url=str(parties[VENDOR]._http.base_url), timeout=20) as http:
        yield http


def signing(party: Client, http: httpx.Client) -> Client:
    """The same system, which signs what it sends."""
    return Client(replace(party.identity, signs=True), http)


def test_a_vendor_acts_for_two_employers_and_for_neither_once_it_is_over(parties: Parties, wire: httpx.Client) -> None:
    vendor, until = parties[VENDOR], (datetime.now(UTC) + timedelta(days=30)).isoformat()
    rights = {"roles": ["employer"], "scopes": ["casefiles:read", "casefiles:write"], "valid_until": until}
    with pytest.raises(Refused) as refused:
        vendor.post("/delegations", {**rights, "employer": EXAMINER})
    assert (refused.value.code, refused.value.errors[0]["code"]) == ("cannot-delegate", "delegation-employer-has-more")
    asked = {code: vendor.post("/delegations", {**rights, "employer": code}).data for code in (EMPLOYER, REGENCY)}
    with pytest.raises(Refused, match="invalid-target"):
        for_an_employer(vendor, wire, asked[EMPLOYER]["resource"]).get("/me")
    for code, delegation in asked.items():
        signing(parties[code], wire).post(f"/delegations/{delegation['id']}/approve", {})
    city, regency = (for_an_employer(vendor, wire, asked[code]["resource"]) for code in (EMPLOYER, REGENCY))
    assert [one.get("/me").data["agency"]["code"] for one in (city, regency)] == [EMPLOYER, REGENCY]

    # What the city was sent is the vendor's to answer for the city, and nothing to it for the regency.
    journey = replace(recommended(parties), parties={**parties, EMPLOYER: city})
    assert journey.casefile not in str(regency.get("/referrals", limit="500").data)
    with pytest.raises(Refused, match="not-found"):
        regency.casefile(journey.casefile)
    seen = journey.act(EMPLOYER, "acknowledge", received_on=str(journey.today), received_by=RECEIVER)
    assert seen["state"] == "awaiting_sanction"
    steps = [one["transition"] for one in journey.read(EXAMINER, "/timeline").data["data"] if one["transition"]]
    last = steps[-1]["actor"]
    assert (last["agency"]["code"], last["vendor"]["code"], last["client"]) == (
        EMPLOYER, VENDOR, vendor.identity.client_id,
    )  # fmt: skip

    # And the other way round, at the same time.
    other = submitted(parties)
    other.act(EXAMINER, "request-identity", employer=REGENCY)
    assert regency.casefile(other.casefile)["state"] == "identity_requested"
    with pytest.raises(Refused, match="not-found"):
        city.casefile(other.casefile)

    parties[EMPLOYER].post(f"/delegations/{asked[EMPLOYER]['id']}/end", {})
    with pytest.raises(Refused, match="delegation-ended"):
        city.casefile(journey.casefile)
    assert regency.casefile(other.casefile)["state"] == "identity_requested"
    vendor.post(f"/delegations/{asked[REGENCY]['id']}/end", {})
    with pytest.raises(Refused, match="delegation-ended"):
        regency.get("/me")
    statuses = {one["id"]: one["status"] for one in vendor.get("/delegations").data["data"]}
    assert {statuses[one["id"]] for one in asked.values()} == {"ended"}
