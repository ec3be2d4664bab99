"""Places and contests that exist: which office is elected in which election, and where. Pure.

A class is computed from the designation of a contest's candidates, so a contest that nobody ever held must not come
into a file. Provinces, regencies and cities are listed (`agencies.regions`); sub-districts and villages are not, and of
those only the regency or city above is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agencies import regions
from agencies.regions import Region
from casefiles import register_number
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.rows import Election, ElectionKind
from casefiles.errors import Fault
from casefiles.file import ViolationStated, Warned

NOT_LISTED: Final = "region-not-listed"
COPIED: Final = "region-looks-like-register-place"


@dataclass(frozen=True, slots=True)
class Contested:
    """In which kinds of election an office is contested, and of what level its regions are; none: the whole country."""

    kinds: frozenset[ElectionKind]
    levels: tuple[str, ...]


# A repeat election repeats one of either kind.
_GENERAL: Final[frozenset[ElectionKind]] = frozenset({"general", "repeat"})
_REGIONAL: Final[frozenset[ElectionKind]] = frozenset({"regional_head", "repeat"})
# UU 7/2017 art. 1, 186-196 (constituencies lie within a province; of a regional DPRD within its region); UU 10/2016.
OFFICES: Final[Mapping[str, Contested]] = {
    "president": Contested(_GENERAL, ()),
    "dpr": Contested(_GENERAL, ("province",)),
    "dpd": Contested(_GENERAL, ("province",)),
    "dprd_province": Contested(_GENERAL, ("province",)),
    "dprd_regency_city": Contested(_GENERAL, ("regency", "city")),
    "governor": Contested(_REGIONAL, ("province",)),
    "regent": Contested(_REGIONAL, ("regency",)),
    "mayor": Contested(_REGIONAL, ("city",)),
}
# UU 13/2012 art. 18: the governor of Yogyakarta is appointed, not elected.
_APPOINTED_GOVERNOR: Final = "34"
_LEVELS: Final[Mapping[str, tuple[str, str]]] = {
    "province": ("provinsi", "a province"),
    "regency": ("kabupaten", "a regency"),
    "city": ("kota", "a city"),
}


def unknown_region(code: str, *, pointer: str) -> Fault | None:
    """That nobody has this code of a region, with those that were probably meant; the code is one by its form."""
    if regions.listed(code) is not None:
        return None
    near = regions.nearest(code)
    sentences = [
        "Tidak ada wilayah Kemendagri dengan kode ini.",
        "The Ministry of Home Affairs has no region of this code.",
    ]
    if code[:2] not in regions.load():
        sentences[0] += " Angka wilayah dalam nomor register Bawaslu adalah penomoran lain."
        sentences[1] += " The place in a register number of Bawaslu is another numbering."
    if near:
        sentences[0] += f" Yang terdekat: {regions.called(near)}."
        sentences[1] += f" The nearest: {regions.called(near)}."
    return Fault(
        "unknown-region",
        pointer,
        f"{sentences[0]} Lihat GET /api/v1/catalogue/regions.",
        f"{sentences[1]} See GET /api/v1/catalogue/regions.",
        near=near[0].code if near else None,
    )


def not_listed(code: str | None, *, pointer: str) -> list[Warned]:
    """The warning that a sub-district or village was not looked up, because only what is above it is listed."""
    above = regions.listed(code) if code else None
    if code is None or above is None or above.code == code:
        return []
    return [
        {
            "code": NOT_LISTED,
            "pointer": pointer,
            "id": f"Kecamatan dan desa tidak terdaftar di sini; yang diperiksa hanya {regions.called([above])}.",
            "en": f"Sub-districts and villages are not listed here; only {regions.called([above])} was checked.",
        }
    ]


def warnings(violations: Sequence[ViolationStated], *, register: str) -> list[Warned]:
    """What is doubtful about the places of a file's violations: not looked up, or copied from its register number."""
    number = register_number.parse(register)
    copied = number.bawaslu_place.of_bawaslu if number else None
    found = []
    for index, violation in enumerate(violations):
        contest = violation.get("contest") or {}
        found += not_listed(violation.get("region"), pointer=f"#/violations/{index}/region")
        for member, region in (("region", violation.get("region")), ("contest/region", contest.get("region"))):
            if region is not None and region == copied and (place := regions.listed(region)) is not None:
                found.append(_copied(place, pointer=f"#/violations/{index}/{member}"))
    return found


def _copied(place: Region, *, pointer: str) -> Warned:
    named = regions.called([place])
    return {
        "code": COPIED,
        "pointer": pointer,
        "id": f"Wilayah ini ({named}) sama angkanya dengan tempat pada nomor register. Penomoran Bawaslu bukan kode "
        "Kemendagri; periksa wilayahnya.",
        "en": f"This region ({named}) has the digits of the place in the register number. Bawaslu's numbering is not "
        "that of the Ministry; check the region.",
    }


