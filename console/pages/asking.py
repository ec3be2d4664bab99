"""What the forms share whose fields stand in a page's address."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from casefiles import personal_numbers


class AddressForm(forms.Form):
    """Refuses what no field has, because an empty list would be believed, and a NIP, because addresses are kept."""

    def clean(self) -> dict[str, Any]:
        """The fields, and what is wrong with the address."""
        given = super().clean() or {}
        query = cast("QueryDict", self.data)
        for name in sorted(set(query) - set(self.fields)):
            self.add_error(None, _("Tidak ada saringan bernama %(name)s.") % {"name": name[:40]})
        if any(personal_numbers.is_in(value) for _name, values in query.lists() for value in values):
            self.add_error(None, _("NIP tidak boleh ditulis di alamat halaman."))
        return given
