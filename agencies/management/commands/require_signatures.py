"""`manage.py require_signatures CLIENT_ID --since 2027-01-01T00:00:00+07:00`, or `--lift`."""

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agencies import clients
from agencies.registration import RegistrationRefused
from audit.management.receipted import ReceiptedCommand


class Command(ReceiptedCommand):
    database_role = "owner"
    requires_system_checks = ()
    help = "Says from when on the writes of a client must be signed (RFC 9421), and puts that into the log."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("client_id")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--since", help="a moment with its zone, such as 2027-01-01T00:00:00+07:00; or: now")
        which.add_argument("--lift", action="store_true", help="signatures become optional again")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        since = None if options["lift"] else _moment(options["since"], now=now)
        try:
            clients.require_signatures(client_id=options["client_id"], since=since, now=now)
        except RegistrationRefused as refused:
            raise CommandError("Nothing was changed.\n" + "\n".join(refused.reasons)) from refused
        outcome = "optional" if since is None else f"required from {since.isoformat()}"
        self.stdout.write(f"signatures of {options['client_id']} are {outcome}")


def _moment(text: str, *, now: datetime) -> datetime:
    if text == "now":
        return now + clients.LEAD
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no moment; write it like 2027-01-01T00:00:00+07:00.") from error
    if moment.tzinfo is None:
        raise CommandError(f"{text!r} names no zone; write it like 2027-01-01T00:00:00+07:00.")
    return moment
