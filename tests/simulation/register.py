"""The ground of a simulation: a register of its own, its log open, a seat for everybody who writes to it.

One database, copied from the sandbox's world; the time is the simulation's own, and stands still unless it is moved.
"""

from __future__ import annotations

import logging
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from agencies import clients, tokens
from agencies.models import AccessToken, Client, ClientKey
from api.http import idempotency
from audit import sequencer
from audit.tlog.notes import Signer
from config.roles import Roles
from tests.callers import ALL_SCOPES, new_key, offer
from tests.conftest import Copies, using
from tests.partner import Partner
from tests.simulation.patching import patched
from tests.simulation.seats import Seat

FOR_EVER = datetime(2100, 1, 1, tzinfo=UTC)
BEGINS = datetime(2028, 2, 1, 3, tzinfo=UTC)
"""A Tuesday, ten in the morning in Jakarta. Fixed, so that a seed counts the same deadlines on any day; and ahead of
today, because the world's keys are registered today, and an act before that would be proved by no key.
"""
LASTS = timedelta(days=240)
"""The calendar of the year ends then."""


class Keyed(Partner):
    """A partner whose token was bought with the key of that `kid`."""

    def __init__(self, agency: str, *, client_id: str, kid: str) -> None:
        self.agency, self.kid, self.token = agency, kid, secrets.token_urlsafe(32)
        key = ClientKey.objects.select_related("client").get(client__client_id=client_id, kid=kid)
        AccessToken.objects.create(
            token="", token_checksum=tokens.checksum(self.token), application=key.client, key=key,
            key_thumbprint=key.thumbprint, scope=" ".join(key.client.scopes), expires=FOR_EVER,
        )  # fmt: skip


@dataclass
class Register:
    """One register under simulation. It draws nothing by chance; whoever uses it does."""

    roles: Roles
    signer: Signer
    monitor: psycopg.Connection[Any]
    """The owner's session (autocommit): looks, and never takes part."""
    clock: time_machine.Traveller
    folder: Path
    seats: dict[str, Seat] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)

    def seat(self, name: str, role: str = "web") -> Seat:
        """The seat of that name; it signs in when it is first asked for."""
        if name not in self.seats:
            self.seats[name] = Seat(name, getattr(self.roles, role))
        return self.seats[name]

    def partner(self, agency: str) -> Partner:
        """That agency's client, with a token that does not run out."""
        if agency not in self.partners:
            self.partners[agency] = made = Partner(agency)
            self.monitor.execute("UPDATE agencies_accesstoken SET expires = '2100-01-01'")
            assert made.token
        return self.partners[agency]

    @property
    def now(self) -> datetime:
        """The simulation's time."""
        return datetime.now(UTC)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Another time while the block lasts."""
        before = self.now
        self.clock.move_to(moment, tick=False)
        try:
            yield
        finally:
            self.clock.move_to(before, tick=False)

    def keyed(self, agency: str, *, kid: str) -> Keyed:
        """That agency's client with a token that a new key of its bought: the key may be revoked."""
        client_id = Client.objects.get(agency__code=agency).client_id
        offered = offer(new_key(), client_id=client_id, kid=kid)

        def exchange() -> None:
            # A client has few live keys: the one before goes, where nobody revoked it.
            for old in ClientKey.objects.filter(client__client_id=client_id, kid__startswith="s", revoked_at=None):
                clients.revoke_key(client_id=client_id, kid=old.kid, now=self.now)
            clients.add_key(client_id=client_id, offer=offered, issuer=settings.LINTAS_BASE_URL, now=self.now)

        self.seat("owner").do(exchange)
        return Keyed(agency, client_id=client_id, kid=kid)

    def second(self, agency: str) -> Partner:
        """Another system of that agency's, a client of its own."""
        name = f"{agency}-second"
        if name not in self.partners:
            self.partner(agency)
            offers = [offer(new_key(), client_id=name, kid="second")]
            self.seat("owner").do(
                lambda: clients.register_client(
                    client_id=name, name="Aplikasi kedua", agency=agency, scopes=ALL_SCOPES, offers=offers,
                    issuer=settings.LINTAS_BASE_URL, now=self.now,
                )
            )  # fmt: skip
            self.partners[name] = Keyed(agency, client_id=name, kid="second")
        return self.partners[name]

    # -- the sequencer -------------------------------------------------------------------------------------------------

    def sign_out(self, name: str) -> None:
        """That seat's connection ends, and what it held is free."""
        pid = self.seats[name].pid
        self.seats[name].sign_out()
        while self.monitor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is not None:
            time.sleep(0.0005)

    def sequence(self, *, batch: int = sequencer.BATCH, sign: bool = True) -> int:
        """One round of the sequencer: grow by a batch, sign, beat; returns how many leaves are new."""
        return self.seat("sequencer", "sequencer").do(lambda: sequenced(self.signer, batch=batch, sign=sign))

    def drain(self) -> None:
        """Sequence until nothing waits, and sign."""
        while self.sequence():
            pass


def sequenced(signer: Signer, *, batch: int, sign: bool) -> int:
    """What `sequencer.run` does once; for a seat of the sequencer's."""
    if not sequencer.try_to_be_active():
        return 0
    grown = sequencer.grow(limit=batch)
    if sign:
        sequencer.checkpoint(signer)
        sequencer.beat()
    return grown.new


def _real_now() -> datetime:
    """The time outside of any simulation."""
    hatch = time_machine.escape_hatch
    now: datetime = hatch.datetime.datetime.now(UTC) if hatch.is_travelling() else datetime.now(UTC)
    return now


@contextmanager
def register(copies: Copies, template: str, folder: Path) -> Iterator[Register]:
    """A copy of that database under simulation; dropped after."""
    assert _real_now() < BEGINS, "the simulation's time lies behind: set BEGINS ahead, to a Tuesday"
    name = copies.make(template)
    roles = copies.roles.on(name)
    keys = folder / uuid.uuid4().hex[:8]
    keys.mkdir()
    with ExitStack() as stack:
        # What is refused is what a simulation is about; thousands of lines would say so.
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        stack.callback(copies.drop, name)
        stack.enter_context(using(name))
        stack.callback(connections.close_all)
        stack.enter_context(
            override_settings(
                LINTAS_LOG_KEY_FILE=keys / "log_key.pem",
                LINTAS_RECEIPT_KEY_FILE=keys / "receipt_key.pem",
                # Permits are drawn by the second; which request draws them would depend on how fast the machine is.
                LINTAS_RATE_PER_SECOND=0,
            )
        )
        # A worker that waits at the gate is no slow one.
        stack.enter_context(patched(idempotency, "_PATIENCE", "set_config('lock_timeout', '30s', true)"))
        idempotency._claim.cache_clear()
        monitor = stack.enter_context(psycopg.connect(roles.owner, autocommit=True))
        clock = stack.enter_context(time_machine.travel(BEGINS, tick=False))
        owner = Seat("owner", roles.owner)
        owner.do(lambda: call_command("open_log", draw_keys=True, stdout=StringIO()))
        assert settings.LINTAS_LOG_KEY_FILE is not None
        signer = sequencer.read_log_key(settings.LINTAS_LOG_KEY_FILE, origin=settings.LINTAS_LOG_ORIGIN)
        made = Register(roles, signer, monitor, clock, keys, seats={"owner": owner})
        try:
            yield made
        finally:
            for seat in made.seats.values():
                seat.leave()
