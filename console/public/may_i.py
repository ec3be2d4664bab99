"""Bolehkah? What the catalogue says of an act, for whoever asks before doing it. Nothing asked is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies import regions
from casefiles.catalogue import guidance
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.book import load as load_catalogue
from casefiles.catalogue.guidance import Asked, Guidance, Standing
from casefiles.catalogue.rows import Code
from console import telling, words
from console.pages.moments import DayField
from console.public import acts, site

WHERE: Final = "Asia/Jakarta"
"""Whose today is meant: nothing is known of the reader."""


class MayIForm(forms.Form):
    """What, when, which contest, which kind of employee. Parameters that no field has are left alone."""

    act = forms.ChoiceField(label=gettext_lazy("Perbuatan"))
    day = DayField(label=gettext_lazy("Hari perbuatan"))
    kind = forms.ChoiceField(label=gettext_lazy("Jenis pegawai"), required=False)
    contest = forms.ChoiceField(label=gettext_lazy("Pemilihan"), required=False)
    region = forms.CharField(label=gettext_lazy("Wilayah pemilihan"), required=False, max_length=5)
    leave = forms.BooleanField(label=gettext_lazy("Sedang cuti di luar tanggungan negara (CLTN)"), required=False)

    def __init__(self, query: QueryDict, *, catalogue: Catalogue) -> None:
        super().__init__(query if "act" in query else None, auto_id="bolehkah_%s", use_required_attribute=False)
        self._catalogue = catalogue
        chosen: dict[str, Any] = self.fields
        everyday = [(act, told.label) for act, told in acts.EVERYDAY.items()]
        chosen["act"].choices = [(_("Sehari-hari"), everyday), (_("Bentuk lain dalam daftar"), acts.other_forms())]
        chosen["kind"].choices = words.choices("employment_kind")
        chosen["contest"].choices = [("", _("belum tahu, atau umum")), *acts.contests(catalogue)]

    def clean_region(self) -> str:
        """One of the list, or none."""
        region: str = self.cleaned_data["region"]
        if region and region not in regions.load():
            raise forms.ValidationError(_("Pilih wilayah dari daftar."))
        return region

    def clean(self) -> dict[str, Any]:
        """A contest that somebody holds; refused in the words that a finding would be refused with."""
        given = super().clean() or {}
        if not self.errors and given.get("contest"):
            for fault in guidance.faults(self.asked(date.min), self._catalogue):
                member = "region" if fault.pointer.endswith("region") else "contest"
                self.add_error(member, fault.en if words.is_english() else fault.id)
        return given

    def asked(self, today: date) -> Asked:
        """The question, once it is valid; of today where no day was given."""
        given = self.cleaned_data
        election, _dot, office = given["contest"].partition(".")
        return Asked(
            form=acts.form_of(given["act"]),
            act_date=given["day"] or today,
            election=election or None,
            contest_office=office or None,
            region=given["region"] or None,
            employment_kind=given["kind"] or "pns",
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What holds on a day, in words. `signal` names the shape and colour beside the word."""

    signal: str
    verdict: str
    item: str
    level: str
    basis: str
    sanctions: tuple[str, ...]


def show(request: HttpRequest) -> HttpResponse:
    """The form, and below it the answer to what it asks."""
    catalogue = load_catalogue()
    form = MayIForm(request.GET, catalogue=catalogue)
    said: dict[str, Any] = {"form": form, "places": options(request.GET.get("region", "") if form.is_bound else "")}
    said |= {"print_before": site.address("sheet", "sebelum"), "print_after": site.address("sheet", "sejak")}
    said |= {"poster_before": site.address("poster", "sebelum"), "poster_after": site.address("poster", "sejak")}
    if not form.is_bound:
        return site.page(request, "may_i", said)
    if not form.is_valid():
        return site.page(request, "may_i", said | {"refused": True}, status=400)
    asked = form.asked(today(request))
    act = acts.label_of(form.cleaned_data["act"])
    said |= {"asked_act": act, "asked_day": telling.day(asked.act_date)}
    if asked.form in acts.WITHOUT_LEAVE and form.cleaned_data["leave"]:
        return site.page(request, "may_i", said | {"on_leave": True})
    return site.page(request, "may_i", said | answered(guidance.advise(asked, catalogue), catalogue))


def today(request: HttpRequest) -> date:
    """The day in Jakarta."""
    now = request.now  # type: ignore[attr-defined]  # console.http.DoorMiddleware
    here: date = now.astimezone(ZoneInfo(WHERE)).date()
    return here


def answered(told: Guidance, catalogue: Catalogue) -> dict[str, Any]:
    """The answer in the language that is spoken."""
    found = told.now.found
    designation = found.designation
    return {
        "told": standing(told.now, catalogue),
        "decree": _label(told.decree),
        "analogy": not found.rule.in_force,
        "since": telling.day(told.since),
        "until": telling.day(told.until),
        "then": standing(told.then, catalogue) if told.then else None,
        "pending": found.designation_pending,
        "designation": designation
        and {"day": telling.day(designation.designated_on), "basis": designation.decree or designation.legal_basis},
        "certainty": words.CERTAINTIES[told.certainty],
        "is_sure": told.certainty in {"seen", "code"},
        "why": telling.sentence(found.reasoning_en if words.is_english() else found.reasoning_id),
        "stage": words.code("stage", told.stage.stage) if told.stage and told.stage.stage else "",
        "version": catalogue.version,
    }


def standing(held: Standing, catalogue: Catalogue) -> Said:
    """What holds on that day, in words."""
    found = held.found
    return Said(
        signal="late" if found.violation_class == "discipline" else "soon",
        verdict=words.code("violation_class", found.violation_class),
        item=found.annex_item or "",
        level=_label(guidance.level_of(held, catalogue)),
        basis=found.legal_basis or "",
        sanctions=tuple(_label(row) for row in held.sanctions),
    )


def options(chosen: str) -> SafeString:
    """The options of a field for a region; the one chosen stands first."""
    region = regions.load().get(chosen)
    first = (
        format_html('<option value="{}" selected>{}</option>', region.code, words.spelt(region.name)) if region else ""
    )
    return format_html("{}{}", first, _options())


@cache
def _options() -> SafeString:
    return format_html_join(
        "",
        '<optgroup label="{}">{}</optgroup>',
        ((name, format_html_join("", '<option value="{}">{}</option>', rows)) for name, rows in acts.places()),
    )


def _label(row: Code | None) -> str:
    return "" if row is None else row.label_en if words.is_english() else row.label_id
