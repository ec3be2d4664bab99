"""Who acted is read from the log alone: what an owner of the database slips in for one act, and takes out, is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import transaction

from agencies.actor import Actor
from audit.verify import kept, keyless
from audit.verify.actors import ROLES, Actors
from audit.verify.report import Report
from casefiles.flow import FLOW, Party, State
from casefiles.intake import zero_reports
from casefiles.transitions import perform
from tests.audit.verify.conftest import Register, manage
from tests.audit.verify.logs import at_its_word, verify
from tests.callers import as_owner, register_system
from tests.factories import BKN, PEMKOT, Story, actor, casefile_at, given, period, request, zero_report_given
from tests.sequencing import Sequencing

FOREIGN = "F" * 43
SLIPPED_IN = f"""
INSERT INTO agencies_clientkey (client_id, kid, alg, public_jwk, thumbprint, valid_from)
SELECT id, 'foreign', 'ES256', '{{}}', '{FOREIGN}', now() FROM agencies_client WHERE client_id = 'bkn-system'
"""  # noqa: S608 - our own constants


def act(story: Story, name: str, by: Actor) -> UUID:
    """One step by that actor; returns the casefile."""
    now = datetime.now(UTC)
    with transaction.atomic():
        perform.perform(
            actor=by, casefile=story.casefile, name=name, given=given(name, day=story.day), occurred_at=now, now=now,
            request=request(),
        )  # fmt: skip
    return story.casefile


def reported(by: Actor, *, month: int) -> UUID:
    """A zero report of that month of 2023."""
    given_ = zero_report_given(period=period(date(2023, month, 1), date(2023, month, 28)))
    with transaction.atomic():
        return zero_reports.record(actor=by, given=given_, now=datetime.now(UTC), request=request()).stream


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_an_act_by_a_key_a_client_or_a_scope_that_was_slipped_in_is_named(
    sequenced: Sequencing, reader_url: str, owner_connection: psycopg.Connection, tmp_path: Path
) -> None:
    """The rows are as they were when the verifier comes; only the entries of the acts remain."""
    bkn, pemkot = actor(BKN), actor(PEMKOT)
    stories, forwarded = [casefile_at(State.SUBMITTED) for _ in range(3)], casefile_at(State.RECOMMENDED)
    owner_connection.execute(SLIPPED_IN)
    with_key = act(stories[0], "reject", replace(bkn, key_thumbprint=FOREIGN))
    with as_owner():
        # An honest act on the same agency takes the foreign key along: its record grew by what nobody gave.
        reading = register_system("bkn-baca", agency=BKN, scopes=("casefiles:read",)).client
    assert reading is not None
    laundered = act(stories[1], "reject", replace(bkn, key_thumbprint=FOREIGN))
    owner_connection.execute("DELETE FROM agencies_clientkey WHERE kid = 'foreign'")
    as_another = act(
        forwarded, "acknowledge", replace(pemkot, client_id=bkn.client_id, key_thumbprint=bkn.key_thumbprint)
    )
    with_scope = act(
        stories[2], "reject", replace(bkn, client_id="bkn-baca", key_thumbprint=reading.thumbprints[0])
    )  # fmt: skip
    # A report of the city's by another agency's key, and one that no key made and the operator is said to have told.
    by_another = replace(
        pemkot, agency_code=bkn.agency_code, client_id=bkn.client_id, key_thumbprint=bkn.key_thumbprint
    )
    theirs = reported(by_another, month=1)
    by_nobody = replace(pemkot, agency_code="lintas", client_id="manage.py", key_thumbprint=None)
    nobodys = reported(replace(by_nobody, roles=pemkot.roles | {"operator"}), month=2)
    sequenced()
    said = verify("db", reader_url, *at_its_word(sequenced.signer.vkey))
    assert said.exit == 1
    assert said.named(code="record-owner", table="casefiles_zeroreport", column="reported_by_id", row=str(theirs))
    assert said.named(code="actor-keyless", stream=str(nobodys), member="actor.key")
    for code, casefile, member in (
        ("actor-key", with_key, "actor.key"),
        ("actor-key", laundered, "actor.key"),
        ("actor-client", as_another, "actor.client"),
        ("actor-scope", with_scope, "kind"),
    ):
        assert said.named(code=code, casefile=str(casefile), member=member), said.said["findings"]
    acting = {"actor-key", "actor-client", "actor-scope", "actor-keyless", "party-leap"}
    assert said.codes == {*acting, "record-owner"}
    assert len(said.named(code="party-leap")) == 1

    manage(reader_url, "export_log", "--out", tmp_path / "dump")
    dumped = verify("dump", tmp_path / "dump", *at_its_word(sequenced.signer.vkey))
    assert (dumped.exit, dumped.codes) == (1, acting)
    manage(reader_url, "export_case", "--casefile", with_key, "--out", tmp_path / "case")
    case = verify("case", tmp_path / "case", *at_its_word(sequenced.signer.vkey))
    assert case.exit == 1
    assert case.named(code="actor-key", casefile=str(with_key), seq=2)


def test_a_dump_or_an_export_that_does_not_tell_the_parties_decides_nothing(
    exported: Path, cases: dict[str, Path], register: Register, tmp_path: Path
) -> None:
    """As releases before this one wrote them."""
    for file in exported.iterdir():
        if file.name != "parties.jsonl":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((exported / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({name: manifest[name] for name in manifest if name != "lines"}))
    said = verify("dump", tmp_path, "--policy", register.policy)
    assert (said.exit, said.codes) == (2, {"actor-untold"})
    case = json.loads(cases["closed"].read_text())
    del case["parties"]
    (tmp_path / "case").write_text(json.dumps(case))
    said = verify("case", tmp_path / "case", "--policy", register.policy)
    assert (said.exit, said.codes) == (2, {"actor-untold"})


# -- entry by entry ----------------------------------------------------------------------------------------------------

KEY = {
    "kid": "k1", "alg": "ES256", "thumbprint": "T" * 43, "valid_from": "2026-01-01T00:00:00.000Z", "valid_until": None,
    "revoked_at": None,
}  # fmt: skip
CLIENT = {"client": "c", "scopes": ["casefiles:write"], "default_purpose": "", "active": True, "keys": [KEY]}
AGENCY = {"code": "a", "roles": ["examiner"]}
RUNS = {"code": "o", "roles": ["operator"]}
REVOKED = {**KEY, "revoked_at": "2026-03-01T00:00:00.000Z"}


class Told:
    """A log in memory: an agency's stream, and acts of its client."""

    def __init__(self) -> None:
        self.report, self.stream, self.index = Report(), str(uuid4()), 0
        self.actors = Actors(self.report)
        self.state: dict[str, Any] = {}

    def tell(self, kind: str, given: Any, state: dict[str, Any], *, stream: str | None = None) -> None:
        """An entry of the agency's stream."""
        self.state = state
        self._take(
            {"stream": stream or self.stream, "kind": kind, "to": None}, {"given": given, "state": state},
            party="operator", agency="lintas", client="manage.py", key=None,
        )  # fmt: skip

    def act(self, kind: str = "return", *, at: str = "2026-02-01T00:00:00.000Z", **who: Any) -> set[str]:
        """One step; the codes that it added."""
        before = dict(self.report.counts)
        said: dict[str, Any] = {"stream": str(uuid4()), "kind": kind, "to": "returned", "recorded_at": at}
        said |= {name: who.pop(name) for name in ("stream", "seq") if name in who}
        self._take(said, None, **{"party": "examiner", "agency": "a", "client": "c", "key": KEY["thumbprint"], **who})
        return {code for code, number in self.report.counts.items() if number > before.get(code, 0)}

    def record(self, kind: str, **who: Any) -> int:
        """What is told beside the casefiles; the number of findings that it added."""
        before = self.report.total
        self._take({"stream": str(uuid4()), "kind": kind, "to": None}, None, **who)
        return self.report.total - before

    def _take(self, said: dict[str, Any], opening: Any, **who: Any) -> None:
        entry = {
            "entry": str(uuid4()), "seq": 1, "recorded_at": "2026-01-01T00:00:00.000Z", "request": {}, **said,
            "actor": who,
        }  # fmt: skip
        self.actors.take(entry, opening, index=self.index)
        self.index += 1


