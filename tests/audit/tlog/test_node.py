"""Two verifiers that share no line, one in Python and one in JavaScript, judge every vector alike."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from audit.tlog import notes, policy, proof, tree
from audit.tlog.notes import BadNote, VerifierKey
from tests.audit.tlog import make_vectors
from tests.audit.tlog.make_vectors import SOUND, TAMPERED, UNDECIDED, VECTORS

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "lintas-verify.mjs"
SAID: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = SAID["cases"]
NODE = shutil.which("node")

each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
needs_node = pytest.mark.skipif(NODE is None, reason="node is not on PATH (Debian: apt-get install nodejs)")


class Verdict(Exception):
    """The judgement, as soon as it is known."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


# -- the Python side ---------------------------------------------------------------------------------------------------


def judge(case: dict[str, Any]) -> int:
    """What `audit.tlog` makes of a case, in the words of the verifiers' exit codes."""
    try:
        return _judge(case)
    except Verdict as verdict:
        return verdict.code


def _judge(case: dict[str, Any]) -> int:
    rules, keys = _trusted(case)
    try:
        said = proof.read_proof(_proof_text(case))
    except (BadNote, UnicodeDecodeError):
        return UNDECIDED
    receipt = _receipt(case) if case["receipt"] is not None else None
    if said.extra is not None:
        _must_be_an_entry(said.extra)
    leaf, is_one = _leaf(case, said, receipt)
    try:
        note = notes.read_note(said.checkpoint)
        checkpoint = notes.read_checkpoint(note.text)
    except BadNote:
        return UNDECIDED
    if all(key.name != checkpoint.origin for key in keys):
        return UNDECIDED
    try:
        said.verify(leaf=leaf, keys=keys)
    except (BadNote, tree.Unproven):
        return TAMPERED
    if not is_one:
        return UNDECIDED
    if receipt is not None:
        _check_receipt(case, receipt, said)
    if rules is None or not rules.is_met(note):
        return UNDECIDED
    return _moment(said, [note.signed_by(one.key) or 0 for one in rules.seen_by(note)])


def _moment(said: proof.ProofFile, seen: list[int]) -> int:
    if said.extra is None or "recorded_at" not in (read := json.loads(said.extra)):
        return SOUND
    recorded = datetime.fromisoformat(read["recorded_at"]).timestamp()
    if recorded > time.time() + 900:
        return UNDECIDED
    return TAMPERED if seen and recorded > min(seen) + 900 else SOUND


def _trusted(case: dict[str, Any]) -> tuple[policy.Policy | None, list[VerifierKey]]:
    try:
        keys = [notes.read_vkey(key) for key in case["keys"]]
        rules = policy.read_policy(SAID["policies"][case["policy"]]) if case["policy"] else None
    except (BadNote, policy.BadPolicy):
        raise Verdict(UNDECIDED) from None
    keys += rules.logs if rules else ()
    if not keys or any(key.type != notes.LOG for key in keys):
        raise Verdict(UNDECIDED)
    return rules, keys


def _proof_text(case: dict[str, Any]) -> str:
    if case["proof"] is None:
        raise Verdict(UNDECIDED)
    return base64.b64decode(case["proof"]).decode() if case["proof_is_base64"] else str(case["proof"])


