"""`/batches` of a vendor, whose right to act for an employer may end meanwhile."""

from __future__ import annotations

import uuid

import orjson
import pytest

from agencies import tokens
from agencies.models import Client
from casefiles.flow import State
from casefiles.models import Casefile
from tests import factories
from tests.api.v1.test_batches import act, cut, new_key, sent, told
from tests.factories import PEMKOT
from tests.partner import Partner, said
from tests.signed import Signer
from tests.vendors import KOTIM, answered, delegated, system, token_for
from tests.world import World

pytestmark = pytest.mark.usefixtures("db", "world")


def test_who_loses_the_right_meanwhile_does_no_further_line(world: World) -> None:
    """A delegation that ends, and a token that is revoked, stop the run before its next act; the rest is left."""
    stories = [factories.casefile_at(State.RECOMMENDED) for _ in range(2)]
    ident, employer = delegated(world, PEMKOT), Partner(PEMKOT)
    vendor = Partner(PEMKOT)
    vendor.token = token_for(system(world), PEMKOT)
    lines = [act(story, "acknowledge") for story in stories]
    running = sent(vendor, lines, key=new_key())
    parts = iter(running.streaming_content)
    assert [orjson.loads(next(parts))["kind"] for _ in range(2)] == ["batch", "line"]
    assert answered(Signer(world, PEMKOT), ident, "end").status_code == 200
    line, last = (orjson.loads(part) for part in parts)
    assert (line["status"], line["problem"]["code"]) == (401, "delegation-ended")
    assert (last["done"], last["left"], last["stopped"]["code"]) == (1, 1, "delegation-ended")
    cut(running)
    lines = [act(stories[1], "acknowledge")]
    running = sent(employer, lines, key=new_key())
    parts = iter(running.streaming_content)
    next(parts)
    tokens.revoke(employer.token, client=Client.objects.get(agency__code=PEMKOT))
    assert [orjson.loads(part).get("stopped", {}).get("code") for part in parts][-1] == "token-invalid"
    states = [Casefile.objects.get(pk=story.casefile).state for story in stories]
    assert states == [State.AWAITING_SANCTION, State.RECOMMENDED]


def test_a_vendor_has_one_batch_for_each_employer_and_leaves_places_to_others(world: World) -> None:
    """What it does for one employer holds up no other; of the places of this process it takes a share."""
    vendors = []
    for employer in (PEMKOT, KOTIM, "pemprov-sumatera-barat"):
        delegated(world, employer)
        vendors.append(Partner(employer))
        vendors[-1].token = token_for(system(world), employer)
    line = {"act": "acknowledge", "casefile": str(uuid.uuid4()), "version": 1, "body": {}}
    keys = [new_key() for _ in vendors]
    running = [sent(vendor, [line, line], key=key) for vendor, key in zip(vendors[:2], keys, strict=False)]
    first, second = (orjson.loads(next(iter(one.streaming_content))) for one in running)
    for vendor, begun in zip(vendors, (first, second), strict=False):
        assert said(vendor.get(f"/batches/{begun['batch']['id']}"))["running"] is True
        refused = sent(vendor, [line], key=new_key(), query="?validate_only=true")
        assert (refused.status_code, said(refused)["code"]) == (429, "too-many-at-once")
    cut(running[1])
    assert said(vendors[1].get(f"/batches/{second['batch']['id']}"))["running"] is False
    again = sent(vendors[0], [line], key=new_key())
    assert (again.status_code, said(again)["code"]) == (409, "batch-in-progress")
    for vendor in vendors[1:]:
        assert told(sent(vendor, [line], key=new_key()))[-1]["refused"] == 1
    cut(running[0])
    assert told(sent(vendors[0], [line, line], key=keys[0]))[-1]["refused"] == 2
