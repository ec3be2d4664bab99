"""Orang: an agency's manager invites its people and resets a lost second factor; each is an entry of the log."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from console import telling, words
from console.http import PageRequest
from console.sign_in.again import proved
from people import persons
from people.models import Person
from people.persons import Invited, PersonRefused


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
    """The agency's people; a POST invites somebody, or gives somebody a new link. The link is shown once."""
    page = cast("PageRequest", request)
    if page.person.role != "manager":
        raise PermissionDenied
    again = request.POST.get("again", "")
    form = InviteForm(request.POST if request.method == "POST" and not again else None, auto_id="undang_%s")
    said: dict[str, Any] = {"form": form}
    try:
        if again:
            said["invited"] = _told(_reset(page, again))
        elif form.is_bound and form.is_valid():
            given = form.cleaned_data
            said["invited"] = _told(
                persons.invite(
                    agency=page.actor.agency_code,
                    email=given["email"],
                    name=given["name"],
                    role=given["role"],
                    now=page.now,
                    by=page.person,
                )
            )
            said["form"] = InviteForm(auto_id="undang_%s")
    except PersonRefused as refused:
        english = words.is_english()
        said["reasons"] = [reason.partition(" / ")[2 if english else 0] for reason in refused.reasons]
    is_refused = "reasons" in said or (form.is_bound and bool(form.errors))
    rows = [_row(one, own=page.person) for one in persons.colleagues(page.person)]
    return render(request, "console/people.html", said | {"people": rows}, status=400 if is_refused else 200)


def _reset(page: PageRequest, ident: str) -> Invited:
    for one in persons.colleagues(page.person):
        if str(one.id) == ident and one.ended_at is None:
            return persons.invite_again(email=one.email, now=page.now, by=page.person)
    raise PersonRefused("Orang itu bukan dari instansi Anda / That person is not of your agency.")


def _told(invited: Invited) -> dict[str, str]:
    return {
        "link": f"{settings.LINTAS_CONSOLE_BASE_URL}/undangan/{invited.token}",
        "until": telling.instant(invited.expires_at),
    }


def _row(person: Person, *, own: Person) -> dict[str, Any]:
    present = _("aktif") if person.password else _("diundang")
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "role": words.ROLES[person.role],
        "state": present if person.ended_at is None else _("berakhir"),
        "may_reset": person.ended_at is None and person.role != "manager" and person.pk != own.pk,
    }
