"""A backup from before an erasure does not bring the person back: the orders that were kept are carried out again."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from casefiles import register_time
from casefiles.flow import State
from casefiles.models import Payload
from casefiles.operations import erasers, erasure
from casefiles.operations.erasers import Order
from tests import factories
from tests.callers import as_owner
from tests.casefiles.operations.test_erasure import KEYS, line, signed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def order_of(casefile: UUID, *, days_ago: int) -> Order:
    """An order that two persons signed so long ago."""
    now = register_time.now().replace(microsecond=0) - timedelta(days=days_ago)
    made = erasure.order(
        casefile=str(casefile), reason="court_order", basis="Putusan 7/2026", origin=settings.LINTAS_LOG_ORIGIN, now=now
    )
    return signed(made)


def typed(*words: str) -> str:
    """What the command says, typed by the owner."""
    out = StringIO()
    with as_owner():
        call_command("erase", *words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for orders, and the file of who may erase."""
    folder = tmp_path / "erasures"
    folder.mkdir()
    (tmp_path / "erasers").write_text("\n".join(line(name, KEYS[name]) for name in ("arsip-1", "hukum-2")))
    monkeypatch.setenv("LINTAS_ERASURES_DIR", str(folder))
    monkeypatch.setenv("LINTAS_ERASERS_FILE", str(tmp_path / "erasers"))
    return folder


def has_content(casefile: UUID) -> bool:
    """Whether something of the officer is still there."""
    return Payload.objects.filter(casefile=casefile, erased_at__isnull=True, seq__gte=1).exists()


def test_an_order_is_kept_with_the_erasure_and_carried_out_again_after_a_restore(kept_in: Path, tmp_path: Path) -> None:
    performed, restored = (factories.casefile_at(State.CLOSED, through=("reject",)).casefile for _ in range(2))
    file = tmp_path / "order.json"
    file.write_text(json.dumps(order_of(performed, days_ago=1).plain()))
    typed("perform", str(file))
    (kept,) = kept_in.iterdir()
    assert erasers.read_order(kept.read_text()) == erasers.read_order(file.read_text())

    # As after a restore: the order was performed long ago, its term is over, and the content is here.
    late = order_of(restored, days_ago=30)
    (kept_in / f"{late.id}.json").write_text(json.dumps(late.plain()))
    file.write_text(json.dumps(late.plain()))
    with pytest.raises(CommandError, match="expired"):
        typed("perform", str(file))
    assert sorted(path.suffix for path in kept_in.iterdir()) == [".json", ".json"], (
        "a refused order is not kept as begun"
    )
    said = typed("again", str(kept_in))
    assert "erased already" in said
    assert "its content" in said
    assert not has_content(restored)
    assert typed("again", str(kept_in)).count("erased already") == 2


def test_what_cannot_be_carried_out_again_is_told(kept_in: Path, tmp_path: Path) -> None:
    open_case = factories.casefile_at(State.CLOSED, through=("reject",))
    forged = order_of(open_case.casefile, days_ago=30).plain() | {"reason": "mistaken_identity"}
    (kept_in / "forged.json").write_text(json.dumps(forged))
    (kept_in / "x.json.begun").write_text("{}")
    with pytest.raises(CommandError, match="2 orders are not carried out"):
        typed("again", str(kept_in))
    assert has_content(open_case.casefile)
    with pytest.raises(CommandError, match="is no folder"):
        typed("again", str(tmp_path / "none"))
