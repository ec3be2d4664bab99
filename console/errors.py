"""Pages for what went wrong: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, advice: str, *, back: str = "") -> HttpResponse:
    if status >= 500:
        # What stands around a page asks the database, which may be what is broken.
        request.is_error = True  # type: ignore[attr-defined]  # console.frame
    said = {"title": title, "advice": advice, "request_id": getattr(request, "request_id", ""), "back": back}
    return render(request, "console/error.html", said, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, 400, _("Permintaan tidak dapat dibaca"), _("Kembali ke halaman tadi dan coba sekali lagi."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _page(request, 403, _("Tidak diizinkan"), _("Peran Anda tidak mencakup halaman ini."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also for what exists and is not this reader's to see."""
    return _page(
        request,
        404,
        _("Tidak ditemukan"),
        _("Halaman atau perkara itu tidak ada, atau instansi Anda tidak berhak melihatnya."),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(
        request,
        500,
        _("Ada yang salah di pihak kami"),
        _("Coba lagi sebentar lagi. Bila berulang, sampaikan nomor permintaan ini kepada operator."),
    )


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without our token: an old page, a blocked cookie, or another site's doing.

    Whoever signed in anew in another tab sends an old page of their own. Where the view keeps what was typed (`keeps`),
    it is there: only a ticket of ours, which no other site can know, is kept under.
    """
    match = request.resolver_match
    keeps = getattr(match.func, "keeps", None) if match is not None else None
    if back := keeps(request) if keeps is not None else "":
        return _page(
            request,
            403,
            _("Formulir ditolak"),
            _("Anda masuk lagi sejak formulir ini dibuka. Tidak ada yang tercatat, dan yang Anda ketik masih ada."),
            back=back,
        )
    return _page(
        request,
        403,
        _("Formulir ditolak"),
        _("Formulirnya terlalu lama terbuka, atau peramban memblokir kuki. Muat ulang halaman dan isi sekali lagi."),
    )


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Too many failures of one person from one address."""
    return _page(
        request,
        429,
        _("Terlalu banyak percobaan"),
        _("Masuk dari alamat ini ditutup selama 15 menit untuk alamat surel itu. Sesudahnya coba lagi."),
    )
