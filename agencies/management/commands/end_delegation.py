"""`manage.py end_delegation ID`; without an id it lists those that wait or serve."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import delegations
from agencies.delegations import By
from agencies.models import Delegation
from audit import ledger
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = (
        "Ends what a vendor's client may do for an employer: its next request is refused. "
        "Each change is an entry of the employer's stream."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("id", nargs="?", type=UUID, help="as POST /delegations answered it, or this list")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["id"] is None:
            self._list(now)
            return
        try:
            changed = delegations.end(ident=options["id"], by=By(), now=now)
        except delegations.NoSuchDelegation as refused:
            raise CommandError("There is no delegation of that id.") from refused
        row = changed.delegation
        self.stdout.write(f"{row.client.client_id} acts no more for {row.employer.code}")

    def _list(self, now: datetime) -> None:
        rows = Delegation.objects.filter(ended_at__isnull=True, valid_until__gt=now)
        for row in rows.select_related("client", "employer").order_by("pk"):
            until, scopes = ledger.instant(row.valid_until), " ".join(row.scopes)
            self.stdout.write(f"{row.pk} {row.client.client_id} for {row.employer.code} until {until}: {scopes}")
