"""The filters of the list as a GET form: what is not one of them is refused, and each that is set can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from agencies import regions
from agencies.models import Agency
from casefiles.catalogue.book import load as load_catalogue
from casefiles.flow import OutcomeName, Party, State
from casefiles.sight.waiting import ENTERED, NATIONAL, Order, WaitingFilters
from console import telling, words
from console.pages.asking import AddressForm
from console.pages.moments import DayField

ANY = [("", "—")]
AGENCIES = ("turn", "submitter", "examiner", "employer")
CODES = {
    "form": "violations",
    "violation_class": "violation_class",
    "election": "elections",
    "comparison": "comparison",
    "position_kind": "position_kind",
}
ORDERS = {
    "newest": gettext_lazy("Terbaru dahulu"),
    "waiting": gettext_lazy("Terlama menunggu dahulu"),
    "due": gettext_lazy("Tenggat terdekat dahulu"),
}
LONGEST = 3_650
PLAIN = (
    "late_from", "late_until", "due_within", "due_from", "due_until", "submitted_from", "submitted_until",
    "moved_since", "moved_until", "blocked",
)  # fmt: skip
"""Filters that are asked as they are given."""


_DRAWN: Final[dict[tuple[str, str, str], SafeString]] = {}
"""Fields that are not set, as they are drawn: by language, digest of the catalogue, and name."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: what it says, and the query without it."""

    label: str
    value: str
    without: str


def provinces() -> list[tuple[str, str]]:
    """Codes and names, in the order of the codes."""
    return [(code, words.spelt(region.name)) for code, region in regions.load().items() if region.level == "province"]


