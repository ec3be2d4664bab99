"""A hand-over's protocol as both authorities wrote it down: read whole, or refused with everything that is wrong."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from casefiles.management.commands.hand_over import read

WHOLE = """
from: examining-2014
to: examining-2024
number: BA-12/2024
date: 2024-09-12
signed_by: [kasn, bkn]
document: protocol.pdf
occurred_at: 2024-09-12T10:00:00+07:00
expected: 400
closed_too: true
states: {submitted: restart, recommended: continue}
cases: {LTS/2024/000017: return}
"""


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    (tmp_path / "protocol.pdf").write_bytes(b"signed")
    path = tmp_path / "protocol.yaml"
    path.write_text(WHOLE)
    return path


def test_a_whole_protocol_is_read(protocol: Path) -> None:
    said = read(protocol)
    assert (said.from_mandate, said.to_mandate, said.number) == ("examining-2014", "examining-2024", "BA-12/2024")
    assert (said.date, said.signed_by) == (date(2024, 9, 12), ("kasn", "bkn"))
    assert said.occurred_at == datetime(2024, 9, 12, 3, tzinfo=UTC)
    assert (said.expected, said.closed_too) == (400, True)
    assert said.by_state == {"submitted": "restart", "recommended": "continue"}
    assert said.by_number == {"LTS/2024/000017": "return"}
    assert said.sha256 == sha256(b"signed").hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("date: 2024-09-12", "date: 2024-09-31", "line 5: 2024-09-31 is no date"),
        ("{LTS/2024/000017: return}", "{LTS/2024/000017: return, LTS/2024/000017: continue}", "000017 stands twice"),
        ("number: BA-12/2024", "number: ' '", "number must not be blank"),
        ("signed_by: [kasn, bkn]", "signed_by: kasn", "signed_by must be a list"),
        ("signed_by: [kasn, bkn]", "signed_by: [1, 2]", "signed_by must be a list of words"),
        ("expected: 400", "expected: many", "expected must be a whole number"),
        ("expected: 400", "expcted: 400", "unknown key 'expcted' (there are from, to, number"),
        ("+07:00", "", "occurred_at must say its time zone"),
        ("restart", "1", "states must map words to words"),
        ("document: protocol.pdf", "document: scan.pdf", "document scan.pdf cannot be read: No such file"),
        (WHOLE, "- a list", "must be a mapping"),
        ("signed_by: [", "signed_by: [[", "is no protocol: line"),
    ],
)
def test_a_wrong_protocol_is_refused(protocol: Path, old: str, new: str, reason: str) -> None:
    assert old in WHOLE
    protocol.write_text(WHOLE.replace(old, new))
    with pytest.raises(CommandError) as refused:
        read(protocol)
    assert reason in str(refused.value)


def test_all_faults_are_named_at_once(protocol: Path) -> None:
    protocol.write_text("from: examining-2014\nexpected: many\nclosed: true\n")
    with pytest.raises(CommandError) as refused:
        read(protocol)
    for said in ("to is missing", "date is missing", "expected must be", "unknown key 'closed'", "Nothing was handed"):
        assert said in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.yaml cannot be read: No such file"):
        read(tmp_path / "absent.yaml")
