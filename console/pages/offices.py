"""Instansi: one office, its cases, how late it answers, and how its systems are doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import queries as directory
from agencies import regions
from agencies.actor import Actor
from agencies.models import Agency
from agencies.systems import System, systems_of
from audit import reading
from audit.models import Access
from casefiles.catalogue.law import local_day
from casefiles.errors import NotYourOffice, TooManyRows
from casefiles.sight import offices, register_gaps, silent
from casefiles.sight.offices import Office
from casefiles.sight.register_gaps import Gaps, GapsAsked
from casefiles.sight.silent import SPEAKS, SilentFilters
from casefiles.sight.waiting import SOON
from console import telling, words
from console.http import PageRequest
from console.pages.asking import AddressForm
from console.pages.overview import Figure, to_list
from delivery.health import Tried, WebhookHealth, webhooks_of
from people import persons

MOST: Final = 50
"""Offices that the list shows."""
KEY_ENDS_SOON: Final = timedelta(days=30)


class OfficesForm(AddressForm):
    """Which offices."""

    q = forms.CharField(label=gettext_lazy("Nama atau kode"), required=False, max_length=80)


@dataclass(frozen=True, slots=True)
class Listed:
    """An office in the list; `ending` says until when it takes part, empty where no end is known."""

    code: str
    name: str
    roles: str
    place: str
    ending: str


@dataclass(frozen=True, slots=True)
class Key:
    """A system: its id, whether it may call, and what is to be said of its keys."""

    client_id: str
    said: str
    signal: str


@dataclass(frozen=True, slots=True)
class Hook:
    """A subscription: whose, where, how it is; `behind` are entries of the log that it was not told yet."""

    client_id: str
    host: str
    status: str
    is_well: bool
    failing_since: str
    behind: int
    last: str
    failed: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Of what an office has said nothing since when; `is_first` where it never has. `overdue` waits for it."""

    what: str
    since: str
    weeks: int
    is_first: bool
    overdue: int


def show(request: HttpRequest) -> HttpResponse:
    """The list of offices. Who takes part is public among the parties, so no read is recorded."""
    page = cast("PageRequest", request)
    form = OfficesForm(request.GET, auto_id="instansi_%s", use_required_attribute=False)
    if not form.is_valid():
        return render(request, "console/offices.html", {"form": form, "refused": True}, status=400)
    asked = dict.fromkeys(("role", "level", "region", "parent", "in_force_on"))
    found = list(directory.agencies(**asked, q=form.cleaned_data["q"] or None).order_by("name", "code")[: MOST + 1])
    rows = [Listed(row.code, row.name, _roles(row), _place(row), _ending(page, row)) for row in found[:MOST]]
    return render(
        request, "console/offices.html", {"form": form, "rows": rows, "has_more": len(found) > MOST, "most": MOST}
    )


def one(request: HttpRequest, code: str) -> HttpResponse:
    """One office. It shows numbers and no casefile, so no read is recorded; 404 for a code that nobody has."""
    page = cast("PageRequest", request)
    agency = Agency.objects.select_related("parent").filter(code=code).first()
    if agency is None:
        raise Http404
    found = offices.office(page.actor, agency.pk, now=page.now)
    said = {
        "office": agency,
        "roles": _roles(agency),
        "level": _level(agency),
        "since": telling.day(agency.valid_from),
        "ending": _ending(page, agency),
        "former_names": [(old["name"], telling.day(old["until"])) for old in agency.former_names],
        "heirs": _heirs(agency),
        "heir_of": _heir_of(agency),
        "figures": _figures(agency.code, found),
        "parties": [
            Figure(str(words.PARTIES[party]), number, to_list(**{party: agency.code}))
            for party, number in found.as_party.items()
        ],
        "answers": found.answers,
        "days_late": None if found.answers.days_late is None else round(found.answers.days_late, 1),
        "last_answer": telling.instant(found.answers.last_at),
        "zero_reports": [_zero_report(row) for row in offices.zero_reports(page.actor, agency.pk, now=page.now)],
        "silences": _silences(page, agency),
        "gaps": _gaps(page, agency),
        "may_know_systems": may_know_systems(page.actor, agency),
    }
    if said["may_know_systems"]:
        said |= _integration(page, agency, last_answer=found.answers.last_at)
    return render(request, "console/office.html", said)


def may_know_systems(actor: Actor, agency: Agency) -> bool:
    """How an office's systems are doing is for itself, for whoever is above it, for auditors and the operator."""
    its_own = actor.agency_id == agency.pk or actor.agency_id in agency.above
    return its_own or actor.is_auditor or "operator" in actor.roles


# -- parts -------------------------------------------------------------------------------------------------------------


def _roles(agency: Agency) -> str:
    return ", ".join(words.code("agency_roles", role) for role in agency.roles)


def _place(agency: Agency) -> str:
    region = regions.listed(agency.region) if agency.region else None
    return words.spelt(region.name) if region else ""


def _level(agency: Agency) -> str:
    """Level and place; "kota, Kota Padang" would say one thing twice."""
    level, place = words.code("agency_levels", agency.level), _place(agency)
    if place.casefold().startswith(f"{level} ".casefold()):
        return place
    return ", ".join(filter(None, (level, place)))


def _ending(page: PageRequest, agency: Agency) -> str:
    """That it has ended, or will, and on which day."""
    if agency.valid_until is None:
        return ""
    day = telling.day(agency.valid_until)
    if agency.valid_until <= local_day(page.now, agency.time_zone):
        return _("sudah berakhir pada %(day)s") % {"day": day}
    return _("akan berakhir pada %(day)s") % {"day": day}


