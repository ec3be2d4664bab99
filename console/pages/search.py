"""Cari: casefiles of one officer, by NIP or whole name. Never in an address, always for a purpose, and recorded."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import purposes
from casefiles import nip
from casefiles.sight import waiting
from casefiles.sight.casefiles import casefiles_seen
from casefiles.sight.waiting import WaitingFilters
from console import words
from console.http import PageRequest
from console.pages.casefiles import rows_of
from console.recording import record

MOST: Final = 50


class SearchForm(forms.Form):
    """What is looked for, and for what."""

    nip = forms.CharField(label="NIP", required=False, max_length=40, widget=forms.TextInput({"inputmode": "numeric"}))
    name = forms.CharField(label=gettext_lazy("Nama, utuh"), required=False, max_length=200)
    purpose = forms.ChoiceField(label=gettext_lazy("Tujuan membaca"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["purpose"])
        field.choices = [(code, words.code("reading_purpose", code)) for code in purposes.CODES]

    def clean_nip(self) -> str:
        """Its eighteen digits, however they were grouped."""
        written: str = self.cleaned_data["nip"]
        if not written:
            return ""
        try:
            return nip.read(written)
        except ValueError:
            raise forms.ValidationError(_("NIP terdiri atas 18 angka, dengan tanggal lahir yang nyata.")) from None

    def clean(self) -> dict[str, Any]:
        """One of the two at least."""
        given = super().clean() or {}
        if not self.errors and not given.get("nip") and not given.get("name"):
            self.add_error(None, _("Isi NIP atau nama."))
        return given


def show(request: HttpRequest) -> HttpResponse:
    """The form, and below it what was found; what was typed stays in the body of the request."""
    page = cast("PageRequest", request)
    form = SearchForm(request.POST or None, initial={"purpose": page.purpose}, use_required_attribute=False)
    if request.method != "POST" or not form.is_valid():
        return render(request, "console/search.html", {"form": form}, status=400 if form.is_bound else 200)
    given = form.cleaned_data
    rows = casefiles_seen(
        page.actor, WaitingFilters(), now=page.now, nip=given["nip"] or None, name=given["name"] or None
    )
    found, beyond = waiting.page(rows, order="newest", after=None, most=MOST)
    page.purpose = given["purpose"]
    record(page, route="/perkara/cari", shown=[row.id for row in found])
    said = {"form": form, "rows": rows_of(page, found), "searched": True, "more": beyond is not None}
    return render(request, "console/search.html", said)