def _receipt(case: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The receipt, its header and its payload, not verified."""
    try:
        said = json.loads(case["receipt"])
        said = said.get("receipt", said)
        said = next((one["receipt"] for one in said.get("casefiles", ()) if _is_of(one["receipt"], case)), said)
        token = said["jws"]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Verdict(UNDECIDED) from None
    try:
        header, payload, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
        spelled = ".".join(make_vectors.b64url(part) for part in (header, payload, signature))
        read, promise = json.loads(header), json.loads(payload)
    except ValueError:
        raise Verdict(UNDECIDED) from None
    if spelled != token:
        raise Verdict(UNDECIDED)
    _must([read["alg"] == "ES256", read["typ"] == "lintas-receipt+jwt", "crit" not in read])
    return said, read, promise


def _is_of(receipt: dict[str, Any], case: dict[str, Any]) -> bool:
    extra = proof.read_proof(_proof_text(case)).extra
    return extra is not None and receipt["leaf_hash"] == tree.leaf_hash(extra).hex()


def _must_be_an_entry(extra: bytes) -> None:
    try:
        read = json.loads(extra)
        _must([isinstance(read, dict), rfc8785.dumps(read) == extra])
    except ValueError:
        raise Verdict(TAMPERED) from None
    _must([*(isinstance(read.get(name), str) for name in ("entry", "stream", "origin")), type(read.get("seq")) is int])


def _leaf(
    case: dict[str, Any], said: proof.ProofFile, receipt: tuple[Any, Any, dict[str, Any]] | None
) -> tuple[bytes, bool]:
    found: list[bytes] = []
    if said.extra is not None:
        found.append(tree.leaf_hash(said.extra))
    if case["leaf_hash"] is not None:
        if not re.fullmatch("[0-9a-fA-F]{64}", case["leaf_hash"]):
            raise Verdict(UNDECIDED)
        found.append(bytes.fromhex(case["leaf_hash"]))
    if receipt is not None:
        found.append(bytes.fromhex(receipt[2]["leaf_hash"]))
    if not found:
        raise Verdict(UNDECIDED)
    return found[0], len(set(found)) == 1


def _check_receipt(
    case: dict[str, Any],
    receipt: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    said: proof.ProofFile,
) -> None:
    beside, header, promise = receipt
    key = _published(SAID["jwks"][case["jwks"]]["keys"]).get(header["kid"])
    if key is None:
        raise Verdict(UNDECIDED)
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    try:
        jws.deserialize_compact(beside["jws"], key, registry=registry)
    except (JoseError, ValueError):
        raise Verdict(TAMPERED) from None
    members = {name: name for name in ("entry", "seq", "leaf_hash", "accepted_at", "in_tree_by")} | {
        "casefile": "stream"
    }
    _must(beside[name] == promise[member] for name, member in members.items() if name in beside)
    if said.extra is not None:
        entry = json.loads(said.extra)
        _must(entry[name] == promise[name] for name in ("entry", "stream", "seq", "origin"))


def _published(jwks: list[dict[str, Any]]) -> dict[str, ECKey]:
    keys = {jwk["kid"]: ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")}) for jwk in jwks}
    if any(key.thumbprint() != kid for kid, key in keys.items()):
        raise Verdict(UNDECIDED)
    return keys


def _must(facts: Iterable[bool]) -> None:
    if not all(facts):
        raise Verdict(TAMPERED)


# -- the JavaScript side -----------------------------------------------------------------------------------------------


# Runs the verifier once for each list of words, each time as a module that was never loaded, in one process of node.
EACH = """
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [verifier, list] = process.argv.slice(1);
const print = process.stdout.write.bind(process.stdout);
const runs = [];
for (const [at, words] of JSON.parse(fs.readFileSync(list, "utf8")).entries()) {
  process.argv.splice(1, Infinity, verifier, ...words);
  let out = "";
  const code = new Promise((resolve) => (process.exit = resolve));
  process.stdout.write = (text, done) => ((out += text), done?.(), true);
  syncBuiltinESMExports();
  await import(`${pathToFileURL(verifier)}?${at}`);
  runs.push([await code, out]);
}
print(JSON.stringify(runs));
"""


@pytest.fixture(scope="module")
def in_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """The exit code and the output of every case by its name, with `--json`."""
    assert NODE is not None
    folder = tmp_path_factory.mktemp("cases")
    listed = []
    for number, case in enumerate(CASES):
        own = folder / str(number)
        own.mkdir()
        listed.append([*words_of(case, own), "--json"])
    (folder / "list.json").write_text(json.dumps(listed))
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", EACH, str(VERIFIER), str(folder / "list.json")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return {case["name"]: (code, out) for case, (code, out) in zip(CASES, json.loads(done.stdout), strict=True)}


def run(case: dict[str, Any], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The verifier's run over the case's files, in a process of its own."""
    assert NODE is not None
    command = [NODE, str(VERIFIER), *words_of(case, folder), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def words_of(case: dict[str, Any], folder: Path) -> list[str]:
    """The verifier's arguments for a case, whose files are written into the folder."""
    file = folder / "case.tlog-proof"
    if case["proof"] is not None:
        raw = base64.b64decode(case["proof"]) if case["proof_is_base64"] else case["proof"].encode()
        file.write_bytes(raw)
    words = [str(file), *(word for key in case["keys"] for word in ("--key", key))]
    given = {
        "--policy": SAID["policies"].get(case["policy"]),
        "--receipt": case["receipt"],
        "--jwks": json.dumps(SAID["jwks"][case["jwks"]]) if case["jwks"] else None,
    }
    for option, text in given.items():
        if text is not None:
            (folder / option.strip("-")).write_bytes(text.encode())
            words += [option, str(folder / option.strip("-"))]
    if case["leaf_hash"] is not None:
        words += ["--leaf-hash", case["leaf_hash"]]
    return words


# -- the tests ---------------------------------------------------------------------------------------------------------


def test_the_vectors_are_fresh() -> None:
    """Byte by byte; an ES256 signature stays only if it fits what the generator would sign."""
    assert make_vectors.text(make_vectors.build(SAID["promises"])) == VECTORS.read_text(encoding="utf-8")


def test_a_promise_that_does_not_fit_would_not_stay() -> None:
    stale = {
        name: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB") for name, token in SAID["promises"].items()
    }
    rebuilt = make_vectors.build(stale)["promises"]
    assert all(rebuilt[name] != token for name, token in stale.items())


def test_the_vectors_hold_every_verdict_and_no_name_twice() -> None:
    assert {case["exit"] for case in CASES} == {SOUND, TAMPERED, UNDECIDED}
    assert len({case["name"] for case in CASES}) == len(CASES)


@each_case
def test_python_judges_it_so(case: dict[str, Any]) -> None:
    assert judge(case) == case["exit"], case["why"]


@needs_node
@each_case
def test_node_judges_it_so(case: dict[str, Any], in_node: dict[str, tuple[int, str]]) -> None:
    code, out = in_node[case["name"]]

    assert code == case["exit"], (case["why"], out)
    answer = json.loads(out)
    assert answer["verdict"] == ("sound", "tampered", "undecided")[case["exit"]]
    faults = [one for one in answer["checks"] if one["mark"] == "fault"]
    assert len(faults) == (case["exit"] != SOUND)
    # A verdict for a reason that nobody foresaw is no verdict.
    assert "Cannot" not in str(faults)
    assert "undefined" not in out


@needs_node
@pytest.mark.parametrize("verdict", [SOUND, TAMPERED, UNDECIDED])
def test_a_process_ends_with_the_verdict(verdict: int, in_node: dict[str, tuple[int, str]], tmp_path: Path) -> None:
    case = next(case for case in CASES if case["exit"] == verdict)
    done = run(case, tmp_path, "--json")

    assert (done.returncode, done.stdout, done.stderr) == (*in_node[case["name"]], "")


def _named(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["name"] == name)


@needs_node
def test_it_speaks_english_and_indonesian(tmp_path: Path) -> None:
    english = run(_named("two of three witnesses"), tmp_path).stdout
    indonesian = run(_named("two of three witnesses"), tmp_path, "--id").stdout

    assert "Leaf 12 is in the tree of 40 leaves under the signed root." in english
    assert "Witness ombudsman saw this checkpoint at 2026-11-20T03:04:45.000Z." in english
    assert english.endswith("SOUND: everything above holds.\n")
    assert "Daun 12 ada di pohon berisi 40 daun" in indonesian
    assert indonesian.endswith("UTUH: semua di atas terbukti.\n")


@needs_node
def test_it_says_which_files_and_options_it_lacks(tmp_path: Path) -> None:
    assert NODE is not None
    for words in (
        [],
        ["a", "b"],
        ["a", "--key"],
        ["a", "--receipt", "r"],
        ["a", "--quick"],
        ["a", "--policy", "p", "--policy", "q"],
    ):
        done = subprocess.run([NODE, str(VERIFIER), *words], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == UNDECIDED
        assert "Usage: node lintas-verify.mjs" in done.stdout


@needs_node
def test_it_keeps_a_strangers_escape_sequences_off_the_terminal(tmp_path: Path) -> None:
    case = dict(_named("another log"))
    case["proof"] = case["proof"].replace("other.example/log", "other\u009b31m.example/log")

    done = run(case, tmp_path)

    assert done.returncode == UNDECIDED
    assert "\u009b" not in done.stdout


def test_it_needs_nothing_but_node() -> None:
    modules = re.findall(r'^import .* from "(.*)";$', VERIFIER.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert modules == ["node:crypto", "node:fs", "node:process"]
