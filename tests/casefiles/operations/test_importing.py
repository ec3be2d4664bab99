"""Past cases come in from a list: walked through the flow on their days, under the mandate of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest

from api.http import bodies
from audit.models import Entry
from casefiles.catalogue import book
from casefiles.models import Casefile, Document, Finding, Payload, Transition
from casefiles.operations import importing
from casefiles.operations.importing import Came, Importer, Listed
from casefiles.operations.past_cases import PastCase
from casefiles.operations.past_taking import Row
from demo import pilkada_2020
from tests import factories
from tests.desk_acts import acted, acting
from tests.factories import PADANG, PEMKOT
from tests.partner import Partner, said
from tests.sequencing import Sequencing

pytestmark = pytest.mark.usefixtures("db", "world")

NOW = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
LIST = Listed("ab" * 32, 1_000, "application/x-ndjson")
SANCTIONED: dict[str, Any] = {
    "register_number": "006/TM/PB/Kota/03.01/X/2020", "source": "finding", "origin_office": PADANG,
    "election": "pilkada-2020", "known_on": "2020-10-02", "registered_on": "2020-10-03", "forwarded_on": "2020-10-07",
    "clarified_on": "2020-10-05", "form": "social_media_engagement", "act_date": "2020-09-29", "region": "13.71",
    "contest_office": "mayor", "contest_region": "13.71", "description": "Menyukai unggahan calon.",
    "name": "Pegawai Rekaan", "nip": "198501012010011001", "employer": PEMKOT, "employment_kind": "pns",
    "position_kind": "functional_expert", "accepted_on": "2020-10-14", "recommended_on": "2020-10-21",
    "letter_number": "R-1/2020", "recommended_sanction": "moral_open", "received_on": "2020-10-22",
    "sanction": "moral_open", "decree_number": "SK.1/2020", "decree_on": "2020-11-04", "examined_by": "ethics_council",
    "examined_on": "2020-10-28", "delivered_on": "2020-11-06", "delivery_method": "hand", "closed_on": "2021-01-15",
    "conformity": "in_line", "outcome": "sanctioned",
}  # fmt: skip


def case(**changed: Any) -> PastCase:
    """A sanctioned case of 2020, with columns changed; None takes one away."""
    data = {name: value for name, value in {**SANCTIONED, **changed}.items() if value is not None}
    return bodies.parse(PastCase, data, catalogue=book.load(), now=NOW, time_zone="Asia/Jakarta")


def taken(*cases: PastCase, listed: Listed = LIST, only_check: bool = False) -> list[Came]:
    """What came of these rows."""
    rows = [Row(line, one) for line, one in enumerate(cases, 1)]
    return Importer(listed, only_check=only_check).take(rows, now=NOW)


def wrong(came: Came) -> list[tuple[str, str]]:
    """Where a row is refused, and why."""
    assert came.status == "refused"
    return [(fault.pointer, fault.code) for fault in came.faults]


def test_a_case_is_walked_on_its_days_under_the_mandate_of_the_day() -> None:
    (came,) = taken(case())
    assert (came.status, came.is_new) == ("imported", True), came
    stored = Casefile.objects.get(number=came.number)
    assert (stored.state, stored.outcome, stored.version) == ("closed", "sanctioned", 7)
    assert stored.mandate is not None
    assert (stored.examiner.code, stored.mandate.code) == ("kasn", "examining-2014")
    steps = Transition.objects.filter(casefile=stored).order_by("seq")
    assert [(step.name, step.occurred_at.date()) for step in steps] == [
        ("submit", date(2020, 10, 7)), ("accept", date(2020, 10, 14)), ("recommend", date(2020, 10, 21)),
        ("acknowledge", date(2020, 10, 22)), ("report-sanction", date(2020, 11, 4)),
        ("record-delivery", date(2020, 11, 6)), ("close", date(2021, 1, 15)),
    ]  # fmt: skip
    assert {step.recorded_at for step in steps} == {NOW}


def test_entries_say_who_tells_it_and_of_which_list() -> None:
    (came,) = taken(case())
    stored = Casefile.objects.get(number=came.number)
    actors = [orjson.loads(bytes(entry.body))["actor"] for entry in Entry.objects.filter(stream=stored.pk)]
    told = {
        "party": "operator",
        "agency": "lintas",
        "client": f"import_cases:{LIST.sha256}",
        "key": None,
        "person": None,
    }
    assert [{name: actor.get(name) for name in told} for actor in actors] == [told] * 7


def test_parties_see_what_came_in() -> None:
    (came,) = taken(case())
    href = f"/casefiles/{Casefile.objects.get(number=came.number).pk}"
    for agency in (PADANG, "bawaslu-ri", "kasn", PEMKOT, "bpk"):
        answer = Partner(agency).get(href)
        assert (answer.status_code, said(answer).get("outcome")) == (200, "sanctioned"), agency
    assert Partner("bawaslu-kab-agam").get(href).status_code == 404
    assert Partner("pemprov-sumatera-barat").get(href).status_code == 404


def test_a_second_time_changes_nothing() -> None:
    cases = (case(), case(register_number="7/TM/2020", nip="198501012010011002"))
    first = taken(*cases)
    before = _everything()
    again = taken(*cases)
    assert [(one.status, one.number, one.is_new) for one in again] == [("imported", one.number, False) for one in first]
    other = taken(*cases, listed=Listed("cd" * 32, 1, LIST.media_type))
    assert [one.status for one in other] == ["here", "here"]
    assert _everything() == before


def _everything() -> list[int]:
    return [model.objects.count() for model in (Casefile, Transition, Entry, Payload, Finding, Document)]


def test_good_rows_come_in_beside_bad_ones() -> None:
    """Each bad row says where and why, in both languages, and takes nothing of itself along."""
    rows = [
        case(),
        case(register_number="2", nip="198501012010011002", outcome="open"),
        case(register_number="3", nip="198501012010011003", letter_number=None, decree_number=None),
        case(register_number="4", nip="198501012010011004", origin_office="bawaslu-atlantis"),
        case(register_number="5", nip="198501012010011005", conformity="lighter_accepted"),
        case(register_number="6", nip=None),
        case(register_number="7", nip="198501012010011007", examined_by=None, examined_on=None),
        case(),
        case(register_number="9", nip="198501012010011009"),
    ]
    came = taken(*rows)
    assert [one.status for one in came] == ["imported", *["refused"] * 7, "imported"]
    assert wrong(came[1]) == [("#/outcome", "outcome-differs")]
    assert wrong(came[2]) == [("#/letter_number", "required-when"), ("#/decree_number", "required-when")]
    assert wrong(came[3]) == [("#/origin_office", "unknown-agency")]
    assert wrong(came[4]) == [("#/conformity", "not-lighter"), ("#/lighter_reason", "reason-missing")]
    assert wrong(came[5]) == [("#/nip", "subject-not-identified")]
    assert wrong(came[6]) == [("#/examined_by", "examination-missing")]
    assert wrong(came[7]) == [("#/register_number", "repeated-row")]
    assert all(fault.id and fault.en for one in came for fault in one.faults)
    assert Casefile.objects.count() == Finding.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "state", "outcome"),
    [
        ({}, "submitted", ""),
        ({"rejected_on": "2020-10-12", "reject_reason": "not_asn", "outcome": "rejected"}, "closed", "rejected"),
        ({"accepted_on": "2020-10-12"}, "under_examination", ""),
        (
            {"accepted_on": "2020-10-12", "cleared_on": "2020-10-20", "clear_reason": "no_violation",
             "letter_number": "T-1", "outcome": "not_proven"},
            "closed", "not_proven",
        ),
    ],
)  # fmt: skip
def test_a_case_stands_as_far_as_its_days_go(changed: dict[str, Any], state: str, outcome: str) -> None:
    later = list(SANCTIONED)[list(SANCTIONED).index("accepted_on") :]
    (came,) = taken(case(**{**dict.fromkeys(later), "outcome": "open", **changed}))
    assert came.status == "imported", came
    stored = Casefile.objects.get(number=came.number)
    assert (stored.state, stored.outcome) == (state, outcome)


def test_officers_of_one_number_are_one_finding() -> None:
    """A row each; another act under the number is refused, and a mended row is added to the finding that is there."""
    first, second, third = taken(
        case(), case(nip="198501012010011002", name="Orang Kedua"),
        case(nip="198501012010011003", name="Orang Ketiga", act_date="2020-09-28"),
    )  # fmt: skip
    assert (first.status, second.status, wrong(third)) == (
        "imported", "imported", [("#/form", "other-act-under-number")],
    )  # fmt: skip
    (mended,) = taken(case(nip="198501012010011003", name="Orang Ketiga"), listed=Listed("cd" * 32, 1, LIST.media_type))
    assert mended.is_new
    assert (Finding.objects.count(), Casefile.objects.count()) == (1, 3)


def test_an_officer_without_a_nip_does_not_come_in_again_with_one() -> None:
    """In one list the second row is refused as a repeated one; later a person has to say whether they are the same."""
    later = list(SANCTIONED)[list(SANCTIONED).index("accepted_on") :]
    first = dict.fromkeys(later) | {"outcome": "open"}
    named, numbered, bare = case(**first, nip=None), case(**first), case(**first, nip=None, name="Orang Lain")
    came = taken(named, numbered, bare)
    assert [one.status for one in came] == ["imported", "refused", "imported"]
    assert wrong(came[1]) == [("#/register_number", "repeated-row")]
    (again,) = taken(numbered)
    assert wrong(again) == [("#/nip", "perhaps-there-without-nip")]
    other = case(**first, register_number="8/TM/2020")
    assert [one.status for one in taken(other, case(**first, register_number="8/TM/2020", nip=None))] == [
        "imported", "refused",
    ]  # fmt: skip
    assert Casefile.objects.count() == 3


def test_checking_stores_nothing_and_draws_no_number() -> None:
    before = _everything()
    (came,) = taken(case(), only_check=True)
    assert (came.status, _everything()) == ("imported", before)
    first, second = (taken(case(register_number=number))[0].number or "" for number in ("1", "2"))
    (checked,) = taken(case(register_number="3"), only_check=True)
    (third,) = taken(case(register_number="4"))
    assert int((third.number or "")[-6:]) - int(second[-6:]) == int(second[-6:]) - int(first[-6:]) == 1
    assert checked.number is None


def test_a_row_that_is_refused_late_leaves_its_number_to_others() -> None:
    """It was taken in before a later act was refused: the numbers that were drawn with it are given again."""
    (first,) = taken(case(register_number="1"))
    begins = int((first.number or "")[-6:]) + 1
    late = {"examined_by": None, "examined_on": None}
    rows = [
        case(register_number=str(one), nip=f"19850101201001100{one}", **(late if one == 3 else {})) for one in (2, 3, 4)
    ]
    importer = Importer(LIST)
    came = importer.take([Row(line, one) for line, one in enumerate(rows, 1)], now=NOW)
    came += importer.take([Row(4, case(register_number="5", nip="198501012010011005"))], now=NOW)
    assert [one.status for one in came] == ["imported", "refused", "imported", "imported"]
    assert [int((one.number or "0")[-6:]) for one in came] == [begins, 0, begins + 1, begins + 2]


def test_a_number_that_was_taken_meanwhile_is_told_and_the_others_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody submitted it after it was looked for: nothing of that row is stored, no entry either."""
    taken(case())
    before = _everything()
    monkeypatch.setattr(importing, "_there", lambda rows: {})
    first, second = taken(case(nip="198501012010011002"), case(register_number="9", nip="198501012010011009"))
    assert (wrong(first), second.status) == ([("#/register_number", "number-just-taken")], "imported")
    # A finding with its entry and content, and a casefile of seven steps.
    assert [now - was for now, was in zip(_everything(), before, strict=True)] == [1, 7, 8, 8, 1, 0]


