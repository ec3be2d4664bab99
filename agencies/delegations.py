"""A vendor's client acts for an employer: it asks for rights, the employer approves them, either side ends them.

Each change is an entry of the employer's stream, with a receipt. What an employer cannot give away is refused when it
is asked for, all of it at once. `agencies.tokens` asks at every request whether a delegation still stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from agencies import purposes, records
from agencies.actor import Actor
from agencies.models import Agency, Client, ClientKey, Delegation
from audit import evidence, ledger
from audit.ids import uuid7
from audit.ledger import Author, Sealed
from audit.requests import RequestFacts

VENDOR: Final = "vendor"
"""The role of an agency that acts for others and has no rights of its own."""
ROLES: Final = frozenset({"employer"})
"""The roles that can be delegated. Who examines, supervises, oversees or audits does so itself."""
SCOPES: Final = ("casefiles:read", "casefiles:write", "documents:read", "documents:write", "events:read")
"""The scopes that can be delegated: findings, webhooks and the record of reads stay with an agency's own systems."""
PURPOSES: Final = ("case_handling", "identity_check", "system_sync", "personnel_administration")
"""What a vendor may read for. The other purposes are an agency's own."""
MOST: Final = timedelta(days=3 * 366)
"""How far ahead a delegation may end."""

ASKED_A_DAY: Final = 10
"""How often a client may ask one employer within a day: each asking is an entry that tells all that came before."""

_CODE = re.compile("[a-z0-9-]{1,80}")

