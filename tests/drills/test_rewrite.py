"""The complete insider: the owner's password, the log's key, the triggers off, and a whole history written anew.

Nothing in the database contradicts them, so what is local is silent. Those who kept something are not: the witness, an
auditor with a checkpoint, an agency with a receipt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
import rfc8785

from audit.ledger import commit
from audit.sequencer import read_log_key
from audit.tlog import tree
from audit.tlog.notes import Checkpoint, Signer, VerifierKey
from tests.audit.verify.logs import at_its_word
from tests.conftest import Copies
from tests.drills.conftest import wait_for
from tests.drills.service import Installation, Witness, verify
from tests.drills.soundness import assert_sound
from tests.drills.watched import kept_proof, refusal, watched_register
from tests.journeys.paths import EMPLOYER, EXAMINER, Journey, recommended
from tests.world import World

pytestmark = pytest.mark.drill

REWRITTEN = (
    *("audit_entry", "audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature", "casefiles_transition"),
    *("casefiles_payload", "casefiles_historicalcasefile", "api_idempotencyrecord"),
)


# -- the insider's work ------------------------------------------------------------------------------------------------


def rewrite(owner: psycopg.Connection, casefile: str, *, signer: Signer) -> None:
    """Make the recommendation of that casefile a lighter one, as if it always was."""
    triggers = owner.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A' "
        "AND tgrelid::regclass::text = ANY(%s)",
        [list(REWRITTEN)],
    ).fetchall()
    with owner.transaction():
        for table, trigger in triggers:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        _rewrite_casefile(owner, casefile)
        _forget_the_answers(owner, casefile)
        _grow_anew(owner, signer)
        for table, trigger in triggers:
            owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def _rewrite_casefile(owner: psycopg.Connection, casefile: str) -> None:
    previous: tuple[str, str] | None = None
    is_changed = False
    for ident, seq, body, leaf in owner.execute(
        "SELECT id, seq, body, leaf_hash FROM audit_entry WHERE stream = %s ORDER BY seq", [casefile]
    ).fetchall():
        entry = json.loads(body)
        is_changed = is_changed or entry["kind"] == "recommend"
        if is_changed:
            entry |= _lighter(owner, casefile, seq)
            if previous is not None:
                entry |= {"prev": previous[0], "before": previous[1]}
            rewritten = rfc8785.dumps(entry)
            leaf = tree.leaf_hash(rewritten)
            owner.execute("UPDATE audit_entry SET body = %s, leaf_hash = %s WHERE id = %s", [rewritten, leaf, ident])
            owner.execute("UPDATE audit_leaf SET leaf_hash = %s WHERE entry_id = %s", [leaf, ident])
        previous = (bytes(leaf).hex(), entry["after"])
    assert is_changed


def _forget_the_answers(owner: psycopg.Connection, casefile: str) -> None:
    """The kept answers of that casefile contradict what is written now; that they are gone contradicts nothing."""
    kept = "SELECT id FROM casefiles_payload WHERE casefile_id = %s AND answer IS NOT NULL"
    owner.execute(f"DELETE FROM api_idempotencyrecord WHERE answer IN ({kept})", [casefile])  # noqa: S608 - constant
    owner.execute("DELETE FROM casefiles_payload WHERE casefile_id = %s AND answer IS NOT NULL", [casefile])


def _lighter(owner: psycopg.Connection, casefile: str, seq: int) -> dict[str, str]:
    """Change the content of that version; returns what its entry has to commit to now."""
    (number, given, given_salt, facts, facts_salt) = (
        owner.execute(
            "SELECT id, given, given_salt, facts, facts_salt FROM casefiles_payload "
            "WHERE casefile_id = %s AND seq = %s AND answer IS NULL",
            [casefile, seq],
        ).fetchone()
        or (None,) * 5
    )
    changed = [json.loads(json.dumps(one).replace("discipline_medium", "discipline_light")) for one in (given, facts)]
    assert changed[1] != facts
    owner.execute(
        "UPDATE casefiles_payload SET given = %s::jsonb, facts = %s::jsonb WHERE id = %s",
        [*map(json.dumps, changed), number],
    )
    salts = (bytes(given_salt), bytes(facts_salt))
    payload, after = (commit(one, salt=salt).digest.hex() for one, salt in zip(changed, salts, strict=True))
    return {"payload": payload, "after": after}


def _grow_anew(owner: psycopg.Connection, signer: Signer) -> None:
    """Nodes over the leaves as they are now, and every checkpoint signed again."""
    sizes = {size for (size,) in owner.execute("SELECT size FROM audit_checkpoint").fetchall()}
    owner.execute("DELETE FROM audit_node")
    owner.execute("DELETE FROM audit_cosignature")
    frontier = tree.Frontier()
    for (leaf,) in owner.execute("SELECT leaf_hash FROM audit_leaf ORDER BY index").fetchall():
        for (level, index), digest in frontier.append(bytes(leaf)):
            owner.execute("INSERT INTO audit_node (level, index, hash) VALUES (%s, %s, %s)", [level, index, digest])
        if frontier.size in sizes:
            note = str(Checkpoint(signer.name, frontier.size, frontier.root()).signed(signer))
            owner.execute("UPDATE audit_checkpoint SET note = %s WHERE size = %s", [note, frontier.size])


def test_a_whole_rewrite_is_silent_inside_and_known_outside(copies: Copies, world: World, tmp_path: Path) -> None:
    with watched_register(copies, world, tmp_path / "here") as (here, key, outside, parties):
        journey = recommended(parties)
        receipt = _acknowledged(journey)
        here.wait_until_signed(cosigned=True)
        kept = tmp_path / "auditor.checkpoint"
        kept.write_text(here.ask("/api/v1/log/checkpoint")[1])
        proof = kept_proof(parties[EMPLOYER], receipt, tmp_path)
        jwks = tmp_path / "jwks.json"
        jwks.write_text(json.dumps(here.ask("/.well-known/jwks.json")[1]))
        assert here.verify(key, kept=kept).exit == 0

        with here.owner() as owner:
            rewrite(owner, journey.casefile, signer=read_log_key(here.log_key_file, origin=here.origin))

            # The tables are sound by every rule there is, and the log's own key has signed them.
            assert_sound(owner, keys=[key])
        assert here.verify(key).exit == 0
        told = parties[EXAMINER].casefile(journey.casefile)
        assert "discipline_light" in json.dumps(told)
        assert "discipline_medium" not in json.dumps(told)

        # An auditor's checkpoint contradicts them.
        said = here.verify(key, kept=kept)
        assert (said.exit, said.codes) == (1, {"kept-root"})

        # So does an agency's receipt: it stands by itself, and the register cannot redeem it any more.
        alone = verify("receipt", proof[0], "--proof", proof[1], "--jwks", jwks, *at_its_word(key))
        assert alone.exit == 0
        found = refusal(lambda: parties[EMPLOYER].get("/log/entries", leaf_hash=receipt["leaf_hash"]))
        assert (found.status, found.code) == (404, "not-found")

        _the_witness_stops_it(here, key, outside, journey)


def _acknowledged(journey: Journey) -> Mapping[str, Any]:
    """The employer acknowledges the recommendation; their receipt."""
    day = str(journey.today)
    receiver = {"name": "Melati Kencana", "nip": "198403032008012902", "position": "Pengelola surat"}
    after = journey.act(EMPLOYER, "acknowledge", received_on=day, received_by=receiver)
    receipt: Mapping[str, Any] = after["receipt"]
    return receipt


def _the_witness_stops_it(here: Installation, key: VerifierKey, outside: Witness, journey: Journey) -> None:
    """The next step is accepted, its checkpoint is refused, then nothing is accepted; a restart changes nothing."""
    note = {"code": "inquiry_made", "date": str(journey.today)}
    journey.act(EXAMINER, "note", **note)
    wait_for(lambda: "does not accept that this tree grew" in here.complaint(), "refusal by the witness")
    assert "witness outside" in here.complaint()
    size = here.size()
    paused = refusal(lambda: journey.act(EXAMINER, "note", **note))
    assert (paused.status, paused.code) == (503, "writes-paused")
    assert paused.errors[0]["code"] == "log-refused"
    _, status = outside.status()
    assert "suspicion" in status
    assert not status.rstrip().endswith(" 0")

    here.stop("sequencer")
    here.start_sequencer()
    wait_for(
        lambda: "witness outside" in (here.folder / "sequencer.log").read_text().rpartition("active as")[2],
        "refusal",
    )
    assert "witness outside" in here.complaint()
    assert here.size() == size
    assert refusal(lambda: journey.act(EXAMINER, "note", **note)).code == "writes-paused"
    # Still nothing to be seen from inside.
    assert here.verify(key).exit == 0
