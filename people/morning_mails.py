"""Who wants a mail on each working morning: a person's own switch, off until they turn it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from people.models import MorningMail, Person

Language = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Switch:
    """What a person chose: the language of their mail, "" where they want none; whether the last one was refused."""

    language: str = ""
    refused: bool = False


def switch_of(person: Person) -> Switch:
    """What that person chose, in one statement."""
    row = MorningMail.objects.filter(person=person).values_list("language", "refused").first()
    return Switch(*row) if row else Switch()


def turn_on(person: Person, *, language: Language) -> None:
    """Mail that person from the next working morning on; the same again changes nothing but the language."""
    MorningMail.objects.update_or_create(
        person=person, defaults={"language": language, "refused": False}, create_defaults={"language": language}
    )


def turn_off(person: Person) -> None:
    """Mail that person no more."""
    MorningMail.objects.filter(person=person).delete()


def wanted() -> Sequence[MorningMail]:
    """Officers who want one and have not ended, with their agencies; one statement."""
    rows = MorningMail.objects.select_related("person__agency__parent")
    return list(rows.filter(person__ended_at__isnull=True, person__role="officer").order_by("person_id"))


def note(person: UUID, *, day: date, refused: bool) -> None:
    """Note that the mail of that day was taken by the mail server, or refused."""
    MorningMail.objects.filter(person=person).update(mailed_on=day, refused=refused)
