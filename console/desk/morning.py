"""The mail of a working morning: what waits for an officer's agency, as numbers of casefiles, counts and due days.

Nothing of a case stands in it, and nobody's name. What it lists is recorded as a read of the person whom it is sent to.

What is promised is at least once: the day is noted after the mail server took the mail, so a run that dies in between
sends again, under the same `Message-ID` of person and day, by which a mail server or a reader drops the second one.
Where nothing waits, nothing is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid4

import orjson
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies import calendar
from agencies.actor import Actor
from audit import access
from casefiles.catalogue.law import local_day
from casefiles.sight.referral_page import page_of
from casefiles.sight.referrals import ReferralFilters, referrals_seen
from console import telling
from console.desk.inbox import SOON, Waiting, waiting_of
from delivery import mail
from people import morning_mails, persons
from people.models import MorningMail

logger = logging.getLogger("lintas.console")

LISTED: Final = 20
"""Casefiles that a mail lists; of more it says how many."""
ROUTE: Final = "console:surel pagi"
AWAY: Final = 5
"""So many mails in a row that the mail server did not take end a round: it is away, and each takes its patience."""
_LOCK: Final = "hashtextextended('morning mails', 0)"


@dataclass(slots=True)
class Round:
    """What a round did: mails taken, mails refused for ever, and mails that wait for another round."""

    sent: int = 0
    refused: int = 0
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What waits for an agency on a morning. `late` and `soon` are counted within `total`; `rows` are the first."""

    day: date
    total: int
    late: int
    soon: int
    rows: tuple[Waiting, ...]


def mail_all(*, now: datetime) -> Round:
    """Mail everybody whose morning it is and who was not mailed today. A second run at the same time does nothing."""
    done = Round()
    with _alone() as is_alone:
        if not is_alone:
            logger.warning("morning mails: another run is under way")
            return done
        days_off = calendar.load()
        in_a_row = 0
        for wish in morning_mails.wanted():
            day = local_day(now, wish.person.agency.time_zone)
            if (wish.mailed_on is not None and wish.mailed_on >= day) or not days_off.is_working_day(day):
                continue
            if in_a_row >= AWAY:
                done.put_off += 1
                continue
            outcome = _mailed(wish, day=day, now=now, done=done)
            in_a_row = in_a_row + 1 if outcome == "put off" else 0
    return done


def _mailed(wish: MorningMail, *, day: date, now: datetime, done: Round) -> str:
    """Mail one person, unless nothing waits; what became of it."""
    actor = persons.actor_of(wish.person)
    with translation.override(wish.language):
        digest = digest_for(actor, language=wish.language, day=day, now=now)
        if digest is None:
            return "nothing waits"
        outcome = mail.handed_over(
            lambda line: message(wish, digest, line), about=f"person {wish.person_id}: morning mail"
        )
    if outcome is None:
        done.put_off += 1
        return "put off"
    morning_mails.note(wish.person_id, day=day, refused=outcome == "refused")
    if outcome == "sent":
        done.sent += 1
    else:
        done.refused += 1
    return outcome


def digest_for(actor: Actor, *, language: str, day: date, now: datetime) -> Digest | None:
    """What waits for the actor's agency, in two statements; the second records the read. None where nothing waits."""
    rows = referrals_seen(actor, ReferralFilters(), now=now)
    is_late = Q(due_at__lte=now) | Q(missed_due_on__isnull=False)
    counts = rows.aggregate(
        total=Count("pk"),
        late=Count("pk", filter=is_late),
        soon=Count("pk", filter=~is_late & Q(due_on__lte=day + timedelta(days=SOON))),
    )
    if not counts["total"]:
        return None
    read = access.Read(
        at=now,
        request_id=uuid4(),
        agency=actor.agency_id,
        client=actor.client_id,
        route=ROUTE,
        purpose=actor.default_purpose,
    )
    page = page_of(
        rows.order_by("due_at", "pk"), limit=LISTED, now=now, language="en" if language == "en" else "id", read=read
    )
    listed = tuple(waiting_of(item, now=now) for item in orjson.loads(page.items))
    return Digest(day=day, rows=listed, **counts)


def message(wish: MorningMail, digest: Digest, line: BaseEmailBackend) -> EmailMessage:
    """The mail, in the language that is active."""
    base = settings.LINTAS_CONSOLE_BASE_URL
    return EmailMessage(
        subject="Lintas: " + _counted(digest),
        body="\n".join(_lines(digest, base)) + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[wish.person.email],
        headers={
            "Message-ID": mail.mark(f"{wish.person_id}.{digest.day.isoformat()}", base=base),
            "Auto-Submitted": "auto-generated",
        },
        connection=line,
    )


def _counted(digest: Digest) -> str:
    told = [ngettext("%(number)s perkara menunggu", "%(number)s perkara menunggu", digest.total)]
    counts = [digest.total]
    if digest.late:
        told.append(ngettext("%(number)s lewat tenggat", "%(number)s lewat tenggat", digest.late))
        counts.append(digest.late)
    if digest.soon:
        told.append(ngettext("%(number)s hampir jatuh tempo", "%(number)s hampir jatuh tempo", digest.soon))
        counts.append(digest.soon)
    return ", ".join(text % {"number": number} for text, number in zip(told, counts, strict=True))


def _lines(digest: Digest, base: str) -> Iterator[str]:
    yield f"{telling.day(digest.day)}: {_counted(digest)}."
    yield ""
    for row in digest.rows:
        yield f"{row.number}  {row.due_on}  {_left(row)}"
    if (more := digest.total - len(digest.rows)) > 0:
        yield ngettext("dan %(number)s lagi.", "dan %(number)s lagi.", more) % {"number": more}
    yield ""
    yield f"{base}/meja"
    yield ""
    yield _("Surel ini tidak memuat isi perkara. Anda dapat mematikannya di halaman Meja.")


def _left(row: Waiting) -> str:
    if row.late:
        return ngettext("lewat %(days)s hari", "lewat %(days)s hari", row.late) % {"days": row.late}
    if row.left == 0:
        return _("hari ini")
    return ngettext("%(days)s hari lagi", "%(days)s hari lagi", row.left) % {"days": row.left}


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other run is under way; none begins until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_LOCK})")
        is_alone: bool = cursor.fetchone()[0]
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock({_LOCK})")
