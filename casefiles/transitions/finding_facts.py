"""A fact of the finding itself is corrected: its casefiles all say the same of it, so the step is recorded in each.

All of them are locked in the order of their ids. The row of the finding, by which it is found and its number held
unique, and its content change in the same transaction; the number it bore before is free for whichever finding has it.
What counts findings by their day of registration, as zero reports do, reads the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from casefiles.catalogue.law import LawBook, local_day, open_book
from casefiles.errors import NotVisible
from casefiles.flow import Party, Refusal, Refused
from casefiles.flow.afterwards import Correction
from casefiles.flow.correcting import number_is_free
from casefiles.flow.corrections import IN_THE_ROW, REGISTER_NUMBER, of_the_finding
from casefiles.identifiers import number_key
from casefiles.models import Casefile, Finding, Payload
from casefiles.transitions import committing
from casefiles.transitions import decide as deciding
from casefiles.transitions.load import Mentioned
from casefiles.transitions.load_many import load_many, lock_many
from casefiles.transitions.step import ROLES_BROUGHT
from casefiles.transitions.values import Act, Step


def is_one(given: Any) -> bool:
    """Whether that body corrects a fact of the finding."""
    return isinstance(given, Correction) and of_the_finding(given.fact)


# Where the finding's content holds its facts: where its body told them.
IN_THE_CONTENT: Mapping[str, tuple[str, ...]] = {
    REGISTER_NUMBER: ("register_number",),
    "#/finding/known_on": ("known_on",),
    "#/finding/registered_on": ("registered_on",),
    "#/finding/clarified_on": ("clarification", "held_on"),
    "#/finding/forwarded_on": ("forwarded_on",),
}


@dataclass(frozen=True, slots=True)
class Corrected:
    """The same correction for every casefile of the finding, that of the named one first; what `rewrite` is told."""

    law: LawBook
    first: deciding.Decided
    steps: tuple[Step, ...]
    finding: UUID
    fact: str
    value: str
    taken: Refusal | None


def decide(act: Act, *, casefile: UUID, expected_version: int | None) -> Corrected:
    """Decide the correction on every casefile of the finding, under their locks.

    Raises as `transitions.perform` does. Casefiles that were erased are left as they are.
    """
    actor, given = act.actor, act.given
    finding = Casefile.objects.filter(pk=casefile).values_list("finding", flat=True).first()
    if finding is None:
        raise NotVisible
    with connection.cursor() as cursor:
        # As `findings.add_subjects` does, so that no casefile joins the finding with the number it had before.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"finding:{finding}"])
    others = lock_many(Casefile.objects.filter(finding=finding).values_list("pk", flat=True)) - {casefile}
    mine = deciding.bring(casefile, given, actor=actor, moment=act.moment)
    law = open_book(calendar_version=mine.context.calendar_version)
    first = deciding.decide(
        act,
        mine,
        law=law,
        expected_version=expected_version,
        register_taken=given.fact == REGISTER_NUMBER and _is_taken(finding, given.value),
    )
    moment = first.step.act.moment
    case = deciding.view(mine, actor=actor, law=law, now=act.now, occurred_at=moment)
    steps = [first.step]
    if others:
        # The supporting document is the named casefile's; the others are told of the correction only.
        beside = replace(act, given=replace(given, document=None), party=Party.SUBMITTER)
        today, mentioned = local_day(moment, actor.time_zone), Mentioned(roles=ROLES_BROUGHT)
        for loaded in load_many(others, actor=actor.agency_id, today=today, mentioned=mentioned):
            after_its_last = max(moment, loaded.last_occurred_at)
            follows = replace(beside, occurred_at=after_its_last, now=max(act.now, after_its_last))
            steps.append(deciding.decide(follows, loaded, law=law).step)
    return Corrected(
        law=law,
        first=first,
        steps=tuple(steps),
        finding=finding,
        fact=given.fact,
        value=str(given.value),
        taken=number_is_free(replace(case, register_taken=True), given),
    )


def rewrite(corrected: Corrected, *, act: Act) -> None:
    """Put the fact into the finding's row and, as a further version, into its content, once the steps are written.

    The finding's own stream is told of both. Raises `Refused` where another finding took the number in the meantime:
    the unique index decides that race.
    """
    finding, fact, value = corrected.finding, corrected.fact, corrected.value
    try:
        with transaction.atomic():
            _write_row(finding, fact, value)
    except IntegrityError as why:
        if corrected.taken is None:
            raise
        raise Refused((corrected.taken,)) from why
    last = Payload.objects.filter(finding=finding, answer__isnull=True).order_by("-seq")[0]
    if last.given is None:
        committing.redacted("finding", finding, now=act.now)
        return
    salt = committing.fresh_salt()
    Payload.objects.create(
        finding_id=finding,
        seq=last.seq + 1,
        given=_put(last.given, IN_THE_CONTENT[fact], value),
        given_salt=last.given_salt,
        facts_salt=salt,
        created_at=act.now,
    )
    committing.recorded(
        "finding", finding, salt=salt, actor=act.actor, now=act.now, request=act.request, is_first=False
    )


def _write_row(finding: UUID, fact: str, value: str) -> None:
    columns = {fact.rpartition("/")[2]: value} if fact in {REGISTER_NUMBER, *IN_THE_ROW} else {}
    if fact == REGISTER_NUMBER:
        columns["register_key"] = number_key(value)
    if columns:
        changes = ", ".join(f"{column} = %s" for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE casefiles_finding SET {changes} WHERE id = %s",  # noqa: S608 - names of our own columns
                [*columns.values(), finding],
            )


def _put(content: Mapping[str, Any], path: tuple[str, ...], value: str) -> dict[str, Any]:
    name, *rest = path
    return {**content, name: _put(content[name], tuple(rest), value) if rest else value}


def _is_taken(finding: UUID, value: str | None) -> bool:
    """Whether another finding of the same office bears that number, however it is written."""
    same_office = Finding.objects.filter(pk=finding).values("office")
    found = Finding.objects.filter(office__in=same_office, register_key=number_key(value or "")).exclude(pk=finding)
    return found.exists()
