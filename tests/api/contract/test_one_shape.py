"""One thing has one shape, in whatever answer it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.contract.openapi import files


def test_an_agency_comes_out_as_code_and_name() -> None:
    """It goes in as a code. One thing has one shape, in whatever answer it stands."""
    told = re.compile(r"[Kk]ode (instansi|otoritas|kantor)|gency code|The (examiner|holder)'s code")

    def bare(place: str, schema: Mapping[str, Any]) -> Iterator[str]:
        for name, member in schema.get("properties", {}).items():
            if name != "code" and "string" in str(member.get("type")) and told.search(member.get("description", "")):
                yield f"{place}.{name}"
            yield from bare(f"{place}.{name}", member)
        yield from bare(f"{place}[]", schema["items"]) if "items" in schema else ()

    found = {
        place for name, schema in files.kept("3.1")["components"]["schemas"].items() for place in bare(name, schema)
    }
    # What was sent is told as it was sent, and an event is ids and codes.
    sent = {"FindingContent.subjects[].workplace", "CasefileSearch.turn"}
    assert found == {"Event.data.turn.agency", *sent}
