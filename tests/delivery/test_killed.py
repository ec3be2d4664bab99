"""The real process, killed in the middle: what it had sent and not noted is sent again."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.db import connection
from pytest_django import Settings

from delivery import queue
from delivery.models import Attempt, Webhook
from tests import factories
from tests.conftest import ROOT, Copies
from tests.delivery.receiver import Handler, Wound, listening
from tests.factories import BKN
from tests.partner import Partner, said
from tests.sequencing import Sequencing


def test_a_courier_that_is_killed_while_a_receiver_works_has_lost_nothing(
    sequenced: Sequencing, settings: Settings, copies: Copies, tmp_path: Path
) -> None:
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    wound = Wound()
    with listening() as receiver:
        made = Partner(BKN).post("/webhooks", {"url": receiver.url, "after": -1})
        assert made.status_code == 201
        wound.turns()
        factories.story()
        factories.story()
        sequenced()
        killed, answer = threading.Event(), receiver.answer

        def works(handler: Handler, said_: dict[str, object]) -> None:
            killed.wait(30)
            handler.answers(204)

        receiver.answer = works
        roles = copies.roles.on(connection.settings_dict["NAME"]).environment()
        local = {"LINTAS_DB_ROLE": "courier", "LINTAS_WEBHOOKS_TO_LOOPBACK": "1"}
        with (tmp_path / "courier.log").open("wb") as out:
            courier = subprocess.Popen(
                [sys.executable, "manage.py", "deliver"], cwd=ROOT, env={**os.environ, **roles, **local}, stderr=out
            )
        until = time.monotonic() + 30
        while not receiver.events:
            assert time.monotonic() < until, (tmp_path / "courier.log").read_text()
            time.sleep(0.02)
        courier.kill()
        courier.wait()
        killed.set()
        receiver.answer = answer
        assert Attempt.objects.filter(delivery__kind="event").count() == 0
        assert Webhook.objects.get().lease is not None
        wound.passes(queue.LEASE.total_seconds() + 1)
        wound.turns()
        told = [item["logindex"] for item in said(Partner(BKN).get("/events"))["data"]]
        assert [one["logindex"] for one in receiver.events] == [told[0], *told]
