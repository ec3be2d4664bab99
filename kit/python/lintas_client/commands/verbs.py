"""The verbs of `lintas`, one function each: takes the client and the options, prints, returns the exit code."""

from __future__ import annotations

import argparse
import hmac
import json
import sys
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lintas_client.client import Client
from lintas_client.commands.bodies import read_body
from lintas_client.commands.words import Words
from lintas_client.feed import Place, StoreKeeps
from lintas_client.outbox import Accepted

if TYPE_CHECKING:
    from lintas_client.shapes import Event

FOLLOWER: Final = "lintas follow"


def submit(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Forward a finding."""
    body = read_body(options.file)
    if options.validate_only:
        return _rehearsed(client, "/findings", body, say)
    return _told(client.post("/findings", body, reference=_reference(client, "/findings", body, options)), say)


def act(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Perform a transition, on the version that this profile saw last."""
    body = read_body(options.file)
    casefile = _id_of(client, options.casefile, say)
    path = f"/casefiles/{casefile}/{options.transition}"
    if options.validate_only:
        return _rehearsed(client, path, body, say)
    reference = _reference(client, path, body, options)
    return _told(client.act(casefile, options.transition, body, reference=reference), say)


def document(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Register the descriptor of a file; prints its id."""
    described = {"type": options.type, "title": options.title, "media_type": options.media_type}
    given = {"number": options.number, "date": options.date}
    done = client.register_file(options.file, **described, **{name: value for name, value in given.items() if value})
    print(done.id)
    return 0


def inbox(client: Client, options: argparse.Namespace, say: Words) -> int:
    """What waits for this agency, soonest due first; no name and no number of a person."""
    filters: dict[str, str | int] = {"overdue": "true"} if options.overdue else {}
    count = 0
    for referral in client.referrals(**filters):
        casefile = referral["casefile"]
        # Whoever acts on what this list shows acts on this version.
        client.saw(casefile["id"], casefile["version"])
        late = say("TERLAMBAT", "OVERDUE") if referral.get("overdue") else ""
        print(
            f"{referral['due_on'] or '-':<10}  {casefile['number']:<18}  {casefile['state']:<18}"
            f"  {referral['purpose']:<12}  {casefile['id']}  {late}".rstrip()
        )
        count += 1
    print(say(f"{count} menunggu", f"{count} waiting"), file=sys.stderr)
    return 0


def follow(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Print each event as a line of JSON; goes on where it stopped."""

    def show(event: Event) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)

    if options.after is not None:
        StoreKeeps(client.store, FOLLOWER).keep_alone(Place(after=options.after))
    wait = 0 if options.once else 30
    while client.feed.at_least_once(client.store, FOLLOWER, show, wait=wait, limit=500) or not options.once:
        pass
    return 0


def receipts(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Redeem what is open, and list; 1 where a promise was broken or tampered with, 2 where nobody can say."""
    redeemed = {kept.leaf_hash: kept for kept in client.receipts.redeem()}
    verdicts = set()
    for kept in client.receipts.kept():
        verdicts.add(kept.verdict)
        print(f"{kept.verdict:<10}  {kept.stream} {kept.seq:>4}  {kept.in_tree_by:%Y-%m-%d %H:%M:%S}  {kept.leaf_hash}")
        for reason in redeemed[kept.leaf_hash].reasons if kept.leaf_hash in redeemed else ():
            print(f"    {reason}")
    if verdicts & {"tampered", "overdue"}:
        return 1
    return 2 if verdicts & {"undecided", "unredeemed"} else 0


def outbox(client: Client, options: argparse.Namespace, say: Words) -> int:
    """What is pending or was refused; sends or dismisses where asked."""
    if options.dismiss:
        if client.outbox.dismiss(options.dismiss):
            return 0
        print(say("Tidak ada niat dengan kunci itu.", "There is no intention with that key."), file=sys.stderr)
        return 1
    for done in client.resume() if options.send else ():
        what = say("diterima", "accepted") if done.accepted else str(done.problem)
        print(f"{done.intention.key}  {done.intention.path}  {what}")
    left = [*client.outbox.pending(), *client.outbox.refused()]
    for intention in left:
        print(f"{intention.state:<8}  {intention.key}  {intention.path}  {intention.code or ''}".rstrip())
    return 1 if left else 0


def me(client: Client, options: argparse.Namespace, say: Words) -> int:
    """Who this is for the register."""
    print(json.dumps(client.me(), ensure_ascii=False, indent=2))
    return 0


def _rehearsed(client: Client, path: str, body: Mapping[str, Any], say: Words) -> int:
    rehearsal = client.rehearse(path, body)
    print(say("Akan diterima; tidak ada yang disimpan.", "It would be accepted; nothing was stored."))
    for warning in rehearsal["warnings"]:
        print(f"  {warning['code']}: {warning['detail']}")
    return 0


def _told(accepted: Accepted, say: Words) -> int:
    if accepted.data is None:
        again = say(
            "Sudah diterima sebelumnya; --again menjadikannya niat baru.", "Accepted before; --again repeats it."
        )
        print(again, file=sys.stderr)
    for one in accepted.casefiles or [{"id": accepted.id, "number": None, "version": accepted.version}]:
        print(f"{one['id']}  {one['number'] or ''}  v{one['version']}")
    for receipt in accepted.receipts:
        print(f"  {say('tanda terima', 'receipt')} {receipt['leaf_hash']}")
    return 0


def _reference(client: Client, path: str, body: Mapping[str, Any], options: argparse.Namespace) -> str:
    """The same file, the same intention: a command that died and is typed again does it once."""
    content = f"{path}\n{json.dumps(body, sort_keys=True)}\n{uuid.uuid4() if options.again else ''}"
    return f"lintas:{hmac.digest(client.store.salt, content.encode(), 'sha256').hex()}"


def _id_of(client: Client, named: str, say: Words) -> str:
    """The id of a casefile that was named by its id or by its number (LTS/2026/000123)."""
    if "/" not in named:
        return named
    found = [casefile["id"] for casefile in client.casefiles(number=named)]
    if len(found) != 1:
        raise ValueError(say(f"Perkara {named} tidak terlihat.", f"There is no casefile {named} to be seen."))
    return found[0]
