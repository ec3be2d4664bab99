"""Saved views: filters of the list that a person keeps under a name. They change nothing but that person's own list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.turns import one_at_a_time
from casefiles import personal_numbers
from console.http import PageRequest
from console.pages.filters import FilterForm
from people.models import Person, SavedView

MOST: Final = 20
LONGEST: Final = 2_000


def of(person: Person) -> Sequence[SavedView]:
    """Their views, by name, in one statement."""
    return list(SavedView.objects.filter(person=person).order_by("name")[:MOST])


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep those filters under that name, and show them; what cannot be kept is told."""
    page = cast("PageRequest", request)
    name, written = request.POST.get("name", "").strip(), request.POST.get("query", "")
    form = FilterForm(QueryDict(written[:LONGEST]))
    query = form.query.urlencode()
    fault = _fault(form, name, written)
    if not fault:
        try:
            with transaction.atomic():
                # Whoever saves twice at once is counted one after the other.
                one_at_a_time(f"views of {page.person.pk}")
                if SavedView.objects.filter(person=page.person).count() >= MOST:
                    fault = _("Paling banyak %(number)s tampilan disimpan. Hapus satu dahulu.") % {"number": MOST}
                else:
                    SavedView.objects.create(person=page.person, name=name, query=query, saved_at=page.now)
        except IntegrityError:
            fault = _("Anda sudah punya tampilan dengan nama itu. Pakai nama lain, atau hapus yang lama dahulu.")
    if fault:
        said = {"form": form, "refused": True, "faults": [fault]}
        return render(request, "console/casefiles.html", said, status=400)
    return HttpResponseRedirect(f"{reverse('casefiles')}?{query}")


def _fault(form: FilterForm, name: str, written: str) -> str:
    """Why they cannot be kept; empty where they can."""
    if not name or len(name) > 60 or "\0" in name:
        return _("Tulis nama untuk tampilan ini, paling panjang 60 huruf.")
    if personal_numbers.is_in(name):
        return _("NIP tidak boleh menjadi nama tampilan.")
    if len(written) > LONGEST or not form.query or not form.is_valid():
        return _("Saringan ini tidak dapat disimpan.")
    return ""


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget one's own view; another person's is not there."""
    page, number = cast("PageRequest", request), request.POST.get("view", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        SavedView.objects.filter(person=page.person, pk=int(number)).delete()
    return HttpResponseRedirect(reverse("casefiles"))
