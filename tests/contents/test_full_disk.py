"""A real file system that is full: what does not fit is refused, nothing of it stays, and reading goes on."""

from __future__ import annotations

import subprocess

import pytest

from tests.contents.conftest import Kept, fetched, pdf, put, registered
from tests.contents.test_contents import judged_clean, refused


def test_a_disk_of_two_megabytes_takes_what_it_holds_and_says_so(kept: Kept) -> None:
    """Where none may be mounted, `test_contents` has every write fail in turn."""
    small, large = pdf(b"y" * 200_000), pdf(b"z" * 4_000_000)
    kept.folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", kept.folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        here, document = registered(kept.owner, small), registered(kept.owner, large)
        assert put(kept.owner, here, small).status_code == 201
        judged_clean(here)
        for _ in range(3):
            assert refused(put(kept.owner, document, large)) == (507, "content-no-room")
            assert len(kept.files()) == 1
            assert fetched(kept.owner, here)[1] == small
        last = pdf(b"w" * 200_000)
        assert put(kept.owner, registered(kept.owner, last), last).status_code == 201
    finally:
        subprocess.run(["umount", kept.folder], check=True)
