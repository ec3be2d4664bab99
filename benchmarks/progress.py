"""What a run says while it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what goes on, and how long it took."""
    began = time.monotonic()
    print(f"  {title} ...", flush=True)
    yield
    print(f"  {title}: {time.monotonic() - began:.0f} s", flush=True)
