"""The pump: takes subscriptions that have something due, and serves each in a task of its own.

One process, one event loop for the receivers, one thread for the database. A receiver that hangs holds one socket and
one task; nobody else waits for it. Any number of pumps share the work by their claims.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Final, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError

from delivery import mail, queue, signing, warning
from delivery.keys import CourierKey, NoCourierKey
from delivery.messages import Message
from delivery.models import Webhook
from delivery.queue import Claim
from delivery.sender import ENDED, Line, Reply, Resolve, resolved

logger = logging.getLogger("lintas.delivery")

AT_ONCE: Final = 512
"""Subscriptions that one pump serves at a time."""
BURST: Final = 20
"""Events that are sent to one subscription before it lets others claim."""
IDLE_S: Final = 0.2
"""Seconds between two looks while nothing is due."""
AWAY_S: Final = 1.0
"""Seconds to wait for a database that is away."""
FORGET_EVERY: Final = timedelta(hours=1)
WARN_EVERY: Final = timedelta(minutes=1)

P = ParamSpec("P")
R = TypeVar("R")


class Pump:
    """Delivers until it is told to end. `clock` says the time, `resolve` the addresses of a name."""

    def __init__(
        self,
        *,
        key: CourierKey,
        clock: Callable[[], datetime],
        resolve: Resolve = resolved,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._key = key
        self._clock = clock
        self._resolve = resolve
        self._tls = tls
        self._database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._working: set[asyncio.Task[None]] = set()
        self._forgot_at: datetime | None = None
        self._warned_at: datetime | None = None
        self._warning: asyncio.Task[int] | None = None

    async def run(self, *, over: Callable[[], bool]) -> None:
        """Deliver until `over()`; what is under way then is finished, 15 s at most."""
        try:
            while not over():
                try:
                    await self._forget()
                    self._begin_warning()
                    claimed = await self._begin()
                except (DatabaseError, InterfaceError) as why:
                    await self._lost(why)
                    continue
                if not claimed:
                    await asyncio.sleep(IDLE_S)
        finally:
            await self._finished()
            if self._warning is not None:
                await asyncio.wait([self._warning], timeout=20)
            await self._asked(queue.disconnect)
            self._database.shutdown()

    async def warn(self) -> int:
        """Tell by mail whose webhook will be paused (`delivery.warning`); returns how many mails were handed over."""
        if not mail.is_offered():
            return 0
        sent = 0
        for warned in await self._asked(warning.claim, now=self._clock()):
            # A mail server that hangs holds a thread of its own, and no receiver.
            outcome = await asyncio.to_thread(warning.send, warned)
            if outcome is not None:
                await self._asked(warning.note, warned, outcome, now=self._clock())
            sent += outcome == "sent"
        return sent

    async def round(self) -> int:
        """Serve whatever is due now, once; returns how many subscriptions that were. For tests and drills."""
        claimed = await self._begin()
        await self._finished()
        return claimed

    async def close(self) -> None:
        """Close the connection to the database, after rounds."""
        await self._asked(queue.disconnect)
        self._database.shutdown()

    # -- one subscription ---------------------------------------------------------------------------------------------

    async def _begin(self) -> int:
        room = AT_ONCE - len(self._working)
        if room <= 0:
            await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
            return 1
        claimed = await self._asked(queue.claim, now=self._clock(), most=room)
        for claim in claimed:
            task = asyncio.create_task(self._serve(claim))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return len(claimed)

    async def _serve(self, claim: Claim) -> None:
        line = Line(claim.webhook.url, resolve=self._resolve, tls=self._tls)
        try:
            if not (await self._ask_for(claim, line) and await self._events(claim, line)):
                await self._asked(queue.release, claim, now=self._clock())
        except (DatabaseError, InterfaceError) as why:
            # The claim runs out, and the event is sent again: by another pump, or by this one.
            await self._lost(why)
        except Exception:
            logger.exception("webhook %s could not be served", claim.webhook.pk)
        finally:
            line.close()

    async def _ask_for(self, claim: Claim, line: Line) -> bool:
        """What somebody asked for, and the challenge. False where the claim is gone, or nothing else may follow."""
        for delivery in claim.asked:
            message = await self._asked(queue.again, claim.webhook, delivery, now=self._clock())
            gone = Reply(outcome=ENDED, latency_ms=0)
            reply = await self._sent(claim.webhook, line, message) if message is not None else gone
            if not await self._asked(queue.note_asked, claim, delivery, reply, now=self._clock()):
                return False
        due = claim.webhook.due_at <= self._clock()
        if claim.challenge is not None and due:
            message = await self._asked(queue.again, claim.webhook, claim.challenge, now=self._clock())
            if message is None:
                return False
            reply = await self._sent(claim.webhook, line, message)
            if reply.is_delivered and not queue.echoes(claim.challenge, reply.body):
                reply = dataclasses.replace(reply, outcome="not-echoed")
            await self._asked(queue.note_challenge, claim, claim.challenge, reply, now=self._clock())
            return False
        return due and claim.webhook.status == "active"

    async def _events(self, claim: Claim, line: Line) -> bool:
        """The oldest events in their order, as long as the receiver takes them. True: the claim was given back."""
        found = await self._asked(queue.upcoming, claim.webhook, most=BURST, now=self._clock())
        unwanted_follow = not found.messages or found.messages[-1].index != found.looked_until
        for message in found.messages:
            reply = await self._sent(claim.webhook, line, message)
            if reply.outcome == ENDED:
                # What waits behind it was read with it: the next claim reads anew for whom there is something.
                return False
            is_last = message is found.messages[-1] and not unwanted_follow
            if not await self._asked(queue.note_event, claim, message, reply, now=self._clock(), is_last=is_last):
                return True
        if unwanted_follow:
            await self._asked(queue.skip, claim, until=found.looked_until, now=self._clock())
        return not unwanted_follow

    async def _sent(self, webhook: Webhook, line: Line, message: Message) -> Reply:
        now = self._clock()
        sealed = [bytes(webhook.secret)]
        if webhook.secret_before is not None and webhook.secret_before_until and now < webhook.secret_before_until:
            sealed.append(bytes(webhook.secret_before))
        try:
            secrets = [self._key.open(one, webhook=webhook.pk).decode() for one in sealed]
        except NoCourierKey as why:
            logger.critical("webhook %s: %s", webhook.pk, why)
            return Reply(outcome="secret-unreadable", latency_ms=0)
        headers = signing.headers(message.body, message=str(message.id), at=now, subscribed=secrets, key=self._key)

        async def still() -> bool:
            return await self._asked(queue.may_be_told, webhook, message, now=self._clock())

        return await line.post(headers, message.body, still=still if message.agencies else None)

    # -- the loop's own -----------------------------------------------------------------------------------------------

    async def _asked(self, act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call it in the thread that has the connection to the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._database, partial(act, *args, **kwargs))

    async def _finished(self) -> None:
        while self._working:
            await asyncio.wait(self._working)

    async def _lost(self, why: Exception) -> None:
        logger.warning("the database is away: %s", (str(why).strip().splitlines() or [type(why).__name__])[0])
        await self._asked(queue.disconnect)
        await asyncio.sleep(AWAY_S)

    def _begin_warning(self) -> None:
        """Once a minute, beside the deliveries. One that went wrong is begun anew."""
        now = self._clock()
        if self._warned_at is not None and now - self._warned_at < WARN_EVERY:
            return
        if self._warning is not None:
            if not self._warning.done():
                return
            if (why := self._warning.exception()) is not None:
                logger.error("contacts could not be told of pauses: %s", type(why).__name__)
        self._warned_at = now
        self._warning = asyncio.create_task(self.warn())

    async def _forget(self) -> None:
        now = self._clock()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_EVERY:
            self._forgot_at = now
            await self._asked(queue.forget, now=now)
