"""Succession: every case of a mandate passes to another's holder, or none; and nobody is forgotten."""

import hashlib
import io
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from agencies import entries, mandates, registration
from agencies.models import Mandate
from audit import ledger
from audit.models import Entry
from casefiles.flow import Refused, State
from casefiles.flow.finding import Clarification
from casefiles.models import Casefile, CasefileGrant, Referral, Transition
from casefiles.operations import handover
from casefiles.operations.handover import HandOverRefused, Signed
from tests.callers import as_owner
from tests.factories import (
    BKN,
    KASN,
    NIP,
    PADANG,
    PEMKOT,
    Story,
    actor,
    at,
    known_subject,
    story,
    violation,
)
from tests.reconciling import reconcile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

AUGUST = date(2024, 8, 5)
SEPTEMBER = at(date(2024, 9, 12))
NOW = SEPTEMBER + timedelta(hours=2)
PROTOCOL = Signed(
    from_mandate="examining-2014",
    to_mandate="examining-2024",
    number="BA-12/2024",
    date=date(2024, 9, 12),
    signed_by=(KASN, BKN),
    occurred_at=SEPTEMBER,
    by_state={
        "submitted": "restart",
        "returned": "continue",
        "identity_requested": "continue",
        "under_examination": "report_to_ministry",
        "recommended": "report_to_ministry",
        "awaiting_sanction": "continue",
    },
)


def _of_kasn(*path: str, number: int = 0, **more: Any) -> Story:
    nip = f"{NIP[:15]}{number:03d}"
    told = story(
        by=PADANG,
        examiner=KASN,
        occurred_at=at(AUGUST),
        known_on=date(2024, 8, 1),
        registered_on=date(2024, 8, 2),
        clarification=Clarification(held=True, held_on=date(2024, 8, 3)),
        violations=(violation(act_date=date(2024, 7, 29)),),
        subjects=(known_subject(nip=nip, name=f"Terlapor {number}"),),
        **more,
    )
    for name in path:
        told.do(name, **({"letter": _letter(told)} if name == "recommend" else {}))
    return told


def _letter(told: Story) -> Any:
    from tests.factories import letter

    return letter(day=told.day)


def _hand_over(protocol: Signed = PROTOCOL, *, now: datetime = NOW, **more: Any) -> handover.HandedOver:
    with as_owner():
        return handover.hand_over(protocol=protocol, now=now, **more)


def _sees(told: Story) -> set[str]:
    live = CasefileGrant.objects.filter(content_object=told.casefile, until_entry=None)
    return set(live.values_list("agency__code", flat=True))


def test_each_case_passes_with_its_disposition_and_the_old_holder_reads_on() -> None:
    waiting = _of_kasn(number=1)
    examined = _of_kasn("accept", number=2)
    recommended = _of_kasn("accept", "recommend", number=3)
    obliged = _of_kasn("accept", "recommend", "acknowledge", number=4)
    all_four = (waiting, examined, recommended, obliged)
    turn = obliged.open.pk
    late = examined.open

    done = _hand_over()

    assert (done.total, done.by_disposition) == (4, {"restart": 1, "report_to_ministry": 2, "continue": 1})
    for told in all_four:
        assert (told.row.mandate.code, told.row.examiner.code) == ("examining-2024", BKN)  # type: ignore[union-attr]  # set
        assert {KASN, BKN} <= _sees(told)
        assert told.facts["handed_over"][0]["from_mandate"] == "examining-2014"
        assert Transition.objects.get(casefile=told.casefile, name="hand-over").party == "operator"
    assert [told.row.state for told in all_four] == [
        "submitted",
        "under_examination",
        "recommended",
        "awaiting_sanction",
    ]
    assert (waiting.open.to_agency.code, waiting.open.purpose, waiting.open.clock_from) == (
        BKN,
        "verify",
        SEPTEMBER.date(),
    )
    assert (examined.open.to_agency.code, examined.open.purpose) == (BKN, "examine")
    assert "kemenpanrb" in _sees(examined)
    assert "kemenpanrb" not in _sees(waiting)
    assert obliged.open.pk == turn, "the addressee's turn is his as before"
    handed = Referral.objects.get(pk=late.pk)
    assert (handed.answered_with, handed.days_late) == ("hand-over", (SEPTEMBER.date() - late.due_on).days)
    for told in all_four:
        reconcile(told.casefile)


