"""Who is told, by mail, that a webhook will be paused: its contact, once for each time that its receiver fails.

The mail goes out when one attempt is left, which is a day before it. It holds ids and times, nothing of a case, and no
address beyond the webhook's host. A mailbox that the mail server refuses is told to the subscriber (`warning`) and not
tried again; a mail server that is away is tried again until the pause comes.

What is promised is at least once. A courier that dies between the mail server's word and noting it sends again, when
its claim has run out (`AGAIN_AFTER`), under the same `Message-ID`, by which a mail server or a reader drops the second
one; one that dies before that word has sent nothing, and the mail goes out then. So no death loses a mail, and a
courier that dies each time sends one in ten minutes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from audit.ledger import instant
from delivery import mail, messages, queue, schedule
from delivery.mail import Outcome

logger = logging.getLogger("lintas.delivery")

AGAIN_AFTER: Final = timedelta(minutes=10)
"""How long a claim holds, and so how soon a mail server that was away is asked again. An exchange takes far less."""
MOST: Final = 20
"""Mails of one round."""
_JAKARTA: Final = ZoneInfo("Asia/Jakarta")

# One attempt is left, and nobody was told since this failing began. Nothing is sent to a client that has left the
# register, nor to a vendor's that no employer lets read its events: there no pause comes, and so no mail.
_CLAIM: Final = f"""
WITH due AS (
    SELECT w.id, c.active AND '{queue.SCOPE}' = ANY (c.scopes) AND (w.status = 'unproven' OR {queue.HAS_EVENTS})
        AS is_served
    FROM delivery_webhook w JOIN agencies_client c ON c.id = w.client_id
    WHERE w.status IN ('unproven', 'active') AND w.attempts = %(last)s AND w.contact <> ''
        AND w.failing_since IS NOT NULL AND (w.warned_at IS NULL OR w.warned_at < w.failing_since)
        AND (w.warns_at IS NULL OR w.warns_at <= %(now)s)
    ORDER BY w.due_at, w.id LIMIT %(most)s FOR UPDATE OF w SKIP LOCKED
)
UPDATE delivery_webhook w SET warns_at = CASE WHEN due.is_served THEN %(until)s ELSE %(tomorrow)s END
FROM due, agencies_client c WHERE w.id = due.id AND c.id = w.client_id
RETURNING due.is_served, w.id, c.client_id, w.host, w.contact, w.failing_since, w.due_at
"""  # noqa: S608 - constants
_NOTE: Final = """
UPDATE delivery_webhook SET warned_at = %(now)s, warning = %(warning)s
WHERE id = %(webhook)s AND failing_since = %(since)s
"""


@dataclass(frozen=True, slots=True)
class Warned:
    """A webhook that will be paused at `pauses_at` unless its receiver answers until then."""

    webhook: UUID
    client: str
    host: str
    contact: str
    since: datetime
    pauses_at: datetime


def claim(*, now: datetime) -> list[Warned]:
    """Those whose contact is to be told now, for this courier alone until `AGAIN_AFTER`.

    Of one that nothing is sent to any more the program's log says so, once a day, and its contact hears nothing.
    """
    given: dict[str, Any] = {
        "last": len(schedule.delays()) - 1,
        "now": now,
        "until": now + AGAIN_AFTER,
        "tomorrow": now + timedelta(days=1),
        "most": MOST,
        "scope": messages.SCOPE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, given)
        found = [(is_served, Warned(*row)) for is_served, *row in cursor.fetchall()]
    for is_served, one in found:
        if not is_served:
            logger.warning(
                "webhook %s: its contact is not told of a pause, because nothing is sent to client %s any more",
                one.webhook,
                one.client,
            )
    return [one for is_served, one in found if is_served]


def note(warned: Warned, outcome: Outcome, *, now: datetime) -> None:
    """Note what came of it, unless its receiver has answered meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"now": now, "warning": outcome, "webhook": warned.webhook, "since": warned.since})


def send(warned: Warned) -> Outcome | None:
    """Hand the mail to the mail server; None where it could not be asked, or puts us off. Raises nothing."""
    return mail.handed_over(lambda line: message(warned, line), about=f"webhook {warned.webhook}: its contact")


def message(warned: Warned, line: BaseEmailBackend) -> EmailMessage:
    """The mail, in Indonesian and English."""
    base = settings.LINTAS_BASE_URL
    address = f"{base}/api/v1/webhooks/{warned.webhook}"
    since, until = _told(warned.since), _told(warned.pauses_at)
    mark = mail.mark(f"{warned.webhook}.{int(warned.since.timestamp())}", base=base)
    return EmailMessage(
        subject="Lintas: webhook akan dihentikan / a webhook will be paused",
        body=_BODY.format(
            webhook=warned.webhook, client=warned.client, host=warned.host, since=since, until=until, address=address
        ),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[warned.contact],
        headers={"Message-ID": mark, "Auto-Submitted": "auto-generated"},
        connection=line,
    )


_BODY: Final = """\
Webhook {webhook} milik klien {client} (penerima {host}) gagal sejak {since}.
Bila percobaan terakhir pada {until} juga gagal, webhook dihentikan. Tidak ada
peristiwa yang hilang: GET /api/v1/events tetap memuatnya, dan setelah penerima
pulih webhook dilanjutkan dari tempatnya (PATCH dengan {{"active": true}}).

Webhook {webhook} of client {client} (receiver {host}) has failed since {since}.
If the last attempt at {until} fails as well, it is paused. No event is lost:
GET /api/v1/events has them, and once the receiver is back the webhook goes on
where it stopped (PATCH with {{"active": true}}).

{address}
{address}/deliveries
"""


def _told(moment: datetime) -> str:
    local = moment.astimezone(_JAKARTA)
    return f"{local:%Y-%m-%d %H:%M} WIB ({instant(moment.astimezone(UTC))})"
