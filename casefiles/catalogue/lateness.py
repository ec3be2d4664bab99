"""Whether a finding was set or sent late. Pure: the finding's days and the law in, the warnings of a file out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from casefiles.catalogue.book import Catalogue
from casefiles.file import Warned

CODE = "late-finding"
# UU 7/2017 art. 454: found matters are set as a finding within seven days; the register flags a later one.
REGISTERED_WITHIN = timedelta(days=7)
# Working days within which a registered matter is handled, with the further days for more information: fourteen by UU
# 7/2017 art. 454, three and two by UU 10/2016 art. 134. The latter speaks of days, which some read as calendar days:
# what is flagged here is late by either reading.
HANDLED_WITHIN: Mapping[str, int] = MappingProxyType({"general": 14, "regional_head": 5})


def warnings(
    finding: Mapping[str, Any], *, catalogue: Catalogue, working_days_after: Callable[[date, int], date]
) -> Iterator[Warned]:
    """The finding as its file holds it, or as it was forwarded, with the day on which it arrived.

    A file that is older than one of these days says nothing of it.
    """
    if not finding.get("known_on"):
        return
    known, registered = date.fromisoformat(finding["known_on"]), date.fromisoformat(finding["registered_on"])
    if registered - known > REGISTERED_WITHIN:
        days = (registered - known).days
        yield {
            "code": CODE,
            "pointer": "#/finding/registered_on",
            "id": f"Diregistrasi {days} hari sesudah diketahui; batasnya {REGISTERED_WITHIN.days} hari.",
            "en": f"Registered {days} days after it became known; the limit is {REGISTERED_WITHIN.days} days.",
        }
    most = _handled_within(finding, catalogue)
    if most is None or not finding.get("arrived_on"):
        return
    arrived, last = date.fromisoformat(finding["arrived_on"]), working_days_after(registered, most)
    if arrived > last:
        days = (arrived - registered).days
        yield {
            "code": CODE,
            "pointer": "#/finding/registered_on",
            "id": f"Sampai di sini {days} hari sesudah diregistrasi ({arrived.isoformat()}); batas penanganannya "
            f"{most} hari kerja, yaitu {last.isoformat()}.",
            "en": f"It arrived here {days} days after its registration, on {arrived.isoformat()}; the limit to "
            f"handle it is {most} working days, that is {last.isoformat()}.",
        }


def _handled_within(finding: Mapping[str, Any], catalogue: Catalogue) -> int | None:
    """Nothing limits the handling of what is of no election, nor of a letter from before the first stage."""
    if finding["election"] is None or finding.get("register_kind") == "forwarding_letter":
        return None
    return HANDLED_WITHIN.get(catalogue.election(finding["election"]).kind)
