"""Ask for a verification, and see how it is. One runs at a time: whoever asks meanwhile is told of that one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from agencies.actor import Actor
from audit.ids import uuid7
from jobs.queue import defer, deferring, under_way
from verifications import tasks
from verifications.models import Verification

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('verifications', 0))"


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest verification, if any, and whether it is under way; and the newest that ended."""

    newest: Verification | None
    is_under_way: bool
    ended: Verification | None

    @property
    def was_given_up(self) -> bool:
        """Whether the newest neither ended nor is under way: its worker failed at every attempt."""
        return self.newest is not None and self.newest.ended_at is None and not self.is_under_way


def standing() -> Standing:
    """How verifications are, in three statements at most."""
    newest = Verification.objects.order_by("-asked_at", "-pk").first()
    if newest is None or newest.ended_at is not None:
        return Standing(newest, is_under_way=False, ended=newest)
    return Standing(newest, is_under_way=_is_under_way(newest), ended=last_ended())


def last_ended() -> Verification | None:
    """The newest that came to a verdict, in one statement."""
    return Verification.objects.filter(ended_at__isnull=False).order_by("-asked_at", "-pk").first()


def ask(actor: Actor, *, now: datetime) -> tuple[Verification, bool]:
    """The verification that was put into the queue; or the one under way, with False.

    Two who ask at once wait for each other here, so that one of them is told of the other's.
    """
    with deferring():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        open_one = Verification.objects.filter(ended_at__isnull=True).order_by("-asked_at", "-pk").first()
        if open_one is not None and _is_under_way(open_one):
            return open_one, False
        asked = Verification.objects.create(
            id=uuid7(now), agency_id=actor.agency_id, client=actor.client_id, asked_at=now
        )
        asked.job = defer(tasks.verify, verification=asked.pk)
        asked.save(update_fields=["job"])
        return asked, True


def _is_under_way(verification: Verification) -> bool:
    return verification.job is not None and bool(under_way([verification.job]))