@pytest.fixture
def told() -> Told:
    """An agency with one client and one key."""
    log = Told()
    log.tell("agency.registered", AGENCY, {**AGENCY, "clients": []})
    log.tell("client.registered", CLIENT, {**AGENCY, "clients": [CLIENT]})
    assert not log.report.counts
    return log


def test_an_act_by_what_was_registered_is_sound(told: Told) -> None:
    assert told.act() == set()
    assert told.actors.states() == [{**AGENCY, "clients": [CLIENT]}]


@pytest.mark.parametrize(
    ("code", "who"),
    [
        ("actor-agency", {"agency": "b"}),
        ("actor-client", {"client": "d"}),
        ("actor-key", {"key": "U" * 43}),
        ("actor-keyless", {"key": None}),
        ("actor-role", {"key": None, "party": "clock"}),
        ("actor-role", {"party": "submitter"}),
        ("actor-role", {"party": "operator"}),
        ("actor-role", {"party": "somebody"}),
        ("actor-scope", {"kind": "submit"}),
        ("actor-key-ended", {"at": "2025-12-31T23:44:59.000Z"}),
    ],
    ids=str,
)
def test_whatever_was_not_registered_is_named(told: Told, code: str, who: dict[str, Any]) -> None:
    assert told.act(**who) == {code}


