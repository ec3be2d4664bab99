"""The law as data: lists of codes, the annex, sanctions, deadlines and election days, read from `data/`.

Everything here is pure: files in, frozen values out, no database and no clock. `load()` checks the whole set and is
cached; if one row is wrong, nothing is loaded. A lawyer changes a file, raises the version in `catalogue.yaml`, and
every result computed afterwards names that version and the certainty of the rows it rests on. What was loaded once is
kept by `catalogue_register`, and `rebuilt` makes the same catalogue of it years later.

    catalogue = load()
    catalogue.codes("channel")["facebook"].label_id
    catalogue.deadline_rule("follow_up", mandate="examining-2014", on=day).days
"""

import dataclasses
import datetime as dt
import difflib
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from agencies import regions as kemendagri
from agencies.regions import Region
from casefiles.catalogue import checks
from casefiles.catalogue.checks import Sheet
from casefiles.catalogue.files import (
    MANIFEST,
    CatalogueError,
    CatalogueErrors,
    Faults,
    RawRow,
    RawSet,
    build,
    content_of,
    dated,
    from_content,
    read,
)
from casefiles.catalogue.rows import (
    ANY_MANDATE,
    ANY_ROLE,
    AnnexRow,
    Code,
    CodeList,
    DeadlineRule,
    DocumentType,
    Election,
    LadderParty,
    LadderStep,
    Phase,
    Purpose,
    RoutingRow,
    Row,
    Sanction,
    SanctionLevel,
    SiasnRow,
    StagePeriod,
)

__all__ = ["DATA", "Catalogue", "CatalogueError", "CatalogueErrors", "UnknownCode", "load", "rebuilt"]

DATA = Path(__file__).parent / "data"

_TITLES = ("list", "title_id", "title_en", "version", "source")
# The files with columns of their own; all other lists are `codes/*.yaml` and `reasons/*.yaml`.
_CODED: Mapping[str, type[Code]] = {
    "violations": Code,
    "sanction-levels": SanctionLevel,
    "sanctions": Sanction,
    "document-types": DocumentType,
    "elections": Election,
}
_PLAIN: Mapping[str, type[Row]] = {
    "annex": AnnexRow,
    "deadlines": DeadlineRule,
    "stages": StagePeriod,
    "ladder": LadderStep,
    "routing": RoutingRow,
    "siasn": SiasnRow,
}


class UnknownCode(LookupError):
    """The catalogue has no such list, code, act or rule."""


