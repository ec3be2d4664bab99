"""How many requests were answered and how long they took, counted over all worker processes of one server.

Each process counts in a file of its own, mapped into memory (`LINTAS_METRICS_DIR`): no statement, no lock between
processes, and nothing is lost with a process that dies. Whoever serves `/metrics` adds the files up. A process takes
over the file of one that has ended: no number ever falls, and there are as many files as there were processes at once.

A row is a method and the template of a route; what stands in a path's place, a query or a header is in none.
"""

from __future__ import annotations

import bisect
import fcntl
import hashlib
import hmac
import logging
import mmap
import os
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger("lintas.traffic")

BOUNDS_MS: Final = (50, 100, 150, 300, 500, 1000, 2500, 10_000)
"""Upper bounds of the histogram. Those of the latency contract are among them: reads 50, 150, 300, writes 100, 300, 500
(p50, p95, p99), so that a quantile is exact where it matters."""
CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LONG: Final = frozenset(
    {
        "/api/v1/events", "/api/v1/batches", "/api/v1/documents/{document}/content",
        "/api/v1/statistics/snapshots/{snapshot}/csv",
    }
)  # fmt: skip
"""Calls that wait for somebody, or carry many acts or bytes: the latency contract does not speak of them."""
READ_BY_POST: Final = frozenset({"/api/v1/casefiles/search", "/api/v1/catalogue/classifications"})
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"
OTHER: Final = "other"
"""The route of what no route matched: unknown paths and static files."""

_KEY: Final = 184
_CELLS: Final = len(CLASSES) + 1 + len(BOUNDS_MS) + 1
"""Answers by class of status, microseconds in all, answers by bucket."""
_ROW: Final = 8 + _KEY + 8 * _CELLS
"""Bytes of a row: whether it is in use, its key, its cells."""
_ROWS: Final = 2000
_FORM: Final = hashlib.sha256(repr((BOUNDS_MS, CLASSES, _KEY, _ROWS)).encode()).digest()
"""The first bytes of a file. One of another form (of a release before) is begun anew."""
_SIZE: Final = len(_FORM) + _ROW * _ROWS

Counted = dict[tuple[str, str], list[int]]
"""The cells by method and route."""


class Traffic:
    """The counts of this process, and the sum over all in its folder. Raises OSError where the folder is closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._file = _own_file(folder)
        self._map = mmap.mmap(self._file, _SIZE)
        self._rows = {key: place for key, place, _ in _rows(self._map)}

    def note(self, method: str, route: str, *, status: int, took_s: float) -> None:
        """Count one answer."""
        cells = (
            max(1, min(5, status // 100)) - 1,
            len(CLASSES) + 1 + bisect.bisect_left(BOUNDS_MS, took_s * 1000),
        )
        with self._lock:
            place = self._place(f"{method} {route}")
            for cell in cells:
                self._add(place, cell, 1)
            self._add(place, len(CLASSES), int(took_s * 1_000_000))

    def _add(self, place: int, cell: int, more: int) -> None:
        at = place + 8 + _KEY + 8 * cell
        self._map[at : at + 8] = (int.from_bytes(self._map[at : at + 8], "little") + more).to_bytes(8, "little")

    def _place(self, key: str) -> int:
        if (known := self._rows.get(key)) is not None:
            return known
        written = key.encode()
        if len(self._rows) >= _ROWS - len(METHODS) - 1 or len(written) > _KEY:
            # Never for our routes: they are some hundreds.
            key = f"{key.partition(' ')[0]} {OTHER}"
            written = key.encode()
            if (known := self._rows.get(key)) is not None:
                return known
        place = len(_FORM) + _ROW * len(self._rows)
        # The mark comes last: who reads meanwhile sees a whole key or no row.
        self._map[place + 8 : place + 8 + len(written)] = written
        self._map[place : place + 8] = (1).to_bytes(8, "little")
        self._rows[key] = place
        return place

    def counted(self) -> Counted:
        """The sum over the files of all processes."""
        found: Counted = {}
        for path in sorted(self._folder.glob("*.counts")):
            content = path.read_bytes()
            if len(content) != _SIZE or not content.startswith(_FORM):
                continue
            for key, _, cells in _rows(content):
                method, _, route = key.partition(" ")
                before = found.setdefault((method, route), [0] * _CELLS)
                before[:] = [one + other for one, other in zip(before, cells, strict=True)]
        return found


def _rows(content: bytes | mmap.mmap) -> Iterator[tuple[str, int, list[int]]]:
    """Key, place and cells of each row in use."""
    for number in range(_ROWS):
        place = len(_FORM) + _ROW * number
        if not any(content[place : place + 8]):
            return
        key = content[place + 8 : place + 8 + _KEY].rstrip(b"\0").decode()
        cells = content[place + 8 + _KEY : place + _ROW]
        yield key, place, [int.from_bytes(cells[at : at + 8], "little") for at in range(0, len(cells), 8)]


def _own_file(folder: Path) -> int:
    """A file that no living process has, open and locked for as long as this process lives."""
    number = 0
    while True:
        file = os.open(folder / f"{number:03}.counts", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            number += 1
            continue
        if os.pread(file, len(_FORM), 0) != _FORM or os.fstat(file).st_size != _SIZE:
            os.ftruncate(file, 0)
            os.ftruncate(file, _SIZE)
            os.pwrite(file, _FORM, 0)
        return file


@cache
def of_this_process() -> Traffic | None:
    """Where this process counts; None where nobody may ask (no LINTAS_METRICS_TOKEN) or the folder cannot be had."""
    if not settings.LINTAS_METRICS_TOKEN:
        return None
    try:
        return Traffic(settings.LINTAS_METRICS_DIR)
    except OSError as why:
        logger.warning(
            "requests are not counted: LINTAS_METRICS_DIR=%s: %s. Name a folder that this process may write.",
            settings.LINTAS_METRICS_DIR,
            why.strerror,
        )
        return None


def method_of(request: HttpRequest) -> str:
    """The request's method; `OTHER` for whatever somebody invented."""
    return request.method if request.method in METHODS else OTHER.upper()


