"""What may be asked for: which formats a page has, its filters as its own form reads them, and both in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.actor import Actor
from console import telling
from console.pages.accesses import AccessForm
from console.pages.filters import FilterForm
from console.pages.statistics import StatisticsForm

FORMATS_OF: Final[Mapping[str, Sequence[str]]] = {
    "casefiles": ("xlsx", "csv", "bare"),
    "statistics": ("xlsx", "csv", "bare"),
    "accesses": ("xlsx", "csv", "bare"),
    "casefile": ("pdf",),
}
TITLES: Final[Mapping[str, Promise]] = {
    "casefiles": gettext_lazy("Daftar perkara"),
    "statistics": gettext_lazy("Statistik"),
    "accesses": gettext_lazy("Catatan akses"),
    "casefile": gettext_lazy("Berkas perkara"),
}
FORMATS: Final[Mapping[str, Promise]] = {
    "xlsx": gettext_lazy("XLSX"),
    "csv": gettext_lazy("CSV"),
    "bare": gettext_lazy("CSV tanpa keterangan"),
    "pdf": gettext_lazy("PDF"),
}
MEDIA_TYPES: Final = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "bare": ("text/csv; charset=utf-8", "csv"),
    "pdf": ("application/pdf", "pdf"),
}
"""Media type and ending of a file's name."""
LIVES: Final = timedelta(days=1)
"""How long something that was asked for waits for a worker."""
PLACES: Final = frozenset({"after", "before"})
"""Parameters that say where a page begins: an export has every page."""


def filters_of(kind: str, query: str, *, actor: Actor, people: Sequence[tuple[str, str]] | None = None) -> forms.Form:
    """The form of that page with its filters. `people` as `AccessForm` has it."""
    given = QueryDict(query, mutable=True)
    for name in PLACES & set(given):
        del given[name]
    if kind == "casefiles":
        return FilterForm(given)
    if kind == "statistics":
        return StatisticsForm(given)
    return AccessForm(given, actor=actor, people=people)


def described(form: forms.Form) -> list[tuple[str, str]]:
    """Each filter that is set, in words. The form is valid."""
    said = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if value in (None, "", [], False) or name in PLACES:
            continue
        said.append((str(field.label), _in_words(field, value)))
    return said


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        labels = {str(code): str(label) for code, label in cast("Any", field.choices)}
        return ", ".join(labels.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))
    if isinstance(field, forms.DateField):
        return telling.day(value)
    return _("ya") if value is True else str(value)


def as_asked(form: forms.Form) -> list[tuple[str, str]]:
    """Each filter that is set, in words, without asking whether it is still valid: an agency is told by its code."""
    said = []
    for name, field in form.fields.items():
        values = [value for value in cast("QueryDict", form.data).getlist(name) if value.strip()]
        if not values or name in PLACES:
            continue
        plain = _("ya") if isinstance(field, forms.BooleanField) else ", ".join(values)
        said.append((str(field.label), _in_words(field, values) if isinstance(field, forms.ChoiceField) else plain))
    return said
