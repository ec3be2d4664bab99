"""`manage.py approve_delegation ID`; without an id it lists those that wait."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from agencies import delegations
from agencies.delegations import By
from agencies.management.delegating import DelegationCommand
from agencies.models import Delegation
from audit import ledger


class Command(DelegationCommand):
    database_role = "owner"
    help = (
        "Lets a vendor's client act for an employer that asked the operator to say so, on paper or in person. "
        "Each change is an entry of the employer's stream."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["id"] is None:
            live = Delegation.objects.filter(ended_at__isnull=True, valid_until__gt=now, approved_at__isnull=True)
            self.list_delegations(live)
            return
        try:
            changed = delegations.approve(ident=options["id"], by=By(), now=now)
        except delegations.NoSuchDelegation as refused:
            raise CommandError("There is no delegation of that id.") from refused
        except delegations.DelegationOver as refused:
            raise CommandError("It was ended or ran out: the vendor has to ask anew.") from refused
        row = changed.delegation
        self.stdout.write(
            f"{row.client.client_id} may act for {row.employer.code} until {ledger.instant(row.valid_until)}"
        )