@dataclass(frozen=True)
class Catalogue:
    """All lists of one version: `lists` by name (reasons as `reasons/return`), `headers` of the files without codes.

    `content` is all of it in its canonical form, over which the digest is taken.
    """

    version: str
    digest: str
    lists: Mapping[str, CodeList]
    annex: tuple[AnnexRow, ...]
    deadlines: tuple[DeadlineRule, ...]
    stages: tuple[StagePeriod, ...]
    ladder: tuple[LadderStep, ...]
    routing: tuple[RoutingRow, ...]
    siasn: tuple[SiasnRow, ...]
    headers: Mapping[str, Mapping[str, object]]
    regions: tuple[Region, ...]
    content: bytes = field(repr=False, compare=False)

    # -- words -------------------------------------------------------------------------------------------------------

    def codes(self, list_name: str) -> Mapping[str, Code]:
        """The rows of a list by code, in the file's order; where a code has several periods, the last. UnknownCode."""
        try:
            return self._by_code[list_name]
        except KeyError:
            raise UnknownCode(f"no list {list_name}") from None

    def reasons(self, act: str) -> Mapping[str, Code]:
        """The reasons of an act: `return`, `report-sanction`, `close-conformity`, `note-employer`. UnknownCode."""
        return self.codes(f"reasons/{act}")

    def has(self, list_name: str, code: str) -> bool:
        """Whether the list has that code. UnknownCode when there is no such list."""
        return code in self.codes(list_name)

    def nearest(self, list_name: str, value: str) -> str | None:
        """The code somebody probably meant, or None when nothing is near."""
        # The length is cut because the comparison is quadratic and the value comes from outside.
        found = difflib.get_close_matches(value[:100].strip().lower(), self.codes(list_name), n=1, cutoff=0.6)
        return found[0] if found else None

    def sanction(self, code: str, *, agency: str | None = None, on: dt.date | None = None) -> Sanction:
        """The sanction: the agency's own row where it has one, the general row otherwise. UnknownCode.

        Of several periods the one that holds on that day; without a day, or on a day outside all of them, the last.
        """
        rows = self.sanctions_called(code)
        for owner in (agency, None):
            own = [row for row in rows if row.agency == owner]
            of_the_day = [row for row in own if on is not None and row.in_force(on=on)]
            if found := of_the_day or own:
                return found[-1]
        raise UnknownCode(f"no sanction {code} for this agency")

    def sanctions_called(self, code: str) -> tuple[Sanction, ...]:
        """The general row and the agencies' own rows of that code. UnknownCode."""
        if not (found := tuple(row for row in self._sanctions if row.code == code)):
            raise UnknownCode(f"no sanction {code}")
        return found

    def sanctions_of_level(self, level: str) -> tuple[Sanction, ...]:
        """Every sanction of that level, of all times and employments."""
        return tuple(row for row in self._sanctions if row.level == level)

    def level(self, code: str) -> SanctionLevel | None:
        """The level of that code, or None when it is no level."""
        row = self.codes("sanction-levels").get(code)
        return row if isinstance(row, SanctionLevel) else None

    def document_type(self, code: str) -> DocumentType:
        """The type with its audience. UnknownCode."""
        row = self.codes("document-types").get(code)
        if not isinstance(row, DocumentType):
            raise UnknownCode(f"no document type {code}")
        return row

    def election(self, code: str) -> Election:
        """The election with its voting day. UnknownCode."""
        row = self.codes("elections").get(code)
        if not isinstance(row, Election):
            raise UnknownCode(f"no election {code}")
        return row

    # -- rules -------------------------------------------------------------------------------------------------------

    def deadline_rule(self, name: str, *, on: dt.date, mandate: str | None = None) -> DeadlineRule:
        """The rule of that code (or, if no rule is called so, of that purpose) for a clock that starts on `on`.

        A row of the mandate goes before a row for any. UnknownCode when there is none in use, or when the purpose has
        several rules and the caller must say which (`settle`: `objection_decision` or `appeal_decision`).
        """
        rules = [row for row in self.deadlines if row.code == name and row.in_use]
        if not rules:
            rules = [row for row in self.deadlines if row.purpose == name and row.in_use]
            if len(codes := sorted({row.code for row in rules})) > 1:
                raise UnknownCode(f"the purpose {name} has several rules: {', '.join(codes)}")
        in_force = [row for row in rules if row.in_force(on=on)]
        for wanted in (mandate, ANY_MANDATE):
            for row in in_force:
                if row.mandate == wanted:
                    return row
        raise UnknownCode(f"no rule {name} in force on {on.isoformat()}")

    def ladder_for(
        self, party: LadderParty, purpose: Purpose, *, mandate: str | None = None, on: dt.date | None = None
    ) -> tuple[LadderStep, ...]:
        """The levels for whoever owes that, from the first on; empty where nothing follows.

        A mandate's own ladder goes before the one for any. Without a day: the ladder that has no end yet.
        """
        steps = [row for row in self.ladder if (row.party, row.purpose) == (party, purpose)]
        steps = [row for row in steps if (row.in_force(on=on) if on else row.valid_until is None)]
        for wanted in (mandate, ANY_MANDATE):
            if found := [row for row in steps if row.mandate == wanted]:
                return tuple(sorted(found, key=lambda row: row.level))
        return ()

    def routing_rule(self, roles: Collection[str], level: str, *, on: dt.date) -> RoutingRow:
        """The first row in force for an officer of those roles whose employer is of that level.

        The checks see to it that the last row fits everybody; UnknownCode before it came into force.
        """
        for row in self.routing:
            fits = row.role == ANY_ROLE or row.role in roles
            if fits and (not row.levels or level in row.levels) and row.in_force(on=on):
                return row
        raise UnknownCode(f"no rule of routing in force on {on.isoformat()}")

    def annex_row(self, form: str, phase: Phase, *, on: dt.date) -> AnnexRow | None:
        """What the annex in force on that day says of the form, or None when no edition was in force."""
        return next((row for row in self.annex_rows(form, phase) if row.in_force(on=on)), None)

    def annex_rows(self, form: str, phase: Phase) -> Sequence[AnnexRow]:
        """All editions' rows for the form in that phase, oldest first. UnknownCode."""
        try:
            return self._annex[form, phase]
        except KeyError:
            raise UnknownCode(f"no violation form {form}") from None

    def designation(self, election: str, office: str, region: str | None) -> dt.date | None:
        """The day on which the candidates of that contest were designated, or None when it is not known (yet)."""
        row = self.designation_row(election, office, region)
        return row.valid_from if row else None

    def designation_row(self, election: str, office: str, region: str | None) -> StagePeriod | None:
        """The row behind `designation`: the contest's own region first, then its province, then the whole country."""
        rows = self._designations.get((election, office), {})
        places = (region, region.partition(".")[0], None) if region else (None,)
        return next((rows[place] for place in places if place in rows), None)

    # -- for the doors -----------------------------------------------------------------------------------------------

    def as_dict(self, list_name: str, *, valid_on: dt.date | None = None) -> dict[str, object]:
        """A list as plain JSON values: `violations`, `sanctions`, `reasons`, `document-types`, `codes`, `elections`,
        `stages`, `regions`, `deadlines`, `ladder`, `routing`, `siasn`, or one list by its own name. `valid_on`
        leaves out what was not in force. UnknownCode when this version has no such list.
        """
        top: dict[str, object] = {"list": list_name, "catalogue_version": self.version}
        if list_name == "regions":
            return top | {"data": [dataclasses.asdict(row) for row in self.regions]}
        if list_name in ("codes", "reasons"):
            wants_reasons = list_name == "reasons"
            names = [name for name in self.lists if name not in _CODED and name.startswith("reasons/") == wants_reasons]
            return top | {"data": [self._list(name, valid_on) for name in names]}
        if list_name in self.headers:
            rows: tuple[Row, ...] = getattr(self, list_name)
            return top | dict(self.headers[list_name]) | {"data": _plain(rows, valid_on)}
        answer = top | self._list(list_name, valid_on)
        if list_name == "violations":
            answer["annex"] = _plain(self.annex, valid_on)
        if list_name == "sanctions":
            answer["levels"] = _plain(self.codes("sanction-levels").values(), valid_on)
        return answer

    def _list(self, name: str, valid_on: dt.date | None) -> dict[str, object]:
        try:
            found = self.lists[name]
        except KeyError:
            raise UnknownCode(f"no list {name}") from None
        values = {key: getattr(found, key) for key in ("title_id", "title_en", "version", "source", "open")}
        acts = {"acts": list(found.acts)} if found.acts else {}
        return {"list": found.name} | values | acts | {"data": _plain(found.rows, valid_on)}

    # -- indexes -----------------------------------------------------------------------------------------------------

    @cached_property
    def _by_code(self) -> Mapping[str, Mapping[str, Code]]:
        found: dict[str, Mapping[str, Code]] = {}
        for name, listed in self.lists.items():
            latest: dict[str, Code] = {}
            for row in listed.rows:
                if row.code not in latest or _begins(latest[row.code]) < _begins(row):
                    latest[row.code] = row
            mapping = MappingProxyType(latest)
            found[name] = mapping
            for act in listed.acts:
                found[f"reasons/{act}"] = mapping
        levels, sanctions = found["sanction-levels"], found["sanctions"]
        found["sanctions-and-levels"] = MappingProxyType({**levels, **sanctions})
        return found

    @cached_property
    def _sanctions(self) -> tuple[Sanction, ...]:
        return tuple(row for row in self.lists["sanctions"].rows if isinstance(row, Sanction))

    @cached_property
    def _annex(self) -> Mapping[tuple[str, Phase], tuple[AnnexRow, ...]]:
        found: dict[tuple[str, Phase], tuple[AnnexRow, ...]] = {}
        for row in sorted(self.annex, key=_begins):
            found[row.form, row.phase] = (*found.get((row.form, row.phase), ()), row)
        return found

    @cached_property
    def _designations(self) -> Mapping[tuple[str, str], Mapping[str | None, StagePeriod]]:
        found: dict[tuple[str, str], dict[str | None, StagePeriod]] = {}
        for row in self.stages:
            if row.stage == "designation":
                for office in row.offices:
                    found.setdefault((row.election, office), {})[row.region] = row
        return found

    # -- how much there is ---------------------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """How many rows each list has."""
        plain: dict[str, Sequence[object]] = {name: getattr(self, name) for name in (*self.headers, "regions")}
        return {name: len(found.rows) for name, found in self.lists.items()} | {
            name: len(rows) for name, rows in plain.items()
        }


