"""What people ask about, in their words, and the forms of the catalogue that those are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies import regions
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.places import OFFICES
from casefiles.catalogue.rows import Election
from console import words

OTHER: Final = "other_with_legal_basis"
"""Has no class of its own to ask about."""


@dataclass(frozen=True, slots=True)
class Everyday:
    """An act as somebody would say it, the form that it is, and what a poster says of it."""

    form: str
    label: Promise
    shout: Promise


EVERYDAY: Final[Mapping[str, Everyday]] = {
    "like": Everyday(
        "social_media_engagement", _("menyukai unggahan calon atau tim pemenangan"), _("Jangan sukai unggahannya")
    ),
    "comment": Everyday(
        "social_media_engagement", _("mengomentari unggahan calon atau tim pemenangan"), _("Jangan komentari")
    ),
    "share": Everyday(
        "social_media_engagement", _("membagikan unggahan calon atau tim pemenangan"), _("Jangan bagikan")
    ),
    "post": Everyday(
        "social_media_engagement", _("mengunggah dukungan kepada calon di media sosial"), _("Jangan unggah dukungan")
    ),
    "join": Everyday(
        "social_media_engagement",
        _("bergabung dengan grup atau mengikuti akun pemenangan"),
        _("Jangan ikuti akun atau grup pemenangan"),
    ),
    "photo": Everyday(
        "joint_photo", _("mengunggah foto bersama calon, tim sukses atau alat peraga"), _("Jangan unggah foto bersama")
    ),
    "banner": Everyday(
        "install_props", _("memasang spanduk, baliho atau stiker calon"), _("Jangan pasang alat peraga")
    ),
    "attend": Everyday(
        "attend_declaration", _("menghadiri deklarasi atau kampanye dengan dukungan aktif"), _("Jangan hadiri kampanye")
    ),
    "letter": Everyday(
        "support_letter",
        _("memberi surat dukungan atau mengumpulkan fotokopi KTP"),
        _("Jangan beri surat dukungan atau KTP"),
    ),
    "team": Everyday(
        "expert_or_winning_team", _("menjadi tim ahli, tim pemenangan atau konsultan"), _("Jangan masuk tim pemenangan")
    ),
}
WITHOUT_LEAVE: Final = frozenset({"spouse_event_without_leave", "self_declaration_without_leave"})
"""Forms that the list names for an officer without unpaid leave only."""


def form_of(act: str) -> str:
    """The form of an everyday act, or the form itself."""
    return EVERYDAY[act].form if act in EVERYDAY else act


def label_of(act: str) -> str:
    """What the act is called in the language that is spoken."""
    return str(EVERYDAY[act].label) if act in EVERYDAY else words.code("violations", act)


def other_forms() -> list[tuple[str, str]]:
    """The forms that no everyday act stands for, with their labels."""
    spoken = {act.form for act in EVERYDAY.values()} | {OTHER}
    return [(code, label) for code, label in words.choices("violations") if code not in spoken]


def contests(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Every office in every election that is about it, the latest election first: `pilkada-2024.mayor`."""
    elections = [row for row in catalogue.codes("elections").values() if isinstance(row, Election)]
    return [
        (f"{row.code}.{office}", f"{words.code('elections', row.code)}: {words.code('contest_office', office)}")
        for row in sorted(elections, key=lambda row: row.voting_on, reverse=True)
        for office, contested in OFFICES.items()
        if row.kind in contested.kinds
    ]


def places() -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Provinces, each with itself and its regencies and cities: code and name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for region in regions.load().values():
        found.setdefault(region.province or region.code, []).append((region.code, words.spelt(region.name)))
    return [(words.spelt(regions.load()[code].name), rows) for code, rows in found.items()]
