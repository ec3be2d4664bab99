"""The tree as a folder: what stands there is proved at every moment, whoever is killed, and only one log is in it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import tiles as publishing
from audit.tiles import CannotPublish, Folder, folder_of
from audit.tlog import notes, tiles, tree
from audit.tlog.notes import LOG, Checkpoint, Signer
from audit.tlog.tiles import Tile
from casefiles.flow import State
from tests.factories import casefile_at
from tests.sequencing import Sequencing

ORIGIN = "tiled.example/log/1"
SIGNER = Signer(ORIGIN, LOG, Ed25519PrivateKey.generate())
LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(700)]


def signed(size: int, leaves: list[bytes] = LEAVES, *, signer: Signer = SIGNER) -> str:
    return str(Checkpoint(signer.name, size, tree.root_of(leaves[:size])).signed(signer))


def hashes(level: int, start: int, count: int, *, leaves: list[bytes] = LEAVES) -> bytes:
    """As the database says them."""
    found = tree.from_leaves(leaves)([(level, index) for index in range(start, start + count)])
    return b"".join(found[level, index] for index in range(start, start + count))


def publish(folder: Folder, size: int, *, sizes: tuple[int, ...] = ()) -> bool:
    return folder.publish(signed(size), sizes=sizes, hashes=hashes)


def proven(folder: Folder) -> int:
    """The size that stands there, after its tiles led to its root and its signature held; 0 where nothing stands."""
    text = folder.published()
    if text is None:
        return 0
    checkpoint, _ = notes.open_checkpoint(text, keys=(SIGNER.vkey,))

    def fetch(tile: Tile) -> bytes:
        partial, full = folder.path / tile.path, folder.path / tile.full.path
        return partial.read_bytes() if partial.exists() else full.read_bytes()[: tile.width * 32]

    assert tiles.root(size=checkpoint.size, fetch=fetch) == checkpoint.root
    return checkpoint.size


def files(folder: Folder) -> set[str]:
    return {str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file()}


def test_tiles_grow_and_partial_ones_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert publish(folder, 5)
    assert files(folder) == {"checkpoint", "tile/0/000.p/5"}
    # Each size that was signed in between has its partial tile.
    assert publish(folder, 200, sizes=(3, 7, 150, 200, 900))
    assert files(folder) == {"checkpoint", *(f"tile/0/000.p/{width}" for width in (5, 7, 150, 200))}
    assert not publish(folder, 200)
    assert publish(folder, 600)
    assert files(folder) == {"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"}
    assert proven(folder) == 600


def test_who_is_killed_at_any_moment_leaves_what_is_proved_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each step that touches the disk, and in the middle of each write."""
    moments: list[str] = []
    dies_at = -1

    class Killed(BaseException):
        pass

    def watched(name: str, does: Callable[..., object]) -> Callable[..., object]:
        def done(*args: object, **more: object) -> object:
            moments.append(name)
            if len(moments) == dies_at:
                raise Killed
            return does(*args, **more)

        return done

    monkeypatch.setattr(os, "fsync", watched("fsync", lambda _: None))
    monkeypatch.setattr(Path, "replace", watched("replace", Path.replace))
    monkeypatch.setattr(Path, "mkdir", watched("mkdir", Path.mkdir))
    monkeypatch.setattr(shutil, "rmtree", watched("rmtree", shutil.rmtree))
    deaths = 0
    while True:
        dies_at = -1
        folder = Folder(tmp_path / str(deaths))
        publish(folder, 250)
        moments.clear()
        dies_at = deaths + 1
        try:
            publish(folder, 520, sizes=(256, 300))
        except Killed:
            deaths += 1
            dies_at = -1
            # The new one where only its name was not yet on the disk for certain.
            assert proven(folder) in {250, 520}
            publish(folder, 520, sizes=(256, 300))
            assert proven(folder) == 520
            assert {name for name in files(folder) if name.endswith(".p/250")} == set()
        else:
            break
    assert deaths == len(moments)
    assert set(moments) == {"fsync", "replace", "mkdir", "rmtree"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (signed(300, signer=Signer("other.example/log/1", LOG, Ed25519PrivateKey.generate())), "holds the log tiled"),
        (signed(100), "shows 200 leaves"),
        (signed(200, [b"x" * 32] * 200), "another root"),
        # The tables say other hashes than were signed.
        (signed(300, [b"x" * 32] * 300), "do not lead to the root"),
    ],
)
def test_what_does_not_continue_the_folder_is_refused_and_what_stands_stays(
    tmp_path: Path, text: str, why: str
) -> None:
    folder = Folder(tmp_path)
    publish(folder, 200)
    with pytest.raises(CannotPublish, match=why):
        folder.publish(text, sizes=(), hashes=hashes)
    assert proven(folder) == 200


def test_damage_in_the_folder_is_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    publish(folder, 300)
    (tmp_path / "tile/1/000.p/1").unlink()
    with pytest.raises(CannotPublish, match=r"tile/1/000\.p/1 is missing"):
        publish(folder, 301)
    (tmp_path / "checkpoint").write_text("half")
    with pytest.raises(CannotPublish, match="is no checkpoint"):
        publish(folder, 400)


def test_two_do_not_write_into_one_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    def meanwhile(level: int, start: int, count: int) -> bytes:
        with pytest.raises(BlockingIOError):
            publish(Folder(tmp_path), 20)
        return hashes(level, start, count)

    assert folder.publish(signed(10), sizes=(), hashes=meanwhile)
    assert publish(Folder(tmp_path), 20)


def test_nodes_that_are_missing_publish_nothing(tmp_path: Path) -> None:
    with pytest.raises(CannotPublish, match="lintas-verify"):
        Folder(tmp_path).publish(signed(10), sizes=(), hashes=lambda level, start, count: b"")
    assert not (tmp_path / "checkpoint").exists()


def test_an_origin_is_a_folder_and_never_one_elsewhere(tmp_path: Path) -> None:
    assert folder_of("lintas.example.go.id/log/1", root=tmp_path).path == tmp_path / "log" / "1"
    assert folder_of("lintas", root=tmp_path).path == tmp_path
    for origin in ("x/../../etc", "x//y", "x/.hidden", "x/a b"):
        with pytest.raises(CannotPublish):
            folder_of(origin, root=tmp_path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("world")
def test_the_real_log_is_published_by_the_command_and_holds_no_entry(sequenced: Sequencing, tmp_path: Path) -> None:
    casefile_at(State.RECOMMENDED)
    sequenced()
    publishing.publish(tmp_path)
    folder = folder_of(sequenced.signer.name, root=tmp_path)
    casefile_at(State.RETURNED)
    newest = sequenced()
    assert newest is not None
    assert publishing.publish(tmp_path) == newest.size
    assert publishing.publish(tmp_path) is None
    checkpoint, _ = notes.open_checkpoint(str(folder.published()), keys=(sequenced.signer.vkey,))
    assert tiles.root(size=newest.size, fetch=folder.read) == checkpoint.root == newest.root
    assert all(name == "checkpoint" or (folder.path / name).stat().st_size % 32 == 0 for name in files(folder))
