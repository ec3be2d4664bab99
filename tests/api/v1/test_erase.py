"""`manage.py erase`: from an order to the erasure, with files and refusals as a person at a desk meets them."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from casefiles.flow import State
from casefiles.models import Payload
from tests.callers import as_owner
from tests.factories import Story, casefile_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


@pytest.fixture
def closed() -> Story:
    """A closed casefile."""
    return casefile_at(State.CLOSED, through=("reject",))


def run(*words: object) -> str:
    out = StringIO()
    call_command("erase", *map(str, words), stdout=out)
    return out.getvalue()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with two persons' keys and the erasers' file, and the owner's role."""
    listed = [run("draw-key", "--name", name, "--out", tmp_path / f"{name}.pem") for name in ("arsip-1", "hukum-2")]
    (tmp_path / "erasers").write_text("".join(listed))
    monkeypatch.setenv("LINTAS_ERASERS_FILE", str(tmp_path / "erasers"))
    with as_owner():
        yield tmp_path


def test_the_command_goes_from_order_to_erasure(closed: Story, desk: Path) -> None:
    number, order = closed.row.number, desk / "order.json"
    asked = ("order", "--casefile", number, "--reason", "court_order", "--basis", "Putusan 1/2026", "--out", order)
    assert number in run(*asked)
    with pytest.raises(CommandError, match="exists"):
        run(*asked)
    with pytest.raises(CommandError, match=r"two-persons.*Nothing was changed"):
        run("perform", order)
    for name in ("arsip-1", "hukum-2"):
        assert "Putusan 1/2026" in run("sign", order, "--name", name, "--key", desk / f"{name}.pem")
    assert f"erased {number} up to version 2" in run("perform", order)
    assert Payload.objects.filter(casefile=closed.casefile, facts__isnull=False).count() == 0
    with pytest.raises(CommandError, match="already erased"):
        run("perform", order)


def test_the_command_says_what_it_misses(closed: Story, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = desk / "order.json"
    with pytest.raises(CommandError, match="no casefile of that number"):
        run("order", "--casefile", "LTS/1999/000001", "--reason", "court_order", "--basis", "x", "--out", order)
    with pytest.raises(CommandError, match="No such file"):
        run("perform", order)
    run("order", "--casefile", closed.casefile, "--reason", "court_order", "--basis", "x", "--out", order)
    with pytest.raises(CommandError, match="holds no unencrypted private key"):
        run("sign", order, "--name", "arsip-1", "--key", order)
    with pytest.raises(CommandError, match="exists"):
        run("draw-key", "--name", "arsip-1", "--out", desk / "arsip-1.pem")
    assert (desk / "arsip-1.pem").stat().st_mode & 0o077 == 0
    monkeypatch.delenv("LINTAS_ERASERS_FILE")
    with pytest.raises(CommandError, match="LINTAS_ERASERS_FILE is not set"):
        run("perform", order)