def _heirs(agency: Agency) -> list[tuple[str, str, str, str]]:
    """Who took over its work or a part of it: code, name, how and on which day."""
    names = directory.names({heir["agency"] for heir in agency.heirs}) if agency.heirs else {}
    return [(heir["agency"], names.get(heir["agency"], heir["agency"]), *_succeeded(heir)) for heir in agency.heirs]


def _heir_of(agency: Agency) -> list[tuple[str, str, str, str]]:
    """Whose work it took over: code, name, how and on which day."""
    return [
        (row.code, row.name, *_succeeded(heir))
        for row in directory.predecessors(agency.code)
        for heir in row.heirs
        if heir["agency"] == agency.code
    ]


def _succeeded(heir: Mapping[str, str]) -> tuple[str, str]:
    kind = words.SUCCESSIONS.get(heir["kind"])
    return heir["kind"] if kind is None else str(kind), telling.day(heir["on"])


def _figures(code: str, found: Office) -> list[Figure]:
    return [
        Figure(_("Menunggu instansi ini"), found.waiting, to_list(turn=code, open=1)),
        Figure(
            _("Lewat tenggat"), found.late, to_list(turn=code, late_from=1, order="due"), "late" if found.late else ""
        ),
        Figure(
            _("Jatuh tempo dalam 7 hari"),
            found.soon,
            to_list(turn=code, due_within=SOON, order="due"),
            "soon" if found.soon else "",
        ),
    ]


def _zero_report(row: offices.Nothing) -> tuple[str, str, str, str, str]:
    what = {"findings": _("tidak ada temuan"), "sanctions": _("tidak ada hukuman")}[row.subject]
    election = words.code("elections", row.election) if row.election else _("semua")
    days = _("%(first)s sampai %(last)s") % {"first": telling.day(row.first), "last": telling.day(row.last)}
    return days, what, election, telling.instant(row.reported_at), telling.instant(row.withdrawn_at)


def _silences(page: PageRequest, agency: Agency) -> list[Silence]:
    """How long the office has said nothing of what its roles report of, as far as the reader may know."""
    today = local_day(page.now, page.actor.time_zone)
    told = []
    for subject, role in SPEAKS.items():
        if role not in agency.roles:
            continue
        asked = SilentFilters(subject=subject, agency=agency.code)
        what = {"findings": _("temuan"), "sanctions": _("hukuman")}[subject]
        told += [
            Silence(
                what=what,
                since=telling.day(row.silent_since),
                weeks=silent.weeks_silent(row.silent_since, on=today),
                is_first=row.acted_on is None and row.reported_until is None,
                overdue=row.overdue,
            )
            for row in silent.silent_seen(page.actor, asked, now=page.now)
        ]
    return told


def _gaps(page: PageRequest, agency: Agency) -> Gaps | None:
    """The numbers that the office's register skips; None where it keeps none, or the reader may not know."""
    if "election_supervisor" not in agency.roles:
        return None
    today = local_day(page.now, page.actor.time_zone)
    try:
        return register_gaps.gaps(page.actor, agency.code, GapsAsked(), on=today)
    except (NotYourOffice, TooManyRows):
        return None


def _integration(page: PageRequest, agency: Agency, *, last_answer: datetime | None) -> dict[str, Any]:
    """What only those may know who `may_know_systems`."""
    calls = Access.objects.filter(agency=agency.pk).exclude(client__startswith=persons.CLIENT).order_by("-at")
    last = calls.values_list("at", "client", "route").first()
    heard = max((moment for moment in (last[0] if last else None, last_answer) if moment), default=None)
    size = reading.size()
    hooks = [_hook(hook, size=size) for hook in webhooks_of(agency.pk)]
    silent = (
        None
        if heard is None
        else (local_day(page.now, page.actor.time_zone) - local_day(heard, page.actor.time_zone)).days
    )
    return {
        "last_call": {"at": telling.instant(last[0]), "client": last[1], "route": last[2]} if last else None,
        "silent_days": silent,
        "systems": [_key(system, now=page.wall) for system in systems_of(agency.pk, now=page.wall)],
        "hooks": hooks,
    }


def _key(system: System, *, now: datetime) -> Key:
    if not system.active:
        return Key(system.client_id, _("ditutup"), "")
    if not system.keys:
        return Key(system.client_id, _("tidak punya kunci yang berlaku"), "late")
    if system.until is None:
        return Key(system.client_id, _("kunci berlaku tanpa batas waktu"), "on-time")
    until = _("kuncinya berlaku sampai %(moment)s") % {"moment": telling.instant(system.until)}
    return Key(system.client_id, until, "soon" if system.until - now < KEY_ENDS_SOON else "on-time")


def _hook(hook: WebhookHealth, *, size: int) -> Hook:
    return Hook(
        client_id=hook.client,
        host=hook.host,
        status=str(words.WEBHOOK_STATUSES[hook.status]),
        is_well=hook.status == "active" and hook.failing_since is None,
        failing_since=telling.instant(hook.failing_since),
        behind=max(size - 1 - hook.cursor, 0),
        last=_tried(hook.last),
        failed=_tried(hook.failed),
    )


def _tried(tried: Tried | None) -> str:
    if tried is None:
        return ""
    status = f" {tried.status}" if tried.status else ""
    return f"{telling.instant(tried.at)}: {tried.outcome}{status}"


def to_office(code: str) -> str:
    """The page of the office of that code."""
    return reverse("office", args=[code])
