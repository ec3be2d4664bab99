"""The examining authority is a dated mandate, never an institution's name."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from django.db import IntegrityError, transaction

from agencies.models import Agency, Mandate
from agencies.registration import RegistrationRefused
from audit import ledger
from audit.ledger import Author

# All mandates share one stream of the log: who was competent when is one question.
STREAM = uuid.UUID("6d616e64-6174-4573-8000-000000000001")


def register(
    *,
    code: str,
    agency: str,
    valid_from: date,
    legal_basis: str,
    now: datetime,
    valid_until: date | None = None,
    caretaker: bool = False,
    verification_required: bool = False,
    author: Author | None = None,
) -> Mandate:
    """Registers a mandate of `agency` (a code) for the half-open period, with its entry in the mandates' stream.

    Raises `RegistrationRefused` where the agency is unknown or no examiner, the code is taken, or the period overlaps
    another mandate's.
    """
    holder = Agency.objects.filter(code=agency).first()
    if holder is None or "examiner" not in holder.roles:
        raise RegistrationRefused(f"{agency!r} is no agency with the role examiner.")
    if Mandate.objects.filter(code=code).exists():
        raise RegistrationRefused(f"The code {code!r} belongs to a mandate already; a code is never reused.")
    try:
        with transaction.atomic():
            mandate = Mandate.objects.create(
                code=code,
                agency=holder,
                valid_from=valid_from,
                valid_until=valid_until,
                legal_basis=legal_basis,
                caretaker=caretaker,
                verification_required=verification_required,
            )
            facts = state(mandate)
            ledger.append_open(
                stream=STREAM, kind="mandate.registered", given=facts, state=facts, author=author, now=now
            )
    except IntegrityError as error:
        raise RegistrationRefused(
            "The period overlaps another mandate's, or ends before it begins. Periods are half-open: the day a mandate "
            "ends is the day its successor's may begin."
        ) from error
    return mandate


def end(*, code: str, on: date, legal_basis: str, now: datetime, author: Author | None = None) -> Mandate:
    """Ends a mandate whose end was open: `on` is the first day it no longer holds, `legal_basis` what ends it.

    Cases under it stay where they are until they are handed over; nothing is inferred from a date. Raises
    `RegistrationRefused` where there is no such mandate, its end is fixed already, it would end before it begins, or
    nothing is said to end it.
    """
    if not legal_basis.strip():
        raise RegistrationRefused("Name the law or decree that ends the mandate; an end cannot be taken back.")
    mandate = Mandate.objects.select_related("agency").filter(code=code).first()
    if mandate is None:
        raise RegistrationRefused(f"There is no mandate {code!r}.")
    if mandate.valid_until is not None:
        raise RegistrationRefused(f"The mandate {code!r} ends on {mandate.valid_until.isoformat()} already.")
    if on <= mandate.valid_from:
        raise RegistrationRefused(f"The mandate {code!r} began on {mandate.valid_from.isoformat()}: name a later day.")
    with transaction.atomic():
        mandate.valid_until = on
        mandate.save(update_fields=["valid_until"])
        given = {"code": code, "valid_until": on.isoformat(), "legal_basis": legal_basis}
        ledger.append_open(
            stream=STREAM, kind="mandate.ended", given=given, state=state(mandate), author=author, now=now
        )
    return mandate


def state(mandate: Mandate) -> Mapping[str, Any]:
    """The public facts of a mandate, as its entry commits to them."""
    return {
        "code": mandate.code,
        "agency": mandate.agency.code,
        "valid_from": mandate.valid_from.isoformat(),
        "valid_until": mandate.valid_until.isoformat() if mandate.valid_until else None,
        "legal_basis": mandate.legal_basis,
        "caretaker": mandate.caretaker,
        "verification_required": mandate.verification_required,
    }


class Begun(Protocol):
    """A mandate, as far as it is chosen by its day."""

    @property
    def valid_from(self) -> date:
        """The first day on which it holds."""
        ...


M = TypeVar("M", bound=Begun)


def in_force(mandates: Iterable[M], *, on: date) -> M | None:
    """Of the mandates of one scope, oldest first, the one in force on that day, or nearest before it, or the first.

    Submitting is never refused for want of a mandate: a gap leaves the case with the last holder, whose later acts
    the guard on the mandate then judges. None only where no mandate was ever registered.
    """
    held = list(mandates)
    begun = [mandate for mandate in held if mandate.valid_from <= on]
    return begun[-1] if begun else held[0] if held else None