def test_who_decided_under_which_mandate_stays_and_only_the_new_holder_decides_on() -> None:
    told = _of_kasn("accept", number=1)
    _hand_over()
    told.day = SEPTEMBER.date()
    with pytest.raises(Exception, match="recommend"):
        told.do("recommend", by=KASN)
    told.examiner = BKN
    told.do("recommend", letter=_letter(told))
    decided = Transition.objects.filter(casefile=told.casefile).order_by("seq")
    assert [(step.name, step.agency.code) for step in decided][1:] == [
        ("accept", KASN),
        ("hand-over", "lintas"),
        ("recommend", BKN),
    ]
    versions = Casefile.history.filter(id=told.casefile).order_by("version")
    assert [version.mandate.code for version in versions] == ["examining-2014"] * 2 + ["examining-2024"] * 2


def test_a_case_goes_back_to_be_validated_and_comes_again_to_the_new_holder() -> None:
    told = _of_kasn(number=1)
    _hand_over(replace(PROTOCOL, by_number={told.row.number: "return"}))
    assert (told.row.state, told.open.to_agency.code, told.open.rule["code"]) == ("returned", PADANG, "validate")
    told.day = SEPTEMBER.date()
    told.do("complete")
    assert (told.row.state, told.open.to_agency.code) == ("submitted", BKN)
    # What the old holder left undone is not held against the new one.
    assert (told.open.clock_from, told.open.continues, told.open.rule["pauses"]) == (told.day, None, [])


def test_a_case_that_was_away_comes_back_to_the_new_holder_on_a_clock_of_its_own() -> None:
    told = _of_kasn("request-identity", number=1)
    late = told.referral("verify").due_on
    _hand_over()
    told.examiner, told.day = BKN, SEPTEMBER.date()
    told.do("identify")
    assert (told.open.purpose, told.open.clock_from, told.open.continues) == ("verify", told.day, None)
    assert told.open.due_on > late
    reconcile(told.casefile)


def _checked(*arguments: str) -> str:
    out = io.StringIO()
    with as_owner():
        call_command("hand_over", *arguments, "--check", stdout=out)
    return out.getvalue()


def test_what_an_ended_mandate_left_behind_is_listed_until_it_is_handed_over(tmp_path: Path) -> None:
    waiting, examined, closed = _of_kasn(number=1), _of_kasn("accept", number=2), _of_kasn("reject", number=3)
    numbers = [(told.row.number, told.row.state) for told in (waiting, examined)]
    assert handover.left_behind(now=at(date(2024, 9, 3))) == (), "the mandate still runs"
    (left,) = handover.left_behind(now=at(date(2024, 9, 4)))
    assert (left.mandate, left.agency, left.ended_on) == ("examining-2014", KASN, date(2024, 9, 4))
    assert (list(left.orphans), left.closed) == (numbers, 1)

    said = _checked()
    assert "examining-2014 (kasn) ended on 2024-09-04" in said
    assert all(number in said for number, _ in numbers)
    assert closed.row.number not in said
    assert "2  orphans." in said

    _hand_over()
    (left,) = handover.left_behind(now=NOW)
    assert (left.orphans, left.closed) == ((), 1)
    assert "0  orphans." in _checked()

    late = _of_kasn(number=4, now=NOW + timedelta(days=1))
    assert late.row.number in _checked(), "a finding that came later, of the days of the old mandate"
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text(
        "from: examining-2014\nto: examining-2024\nnumber: BA-13/2024\ndate: 2024-09-13\nsigned_by: [kasn, bkn]\n"
        "states: {submitted: restart}\n"
    )
    assert late.row.number not in _checked(str(protocol)), "this protocol would hand it over"
    with pytest.raises(CommandError, match="Name the protocol"):
        call_command("hand_over")


