"""Two hundred subscriptions, twenty of whose receivers hang: the others are told as if these were not there."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import timezone
from pytest_django import Settings

from agencies.models import Client
from delivery import keys, sender, signing
from delivery.models import Delivery, Webhook
from delivery.pump import Pump
from tests import factories
from tests.callers import as_courier, as_owner
from tests.delivery.receiver import raw
from tests.sequencing import Sequencing

MANY, HANGING = 200, 20
ANSWERS_AFTER_S = 0.05


def subscribed(prompt: str, hanging: str) -> None:
    """The same subscription many times, as the clients of forty agencies would have them; every tenth hangs."""
    now = timezone.now()
    client = Client.objects.get(client_id="bkn-system")
    Webhook.objects.bulk_create(
        Webhook(
            id=uuid.uuid4(),
            client=client,
            agency_id=client.agency_id,
            url=hanging if number % (MANY // HANGING) == 0 else prompt,
            host="127.0.0.1",
            url_digest="0" * 64,
            status="active",
            proven_at=now,
            secret=b"",
            cursor=-1,
            due_at=now,
            leased_until=now,
            created_at=now,
            changed_at=now,
            key_digest=str(number).encode(),
            fingerprint=b"",
        )
        for number in range(MANY)
    )
    for webhook in Webhook.objects.all():
        webhook.secret = keys.seal(signing.draw_secret().encode(), webhook=webhook.pk)
        webhook.save(update_fields=("secret",))


@contextmanager
def answering() -> Iterator[str]:
    """A receiver that answers each connection after a while, on one event loop, so that it is no bottleneck itself."""
    loop = asyncio.new_event_loop()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"}}"):
                await asyncio.sleep(ANSWERS_AFTER_S)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0, backlog=MANY))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:

        async def end() -> None:
            server.close()
            mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in mine:
                task.cancel()
            await asyncio.gather(*mine, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _told(pump: Pump, count: int, *, finally_: Callable[[], None]) -> float:
    """Deliver until so many were told; how many seconds that took."""
    took: list[float] = []
    began = time.monotonic()

    async def watch() -> None:
        while await pump._asked(_delivered) < count:
            await asyncio.sleep(0.02)
        took.append(time.monotonic() - began)
        finally_()

    await asyncio.gather(pump.run(over=lambda: bool(took)), watch())
    return took[0]


def _delivered() -> int:
    return Delivery.objects.filter(status="delivered").count()


def test_twenty_that_hang_delay_nobody_else(sequenced: Sequencing, settings: Settings) -> None:
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    factories.story()
    sequenced()
    over = threading.Event()

    def hangs(one: socket.socket) -> None:
        one.recv(65536)
        over.wait(60)

    with answering() as prompt, raw(hangs) as hanging:
        with as_owner():
            subscribed(prompt, hanging)
        with as_courier():
            pump = Pump(key=keys.read(settings.LINTAS_COURIER_KEY_FILE), clock=timezone.now)
            took = asyncio.run(_told(pump, MANY - HANGING, finally_=over.set))
    print(f"{MANY - HANGING} of {MANY} were told within {took:.2f} s")
    assert took < sender.TOTAL_S, "none of them waited for one that hangs"
    assert Delivery.objects.filter(status="pending").count() == HANGING
