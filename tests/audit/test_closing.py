"""The end of the log's name: what must be so before, and what is said where it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError
from django.db import connection, transaction
from pytest_django import Settings

from audit import closing, log, sequencer
from audit.tlog.notes import Signer
from tests.audit.running import SignIn, by_the_owner, pem, written
from tests.callers import as_owner
from tests.drills.bare_entries import append
from tests.sequencing import Sequencing, as_sequencer, log_signer, witness

pytestmark = pytest.mark.django_db(transaction=True)

NEXT = "lintas.localhost/log/2"


@pytest.fixture
def opened(transactional_db: None) -> Sequencing:
    """A log that was just opened, on an empty database."""
    return Sequencing()


def to_be_named(settings: Settings, folder: Path, origin: str = NEXT) -> Signer:
    """The settings of the next name, with its key."""
    signer = log_signer(origin)
    settings.LINTAS_LOG_ORIGIN = origin
    settings.LINTAS_LOG_KEY_FILE = pem(signer, folder / f"{origin.rpartition('/')[2]}.pem")
    return signer


def refused(**options: Any) -> str:
    with pytest.raises(CommandError) as why:
        by_the_owner("close_log", reason="the end of a year", **options)
    return str(why.value)


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT convert_from(body, 'UTF8')::json ->> 'kind' FROM audit_entry WHERE stream = %s ORDER BY seq",
            [log.STREAM],
        )
        return [kind for (kind,) in cursor.fetchall()]


def test_what_stands_in_the_way_is_named_all_of_it_and_nothing_changes(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path
) -> None:
    first = settings.LINTAS_LOG_ORIGIN
    assert "set LINTAS_LOG_ORIGIN to its next name" in refused_as(settings, tmp_path, opened.signer)
    to_be_named(settings, tmp_path)
    told = refused(dry_run=True)
    assert "1 entries wait for their place" in told
    assert "Nothing was signed yet" in told
    opened.grow()
    assert "Nothing was signed yet" in refused()
    opened.sign()
    written(sign_in, 2)
    opened.grow()
    assert "The newest checkpoint has 1 leaves and the tree 3" in refused()
    opened.sign()
    outside = witness("outside.example/w1")
    settings.LINTAS_WITNESS_POLICY_FILE = tmp_path / "policy"
    settings.LINTAS_WITNESS_POLICY_FILE.write_text(f"witness outside {outside.vkey} http://x.example\nquorum outside\n")
    assert "(3 leaves) lacks its quorum of witnesses" in refused()
    with as_sequencer():
        sequencer.refuse("witness w has seen 9 leaves, and here are 3")
    assert "The tree was refused: witness w has seen 9 leaves" in refused()
    with as_sequencer():
        sequencer.refuse("")
    opened.cosign(outside)
    active = sign_in("sequencer")
    active.execute("SELECT pg_advisory_lock(%s)", [sequencer.LOCK])
    assert refused().splitlines()[1:] == ["A sequencer is active: stop it last, when nothing else is named here."]
    active.close()
    assert kinds() == ["log.opened"]
    told = by_the_owner("close_log", reason="the end of a year", dry_run=True)
    assert f"This would be final:\n{first}\n3\n" in told
    assert told.startswith(f"Next log key: {NEXT}+")
    assert kinds() == ["log.opened"]


def refused_as(settings: Settings, folder: Path, signer: Signer) -> str:
    settings.LINTAS_LOG_KEY_FILE = pem(signer, folder / "first.pem")
    return refused()


def test_whoever_still_writes_is_waited_for_and_then_named(
    opened: Sequencing, sign_in: SignIn, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    to_be_named(settings, tmp_path)
    monkeypatch.setattr(closing, "WAITS_S", 0.2)
    web = sign_in("web")
    with web.transaction():
        append(web, stream=uuid4())
        assert "Something has been writing for 0.2 s" in refused()


def test_a_name_is_used_once(opened: Sequencing, settings: Settings, tmp_path: Path) -> None:
    """Closed twice, under the same name or an earlier one: the second says so."""
    first = opened.signer
    opened()
    to_be_named(settings, tmp_path)
    by_the_owner("close_log", reason="the end of a year")
    assert kinds() == ["log.opened", "log.continued"]
    told = refused()
    assert "The log is lintas.localhost/log/2 already" in told
    assert "1 entries wait for their place" in told
    settings.LINTAS_LOG_ORIGIN, settings.LINTAS_LOG_KEY_FILE = first.name, pem(first, tmp_path / "first.pem")
    assert f"{first.name} was this log's name before" in refused()
    with as_owner(), transaction.atomic(), pytest.raises(log.LogRefused, match="a name is used once"):
        log.fork(
            origin=first.name, log_key=first.vkey, reason="x", old_checkpoint=closing.final(), lost_checkpoint=None,
            now=datetime.now(UTC),
        )  # fmt: skip
    with as_sequencer(), pytest.raises(sequencer.CannotSequence, match="LINTAS_LOG_ORIGIN says"):
        sequencer.checkpoint(first)