def test_the_millionth_case_is_listed_after_those_before_it() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT setval('casefiles_number', 999997)")
    stories = [_of_kasn(number=number) for number in range(1, 5)]
    numbers = [told.row.number for told in stories]
    assert [number[9:] for number in numbers] == ["999998", "999999", "1000000", "1000001"]
    (left,) = handover.left_behind(now=at(date(2024, 9, 4)))
    assert [number for number, _ in left.orphans] == numbers
    listed = [[number, 1, "restart"] for number in numbers]
    assert _hand_over(only_check=True).digest == hashlib.sha256(ledger.canonical(listed)).hexdigest()
    with pytest.raises(HandOverRefused) as refused:
        _hand_over(replace(PROTOCOL, by_number={"LTS/2024/2000000": "restart", "LTS/2024/900000": "restart"}))
    assert [reason.split(":")[0] for reason in refused.value.reasons[:2]] == ["LTS/2024/900000", "LTS/2024/2000000"]


def test_nothing_is_handed_over_at_a_moment_to_come() -> None:
    told = _of_kasn(number=1)
    with pytest.raises(HandOverRefused, match="lies ahead"):
        _hand_over(now=SEPTEMBER - timedelta(hours=1))
    assert told.row.version == 1


def test_the_mandates_stream_keeps_protocol_counts_and_the_digest_of_the_list() -> None:
    told = _of_kasn(number=1)
    checked = _hand_over(only_check=True)
    assert told.row.version == 1, "checking changes nothing"
    done = _hand_over()
    assert checked.digest == done.digest
    with as_owner():
        entry = Entry.objects.filter(stream=mandates.STREAM).order_by("-seq")[0]
        opening = entry.opening
        chain = [
            (one.seq, bytes(one.leaf_hash), bytes(one.body))
            for one in Entry.objects.filter(stream=mandates.STREAM).order_by("seq")
        ]
    assert json.loads(bytes(entry.body))["kind"] == "mandate.handed_over"
    assert opening.state == {"cases": 1, "dispositions": {"restart": 1}, "sha256": done.digest}
    assert opening.given["signed_by"] == [KASN, BKN]
    assert ledger.chain_faults(chain) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"by_state": {}}, "the protocol says nothing of it"),
        ({"by_state": {"submitted": "continue"}}, "(under_examination): the protocol says nothing of it"),
        ({"by_number": {"LTS/2024/999999": "continue"}}, "no such case stands under examining-2014"),
        ({"date": date(2099, 1, 1)}, "lies in the future"),
        ({"expected": 3}, "The protocol counts 3 cases; the register holds 2."),
        ({"signed_by": (KASN,)}, "bkn did not"),
        ({"to_mandate": "examining-2014"}, "stand under already"),
        ({"to_mandate": "examining-1999"}, "There is no mandate 'examining-1999'"),
        ({"by_state": {"submitted": "forget"}}, "Unknown disposition forget"),
        ({"by_state": {"sleeping": "continue"}}, "Unknown state sleeping"),
        (
            {"by_state": {"submitted": "restart", "under_examination": "return"}, "occurred_at": at(date(2024, 8, 20))},
            "not in force",
        ),
    ],
)
def test_with_an_orphan_or_a_contradiction_nothing_is_handed_over(changed: dict[str, Any], reason: str) -> None:
    cases = (_of_kasn(number=1), _of_kasn("accept", number=2))
    with pytest.raises(HandOverRefused) as refused:
        _hand_over(replace(PROTOCOL, **changed))
    assert any(reason in said for said in refused.value.reasons), refused.value.reasons
    assert [told.row.version for told in cases] == [1, 2]
    assert {told.row.examiner.code for told in cases} == {KASN}


