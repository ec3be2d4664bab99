"""Writes vectors.json: a small log with fixed keys, proof files and receipts good and bad, and what each is worth.

`python -m tests.audit.tlog.make_vectors` rewrites the file. Everything follows from fixed seeds but the ES256
signatures, which are random by nature: those in the file are kept as long as they fit what they should sign.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from audit.tlog import tree
from audit.tlog.notes import COSIGNER, LOG, Checkpoint, Note, Signer
from audit.tlog.proof import ProofFile

VECTORS = Path(__file__).with_name("vectors.json")
ORIGIN = "lintas.example/log/1"
FIRST_SEEN = 1_795_143_845
SOUND, TAMPERED, UNDECIDED = 0, 1, 2


# -- keys --------------------------------------------------------------------------------------------------------------


def signer(name: str, type_: int = LOG, *, seed: str | None = None) -> Signer:
    """A key that follows from its name (or seed)."""
    secret = hashlib.sha256(f"lintas test key {seed or name}".encode()).digest()
    return Signer(name=name, type=type_, private=Ed25519PrivateKey.from_private_bytes(secret))


LOG_KEY = signer(ORIGIN)
IMPOSTOR = signer(ORIGIN, seed="impostor")
FORKED = signer("lintas.example/log/2")
OTHER_LOG = signer("other.example/log")
WITNESSES = {name: signer(f"{name}.example/w1", COSIGNER) for name in ("ombudsman", "univ", "bkn", "stranger")}


def vkey(name: str, raw: bytes, type_: int = LOG) -> str:
    """A vkey over any bytes, usable or not."""
    material = bytes([type_]) + raw
    ident = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{ident.hex()}+{base64.b64encode(material).decode()}"


class ReceiptKey:
    """A P-256 key that follows from a number, as the receipts' signer."""

    def __init__(self, secret: int) -> None:
        self.private = ec.derive_private_key(secret, ec.SECP256R1())
        at = self.private.public_key().public_numbers()
        members = {
            "crv": "P-256",
            "kty": "EC",
            "x": b64url(at.x.to_bytes(32, "big")),
            "y": b64url(at.y.to_bytes(32, "big")),
        }
        self.kid = b64url(hashlib.sha256(rfc8785.dumps(members)).digest())
        self.jwk = members | {"kid": self.kid, "use": "sig", "alg": "ES256"}

    def sign(self, signed: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def fits(self, signature: bytes, signed: bytes) -> bool:
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        try:
            self.private.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return len(signature) == 64


def b64url(raw: bytes) -> str:
    """Base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


RECEIPT_KEY = ReceiptKey(0x1A2B3C4D5E6F)
FOREIGN_RECEIPT_KEY = ReceiptKey(0x6F5E4D3C2B1A)


# -- the log -----------------------------------------------------------------------------------------------------------


@cache
def entries(origin: str = ORIGIN) -> tuple[bytes, ...]:
    """Forty entries of four streams, each chained to the one before in its stream."""
    made: list[bytes] = []
    heads: dict[int, str] = {}
    for i in range(40):
        stream, seq = i % 4, i // 4 + 1
        body: dict[str, Any] = {
            "format": "lintas-entry/1",
            "origin": origin,
            "entry": f"7a0c5a52-9a3b-4c57-8a63-{i:012x}",
            "stream": f"01930000-0000-7000-8000-{stream:012x}",
            "seq": seq,
            "prev": heads.get(stream),
            "kind": "submit" if seq == 1 else "note",
            "from": None if seq == 1 else "submitted",
            "to": "submitted",
            "occurred_at": f"2026-11-20T03:{i:02d}:00.000Z",
            "recorded_at": f"2026-11-20T03:{i:02d}:05.123Z",
            "basis": "PP 94/2021 art. 26(1): é",
            "after": hashlib.sha256(f"after {i}".encode()).hexdigest(),
            "payload": hashlib.sha256(f"payload {i}".encode()).hexdigest(),
        }
        made.append(rfc8785.dumps(body))
        heads[stream] = tree.leaf_hash(made[-1]).hex()
    return tuple(made)


def leaves(origin: str = ORIGIN) -> list[bytes]:
    """The leaf hashes of the entries."""
    return [tree.leaf_hash(entry) for entry in entries(origin)]


def checkpoint(size: int = 40, *, origin: str = ORIGIN, extension: tuple[str, ...] = ()) -> Checkpoint:
    """The checkpoint at that size."""
    return Checkpoint(origin=origin, size=size, root=tree.root_of(leaves()[:size]), extension=extension)


def noted(said: Checkpoint, *, by: Signer = LOG_KEY, seen_by: Sequence[str] = ()) -> Note:
    """A signed checkpoint with cosignatures."""
    lines = [by.sign(said.text)]
    lines += [WITNESSES[name].sign(said.text, time=FIRST_SEEN + said.size) for name in seen_by]
    return Note(text=said.text, lines=tuple(lines))


def proof(index: int = 12, size: int = 40, *, note: Note | None = None, bare: bool = False) -> ProofFile:
    """The proof of that leaf at that size."""
    needed = tree.inclusion(index, size)
    path = tuple(needed.hashes(tree.from_leaves(leaves())(needed.needs)))
    said = str(note if note is not None else noted(checkpoint(size)))
    return ProofFile(index=index, path=path, checkpoint=said, extra=None if bare else entries()[index])


# -- receipts ----------------------------------------------------------------------------------------------------------


def promise(index: int = 12, **changed: Any) -> dict[str, Any]:
    """What the receipt of that entry signs."""
    entry = json.loads(entries()[index])
    return {
        "iss": "https://lintas.example",
        "origin": ORIGIN,
        "entry": entry["entry"],
        "stream": entry["stream"],
        "seq": entry["seq"],
        "leaf_hash": leaves()[index].hex(),
        "accepted_at": entry["recorded_at"],
        "in_tree_by": entry["recorded_at"].replace(":05.", ":59."),
        **changed,
    }


class Promises:
    """Signs receipts; a signature that the file has already is kept if it fits."""

    def __init__(self, stored: Mapping[str, str]) -> None:
        self._stored = stored
        self.signed: dict[str, str] = {}

    def jws(self, name: str, payload: Mapping[str, Any], *, key: ReceiptKey = RECEIPT_KEY, **header: Any) -> str:
        said = {"alg": "ES256", "kid": key.kid, "typ": "lintas-receipt+jwt", **header}
        signed = f"{b64url(rfc8785.dumps(said))}.{b64url(rfc8785.dumps(dict(payload)))}"
        kept = self._stored.get(name, "")
        if not self._is_whole(kept, signed, key):
            kept = f"{signed}.{b64url(key.sign(signed.encode()))}"
        self.signed[name] = kept
        return kept

    @staticmethod
    def _is_whole(jws: str, signed: str, key: ReceiptKey) -> bool:
        said, _, encoded = jws.rpartition(".")
        if said != signed:
            return False
        signature = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        return b64url(signature) == encoded and key.fits(signature, signed.encode())


def receipt(jws: str, index: int = 12, **changed: Any) -> dict[str, Any]:
    """A receipt as the API gives it."""
    said = promise(index)
    return {
        "entry": said["entry"],
        "casefile": said["stream"],
        "seq": said["seq"],
        "leaf_hash": said["leaf_hash"],
        "accepted_at": said["accepted_at"],
        "in_tree_by": said["in_tree_by"],
        "proof": f"/api/v1/log/entries?leaf_hash={said['leaf_hash']}",
        "jws": jws,
        **changed,
    }


# -- the cases ---------------------------------------------------------------------------------------------------------


class Book:
    """Collects files and cases."""

    def __init__(self) -> None:
        self.cases: list[dict[str, Any]] = []

    def add(self, name: str, exit_: int, why: str, said: ProofFile | str | bytes | None, **given: Any) -> None:
        text = base64.b64encode(said).decode() if isinstance(said, bytes) else None if said is None else str(said)
        self.cases.append(
            {
                "name": name,
                "exit": exit_,
                "why": why,
                "proof": text,
                "proof_is_base64": isinstance(said, bytes),
                "keys": given.pop("keys", [str(LOG_KEY.vkey)]),
                # Where nothing is said of witnesses, whoever verifies takes the log's own word, and says so.
                "policy": given.pop("policy", "none" if exit_ == SOUND else None),
                "leaf_hash": given.pop("leaf_hash", None),
                "receipt": given.pop("receipt", None),
                "jwks": given.pop("jwks", "published" if "receipt_given" in given else None),
            }
        )
        given.pop("receipt_given", None)
        assert not given


def flipped(text: str, at: int) -> str:
    """The base64 text with one bit of the byte at `at` changed, in its proper spelling."""
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


def policies() -> dict[str, str]:
    """Policy files by name."""
    log, *names = f"log {LOG_KEY.vkey}", "ombudsman", "univ", "bkn"
    lines = [f"witness {name} {WITNESSES[name].vkey}" for name in names]
    grouped = "\n".join([f"# Pengawas\n{log} https://lintas.example", *lines, "group outside 2 ombudsman univ bkn"])
    w = dict(zip(names, lines, strict=True))
    return {
        "two of three": f"{grouped}\nquorum outside\n",
        "two levels": f"{grouped}\n".replace("2 ombudsman univ bkn", "any ombudsman univ")
        + "group both all outside bkn\nquorum both\n",
        "one": f"\t {w['univ']}\thttps://univ.example\n\n  # tab and blanks\nquorum  univ \n",
        "none": f"{log}\nquorum none\n",
        "stranger's log": f"log {OTHER_LOG.vkey}\nquorum none\n",
        "no quorum": f"{log}\n",
        "two quorums": f"{log}\nquorum none\nquorum none\n",
        "unknown member": f"{w['univ']}\ngroup g 1 univ bkn\nquorum g\n",
        "group below its use": f"{w['univ']}\nquorum g\ngroup g 1 univ\n",
        "member twice": f"{w['univ']}\n{w['bkn']}\ngroup a 1 univ\ngroup b 1 univ bkn\nquorum b\n",
        "k too large": f"{w['univ']}\ngroup g 2 univ\nquorum g\n",
        "k zero": f"{w['univ']}\ngroup g 0 univ\nquorum g\n",
        "k with a leading zero": f"{w['univ']}\ngroup g 01 univ\nquorum g\n",
        "none as member": f"{w['univ']}\ngroup g 1 univ none\nquorum g\n",
        "none as name": f"{w['univ'].replace('witness univ', 'witness none')}\nquorum none\n",
        "name twice": f"{w['univ']}\n{w['bkn'].replace('witness bkn', 'witness univ')}\nquorum univ\n",
        "key twice": f"{w['univ']}\n{w['univ'].replace('witness univ', 'witness twin')}\nquorum univ\n",
        "log twice": f"{log}\n{log}\nquorum none\n",
        "witness as log": f"log {WITNESSES['univ'].vkey}\nquorum none\n",
        "log as witness": f"witness univ {LOG_KEY.vkey}\nquorum univ\n",
        "empty group": f"{w['univ']}\ngroup g any\nquorum g\n",
        "unknown line": f"{log}\nwitnesses 3\nquorum none\n",
        "CRLF": f"{log}\r\nquorum none\r\n",
        "small-order witness": f"witness univ {vkey('univ.example/w1', bytes(32), COSIGNER)}\nquorum univ\n",
    }


READABLE_POLICIES = ("two of three", "two levels", "one", "none", "stranger's log")


def _sound(book: Book) -> None:
    for size in (1, 2, 3, 5, 8, 13, 21, 32, 39, 40):
        for index in sorted({0, size // 2, size - 1}):
            book.add(f"leaf {index} of {size}", SOUND, "as the log gave it", proof(index, size))
    book.add("no entry, leaf given", SOUND, "--leaf-hash", proof(bare=True), leaf_hash=leaves()[12].hex())
    book.add("entry and leaf given", SOUND, "both agree", proof(), leaf_hash=leaves()[12].hex().upper())
    book.add("extension line", SOUND, "signed with the rest", proof(note=noted(checkpoint(extension=("hallo dunia",)))))
    seen = noted(checkpoint(), seen_by=("ombudsman", "bkn", "stranger"))
    book.add("key from the policy", SOUND, "the policy names the log", proof(), keys=[], policy="none")
    book.add("two keys of one name", SOUND, "key rotation", proof(), keys=[str(IMPOSTOR.vkey), str(LOG_KEY.vkey)])
    book.add("two of three witnesses", SOUND, "quorum met", proof(note=seen), policy="two of three")
    book.add("two levels of witnesses", SOUND, "quorum met", proof(note=seen), policy="two levels")
    damaged = replace(seen, lines=(*seen.lines[:3], _damaged(seen.lines[3])))
    book.add(
        "a stranger's line damaged", SOUND, "unknown signers are ignored", proof(note=damaged), policy="two of three"
    )
    three = noted(checkpoint(), seen_by=("ombudsman", "bkn", "univ"))
    damaged = replace(three, lines=(*three.lines[:3], _damaged(three.lines[3])))
    book.add("one of three damaged", SOUND, "two are enough", proof(note=damaged), policy="two of three")


# What a log may have put into its tree as a leaf, under a sound path and signature, and is no entry.
NO_ENTRIES = (
    ("extra is an empty object", "says nothing", b"{}"),
    ("extra is a list", "no object", b"[]"),
    ("extra is no JSON", "cut", b'{"entry":'),
    ("extra is not UTF-8", "a stray byte", b"\xff"),
    ("extra is empty", "no JSON", b""),
    ("extra has no seq", "which one of its stream?", b'{"entry":"e","origin":"o","stream":"s"}'),
    ("extra has a seq in words", "no number", b'{"entry":"e","origin":"o","seq":"4","stream":"s"}'),
    ("extra with blanks", "not canonical", b'{"entry":"e", "origin":"o","seq":4,"stream":"s"}'),
    ("extra out of order", "not canonical", b'{"seq":4,"entry":"e","origin":"o","stream":"s"}'),
    ("extra with a member twice", "not canonical", b'{"entry":"e","entry":"e","origin":"o","seq":4,"stream":"s"}'),
)


def _of_one(extra: bytes) -> ProofFile:
    """A proof that is right in everything else, of a tree of one leaf."""
    note = Checkpoint(ORIGIN, 1, tree.leaf_hash(extra)).signed(LOG_KEY)
    return ProofFile(index=0, path=(), checkpoint=str(note), extra=extra)


def _damaged(line: str) -> str:
    head, _, blob = line.rpartition(" ")
    return f"{head} {flipped(blob, -1)}"


def _tampered(book: Book) -> None:
    whole = proof()
    assert whole.extra is not None
    path = whole.path
    other = replace(whole, extra=whole.extra.replace(b'"seq":4', b'"seq":5'))
    book.add("entry edited", TAMPERED, "another leaf", other)
    book.add("neighbour's entry", TAMPERED, "another leaf", replace(whole, extra=entries()[13]))
    for name, why, extra in NO_ENTRIES:
        book.add(name, TAMPERED, why, _of_one(extra))
    book.add("wrong leaf given", UNDECIDED, "entry and option differ", whole, leaf_hash=leaves()[13].hex())
    book.add("wrong leaf only", TAMPERED, "another leaf", proof(bare=True), leaf_hash=leaves()[13].hex())
    for index in (11, 13, 39, 40, 44, 2**53 + 13, 2**63 - 1):
        book.add(f"index {index}", TAMPERED, "not where it stands", replace(whole, index=index))
    book.add("one beyond the last leaf", TAMPERED, "not where it stands", replace(proof(39), index=40))
    book.add("path without its last", TAMPERED, "too short", replace(whole, path=path[:-1]))
    book.add("path without its first", TAMPERED, "too short", replace(whole, path=path[1:]))
    book.add("no path", TAMPERED, "too short", replace(whole, path=()))
    book.add("path and one more", TAMPERED, "too long", replace(whole, path=(*path, path[-1])))
    book.add("path of 63", TAMPERED, "too long", replace(whole, path=path[:1] * 63))
    book.add("path swapped", TAMPERED, "another order", replace(whole, path=(path[1], path[0], *path[2:])))
    book.add("path of another leaf", TAMPERED, "another path", replace(whole, path=proof(14).path))
    for step in range(len(path)):
        bent = bytes([path[step][0] ^ 1]) + path[step][1:]
        book.add(
            f"path bent at {step}", TAMPERED, "one bit", replace(whole, path=(*path[:step], bent, *path[step + 1 :]))
        )
    book.add("longer path for the only leaf", TAMPERED, "too long", replace(proof(0, 1), path=(path[0],)))
    inner = tree.node_hash(*leaves()[:2])
    book.add(
        "inner node as leaf",
        TAMPERED,
        "0x01 is no leaf",
        replace(proof(0, bare=True), path=proof(0).path[1:]),
        leaf_hash=inner.hex(),
    )


def _note_tampered(book: Book) -> None:
    note = noted(checkpoint())
    for what, said in {
        "size": replace(checkpoint(), size=41),
        "root": replace(checkpoint(), root=bytes(32)),
        "extension": checkpoint(extension=("hallo",)),
    }.items():
        book.add(
            f"checkpoint's {what} edited",
            TAMPERED,
            "the log never signed it",
            proof(note=replace(note, text=said.text)),
        )
    book.add("log's signature bent", TAMPERED, "one bit", proof(note=replace(note, lines=(_damaged(note.lines[0]),))))
    cut = note.lines[0].rpartition(" ")
    short = base64.b64encode(base64.b64decode(cut[2])[:-1]).decode()
    book.add("log's signature short", TAMPERED, "63 bytes", proof(note=replace(note, lines=(f"{cut[0]} {short}",))))
    rewritten = Checkpoint(origin=ORIGIN, size=40, root=tree.root_of([*leaves()[:12], leaves()[13], *leaves()[13:]]))
    book.add("log rewritten", TAMPERED, "signed, but another tree", proof(note=noted(rewritten)))
    book.add("an older tree", TAMPERED, "signed, but the path is of 40", proof(note=noted(checkpoint(39))))
    book.add("impostor", TAMPERED, "the log's name, another key", proof(note=noted(checkpoint(), by=IMPOSTOR)))
    disguise = base64.b64encode(
        LOG_KEY.vkey.id + base64.b64decode(IMPOSTOR.sign(note.text).rpartition(" ")[2])[4:]
    ).decode()
    book.add(
        "impostor with the log's key id",
        TAMPERED,
        "another key",
        proof(note=replace(note, lines=(f"— {ORIGIN} {disguise}",))),
    )
    as_witness = Signer(name=ORIGIN, type=COSIGNER, private=LOG_KEY.private)
    line = as_witness.sign(note.text, time=FIRST_SEEN)
    book.add(
        "only cosigned by the log's key", TAMPERED, "type 0x04 is no log", proof(note=replace(note, lines=(line,)))
    )
    book.add(
        "only witnesses signed",
        TAMPERED,
        "no line of the log",
        proof(note=replace(note, lines=noted(checkpoint(), seen_by=("univ",)).lines[1:])),
    )
    double = replace(note, lines=(note.lines[0], _damaged(IMPOSTOR.sign(note.text))))
    book.add(
        "second key's line bent",
        TAMPERED,
        "both keys are trusted",
        proof(note=double),
        keys=[str(LOG_KEY.vkey), str(IMPOSTOR.vkey)],
    )


def _witnessed(book: Book) -> None:
    some = noted(checkpoint(), seen_by=("ombudsman", "univ"))
    one = noted(checkpoint(), seen_by=("ombudsman",))
    head, _, blob = some.lines[2].rpartition(" ")
    later = replace(some, lines=(*some.lines[:2], f"{head} {flipped(blob, 11)}"))
    borrowed = replace(some, lines=(*one.lines, noted(checkpoint(39), seen_by=("univ",)).lines[1]))
    twice = replace(one, lines=(*one.lines, WITNESSES["ombudsman"].sign(one.text, time=FIRST_SEEN + 99)))
    plain = Signer(name="univ.example/w1", type=LOG, private=WITNESSES["univ"].private).sign(one.text)
    as_log = replace(one, lines=(*one.lines, plain))
    book.add("cosignature's time edited", UNDECIDED, "the time is signed", proof(note=later), policy="two of three")
    book.add("cosignature of an older tree", UNDECIDED, "of size 39", proof(note=borrowed), policy="two of three")
    impossible = base64.b64encode(base64.b64decode(blob)[:4] + b"\xff" * 72).decode()
    never = replace(some, lines=(*some.lines[:2], f"{head} {impossible}"))
    book.add("cosignature from no time", UNDECIDED, "beyond 2^63", proof(note=never), policy="two of three")
    book.add("one of three witnesses", UNDECIDED, "quorum unmet", proof(note=one), policy="two of three")
    book.add("one witness twice", UNDECIDED, "one is not two", proof(note=twice), policy="two of three")
    book.add(
        "witness signed as a log", UNDECIDED, "type 0x01 is no cosignature", proof(note=as_log), policy="two of three"
    )
    book.add("the second level lacks", UNDECIDED, "bkn is needed", proof(note=some), policy="two levels")
    book.add("no witness", UNDECIDED, "quorum unmet", proof(), policy="one")
    book.add("no policy", UNDECIDED, "nobody but the log vouches", proof())
    seen = noted(checkpoint(), seen_by=("ombudsman", "bkn"))
    late = proof(39, note=seen)
    book.add("recorded after its witness", TAMPERED, "03:39, seen at 03:04", late, policy="two of three")
    entry = json.loads(entries()[0])
    ahead = rfc8785.dumps({**entry, "recorded_at": "2099-01-01T00:00:00.000Z"})
    book.add("recorded in 2099", UNDECIDED, "ahead of every clock", _of_one(ahead), policy="none")
    for name in policies():
        if name not in READABLE_POLICIES:
            book.add(f"policy: {name}", UNDECIDED, "the policy cannot be read", proof(note=some), policy=name)
    book.add("policy for another log", UNDECIDED, "no key for this log", proof(), keys=[], policy="stranger's log")


def _unreadable(book: Book) -> None:
    said = str(proof())
    lines = said.split("\n")
    stepped = "\n".join([*lines[:3], lines[3].rstrip("=") + " ", *lines[4:]])
    # The last base64 digit of 32 bytes has two bits to spare: another digit, the same bytes.
    spare = lines[3][:-2] + chr(ord(lines[3][-2]) + 1) + "="
    for name, why, text in (
        ("empty", "nothing in it", ""),
        ("header only", "no index", "c2sp.org/tlog-proof@v1\n\n" + str(noted(checkpoint()))),
        ("another version", "v2", said.replace("@v1", "@v2", 1)),
        ("CRLF", "line ends", said.replace("\n", "\r\n")),
        ("CR in the checkpoint", "a control character", said.replace("\n40\n", "\n40\r\n")),
        ("byte order mark", "not the header", "\ufeff" + said),
        ("index 012", "a leading zero", said.replace("\nindex 12\n", "\nindex 012\n")),
        ("index -1", "no number", said.replace("\nindex 12\n", "\nindex -1\n")),
        ("index in other digits", "no ASCII", said.replace("\nindex 12\n", "\nindex ١٢\n")),
        ("index 2^63", "no tree is so large", said.replace("\nindex 12\n", f"\nindex {2**63}\n")),
        ("index 1e1", "no number", said.replace("\nindex 12\n", "\nindex 1e1\n")),
        ("no index", "no line", said.replace("\nindex 12\n", "\n")),
        ("a blank in the path", "no base64", stepped),
        ("second spelling of a hash", "spare bits", said.replace(lines[3], spare, 1)),
        ("a hash of 31 bytes", "too short", said.replace(lines[3], base64.b64encode(bytes(31)).decode(), 1)),
        ("path of 64", "no tree is so high", str(replace(proof(), path=proof().path[:1] * 64))),
        ("no signature", "no line", said[: said.rindex("—")]),
        ("cut in the signature", "no newline", said[:-1]),
        ("hyphen for em dash", "no signature line", said.replace("— ", "- ")),
        ("second spelling of the signature", "padding", said[:-1] + "=\n"),
        ("size 040", "a leading zero", said.replace("\n40\n", "\n040\n")),
        ("size 2^63", "no tree is so large", said.replace("\n40\n", f"\n{2**63}\n")),
        ("size of 20 digits", "too large", said.replace("\n40\n", "\n" + "9" * 20 + "\n")),
        ("text after the signatures", "no signature line", said + "\n"),
        ("101 signatures", "too many", said + said[said.rindex("—") :] * 100),
        ("over 64 KB", "too long", str(proof(note=noted(checkpoint(extension=("x" * 66_000,)))))),
    ):
        assert text != said
        # What cannot be read was damaged on its way; nobody can say more.
        book.add(name, UNDECIDED, why, text)
    book.add("not UTF-8", UNDECIDED, "a stray byte", said.encode().replace(b"\n40\n", b"\n40\n\xff\n"))
    book.add("missing file", UNDECIDED, "nothing there", None)
    book.add("no key", UNDECIDED, "nothing to trust", proof(), keys=[])
    book.add("no leaf", UNDECIDED, "neither entry nor leaf", proof(bare=True))
    book.add("leaf in half", UNDECIDED, "32 digits", proof(bare=True), leaf_hash=leaves()[12].hex()[:32])
    foreign = noted(checkpoint(origin=OTHER_LOG.name), by=OTHER_LOG)
    book.add("another log", UNDECIDED, "no key for it", proof(note=foreign))
    posing = noted(checkpoint(), by=OTHER_LOG)
    book.add(
        "another log's signature", UNDECIDED, "no key of that name", proof(note=posing), keys=[str(OTHER_LOG.vkey)]
    )
    renamed = replace(noted(checkpoint()), text=checkpoint(origin="elsewhere.example").text)
    book.add("origin edited", UNDECIDED, "no key for it", proof(note=renamed))
    # With the neutral element for a key, this constant signature fits every text.
    constant = bytes([1]) + bytes(63)
    neutral = vkey(ORIGIN, bytes([1]) + bytes(31))
    ident = bytes.fromhex(neutral.split("+", 2)[1])
    forged = Note(text=checkpoint().text, lines=(f"— {ORIGIN} {base64.b64encode(ident + constant).decode()}",))
    book.add("key of small order", UNDECIDED, "it fits every text", proof(note=forged), keys=[neutral])
    for name, key in {
        "a witness's key as log key": str(WITNESSES["univ"].vkey),
        "key id edited": str(LOG_KEY.vkey).replace(LOG_KEY.vkey.id.hex(), "00000000"),
        "key without id": f"{ORIGIN}+{base64.b64encode(bytes([1]) + LOG_KEY.vkey.raw).decode()}",
        "key of 31 bytes": vkey(ORIGIN, LOG_KEY.vkey.raw[:31]),
        "key of unknown type": vkey(ORIGIN, LOG_KEY.vkey.raw, 2),
        "key that is no key": "hallo",
        "key that is no canonical point": vkey(ORIGIN, (2**255 - 19 + 3).to_bytes(32, "little")),
    }.items():
        book.add(name, UNDECIDED, "the key cannot be used", proof(), keys=[key])


def _receipts(book: Book, promises: Promises) -> None:
    good = promises.jws("good", promise())
    head, payload, signature = good.split(".")
    bent = b64url(rfc8785.dumps(promise(seq=99)))
    turned = base64.urlsafe_b64decode(signature + "==")
    turned = turned[:-1] + bytes([turned[-1] ^ 1])
    neighbour = promises.jws("neighbour", promise(13))
    der = encode_dss_signature(int.from_bytes(turned[:32], "big"), int.from_bytes(turned[32:], "big"))
    dumps = json.dumps
    for name, exit_, why, said in (
        ("receipt", SOUND, "as the API gave it", dumps(receipt(good))),
        (
            "receipt among those of a finding",
            SOUND,
            "the proof says which",
            dumps({"casefiles": [{"receipt": receipt(neighbour, 13)}, {"receipt": receipt(good)}]}),
        ),
        (
            "receipts of a finding, none of this entry",
            UNDECIDED,
            "which one is meant?",
            dumps({"casefiles": [{"receipt": receipt(neighbour, 13)}, {"receipt": receipt(neighbour, 13)}]}),
        ),
        ("receipt in its whole answer", SOUND, "the answer was kept", dumps({"id": "x", "receipt": receipt(good)})),
        ("receipt, jws only", SOUND, "the rest is for reading", dumps({"jws": good})),
        (
            "receipt's payload edited",
            TAMPERED,
            "the signature is of another",
            dumps(receipt(f"{head}.{bent}.{signature}")),
        ),
        ("receipt's signature bent", TAMPERED, "one bit", dumps(receipt(f"{head}.{payload}.{b64url(turned)}"))),
        (
            "receipt's signature in DER",
            TAMPERED,
            "JOSE writes r and s",
            dumps(receipt(f"{head}.{payload}.{b64url(der)}")),
        ),
        ("receipt's signature is zero", TAMPERED, "0, 0", dumps(receipt(f"{head}.{payload}.{b64url(bytes(64))}"))),
        ("receipt without signature", TAMPERED, "empty", dumps(receipt(f"{head}.{payload}."))),
    ):
        book.add(name, exit_, why, proof(), receipt=said, receipt_given=True)


def _receipts_of_others(book: Book, promises: Promises) -> None:
    good = promises.jws("good", promise())
    head, payload, _ = good.split(".")
    none = b64url(rfc8785.dumps({"alg": "none", "kid": RECEIPT_KEY.kid, "typ": "lintas-receipt+jwt"}))
    elsewhere = promises.jws("stream", promise(stream="01930000-0000-7000-8000-00000000ffff"))
    seq = promises.jws("seq", promise(seq=5))
    entry = promises.jws("entry", promise(entry="7a0c5a52-9a3b-4c57-8a63-ffffffffffff"))
    typ = promises.jws("typ", promise(), typ="JWT")
    crit = promises.jws("crit", promise(), crit=["exp"])
    foreign = promises.jws("foreign", promise(), key=FOREIGN_RECEIPT_KEY)
    disguised = promises.jws("disguised", promise(), key=FOREIGN_RECEIPT_KEY, kid=RECEIPT_KEY.kid)
    forked = promises.jws("forked", promise(origin="lintas.example/log/0"))
    neighbour = promises.jws("neighbour", promise(13))
    dumps = json.dumps
    for name, exit_, why, said in (
        ("receipt by a disguised key", TAMPERED, "another key under that kid", dumps(receipt(disguised))),
        ("receipt's seq beside the jws edited", TAMPERED, "jws says otherwise", dumps(receipt(good, seq=5))),
        (
            "receipt's leaf beside the jws edited",
            TAMPERED,
            "jws says otherwise",
            dumps(receipt(good, leaf_hash="00" * 32)),
        ),
        ("receipt's casefile edited", TAMPERED, "jws says otherwise", dumps(receipt(good, casefile="x"))),
        ("receipt of another leaf", UNDECIDED, "the wrong file: not this entry", dumps(receipt(neighbour, 13))),
        ("receipt of another stream", TAMPERED, "the entry says otherwise", dumps({"jws": elsewhere})),
        ("receipt of another seq", TAMPERED, "the entry says otherwise", dumps({"jws": seq})),
        ("receipt of another entry", TAMPERED, "the entry says otherwise", dumps({"jws": entry})),
        ("receipt by an unknown key", UNDECIDED, "kid not published", dumps(receipt(foreign))),
        ("receipt of another log", TAMPERED, "the entry says otherwise", dumps(receipt(forked))),
        ("receipt, alg none", TAMPERED, "not ES256", dumps(receipt(f"{none}.{payload}."))),
        ("receipt, typ JWT", TAMPERED, "another kind of token", dumps(receipt(typ))),
        ("receipt, crit", TAMPERED, "an extension we do not know", dumps(receipt(crit))),
        ("receipt, padded", UNDECIDED, "no base64url", dumps(receipt(good + "=="))),
        ("receipt, two parts", UNDECIDED, "no compact JWS", dumps(receipt(f"{head}.{payload}"))),
        ("receipt without jws", UNDECIDED, "nothing signed", dumps({"leaf_hash": leaves()[12].hex()})),
        ("receipt, no JSON", UNDECIDED, "cut", dumps(receipt(good))[:-2]),
        ("receipt, a list", UNDECIDED, "no object", "[]"),
    ):
        book.add(name, exit_, why, proof(), receipt=said, receipt_given=True)


def _receipts_apart(book: Book, promises: Promises) -> None:
    good = promises.jws("good", promise())
    dumps = json.dumps
    book.add(
        "receipt gives the leaf",
        SOUND,
        "no entry shown",
        proof(bare=True),
        receipt=dumps(receipt(good)),
        receipt_given=True,
    )
    empty = promises.jws("no entry", promise(leaf_hash=tree.leaf_hash(b"{}").hex()))
    book.add(
        "receipt of what is no entry",
        TAMPERED,
        "the leaf that was promised, and it says nothing",
        _of_one(b"{}"),
        receipt=dumps({"jws": empty}),
        receipt_given=True,
    )
    after = noted(checkpoint(origin=FORKED.name), by=FORKED)
    for bare in (False, True):
        book.add(
            f"receipt from before a fork{', no entry' if bare else ''}",
            SOUND,
            "the tree goes on under the origin whose key is given",
            proof(note=after, bare=bare),
            keys=[str(FORKED.vkey)],
            receipt=dumps(receipt(good)),
            receipt_given=True,
        )
    book.add(
        "key set with another thumbprint",
        UNDECIDED,
        "kid is not the key's",
        proof(),
        receipt=dumps(receipt(good)),
        jwks="mislabelled",
    )
    book.add(
        "key set without keys", UNDECIDED, "kid not published", proof(), receipt=dumps(receipt(good)), jwks="empty"
    )


def build(stored: Mapping[str, str]) -> dict[str, Any]:
    """All vectors; `stored` are the ES256 signatures to keep where they fit."""
    book, promises = Book(), Promises(stored)
    _sound(book)
    _tampered(book)
    _note_tampered(book)
    _witnessed(book)
    _unreadable(book)
    _receipts(book, promises)
    _receipts_of_others(book, promises)
    _receipts_apart(book, promises)
    return {
        "generated": "by `python -m tests.audit.tlog.make_vectors`; do not edit",
        "log_key": str(LOG_KEY.vkey),
        "entries": [entry.decode() for entry in entries()],
        "roots": [tree.root_of(leaves()[:size]).hex() for size in range(41)],
        "policies": policies(),
        "jwks": {
            "published": {"keys": [RECEIPT_KEY.jwk]},
            "mislabelled": {"keys": [FOREIGN_RECEIPT_KEY.jwk | {"kid": RECEIPT_KEY.kid}]},
            "empty": {"keys": []},
        },
        "promises": promises.signed,
        "cases": book.cases,
    }


def text(vectors: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


def stored_promises() -> dict[str, str]:
    """The ES256 signatures in the file, if it is there."""
    if not VECTORS.exists():
        return {}
    said: dict[str, str] = json.loads(VECTORS.read_text(encoding="utf-8"))["promises"]
    return said


if __name__ == "__main__":
    VECTORS.write_text(text(build(stored_promises())), encoding="utf-8")
    sys.stdout.write(f"{VECTORS.name}: {len(build(stored_promises())['cases'])} cases\n")