LIST = f"import_cases:{'0' * 64}"


def test_without_a_key_the_clock_and_the_operator_tell_what_is_theirs(told: Told) -> None:
    """Whoever owns the database can write an entry without a key, and name the operator; an agency's act it is not."""
    told.tell("agency.registered", RUNS, {**RUNS, "clients": []}, stream=str(uuid4()))
    whose: dict[str, Any] = {"agency": "o", "client": "tick", "key": None}
    assert told.act("escalate", party="clock", **whose) == set()
    assert told.act("hand-over", party="operator", **whose) == set()
    assert told.act("recommend", party="clock", **whose) == {"actor-keyless"}
    assert told.act("recommend", party="operator", **whose) == {"actor-keyless"}
    command = {**whose, "party": "operator"}
    for kind in ("accesses.sealed", "content.scanned", "webhook.proven", "first_reading.recorded", "finding.redacted"):
        assert told.record(kind, **command) == 0
    for kind in (
        "zero_report.recorded",
        "hukdis.recorded",
        "webhook.changed",
        "prevention.recorded",
        "finding.recorded",
    ):
        assert told.record(kind, **command) == 1
    assert told.report.counts["actor-keyless"] == 7
    assert told.record("accesses.sealed", **{**command, "agency": "a"}) == 1
    assert told.record("accesses.sealed", **{**command, "agency": "nobody"}) == 1
    assert set(told.report.counts) == {"actor-keyless", "actor-role", "actor-agency"}


def test_a_list_tells_casefiles_of_its_own_and_goes_on_in_no_other(told: Told) -> None:
    told.tell("agency.registered", RUNS, {**RUNS, "clients": []}, stream=str(uuid4()))
    listed: dict[str, Any] = {"agency": "o", "client": LIST, "key": None, "party": "operator"}
    for number, kind in enumerate(("submit", "accept", "recommend"), start=1):
        assert told.act(kind, stream="past", seq=number, **listed) == set()
    assert told.record("finding.recorded", **listed) == 0
    assert told.act(stream="past", seq=4, **{**listed, "client": LIST[:-1] + "1"}) == {"actor-keyless"}
    assert told.act(stream="present", seq=2, **listed) == {"actor-keyless"}


def test_nobody_changes_the_webhook_of_another_agency() -> None:
    """Its own key proves who did; that the webhook is another's, the row says."""
    entry = {"kind": "webhook.registered", "seq": 1, "after": "", "record": "", "actor": {"agency": "a", "key": "k"}}
    first = kept.told(entry, None, index=1)
    proven = kept.told({**entry, "kind": "webhook.proven", "actor": {"agency": "o", "key": None}}, first, index=2)
    own = kept.told({**entry, "kind": "webhook.changed"}, proven, index=3)
    assert (first[4], proven[4], own[4]) == ("a", "a", "a")
    others = kept.told({**entry, "kind": "webhook.changed", "actor": {"agency": "b", "key": "k"}}, own, index=4)
    assert kept.told({**entry, "kind": "webhook.changed"}, others, index=5)[4] not in {"a", "b"}


