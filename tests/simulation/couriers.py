"""A courier whose round dies, and what must hold between its record, its cursor and what the receiver really got."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from psycopg import sql

from delivery import keys, queue, warning
from delivery.pump import Pump
from tests.callers import as_courier
from tests.delivery.mailbox import Mailbox
from tests.delivery.receiver import Receiver
from tests.simulation.crashing import Act, Outcome

_DELIVERIES: Final = """
SELECT d.event::text, d.index, d.status, d.attempts, count(a.id), count(*) FILTER (WHERE a.outcome = 'delivered')
FROM delivery_delivery d LEFT JOIN delivery_attempt a ON a.delivery_id = d.id
WHERE d.webhook_id = %s GROUP BY d.id ORDER BY d.index
"""


class OneRound(Pump):
    """A pump that says whether its database was lost, and does not wait for it to come back."""

    lost = False

    async def _lost(self, why: Exception) -> None:
        self.lost = True
        await self._asked(queue.disconnect)


@dataclass
class Courier:
    """The courier of one webhook: each attempt is another process, which comes when the claim before has run out."""

    webhook: str
    receiver: Receiver
    by: psycopg.Connection[Any]

    def act(self, name: str, *, feed: Sequence[int]) -> Act:
        """One round until it is done; `feed` is what the webhook is to get in the end, by its indices in the log."""

        def attempt() -> Outcome:
            self.waits("leased_until", queue.LEASE)
            lost = self._turns()
            return Outcome(done=not lost, fault="; ".join(self.wrong(feed)))

        return Act(name, attempt, one_effect=False, rehearsed=False, works_elsewhere=True)

    def warns(self, name: str, *, mailbox: Mailbox) -> Act:
        """Its contact told of the pause that comes, until it is done."""

        def attempt() -> Outcome:
            self.waits("warns_at", warning.AGAIN_AFTER)
            lost = self._with_a_pump(Pump.warn)
            return Outcome(done=not lost, fault="; ".join(self.wrong_of_mail(mailbox)))

        return Act(name, attempt, one_effect=False, rehearsed=False, works_elsewhere=True)

    def wrong_of_mail(self, mailbox: Mailbox) -> list[str]:
        """What does not agree between the record and what the mail server took, in words."""
        row = self.by.execute("SELECT warning FROM delivery_webhook WHERE id = %s", [self.webhook]).fetchone()
        noted, marks = row is not None and row[0] == "sent", {mail["Message-ID"] for mail in mailbox.got}
        found = []
        if noted and not marks:
            found.append("it is noted that the contact was told, and no mail came")
        if len(marks) > 1:
            found.append(f"one warning has several ids: {sorted(marks)}")
        return found

    def waits(self, until: str, time: timedelta) -> None:
        """So much time passes: the moment in that column is moved back, so that no entry lies ahead of the clock."""
        column = sql.Identifier(until)
        move = sql.SQL("UPDATE delivery_webhook SET {} = {} - %s WHERE id = %s").format(column, column)
        self.by.execute(move, [time, self.webhook])

    def wrong(self, feed: Sequence[int]) -> list[str]:
        """What does not agree, in words; for a webhook that nobody set back."""
        ((cursor,),) = self.by.execute("SELECT cursor FROM delivery_webhook WHERE id = %s", [self.webhook]).fetchall()
        arrived = list(dict.fromkeys(event["logindex"] for event in self.receiver.events))
        came = Counter(one.said["id"] for one in self.receiver.got)
        found = []
        if arrived != list(feed[: len(arrived)]):
            found.append(f"what came is not the feed in its order: {arrived}, not {feed}")
        missed = {index for index in feed if index <= cursor}.difference(arrived)
        if missed:
            found.append(f"the cursor is at {cursor}, and these never came: {sorted(missed)}")
        noted = set()
        for event, index, status, attempts, tries, delivered in self.by.execute(_DELIVERIES, [self.webhook]).fetchall():
            if attempts != tries:
                found.append(f"{event} counts {attempts} attempts, and {tries} are noted")
            if tries > came[event]:
                found.append(f"{event} was noted {tries} times and sent {came[event]} times")
            if status == "delivered" and not delivered:
                found.append(f"{event} is delivered, and no attempt was taken")
            if index is not None and delivered:
                noted.add(index)
        if noted != {index for index in feed if index <= cursor}:
            found.append(f"delivered by the record are {sorted(noted)}, and the cursor is at {cursor}")
        return found

    def _turns(self) -> bool:
        return self._with_a_pump(Pump.round)

    def _with_a_pump(self, act: Callable[[Pump], Awaitable[int]]) -> bool:
        """Once, by a courier that was started for it; whether it lost its database."""

        async def serve() -> bool:
            pump = OneRound(key=keys.read(settings.LINTAS_COURIER_KEY_FILE), clock=timezone.now)
            try:
                await act(pump)
            except (DatabaseError, InterfaceError):
                pump.lost = True
            finally:
                await pump.close()
            return pump.lost

        with as_courier():
            return asyncio.run(serve())
