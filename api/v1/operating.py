"""`/readyz` and `/metrics`, for whoever operates the process."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from agencies import delegations
from agencies.calendar import newest_version
from api.http import deprecation, security, traffic
from api.http.problems import Problem, problem_response
from api.v1 import vital_signs
from audit import database_roles, log, receipts, status
from casefiles.catalogue import versions
from casefiles.operations import clock, gauges
from contents import gauges as content_gauges
from delivery import gauges as delivery_gauges
from jobs import gauges as job_gauges


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: 503 while any of `checks` is not `ok`, writes that are paused included.

    `alarms` are for people: a sequencer that is late, witnesses out of reach, an objection, a clock that stands still.
    They take no process out of service, because another process would have the same.
    """
    checks: dict[str, Any] = {}
    alarms: list[str] = vital_signs.disks()
    try:
        connected = database_roles.connected()
        alarms += vital_signs.clocks(connected.now)
        checks["database"] = "ok"
        checks["role"] = "ok" if not connected.as_owner else "connected as the owner: set DATABASE_WEB_URL"
        checks["calendar"] = "ok" if newest_version() else "empty: run manage.py seed_calendar"
        checks["catalogue"] = versions.ailment() or "ok"
        checks["receipts"] = _receipts()
        health = status.health()
        of_the_log = health.complaints()
        paused = health.pulse.paused() if health.pulse else None
        checks["writes"] = f"paused, the log is {paused}: {'; '.join(of_the_log)}" if paused else "ok"
        if vital_signs.has_no_room():
            checks["writes"] = "the disk of the database is full: make room; reads that need no record go on"
        alarms += [*of_the_log, *status.without_witnesses(), *clock.complaints()]
        alarms += [*security.complaints(security.seen()), *delivery_gauges.read().complaints()]
        alarms += [*job_gauges.read().complaints(), *content_gauges.read().complaints()]
    except DatabaseError:
        checks["database"] = "unreachable"
    ready = all(value == "ok" for value in checks.values())
    response = JsonResponse({"ready": ready, "checks": checks, "alarms": alarms}, status=200 if ready else 503)
    # Django would log each 503 as an error; whoever polls this has been told.
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark
    return response


def _receipts() -> str:
    """Whether receipts are signed with a key that the log knows, for the origin that the log has."""
    try:
        key = receipts.signing_key()
    except receipts.NoReceiptKey as why:
        return str(why)
    state = log.current()
    if key is None:
        return "unsigned: set LINTAS_RECEIPT_KEY_FILE"
    if state is None:
        return "the log has not been opened: manage.py open_log --draw-keys"
    if state.origin != settings.LINTAS_LOG_ORIGIN:
        return f"LINTAS_LOG_ORIGIN is {settings.LINTAS_LOG_ORIGIN}, and the log is {state.origin}"
    is_known = any(known["kid"] == key.kid for known in state.receipt_keys)
    return "ok" if is_known else "this receipt key is not in the log: manage.py open_log"


