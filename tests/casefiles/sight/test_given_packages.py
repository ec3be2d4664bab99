"""guardian and simple-history, asked by their own calls, say what the register says, after every step of a walk.

Whoever trusts `has_perm`, `get_objects_for_group`, `history.as_of` and the like must read nothing else than what
`visible_to`, the versions and the log tell. What spectacular says is asked in `tests/api/contract/test_openapi.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import (
    assign_perm,
    get_groups_with_perms,
    get_objects_for_group,
    get_objects_for_user,
    get_perms,
    get_users_with_perms,
    remove_perm,
)

from agencies.actor import Actor
from agencies.models import Agency, Client, User
from audit.models import Entry
from casefiles.flow import State
from casefiles.models import Casefile, CasefileGrant, LiveGrant
from tests.factories import (
    AUDITOR,
    BKN,
    OTHER_OFFICE,
    PADANG,
    PEMKOT,
    PEMPROV,
    PROVINCE,
    Story,
    actor,
    casefile_at,
    given,
    known_subject,
    story,
)

pytestmark = pytest.mark.usefixtures("db", "world")

SEES = "casefiles.view_casefile"
MATTER = (known_subject(),)


# --- walks: each yields after a step the casefiles that there are ----------------------------------------------------


def asked_in_vain() -> Iterator[tuple[Story, ...]]:
    """Disowned, asked again and recalled, asked of another, identified, followed to the end and opened again."""
    told = story()
    yield (told,)
    for name in ("request-identity", "disown", "request-identity", "recall"):
        told.do(name)
        yield (told,)
    told.do("request-identity", employer=PEMPROV)
    yield (told,)
    for name in ("recall", "request-identity", "identify", "accept", "recommend", "acknowledge", "report-sanction"):
        told.do(name)
        yield (told,)
    for name in ("record-delivery", "close", "reopen"):
        told.do(name)
        yield (told,)


def moved_on() -> Iterator[tuple[Story, ...]]:
    """The officer moves to another agency and back: its sight ends, and begins anew."""
    told = casefile_at(State.RECOMMENDED)
    yield (told,)
    for employer in (PEMPROV, PEMKOT, PEMPROV):
        told.do("transfer", by=BKN, body=given("transfer", day=told.day, employer=employer))
        yield (told,)


def taken_over() -> Iterator[tuple[Story, ...]]:
    """Returned, taken over by the province, completed by it."""
    told = casefile_at(State.RETURNED)
    for name in ("reassign", "complete"):
        told.do(name, by=PROVINCE)
        yield (told,)


def merged_and_parted() -> Iterator[tuple[Story, ...]]:
    """Two casefiles of one officer from two offices are merged, and parted again."""
    late, first = casefile_at(State.SUBMITTED, by=OTHER_OFFICE, subjects=MATTER), casefile_at(State.UNDER_EXAMINATION)
    yield late, first
    late.do("merge", on=first.day + timedelta(days=1), into=first.casefile)
    yield late, first
    late.do("unmerge", on=late.day + timedelta(days=3))
    yield late, first


# --- what they are compared with --------------------------------------------------------------------------------------


def every_actor() -> list[Actor]:
    """Each agency that has a system, as the register knows it when it calls."""
    return [actor(code) for code in Client.objects.values_list("agency__code", flat=True)]


def by_the_log(casefile: Casefile) -> set[str]:
    """The agencies with live sight as the entries of the log give and end it, and the auditors."""
    seeing = set(Agency.objects.filter(roles__contains=["auditor"]).values_list("code", flat=True))
    for body in Entry.objects.filter(stream=casefile.pk).order_by("seq").values_list("body", flat=True):
        for grant in json.loads(bytes(body))["grants"]:
            (seeing.add if grant["sight"] == "given" else seeing.discard)(grant["agency"])
    return seeing


def guardian_agrees(casefiles: list[Casefile], actors: list[Actor]) -> None:
    """Ask guardian in each of its ways, for every agency that has a system and of every casefile."""
    seeing = {row.pk: by_the_log(row) for row in casefiles}
    # Without what an instance remembers of its rights.
    users, groups = User.objects.in_bulk(), Group.objects.in_bulk()
    for who in actors:
        user, group = users[who.user_pk], groups[who.group_pk]
        visible = set(Casefile.objects.visible_to(who).values_list("pk", flat=True))
        assert set(get_objects_for_group(group, SEES).values_list("pk", flat=True)) == visible, who.agency_code
        assert set(get_objects_for_user(user, SEES).values_list("pk", flat=True)) == visible, who.agency_code
        for row in casefiles:
            sees = row.pk in visible
            assert (who.agency_code in seeing[row.pk]) is sees, who.agency_code
            assert user.has_perm(SEES, row) is sees, who.agency_code
            assert get_perms(group, row) == (["view_casefile"] if sees else []), who.agency_code
    for row in casefiles:
        seen_by: Any = get_groups_with_perms(row, attach_perms=True)
        assert {group.agency.code for group in seen_by} == seeing[row.pk]
        assert set(map(tuple, seen_by.values())) == {("view_casefile",)}
        members = User.objects.filter(groups__in=list(seen_by)).values_list("pk", flat=True)
        people: Any = get_users_with_perms(row)
        assert {user.pk for user in people} == set(members)


def history_agrees(row: Casefile) -> None:
    """Ask simple-history in each of its ways; the steps, and the content of each version, tell what is right."""
    steps = list(row.transitions.select_related("agency").order_by("seq"))
    assert row.history.count() == row.version == len(steps)
    assert list(row.history.values_list("version", "step_transition")) == [(one.seq, one.name) for one in steps[::-1]]
    newest = row.history.most_recent()
    for field in Casefile._meta.concrete_fields:
        assert getattr(newest, field.attname) == getattr(row, field.attname), field.name
    for step in steps:
        last = max(one.seq for one in steps if one.recorded_at <= step.recorded_at)
        then = row.history.as_of(step.recorded_at)
        assert (then.version, then.state) == (last, steps[last - 1].to_state)
        assert Casefile.history.as_of(step.recorded_at).get(pk=row.pk).version == last
    with pytest.raises(Casefile.DoesNotExist):
        row.history.as_of(steps[0].recorded_at - timedelta(microseconds=1))
    if row.version > 1:
        differences_agree(row, steps[-1])


def differences_agree(row: Casefile, step: Any) -> None:
    """What simple-history tells of the last step: its state and parties, as the step and the two files have them."""
    new = row.history.first()
    changed = {one.field: (one.old, one.new) for one in new.diff_against(new.prev_record).changes}
    due: dict[str, Any] = {"version": (step.seq - 1, step.seq)}
    if step.from_state != step.to_state:
        due["state"] = (step.from_state, step.to_state)
    before, after = (row.payloads.get(seq=seq).facts or {} for seq in (step.seq - 1, step.seq))
    number: dict[str | None, int] = dict(Agency.objects.values_list("code", "pk"))
    for party in ("submitter", "examiner", "employer", "addressee"):
        if before.get(party) != after.get(party):
            due[party] = (number.get(before.get(party)), number.get(after.get(party)))
    asked = {"version", "state", "submitter", "examiner", "employer", "addressee"}
    assert {name: pair for name, pair in changed.items() if name in asked} == due
    assert (new.history_date, new.step_agency) == (step.recorded_at, step.agency.pk)
    assert Agency.objects.get(group__in=new.history_user.groups.all()) == step.agency


@pytest.mark.parametrize(
    ("walk", "ended"),
    [
        (asked_in_vain, [PEMKOT, PEMKOT, PEMPROV]),
        (moved_on, [PEMKOT, PEMPROV, PEMKOT]),
        (taken_over, []),
        (merged_and_parted, [OTHER_OFFICE]),
    ],
)
def test_the_given_packages_say_what_the_register_says(
    walk: Callable[[], Iterator[tuple[Story, ...]]], ended: list[str]
) -> None:
    actors = every_actor()
    for stories in walk():
        casefiles = [one.row for one in stories]
        guardian_agrees(casefiles, actors)
        for row in casefiles:
            history_agrees(row)
    periods = CasefileGrant.objects.filter(until_entry__isnull=False).order_by("until_entry")
    assert list(periods.values_list("agency__code", flat=True)) == ended


# --- the finding that began it, and what guardian may not do ----------------------------------------------------------


def test_after_a_disown_guardian_says_no_and_the_period_is_kept() -> None:
    told = casefile_at(State.IDENTITY_REQUESTED)
    user = Client.objects.get(agency__code=PEMKOT).user
    group = Group.objects.get(agency__code=PEMKOT)
    assert user.has_perm(SEES, told.row)
    told.do("disown")
    assert not user.has_perm(SEES, told.row)
    assert not get_objects_for_group(group, SEES).exists()
    assert CasefileGrant.objects.filter(content_object=told.casefile, group=group).count() == 1
    assert not LiveGrant.objects.filter(content_object=told.casefile, group=group).exists()


def test_guardian_asks_as_often_for_four_casefiles_as_for_one() -> None:
    user = Client.objects.get(agency__code=AUDITOR).user
    list(get_objects_for_user(user, SEES))  # the content type is looked up once per process
    counts = []
    for number in (1, 3):
        for _ in range(number):
            story()
        with CaptureQueriesContext(connection) as asked:
            list(get_objects_for_user(user, SEES))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_guardian_gives_and_takes_no_sight() -> None:
    told = casefile_at(State.SUBMITTED)
    stranger, office = Group.objects.get(agency__code=PEMKOT), Group.objects.get(agency__code=PADANG)
    person = Client.objects.get(agency__code=PEMKOT).user
    for who, act in ((stranger, assign_perm), (office, remove_perm), (person, assign_perm)):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            act(SEES, who, told.row)
    guardian_agrees([told.row], every_actor())


def test_the_database_tells_its_owner_how_sight_is_given(owner_connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="by a transition") as refused:
        owner_connection.execute("INSERT INTO casefiles_livegrant (id) VALUES ('1/2')")
    owner_connection.rollback()
    assert (
        refused.value.diag.message_primary == "sight is read here, not given: INSERT on casefiles_livegrant is refused"
    )
