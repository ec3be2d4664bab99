"""What a write stores besides the casefile itself."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from guardian.shortcuts import assign_perm

from benchmarks.naive.models import Agency, AuditEntry, Casefile, Outbox, Referral, Transition


def open_referral(
    casefile: Casefile, *, purpose: str, party: str, sender: Agency, holder: Agency, now: datetime
) -> Referral:
    due = now + timedelta(days=7)
    rule = {"code": purpose, "days": 7, "day_basis": "working", "legal_basis": "SKB 2/2022", "certainty": "practice"}
    return Referral.objects.create(
        casefile=casefile, purpose=purpose, party=party, from_agency=sender, to_agency=holder, opened_at=now,
        opened_seq=casefile.version, due_on=due.date(), due_at=due, rule=rule,
    )  # fmt: skip


def record(casefile: Casefile, *, name: str, source: str, agency: Agency, given: Any, occurred_at: datetime) -> None:
    """The transition, its chained audit entry and the outbox."""
    previous = AuditEntry.objects.filter(stream=casefile.pk).order_by("-seq").first()
    body = {
        "stream": str(casefile.pk),
        "seq": casefile.version,
        "kind": name,
        "from": source,
        "to": casefile.state,
        "agency": agency.code,
        "occurred_at": occurred_at.isoformat(),
        "recorded_at": timezone.now().isoformat(),
        "payload": _digest(given),
        "after": _digest(casefile.facts),
    }
    entry = AuditEntry.objects.create(
        stream=casefile.pk, seq=casefile.version, leaf_hash=_digest(body),
        previous=previous.leaf_hash if previous else "", body=body,
    )  # fmt: skip
    Outbox.objects.create(entry=entry)
    Transition.objects.create(
        casefile=casefile, seq=casefile.version, name=name, from_state=source, to_state=casefile.state, agency=agency,
        given=given, occurred_at=occurred_at, entry=entry,
    )  # fmt: skip


def let_see(casefile: Casefile, agencies: list[Agency]) -> None:
    for agency in agencies:
        assign_perm("naive.view_casefile", agency.group, casefile)


def number(now: datetime) -> str:
    """Drawn at random: counting rows would make every writer wait for every other."""
    return f"LTS/{now.year}/{secrets.randbelow(10**11):011d}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
