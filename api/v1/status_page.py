"""`/status`: how the register is now, and what went wrong lately, for everybody; no secret, nobody's name.

What went wrong stands in a file that the operator writes (`LINTAS_INCIDENTS_FILE`), newest first:

    - since: 2026-11-20T09:10:00+07:00
      until: 2026-11-20T09:40:00+07:00        # not there while it lasts
      id: Pencatatan tertunda; tidak ada yang hilang.
      en: Writes were delayed; nothing was lost.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import formats, translation
from django.views.decorators.http import require_safe

from api.http.language import preferred
from audit import status

logger = logging.getLogger("lintas.status")
FILE: Final = "LINTAS_INCIDENTS_FILE"
SHOWN: Final = 20
"""Incidents that are shown."""
SECONDS: Final = 30
"""For how long anybody may keep an answer."""
ZONE: Final = ZoneInfo("Asia/Jakarta")
"""In which times are told to people; the abbreviation is WIB."""
NOW: Final = {
    "accepting": ("Berjalan: semua diterima", "Running: everything is accepted"),
    "reading": ("Hanya dapat dibaca: pencatatan dijeda", "Reading only: writes are paused"),
    "down": ("Terganggu: basis data tidak terjangkau", "Disturbed: the database is out of reach"),
}


@dataclass(frozen=True, slots=True)
class Incident:
    """What went wrong, since when and until when (None while it lasts), in both languages."""

    since: datetime
    until: datetime | None
    indonesian: str
    english: str


class BadIncidents(Exception):
    """The file of incidents cannot be read; the message says where."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page, or the same as JSON for who asks for `application/json`."""
    state = _now()
    try:
        incidents = incidents_in(os.environ.get(FILE, ""))
    except BadIncidents as why:
        # The operator is told; a stranger hears nothing of our files.
        logger.error("incidents are not told: %s", why)
        incidents = ()
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response: HttpResponse = JsonResponse({"now": state, "incidents": [_plain(one) for one in incidents]})
    else:
        first = "en" if preferred(request.headers.get("Accept-Language", "")) == "en" else "id"
        sides = [_side(state, incidents, language) for language in sorted(("id", "en"), key=lambda one: one != first)]
        response = render(request, "api/status.html", {"first": first, "sides": sides})
        response["Content-Language"] = "id, en"
    response["Cache-Control"] = f"public, max-age={SECONDS}"
    response["Vary"] = "Accept, Accept-Language"
    return response


def _now() -> str:
    try:
        pulse = status.health().pulse
    except DatabaseError:
        return "down"
    return "reading" if pulse is None or pulse.paused() else "accepting"


def incidents_in(name: str) -> tuple[Incident, ...]:
    """The newest incidents of the file of that name; none without a name. Raises `BadIncidents`."""
    if not name:
        return ()
    try:
        path = Path(name)
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as why:
        raise BadIncidents(f"{name}: {why}") from why


@lru_cache(maxsize=2)
def _read(path: Path, changed_at: int) -> tuple[Incident, ...]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    found = [
        Incident(
            since=_instant(row["since"]),
            until=_instant(row["until"]) if row.get("until") else None,
            indonesian=str(row["id"]),
            english=str(row["en"]),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one.since, reverse=True)[:SHOWN])


def _instant(value: object) -> datetime:
    read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if read.tzinfo is None:
        raise ValueError(f"{value} has no offset, as in 2026-11-20T09:10:00+07:00")
    return read.astimezone(UTC)


def _plain(incident: Incident) -> dict[str, Any]:
    return {
        "since": incident.since,
        "until": incident.until,
        "id": incident.indonesian,
        "en": incident.english,
    }


def _side(state: str, incidents: tuple[Incident, ...], language: str) -> dict[str, Any]:
    at = ("id", "en").index(language)
    return {
        "language": language,
        "title": ("Keadaan Lintas", "How Lintas is doing")[at],
        "now": NOW[state][at],
        "heading": ("Gangguan terakhir", "Latest incidents")[at],
        "none": ("Belum ada gangguan yang dicatat.", "No incident is on record.")[at],
        "incidents": [(_period(one, language), (one.indonesian, one.english)[at]) for one in incidents],
    }


def _period(incident: Incident, language: str) -> str:
    """`20 November 2026 pukul 09.10 WIB sampai 09.40 WIB`; the second day is told where it is another."""
    at = ("id", "en").index(language)
    since = incident.since.astimezone(ZONE)
    if incident.until is None:
        return ("Sejak {}, masih berlangsung", "Since {}, not over yet")[at].format(_told(since, language))
    until = incident.until.astimezone(ZONE)
    end = _time(until, language) if until.date() == since.date() else _told(until, language)
    return ("{} sampai {}", "{} to {}")[at].format(_told(since, language), end)


def _told(moment: datetime, language: str) -> str:
    with translation.override(language):
        day = formats.date_format(moment, "j F Y")
    return f"{day} {('pukul', 'at')[language == 'en']} {_time(moment, language)}"


def _time(moment: datetime, language: str) -> str:
    return f"{moment:%H:%M} WIB" if language == "en" else f"{moment:%H.%M} WIB"
