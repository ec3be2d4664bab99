"""The past of Pilkada 2020 as a list for `import_cases`: its published curve, with persons who do not exist.

    python -m demo.pilkada_2020 > pilkada-2020.ndjson
    python -m demo.pilkada_2020 --scale 0.05 > small.ndjson

KASN and BKN told the press how many officers had been reported, how many cases were recommended and how many followed
up, as of ten days from June 2020 to January 2023. Between two of them the cases are spread evenly. The totals of 31
January 2023 are 2,034 reported, 1,596 recommended and 1,413 followed up; 311 were not proven. Names, NIPs, letters and
acts are invented, and so is which office and which employer each case is of. The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

Curve = Sequence[tuple[date, int]]

BEGINS: Final = date(2020, 1, 6)
REPORTED: Final[Curve] = (
    (BEGINS, 0), (date(2020, 6, 26), 369), (date(2020, 8, 19), 490), (date(2020, 10, 13), 732),
    (date(2020, 11, 5), 827), (date(2020, 11, 26), 1_005), (date(2020, 12, 19), 1_305), (date(2021, 12, 16), 2_007),
    (date(2023, 1, 31), 2_034),
)  # fmt: skip
RECOMMENDED: Final[Curve] = (
    (BEGINS, 0), (date(2020, 6, 26), 283), (date(2020, 8, 19), 372), (date(2020, 10, 13), 518),
    (date(2020, 11, 5), 606), (date(2020, 11, 26), 727), (date(2021, 12, 16), 1_588), (date(2022, 5, 31), 1_596),
)  # fmt: skip
FOLLOWED_UP: Final[Curve] = (
    (BEGINS, 0), (date(2020, 6, 26), 99), (date(2020, 8, 19), 194), (date(2020, 10, 13), 273),
    (date(2020, 11, 5), 362), (date(2020, 11, 26), 580), (date(2020, 12, 19), 635), (date(2021, 12, 16), 1_365),
    (date(2022, 5, 31), 1_373), (date(2023, 1, 31), 1_413),
)  # fmt: skip
NOT_PROVEN: Final = 311
# Of so many reported, so many are proven in the end: never fewer than were recommended on any of the days.
_PROVEN: Final = ((0, 0), (369, 295), (490, 385), (732, 545), (827, 630), (1_005, 755), (1_305, 1_000),
                  (2_007, 1_592), (2_016, 1_596), (2_034, 1_596))  # fmt: skip
VOTING: Final = date(2020, 12, 9)
CLOSES_AFTER: Final = timedelta(days=60)
UNTIL: Final = date(2023, 1, 31)

PLACES: Final = (
    ("bawaslu-kota-padang", "pemkot-padang", "13.71", "mayor"),
    ("bawaslu-kab-kotawaringin-timur", "pemkab-kotawaringin-timur", "62.02", "regent"),
    ("bawaslu-sumatera-barat", "pemprov-sumatera-barat", "13", "governor"),
)
"""Office, employer, region and contest: those of the sandbox."""
_FORMS: Final = ("online_campaign", "partisan_activity", "joint_photo", "attend_declaration", "social_media_engagement")
_POSITIONS: Final = ("senior_leader_first", "functional_expert", "administrator", "executor")
_GIVEN: Final = ("Ahmad", "Budi", "Citra", "Dewi", "Eko", "Fitri", "Gunawan", "Hesti", "Indra", "Joko", "Kartika")
_SECOND: Final = ("Lestari", "Maulana", "Nugraha", "Pratama", "Rahayu", "Saputra", "Tanjung", "Utami", "Wijaya")


@dataclass(frozen=True, slots=True)
class _Case:
    number: int
    forwarded: date
    recommended: date | None
    followed: date | None
    is_cleared: bool


def rows(*, scale: float = 1.0) -> Iterator[dict[str, Any]]:
    """One row of the list after the other, in the order in which the cases were forwarded."""
    for case in _cases(scale):
        yield _row(case)


def total(curve: Curve, scale: float) -> int:
    """The last number of a curve at that scale."""
    return round(curve[-1][1] * scale)


def _cases(scale: float) -> Iterator[_Case]:
    reported = days(REPORTED, scale)
    recommended, followed = days(RECOMMENDED, scale), days(FOLLOWED_UP, scale)
    cleared, proven = round(NOT_PROVEN * scale), 0
    for number, day in enumerate(reported, 1):
        is_proven = proven < len(recommended) and _share(number, scale) > proven
        left = len(reported) - number + 1
        if not is_proven and left <= len(recommended) - proven:
            is_proven = True
        if is_proven:
            # Rounding may put a recommendation a day before its report at a small scale.
            decided = max(recommended[proven], day)
            sanctioned = max(followed[proven], decided) if proven < len(followed) else None
            yield _Case(number, day, decided, sanctioned, is_cleared=False)
            proven += 1
        else:
            yield _Case(number, day, None, None, is_cleared=cleared > 0)
            cleared -= 1


def _share(number: int, scale: float) -> int:
    """How many of so many reported are proven in the end."""
    whole = number / scale
    for (before, fewer), (after, more) in pairwise(_PROVEN):
        if whole <= after:
            return round((fewer + (more - fewer) * (whole - before) / (after - before)) * scale)
    return round(_PROVEN[-1][1] * scale)


def days(curve: Curve, scale: float = 1.0) -> list[date]:
    """The day of each case of a curve, in order: as many by each of its days as it says."""
    found: list[date] = []
    for (began, _), (ended, count) in pairwise(curve):
        so_many = round(count * scale) - len(found)
        length = (ended - began).days
        found += [began + timedelta(days=max(1, round(length * (place + 1) / so_many))) for place in range(so_many)]
    return found


def _row(case: _Case) -> dict[str, Any]:
    office, employer, region, contest = PLACES[case.number % len(PLACES)]
    act = min(case.forwarded - timedelta(days=12), VOTING)
    row: dict[str, Any] = {
        "register_number": f"{case.number:04d}/TM/PB/{case.forwarded.year}",
        "source": "finding" if case.number % 13 else "report",
        "origin_office": office,
        "election": "pilkada-2020",
        "known_on": max(act, case.forwarded - timedelta(days=9)).isoformat(),
        "registered_on": (case.forwarded - timedelta(days=5)).isoformat(),
        "forwarded_on": case.forwarded.isoformat(),
        "clarified_on": (case.forwarded - timedelta(days=3)).isoformat(),
        "form": _FORMS[case.number % len(_FORMS)],
        "act_date": act.isoformat(),
        "region": region,
        "contest_office": contest,
        "contest_region": region,
        "description": "Perbuatan rekaan untuk contoh.",
        **_person(case.number),
        "employer": employer,
        "employment_kind": "pns",
        "position_kind": _POSITIONS[case.number % len(_POSITIONS)],
        "outcome": "open",
    }
    if case.recommended is not None:
        return row | _proven(case, case.recommended)
    if case.is_cleared:
        decided = case.forwarded + timedelta(days=20)
        return row | {
            "accepted_on": case.forwarded.isoformat(),
            "cleared_on": decided.isoformat(),
            "clear_reason": "evidence_insufficient",
            "letter_number": f"T-{case.number:04d}/{decided.year}",
            "outcome": "not_proven",
        }
    return row


def _proven(case: _Case, decided: date) -> dict[str, Any]:
    found: dict[str, Any] = {
        "accepted_on": case.forwarded.isoformat(),
        "recommended_on": decided.isoformat(),
        "letter_number": f"R-{case.number:04d}/{decided.year}",
        "recommended_sanction": "moral_open",
        "reasoning": "Terbukti (rekaan).",
    }
    if case.followed is None:
        return found
    found |= {
        "received_on": decided.isoformat(),
        "sanction": "moral_open",
        "decree_number": f"SK-{case.number:04d}/{case.followed.year}",
        "decree_on": case.followed.isoformat(),
        "decree_basis": "PP 42/2004",
        "examined_by": "ethics_council",
        "examined_on": case.followed.isoformat(),
    }
    closed = case.followed + CLOSES_AFTER
    if closed > UNTIL:
        return found
    return found | {
        "delivered_on": case.followed.isoformat(),
        "delivery_method": "hand",
        "closed_on": closed.isoformat(),
        "conformity": "in_line",
        "outcome": "sanctioned",
    }


def _person(number: int) -> dict[str, str]:
    """Somebody who does not exist: the last three digits of the NIP and the dates in it are drawn from the number."""
    born = date(1968, 1, 1) + timedelta(days=(number * 37) % 7_000)
    appointed = f"{born.year + 25}{1 + number % 12:02d}"
    name = f"{_GIVEN[number % len(_GIVEN)]} {_SECOND[number % len(_SECOND)]} Rekaan"
    return {"name": name, "nip": f"{born:%Y%m%d}{appointed}{1 + number % 2}{number % 1_000:03d}"}


def main(arguments: Sequence[str]) -> int:
    """Write the list to standard output."""
    parser = argparse.ArgumentParser(prog="python -m demo.pilkada_2020", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--scale", type=float, default=1.0, help="a part of it, such as 0.05")
    scale: float = parser.parse_args(arguments).scale
    if not 0 < scale <= 1:
        parser.error("--scale is above 0 and at most 1")
    for row in rows(scale=scale):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
