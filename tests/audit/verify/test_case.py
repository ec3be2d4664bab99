"""An exported casefile is verified offline, with the content it holds or the erasure it tells of."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.audit.verify.conftest import Register, refused
from tests.audit.verify.logs import Verdict, at_its_word, verify


def changed(file: Path, tmp_path: Path, how: Callable[[dict[str, Any]], object]) -> Path:
    said = json.loads(file.read_text())
    before = copy.deepcopy(said)
    how(said)
    assert said != before
    target = tmp_path / "changed.json"
    target.write_text(json.dumps(said))
    return target


def test_a_sound_export_is_called_sound(cases: dict[str, Path], register: Register) -> None:
    said = verify("case", cases["closed"], "--policy", register.policy)
    assert (said.exit, said.said["checked"]) == (
        0,
        {"versions": 9, "contents": 9, "proofs": 19, "casefiles": 1, "actors": 10},
    )


def test_an_export_is_recorded_as_a_read_of_the_operators(
    cases: dict[str, Path], register: Register, sound: str
) -> None:
    """Once for each file; the verifier finds the rows no fault."""
    with psycopg.connect(sound) as reader:
        rows = reader.execute(
            "SELECT a.code, x.route, x.purpose, x.shown::text[] FROM audit_access x "
            "JOIN agencies_agency a ON a.id = x.agency WHERE x.client = 'manage.py export_case' ORDER BY x.id"
        ).fetchall()
    told = ("lintas", "manage.py export_case", "operation")
    assert rows == [(*told, [register.casefiles[name]]) for name in ("closed", "erased")]
    assert verify("db", sound, "--policy", register.policy).exit == 0
    # No file, no read.
    assert refused(sound, "export_case", "--casefile", register.casefiles["closed"], "--out", cases["closed"])
    with psycopg.connect(sound) as reader:
        assert reader.execute(
            "SELECT count(*) FROM audit_access WHERE client = 'manage.py export_case'"
        ).fetchone() == (2,)


def test_an_erased_export_is_called_sound_and_erased(cases: dict[str, Path], register: Register) -> None:
    said = verify("case", cases["erased"], *at_its_word(register.vkey))
    assert (said.exit, said.notes) == (0, {"erased": 9, "quorum-none": None})
    assert "Terlapor" not in cases["erased"].read_text()


def test_the_file_warns_on_its_first_line_and_is_private(cases: dict[str, Path]) -> None:
    assert "PERSONAL DATA" in cases["closed"].read_text().splitlines()[0]
    assert cases["closed"].stat().st_mode & 0o777 == 0o600


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "facts": lambda said: said["versions"][3]["content"]["facts"].update(state="closed"),
    "facts_salt": lambda said: said["versions"][3]["content"].update(facts_salt="00" * 32),
    "given": lambda said: said["versions"][3]["content"]["given"].update(x=1),
    "given_salt": lambda said: said["versions"][3]["content"].pop("given_salt"),
    "attachments": lambda said: said["versions"][0]["content"]["attachments"][0].update(sha256="00" * 32),
    "no attachments": lambda said: said["versions"][0]["content"].update(attachments=[]),
    "body": lambda said: said["versions"][3].update(body=said["versions"][3]["body"].replace("examiner", "employer")),
    "index": lambda said: said["versions"][3].update(index=4),
    "another's proof": lambda said: said["versions"][3].update(proof=said["versions"][4]["proof"]),
    "transition": lambda said: said["versions"][3]["transition"].update(party="employer"),
    "no transition": lambda said: said["versions"][3].update(transition=None),
    "a version left out": lambda said: said["versions"].pop(3),
    "the last version left out": lambda said: said["versions"].pop(),
    "content that vanished": lambda said: said["versions"][3].update(content=None),
    "another number": lambda said: said.update(number="LTS/1999/000001"),
    "another number everywhere": lambda said: [
        one.update(number="LTS/1999/000001") for one in (said, *(version["record"] for version in said["versions"]))
    ],
    "record": lambda said: said["versions"][3]["record"].update(legal_hold=True),
    "no record": lambda said: said["versions"][3].pop("record"),
    "another's record": lambda said: said["versions"][3].update(record=said["versions"][4]["record"]),
    "another casefile": lambda said: said.update(casefile="00000000-0000-4000-8000-000000000000"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_named(cases: dict[str, Path], register: Register, tmp_path: Path, what: str) -> None:
    said = verify("case", changed(cases["closed"], tmp_path, TAMPERED[what]), *at_its_word(register.vkey))
    assert said.exit == 1, said.said


def test_an_erased_export_keeps_its_number(cases: dict[str, Path], register: Register, tmp_path: Path) -> None:
    relabelled = changed(cases["erased"], tmp_path, lambda said: said.update(number="LTS/1999/000001"))
    said = verify("case", relabelled, *at_its_word(register.vkey))
    assert (said.exit, {one["member"] for one in said.said["findings"]}) == (1, {"number"})


ERASURES: dict[str, Callable[[dict[str, Any]], object]] = {
    "none": lambda said: said.update(erasure=None),
    "another casefile's": lambda said: said["erasure"]["state"].update(casefile="x"),
    "only the first version": lambda said: said["erasure"]["state"].update(erased_through=1),
    "unproved": lambda said: said["erasure"].update(proof=said["versions"][0]["proof"]),
}


@pytest.mark.parametrize("what", ERASURES)
def test_an_erasure_that_the_log_does_not_tell_is_none(
    cases: dict[str, Path], register: Register, tmp_path: Path, what: str
) -> None:
    said = verify("case", changed(cases["erased"], tmp_path, ERASURES[what]), *at_its_word(register.vkey))
    assert (said.exit, "erased-undeclared" in said.codes) == (1, True)


def undecided(said: Verdict) -> bool:
    return said.exit == 2


def test_what_is_no_export_decides_nothing(cases: dict[str, Path], register: Register, tmp_path: Path) -> None:
    assert undecided(verify("case", cases["closed"]))
    assert undecided(verify("case", tmp_path / "none", *at_its_word(register.vkey)))
    cut = tmp_path / "cut.json"
    cut.write_bytes(cases["closed"].read_bytes()[:-500])
    assert undecided(verify("case", cut, *at_its_word(register.vkey)))
    unproved = changed(cases["closed"], tmp_path, lambda said: said["versions"][8].update(proof=None))
    assert undecided(verify("case", unproved, *at_its_word(register.vkey)))
