"""A person who opens a case opens it for their agency; the console stores that much of a case, if it is true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from agencies.models import Agency
from audit import ledger
from audit.models import Entry
from audit.recording import by_operator
from audit.tlog.tree import leaf_hash
from casefiles.flow import State
from casefiles.models import Casefile, FirstReading
from casefiles.sight import first_readings
from tests.console.conftest import AUDITOR, EMPLOYER, EXAMINER, Arranged, signed_in
from tests.factories import PADANG, PEMKOT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    """What a test noted is undone with it; the process would remember it."""
    yield
    first_readings._remembered.clear()


def test_a_person_opens_what_waits_for_their_agency_and_once(arranged: Arranged) -> None:
    case = arranged.cases[State.SUBMITTED]
    for email, path in ((AUDITOR, ""), (EMPLOYER, ""), (EXAMINER, "?version=1")):
        signed_in(email).get(f"/perkara/{case}{path}")
    assert not FirstReading.objects.exists(), "whose turn it is not, or who looks at the past"
    for _ in range(2):
        assert signed_in(EXAMINER).get(f"/perkara/{case}").status_code == 200
        first_readings._remembered.clear()
    noted = FirstReading.objects.select_related("agency").get()
    assert (str(noted.casefile_id), noted.version, noted.agency.code) == (case, 1, "bkn")
    entry = Entry.objects.get(stream=noted.pk)
    said = json.loads(bytes(entry.body))
    named = {"party": "operator", "agency": settings.LINTAS_OPERATOR, "client": "console"}
    assert said["actor"] == {**named, "key": None, "person": None}
    readers = Agency.objects.filter(roles__contains=["auditor"]) | Agency.objects.filter(code__in=["bkn", PADANG])
    assert set(entry.audience) >= set(readers.values_list("pk", flat=True))
    assert Agency.objects.get(code=PEMKOT).pk not in entry.audience, "it does not know of the case yet"


CHANGED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "author": {"party": "recorder", "client": "bkn-system"},
    "key": {"key": "a" * 43},
    "person": {"person": "somebody"},
}


@pytest.mark.parametrize(
    "changed",
    [
        *CHANGED,
        "agency",
        "version",
        "salt",
        "short salt",
        "moment",
        "stream",
        "kind",
        "step",
        "grants",
        "leaf",
        "more",
        "spelling",
        "tomorrow",
        "microseconds",
        "origin",
    ],
)
def test_an_entry_that_does_not_say_what_was_read_is_not_stored(arranged: Arranged, changed: str) -> None:
    case, now = arranged.cases[State.SUBMITTED], datetime.now(UTC).replace(microsecond=123_000)
    if changed == "tomorrow":
        now += timedelta(days=1)
    ident, examiner = uuid4(), Agency.objects.get(code="bkn").pk
    salt = b"s" * (31 if changed == "short salt" else 32)
    row = {
        "id": str(ident), "casefile_id": case, "version": 1, "agency_id": examiner, "created_at": ledger.instant(now),
    }  # fmt: skip
    sealed = ledger.sealed_committed(
        stream=ident, kind=first_readings.KIND, state=ledger.commit(row, salt=salt), record=ledger.digest_of(row),
        now=now, author=by_operator("console"), is_first=True,
    )  # fmt: skip
    said = json.loads(sealed.body)
    said["actor"] |= CHANGED.get(changed, {})
    said |= {
        "stream": {"stream": case},
        "kind": {"kind": "casefile.closed"},
        "step": {"to": "closed"},
        "grants": {"grants": [{"agency": PADANG, "sight": "ended"}]},
        "more": {"note": "Budi Santoso"},
        "origin": {"origin": 'x","note":"Budi Santoso'},
    }.get(changed, {})
    body = json.dumps(said, sort_keys=True).encode() if changed == "spelling" else ledger.canonical(said)
    given: list[Any] = [
        ident,
        case,
        2 if changed == "version" else 1,
        Agency.objects.get(code=PADANG).pk if changed == "agency" else examiner,
        now + {"moment": timedelta(minutes=1), "microseconds": timedelta(microseconds=1)}.get(changed, timedelta()),
        b"t" * 32 if changed == "salt" else salt,
        sealed.uuid,
        leaf_hash(body + b" " if changed == "leaf" else body),
        body,
    ]
    with ExitStack() as stack:
        if changed != "nothing":
            stack.enter_context(pytest.raises(ProgrammingError, match="the entry of a first reading"))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT casefiles_opens(%s, %s, %s, %s, %s, %s, %s, %s, %s)", given)
            assert cursor.fetchone() == (True,)


def test_what_is_true_of_no_case_is_not_noted(arranged: Arranged) -> None:
    """An entry that fits its row, of a version that is not the newest, or by an agency that has not the turn."""
    entries = Entry.objects.count()
    for state, agency, version in (
        (State.SUBMITTED, PEMKOT, 1),
        (State.UNDER_EXAMINATION, "bkn", 1),
        (State.CLOSED, "bkn", Casefile.objects.get(pk=arranged.cases[State.CLOSED]).version),
    ):
        actor: Any = type("Actor", (), {"agency_id": Agency.objects.get(code=agency).pk})()
        case: Any = arranged.cases[state]
        noted = first_readings.note_by_person(casefile=case, version=version, actor=actor, now=datetime.now(UTC))
        assert noted is None
    assert (FirstReading.objects.count(), Entry.objects.count()) == (0, entries)


def test_the_console_writes_neither_row_nor_entry_itself(arranged: Arranged) -> None:
    for table in ("casefiles_firstreading", "audit_entry", "audit_pending"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(f"INSERT INTO {table} DEFAULT VALUES")
