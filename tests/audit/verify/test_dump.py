"""A dump is verified offline: what was edited, left out, doubled, swapped or cut off in its files is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.tlog import tree
from audit.tlog.notes import read_note
from audit.verify import clock
from tests.audit.verify.conftest import Register, refused
from tests.audit.verify.logs import at_its_word, verify
from tests.sequencing import witness

Lines = list[dict[str, Any]]


@pytest.fixture
def dump(exported: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(exported, tmp_path / "dump"))


def change(dump: Path, name: str, how: Callable[[Lines], object]) -> None:
    """Rewrite a .jsonl file of the dump, and how many lines it has."""
    file = dump / f"{name}.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    how(lines)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    manifest = json.loads((dump / "manifest.json").read_text())
    manifest["lines"][file.name] = len(lines)
    (dump / "manifest.json").write_text(json.dumps(manifest))


def set_made_at(dump: Path, moment: datetime) -> None:
    said = json.loads((dump / "manifest.json").read_text())
    said["made_at"] = moment.isoformat()
    (dump / "manifest.json").write_text(json.dumps(said))


def test_a_sound_dump_is_called_sound(exported: Path, register: Register) -> None:
    said = verify("dump", exported, "--policy", register.policy)
    assert (said.exit, said.said["findings"]) == (0, [])
    assert said.said["checked"]["entries"] == json.loads((exported / "manifest.json").read_text())["size"]
    size = said.said["checked"]["entries"]
    assert said.said["verified"] == {
        "origin": register.signer.name, "size": size, "witnessed": size, "witnesses": "ombudsman",
    }  # fmt: skip
    # Whose log it is, or whether somebody saw it, nobody said.
    assert verify("dump", exported, "--trust-genesis").codes == {"unwitnessed"}
    assert verify("dump", exported, "--key", register.vkey).codes == {"unwitnessed"}


def test_a_dump_holds_nothing_personal(exported: Path) -> None:
    text = "".join(file.read_text() for file in exported.iterdir())
    assert not any(word in text for word in ("198501012010011001", "Terlapor", "Pejabat Rekaan"))


def test_a_dump_is_not_written_over_another(exported: Path, sound: str) -> None:
    assert "is not empty" in refused(sound, "export_log", "--out", exported)


def edited_body(lines: Lines) -> None:
    lines[20]["body"] = lines[20]["body"].replace('"party":"', '"party":"x')


def edited_body_and_leaf(lines: Lines) -> None:
    edited_body(lines)
    lines[20]["leaf_hash"] = tree.leaf_hash(lines[20]["body"].encode()).hex()


def respelled_body(lines: Lines) -> None:
    lines[20]["body"] = json.dumps(json.loads(lines[20]["body"]))


def swapped(lines: Lines) -> None:
    for name in ("body", "leaf_hash"):
        lines[20][name], lines[40][name] = lines[40][name], lines[20][name]


TAMPERED: dict[str, tuple[str, Callable[[Lines], object], dict[str, object]]] = {
    "an edited entry": ("entries", edited_body, {"code": "leaf-hash", "index": 20}),
    "an edited entry with its leaf hash": ("entries", edited_body_and_leaf, {"code": "checkpoint-root"}),
    "a respelled entry": ("entries", respelled_body, {"code": "entry-not-canonical", "index": 20}),
    "an entry left out": ("entries", lambda lines: lines.pop(20), {"code": "leaf-gap", "index": 20, "until": 20}),
    "an entry doubled": ("entries", lambda lines: lines.insert(21, lines[20]), {"code": "leaf-order", "index": 20}),
    "two entries swapped": ("entries", swapped, {"code": "checkpoint-root"}),
    "the tail cut off": ("entries", lambda lines: lines.pop(), {"code": "checkpoint-beyond"}),
    "the first entry left out": ("entries", lambda lines: lines.pop(0), {"code": "genesis-missing"}),
    "a checkpoint left out": ("checkpoints", lambda lines: lines.pop(1), {"code": "checkpoint-number"}),
    "the first checkpoint left out": ("checkpoints", lambda lines: lines.pop(0), {"code": "checkpoint-number"}),
    "a checkpoint's size": ("checkpoints", lambda lines: lines[1].update(size=7), {"code": "checkpoint-size"}),
    "a checkpoint's note": (
        "checkpoints",
        lambda lines: lines[1].update(note=lines[0]["note"]),
        {"code": "checkpoint-size", "checkpoint": 2},
    ),
    "a second signature in a note": (
        "checkpoints",
        lambda lines: lines[1].update(note=lines[1]["note"] + "— x.example AAAAAAA=\n"),
        {"code": "checkpoint-signature", "checkpoint": 2},
    ),
    "a signature": (
        "checkpoints",
        lambda lines: lines[1].update(note=lines[1]["note"][:-8] + "AAAAA==\n"),
        {"checkpoint": 2},
    ),
    "a cosignature": (
        "checkpoints",
        lambda lines: lines[2].update(cosignatures=[lines[2]["cosignatures"][0][:-8] + "AAAAAAA="]),
        {"code": "cosignature-bad", "checkpoint": 3},
    ),
    "what the genesis opens to": (
        "openings",
        lambda lines: lines[0]["state"].update(origin="x"),
        {"code": "commitment-differs", "index": 0},
    ),
    "what a mandate opens to": (
        "mandates",
        lambda lines: lines[0]["state"].update(agency="x"),
        {"code": "commitment-differs", "file": "mandates.jsonl"},
    ),
    "a mandate's opening left out": (
        "mandates",
        lambda lines: lines.pop(),
        {"code": "row-missing", "file": "mandates.jsonl"},
    ),
    "the genesis's opening left out": ("openings", lambda lines: lines.clear(), {"code": "row-missing", "index": 0}),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_named(dump: Path, register: Register, what: str) -> None:
    name, how, where = TAMPERED[what]
    change(dump, name, how)
    said = verify("dump", dump, "--policy", register.policy)
    assert said.exit == 1
    assert said.named(**where), said.said["findings"]


def test_the_seat_of_a_rewritten_entry_is_bounded_by_checkpoints(dump: Path, register: Register) -> None:
    change(dump, "entries", edited_body_and_leaf)
    (found,) = verify("dump", dump, *at_its_word(register.vkey)).named(code="checkpoint-root")
    assert found["good"] <= 20 < found["size"]


def test_leaves_without_a_checkpoint_may_be_a_minute_old(dump: Path, register: Register) -> None:
    change(dump, "checkpoints", lambda lines: lines.pop())
    newest = json.loads((dump / "entries.jsonl").read_text().splitlines()[-1])
    recorded = datetime.fromisoformat(json.loads(newest["body"])["recorded_at"])
    set_made_at(dump, datetime(2024, 1, 1, tzinfo=UTC))
    said = verify("dump", dump, *at_its_word(register.vkey))
    assert (said.exit, "unsigned" in said.notes) == (0, True)
    set_made_at(dump, recorded + timedelta(minutes=2))
    assert verify("dump", dump, *at_its_word(register.vkey)).codes == {"unsigned-late"}


def test_without_its_witnesses_a_log_is_never_sound(dump: Path, register: Register) -> None:
    """Whatever the log, or the manifest, says about the time."""
    change(dump, "checkpoints", lambda lines: lines[2].update(cosignatures=[]))
    for made_at in (datetime(2024, 1, 1, tzinfo=UTC), datetime.now(UTC), datetime(2099, 1, 1, tzinfo=UTC)):
        set_made_at(dump, made_at)
        said = verify("dump", dump, "--policy", register.policy)
        assert (said.exit, said.codes - {"time-ahead"}) == (2, {"quorum"})
        assert ("time-ahead" in said.codes) == (made_at.year == 2099)


def test_what_is_newer_than_the_witnessed_tree_may_be_a_quarter_of_an_hour_old(
    dump: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock of the machine that verifies, since the witnesses saw the tree last."""
    checkpoints = [json.loads(line) for line in (dump / "checkpoints.jsonl").read_text().splitlines()]
    signer = register.ombudsman
    seen = int(datetime.now(UTC).timestamp())
    line = signer.sign(read_note(checkpoints[1]["note"]).text, time=seen)
    change(dump, "checkpoints", lambda lines: lines[1].update(cosignatures=[line]))
    change(dump, "checkpoints", lambda lines: lines[2].update(cosignatures=[]))
    said = verify("dump", dump, "--policy", register.policy)
    assert (said.exit, said.codes) == (0, set())
    tail = said.said["verified"]["size"] - checkpoints[1]["size"]
    assert (said.notes["quorum-tail"], said.said["verified"]["witnessed"]) == (tail, checkpoints[1]["size"])
    monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(seen + 901, tz=UTC))
    assert verify("dump", dump, "--policy", register.policy).named(code="quorum", index=checkpoints[1]["size"])