def test_the_register_is_the_same_as_if_it_were_told_day_by_day() -> None:
    """The rules of each act are the door's: what came in is a file that any further step can be taken on."""
    later = list(list(SANCTIONED)[list(SANCTIONED).index("closed_on") :])
    (came,) = taken(case(**{**dict.fromkeys(later), "outcome": "open"}))
    stored = Casefile.objects.get(number=came.number)
    assert stored.open_referral is not None
    assert (stored.state, stored.open_referral.purpose) == ("sanction_reported", "review")


SCALE = 0.02


def test_published_totals_come_out_of_the_statistics(sequenced: Sequencing) -> None:
    """The curve of Pilkada 2020 at a fiftieth: every published day in the rows, every total in the answer."""
    rows = [
        bodies.parse(PastCase, row, catalogue=book.load(), now=NOW, time_zone="Asia/Jakarta")
        for row in pilkada_2020.rows(scale=SCALE)
    ]
    came = taken(*rows)
    assert {one.status for one in came} == {"imported"}, [wrong(one) for one in came if one.status == "refused"]
    sequenced()
    answer = said(Partner("bpk").get("/statistics?election=pilkada-2020"))["totals"]
    wanted = {
        "submitted": pilkada_2020.total(pilkada_2020.REPORTED, SCALE),
        "recommended": pilkada_2020.total(pilkada_2020.RECOMMENDED, SCALE),
        "followed_up": pilkada_2020.total(pilkada_2020.FOLLOWED_UP, SCALE),
        "not_proven": round(pilkada_2020.NOT_PROVEN * SCALE),
    }
    assert {name: answer[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("curve", "column"),
    [
        (pilkada_2020.REPORTED, "forwarded_on"),
        (pilkada_2020.RECOMMENDED, "recommended_on"),
        (pilkada_2020.FOLLOWED_UP, "decree_on"),
    ],
)
def test_the_curve_passes_every_published_day(curve: pilkada_2020.Curve, column: str) -> None:
    days = [row[column] for row in pilkada_2020.rows() if column in row]
    assert [sum(day <= published.isoformat() for day in days) for published, _ in curve] == [
        count for _, count in curve
    ]


def test_what_an_officer_did_at_the_desk_stays_when_the_list_comes_again() -> None:
    """An open case came in, and its employer acknowledged it by hand: no list undoes that, nor tells it once more."""
    later = list(SANCTIONED)[list(SANCTIONED).index("received_on") :]
    as_far = dict.fromkeys(later) | {"outcome": "open"}
    waiting = case(**as_far)
    (came,) = taken(waiting)
    stored = Casefile.objects.get(number=came.number)
    assert (stored.state, stored.version) == ("recommended", 3)
    body = factories.given("acknowledge", day=date(2024, 10, 22))
    done = acted(acting(uuid4()), stored.pk, "acknowledge", body)
    assert (done.sealed.seq, done.facts["state"]) == (4, "awaiting_sanction")
    before = _everything()
    (again,), (whole,) = taken(waiting), taken(case(), listed=Listed("cd" * 32, 1, LIST.media_type))
    assert (again.status, again.is_new, whole.status) == ("imported", False, "here")
    # A row that names another officer of the same matter is added beside it.
    second = case(**as_far, nip="198501012010011002", name="Orang Kedua")
    (added,) = taken(second)
    assert (added.status, added.is_new) == ("imported", True), added
    stored.refresh_from_db()
    assert (stored.state, stored.version) == ("awaiting_sanction", 4)
    assert Casefile.objects.count() == before[0] + 1
    clients = list(Transition.objects.filter(casefile=stored).order_by("seq").values_list("client", flat=True))
    assert clients[:3] == [f"import_cases:{LIST.sha256}"] * 3
    assert clients[3].startswith("person:")
