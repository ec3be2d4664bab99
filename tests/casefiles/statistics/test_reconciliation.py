"""Every version has exactly one transition, entry, history row and payload, and the reverse, wherever one walks."""

import json
import random
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import ledger
from audit.models import Entry, Pending
from audit.tlog.tree import leaf_hash
from casefiles import flow
from casefiles.flow import ROWS, Party, Refused, State, Target
from casefiles.flow.finding import Subject
from casefiles.models import CasefileGrant, Referral
from tests import factories
from tests.casefiles.flow.test_flow import ARROWS
from tests.factories import NAME, NIP, OFFICIAL, PEMKOT, REPORTER, Story, casefile_at, known_subject, story, submit
from tests.reconciling import nothing_is_left_over, reconcile
from tests.snapshots import tables

WALKS = 15
STEPS = 14


def _walk(told: Story, dice: random.Random, steps: int = STEPS) -> None:
    """Try transitions as they come; a refusal is as good as an act, the file just stays."""
    for _ in range(steps):
        state = State(told.row.state)
        if state is State.CLOSED:
            return
        arrows = sorted({(name, party) for name, source, party in ARROWS if source is state and _alone(name)})
        # Closing acts are rarer than they would be by chance, or every walk would be short; so is what moves nothing.
        weights = [_weight(name) for name, _ in arrows]
        name, party = dice.choices(arrows, weights)[0]
        agency = {
            Party.SUBMITTER: told.submitter,
            Party.EXAMINER: told.examiner,
            Party.EMPLOYER: told.employer,
            Party.ADDRESSEE: told.addressee,
            Party.SUPERIOR_OFFICE: "bawaslu-ri",
            Party.APPEAL_BOARD: factories.BOARD,
            Party.CIVIL_SERVICE_AGENCY: factories.BKN,
            Party.OVERSIGHT: factories.BKN,
            Party.CLOCK: factories.BKN,
        }[party]
        changed: dict[str, Any] = {}
        if name == "request-identity" and dice.random() < 0.3:
            changed["employer"] = factories.PEMPROV
        try:
            told.do(name, by=agency, on=told.day + timedelta(days=dice.randint(0, 9)), **changed)
        except (Refused, flow.WrongParty):
            continue
        if name in {"request-identity", "identify", "transfer"}:
            employer = told.row.employer
            told.employer = told.addressee = employer.code if employer else told.employer
        if name == "reassign":
            told.submitter = told.row.submitter.code


def _weight(name: str) -> int:
    if ROWS[name].target is State.CLOSED or name in {"correct", "return", "request-identity"}:
        return 1
    return 2 if ROWS[name].target is Target.SAME and name != "identify" else 12


def _alone(name: str) -> bool:
    """Whether the row concerns this casefile only; two at once are walked in test_joining.py."""
    return ROWS[name].routed and ROWS[name].pairs is None


@pytest.mark.usefixtures("db", "world")
def test_wherever_one_walks_the_records_agree() -> None:
    dice = random.Random(20241127)
    taken: set[str] = set()
    for number in range(WALKS):
        told = story(subjects=(known_subject() if number % 2 else Subject(name=NAME, violations=(1,)),))
        _walk(told, dice)
        reconcile(told.casefile)
        taken |= set(told.walked)
    nothing_is_left_over()
    assert taken >= {"request-identity", "identify", "return", "complete", "accept", "recommend", "note", "recall"}


@pytest.mark.usefixtures("db", "world")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), state=st.sampled_from([*factories.PATHS]))
def test_from_whatever_stage_one_walks_on_the_records_agree(seed: int, state: State) -> None:
    told = casefile_at(state)
    _walk(told, random.Random(seed), 4)
    reconcile(told.casefile)


@pytest.mark.usefixtures("db", "world")
def test_a_finding_with_many_subjects_is_as_many_sound_casefiles() -> None:
    taken = submit(subjects=tuple(Subject(name=f"Terlapor {n}", violations=(1,)) for n in range(1, 6)))
    for step in taken.steps:
        reconcile(step.casefile)
    nothing_is_left_over()


@pytest.mark.usefixtures("db", "world")
def test_the_reconciliation_notices() -> None:
    """It would be worth nothing if it did not. These are things that the web's role could do to itself."""
    spoilt = (
        lambda told: Referral.objects.filter(casefile=told.casefile, purpose="verify").update(answered_with="accept!"),
        lambda told: CasefileGrant.objects.filter(content_object=told.casefile, agency__code=PEMKOT).update(
            until_entry=Entry.objects.filter(stream=told.casefile).latest("seq")
        ),
        lambda told: Pending.objects.create(entry=_stray_entry(told)),
    )
    for spoil in spoilt:
        told = casefile_at(State.RECOMMENDED)
        reconcile(told.casefile)
        spoil(told)
        with pytest.raises(AssertionError):
            reconcile(told.casefile)


def _stray_entry(told: Story) -> Entry:
    last = Entry.objects.filter(stream=told.casefile).latest("seq")
    return Entry.objects.create(
        stream=told.casefile, seq=last.seq + 1, leaf_hash=leaf_hash(b"{}"), body=b"{}", recorded_at=last.recorded_at
    )


@pytest.mark.django_db(transaction=True)
def test_nothing_personal_lies_outside_the_one_erasable_place(world: Any, owner_connection: psycopg.Connection) -> None:
    texts = {
        "nip": NIP,
        "name": NAME,
        "official's nip": OFFICIAL.nip or "",
        "official": OFFICIAL.name,
        "reporter": REPORTER.name or "",
        "address": REPORTER.address or "",
        "phone": REPORTER.phone or "",
        "free text of a return": "Lampirkan bukti.",
        "reasoning": "Terbukti.",
        "summary": "Menyukai unggahan calon.",
        "title of a document": "Judul dokumen rekaan",
    }
    for state in factories.PATHS:
        casefile_at(state, reporter=REPORTER)
    told = casefile_at(State.SUBMITTED, reporter=REPORTER, subjects=(known_subject(),))
    told.do("return")
    told.do("complete")

    found: dict[str, set[str]] = {}
    for table in tables():
        for what, text in texts.items():
            # As text, as JSON text, and inside bytes (which PostgreSQL shows as hexadecimal digits).
            row = owner_connection.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s OR t::text LIKE %s",  # noqa: S608 - names from the catalogue
                [f"%{text}%", f"%{text.encode().hex()}%"],
            ).fetchone()
            assert row is not None
            if row[0]:
                found.setdefault(table, set()).add(what)

    assert set(found) == {"casefiles_payload"}
    assert found["casefiles_payload"] == set(texts), "each of them was there to be found"


@pytest.mark.usefixtures("db", "world")
def test_an_entry_names_agencies_and_commits_to_everything_else() -> None:
    told = casefile_at(State.CLOSED, reporter=REPORTER)
    for entry in Entry.objects.filter(stream=told.casefile):
        said = json.loads(bytes(entry.body))
        assert set(said) == {
            "format", "origin", "entry", "stream", "seq", "prev", "kind", "from", "to", "occurred_at", "recorded_at",
            "actor", "request", "before", "after", "payload", "attachments", "grants", "rules", "catalogue", "basis",
            "record",
        }  # fmt: skip
        assert said["rules"] == flow.digest()
        assert bytes(entry.body) == ledger.canonical(said)
