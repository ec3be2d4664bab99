"""The register that `./run bench` measures, and the plan of what it is asked."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from benchmarks import walk, world
from benchmarks.multiplying import Template, multiply
from benchmarks.spread import CALLING_OFFICES, DEPTHS, MOST_MOVED, MOST_READ, employer, office, share
from casefiles.models import Casefile
from casefiles.transitions import write


def seed(*, casefiles: int, now: datetime, callers_seed: int = 7, numbered_from: int | None = None) -> dict[str, Any]:
    """Fill an empty migrated database; returns the plan of requests for the load generator. Needs the owner's role."""
    made = world.build(casefiles=casefiles, now=now)
    walker = walk.Walker(made.tokens)
    templates = [
        Template(walker.walk(era, steps=steps, week=week), share(steps, casefiles))
        for steps in DEPTHS
        for era in walk.ERAS
        for week in (0, 1)
    ]
    multiply(
        templates,
        copies=casefiles - len(templates),
        offices=made.offices,
        employers=made.employers,
        now=now,
        numbered_from=numbered_from,
    )
    assert Casefile.objects.count() == casefiles
    return plan(walker, made, random.Random(callers_seed))


def plan(walker: Any, made: Any, draw: random.Random) -> dict[str, Any]:
    """Requests to send: tokens, ids, versions and bodies. Bare PostgreSQL gets casefiles of its own to change."""
    examiner = walk.ERAS[1].examiner
    submitted = _ids(
        "SELECT c.id::text FROM casefiles_casefile c JOIN agencies_agency a ON a.id = c.examiner_id "
        "WHERE c.state = 'submitted' AND a.code = %s ORDER BY 1",
        [examiner],
    )
    # Each operation that moves casefiles has some of its own, and so has the counting of its statements.
    targets = draw.sample(submitted, min(len(submitted), MOST_MOVED))
    third = (len(targets) - 2) // 3
    offices = [office(number) for number in range(1, CALLING_OFFICES + 1)]
    seen = _rows(
        "SELECT c.id::text, a.code FROM casefiles_casefile c JOIN agencies_agency a ON a.id = c.submitter_id "
        "WHERE a.code = ANY(%s) ORDER BY 1",
        [offices],
    )
    # More than a run ever asks for; half of a million would only fill the plan.
    seen = draw.sample(seen, min(len(seen), MOST_READ))
    submits = []
    for number, caller in enumerate(offices):
        document = walker.document(caller)
        body = walk.finding(
            office=caller,
            employer=employer(1 + number % made.employers),
            register="REGISTER",
            document=document,
            era=walk.ERAS[1],
            day=walk.ERAS[1].begins,
        )
        submits.append({"token": made.tokens[caller], "body": body})
    return {
        "submit": submits,
        "transition": {
            "token": made.tokens[examiner],
            "employers": [employer(n) for n in range(1, made.employers + 1)],
            "casefiles": targets[:third],
            "bare": targets[third : 2 * third],
            "mixed": targets[2 * third : 3 * third],
            "probe": {"casefiles": targets[-1:], "mixed": targets[-2:-1]},
        },
        "read": [{"casefile": casefile, "office": code, "token": made.tokens[code]} for casefile, code in seen],
        "page": [{"examiner": era.examiner, "token": made.tokens[era.examiner]} for era in walk.ERAS],
        "busy": {"token": made.tokens[examiner], "casefiles": _busy(examiner)},
        "search": {
            "token": made.tokens[examiner],
            "employers": [employer(1), employer(made.employers), employer(made.employers // 2)],
            "names": [f"Pegawai Uji {number}" for number in range(1, 41)],
        },
        "console": {"casefiles": targets},
        "templates": _templates(),
        "bare": captured(walker),
    }


def _busy(examiner: str) -> list[str]:
    """The casefiles of the officer of whom there are most, as far as that examiner has them."""
    return _ids(
        """
        SELECT c.id::text FROM casefiles_casefile c JOIN agencies_agency a ON a.id = c.examiner_id
        JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
        WHERE a.code = %s AND p.nip = (
            SELECT nip FROM casefiles_payload WHERE casefile_id IS NOT NULL AND nip <> '' AND seq = 1
            GROUP BY nip ORDER BY count(*) DESC, nip LIMIT 1
        ) ORDER BY 1
        """,
        [examiner],
    )


def captured(walker: Any) -> dict[str, Any]:
    """What a submit, a request-identity and a recall hand to the project's WRITE, for bare psycopg to repeat."""
    found: dict[str, Any] = {"write": write.WRITE.strip().removeprefix("WITH ")}
    steps: list[Any] = []

    def keep(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if isinstance(params, dict) and "steps" in params:
            steps.append(json.loads(params["steps"])[0])
        return execute(sql, params, many, context)

    era, register = walk.ERAS[1], "777/TM/PL/UJI/X/2024"
    document = walker.document(office(1))
    body = walk.finding(
        office=office(1), employer=employer(1), register=register, document=document, era=era, day=era.begins
    )
    with connection.execute_wrapper(keep):
        answers = {"submit": walker.post(office(1), "/findings", body)}
        path = f"/casefiles/{answers['submit']['casefiles'][0]['id']}"
        answers["request-identity"] = walker.post(
            era.examiner, f"{path}/request-identity", {"employer": employer(2)}, 1
        )
        answers["recall"] = walker.post(era.examiner, f"{path}/recall", {"reason": {"code": "no_answer"}}, 2)
    for (name, answer), step in zip(answers.items(), steps, strict=True):
        found[name] = {"step": step, "answer": json.dumps(answer)}
    return found


def _ids(sql: str, parameters: Iterable[Any]) -> list[str]:
    return [row[0] for row in _rows(sql, parameters)]


def _rows(sql: str, parameters: Iterable[Any] = ()) -> list[Any]:
    with world.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def _templates() -> list[dict[str, Any]]:
    """The walked cases as plain JSON, for the naive app to store the same content."""
    rows = _rows(
        """
        SELECT json_build_object('state', c.state, 'examiner', e.code, 'election', c.election, 'forms', c.forms,
            'violation_class', c.violation_class, 'steps', (
                SELECT json_agg(json_build_object('name', t.name, 'from', t.from_state, 'to', t.to_state,
                    'party', t.party, 'agency', a.code, 'given', p.given, 'facts', p.facts,
                    'occurred_at', t.occurred_at, 'body', convert_from(n.body, 'UTF8')) ORDER BY t.seq)
                FROM casefiles_transition t JOIN agencies_agency a ON a.id = t.agency_id
                JOIN casefiles_payload p ON p.casefile_id = t.casefile_id AND p.seq = t.seq
                JOIN audit_entry n ON n.id = t.entry_id WHERE t.casefile_id = c.id
            ), 'referrals', (
                SELECT json_agg(json_build_object('purpose', r.purpose, 'party', r.party, 'to', a.code,
                    'status', r.status, 'opened_seq', r.opened_seq, 'opened_at', r.opened_at, 'due_on', r.due_on,
                    'due_at', r.due_at, 'answered_at', r.answered_at, 'rule', r.rule) ORDER BY r.opened_seq)
                FROM casefiles_referral r JOIN agencies_agency a ON a.id = r.to_agency_id WHERE r.casefile_id = c.id
            ), 'documents', (SELECT count(*) FROM casefiles_attachment WHERE casefile_id = c.id),
            'sees', (
                SELECT json_agg(a.code) FROM casefiles_casefilegrant g JOIN agencies_agency a ON a.id = g.agency_id
                WHERE g.content_object_id = c.id AND g.until_entry_id IS NULL
            ))
        FROM casefiles_casefile c JOIN agencies_agency e ON e.id = c.examiner_id
        JOIN agencies_agency s ON s.id = c.submitter_id WHERE s.code = 'bawaslu-kota-padang' ORDER BY c.id
        """
    )
    return [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in rows]