def may_ask(sent: bytes) -> bool:
    """Whether that `Authorization` header is the one of whoever may read the numbers."""
    token = settings.LINTAS_METRICS_TOKEN
    return bool(token) and hmac.compare_digest(sent, f"Bearer {token}".encode())


# -- what is told ------------------------------------------------------------------------------------------------------


def kind(method: str, route: str) -> str:
    """What the latency contract says of such a call: `read`, `write`, or nothing (`long`, `page`)."""
    if route in LONG:
        return "long"
    if not route.startswith(("/api/v1", "/oauth/")):
        return "page"
    return "read" if method in {"GET", "HEAD"} or route in READ_BY_POST else "write"


def exposition() -> str:
    """The counts in Prometheus's text format; empty where nothing is counted."""
    mine = of_this_process()
    counted = mine.counted() if mine is not None else {}
    if not counted:
        return ""
    requests = ["# HELP lintas_http_requests_total Answers by route and class of status"]
    requests.append("# TYPE lintas_http_requests_total counter")
    seconds = ["# HELP lintas_http_request_seconds From the whole request to its answer's first byte"]
    seconds.append("# TYPE lintas_http_request_seconds histogram")
    for (method, route), cells in sorted(counted.items()):
        by_class, micros, buckets = cells[: len(CLASSES)], cells[len(CLASSES)], cells[len(CLASSES) + 1 :]
        labels = f'method="{method}",route="{route}",kind="{kind(method, route)}"'
        requests += [
            f'lintas_http_requests_total{{{labels},status="{name}"}} {count}'
            for name, count in zip(CLASSES, by_class, strict=True)
            if count
        ]
        so_far = 0
        for bound, count in zip((*BOUNDS_MS, None), buckets, strict=True):
            so_far += count
            upper = "+Inf" if bound is None else f"{bound / 1000:g}"
            seconds.append(f'lintas_http_request_seconds_bucket{{{labels},le="{upper}"}} {so_far}')
        seconds.append(f"lintas_http_request_seconds_sum{{{labels}}} {micros / 1_000_000:g}")
        seconds.append(f"lintas_http_request_seconds_count{{{labels}}} {so_far}")
    return "\n".join([*requests, *seconds]) + "\n"
