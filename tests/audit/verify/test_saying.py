"""What the verifier says: plain sentences in two languages, the first findings and the count of all, exit codes."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest

from audit.verify.__main__ import main
from audit.verify.forms import opens
from audit.verify.report import Report
from audit.verify.words import FINDINGS, NOTE, PLACES, TAMPERED, UNDECIDED, UNEXPECTED
from tests.audit.verify.conftest import ROOT, Register
from tests.audit.verify.logs import at_its_word, verify

SOURCE = "".join(file.read_text() for file in (ROOT / "audit/verify").glob("*.py") if file.name != "words.py")


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_is_said_in_both_languages_and_used(code: str) -> None:
    kind, english, indonesian = FINDINGS[code]
    assert kind in {TAMPERED, UNEXPECTED, UNDECIDED, NOTE}
    assert english != indonesian
    assert f'"{code}"' in SOURCE


def test_every_code_that_is_used_has_its_words() -> None:
    used = set(re.findall(r'\.add\(\s*"([a-z-]+)"', SOURCE)) | set(re.findall(r'Alarm\("([a-z-]+)"', SOURCE))
    assert used
    assert used <= FINDINGS.keys()


def test_a_tampered_log_is_never_called_undecided() -> None:
    report = Report()
    assert report.exit_code == 0
    report.add("erased", number=3)
    assert report.exit_code == 0
    report.add("quorum")
    assert report.exit_code == 2
    report.add("leaf-hash", index=3)
    report.add("quorum")
    assert (report.exit_code, report.total) == (1, 3)


def test_a_finding_names_its_place() -> None:
    report = Report()
    report.add("column-differs", column="state", index=7, entry="e", casefile="c", seq=3, table="t", row=None)
    assert report.findings[0].sentence().startswith("table t, column state, index 7, entry e, casefile c, seq 3: the")
    assert report.findings[0].sentence(indonesian=True).startswith("tabel t, kolom state, indeks 7, entri e, berkas")
    assert set(report.findings[0].where) <= PLACES.keys()


def test_only_the_first_findings_are_printed_and_all_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(keep=2)
    for index in range(5):
        report.add("leaf-hash", index=index)
    report.print()
    said = capsys.readouterr().out.splitlines()
    assert (said[0], len(said), said[-1].strip()) == ("TAMPERED", 4, "… and 3 more (--all)")
    report.print(indonesian=True)
    assert "TELAH DIUBAH" in capsys.readouterr().out


def test_the_command_says_what_it_checked(
    exported: Path, register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dump", str(exported), *map(str, at_its_word(register.vkey)), "--id"]) == 0
    printed = capsys.readouterr().out
    assert re.match(r"UTUH \(\d+ entri, ", printed)
    assert f"= origin log: {register.signer.name}\n" in printed
    assert "= saksi yang menjamin: tidak ada\n" in printed
    assert "hanya operator log sendiri yang menjamin ini" in printed


def test_a_wrong_call_decides_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["dmp"])
    assert left.value.code == 2
    policy = tmp_path / "policy"
    policy.write_text("quorum somebody\n")
    assert main(["dump", ".", "--policy", str(policy)]) == 2
    assert main(["dump", ".", "--key", "nonsense"]) == 2
    capsys.readouterr()


def test_what_nobody_foresaw_is_no_tampering_and_keeps_what_was_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A program that dies exits 1 by itself, which here would mean: tampered."""

    def dies(folder: Path, *, report: Report, **others: object) -> None:
        if folder.name == "found":
            report.add("leaf-gap", index=3)
        raise RuntimeError("198501012010011001")

    monkeypatch.setattr("audit.verify.dump.verify_dump", dies)
    for name, exit_, codes in (("nothing", 2, {"stopped"}), ("found", 1, {"leaf-gap", "stopped"})):
        said = verify("dump", tmp_path / name)
        assert (said.exit, said.codes) == (exit_, codes)
        assert "RuntimeError at test_saying.py:" in str(said.said)
        assert "19850101" not in str(said.said)


def test_a_commitment_is_opened_by_a_salt_of_32_bytes_only() -> None:
    for length in (0, 1, 31, 33, 64):
        salt = bytes(length)
        assert not opens(sha256(salt + b'{"a":1}').hexdigest(), salt=salt, value={"a": 1})
    assert opens(sha256(bytes(32) + b'{"a":1}').hexdigest(), salt=bytes(32), value={"a": 1})