def test_all_orphans_are_named_at_once() -> None:
    numbers = {_of_kasn(number=number).row.number for number in (1, 2, 3)}
    with pytest.raises(HandOverRefused) as refused:
        _hand_over(replace(PROTOCOL, by_state={}, by_number={"LTS/2020/000001": "restart"}))
    named = "\n".join(refused.value.reasons)
    assert all(number in named for number in (*numbers, "LTS/2020/000001"))


def test_a_case_with_a_recommendation_is_not_begun_anew() -> None:
    told = _of_kasn("accept", "recommend", number=1)
    with pytest.raises(HandOverRefused, match="restart fits only"):
        _hand_over(replace(PROTOCOL, by_state={"recommended": "restart"}))
    assert told.row.state == "recommended"


def test_closed_cases_pass_only_where_the_protocol_says_so() -> None:
    told = _of_kasn(number=1)
    told.do("reject")
    assert _hand_over().total == 0
    assert told.row.examiner.code == KASN
    done = _hand_over(replace(PROTOCOL, number="BA-13/2024", by_state={"closed": "continue"}, closed_too=True))
    assert done.total == 1
    assert (told.row.state, told.row.outcome, told.row.examiner.code) == ("closed", "rejected", BKN)


def test_a_further_officer_of_an_old_finding_comes_under_the_mandate_of_his_own_day() -> None:
    from casefiles.flow.finding import MoreSubjects, Subject
    from casefiles.intake import findings
    from tests.factories import request

    told = _of_kasn(number=1)
    later = at(date(2024, 10, 1))
    given = MoreSubjects(subjects=(Subject(name="Terlapor Lain", violations=(1,)),), occurred_at=later)
    with transaction.atomic():
        taken = findings.add_subjects(
            actor=actor(PADANG), finding=told.finding, given=given, now=later + timedelta(hours=1), request=request()
        )
    added = Casefile.objects.get(pk=taken.steps[0].casefile)
    assert (added.mandate.code, added.examiner.code) == ("examining-2024", BKN)  # type: ignore[union-attr]  # set


def test_each_examiner_of_a_finding_s_casefiles_reads_its_reporter() -> None:
    """One casefile stays with the old holder, a later one is the new one's, who sees the old one for another reason."""
    from casefiles.flow.finding import MoreSubjects, Subject
    from casefiles.intake import findings
    from tests.factories import REPORTER, request
    from tests.partner import Partner, said

    told = _of_kasn("accept", "recommend", number=1, source="report", reporter=REPORTER)
    assert said(Partner(KASN).get(f"/findings/{told.finding}"))["reporter"] is not None
    later = at(date(2024, 10, 1))
    given = MoreSubjects(subjects=(Subject(name="Terlapor Lain", violations=(1,)),), occurred_at=later)
    with transaction.atomic():
        findings.add_subjects(
            actor=actor(PADANG), finding=told.finding, given=given, now=later + timedelta(hours=1), request=request()
        )
    assert BKN in _sees(told)
    assert said(Partner(BKN).get(f"/findings/{told.finding}"))["reporter"] is not None
    assert said(Partner(KASN).get(f"/findings/{told.finding}"))["reporter"] is not None


# --- the body of 2027 -----------------------------------------------------------------------------------------------

BODY = "badan-pengawas-sistem-merit"
DAY = date(2027, 10, 16)
DECREE = "MK 121/PUU-XXII/2024"


@pytest.fixture
def _the_new_body() -> None:
    with as_owner():
        body = entries.AgencyEntry(
            code=BODY,
            name="Badan Pengawas Sistem Merit",
            roles=["examiner"],
            level="national",
            valid_from=date(2027, 10, 1),
        )
        registration.register_agency(body, now=at(date(2027, 10, 1)))
        mandates.end(code="examining-2024", on=DAY, legal_basis=DECREE, now=at(date(2027, 10, 2)))
        mandates.register(
            code="examining-2027", agency=BODY, valid_from=DAY, legal_basis=DECREE, now=at(date(2027, 10, 2))
        )


