"""The outermost layer of the console: one reading of the clock, an id for the request, strict hosts, plain refusals."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agencies.actor import Actor
from casefiles import register_time
from people.models import Person


class PageRequest(HttpRequest):
    """A request of somebody who signed in: what the middlewares noted of it.

    `now` is the register's time, `wall` the real one, by which people sign in and systems' keys end.
    """

    now: datetime
    wall: datetime
    request_id: uuid.UUID
    person: Person
    actor: Actor
    purpose: str


class DoorMiddleware:
    """First in `MIDDLEWARE`. What the server found wrong before Django (`config.asgi`) is refused here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note time and id, refuse what cannot be a request of ours, and dress the answer."""
        request.wall = timezone.now()  # type: ignore[attr-defined]  # PageRequest
        request.now = request.wall + register_time.ahead()  # type: ignore[attr-defined]
        request.request_id = uuid.uuid4()  # type: ignore[attr-defined]
        if (refused := _refused(request)) is not None:
            return refused
        response = self.get_response(request)
        response.headers["X-Request-Id"] = str(request.request_id)  # type: ignore[attr-defined]
        # What shows persons stays in no cache; WhiteNoise, below us, answers for the files that may, and so do the
        # public pages (console/public/middleware.py).
        if not request.path.startswith(settings.STATIC_URL) and not getattr(request, "is_public", False):
            response.headers["Cache-Control"] = "no-store"
        return response


FORM_AT_MOST: Final = 1024 * 1024
PAPER_AT_MOST: Final = 51 * 1024 * 1024
"""Bytes of a form, and of one with a file; the server (`config.asgi`) reads as many."""
_TOO_LARGE: Final = """<!DOCTYPE html>
<html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Terlalu besar · Lintas</title>
<h1>Yang dikirim terlalu besar</h1>
<p>Berkas di halaman ini paling besar {most} MB. Tidak ada yang tercatat. Tekan tombol Kembali peramban, lalu pilih
berkas yang lebih kecil: pindai dengan 150 titik per inci, hitam putih.</p>
<div lang="en"><h2>What was sent is too large</h2>
<p>A file on this page has {most} MB at most. Nothing was recorded. Press the browser's Back button, and choose a
smaller file: scan it at 150 dots per inch, in black and white.</p></div></html>
"""


def _refused(request: HttpRequest) -> HttpResponse | None:
    fault = request.META.get("lintas.fault")
    if fault is not None and (fault != "body-not-expected" or request.method in {"GET", "HEAD"}):
        status = {"request-timeout": 408, "too-many-at-once": 503, "unknown-route": 404}.get(
            fault.partition(":")[0], 400
        )
        return HttpResponse(f"{fault}\n", status=status, content_type="text/plain")
    # The server reads no more of a body than this, and what is cut off says nothing.
    most = PAPER_AT_MOST if request.path.endswith("/dokumen") else FORM_AT_MOST
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > most:
        return HttpResponse(_TOO_LARGE.format(most=50 if most == PAPER_AT_MOST else 1), status=413)
    try:
        request.get_host()
    except DisallowedHost:
        return HttpResponse("unknown-host\n", status=400, content_type="text/plain")
    return None


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. The server has asked our own proxies (`config.asgi`), and believes nobody else."""
    said = request.META.get("REMOTE_ADDR", "")
    try:
        parsed = ipaddress.ip_address(said)
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - stands for an address that cannot be read, listens nowhere
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        # Whoever holds an address of version 6 holds the whole network behind it.
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
