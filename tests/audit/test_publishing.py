"""What is published when: never before the quorum where that is asked, and to a witness nothing that may be lost."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client as Browser
from pytest_django import Settings

from audit import cosigning, quorum, reading
from audit.cosigning import Cosigning
from audit.quorum import BadPolicyFile
from audit.tlog import policy
from audit.witness.submitting import Outcome, Unreachable
from tests.audit.running import SignIn, written
from tests.audit.test_cosigning import Begin, ask, begin, opened, rule, show_more_than_is_here  # noqa: F401 - fixtures
from tests.sequencing import Sequencing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def policy_read_anew() -> Iterator[None]:
    """A process reads its policy once and judges it then; other tests have had theirs read."""
    quorum.read_once.cache_clear()
    yield
    quorum.read_once.cache_clear()


WARNS = """
CREATE FUNCTION warns() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE WARNING 'canceling wait for synchronous replication due to user request'; RETURN NULL;
END $$;
CREATE TRIGGER warns AFTER UPDATE ON audit_logstatus EXECUTE FUNCTION warns()
"""


def test_a_witness_is_asked_only_after_a_commit_that_followed_what_it_is_shown(
    opened: Sequencing,  # noqa: F811
    begin: Begin,  # noqa: F811
    owner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    witness = begin("w1.example", opened.signer.vkey)
    opened()

    def last_change() -> object:
        return owner_connection.execute("SELECT xmin::text FROM audit_logstatus").fetchone()

    before, seen = last_change(), []

    def noted(**_: object) -> Outcome:
        seen.append(last_change())
        return Unreachable("only looked at")

    monkeypatch.setattr(cosigning, "submit", noted)
    assert not ask(rule(witness))
    assert len(seen) == 1
    assert seen[0] != before


def test_where_the_server_did_not_wait_for_its_standbys_no_witness_is_asked(
    opened: Sequencing,  # noqa: F811
    begin: Begin,  # noqa: F811
    owner_connection: psycopg.Connection,
) -> None:
    """PostgreSQL says it with a warning and commits on this node alone."""
    witness = begin("w1.example", opened.signer.vkey)
    opened()
    owner_connection.execute(WARNS)
    with pytest.raises(OperationalError, match="may be on this node alone"):
        ask(Cosigning(rule(witness)))
    assert witness.witness.store.logs() == {}
    owner_connection.execute("DROP TRIGGER warns ON audit_logstatus")
    assert ask(Cosigning(rule(witness)))


def test_no_checkpoint_is_shown_before_its_quorum_where_that_is_asked(
    opened: Sequencing,  # noqa: F811
    begin: Begin,  # noqa: F811
    sign_in: SignIn,
    settings: Settings,
    tmp_path: Path,
) -> None:
    witness = begin("w1.example", opened.signer.vkey)
    file = tmp_path / "witnesses.policy"
    file.write_text(f"witness w0 {witness.witness.signer.vkey} {witness.url}\nquorum w0\n")
    settings.LINTAS_WITNESS_POLICY_FILE, settings.LINTAS_LOG_PUBLISH = file, "witnessed"
    opened()
    assert reading.checkpoint() is None
    answer = Browser().get("/api/v1/log/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-sequenced-yet")
    assert answer.headers["Retry-After"]

    assert ask(rule(witness))
    first = reading.checkpoint()
    assert first is not None
    written(sign_in, 2)
    opened()
    assert reading.checkpoint() == first, "the newer one waits for its witness"
    settings.LINTAS_LOG_PUBLISH = "signed"
    assert reading.checkpoint() == first, "a witnessed one is shown where there is one"


@pytest.mark.parametrize("cosigned_there", [1, 2])
def test_of_two_masters_that_sign_with_one_key_one_is_shown(
    cosigned_there: int,
    opened: Sequencing,  # noqa: F811
    begin: Begin,  # noqa: F811
    sign_in: SignIn,
    owner_connection: psycopg.Connection,
    settings: Settings,
    tmp_path: Path,
) -> None:
    """The other one has grown, too, and came first to one, or to two, of three witnesses."""
    three = [begin(f"w{n}.example", opened.signer.vkey) for n in range(3)]
    file = tmp_path / "witnesses.policy"
    lines = [f"witness w{n} {one.witness.signer.vkey} {one.url}" for n, one in enumerate(three)]
    file.write_text("\n".join([*lines, "group outside 2 w0 w1 w2", "quorum outside"]) + "\n")
    settings.LINTAS_WITNESS_POLICY_FILE, settings.LINTAS_LOG_PUBLISH = file, "witnessed"
    opened()
    asking = Cosigning(quorum.read(file))
    assert ask(asking)
    common = reading.checkpoint()
    for witness in three[:cosigned_there]:
        show_more_than_is_here(owner_connection, opened.signer, witness, more=2)

    written(sign_in, 1)
    opened()
    assert not ask(asking)
    shown = reading.checkpoint()
    if cosigned_there == 2:
        assert asking.refused.startswith("witness w0 has seen 3 leaves")
        assert shown == common, "what we signed after it is nobody's to see"
    else:
        assert asking.refused == ""
        assert shown is not None
        assert shown.size == 2


@pytest.mark.parametrize(
    ("quorum_line", "excludes"),
    [
        ("quorum w1", True),
        ("quorum none", False),
        ("group g 1 w1 w2 w3\nquorum g", False),
        ("group g 2 w1 w2 w3\nquorum g", True),
        ("group g 2 w1 w2 w3 w4\nquorum g", False),
        ("group g 3 w1 w2 w3 w4\nquorum g", True),
        ("group a 1 w1 w2\ngroup g 2 a w3 w4\nquorum g", False),
        ("group a 1 w1 w2\ngroup b 1 w3 w4\ngroup g all a b\nquorum g", False),
        ("group a all w1 w2\ngroup g 2 a w3 w4\nquorum g", True),
    ],
)
def test_a_policy_that_two_trees_can_both_meet_is_refused_where_the_quorum_decides(
    quorum_line: str, excludes: bool, settings: Settings, tmp_path: Path
) -> None:
    vkeys = [_vkey(f"w{n}.example") for n in range(1, 5)]
    text = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(vkeys, start=1)) + quorum_line + "\n"
    assert policy.read_policy(text).excludes() is excludes
    file = tmp_path / "witnesses.policy"
    file.write_text(text)
    settings.LINTAS_LOG_PUBLISH = "witnessed"
    if excludes:
        assert quorum.read(file).excludes()
    else:
        with pytest.raises(BadPolicyFile, match="more than half"):
            quorum.read(file)
    settings.LINTAS_LOG_PUBLISH = "signed"
    assert quorum.read(file).excludes() is excludes


def test_without_a_policy_nothing_can_be_published_witnessed(settings: Settings) -> None:
    settings.LINTAS_LOG_PUBLISH = "witnessed"
    with pytest.raises(BadPolicyFile, match="more than half"):
        quorum.read(None)
    answer = Browser().get("/api/v1/log/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (503, "temporarily-unavailable")
    assert any("more than half" in alarm for alarm in Browser().get("/readyz").json()["alarms"])


def _vkey(name: str) -> str:
    from tests.sequencing import witness as signer_of

    return str(signer_of(name).vkey)