def test_a_kept_checkpoint_must_be_of_the_same_log(dump: Path, register: Register, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    notes = [json.loads(line)["note"] for line in (dump / "checkpoints.jsonl").read_text().splitlines()]
    kept.write_text(notes[2])
    key = (*at_its_word(register.vkey), "--checkpoint", kept)
    assert verify("dump", dump, *key).exit == 0
    size = json.loads((dump / "checkpoints.jsonl").read_text().splitlines()[1])["size"]
    change(dump, "checkpoints", lambda lines: lines.pop())
    change(dump, "entries", lambda lines: lines.__delitem__(slice(size, None)))
    said = verify("dump", dump, *key)
    assert (said.exit, "kept-beyond" in said.codes) == (1, True)
    kept.write_text(notes[2].replace("lintas", "Lintas"))
    assert verify("dump", dump, *key).exit == 2


@pytest.mark.parametrize("name", ["manifest.json", "entries.jsonl", "checkpoints.jsonl", "openings.jsonl"])
def test_an_incomplete_export_decides_nothing(dump: Path, register: Register, name: str) -> None:
    whole = (dump / name).read_bytes()
    (dump / name).write_bytes(whole[:-20])
    assert verify("dump", dump, *at_its_word(register.vkey)).exit == 2
    (dump / name).write_bytes(b"\xff\xfe")
    assert verify("dump", dump, *at_its_word(register.vkey)).exit == 2
    (dump / name).unlink()
    assert verify("dump", dump, *at_its_word(register.vkey)).exit == 2


@pytest.mark.parametrize("name", ["entries.jsonl", "checkpoints.jsonl", "openings.jsonl", "parties.jsonl"])
def test_a_copy_that_ends_between_two_lines_decides_nothing(dump: Path, register: Register, name: str) -> None:
    """A damaged copy is nobody's tampering; where the manifest counts the fewer lines, too, rows are missing."""
    lines = (dump / name).read_text().splitlines(keepends=True)
    for kept in ([], lines[:-1]):
        (dump / name).write_text("".join(kept))
        said = verify("dump", dump, "--policy", register.policy)
        assert (said.exit, said.said["verdict"]) == (2, "undecided")
        assert "the copy is not whole" in json.dumps(said.said)
    (dump / name).write_text("".join(lines))
    change(dump, name.removesuffix(".jsonl"), lambda kept: kept.pop())
    assert "the copy is not whole" not in json.dumps((said := verify("dump", dump, "--policy", register.policy)).said)
    assert said.exit != 0


@pytest.mark.parametrize("body", ["[]", "{}", "null", "[" * 5000, '{"a":1e400}', '{"a":1,"a":2}', '"\\ud800"', ""])
def test_absurd_bytes_are_named_and_stop_nothing(dump: Path, register: Register, body: str) -> None:
    def put(lines: Lines) -> None:
        lines[20] |= {"body": body, "leaf_hash": tree.leaf_hash(body.encode()).hex()}

    change(dump, "entries", put)
    said = verify("dump", dump, *at_its_word(register.vkey))
    assert said.exit == 1
    assert said.named(index=20)
    assert said.said["checked"]["entries"] > 50


@pytest.mark.parametrize("line", ["{}", '{"index": []}', '{"index": null}', '{"index": "0"}', '{"index": 1e3}'])
def test_an_opening_without_its_index_is_named(dump: Path, register: Register, line: str) -> None:
    with (dump / "openings.jsonl").open("a") as file:
        file.write(line + "\n")
    for trust in (at_its_word(register.vkey), ("--trust-genesis",)):
        said = verify("dump", dump, *trust)
        assert (said.exit, said.codes - {"unwitnessed"}) == (1, {"row-extra"})
        assert said.said["checked"]["entries"]


def test_an_opening_that_is_there_twice_is_named(dump: Path, register: Register) -> None:
    change(dump, "openings", lambda lines: lines.append(lines[0]))
    assert verify("dump", dump, *at_its_word(register.vkey)).named(code="row-twice", file="openings.jsonl", index=0)


@pytest.mark.parametrize("former", [5, "x", {"a": 1}, [7, None, []]])
def test_keys_that_are_none_are_no_crash(dump: Path, former: object) -> None:
    change(dump, "openings", lambda lines: lines[0]["state"].update(former_log_keys=former))
    said = verify("dump", dump, "--trust-genesis")
    assert (said.exit, said.codes) == (1, {"commitment-differs", "unwitnessed"})


def test_a_witness_with_a_new_key_makes_no_old_cosignature_bad(dump: Path, register: Register, tmp_path: Path) -> None:
    """Only the key of before signed what is here: nobody can say, and nobody was caught."""
    for name in ("ombudsman.example/w1", "ombudsman.example/w2"):
        new = witness(name)
        policy = tmp_path / "policy"
        policy.write_text(f"log {register.vkey}\nwitness ombudsman {new.vkey}\nquorum none\n")
        said = verify("dump", dump, "--policy", policy)
        assert (said.exit, said.notes["cosignature-unknown"]) == (0, 1)
    # Both keys may stand in one policy, under two names; each is checked by its own.
    old = next(line for line in register.policy.read_text().splitlines() if line.startswith("witness"))
    policy.write_text(
        f"log {register.vkey}\n{old}\nwitness later {witness('ombudsman.example/w1').vkey}\nquorum ombudsman\n"
    )
    assert verify("dump", dump, "--policy", policy).exit == 0
