"""The law as data cannot be edited past the log, even by an owner who may append entries of his own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import transaction

from agencies import calendar
from agencies.models import CalendarDay
from audit import ledger
from audit.verify import laws
from casefiles.catalogue import book, versions
from tests.audit.running import unlocked
from tests.audit.verify.logs import Verdict, at_its_word, verify
from tests.callers import as_owner
from tests.sequencing import Sequencing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

Edit = Callable[..., None]
CATALOGUES: Final = "casefiles_catalogueversion"
DAYS: Final = "agencies_calendarday"
NOW = datetime.now(UTC).replace(microsecond=0)
VERSION = book.load().version
FORGED = {"version": VERSION, "digest": sha256(b"{}").hexdigest(), "lists": {}}


def test_the_verifier_knows_the_streams_of_the_register() -> None:
    """It stands alone, so it spells them itself."""
    assert UUID(laws.CATALOGUE_STREAM) == versions.STREAM
    assert UUID(laws.CALENDAR_STREAM) == calendar.STREAM


def forge(*, stream: UUID, kind: str, state: Mapping[str, Any]) -> None:
    """Append an entry that is genuine in every way, and says of the law what somebody would like."""
    with as_owner(), transaction.atomic():
        ledger.append_open(stream=stream, kind=kind, given={"x": 1}, state=state, now=NOW)


@pytest.fixture
def edit(owner_connection: psycopg.Connection) -> Callable[..., None]:
    """Change one row as an owner does who has put the triggers to sleep."""

    def go(change: LiteralString, *values: object) -> None:
        with unlocked(owner_connection, CATALOGUES) as owner:
            assert owner.execute(change, values).rowcount == 1

    return go


def verified(sequenced: Sequencing, reader_url: str) -> Verdict:
    sequenced()
    return verify("db", reader_url, *at_its_word(sequenced.signer.vkey))


@pytest.mark.parametrize(
    ("stream", "kind"),
    [(None, "agency.registered"), (None, "catalogue.loaded"), (versions.STREAM, "agency.registered")],
)
def test_what_another_stream_or_kind_says_of_a_catalogue_is_nobodys_word(
    sequenced: Sequencing, reader_url: str, edit: Edit, stream: UUID | None, kind: str
) -> None:
    sequenced()
    assert verified(sequenced, reader_url).exit == 0
    forge(stream=stream or uuid4(), kind=kind, state=FORGED)
    edit(
        "UPDATE casefiles_catalogueversion SET digest = %s, content = %s, loaded_at = %s", FORGED["digest"], b"{}", NOW
    )
    said = verified(sequenced, reader_url)
    for column in ("digest", "content", "loaded_at"):
        assert said.named(table=CATALOGUES, column=column, row=VERSION)


def test_a_catalogue_that_is_told_anew_is_the_one_told_first(
    sequenced: Sequencing, reader_url: str, edit: Edit
) -> None:
    sequenced()
    forge(stream=versions.STREAM, kind="catalogue.loaded", state=FORGED)
    said = verified(sequenced, reader_url)
    assert said.exit == 1
    assert said.named(code="told-twice", table=CATALOGUES, row=VERSION)
    edit("UPDATE casefiles_catalogueversion SET digest = %s, content = %s", FORGED["digest"], b"{}")
    assert verified(sequenced, reader_url).named(table=CATALOGUES, column="content")


@pytest.mark.parametrize(
    ("stream", "kind", "code"),
    [(None, "calendar.amended", "calendar-differs"), (calendar.STREAM, "calendar.amended", "told-twice")],
)
def test_a_calendar_whose_digest_is_forged_is_named(
    sequenced: Sequencing, reader_url: str, edit: Edit, stream: UUID | None, kind: str, code: str
) -> None:
    sequenced()
    day = CalendarDay.objects.order_by("pk").first()
    assert day is not None
    edit("UPDATE agencies_calendarday SET name_id = 'Hari kerja' WHERE id = %s", day.pk)
    rows = CalendarDay.objects.filter(version=day.version)
    days = sorted([row.date.isoformat(), row.kind, row.name_id, row.source, row.decree] for row in rows)
    state = {"version": day.version, "days": len(days), "sha256": sha256(ledger.canonical(days)).hexdigest()}
    forge(stream=stream or uuid4(), kind=kind, state=state)
    said = verified(sequenced, reader_url)
    assert said.named(code=code, table=DAYS, row=day.version)
    assert said.named(code="calendar-differs", table=DAYS, row=day.version)


def test_an_opening_of_another_shape_stops_nothing(sequenced: Sequencing, reader_url: str) -> None:
    """As where a list stands instead of an object."""
    sequenced()
    forge(stream=versions.STREAM, kind="catalogue.loaded", state=["lists", "digest"])  # type: ignore[arg-type]
    assert verified(sequenced, reader_url).exit == 0


def test_a_moment_that_no_calendar_has_is_named(sequenced: Sequencing, reader_url: str, edit: Edit) -> None:
    sequenced()
    edit("UPDATE casefiles_catalogueversion SET loaded_at = 'infinity'")
    said = verified(sequenced, reader_url)
    assert said.exit == 1
    assert said.named(code="value-unreadable")


def test_the_moment_of_a_load_is_that_of_its_entry(sequenced: Sequencing, reader_url: str, edit: Edit) -> None:
    sequenced()
    edit("UPDATE casefiles_catalogueversion SET loaded_at = %s", datetime.fromisoformat("2024-01-01T00:00:00+00:00"))
    assert verified(sequenced, reader_url).named(table=CATALOGUES, column="loaded_at")