def test_a_key_serves_until_it_is_revoked_and_for_what_was_under_way(told: Told) -> None:
    told.tell("key.revoked", {"client": "c", "key": REVOKED}, {**AGENCY, "clients": [{**CLIENT, "keys": [REVOKED]}]})
    assert told.act(at="2026-03-01T00:00:59.000Z") == set()
    assert told.act(at="2026-03-01T00:01:00.000Z") == {"actor-key-ended"}


@pytest.mark.parametrize(
    ("kind", "given_", "clients"),
    [
        ("client.registered", {**CLIENT, "client": "d"}, [{**CLIENT, "scopes": ["x"]}, {**CLIENT, "client": "d"}]),
        ("client.registered", CLIENT, [CLIENT]),
        ("key.added", {"client": "c", "key": {**KEY, "kid": "k2"}}, [CLIENT]),
        ("key.added", {"client": "c", "key": KEY}, [CLIENT]),
        ("key.revoked", {"client": "c", "key": {**REVOKED, "thumbprint": "V" * 43}}, [CLIENT]),
        ("agency.registered", AGENCY, []),
        ("key.added", None, [CLIENT]),
    ],
    ids=str,
)
def test_a_record_that_changed_by_what_nobody_gave_is_named(
    told: Told, kind: str, given_: Any, clients: list[Any]
) -> None:
    told.tell(kind, given_, {**AGENCY, "clients": clients})
    assert set(told.report.counts) == {"party-leap"}
    # What nobody gave serves nobody: the acts are judged by what followed lawfully.
    assert told.act(key="V" * 43) == {"actor-key"}
    assert told.act() == set()


def test_a_second_stream_of_one_agency_counts_for_nothing(told: Told) -> None:
    other = {**CLIENT, "client": "d"}
    stream = str(uuid4())
    told.tell("agency.registered", AGENCY, {**AGENCY, "clients": []}, stream=stream)
    told.tell("client.registered", other, {**AGENCY, "clients": [other]}, stream=stream)
    assert set(told.report.counts) == {"party-twice"}
    assert told.act(client="d") == {"actor-client"}


def test_every_party_of_the_flow_has_its_roles() -> None:
    assert ROLES.keys() == {str(party) for party in Party}


def test_the_steps_without_a_key_are_those_of_the_flow() -> None:
    for party, steps in ((Party.CLOCK, keyless.CLOCK), (Party.OPERATOR, keyless.OPERATORS)):
        assert steps == {row.name for row in FLOW if party in row.by}
    assert keyless.RECORDS.keys() == kept.COLUMNS.keys()


def test_whoever_must_sign_signs_all_but_the_bytes_of_a_document(told: Told) -> None:
    since = {"client": "c", "signatures_required_from": "2026-02-01T00:00:00.000Z"}
    client = {**CLIENT, "scopes": ["casefiles:write", "documents:write"]}
    told.tell(
        "client.registered", {**client, "client": "d"}, {**AGENCY, "clients": [CLIENT, {**client, "client": "d"}]}
    )
    state = [{**CLIENT, "signatures_required_from": since["signatures_required_from"]}, {**client, "client": "d"}]
    told.tell("client.signatures_required", since, {**AGENCY, "clients": state})
    assert told.act(at="2026-01-31T23:59:59.999Z") == set()
    assert told.act(at="2026-02-01T00:00:00.000Z") == {"actor-unsigned"}
    assert told.act(at="2026-02-01T00:00:00.000Z", client="d") == set()
    # Their digest was told by a write that was signed.
    told.act(kind="content.uploaded", at="2026-02-01T00:00:00.000Z", party="recorder")
    assert told.report.counts["actor-unsigned"] == 1