def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers in Prometheus's text format for the bearer of LINTAS_METRICS_TOKEN; without one there is no such route.

    Counts and ages only: nothing here names an agency, a casefile or a person.
    """
    if not traffic.may_ask(request.headers.get("Authorization", "").encode()):
        return problem_response(request, Problem("unknown-route"))
    try:
        health = status.health()
        states, overdue = gauges.casefiles_by_state(), gauges.referrals_overdue()
        silent_s = clock.silent_s()
        webhooks, jobs, contents = delivery_gauges.read(), job_gauges.read(), content_gauges.read()
        events, ending = security.seen(), deprecation.totals()
        delegated = delegations.counted(now=timezone.now())
    except DatabaseError:
        return HttpResponse("# the database is unreachable\nlintas_up 0\n", status=503, content_type=traffic.PROMETHEUS)
    pulse = health.pulse
    levels: list[tuple[str, str, str, float]] = [
        ("lintas_up", "", "1 while the database answers", 1),
        ("lintas_log_entries_waiting", "", "Entries without a place in the tree (counted to 10000)", health.waiting),
        ("lintas_log_oldest_waiting_seconds", "", "Age of the oldest of them", health.oldest_s),
        ("lintas_referrals_overdue", "", "Open referrals past their due time", overdue),
    ]
    levels += [
        ("lintas_webhooks", f'{{status="{status}"}}', "Webhooks by status", count)
        for status, count in webhooks.by_status.items()
    ]
    levels += [
        ("lintas_webhooks_failing", "", "Webhooks whose oldest event has failed", webhooks.failing),
        ("lintas_webhooks_failing_seconds", "", "Since the one that has failed longest does", webhooks.failing_s),
        ("lintas_webhooks_waiting_seconds", "", "What is due and waits for a courier, the longest", webhooks.waiting_s),
        ("lintas_jobs_workers", "", "Workers that have given a sign of life", jobs.workers),
        ("lintas_jobs_waiting", "", "Jobs that could be begun and wait for a worker", jobs.waiting),
        ("lintas_jobs_doing", "", "Jobs being done", jobs.doing),
        ("lintas_jobs_oldest_waiting_seconds", "", "Age of the oldest job that waits", jobs.waiting_s),
    ]
    levels += [
        ("lintas_contents", f'{{status="{status}"}}', "Contents of documents by status", count)
        for status, count in contents.by_status.items()
    ]
    levels += [
        ("lintas_delegations", f'{{status="{status}"}}', "Delegations to vendors that wait or serve", count)
        for status, count in delegated.items()
    ]
    levels.append(("lintas_contents_waiting_seconds", "", "The oldest content in quarantine", contents.waiting_s))
    if silent_s is not None:
        levels.append(("lintas_clock_silent_seconds", "", "Since the clock's last round", silent_s))
    if pulse is not None:
        levels += _of_the_log(pulse)
    levels += [
        ("lintas_casefiles", f'{{state="{state}"}}', "Casefiles by state", count) for state, count in states.items()
    ]
    counters: list[tuple[str, str, str, float]] = [
        (
            "lintas_security_events_total",
            f'{{event="{refusals.event}"}}',
            "Refusals that may be an attack",
            refusals.total,
        )
        for refusals in events
    ]
    counters += [
        ("lintas_deprecated_calls_total", f'{{operation="{operation}"}}', "Calls that end, by whoever", total)
        for operation, total in ending.items()
    ]
    told = _exposed(levels) + _exposed(counters, kind="counter") + traffic.exposition()
    return HttpResponse(told, content_type=traffic.PROMETHEUS)


def _of_the_log(pulse: status.Pulse) -> list[tuple[str, str, str, float]]:
    return [
        ("lintas_log_size", "", "Leaves in the tree", pulse.size),
        ("lintas_log_checkpoint_size", "", "Leaves under the newest signed checkpoint", pulse.checkpoint_size),
        ("lintas_log_sequencer_silent_seconds", "", "Since the sequencer's last sign of life", pulse.silent_s),
        ("lintas_log_unwitnessed_seconds", "", "Since a checkpoint waits for its quorum", pulse.unwitnessed_s),
        ("lintas_log_contested", "", "1 while a witness objects to the tree", bool(pulse.contested)),
        ("lintas_log_refused", "", "1 while a witness or our own check refuses the tree", bool(pulse.refused)),
        ("lintas_writes_paused", "", "1 while nothing is accepted", pulse.paused() is not None),
    ]


def _exposed(series: list[tuple[str, str, str, float]], *, kind: str = "gauge") -> str:
    lines: list[str] = []
    announced = ""
    for name, labels, meaning, value in series:
        if name != announced:
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            announced = name
        lines.append(f"{name}{labels} {float(value):g}")
    return "\n".join(lines) + "\n"
