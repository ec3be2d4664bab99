"""Moments of a casefile, as people ask for them: a day, which is meant as it ended, or a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casefiles.sight.versions import MOST_VERSIONS, KeptVersion
from console import telling

Moment: TypeAlias = int | datetime
"""A version, or the instant with which a day ends."""


class DayField(forms.DateField):
    """A day, as a browser's own field for days sends it."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"], widget=widget)


class VersionField(forms.IntegerField):
    """The number of a version; `least` is 0 where the time before the first one counts."""

    def __init__(self, *, label: Any, least: int = 1) -> None:
        super().__init__(label=label, required=False, min_value=least, max_value=MOST_VERSIONS - 1)


class _MomentsForm(forms.Form):
    """What forms for moments share: the present day, after which nothing is known."""

    def __init__(self, query: QueryDict, *, now: datetime) -> None:
        self._now, self._zone = now, telling.zone()
        super().__init__(query, auto_id="saat_%s", use_required_attribute=False)

    def clean(self) -> dict[str, Any]:
        """No day that has not come."""
        given = super().clean() or {}
        for name, value in tuple(given.items()):
            if isinstance(value, date) and value > self._now.astimezone(self._zone).date():
                self.add_error(name, _("Hari itu belum tiba."))
        return given

    def _ends(self, day: date) -> datetime:
        """The last instant of that day where the reader sits, or now where it has not ended."""
        midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=self._zone).astimezone(UTC)
        return min(midnight - timedelta(microseconds=1), self._now)


class AsOfForm(_MomentsForm):
    """The file as it stood: at the end of a day, or after a version."""

    day = DayField(label=gettext_lazy("Berkas pada akhir hari"))
    version = VersionField(label=gettext_lazy("Versi"))

    def moment(self) -> Moment | None:
        """What was asked for, None for the present."""
        given = self.cleaned_data
        return self._ends(given["day"]) if given["day"] else given["version"]


class BetweenDaysForm(_MomentsForm):
    """The ends of two days."""

    since = DayField(label=gettext_lazy("Sejak akhir hari"))
    until = DayField(label=gettext_lazy("Sampai akhir hari"))

    def clean(self) -> dict[str, Any]:
        """Both or none, the earlier first."""
        given = super().clean()
        return _in_order(self, given)

    def moments(self) -> tuple[Moment, Moment] | None:
        """Both, None where none was asked for."""
        given = self.cleaned_data
        return (self._ends(given["since"]), self._ends(given["until"])) if given["since"] else None


class BetweenVersionsForm(_MomentsForm):
    """Two versions; 0 is the time before the casefile was recorded."""

    since_version = VersionField(label=gettext_lazy("Sejak versi"), least=0)
    until_version = VersionField(label=gettext_lazy("Sampai versi"))

    def clean(self) -> dict[str, Any]:
        """Both or none, the earlier first."""
        given = super().clean()
        return _in_order(self, given)

    def moments(self) -> tuple[Moment, Moment] | None:
        """Both, None where none was asked for."""
        given = self.cleaned_data
        first, second = given["since_version"], given["until_version"]
        return (first, second) if second is not None else None


def _in_order(form: forms.Form, given: dict[str, Any]) -> dict[str, Any]:
    if form.errors:
        return given
    first, second = (given[name] for name in form.fields)
    if (first is None) is not (second is None):
        form.add_error(None, _("Isi kedua-duanya."))
    elif first is not None and first > second:
        form.add_error(None, _("Yang pertama harus lebih dahulu."))
    return given


@dataclass(frozen=True, slots=True)
class NotThere(Exception):
    """No version stands at that moment; `first` and `last` are those that there are."""

    first: KeptVersion
    last: KeptVersion

    def reason(self, moment: Moment) -> str:
        """Why, for people."""
        if isinstance(moment, datetime):
            return _("Pada akhir hari itu perkara belum tercatat; langkah pertama dicatat pada %(moment)s.") % {
                "moment": telling.instant(self.first.recorded_at)
            }
        return _("Versi itu tidak ada; yang terakhir ialah versi %(last)s.") % {"last": self.last.seq}


def version_at(versions: Sequence[KeptVersion], moment: Moment) -> KeptVersion:
    """That version, or the newest recorded by that instant. Raises NotThere."""
    found = (
        [version for version in versions if version.recorded_at <= moment]
        if isinstance(moment, datetime)
        else [version for version in versions if version.seq == moment]
    )
    if not found:
        raise NotThere(versions[0], versions[-1])
    return max(found, key=lambda version: version.seq)
