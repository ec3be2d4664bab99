"""Casefiles by the dozen: a finding of many officers walks the flow together, and each schedule finds a fresh one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from agencies import calendar
from agencies.calendar_files import Amendment, Change
from audit.requests import RequestFacts
from casefiles.flow import CaseView, Party
from casefiles.transitions import perform
from tests import factories
from tests.factories import BKN, NIP, PADANG, PEMKOT
from tests.simulation.register import BEGINS, Register

DOZEN = 30


class Stock:
    """Hands out casefiles that stand where they are wanted.

    A pair is two casefiles of one officer, the smaller id first: locks are taken in that order, so that a schedule does
    not depend on how ids were drawn.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._left: dict[str, list[tuple[UUID, ...]]] = defaultdict(list)
        self._numbers = 0
        self._decrees = 0

    def take(self, kind: str) -> tuple[UUID, ...]:
        """A casefile (or a pair of them) that nobody has touched: `submitted`, `examined`, `counted`,
        `awaiting`, `pairs`.
        """
        if not self._left[kind]:
            with self._register.at(BEGINS):
                self._left[kind] = getattr(self, f"_{kind}")()
        return self._left[kind].pop()

    def _submitted(self) -> list[tuple[UUID, ...]]:
        return [(one,) for one in self._submit(self._officers())]

    def _examined(self) -> list[tuple[UUID, ...]]:
        files = self._submit(self._officers())
        self._accept(files, {})
        return [(one,) for one in files]

    def _counted(self) -> list[tuple[UUID, ...]]:
        """Examined, and then a decree takes a working day away, or gives it back: every deadline is to be moved."""
        files = self._examined()
        day = BEGINS.date() + timedelta(days=7)
        change = Change(line=1, date=day, kind="joint_leave", name_id="Cuti bersama contoh")
        adds = self._decrees % 2 == 0
        self._decrees += 1
        amendment = Amendment(
            name="contoh.yaml", decree=f"SKB contoh {self._decrees}/2024", source="contoh", reason="contoh",
            add=(change,) if adds else (), remove=() if adds else (change,),
        )  # fmt: skip
        self._register.seat("owner").do(lambda: calendar.amend(amendment, now=self._register.now))
        return files

    def _awaiting(self) -> list[tuple[UUID, ...]]:
        files = self._submit(self._officers())
        self._accept(files, {})
        day = self._register.now.date()
        self._walk(files, "recommend", Party.EXAMINER, BKN, lambda _: factories.given("recommend", day=day))
        self._walk(files, "acknowledge", Party.ADDRESSEE, PEMKOT, lambda _: factories.given("acknowledge", day=day))
        return [(one,) for one in files]

    def _pairs(self) -> list[tuple[UUID, ...]]:
        officers = self._officers()
        first, second = self._submit(officers), self._submit(officers)
        twins = dict(zip((*first, *second), (*second, *first), strict=True))
        self._accept((*first, *second), twins)
        return [tuple(sorted(pair)) for pair in zip(first, second, strict=True)]

    def _officers(self) -> tuple[Any, ...]:
        self._numbers += DOZEN
        return tuple(
            factories.known_subject(nip=f"{NIP[:14]}{number:04d}", name=f"Terlapor {number}")
            for number in range(self._numbers, self._numbers + DOZEN)
        )

    def _submit(self, subjects: Sequence[Any]) -> list[UUID]:
        taken = factories.submit(by=PADANG, now=self._register.now, subjects=tuple(subjects))
        return [step.casefile for step in taken.steps]

    def _accept(self, files: Iterable[UUID], twins: dict[UUID, UUID]) -> None:
        def given(case: CaseView) -> Any:
            twin = twins.get(UUID(case.id))
            return factories.given(
                "accept", day=self._register.now.date(), not_duplicate_of=(twin,) if twin is not None else ()
            )

        self._walk(files, "accept", Party.EXAMINER, BKN, given)

    def _walk(
        self, files: Iterable[UUID], name: str, party: Party, agency: str, given: Callable[[CaseView], Any]
    ) -> None:
        with transaction.atomic():
            steps, refused = perform.perform_all(
                actor=factories.actor(agency), casefiles=list(files), name=name, given=given,
                now=self._register.now, request=RequestFacts(id=uuid4()), as_party=party,
            )  # fmt: skip
        assert not refused, next(iter(refused.values()))
        assert steps
