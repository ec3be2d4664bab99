"""Reporter and witnesses: kept with the finding, and never part of a casefile.

A casefile holds a commitment to them and says which of them there are. So whatever is made of casefiles (exports,
versions, what opens an entry of the log) cannot name them; the finding's own content can, and the submitter and the
examiner read them from there (SKB 2/2022; UU 13/2006 on the protection of witnesses).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit import ledger
from casefiles.file import Finding, Protected

WHO = ("reporter", "witnesses")
# The warning that tells something of the reporter: it is for whoever may know them.
ANONYMOUS = "anonymous-report"

# The protected part of a casefile's finding. Who is shown it is for `sight.project` to say.
OF_FINDING = """
(
    SELECT json_build_object('reporter', f.given->'reporter', 'witnesses', f.given->'witnesses')
    FROM casefiles_payload f WHERE f.finding_id = c.finding_id AND f.given IS NOT NULL ORDER BY f.seq LIMIT 1
)
"""


def sealed(content: Mapping[str, Any]) -> tuple[Protected | None, bytes | None]:
    """What the casefiles of a finding keep of its protected part, and the salt that stays with the finding."""
    held = {name: content[name] for name in WHO if content.get(name)}
    if not held:
        return None, None
    commitment = ledger.commit(held)
    return {"holds": sorted(held), "digest": commitment.digest.hex()}, commitment.salt


def held_back(finding: Finding) -> list[str]:
    """Which of them there are, by the casefile's own word."""
    commitment = finding.get("protected")
    return list(commitment["holds"]) if commitment else []
