"""Every read of a casefile's tables begins at the caller's sight, or bears a named escape with its reason.

Sight has one definition, `visible_to` (and `seen_by` for one casefile). A function that reads past it fails here until
it is listed under the escape that says why it may; an escape that nobody needs any more fails as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.sight_lint import found, reads

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = (
    "agencies",
    "api",
    "audit",
    "casefiles",
    "config",
    "console",
    "contents",
    "delivery",
    "demo",
    "dev",
    "jobs",
    "people",
    "verifications",
)

# Why a read may pass sight by; who it is for.
ESCAPES: Mapping[str, str] = {
    "definition": "it is what sight means: `visible_to` and `seen_by` are made of it",
    "after sight": "the door asked `visible_to` or `seen_by` for this very casefile, document or finding first",
    "joined to sight": "one statement; its rows are joined to those of `visible_to`, whose SQL it takes in",
    "under sight": "the rows are those that a query which began at `visible_to` brought",
    "grants": "it joins the caller's live grants itself: the statement is planned by hand",
    "act": "an act under its locks, whose actor's sight and party were judged before or are judged of what it reads; "
    "nothing of it is shown but reasons",
    "one casefile": "the statement takes the id of one casefile: that of an act under its lock, or one that the "
    "door saw with `seen_by` before",
    "own": "rows of the caller's own office or agency, which no other has",
    "uniqueness": "whether a number or key is taken in the caller's own office; it is told so, and nothing of the rows",
    "clock": "the clock and the operator's commands act on every casefile, and show nobody anything",
    "counted": "a number of rows for the operator's monitoring, of no casefile",
    "operator": "a command of the operator, as owner or reader of the database: its sight is the database role's",
    "eraser": "two persons erase one casefile, and everything of it has to be found",
    "person": "what is held on one officer, for the answer that the law gives them; a command, and a recorded read",
    "auditor": "run by an auditor's verifier as the reader of the database",
}

PASSES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "casefiles/queries.py": {
        "definition": (
            "AttachmentQuerySet.live",
            "CasefileQuerySet.with_content",
            "CasefileQuerySet.with_subject",
            "DocumentQuerySet._reasons",
            "ReferralQuerySet.visible_to",
            "ZeroReportQuerySet.with_withdrawal",
            "LAST_GRANT",
            "OF_AUDITORS",
            "_for_another_casefile",
            "granted",
        )
    },
    "api/http/retention.py": {"operator": ("END", "HELD")},
    "api/retaining.py": {"operator": ("_ANSWERS", "_CASEFILES", "orders")},
    "casefiles/sight/accesses.py": {"after sight": ("accesses_of",)},
    "casefiles/sight/casefiles.py": {
        "under sight": ("_WITH_FACTS",),
        "joined to sight": ("casefiles_in_parts", "casefiles_seen"),
    },
    "casefiles/sight/documents.py": {
        "under sight": ("_facts_of", "_shown_of", "as_seen", "documents_seen"),
        "own": ("own_document",),
    },
    "casefiles/sight/feed.py": {"grants": ("_ITEMS", "_BEFORE")},
    "casefiles/sight/findings.py": {"after sight": ("forwarded_finding",)},
    "casefiles/sight/comparisons.py": {"joined to sight": ("compared",)},
    "casefiles/sight/moves.py": {"joined to sight": ("moved",)},
    "casefiles/sight/places.py": {"joined to sight": ("places",)},
    "casefiles/sight/weeks.py": {"joined to sight": ("_late", "_moved")},
    "casefiles/sight/waiting.py": {"joined to sight": ("_has_moved", "_says")},
    "casefiles/sight/register_gaps.py": {"counted": ("_numbers",)},
    "casefiles/sight/silent.py": {"counted": ("_last_finding",)},
    "casefiles/sight/protected.py": {"one casefile": ("OF_FINDING",)},
    "casefiles/sight/referral_page.py": {"joined to sight": ("_JOINED",)},
    "casefiles/sight/versions.py": {"after sight": ("_OPENED", "_STEPS")},
    "casefiles/statistics/between.py": {"joined to sight": ("_MOVED",)},
    "casefiles/statistics/statements.py": {
        "joined to sight": ("ANEW", "_ONE_ROW_EACH", "_OF_SEVERAL_FORMS", "_UNSURE_ONES", "statement")
    },
    "casefiles/statistics/disparity.py": {"joined to sight": ("disparity",)},
    "casefiles/statistics/prevention.py": {"joined to sight": ("beside",)},
    "casefiles/statistics/keys.py": {"joined to sight": ("PAYLOAD", "_LATE")},
    "casefiles/statistics/reconciliations.py": {"joined to sight": ("_STATEMENT",)},
    "casefiles/intake/documents.py": {"own": ("owned",)},
    "casefiles/intake/findings.py": {"act": ("_held",), "uniqueness": ("_earlier",)},
    "casefiles/intake/surroundings.py": {"own": ("_SURROUNDINGS", "_asked")},
    "casefiles/intake/preventions.py": {"after sight": ("content_of",)},
    "casefiles/intake/zero_reports.py": {
        "joined to sight": ("_CONTRADICTED", "_contradictions"),
        "after sight": ("content_of",),
        "act": ("INSERT", "_WITHDRAW"),
    },
    "casefiles/operations/importing.py": {"operator": ("_THERE", "_finding_of", "_registered")},
    "casefiles/transitions/committing.py": {"act": ("_read",), "eraser": ("redacted",)},
    "casefiles/transitions/duplicates.py": {"grants": ("CANDIDATES", "_CURRENT")},
    "casefiles/sight/first_readings.py": {"one casefile": ("_NOTE",), "after sight": ("_BROUGHT",)},
    "casefiles/transitions/finding_facts.py": {"act": ("decide", "rewrite"), "uniqueness": ("_is_taken",)},
    "casefiles/transitions/load.py": {
        "act": ("DOCUMENTS", "LAST_OCCURRED", "LOCK", "PAST"),
        "one casefile": ("LOAD_RECORDED", "OWN", "PREVENTIONS", "SOURCES"),
    },
    "casefiles/transitions/load_many.py": {"act": ("LOCK_MANY",)},
    "casefiles/operations/clock.py": {"clock": ("SEARCH",), "counted": ("complaints",)},
    "casefiles/operations/moods.py": {"clock": ("_COME",)},
    "casefiles/operations/reckoning.py": {"clock": ("IS_STALE", "STALE")},
    "casefiles/operations/erasure.py": {
        "eraser": (
            "_concerns_nobody_else",
            "_content",
            "_erase",
            "_may_be_erased",
            "_named_without_nip",
            "_of_preventions",
            "_patterns",
            "_take_out",
            "_touched",
            "numbers_that_name",
            "perform_order",
        )
    },
    "casefiles/operations/holding.py": {
        "operator": ("REACHES", "_FINDINGS", "_REACHES_FINDING", "_SHOWN"),
    },
    "casefiles/operations/named_casefile.py": {"operator": ("find",)},
    "casefiles/operations/ending.py": {"operator": ("kept_by",)},
    "casefiles/operations/gauges.py": {"counted": ("casefiles_by_state", "referrals_overdue")},
    "casefiles/operations/hukdis.py": {"one casefile": ("_HANDED_OVER", "_SELECTED", "record")},
    "casefiles/operations/handover.py": {"clock": ("_cases", "_listed", "left_behind")},
    "casefiles/operations/payloads.py": {"own": ("read_answer",)},
    "casefiles/operations/officers.py": {
        "person": (
            "_ANSWERED_BY",
            "_NAMED_IN",
            "_STEPS_OF",
            "_answering",
            "_subjects",
            "_warned",
            "named",
            "of_casefile",
            "of_finding",
            "traces",
        )
    },
    "casefiles/operations/subjects.py": {
        "person": ("_casefile", "_finding", "_handed_over", "_zero_report", "export", "readers")
    },
    "casefiles/operations/recounting.py": {"clock": ("COUNTED",)},
    "casefiles/exporting.py": {"after sight": ("exported",)},
    "casefiles/management/commands/recheck_classes.py": {"operator": ("_current",)},
    "contents/keeping.py": {"after sight": ("_IS_ERASED",)},
    "audit/verify/answers.py": {"auditor": ("ANSWERS", "ENTRIES")},
    "audit/verify/kept.py": {"auditor": ("CONTENTS",)},
    "audit/verify/sight.py": {"auditor": ("READINGS",)},
    "audit/verify/lookups.py": {"auditor": ("CONTENT_DOUBLES", "CONTENT_ORPHANS", "ORPHANS")},
    "audit/verify/records.py": {"auditor": ("VERSIONS", "_query")},
}


def _read_past_sight() -> Iterator[tuple[str, str]]:
    for package in PRODUCT:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                yield from ((name, place) for place in reads(path))


def test_every_read_begins_at_sight_or_says_why_not() -> None:
    escaped = {(name, place) for name, kinds in PASSES.items() for places in kinds.values() for place in places}
    read = set(_read_past_sight())
    assert read - escaped == set(), "begin these with visible_to or seen_by, or list them with their reason"
    assert escaped - read == set(), "these escapes are not needed any more"


def test_every_escape_is_named_once_and_used() -> None:
    assert {kind for kinds in PASSES.values() for kind in kinds} == set(ESCAPES)
    for name, kinds in PASSES.items():
        places = [place for listed in kinds.values() for place in listed]
        assert len(places) == len(set(places)), name


@pytest.mark.parametrize(
    ("source", "is_past_sight"),
    [
        ("def list(actor):\n    return Casefile.objects.visible_to(actor).filter(state='closed')", False),
        ("def one(actor, ident):\n    return Casefile.objects.seen_by(actor, casefile=ident)", False),
        ("def make(row):\n    return Payload.objects.create(casefile=row)", False),
        ("def list(actor):\n    return Casefile.objects.filter(state='closed').visible_to(actor)", True),
        ("def one(ident):\n    return Payload.objects.get(casefile=ident)", True),
        ("def steps(row):\n    return row.transitions.all()", True),
        ("def past():\n    return Casefile.history.filter(state='closed')", True),
        ("LISTED = 'SELECT id FROM casefiles_casefile WHERE state = %s'", True),
        ("def list():\n    return f'SELECT {COLUMNS} FROM casefiles_payload p'", True),
        ('def list():\n    """Reads nothing FROM casefiles_payload."""', False),
    ],
)
def test_a_read_past_sight_is_found(source: str, is_past_sight: bool) -> None:
    assert bool(list(found(ast.parse(source)))) is is_past_sight