def contest_fault(
    office: str, region: str | None, *, election: str | None, catalogue: Catalogue, pointer: str
) -> Fault | None:
    """Why nobody contests that office in that election or region; None where somebody does or it cannot be known.

    `pointer` is the contest's; the fault points to its office or region.
    """
    contested = OFFICES.get(office)
    if contested is None:  # no particular office, or one of a later list
        return None
    row = catalogue.election(election) if election and catalogue.has("elections", election) else None
    if row is not None and row.kind not in contested.kinds:
        return _not_of_election(office, row, catalogue, pointer=f"{pointer}/office")
    if region is None:
        return None
    place = regions.listed(region)
    if place is None:
        return unknown_region(region, pointer=f"{pointer}/region")
    if place.code != region or place.level not in contested.levels:
        return _not_of_region(office, contested, place, catalogue, pointer=pointer)
    return _not_held(office, place, row, catalogue, pointer=pointer)


def _not_of_election(office: str, row: Election, catalogue: Catalogue, *, pointer: str) -> Fault:
    offices = [code for code, contested in OFFICES.items() if row.kind in contested.kinds]
    spoken, english = _label(office, catalogue)
    return Fault(
        "office-not-of-election",
        pointer,
        f"Jabatan {spoken} tidak dipilih dalam {row.label_id}. Yang dipilih: {', '.join(offices)}.",
        f"The office of {english} is not contested in {row.label_en}. Contested are {', '.join(offices)}.",
    )


def _not_of_region(office: str, contested: Contested, place: Region, catalogue: Catalogue, *, pointer: str) -> Fault:
    spoken, english = _label(office, catalogue)
    if not contested.levels:
        return Fault(
            "office-not-of-region",
            f"{pointer}/region",
            f"Jabatan {spoken} dipilih di seluruh Indonesia. Kosongkan region pada contest; tempat perbuatan "
            "disebut pada region pelanggaran.",
            f"The office of {english} is contested in the whole country. Leave the contest's region out; where the "
            "act happened is the violation's region.",
        )
    wanted = [" atau ".join(_LEVELS[level][0] for level in contested.levels)]
    wanted.append(" or ".join(_LEVELS[level][1] for level in contested.levels))
    member, near = _near(office, contested, place)
    shown = near if isinstance(near, str) else regions.called(near)
    here = (regions.called([place]), *_LEVELS[place.level])
    return Fault(
        "office-not-of-region",
        f"{pointer}/{member}",
        f"Wilayah jabatan {spoken} adalah {wanted[0]}; {here[0]} adalah {here[1]}."
        + (f" Yang terdekat: {shown}." if shown else ""),
        f"The office of {english} is contested in {wanted[1]}; {here[0]} is {here[2]}."
        + (f" The nearest: {shown}." if shown else ""),
        near=near if isinstance(near, str) else near[0].code if near else None,
    )


def _near(office: str, contested: Contested, place: Region) -> tuple[str, str | tuple[Region, ...]]:
    """The member that is probably wrong, and what was probably meant: another office here, or other regions."""
    if place.level in contested.levels:
        return "region", (place,)  # a sub-district of the right place
    if place.province is not None and contested.levels == ("province",):
        return "region", (regions.load()[place.province],)
    if place.province is not None:
        return "office", {"regent": "mayor", "mayor": "regent"}[office]
    below = [region for region in regions.load().values() if region.province == place.code]
    return "region", tuple(region for region in below if region.level in contested.levels)[:3]


def _not_held(
    office: str, place: Region, election: Election | None, catalogue: Catalogue, *, pointer: str
) -> Fault | None:
    """That the office exists there, but is filled without an election, or not in this one."""
    spoken, english = _label(office, catalogue)
    nobody = f"Tidak ada pemilihan {spoken} di {regions.called([place])}"
    no_one = f"There is no election of a {english} in {regions.called([place])}"
    if office == "governor" and place.code == _APPOINTED_GOVERNOR:
        why = ("gubernurnya ditetapkan (UU 13/2012 pasal 18)", "its governor is appointed (UU 13/2012 art. 18)")
        return Fault("office-not-elected-here", f"{pointer}/office", f"{nobody}: {why[0]}.", f"{no_one}: {why[1]}.")
    if not place.autonomous:
        near = "governor" if office in {"regent", "mayor"} else "dprd_province"
        why = (
            "wilayah administrasi Jakarta tidak mempunyai kepala daerah dan DPRD sendiri",
            "the administrative parts of Jakarta have no head and no DPRD of their own",
        )
        return Fault(
            "office-not-elected-here",
            f"{pointer}/office",
            f"{nobody}: {why[0]}. Yang terdekat: {near}.",
            f"{no_one}: {why[1]}. The nearest: {near}.",
            near=near,
        )
    if election is None:
        return None
    rows = [
        row for row in catalogue.stages if row.election == election.code and (not row.offices or office in row.offices)
    ]
    held_in = {row.region for row in rows}
    if not rows or held_in & {None, place.code, place.province}:
        return None
    named = regions.called(regions.load()[code] for code in sorted(code for code in held_in if code)[:3])
    return Fault(
        "election-not-held-here",
        f"{pointer}/region",
        f"{election.label_id} untuk jabatan {spoken} tidak diadakan di sini menurut katalog. Diadakan di {named}.",
        f"By the catalogue {election.label_en} is not held here for the office of {english}. It is held in {named}.",
    )


def _label(office: str, catalogue: Catalogue) -> tuple[str, str]:
    row = catalogue.codes("contest_office").get(office)
    return (row.label_id, row.label_en) if row else (office, office)