Status = Literal["asked", "serves", "ended", "ran_out"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be delegated: a code of `problem_data.yaml`, where it stands, and what its sentence names."""

    code: str
    pointer: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class CannotDelegate(Exception):
    """The employer cannot give this away, or the client could not use it, for these reasons."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*(fault.code for fault in faults))
        self.faults = faults


class NotAVendor(Exception):
    """Only a client of an agency with the role `vendor` asks for delegations."""


class NoSuchDelegation(Exception):
    """There is no such delegation that concerns the caller."""


class NotTheEmployer(Exception):
    """The delegation is approved by the employer, not by who asked for it."""


class DelegationOver(Exception):
    """The delegation was ended or ran out: it has to be asked for anew."""


class AlreadyApproved(Exception):
    """The delegation was approved with other rights than these. Another one has to be asked for."""


class KeyEnded(Exception):
    """The key with which the client acts was ended while the request waited for its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of an employer (its code). `purposes` empty: the handling of cases."""

    employer: str
    roles: Sequence[str]
    scopes: Sequence[str]
    valid_until: datetime
    purposes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A delegation after the act, and the entry of the act; None where nothing had to be changed."""

    delegation: Delegation
    sealed: Sealed | None


@dataclass(frozen=True, slots=True)
class By:
    """Who does it: a client (`actor`) in a request, or the operator by a command (both None)."""

    actor: Actor | None = None
    request: RequestFacts | None = None

    @property
    def author(self) -> Author | None:
        """Who the entry names; None stands for the operator."""
        return self.actor.as_recorder() if self.actor is not None else None


def resource(employer: str) -> str:
    """What the claim `resource` (RFC 8707) of an assertion says that buys a token for that employer (its code)."""
    return f"{settings.LINTAS_BASE_URL}/api/v1/agencies/{employer}"


def employer_of(resource_uri: str) -> str | None:
    """The code in such a claim; None where it is none of ours."""
    before = resource("")
    code = resource_uri.removeprefix(before)
    return code if resource_uri.startswith(before) and _CODE.fullmatch(code) else None


def status(delegation: Delegation, *, now: datetime) -> Status:
    """Whether it waits, serves or is over."""
    if delegation.ended_at is not None:
        return "ended"
    if delegation.valid_until <= now:
        return "ran_out"
    return "asked" if delegation.approved_at is None else "serves"


def delegations_of(actor: Actor) -> QuerySet[Delegation]:
    """Those that the actor's client asked for, and those that its agency was asked for."""
    mine = Q(client=actor.client_pk) | Q(employer=actor.agency_id)
    return Delegation.objects.filter(mine).select_related("client__agency", "employer")


def delegation_of(actor: Actor, ident: UUID) -> Delegation:
    """One of them. Raises `NoSuchDelegation`."""
    found = delegations_of(actor).filter(pk=ident).first()
    if found is None:
        raise NoSuchDelegation
    return found


def counted(*, now: datetime) -> Mapping[Status, int]:
    """How many wait and how many serve, in one statement."""
    open_ = Delegation.objects.filter(ended_at__isnull=True, valid_until__gt=now)
    found = open_.aggregate(
        asked=Count("pk", filter=Q(approved_at__isnull=True)), serves=Count("pk", filter=Q(approved_at__isnull=False))
    )
    return {"asked": found["asked"], "serves": found["serves"]}


def serving(client: Client, *, employer: str, now: datetime) -> Delegation | None:
    """The delegation by which the client acts for that employer (its code) now."""
    return Delegation.objects.filter(
        client=client,
        employer__code=employer,
        employer__roles__contained_by=sorted(ROLES),
        approved_at__isnull=False,
        ended_at__isnull=True,
        valid_until__gt=now,
    ).first()


SERVES: Final = f"""
d.client_id = c.id AND d.employer_id = e.id AND d.approved_at IS NOT NULL AND d.ended_at IS NULL
    AND d.valid_until > %(now)s AND e.roles <@ ARRAY[{", ".join(f"'{role}'" for role in sorted(ROLES))}]::varchar[]
    AND c.active AND %(scope)s = ANY (d.scopes) AND %(scope)s = ANY (c.scopes)
"""
"""In SQL, that delegation `d` lets client `c` do for employer `e` what `scope` allows, at `now`."""


def served(client: int, *, scope: str, now: datetime) -> Mapping[int, str]:
    """The employers for whom that client (its primary key) may do now what the scope allows: their keys and codes.

    Empty for a client of an agency that is no vendor. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SERVED, {"client": client, "scope": scope, "now": now})
        return dict(cursor.fetchall())


_SERVED: Final = f"""
SELECT e.id, e.code FROM agencies_client c JOIN agencies_delegation d ON d.client_id = c.id
JOIN agencies_agency e ON e.id = d.employer_id WHERE c.id = %(client)s AND {SERVES} ORDER BY e.code
"""  # noqa: S608 - constants


def ask(*, actor: Actor, asked: Asked, now: datetime, request: RequestFacts) -> Changed:
    """Ask an employer for rights. What waited for its word before is replaced; the same again changes nothing.

    Raises `NotAVendor` and `CannotDelegate`.
    """
    if VENDOR not in actor.roles:
        raise NotAVendor
    by = By(actor, request)
    until, wanted = _in_milliseconds(asked.valid_until), sorted(asked.purposes) or [PURPOSES[0]]
    with transaction.atomic():
        client = Client.objects.select_related("agency").get(pk=actor.client_pk)
        employer = Agency.objects.filter(code=asked.employer).first()
        faults = list(_faults(asked, client=client, employer=employer, now=now))
        if faults or employer is None:
            raise CannotDelegate(*faults)
        ledger.hold(employer.stream)
        waiting = Delegation.objects.filter(
            client=client, employer=employer, approved_at__isnull=True, ended_at__isnull=True
        ).first()
        rights = (sorted(asked.roles), sorted(asked.scopes), wanted, until)
        if waiting and (waiting.roles, waiting.scopes, waiting.purposes, waiting.valid_until) == rights:
            return Changed(waiting, None)
        _refuse_too_many(client, employer, now=now)
        if waiting is not None:
            _end(waiting, by=by, now=now)
        made = Delegation.objects.create(
            id=uuid7(now), client=client, employer=employer, roles=rights[0], scopes=rights[1], purposes=rights[2],
            valid_until=until, requested_at=now,
        )  # fmt: skip
        sealed = _record("delegation.requested", made, by=by, now=now)
        evidence.keep(request.signed, request_id=request.id, now=now)
    return Changed(made, sealed)


def approve(
    *, ident: UUID, by: By, now: datetime, scopes: Sequence[str] = (), valid_until: datetime | None = None
) -> Changed:
    """Let it serve from now on, with fewer scopes and for a shorter time where the employer says so.

    The one that served the same client before ends with it. Raises the errors of this module.
    """
    now = _in_milliseconds(now)
    with transaction.atomic():
        delegation = _held(ident, by)
        if by.actor is not None and by.actor.agency_id != delegation.employer_id:
            raise NotTheEmployer
        if status(delegation, now=now) in {"ended", "ran_out"}:
            raise DelegationOver
        until = delegation.valid_until if valid_until is None else _in_milliseconds(valid_until)
        left = sorted(set(scopes)) or delegation.scopes
        if delegation.approved_at is not None:
            if (left, until) != (delegation.scopes, delegation.valid_until):
                raise AlreadyApproved
            return Changed(delegation, None)
        faults = [
            *_more_than_an_employer(delegation.employer, pointer="#"),
            *_wider(delegation, scopes=left, until=until, now=now),
        ]
        if faults:
            raise CannotDelegate(*faults)
        served = Delegation.objects.filter(
            client=delegation.client, employer=delegation.employer, approved_at__isnull=False, ended_at__isnull=True
        ).first()
        if served is not None:
            _end(served, by=by, now=now)
        delegation.scopes, delegation.valid_until = left, until
        delegation.approved_at = max(now, delegation.requested_at)
        delegation.save(update_fields=("scopes", "valid_until", "approved_at"))
        sealed = _record("delegation.approved", delegation, by=by, now=now)
        _keep(by, now=now)
    return Changed(delegation, sealed)


def end(*, ident: UUID, by: By, now: datetime) -> Changed:
    """End it: the next request with a token that it bought is refused. By the employer, the vendor or the operator."""
    now = _in_milliseconds(now)
    with transaction.atomic():
        delegation = _held(ident, by)
        if delegation.ended_at is not None:
            return Changed(delegation, None)
        sealed = _end(delegation, by=by, now=now)
        _keep(by, now=now)
    return Changed(delegation, sealed)


def _refuse_too_many(client: Client, employer: Agency, *, now: datetime) -> None:
    since = now - timedelta(days=1)
    if Delegation.objects.filter(client=client, employer=employer, requested_at__gt=since).count() >= ASKED_A_DAY:
        raise CannotDelegate(Fault("delegation-asked-often", "#/employer", {"most": ASKED_A_DAY}))


def _held(ident: UUID, by: By) -> Delegation:
    """The delegation, its employer's stream held until the transaction ends. Raises `NoSuchDelegation`, `KeyEnded`."""
    rows = Delegation.objects.all() if by.actor is None else delegations_of(by.actor)
    stream = rows.filter(pk=ident).values_list("employer__stream", flat=True).first()
    if stream is None:
        raise NoSuchDelegation
    ledger.hold(stream)
    # The door looked at the key before the wait: one that was ended meanwhile gives nobody a right.
    if by.actor is not None and not _still_signs(by.actor):
        raise KeyEnded
    return Delegation.objects.select_related("client__agency", "employer").get(pk=ident)


def _still_signs(actor: Actor) -> bool:
    keys = ClientKey.objects.filter(client=actor.client_pk, client__active=True, thumbprint=actor.key_thumbprint)
    return keys.filter(revoked_at__isnull=True).exists()


def _end(delegation: Delegation, *, by: By, now: datetime) -> Sealed:
    delegation.ended_at = max(now, delegation.requested_at)
    delegation.save(update_fields=("ended_at",))
    return _record("delegation.ended", delegation, by=by, now=now)


def _record(kind: str, delegation: Delegation, *, by: By, now: datetime) -> Sealed:
    return ledger.append_open(
        stream=delegation.employer.stream,
        kind=kind,
        given={"delegation": records.of_delegation(delegation)},
        state=records.of_agency(delegation.employer),
        author=by.author,
        now=now,
        request=by.request,
    )


def _keep(by: By, *, now: datetime) -> None:
    if by.request is not None:
        evidence.keep(by.request.signed, request_id=by.request.id, now=now)


def _faults(asked: Asked, *, client: Client, employer: Agency | None, now: datetime) -> Iterator[Fault]:
    """Everything that this employer cannot give, or this client could not use."""
    today = now.date()
    if employer is None or (employer.valid_until is not None and employer.valid_until <= today):
        yield Fault("delegation-no-such-employer", "#/employer")
    else:
        yield from _faults_of_roles(asked.roles, employer)
    yield from _faults_of_scopes(asked.scopes, client)
    for place, purpose in enumerate(asked.purposes):
        if purpose not in PURPOSES:
            code = "delegation-purpose-own" if purpose in purposes.CODES else "delegation-purpose-unknown"
            facts = {"allowed": ", ".join(PURPOSES)}
            yield Fault(code, f"#/purposes/{place}", facts)
    yield from _faults_of_time(asked.valid_until, now=now)


def _faults_of_roles(roles: Sequence[str], employer: Agency) -> Iterator[Fault]:
    yield from _more_than_an_employer(employer, pointer="#/employer")
    for place, role in enumerate(roles):
        if role not in employer.roles:
            yield Fault("delegation-role-not-theirs", f"#/roles/{place}", {"roles": ", ".join(sorted(employer.roles))})
        elif role not in ROLES:
            yield Fault("delegation-role-own", f"#/roles/{place}", {"role": role})


def _more_than_an_employer(employer: Agency, *, pointer: str) -> Iterator[Fault]:
    """Sight is an agency's as a whole: a vendor would see what the agency sees in its other roles."""
    if more := sorted(set(employer.roles) - ROLES):
        yield Fault("delegation-employer-has-more", pointer, {"roles": ", ".join(more)})


def _faults_of_scopes(scopes: Sequence[str], client: Client) -> Iterator[Fault]:
    for place, scope in enumerate(scopes):
        pointer = f"#/scopes/{place}"
        if scope not in settings.SCOPES:
            yield Fault("delegation-scope-unknown", pointer, {"allowed": ", ".join(SCOPES)})
        elif scope not in SCOPES:
            yield Fault("delegation-scope-own", pointer, {"scope": scope, "allowed": ", ".join(SCOPES)})
        elif scope not in client.scopes:
            yield Fault("delegation-scope-not-yours", pointer, {"scope": scope})


def _faults_of_time(until: datetime, *, now: datetime) -> Iterator[Fault]:
    if until <= now:
        yield Fault("delegation-ends-before-it-begins", "#/valid_until")
    elif until > now + MOST:
        yield Fault("delegation-too-long", "#/valid_until", {"days": MOST.days})


def _wider(delegation: Delegation, *, scopes: Sequence[str], until: datetime, now: datetime) -> Iterator[Fault]:
    """What an approval would give beyond what was asked for."""
    if set(scopes) - set(delegation.scopes):
        yield Fault("delegation-wider", "#/scopes", {"asked": ", ".join(delegation.scopes)})
    if until > delegation.valid_until:
        yield Fault("delegation-longer", "#/valid_until", {"asked": ledger.instant(delegation.valid_until)})
    elif until <= now:
        yield Fault("delegation-ends-before-it-begins", "#/valid_until")


def _in_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
