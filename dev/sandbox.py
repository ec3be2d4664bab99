"""The sandbox of a checkout: begun anew, or kept and brought up to date; with a log and a witness of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from agencies.asking import KEPT, Clerk, answering
from config import command_roles
from config import database as databases
from config import sandbox as sandboxes
from config.roles import database_name, write_secret
from config.sandbox import Place, Unusable, does_not_fit
from dev.context import Context
from dev.ground import ROOT, RUN_DIR
from dev.processes import open_log, scanner, service, witness
from dev.registrar import registrar
from dev.revived import Revived
from dev.screen import Stop, paint, say, step


def sandbox_place(name: str = "sandbox") -> Place:
    """Where a sandbox of this checkout is kept."""
    return Place(run_dir=RUN_DIR, name=name)


def sandbox_database(context: Context, place: Place) -> str:
    """The name of a sandbox's database."""
    return f"{database_name(context.roles.owner)}_{place.name}"


@contextmanager
def only_one(place: Place, base_url: str) -> Iterator[int]:
    """The only server on that sandbox; yields the lock's file descriptor. What makes it unusable stops the verb."""
    try:
        with place.alone(base_url) as lock:
            yield lock
    except Unusable as why:
        raise Stop(str(why)) from None


@contextmanager
def sandbox(
    context: Context, place: Place, *, host: str, port: int, lock: int, fresh: bool, keep: bool = False
) -> Iterator[tuple[Context, dict[str, str], Revived]]:
    """A service on a sandbox, with a log and a witness of its own; without a clock.

    It goes on with what was kept, unless it is to be fresh; then it may `keep` the clients and their keys.
    Yields the sandbox's context, its settings and the server.
    """
    base_url = f"http://{host}:{port}"
    inside = context.on(sandbox_database(context, place), descriptors=(lock,))
    inside.log_folder = place.folder
    made_of = sandboxes.made_of(ROOT, fingerprint=databases.fingerprint(ROOT))
    if fresh or not place.was_made:
        log_key = begin(inside, context, place, base_url=base_url, keep=keep)
    else:
        place.require_whole(database_exists=sandboxes.exists(context.roles, sandbox_database(context, place)))
        log_key = go_on(inside, place, made_of, base_url=base_url)
    with witness(inside, place, log_key=log_key):
        place.note(made_of)
        settings = place.settings(base_url)
        with scanner(place), service(inside, host=host, port=port, **settings) as child:
            yield inside, settings, child


def begin(inside: Context, context: Context, place: Place, *, base_url: str, keep: bool = False) -> str:
    """An empty database, new keys of the log, and the sandbox's agencies and clients; returns the log key.

    The clients' keys are new, too, unless they are to be kept: then all clients are there again, with those that were
    registered by the sandbox's page.
    """
    earlier, registered = (place.keys.read_text(), _registered(place)) if keep else ("", [])
    place.clear()
    with step("Preparing the sandbox database"):
        databases.fresh_copy(context.roles, root=ROOT, suffix=place.name, environment=context.environment())
    settings = place.settings(base_url)
    log_key = open_log(inside, **settings)
    inside.load_catalogue()
    seeding: tuple[object, ...] = ("seed_sandbox", "--base-url", base_url, "--out", place.keys)
    if keep:
        write_secret(place.folder / "earlier.json", earlier)
        seeding = (*seeding, "--keys-of", place.folder / "earlier.json")
    inside.manage("Seeding the sandbox", *seeding, **settings)
    (place.folder / "earlier.json").unlink(missing_ok=True)
    if registered:
        kept = place.asks / KEPT
        kept.mkdir(mode=0o700, parents=True)
        for name, text in registered:
            write_secret(kept / name, text)
        inside.manage("Registering your clients again", "register_clients", kept, "--quiet-receipts", **settings)
    return log_key


def _registered(place: Place) -> list[tuple[str, str]]:
    """What the sandbox's page has registered: files by their names."""
    return [(path.name, path.read_text(encoding="utf-8")) for path in sorted((place.asks / KEPT).glob("*.json"))]


@contextmanager
def answered(inside: Context, place: Place, settings: Mapping[str, str], server: Revived) -> Iterator[Clerk]:
    """Do what the sandbox's server asks for while the block lasts; a reset ends the server."""
    role = {"LINTAS_DB_ROLE": command_roles.role_of("register_asked")}
    with (RUN_DIR / "register_client.log").open("wb") as log:

        def start() -> subprocess.Popen[bytes]:
            given = {**settings, **role}
            return inside.started("manage.py", "register_asked", log=log, lasting=True, asked=True, settings=given)

        with (
            registrar(start) as clients,
            answering(place.asks, register=clients.register, reset=server.terminate) as clerk,
        ):
            yield clerk


def go_on(inside: Context, place: Place, made_of: dict[str, str], *, base_url: str) -> str:
    """Bring the sandbox that was kept up to date, and to this address; returns the log key."""
    before, settings = place.made_of(), place.settings(base_url)
    if any(before.get(part) != made_of[part] for part in ("database", "catalogue")):
        try:
            inside.migrate()
            open_log(inside, **settings)
        except Stop as why:
            raise does_not_fit(why) from None
    if before.get("world") != made_of["world"]:
        say("  The agencies' files have changed since this sandbox was made; --fresh takes its agencies in.")
        made_of["world"] = before["world"]
    place.moves_to(base_url)
    return place.log_key()


def seed_cases(inside: Context, place: Place, settings: Mapping[str, str]) -> None:
    """See to it that `sandbox.json` lists a case in every state. Where that fails, the sandbox serves all the same."""
    try:
        inside.manage("Walking a case into every state", "seed_cases", "--sandbox-file", place.keys, **settings)
    except Stop as why:
        say(f"  {paint('red', 'Not every state has its case.')} {why}")


def seed_people(inside: Context, place: Place, settings: Mapping[str, str]) -> list[str]:
    """People who can sign in to the sandbox's console; a line for each, with the code of this half minute."""
    inside.manage("Letting people in", "sandbox_people", "--sandbox-file", place.keys, **settings)
    return (RUN_DIR / "sandbox_people.log").read_text(encoding="utf-8").splitlines()


def sandbox_state(context: Context) -> tuple[bool, str, str]:
    """`(well, found, remedy)` for doctor."""
    place = sandbox_place()
    if not place.was_made:
        return True, "none yet: ./run serve --sandbox makes it", ""
    try:
        place.require_whole(database_exists=sandboxes.exists(context.roles, sandbox_database(context, place)))
    except sandboxes.Unusable as why:
        return False, "kept, but not whole", str(why)
    return True, f"kept, with {len(place.read().get('cases', ()))} cases", ""


def sandbox_context(context: Context) -> tuple[Context, dict[str, str]]:
    """Context and settings of the sandbox that was kept, whether a server runs on it or not."""
    place = sandbox_place()
    if not place.was_made:
        raise Stop("There is no sandbox yet. Type: ./run serve --sandbox")
    try:
        place.require_whole(database_exists=sandboxes.exists(context.roles, sandbox_database(context, place)))
    except sandboxes.Unusable as why:
        raise Stop(str(why)) from None
    inside = context.on(sandbox_database(context, place))
    inside.log_folder = place.folder
    return inside, place.settings(place.read()["base_url"])
