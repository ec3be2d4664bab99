"""What an officer does at the desk, whoever dies at whichever statement: sent again, it has happened once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from agencies.actor import Actor
from casefiles import flow
from casefiles.flow import State
from casefiles.models import Casefile, Transition
from casefiles.references import plain
from console.desk import acting, forwarding
from console.desk.kept import NO_CASEFILE, Ticket, new_ticket
from console.models import Form
from demo.client import PASSING
from people import persons
from people.models import Person
from tests import factories
from tests.callers import as_owner
from tests.conftest import Copies
from tests.desk_acts import invited
from tests.factories import PADANG, PEMKOT, casefile_at
from tests.signing_in import with_a_desk
from tests.simulation.crashing import Act, Course, Outcome
from tests.simulation.test_crash_points import finding, officers

pytestmark = [
    pytest.mark.crash, pytest.mark.django_db(transaction=True, databases=["default", "desk"]),
    pytest.mark.usefixtures("ground"),
]  # fmt: skip


@pytest.fixture
def _own_database(_own_database: None, copies: Copies) -> Iterator[None]:
    """The desk has its own connection to the database of this test."""
    with with_a_desk(copies):
        yield


def officer_of(agency: str) -> Actor:
    """An officer of that agency, whom the operator invited, and who gave a second factor a minute ago."""
    ident, proved_at = invited(agency), datetime.now(UTC) - timedelta(minutes=1)
    with as_owner():
        person = Person.objects.select_related("agency__parent").get(pk=ident)
        return persons.officer_of(person, factor="totp", proved_at=proved_at)


def form_of(actor: Actor, transition: str, *, casefile: UUID = NO_CASEFILE, version: int = 0) -> Ticket:
    """A form that is shown to the officer."""
    assert actor.user_pk is not None
    return new_ticket(user=actor.user_pk, casefile=casefile, transition=transition, version=version)


def sent(name: str, send: Callable[[], bool]) -> Act:
    """A form that is sent until it is done. Whoever dies, the officer is told to try again, and is shown no fault."""

    def attempt() -> Outcome:
        try:
            send()
        except acting.NotDone as refused:
            known = refused.status == 503 and refused.code in PASSING
            return Outcome(done=False, fault="" if known else f"refused with {refused.status} {refused.code}")
        except Exception as fault:
            return Outcome(done=False, fault=f"the officer is shown a fault: {fault!r}")
        return Outcome(done=True)

    # The desk commits over its own connection, which no rehearsal of another one's transaction holds back.
    return Act(name, attempt, replays=False, rehearsed=False)


def asked(actor: Actor, ticket: Ticket, body: Any) -> dict[str, Any]:
    """What the console knows of a form that was sent."""
    now, request = datetime.now(UTC), uuid4()
    return {"ticket": ticket, "actor": actor, "body": body, "now": now, "request_id": request, "language": "id"}


def test_an_act_and_a_finding_happen_once(survives: Callable[[Act], Course]) -> None:
    story = casefile_at(State.RECOMMENDED)
    officer, version = officer_of(PEMKOT), story.row.version
    ticket = form_of(officer, "acknowledge", casefile=story.casefile, version=version)
    body = plain(factories.given("acknowledge", day=story.day))
    wanted = acting.Wanted(**asked(officer, ticket, body), row=flow.ROWS["acknowledge"])
    acting.tried(wanted)  # as the summary does; the process knows now what it keeps
    survives(sent("act at the desk", lambda: acting.performed(wanted)))
    assert story.row.version == version + 1
    assert not acting.performed(wanted)
    assert Transition.objects.get(casefile=story.casefile, seq=version + 1).client == officer.client_id

    supervisor, before = officer_of(PADANG), Casefile.objects.count()
    told = acting.Asked(**asked(supervisor, form_of(supervisor, "submit"), finding(officers(2, first=50))))
    forwarding.tried(told)
    survives(sent("finding at the desk", lambda: forwarding.forwarded(told)))
    assert Casefile.objects.count() == before + 2
    assert not forwarding.forwarded(told)
    assert Form.objects.using("desk").filter(done_at__isnull=False).count() == 2
