"""The directory: what the shipped one holds, and that a faulty one is refused with every fault, file and line."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from agencies import entries, regions, sandbox
from agencies.directory_checks import checked
from agencies.directory_files import AGENCIES, EVENTS, FOLDER, DirectoryRefused, read
from agencies.entries import AgencyEntry
from casefiles.catalogue.book import load as load_catalogue

GOOD = {
    "code": "pemkot-padang", "name": "Pemerintah Kota Padang", "roles": "employer", "level": "city", "region": "13.71",
    "zone": "Asia/Jakarta", "valid_from": "1956-03-29", "legal_basis": "UU 9/1956", "source": "uji",
    "certainty": "seen",
}  # fmt: skip
NATIONAL = {**GOOD, "code": "a", "name": "A", "level": "national", "region": "", "roles": "election_supervisor"}


def folder(place: Path, *rows: dict[str, str], events: list[dict[str, str]] | None = None) -> Path:
    """A directory of one file (and succession.csv) with those rows; what they leave out is empty."""
    place.mkdir(exist_ok=True)
    for name, columns, lines in (("agencies.csv", AGENCIES, list(rows)), ("succession.csv", EVENTS, events or [])):
        with (place / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    return place


def event(**changed: str) -> dict[str, str]:
    """A row of succession.csv."""
    said = {"agency": "a", "kind": "split", "on": "2020-01-01", "other": "b", "legal_basis": "UU", "source": "uji"}
    return {**said, "certainty": "seen", **changed}


def faults(place: Path) -> list[str]:
    """Every line of the refusal."""
    with pytest.raises(DirectoryRefused) as refused:
        checked(read(place))
    return list(refused.value.faults)


# -- the one that is shipped -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> tuple[AgencyEntry, ...]:
    """The agencies of the shipped directory."""
    return checked(read())


def test_the_country_is_in_it(shipped: tuple[AgencyEntry, ...]) -> None:
    offices = [row for row in shipped if "election_supervisor" in row.roles]
    assert Counter(row.level for row in offices) == {"national": 1, "province": 38, "regency": 416, "city": 98}
    of_regions = {row.region for row in offices}
    assert of_regions == {"", *regions.load()}
    governments = [row for row in shipped if row.region and "employer" in row.roles]
    assert {row.region for row in governments} == {code for code, place in regions.load().items() if place.autonomous}
    assert len(governments) == len({row.region for row in governments}) == 546
    centre = [row for row in shipped if row.level == "national" and row.valid_until is None]
    assert len(centre) > 80
    held = {role for row in centre for role in row.roles}
    assert held == set(entries.ROLES) - {"operator", "vendor"}


def test_the_tree_of_the_supervisor_follows_the_regions(shipped: tuple[AgencyEntry, ...]) -> None:
    by_code = {row.code: row for row in shipped}
    for row in shipped:
        if row.level in {"regency", "city"} and "election_supervisor" in row.roles:
            above = by_code[row.parent or ""]
            assert (above.level, above.region) == ("province", row.region[:2])
            assert by_code[above.parent or ""].level == "national"


def test_every_row_says_how_it_is_known(shipped: tuple[AgencyEntry, ...]) -> None:
    assert all(row.source and row.legal_basis and row.certainty in entries.CERTAINTIES for row in shipped)
    assert {row.certainty for row in shipped} == set(entries.CERTAINTIES)


def test_what_became_of_the_provinces_of_papua_is_in_it(shipped: tuple[AgencyEntry, ...]) -> None:
    papua = next(row for row in shipped if row.code == "pemprov-papua")
    assert papua.valid_until is None
    assert [heir.agency for heir in papua.heirs] == [
        "pemprov-papua-pegunungan", "pemprov-papua-selatan", "pemprov-papua-tengah",
    ]  # fmt: skip
    ended = next(row for row in shipped if row.code == "kemdikbudristek")
    assert {heir.on for heir in ended.heirs} == {ended.valid_until}


def test_its_words_are_those_of_the_catalogue() -> None:
    catalogue = load_catalogue()
    assert set(entries.LEVELS) == set(catalogue.codes("agency_levels"))
    assert set(entries.ROLES) == set(catalogue.codes("agency_roles"))


def test_the_sandbox_is_a_view_of_it(shipped: tuple[AgencyEntry, ...]) -> None:
    operator, vendor, *others = sandbox.agencies()
    assert (operator.roles, vendor.roles) == (["operator"], ["vendor"])
    assert set(others) <= set(shipped)
    assert {heir.agency for row in others for heir in row.heirs} <= {row.code for row in others}


# -- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "events", "line", "said"),
    [
        ([GOOD, GOOD], [], "agencies.csv, baris/line 3", "stands in agencies.csv line 2 already"),
        ([{**GOOD, "parent": "nobody"}], [], "agencies.csv, baris/line 2", "the parent nobody is not in this"),
        (
            [{**NATIONAL, "parent": "b"}, {**NATIONAL, "code": "b", "parent": "a"}], [], "agencies.csv, baris/line 2",
            "form a circle: a → b → a",
        ),
        (
            [NATIONAL, *({**NATIONAL, "code": code, "parent": above} for code, above in ("ba", "cb", "dc"))], [],
            "agencies.csv, baris/line 5", "more than two levels above it: d → c → b → a",
        ),
        (
            [{**NATIONAL, "valid_until": "2020-01-01"}, {**NATIONAL, "code": "b", "parent": "a"}], [],
            "agencies.csv, baris/line 3", "the parent a ends on 2020-01-01",
        ),
        (
            [GOOD, {**GOOD, "code": "padang-raya"}], [], "agencies.csv, baris/line 3",
            "overlaps that of pemkot-padang (agencies.csv 2)",
        ),
        ([{**GOOD, "region": "13.99"}], [], "agencies.csv, baris/line 2", "There is no region 13.99"),
        ([{**GOOD, "region": "13.7"}], [], "agencies.csv, baris/line 2", "format the column as Text"),
        ([{**GOOD, "region": "13.06"}], [], "agencies.csv, baris/line 2", "level city does not fit region 13.06"),
        (
            [GOOD, {**GOOD, "code": "pemkab-agam", "level": "regency", "region": "13.06", "zone": "Asia/Makassar"}], [],
            "agencies.csv, baris/line 3", "two time zones in one province: Asia/Makassar here, Asia/Jakarta",
        ),
        ([{**GOOD, "zone": "Asia/Jakarta Asia/Makassar"}], [], "agencies.csv, baris/line 2", "one IANA name"),
        ([{**GOOD, "valid_from": "29/03/1956"}], [], "agencies.csv, baris/line 2", "not '29/03/1956'"),
        ([{**GOOD, "valid_until": "1950-01-01"}], [], "agencies.csv, baris/line 2", "so it lies after valid_from"),
        ([{**GOOD, "roles": "employer boss"}], [], "agencies.csv, baris/line 2", "roles must name one or more"),
        ([{**GOOD, "level": "village"}], [], "agencies.csv, baris/line 2", "level harus salah satu dari"),
        ([{**GOOD, "source": ""}], [], "agencies.csv, baris/line 2", "source is empty; say how this is known"),
        ([{**GOOD, "certainty": "sure"}], [], "agencies.csv, baris/line 2", "seen, code, memory, proposal"),
        ([NATIONAL], [event()], "succession.csv, baris/line 2", "the heir b is not in this directory"),
        ([GOOD], [event(agency="a", kind="rename")], "succession.csv, baris/line 2", "the agency a is not in this"),
        ([NATIONAL], [event(kind="rename", other="A")], "succession.csv, baris/line 2", "other is the present name"),
        ([NATIONAL], [event(kind="grew")], "succession.csv, baris/line 2", "kind harus salah satu dari"),
        ([NATIONAL], [event(other="a")], "succession.csv, baris/line 2", "cannot be its own heir"),
        (
            [NATIONAL, {**NATIONAL, "code": "b"}], [event(kind="merge")], "succession.csv, baris/line 2",
            "valid_until of a must be 2020-01-01",
        ),
        (
            [NATIONAL, {**NATIONAL, "code": "b", "valid_from": "2021-01-01"}], [event()],
            "succession.csv, baris/line 2", "the heir b is not in force on 2020-01-01",
        ),
        (
            [{**NATIONAL, "valid_until": "2020-01-01"}, {**NATIONAL, "code": "b", "valid_until": "2020-01-01"}],
            [event(kind="merge"), event(kind="merge", agency="b", other="a")], "succession.csv, baris/line 2",
            "the heirs lead back to a",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and not value.endswith(".csv") else "",
)  # fmt: skip
def test_a_fault_is_told_with_file_and_line(
    tmp_path: Path, rows: list[dict[str, str]], events: list[dict[str, str]], line: str, said: str
) -> None:
    found = faults(folder(tmp_path / "directory", *rows, events=events))
    assert [fault for fault in found if fault.startswith(f"{line}: ") and said in fault], found


def test_all_faults_are_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    rows = [{**GOOD, "source": ""}, {**GOOD, "code": "X", "region": ""}, {**NATIONAL, "parent": "nobody"}]
    found = faults(folder(tmp_path / "directory", *rows, events=[event(kind="grew")]))
    assert [fault.partition(":")[0] for fault in found] == [
        "agencies.csv, baris/line 2", "agencies.csv, baris/line 3", "agencies.csv, baris/line 4",
        "succession.csv, baris/line 2",
    ]  # fmt: skip
    assert all(" / " in fault for fault in found)


def test_a_row_that_cannot_be_read_is_blamed_and_not_its_children(tmp_path: Path) -> None:
    rows = [{**NATIONAL, "valid_from": "?"}, {**NATIONAL, "code": "b", "parent": "a"}]
    assert [fault.partition(":")[0] for fault in faults(folder(tmp_path / "directory", *rows))] == [
        "agencies.csv, baris/line 2"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (";".join(AGENCIES).encode(), "the separator is a semicolon"),
        (b"code,name\n", "the header must be: code,name,roles"),
        (",".join(AGENCIES).encode() + b"\na,b\n", "there are 2 columns instead of 12"),
        (",".join(AGENCIES).encode() + b"\n\xff\n", "in Excel choose Save As, CSV UTF-8"),
        (",".join(AGENCIES).encode() + b'\n"a', "is no CSV"),
    ],
    ids=["semicolons", "header", "cells", "encoding", "quote"],
)
def test_a_file_that_is_none_is_said_plainly(tmp_path: Path, content: bytes, said: str) -> None:
    place = folder(tmp_path / "directory", GOOD)
    (place / "broken.csv").write_bytes(content)
    (found,) = faults(place)
    assert found.startswith("broken.csv, baris/line ")
    assert said in found


def test_what_excel_adds_does_no_harm(tmp_path: Path) -> None:
    place = folder(tmp_path / "directory", GOOD)
    file = place / "agencies.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert [row.code for row in checked(read(place))] == ["pemkot-padang"]


def test_a_folder_without_agencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DirectoryRefused, match="no CSV file of agencies"):
        read(tmp_path / "nothing")


def test_the_shipped_files_are_all_read() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {
        "README.md", "centre.csv", "governments.csv", "succession.csv", "supervisors.csv",
    }  # fmt: skip
