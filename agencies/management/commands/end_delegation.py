"""`manage.py end_delegation ID`; without an id it lists those that wait or serve."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from agencies import delegations
from agencies.delegations import By
from agencies.management.delegating import DelegationCommand
from agencies.models import Delegation


class Command(DelegationCommand):
    database_role = "owner"
    help = (
        "Ends what a vendor's client may do for an employer: its next request is refused. "
        "Each change is an entry of the employer's stream."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["id"] is None:
            live = Delegation.objects.filter(ended_at__isnull=True, valid_until__gt=now)
            self.list_delegations(live)
            return
        try:
            changed = delegations.end(ident=options["id"], by=By(), now=now)
        except delegations.NoSuchDelegation as refused:
            raise CommandError("There is no delegation of that id.") from refused
        row = changed.delegation
        self.stdout.write(f"{row.client.client_id} acts no more for {row.employer.code}")