class FilterForm(AddressForm):
    """One field per filter. `unknown` are parameters of the query that no field has."""

    number = forms.CharField(label=gettext_lazy("Nomor perkara"), required=False, max_length=40)
    state = forms.MultipleChoiceField(
        label=gettext_lazy("Keadaan"), required=False, widget=forms.CheckboxSelectMultiple
    )
    turn = forms.CharField(label=gettext_lazy("Giliran (kode instansi)"), required=False, max_length=80)
    employer = forms.CharField(label=gettext_lazy("Instansi pegawai (kode)"), required=False, max_length=80)
    submitter = forms.CharField(label=gettext_lazy("Pengirim (kode)"), required=False, max_length=80)
    examiner = forms.CharField(label=gettext_lazy("Pemeriksa (kode)"), required=False, max_length=80)
    form = forms.ChoiceField(label=gettext_lazy("Bentuk pelanggaran"), required=False)
    violation_class = forms.ChoiceField(label=gettext_lazy("Golongan"), required=False)
    election = forms.ChoiceField(label=gettext_lazy("Pemilihan"), required=False)
    outcome = forms.MultipleChoiceField(
        label=gettext_lazy("Hasil"), required=False, widget=forms.CheckboxSelectMultiple
    )
    late_from = forms.IntegerField(
        label=gettext_lazy("Lewat sekurangnya (hari)"), required=False, min_value=1, max_value=LONGEST
    )
    late_until = forms.IntegerField(
        label=gettext_lazy("Lewat paling banyak (hari)"), required=False, min_value=1, max_value=LONGEST
    )
    due_within = forms.IntegerField(
        label=gettext_lazy("Jatuh tempo dalam (hari)"), required=False, min_value=1, max_value=LONGEST
    )
    party = forms.ChoiceField(label=gettext_lazy("Giliran (sebagai)"), required=False)
    due_from = DayField(label=gettext_lazy("Jatuh tempo sejak hari"))
    due_until = DayField(label=gettext_lazy("Jatuh tempo sampai hari"))
    submitted_from = DayField(label=gettext_lazy("Tercatat sejak hari"))
    submitted_until = DayField(label=gettext_lazy("Tercatat sampai hari"))
    province = forms.ChoiceField(label=gettext_lazy("Provinsi pengirim"), required=False)
    moved_from = forms.ChoiceField(label=gettext_lazy("Beralih dari"), required=False)
    moved_to = forms.ChoiceField(label=gettext_lazy("Beralih ke"), required=False)
    moved_since = DayField(label=gettext_lazy("Beralih sejak hari"))
    moved_until = DayField(label=gettext_lazy("Beralih sampai hari"))
    comparison = forms.ChoiceField(label=gettext_lazy("Dibanding rekomendasi"), required=False)
    position_kind = forms.ChoiceField(label=gettext_lazy("Jenis jabatan"), required=False)
    blocked = forms.BooleanField(label=gettext_lazy("Data kepegawaian diblokir"), required=False)
    open = forms.BooleanField(label=gettext_lazy("Hanya yang menunggu"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Urutan"), required=False)

    def __init__(self, query: QueryDict) -> None:
        # A plain GET form sends every field; empty ones are no filters.
        self.query = query.copy()
        for name in list(self.query):
            self.query.setlist(name, [value for value in self.query.getlist(name) if value.strip()])
            if not self.query.getlist(name):
                del self.query[name]
        self.query.pop("after", None)
        super().__init__(self.query, auto_id="filter_%s", use_required_attribute=False)
        chosen = cast("dict[str, forms.ChoiceField]", self.fields)
        chosen["state"].choices = [(str(state), words.STATES[state]) for state in State]
        chosen["outcome"].choices = list(words.OUTCOMES.items())
        chosen["order"].choices = list(ORDERS.items())
        chosen["party"].choices = [*ANY, *words.PARTIES.items()]
        states = [(str(state), words.STATES[state]) for state in State]
        chosen["moved_from"].choices = [*ANY, (ENTERED, words.ENTERED), *states]
        chosen["moved_to"].choices = [*ANY, *states]
        chosen["province"].choices = [*ANY, *provinces(), (NATIONAL, words.NATIONAL)]
        for name, listed in CODES.items():
            chosen[name].choices = [*ANY, *words.choices(listed)]

    def drawn(self) -> Iterator[SafeString]:
        """Each field as the page shows it.

        One that is not set and has nothing to answer for looks alike to everybody: it is drawn once per language and
        content of the catalogue, which holds its choices.
        """
        spoken = (get_language() or "", load_catalogue().digest)
        for name in self.fields:
            if name in self.query or name in self.errors:
                yield self[name].as_field_group()
                continue
            key = (*spoken, name)
            if key not in _DRAWN:
                _DRAWN[key] = self[name].as_field_group()
            yield _DRAWN[key]

    def clean(self) -> dict[str, Any]:
        """Agencies that nobody is are refused as well: an empty list would be believed."""
        given = super().clean()
        named = {name: given[name] for name in AGENCIES if given.get(name) and given[name] != "me"}
        known = set(Agency.objects.filter(code__in=named.values()).values_list("code", flat=True)) if named else set()
        for name, code in named.items():
            if code not in known:
                self.add_error(name, _("Tidak ada instansi dengan kode %(code)s.") % {"code": code})
        return given

    def asked(self) -> WaitingFilters:
        """The filters, once they are valid."""
        given = self.cleaned_data
        told: dict[str, Any] = {name: given[name] for name in PLAIN}
        told |= {name: given[name] or None for name in (*AGENCIES, *CODES, "number", "moved_from", "province")}
        return WaitingFilters(
            state=tuple(State(state) for state in given["state"]),
            outcome=cast("tuple[OutcomeName, ...]", tuple(given["outcome"])),
            # An order by days waits on a turn, so it has no place for a closed casefile.
            is_open=given["open"] or self.chosen_order != "newest",
            party=Party(given["party"]) if given["party"] else None,
            moved_to=State(given["moved_to"]) if given["moved_to"] else None,
            **told,
        )

    @property
    def chosen_order(self) -> Order:
        """In which order."""
        return cast("Order", self.cleaned_data.get("order") or "newest")

    def chips(self) -> Iterator[Chip]:
        """Every filter that is set."""
        for name, field in self.fields.items():
            if name == "order":
                continue
            for value in self.query.getlist(name):
                rest = self.query.copy()
                rest.setlist(name, [other for other in self.query.getlist(name) if other != value])
                yield Chip(str(field.label), self._shown(name, value), rest.urlencode())

    def _shown(self, name: str, value: str) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(cast("Any", field.choices)).get(value, value))
        if isinstance(field, forms.DateField):
            return telling.day(cast("Any", self.cleaned_data)[name])
        return _("ya") if isinstance(field, forms.BooleanField) else value
