"""A batch over real HTTP: its answer comes while the work goes on, and the server may die in the middle."""

from __future__ import annotations

import http.client
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection, connections

from audit.models import Entry
from casefiles.models import Casefile, Finding
from tests import factories
from tests.api.v1.test_batches import NDJSON, submit
from tests.conftest import Copies
from tests.drills.service import children_of
from tests.factories import PADANG
from tests.live_server import Server, serving
from tests.partner import Partner
from tests.world import World

LINES = 40


@contextmanager
def _asked(server: Server, partner: Partner, body: bytes, key: str) -> Iterator[http.client.HTTPResponse]:
    calls = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Bearer {partner.token}", "Content-Type": NDJSON, "Idempotency-Key": key}
    calls.request("POST", "/api/v1/batches", body, headers)
    with closing(calls), calls.getresponse() as answer:
        yield answer


@pytest.mark.django_db(transaction=True)
def test_a_server_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    world: World, copies: Copies, tmp_path: Path
) -> None:
    """Lines arrive one by one; killed half way and sent again, every line is done once, as it was told before."""
    office = Partner(PADANG)
    assessment = factories.document(PADANG, "assessment")
    body = b"".join(orjson.dumps(submit(assessment, f"{number:03d}/TM/2024")) + b"\n" for number in range(LINES))
    key = uuid.uuid4().hex
    roles = copies.roles.on(connection.settings_dict["NAME"])
    with serving(roles, log=tmp_path / "first.log") as server, _asked(server, office, body, key) as answer:
        told = [orjson.loads(answer.readline()) for _ in range(LINES // 3)]
        for child in children_of(server.pid):
            os.kill(child, signal.SIGKILL)
    before = {one["line"]: one for one in told if one["kind"] == "line"}
    assert len(before) == LINES // 3 - 1
    connections.close_all()
    assert len(before) <= Finding.objects.count() < LINES
    with serving(roles, log=tmp_path / "second.log") as server:
        again = _until_it_is_free(server, office, body, key)
    assert again[-1] == {"kind": "end", "done": LINES, "refused": 0, "left": 0, "stopped": None}
    after = {one["line"]: one for one in again if one["kind"] == "line"}
    assert {line: after[line] for line in before} == before
    assert Finding.objects.count() == Casefile.objects.count() == LINES
    made = [one["casefiles"][0]["receipt"]["entry"] for one in after.values()]
    assert len(set(made)) == Entry.objects.filter(uuid__in=made).count() == LINES


def _until_it_is_free(server: Server, partner: Partner, body: bytes, key: str) -> list[dict[str, Any]]:
    """The answer; while the run of the dead process has the place, one is told to come again."""
    with connection.cursor() as cursor:
        # Its place ends five seconds after its last sign of life; those are not waited for here.
        cursor.execute("UPDATE api_batchrunner SET until = clock_timestamp() - interval '1 second'")
    with _asked(server, partner, body, key) as answer:
        assert (answer.status, answer.getheader("Transfer-Encoding")) == (200, "chunked")
        return [orjson.loads(line) for line in answer.read().splitlines()]
