from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.witness import home
from tests.audit.witness.logs import NAME, Log, Running, running


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def directory(tmp_path: Path, log: Log) -> Path:
    """A new witness that trusts the log."""
    home.begin(tmp_path / "w1", name=NAME, logs=[log.signer.vkey], now=1_700_000_000)
    return tmp_path / "w1"


@pytest.fixture
def witness(directory: Path) -> Iterator[Running]:
    """That witness, answering."""
    with running(directory) as started:
        yield started
