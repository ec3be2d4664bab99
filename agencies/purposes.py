"""For what somebody reads what concerns an officer: the codes, and what a system that says nothing reads for.

The labels of the codes are the catalogue's list `reading_purpose`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

CODES: Final = (
    "case_handling",
    "identity_check",
    "oversight",
    "audit",
    "statistics",
    "system_sync",
    "personnel_administration",
    "legal_proceedings",
    "subject_request",
    "public_information",
    "incident_response",
    "integration_test",
    "operation",
)

# An agency of several roles reads for the first of them here. An auditor is never a party, whatever else it is; a
# ministry that is also an employer handles cases.
_BY_ROLE: Final[Mapping[str, str]] = {
    "auditor": "audit",
    "election_supervisor": "case_handling",
    "examiner": "case_handling",
    "employer": "case_handling",
    "appeal_board": "case_handling",
    "civil_service_agency": "case_handling",
    "home_affairs": "oversight",
    "policy_ministry": "oversight",
    "operator": "operation",
}


def of_roles(roles: Collection[str]) -> str:
    """What an agency of these roles reads for, unless its client or the request says otherwise."""
    return next((purpose for role, purpose in _BY_ROLE.items() if role in roles), "case_handling")
