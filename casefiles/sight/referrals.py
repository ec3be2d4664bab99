"""Referrals as an agency reads them: what waits for whom, and what the versions of one casefile opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.db.models import BooleanField, Q, Subquery
from django.db.models.expressions import RawSQL

from agencies.actor import Actor
from agencies.queries import numbered
from casefiles.catalogue import deadlines
from casefiles.catalogue.deadlines import days_late
from casefiles.catalogue.law import local_day
from casefiles.catalogue.rows import Purpose
from casefiles.models import Referral
from casefiles.queries import ReferralQuerySet, untold
from casefiles.shapes import AgencyCode, Date, Doc, Ref
from casefiles.sight.versions import KeptVersion


@dataclass(frozen=True, kw_only=True)
class ReferralFilters:
    """The filters of the list; `to` also takes `me` and `any`."""

    to: Annotated[AgencyCode, Doc(id="Kepada: me atau kode instansi", en="To: me or an agency code", example="me")] = (
        "me"
    )
    from_: Annotated[AgencyCode, Doc(id="Dari: kode instansi", en="From: an agency code")] | None = None
    status: Annotated[
        Literal["open", "answered", "voided", "any"],
        Doc(id="Status", en="Status: open, answered, voided or any", example="open"),
    ] = "open"
    purpose: Annotated[Purpose, Doc(id="Keperluan", en="Purpose")] | None = None
    overdue: Annotated[bool, Doc(id="Lewat tenggat", en="Overdue")] | None = None
    paused: Annotated[bool, Doc(id="Pemeriksa memberi perpanjangan", en="The examiner granted more time")] | None = None
    due_from: Annotated[Date, Doc(id="Jatuh tempo sejak", en="Due on that day or later")] | None = None
    due_before: Annotated[Date, Doc(id="Jatuh tempo sebelum", en="Due before that day")] | None = None
    casefile: Annotated[UUID, Ref("casefile"), Doc(id="Perkara", en="Casefile")] | None = None


def referrals_seen(actor: Actor, asked: ReferralFilters, *, now: datetime) -> ReferralQuerySet:
    """The referrals of casefiles that the actor sees now and that match what was asked."""
    is_queue = asked.status == "open" and asked.to in {"me", actor.agency_code}
    rows: ReferralQuerySet = Referral.objects.visible_to(actor, one_by_one=is_queue)
    if asked.overdue is not None:
        rows = rows.filter(_is_late(asked, now=now))
    conditions = _conditions(asked, actor)
    if is_queue:
        # The status as a constant, by which PostgreSQL knows the index of open referrals; whose they are, untold.
        del conditions["status"]
        conditions["to_agency"] = untold(actor.agency_id)
        rows = rows.filter(RawSQL("casefiles_referral.status = 'open'", (), output_field=BooleanField()))
    return rows.filter(**conditions)


def _is_late(asked: ReferralFilters, *, now: datetime) -> Q:
    """An answered referral was late by its days; an open one is late from due_at on, and once a due day was missed."""
    if asked.status != "open":
        return Q(days_late__gt=0) if asked.overdue else Q(days_late=0)
    if asked.overdue:
        return Q(due_at__lte=now) | Q(missed_due_on__isnull=False)
    # Without a NOT, so that the queue is read from here on: it is in the order of due_at.
    return Q(due_at__gt=now, missed_due_on__isnull=True)


def _conditions(asked: ReferralFilters, actor: Actor) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    if asked.to in {"me", actor.agency_code}:
        conditions["to_agency"] = actor.agency_id
    elif asked.to != "any":
        conditions["to_agency"] = Subquery(numbered(asked.to)[:1])
    if asked.from_ is not None:
        conditions["from_agency"] = Subquery(numbered(asked.from_)[:1])
    if asked.status != "any":
        conditions["status"] = asked.status
    for name in ("purpose", "casefile"):
        if (value := getattr(asked, name)) is not None:
            conditions[name] = value
    # Days are of the holder's place, the list is in the order of the instant at which the due day ends there: within
    # half a day of midnight in UTC, wherever that is. So the list is read where it may begin and end.
    if asked.due_before is not None:
        conditions |= {"due_on__lt": asked.due_before, "due_at__lt": _midnight(asked.due_before) + _A_DAY}
    if asked.due_from is not None:
        conditions |= {"due_on__gte": asked.due_from, "due_at__gt": _midnight(asked.due_from)}
    if asked.paused is not None:
        conditions["paused_days__gt" if asked.paused else "paused_days"] = 0
    return conditions


_A_DAY: Final = timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


# --- of one casefile ------------------------------------------------------------------------------------------------


def opened_by(version: KeptVersion, *, last: KeptVersion | None = None) -> list[dict[str, Any]]:
    """The referrals that the version opened, as rows that are shown (`api.v1.presenting.referral`).

    For a former party `last` is the last version that it reads; each referral is given as it stood then.
    """
    rows = [dict(row) if last is None else _as_it_stood(row, last) for row in version.opened]
    for row in rows:
        for name in ("opened_at", "due_at", "answered_at"):
            if row[name]:
                row[name] = datetime.fromisoformat(row[name]).astimezone(UTC)
        for name in ("clock_from", "due_on", "original_due_on", "missed_due_on"):
            if row[name]:
                row[name] = date.fromisoformat(row[name])
    return rows


def _as_it_stood(row: Mapping[str, Any], last: KeptVersion) -> dict[str, Any]:
    """The referral when `last` was the newest version: answers and moves that came later are left out."""
    turn: Mapping[str, Any] | None = last.facts.get("turn")
    rule = deadlines.as_it_stood(row["rule"], seq=last.seq)
    then = {**row, "case_state": last.to_state, "case_version": last.seq, "rule": rule}
    answered = row["answered_seq"] is not None and row["answered_seq"] <= last.seq
    if answered and row["status"] == "voided" and row["id"] not in last.facts.get("voided_referrals", ()):
        answered_on = local_day(datetime.fromisoformat(row["answered_at"]), row["time_zone"])
        missed = date.fromisoformat(row["missed_due_on"] or row["due_on"])
        return then | {"status": "answered", "days_late": days_late(missed, answered_on)}
    if answered or turn is None or turn["referral"] != row["id"]:
        return then
    due_on = turn["due_on"]
    unmoved = row["due_on"] == due_on
    return then | {
        "status": "open",
        "due_on": due_on,
        "missed_due_on": turn.get("missed_due_on"),
        "due_at": turn["due_at"],
        "answered_at": None,
        "answered_with": "",
        "by_code": None,
        "days_late": 0,
        "paused_days": row["paused_days"] if unmoved else sum(pause["days"] for pause in rule.get("pauses", ())),
    }
