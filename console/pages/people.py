"""Orang: an agency's manager invites its people, resets a lost second factor, changes a role and ends somebody.

They also decide whether each act of the agency at the desk takes two officers. Each is an entry of the log. Whoever is
to be ended is named once more before it is done: it cannot be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from console import telling, words
from console.desk.drafting import LIVES
from console.http import PageRequest
from console.sign_in.again import proved
from people import four_eyes, persons
from people.models import Person
from people.persons import Invited, PersonRefused, Reason


class InviteForm(forms.Form):
    """Whom to invite."""

    name = forms.CharField(label=gettext_lazy("Nama"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("Alamat surel"), max_length=254)
    role = forms.ChoiceField(
        label=gettext_lazy("Peran"), choices=[(role, words.ROLES[role]) for role in ("reader", "officer")]
    )


@proved
@sensitive_post_parameters()
def show(request: HttpRequest) -> HttpResponse:
    """The agency's people; a POST invites somebody, or does with one of them what its button says.

    A link is shown once. The button "end" asks first, and only "end_now" does it.
    """
    page = cast("PageRequest", request)
    if page.person.role != "manager":
        raise PermissionDenied
    act = next((name for name in ACTS if request.POST.get(name)), None)
    invites = request.method == "POST" and act is None and "four_eyes" not in request.POST
    form = InviteForm(request.POST if invites else None, auto_id="undang_%s")
    said: dict[str, Any] = {"form": form}
    try:
        if wanted := request.POST.get("four_eyes"):
            said |= _decided(page, two=wanted == "two")
        elif act is not None:
            said |= ACTS[act](page, _colleague(page, request.POST[act]))
        elif form.is_bound and form.is_valid():
            given = form.cleaned_data
            said["invited"] = _told(
                persons.invite(
                    agency=page.actor.agency_code,
                    email=given["email"],
                    name=given["name"],
                    role=given["role"],
                    now=page.wall,
                    by=page.person,
                )
            )
            said["form"] = InviteForm(auto_id="undang_%s")
    except PersonRefused as refused:
        english = words.is_english()
        said["reasons"] = [reason.english if english else reason.indonesian for reason in refused.reasons]
    is_refused = "reasons" in said or (form.is_bound and bool(form.errors))
    colleagues = persons.colleagues(page.person)
    rows = [_row(one, own=page.person) for one in colleagues]
    # One officer alone drafts what nobody may perform.
    said["officers"] = sum(one.role == "officer" and one.ended_at is None and bool(one.password) for one in colleagues)
    policy = four_eyes.policy_of(page.person.agency_id)
    said |= {"policy": policy, "since": telling.instant(policy.since) if policy else "", "days": LIVES.days}
    return render(request, "console/people.html", said | {"people": rows}, status=400 if is_refused else 200)


def _decided(page: PageRequest, *, two: bool) -> dict[str, Any]:
    four_eyes.decide(page.person, two=two, now=page.wall)
    if two:
        return {"done": _("Mulai sekarang setiap tindakan di meja dirancang satu petugas dan dicatat petugas lain.")}
    return {"done": _("Mulai sekarang satu petugas mencatat sendiri. Rancangan yang ada tetap dicatat orang lain.")}


def _colleague(page: PageRequest, ident: str) -> Person:
    for one in persons.colleagues(page.person):
        if str(one.id) == ident and one.ended_at is None:
            return one
    raise PersonRefused(Reason("Orang itu bukan dari instansi Anda.", "That person is not of your agency."))


def _reset(page: PageRequest, one: Person) -> dict[str, Any]:
    return {"invited": _told(persons.invite_again(email=one.email, now=page.wall, by=page.person))}


def _change(page: PageRequest, one: Person) -> dict[str, Any]:
    role = OTHER_ROLE.get(one.role, one.role)
    persons.change_role(email=one.email, role=role, now=page.wall, by=page.person)
    return {"done": _("%(name)s sekarang %(role)s.") % {"name": one.name, "role": words.ROLES[role]}}


def _ask_to_end(page: PageRequest, one: Person) -> dict[str, Any]:
    return {"ending": {"id": one.id, "name": one.name}}


def _end(page: PageRequest, one: Person) -> dict[str, Any]:
    persons.end(email=one.email, now=page.wall, by=page.person)
    return {"done": _("%(name)s tidak dapat masuk lagi.") % {"name": one.name}}


ACTS: Final[Mapping[str, Callable[[PageRequest, Person], dict[str, Any]]]] = {
    "again": _reset,
    "role_of": _change,
    "end": _ask_to_end,
    "end_now": _end,
}
"""What a button of a person's row does, by its name; its value is the person's id."""
OTHER_ROLE: Final[Mapping[str, str]] = {"reader": "officer", "officer": "reader"}
"""The role that a manager may give instead."""


def _told(invited: Invited) -> dict[str, str]:
    return {
        "link": f"{settings.LINTAS_CONSOLE_BASE_URL}/undangan/{invited.token}",
        "until": telling.instant(invited.expires_at),
    }


def _row(person: Person, *, own: Person) -> dict[str, Any]:
    present = _("aktif") if person.password else _("diundang")
    other = OTHER_ROLE.get(person.role)
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": words.ROLES[person.role],
        "state": present if person.ended_at is None else _("berakhir"),
        "other_role": words.ROLES[other] if other else "",
        "is_theirs": person.ended_at is None and person.role != "manager" and person.pk != own.pk,
    }