@pytest.mark.usefixtures("_the_new_body")
def test_the_body_of_2027_takes_over_from_bkn_by_the_same_command_and_no_name_is_in_the_code() -> None:
    submitted = at(date(2027, 10, 4))
    told = story(
        by=PADANG,
        examiner=BKN,
        occurred_at=submitted,
        election="pilkada-2024",
        known_on=date(2027, 10, 1),
        registered_on=date(2027, 10, 2),
        clarification=Clarification(held=True, held_on=date(2027, 10, 3)),
        subjects=(known_subject(),),
    )
    told.do("accept")
    with pytest.raises(Refused, match="mandate-not-in-force"):
        told.do("recommend", on=DAY, letter=_letter(told))

    protocol = replace(
        PROTOCOL,
        from_mandate="examining-2024",
        to_mandate="examining-2027",
        number="BA-1/2027",
        date=DAY,
        signed_by=(BKN, BODY),
        occurred_at=at(DAY),
        by_state={"under_examination": "continue"},
        expected=1,
    )
    done = _hand_over(protocol, now=at(DAY, 6))

    assert done.by_disposition == {"continue": 1}
    assert (told.row.examiner.code, told.open.to_agency.code, told.row.state) == (BODY, BODY, "under_examination")
    assert {BKN, BODY} <= _sees(told)
    assert [step["to_mandate"] for step in told.facts["handed_over"]] == ["examining-2027"]


@pytest.mark.usefixtures("_the_new_body")
def test_a_mandate_that_ends_says_so_in_the_log_and_ends_once() -> None:
    with as_owner():
        entries = Entry.objects.filter(stream=mandates.STREAM).order_by("seq")
        kinds = [json.loads(bytes(entry.body))["kind"] for entry in entries]
        ended = Mandate.objects.get(code="examining-2024")
        for code, on, reason in (
            ("examining-2024", DAY, "already"),
            ("examining-1999", DAY, "no mandate"),
            ("examining-2027", DAY, "began on"),
        ):
            with pytest.raises(registration.RegistrationRefused, match=reason):
                mandates.end(code=code, on=on, legal_basis=DECREE, now=at(DAY))
        with pytest.raises(registration.RegistrationRefused, match="cannot be taken back"):
            mandates.end(code="examining-2027", on=date(2030, 1, 1), legal_basis=" ", now=at(DAY))
    assert kinds[-2:] == ["mandate.ended", "mandate.registered"]
    assert ended.valid_until == DAY


def test_before_a_successor_is_named_a_caretaker_holds_and_decides_nothing() -> None:
    """A gap is a row of its own: cases are never refused, and nobody recommends for a body that is not there yet."""
    with as_owner():
        mandates.end(code="examining-2024", on=DAY, legal_basis=DECREE, now=at(date(2027, 10, 2)))
        mandates.register(
            code="caretaker-2027", agency=BKN, valid_from=DAY, legal_basis=DECREE, caretaker=True, now=at(DAY)
        )
    told = story(
        by=PADANG,
        occurred_at=at(DAY),
        known_on=date(2027, 10, 14),
        registered_on=date(2027, 10, 15),
        clarification=Clarification(held=True, held_on=date(2027, 10, 15)),
        subjects=(known_subject(),),
    )
    assert told.row.mandate.code == "caretaker-2027"  # type: ignore[union-attr]  # set
    with pytest.raises(Refused, match="caretaker-may-not"):
        told.do("accept")
    told.do("return")
    assert told.row.state == State.RETURNED
    assert told.open.to_agency.code == PADANG
    assert PEMKOT not in _sees(told)
