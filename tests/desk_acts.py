"""Officers who act at the desk, for tests of whoever reads of it: what a person did, in place of a system.

`invited` registers an officer as the operator does, for tests that commit; `acting` is that officer, and what `acted`
performs bears their id and their second factor, and no key.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from agencies.actor import Actor, Proved
from casefiles.transitions import perform
from casefiles.transitions.decide import Performed
from people import persons
from tests.callers import as_owner
from tests.factories import PEMKOT, Story, at, given, request
from tests.factories import actor as system_of

NAME = "Rina Rekaan"
"""How everybody is called who is invited here."""
_EARLIER = timedelta(minutes=10)


def invited(agency: str = PEMKOT, *, role: str = "officer", ends: bool = False, ago: timedelta = timedelta()) -> UUID:
    """A person of that agency whom the operator invited so long `ago`; and ended some minutes ago."""
    with as_owner():
        email, now = f"{uuid4()}@desk.example", datetime.now(UTC) - ago
        person = persons.invite(agency=agency, email=email, name=NAME, role=role, now=now - ends * _EARLIER).person
        if ends:
            persons.end(email=email, now=now - _EARLIER / 2)
        return person


def acting(person: UUID, agency: str = PEMKOT, *, factor: str = "totp", ago: timedelta = timedelta(minutes=1)) -> Actor:
    """That person at the desk, with a second factor that was given so long ago."""
    proved = Proved(person=person, factor=factor, at=datetime.now(UTC) - ago)
    return replace(system_of(agency), client_id=f"person:{person}", key_thumbprint=None, proved=proved)


def acted(by: Actor, casefile: UUID, name: str, body: Any, *, on: date | None = None) -> Performed:
    """What they did, today unless told, and recorded now, in a transaction of its own."""
    now = datetime.now(UTC)
    with transaction.atomic():
        return perform.perform(
            actor=by, casefile=casefile, name=name, given=body, occurred_at=at(on) if on else now, now=now,
            request=request(),
        )  # fmt: skip


def acknowledged(by: Actor, story: Story) -> Performed:
    """They acknowledged the recommendation that the story has come to, on its next day."""
    story.day += timedelta(days=1)
    return acted(by, story.casefile, "acknowledge", given("acknowledge", day=story.day), on=story.day)
