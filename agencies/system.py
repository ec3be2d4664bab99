"""Who acts when nobody calls: the clock and operators' commands, for the agency that runs the register."""

from __future__ import annotations

from django.conf import settings

from agencies.actor import Actor
from agencies.models import Agency


class NoOperator(LookupError):
    """The agency named by LINTAS_OPERATOR is not registered."""


def operator(command: str) -> Actor:
    """The operator's agency, acting by that command. Raises `NoOperator`, saying what to type."""
    code = settings.LINTAS_OPERATOR
    agency = Agency.objects.select_related("group").filter(code=code).first()
    if agency is None or "operator" not in agency.roles:
        raise NoOperator(
            f"LINTAS_OPERATOR names {code!r}, which is no agency with the role operator. Register it: "
            "./run manage register_agency FILE."
        )
    return Actor(
        client_pk=0,
        client_id=command,
        agency_id=agency.pk,
        agency_code=agency.code,
        agency_name=agency.name,
        roles=frozenset(agency.roles),
        scopes=frozenset(),
        # No person and no system of an agency: history rows of such steps name no user.
        user_pk=None,
        group_pk=agency.group.pk,
        time_zone=agency.time_zone,
        ancestors=(),
        token_pk=0,
        key_thumbprint=None,
    )
