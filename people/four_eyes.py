"""Four eyes: an agency decides that each act of its officers at the desk is drafted by one and performed by another.

An agency's manager decides it, and ends it. Either is an entry in the manager's own stream of the log: ids, agency and
role, no name. It is about the desk alone; a system of the agency's own goes on as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from audit import ledger
from audit.recording import by_operator
from audit.turns import one_at_a_time
from people import persons
from people.models import FourEyes, Person
from people.persons import PersonRefused, Reason

BEGINS: Final = "person.wants_two"
ENDS: Final = "person.wants_one"


@dataclass(frozen=True, slots=True)
class Policy:
    """Since when an agency has wanted two officers for each act, and which manager decided it."""

    since: datetime
    set_by: str


def policy_of(agency: int) -> Policy | None:
    """The agency's policy (of its primary key) with the manager's name; None where one officer is enough."""
    row = FourEyes.objects.filter(agency=agency).values_list("since", "set_by__name").first()
    return Policy(*row) if row else None


def wanted_by(agency: int) -> bool:
    """Whether that agency wants two officers for each act now; one statement."""
    return FourEyes.objects.filter(agency=agency).exists()


def decide(by: Person, *, two: bool, now: datetime) -> None:
    """Want two officers for each act from now on, or one again. Raises `PersonRefused` for who is no manager.

    What is so already is refused, too: an entry that changes nothing would say nothing. Two managers who decide at
    once take turns.
    """
    if by.role != "manager":
        raise PersonRefused(
            Reason("Hanya pengelola instansi yang memutuskan ini.", "Only a manager of the agency decides this.")
        )
    with transaction.atomic():
        one_at_a_time(f"four eyes of {by.agency_id}")
        if wanted_by(by.agency_id) is two:
            raise PersonRefused(
                Reason("Sudah demikian; tidak ada yang berubah.", "That is so already; nothing has changed.")
            )
        told = {"person": str(by.id), "agency": by.agency.code, "role": by.role}
        ledger.append_open(
            stream=by.id,
            kind=BEGINS if two else ENDS,
            given={**told, "by": str(by.id)},
            state={**told, "ended_at": None},
            now=now,
            author=by_operator("console"),
            through=persons.TELLS,
        )