@cache
def load(root: Path = DATA) -> Catalogue:
    """The catalogue under `root`, checked whole, or a CatalogueError that names file, line, row and reason.

    What is wrong in several files or rows is named at once, the first fault of each row (`CatalogueErrors`). What files
    say of each other is looked at when each of them can be read by itself.
    """
    manifest = read(root / MANIFEST, root=root, allowed=("version", "title_id", "title_en"))
    files, faults = {}, Faults()
    for path in _files(root):
        file = path.relative_to(root).as_posix()
        with faults.collected():
            files[file] = read(path, root=root, allowed=(*_TITLES, *_more_in_the_header(file)))
    faults.refuse()
    return _checked(RawSet(manifest, files, tuple(kemendagri.load().values())), recorded=False)


def rebuilt(content: bytes) -> Catalogue:
    """The catalogue that had this content, under the same checks; a list that was invented later is not in it."""
    return _checked(from_content(content), recorded=True)


def _checked(found: RawSet, *, recorded: bool) -> Catalogue:
    newest = checks.version(found.manifest)
    sheets: dict[str, Sheet] = {}
    lists: dict[str, CodeList] = {}
    faults = Faults()
    for file, raw in found.files.items():
        stem = Path(file).stem
        row_type = Code if "/" in file else _CODED.get(stem) or _PLAIN[stem]
        with faults.collected():
            checks.header(raw, stem=stem, newest=newest, required=_more_in_the_header(file))
        with faults.collected():
            sheet = sheets[file] = Sheet(raw, _built(row_type, raw.rows, recorded=recorded))
            checks.sheet(sheet)
            if issubclass(row_type, Code) and stem not in _PLAIN:
                lists[file.removeprefix("codes/").removesuffix(".yaml")] = _code_list(sheet)
    # What files say of each other is looked at once each of them can be read by itself.
    faults.refuse()
    checks.whole(sheets, lists, {region.code for region in found.regions})
    content = content_of(found)
    return Catalogue(
        version=found.manifest.text("version"),
        digest=hashlib.sha256(content).hexdigest(),
        lists=MappingProxyType(lists),
        annex=_rows(sheets, "annex", AnnexRow),
        deadlines=_rows(sheets, "deadlines", DeadlineRule),
        stages=_rows(sheets, "stages", StagePeriod),
        ladder=_rows(sheets, "ladder", LadderStep),
        routing=_rows(sheets, "routing", RoutingRow),
        siasn=_rows(sheets, "siasn", SiasnRow),
        headers=MappingProxyType({name: sheets[f"{name}.yaml"].raw.header for name in _PLAIN if _in(sheets, name)}),
        regions=found.regions,
        content=content,
    )


