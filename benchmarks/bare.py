"""The same rows through bare psycopg: one prepared statement each, sent as the web role, values ready beforehand.

What a request of ours leaves in the tables is what one of these leaves: a submit writes finding, its entry, content,
casefile, version, history, transition, entry, pending, referral, attachment, grants, idempotency row and kept answer; a
read records itself. Nothing is checked, decided or sealed here: this is what the rows alone cost.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import psycopg

from audit.tlog.tree import leaf_hash
from benchmarks.load import Driver
from benchmarks.spread import PATHS


class Bare:
    """One connection of the web role. `plan["bare"]` holds what three real requests wrote (`data.captured`)."""

    def __init__(self, url: str, plan: Mapping[str, Any], number: int) -> None:
        self.connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        self.plan, self.number = plan, number
        self.said: Mapping[str, Any] = plan["bare"]
        row = self.one("SELECT id, agency_id FROM agencies_client ORDER BY id LIMIT 1")
        self.client, self.agency = row

    def one(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first row; raises where there is none."""
        row = self.connection.execute(sql, parameters).fetchone()
        if row is None:
            raise RuntimeError(f"nothing came of: {sql[:200]}")
        return row

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def kept(self, answer: str) -> dict[str, Any]:
        """The values of the idempotency row and of the kept answer."""
        return {
            "client": self.client,
            "key": secrets.token_bytes(32),
            "mark": secrets.token_bytes(32),
            "answer": answer.encode(),
        }

    def write(self, sql: str, step: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """One statement; raises unless the step found its place."""
        (stored,) = self.one(sql, {"steps": json.dumps([step]), **values})
        if stored != 1:
            raise RuntimeError("a step was not stored")


def fresh(step: Mapping[str, Any], casefile: str) -> dict[str, Any]:
    """A captured step with ids of its own."""
    entry = str(uuid4())
    body = step["body"].replace(step["entry"], entry)
    changed = {**step, "id": casefile, "entry": entry, "request_id": str(uuid4()), "body": body}
    return changed | {"leaf": leaf_hash(body.encode()).hex()}


def uuid7_like(given: str) -> str:
    """A new id beside a given UUIDv7: same time, other random bits, so that it lands at the same end of an index."""
    return str(UUID(given[:14] + "7" + str(uuid4())[15:]))


class Submit(Bare):
    """A whole submit."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        said = self.said["submit"]
        self.step_given, self.answer, self.sql = said["step"], said["answer"], KEPT + FINDING + self.said["write"]
        self.content = self.one(
            "SELECT p.given::text, f.office_id, f.mandate_id, f.source, f.election, f.known_on, f.registered_on "
            "FROM casefiles_payload p JOIN casefiles_finding f ON f.id = p.finding_id "
            "WHERE f.id = %(finding)s AND p.seq = 1",
            {"finding": self.step_given["finding_id"]},
        )
        entry = self.one(
            "SELECT uuid::text, convert_from(body, 'UTF8') FROM audit_entry WHERE stream = %(finding)s",
            {"finding": self.step_given["finding_id"]},
        )
        self.entry: tuple[str, str] = (entry[0], entry[1])

    def step(self) -> None:
        """Store one."""
        casefile, finding = uuid7_like(self.step_given["id"]), uuid7_like(self.step_given["finding_id"])
        step = fresh(self.step_given, casefile)
        referral = uuid7_like(step["opens"]["id"])
        step |= {"finding_id": finding, "number": f"B{secrets.token_hex(9)}", "open_referral_id": referral}
        step["opens"] = {**step["opens"], "id": referral}
        given, office, mandate, source, election, known, registered = self.content
        entry = str(uuid4())
        body = self.entry[1].replace(self.entry[0], entry).replace(self.step_given["finding_id"], finding).encode()
        self.write(
            self.sql,
            step,
            {
                **self.kept(self.answer),
                "owner": finding,
                "casefile_owner": None,
                "kind": "finding",
                "finding": finding,
                "office": office,
                "register": secrets.token_hex(10),
                "source": source,
                "election": election,
                "mandate": mandate,
                "known": known,
                "registered": registered,
                "content": given,
                "salt": secrets.token_bytes(32),
                "entry": entry,
                "entry_body": body,
                "entry_leaf": leaf_hash(body),
                "now": step["recorded_at"],
            },
        )


class Transition(Bare):
    """request-identity and recall, in turns, on casefiles of its own."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.sql = KEPT + self.said["write"]
        mine = self.plan["transition"]["bare"][self.number :: PATHS]
        self.targets = itertools.cycle([self._state(casefile) for casefile in mine])

    def _state(self, casefile: str) -> dict[str, Any]:
        row = self.one(
            """
            SELECT json_build_object('id', id, 'number', number, 'finding_id', finding_id, 'version', version,
                'open_referral_id', open_referral_id, 'mandate_id', mandate_id, 'submitter_id', submitter_id,
                'examiner_id', examiner_id, 'created_at', created_at)
            FROM casefiles_casefile WHERE id = %(casefile)s
            """,
            {"casefile": casefile},
        )
        return dict(row[0])

    def step(self) -> None:
        """Move one casefile."""
        state = next(self.targets)
        said = self.said["request-identity" if state["version"] % 2 else "recall"]
        step = fresh({**said["step"], **state}, state["id"])
        referral = uuid7_like(step["opens"]["id"])
        step["version"] = state["version"] + 1
        step["answers"] = {**step["answers"], "id": state["open_referral_id"]}
        step["opens"] = {**step["opens"], "id": referral, "continues": None}
        step["open_referral_id"] = referral
        owner = state["id"]
        values = {"owner": owner, "casefile_owner": owner, "finding": None, "kind": "casefile"}
        self.write(self.sql, step, {**self.kept(said["answer"]), **values, "now": step["recorded_at"]})
        state |= {"version": step["version"], "open_referral_id": referral}


class Detail(Bare):
    """A visible casefile, as JSON, and the record of its being read."""

    sql_given = "DETAIL"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        groups: dict[str, int] = dict(self.connection.execute("SELECT code, group_id FROM agencies_agency").fetchall())
        mine = self.plan["read"][self.number :: PATHS] or self.plan["read"]
        self.targets = itertools.cycle([(one["casefile"], groups[one["office"]]) for one in mine])

    def step(self) -> None:
        """Read one."""
        casefile, group = next(self.targets)
        self.one(
            READS[self.sql_given],
            {"casefile": casefile, "group": group, "agency": self.agency, "request": uuid4()},
        )


class Timeline(Detail):
    """A visible casefile's transitions, versions and referrals, as JSON."""

    sql_given = "TIMELINE"


class Page(Bare):
    """A hundred open referrals of an examiner, as JSON."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        # A plan for anybody would sort all referrals of an agency; one for this agency reads its queue in order.
        self.connection.execute("SET plan_cache_mode = force_custom_plan")
        rows = self.connection.execute("SELECT code, id, group_id FROM agencies_agency").fetchall()
        known = {code: {"agency": pk, "group": group} for code, pk, group in rows}
        examiners = [known[one["examiner"]] for one in self.plan["page"]]
        self.targets = itertools.cycle(examiners[self.number % 2 :] + examiners[: self.number % 2])

    def step(self) -> None:
        """Read one page."""
        self.one(READS["PAGE"], {**next(self.targets), "request": uuid4()})


class Counted(Bare):
    """How many casefiles an examiner sees, by what is asked."""

    sql_given = "STATISTICS"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        (self.group,) = self.one("SELECT group_id FROM agencies_agency WHERE code = 'bkn'")

    def step(self) -> None:
        """Count once."""
        self.one(READS[self.sql_given], {"group": self.group})


class CountedByMonth(Counted):
    """By employer and month."""

    sql_given = "MONTHS"


class CountedOfficers(Counted):
    """Officers, by state."""

    sql_given = "OFFICERS"


class Overview(Counted):
    """What waits, by state and by whose turn it is, with what is late."""

    sql_given = "OVERVIEW"


class ConsoleList(Counted):
    """The fifty that wait longest, and how many there are."""

    sql_given = "LIST"

    def step(self) -> None:
        """Read one page."""
        self.one(READS[self.sql_given], {"group": self.group, "agency": self.agency, "request": uuid4()})


class ConsoleCase(Counted):
    """A casefile with its course."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        casefiles = self.plan["console"]["casefiles"]
        self.targets = itertools.cycle(casefiles[self.number :: PATHS] or casefiles)

    def step(self) -> None:
        """Read one."""
        asked = {"group": self.group, "agency": self.agency, "casefile": next(self.targets), "request": uuid4()}
        self.one(READS["TIMELINE"], asked)


OPERATIONS: Mapping[str, type[Any]] = {
    "submit": Submit,
    "transition": Transition,
    "detail": Detail,
    "timeline": Timeline,
    "page": Page,
    "statistics": Counted,
    "months": CountedByMonth,
    "officers": CountedOfficers,
    "overview": Overview,
    "list": ConsoleList,
    "case": ConsoleCase,
}


def driver(url: str, operation: str, plan: Mapping[str, Any], *, number: int) -> Driver:
    """One connection to PostgreSQL, with that kind of statement."""
    made: Driver = OPERATIONS[operation](url, plan, number)
    return made


# The project's own WRITE follows each of these (`casefiles/transitions/write.py`), so that the rows stay the same.
KEPT = """
WITH answer AS (
    INSERT INTO casefiles_payload (finding_id, casefile_id, seq, answer, nip, name_key, created_at)
    VALUES (%(finding)s::uuid, %(casefile_owner)s::uuid, 0, %(answer)s, '', '', %(now)s::timestamptz) RETURNING id
), kept AS (
    INSERT INTO api_idempotencyrecord (client_id, key_digest, fingerprint, status, etag, location, owner_kind, owner_id,
        parting, answer, created_at)
    SELECT %(client)s, %(key)s, %(mark)s, 201, '"1-000000"', '', %(kind)s, %(owner)s::uuid, false, id,
        %(now)s::timestamptz FROM answer
), """

FINDING = """
finding AS (
    INSERT INTO casefiles_finding (id, office_id, register_number, register_key, source, election, mandate_id, known_on,
        registered_on, created_at)
    VALUES (%(finding)s::uuid, %(office)s, %(register)s, %(register)s, %(source)s, %(election)s, %(mandate)s,
        %(known)s, %(registered)s, %(now)s::timestamptz)
), content AS (
    INSERT INTO casefiles_payload (finding_id, seq, given, facts_salt, nip, name_key, created_at)
    VALUES (%(finding)s::uuid, 1, %(content)s::jsonb, %(salt)s, '', '', %(now)s::timestamptz)
), recorded AS (
    INSERT INTO audit_entry (uuid, stream, seq, leaf_hash, body, audience, recorded_at)
    VALUES (%(entry)s::uuid, %(finding)s::uuid, 1, %(entry_leaf)s, %(entry_body)s, '{}', %(now)s::timestamptz)
    RETURNING id
), recorded_waits AS (
    INSERT INTO audit_pending (entry_id) SELECT id FROM recorded
), """

_COUNTED = """
FROM casefiles_casefile c
JOIN casefiles_casefilegrant g ON g.content_object_id = c.id AND g.group_id = %(group)s AND g.until_entry_id IS NULL
"""

_NOTED = """
noted AS (
    INSERT INTO audit_access (at, request_id, agency, client, route, purpose, shown)
    SELECT now(), %(request)s, %(agency)s, 'bare', '/bare', 'case_handling', array_agg(id) FROM seen
)
"""

READS = {
    "OVERVIEW": f"""
WITH waiting AS (
    SELECT c.state, r.to_agency_id, count(*) AS number, count(*) FILTER (WHERE r.due_at <= now()) AS late
    {_COUNTED} JOIN casefiles_referral r ON r.id = c.open_referral_id GROUP BY 1, 2
)
SELECT json_build_object(
    'states', (SELECT json_agg(row_to_json(x)) FROM (SELECT state, sum(number), sum(late) FROM waiting GROUP BY 1) x),
    'turns', (SELECT json_agg(row_to_json(x)) FROM (
        SELECT a.code, a.name, sum(w.number), sum(w.late) FROM waiting w JOIN agencies_agency a ON a.id = w.to_agency_id
        GROUP BY 1, 2 ORDER BY 4 DESC LIMIT 10
    ) x)
)::text
""",
    "LIST": f"""
WITH seen AS (
    SELECT c.id, c.number, p.facts, r.opened_at, r.due_at {_COUNTED}
    JOIN casefiles_referral r ON r.id = c.open_referral_id
    JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
    ORDER BY r.opened_at, c.id LIMIT 50
), counted AS (
    SELECT count(*) AS number FROM (SELECT 1 {_COUNTED} LIMIT 10001) x
), {_NOTED}
SELECT json_build_object('rows', json_agg(row_to_json(seen)), 'number', (SELECT number FROM counted))::text FROM seen
""",
    "STATISTICS": f"""
SELECT json_agg(row_to_json(x))::text FROM (SELECT c.state, count(*) AS number {_COUNTED} GROUP BY 1) x
""",
    "MONTHS": f"""
SELECT json_agg(row_to_json(x))::text FROM (
    SELECT a.code, x.month, x.number FROM (
        SELECT c.employer_id, to_char(c.created_at AT TIME ZONE 'Asia/Jakarta', 'YYYY-MM') AS month, count(*) AS number
        {_COUNTED} GROUP BY 1, 2
    ) x LEFT JOIN agencies_agency a ON a.id = x.employer_id
) x
""",
    "OFFICERS": f"""
SELECT json_agg(row_to_json(x))::text FROM (
    SELECT c.state, count(DISTINCT coalesce(nullif(p.nip, ''), c.id::text)) AS number {_COUNTED}
    JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1 GROUP BY 1
) x
""",
    "DETAIL": f"""
WITH seen AS (
    SELECT c.id, c.version, c.created_at, c.updated_at, p.facts, s.name AS submitter, e.name AS employer
    FROM casefiles_casefile c
    JOIN casefiles_casefilegrant g ON g.content_object_id = c.id AND g.group_id = %(group)s
        AND g.until_entry_id IS NULL
    JOIN casefiles_payload p ON p.casefile_id = c.id AND p.seq = c.version AND p.seq >= 1
    JOIN agencies_agency s ON s.id = c.submitter_id LEFT JOIN agencies_agency e ON e.id = c.employer_id
    WHERE c.id = %(casefile)s
), {_NOTED}
SELECT row_to_json(seen)::text FROM seen
""",
    "TIMELINE": f"""
WITH seen AS (
    SELECT c.id FROM casefiles_casefile c
    JOIN casefiles_casefilegrant g ON g.content_object_id = c.id AND g.group_id = %(group)s
        AND g.until_entry_id IS NULL
    WHERE c.id = %(casefile)s
), {_NOTED}
SELECT json_build_object(
    'steps', (
        SELECT json_agg(json_build_object('seq', t.seq, 'name', t.name, 'agency', a.code, 'at', t.recorded_at,
            'leaf', encode(e.leaf_hash, 'hex'), 'given', p.given, 'facts', p.facts) ORDER BY t.seq)
        FROM casefiles_transition t JOIN agencies_agency a ON a.id = t.agency_id JOIN audit_entry e ON e.id = t.entry_id
        JOIN casefiles_payload p ON p.casefile_id = t.casefile_id AND p.seq = t.seq AND p.seq >= 1
        WHERE t.casefile_id = seen.id
    ), 'referrals', (
        SELECT json_agg(row_to_json(r) ORDER BY r.opened_seq) FROM casefiles_referral r WHERE r.casefile_id = seen.id
    )
)::text FROM seen
""",
    "PAGE": f"""
WITH seen AS (
    SELECT r.casefile_id AS id, r.id AS referral, r.purpose, r.party, r.status, r.opened_at, r.due_on, r.due_at, r.rule,
        c.number, c.state, c.version, f.code AS from_code, f.name AS from_name
    FROM casefiles_referral r JOIN casefiles_casefile c ON c.id = r.casefile_id
    JOIN casefiles_casefilegrant g ON g.content_object_id = c.id AND g.group_id = %(group)s
        AND g.until_entry_id IS NULL
    JOIN agencies_agency f ON f.id = r.from_agency_id
    WHERE r.to_agency_id = %(agency)s AND r.status = 'open' ORDER BY r.due_at, r.id LIMIT 101
), {_NOTED}
SELECT json_agg(row_to_json(seen))::text FROM seen
""",
}
