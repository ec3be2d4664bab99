"""Akses: who saw what, for which purpose. Auditors read the whole register's, their own among them.

Whoever examines or submitted a casefile reads that casefile's, as in the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import purposes
from agencies.actor import Actor
from agencies.models import Agency
from audit.models import Access
from casefiles.flow import Party
from casefiles.sight import accesses, projection
from casefiles.sight.accesses import AccessFilters
from casefiles.sight.casefiles import CasefileFilters, casefiles_seen, with_facts
from console import words
from console.http import PageRequest
from console.pages import readers
from console.pages.asking import AddressForm
from console.pages.moments import DayField
from console.recording import record
from people import persons

ON_A_PAGE: Final = 50
MOST_NAMED: Final = 3
"""Casefiles of one read that are named; a list shows fifty at once."""


class AccessForm(AddressForm):
    """The filters; `before` is where the next page begins. `people` are those of the agency, for who may not ask."""

    number = forms.CharField(label=gettext_lazy("Nomor perkara"), required=False, max_length=40)
    agency = forms.CharField(label=gettext_lazy("Instansi pembaca (kode)"), required=False, max_length=80)
    person = forms.ChoiceField(label=gettext_lazy("Orang di instansi Anda"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Tujuan membaca"), required=False)
    since = DayField(label=gettext_lazy("Sejak hari"))
    until = DayField(label=gettext_lazy("Sampai hari, termasuk"))
    before = forms.IntegerField(
        label=gettext_lazy("Halaman"), required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def __init__(self, query: QueryDict, *, actor: Actor, people: Sequence[tuple[str, str]] | None = None) -> None:
        self.query = query
        super().__init__(query, auto_id="akses_%s", use_required_attribute=False)
        chosen = cast("dict[str, forms.ChoiceField]", self.fields)
        chosen["person"].choices = [("", "—"), *(persons.of_agency(actor.agency_id) if people is None else people)]
        chosen["purpose"].choices = [
            ("", "—"),
            *((code, words.code("reading_purpose", code)) for code in purposes.CODES),
        ]

    def clean(self) -> dict[str, Any]:
        """An agency that nobody is is refused as well: an empty list would be believed."""
        given = super().clean()
        code = given.get("agency")
        if code and not Agency.objects.filter(code=code).exists():
            self.add_error("agency", _("Tidak ada instansi dengan kode %(code)s.") % {"code": code})
        return given

    def asked(self) -> AccessFilters:
        """The filters, once they are valid."""
        given = self.cleaned_data
        return AccessFilters(
            from_=given["since"],
            to=given["until"],
            agency=given["agency"] or None,
            client=given["person"] or None,
            purpose=given["purpose"] or None,
        )


def show(request: HttpRequest) -> HttpResponse:
    """A page of reads, newest first. 403 for whoever neither audits nor examines or submitted the casefile named."""
    page = cast("PageRequest", request)
    form = AccessForm(request.GET, actor=page.actor)
    if not form.is_valid():
        return render(request, "console/accesses.html", {"form": form, "refused": True}, status=400)
    given = form.cleaned_data
    if not given["number"] and not page.actor.is_auditor:
        raise PermissionDenied
    casefile = casefile_of(page.actor, given["number"], now=page.now) if given["number"] else None
    if given["number"] and casefile is None:
        form.add_error("number", _("Tidak ada perkara dengan nomor itu yang boleh dilihat instansi Anda."))
        return render(request, "console/accesses.html", {"form": form, "refused": True}, status=404)
    asked = form.asked()
    rows = (
        accesses.accesses_of_register(asked, actor=page.actor)
        if casefile is None
        else accesses.accesses_of(casefile, asked, actor=page.actor)
    )
    if given["before"]:
        rows = rows.filter(pk__lt=given["before"])
    found = list(rows.order_by("-pk")[: ON_A_PAGE + 1])
    record(page, route="/akses", shown=[] if casefile is None else [casefile])
    said = {"form": form, "casefile": casefile, "number": given["number"], **_told(page, found)}
    return render(request, "console/accesses.html", said)


def casefile_of(actor: Actor, number: str, *, now: datetime) -> UUID | None:
    """The casefile of that number, None where this agency sees none. Raises PermissionDenied for other parties."""
    found = with_facts(casefiles_seen(actor, CasefileFilters(number=number), now=now).order_by("-pk"), most=1)
    if not found:
        return None
    viewer = projection.viewer_of(actor, found[0].facts)
    if not (viewer.is_auditor or viewer.parties & {Party.EXAMINER, Party.SUBMITTER}):
        raise PermissionDenied
    return found[0].id


def _told(page: PageRequest, found: Sequence[Access]) -> dict[str, Any]:
    rows = found[:ON_A_PAGE]
    numbers = accesses.numbers_of(rows, actor=page.actor)
    sealed = accesses.sealed_until()
    rest = page.GET.copy()
    rest.pop("before", None)
    query = rest.urlencode()
    return {
        "rows": [
            (
                reader,
                [(ident, numbers[ident]) for ident in reader.shown if ident in numbers][:MOST_NAMED],
                max(len(reader.shown) - MOST_NAMED, 0),
            )
            for reader in readers.told(rows, actor=page.actor)
        ],
        "sealed_on": sealed and sealed[0],
        "seal": sealed and sealed[1],
        "query": query,
        "own": f"{reverse('accesses')}?agency={page.actor.agency_code}" if page.actor.is_auditor else "",
        "first": f"?{query}" if "before" in page.GET else "",
        "next": f"?{query}&before={rows[-1].pk}" if len(found) > ON_A_PAGE else "",
    }