def _built(row_type: type[Row], rows: Sequence[RawRow], *, recorded: bool) -> tuple[Row, ...]:
    faults, built = Faults(), []
    for row in rows:
        with faults.collected():
            built.append(build(row_type, dated(row_type, row) if recorded else row))
    faults.refuse()
    return tuple(built)


Kind = TypeVar("Kind", bound=Row)


def _rows(sheets: Mapping[str, Sheet], name: str, row_type: type[Kind]) -> tuple[Kind, ...]:
    return tuple(row for _, row in sheets[f"{name}.yaml"].of(row_type)) if _in(sheets, name) else ()


def _in(sheets: Mapping[str, Sheet], name: str) -> bool:
    return f"{name}.yaml" in sheets


def _more_in_the_header(file: str) -> tuple[str, ...]:
    """An `open` list is closed by `other`; reasons say which acts give them."""
    folder, _, _ = file.rpartition("/")
    more = {"codes": ("open",), "reasons": ("open", "acts"), "document-types.yaml": ("open",)}
    return more.get(folder or file, ())


def _files(root: Path) -> list[Path]:
    """Every file but the manifest, in one order on every machine; a stray or missing file is refused."""
    wanted = {f"{name}.yaml" for name in (*_CODED, *_PLAIN)}
    found: dict[str, Path] = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or name == MANIFEST:
            continue
        if name not in wanted and not re.fullmatch(r"(codes|reasons)/[a-z_-]+\.yaml", name):
            raise CatalogueError(name, "is no catalogue file")
        found[name] = path
    if missing := sorted(wanted - set(found)):
        raise CatalogueError(missing[0], "is missing")
    return [found[name] for name in sorted(found)]


def _code_list(sheet: Sheet) -> CodeList:
    is_open, acts = checks.code_list(sheet.raw)
    text = {key: sheet.raw.text(key) for key in ("title_id", "title_en", "version", "source")}
    rows = tuple(row for row in sheet.rows if isinstance(row, Code))
    return CodeList(name=sheet.raw.text("list"), **text, open=is_open, acts=acts, rows=rows)


def _begins(row: Row) -> dt.date:
    return row.valid_from or dt.date.min


def _plain(rows: Iterable[Row], valid_on: dt.date | None) -> list[dict[str, object]]:
    kept = (row for row in rows if valid_on is None or row.in_force(on=valid_on))
    return [{key: _value(value) for key, value in dataclasses.asdict(row).items()} for row in kept]


def _value(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
