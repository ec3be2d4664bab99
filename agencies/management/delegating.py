"""What the commands about delegations share: the id that they take, and the list that they print without one."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from agencies.models import Delegation
from audit import ledger
from audit.management.receipted import ReceiptedCommand


class DelegationCommand(ReceiptedCommand):
    """A command about one delegation."""

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The id; without it the command lists delegations."""
        super().add_arguments(parser)
        parser.add_argument("id", nargs="?", type=UUID, help="as POST /delegations answered it, or this list")

    def list_delegations(self, rows: QuerySet[Delegation]) -> None:
        """One a line: id, the vendor's client, the employer, until when, and the scopes."""
        for row in rows.select_related("client", "employer").order_by("pk"):
            until, scopes = ledger.instant(row.valid_until), " ".join(row.scopes)
            self.stdout.write(f"{row.pk} {row.client.client_id} for {row.employer.code} until {until}: {scopes}")
