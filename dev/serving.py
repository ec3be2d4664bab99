"""The verbs that serve: `demo` and `serve`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from config.sandbox import Place
from dev.context import Context, database, waited
from dev.ground import PORT, RUN_DIR
from dev.processes import clock, console, open_log, port_is_free, service
from dev.sandbox import answered, only_one, sandbox, sandbox_place, seed_cases, seed_people
from dev.screen import Stop, paint, say
from dev.verbs import VERBS


def server_options(verb: str, arguments: list[str], *flags: tuple[str, str]) -> argparse.Namespace:
    """Where to listen, and the flags of that verb."""
    parser = argparse.ArgumentParser(prog=f"./run {verb}", description=VERBS[verb].sentence)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, help=f"port to listen on (default {PORT})")
    for flag, text in flags:
        parser.add_argument(flag, action="store_true", help=text)
    return parser.parse_args(arguments)


def demo(arguments: list[str]) -> int:
    """Walk two whole cases through the API of a sandbox of its own, step by step."""
    chosen = server_options("demo", arguments, ("--keep", "leave the server running until Ctrl-C"))
    port = chosen.port or next(port for port in range(PORT, PORT + 200) if port_is_free(chosen.host, port))
    require_port("demo", chosen.host, port)
    place, base_url = sandbox_place("demo"), f"http://{chosen.host}:{port}"
    with (
        only_one(place, base_url) as lock,
        database() as context,
        sandbox(context, place, host=chosen.host, port=port, lock=lock, fresh=True) as (inside, settings, server),
    ):
        # A receiver of the walk's own is reached only by a sandbox that serves this machine alone.
        webhooks = ("--webhooks",) if "LINTAS_WEBHOOKS_TO_LOOPBACK" in settings else ()
        # The walk tells of 2023, all of it long overdue: a clock that ran meanwhile would escalate between two steps.
        code = inside.python(
            *("manage.py", "walk_demo", "--base-url", base_url, "--sandbox-file", place.keys),
            *("--policy", place.policy, *webhooks), **settings,
        )  # fmt: skip
        if chosen.keep and code == 0:
            with console(inside, after=port, **settings) as pages:
                announce(base_url, place.keys, console=pages, people=seed_people(inside, place, settings))
                with clock(inside, **settings):
                    return waited(server) and 0
    return code


def serve(arguments: list[str]) -> int:
    """Serve API and console; with --sandbox on a sandbox that is kept, a case in every state (--fresh begins anew)."""
    chosen = server_options(
        "serve",
        arguments,
        ("--sandbox", "a database of its own, with invented agencies, given-away keys and a case in every state"),
        ("--fresh", "with --sandbox: forget the one that was kept, and begin anew"),
    )
    port = chosen.port or PORT
    if chosen.fresh and not chosen.sandbox:
        raise Stop("--fresh belongs to the sandbox. Type: ./run serve --sandbox --fresh")
    if chosen.sandbox:
        return serve_sandbox(chosen.host, port, fresh=chosen.fresh)
    require_port("serve", chosen.host, port)
    with database() as context:
        context.migrate()
        open_log(context)
        base_url = f"http://{chosen.host}:{port}"
        with (
            service(context, host=chosen.host, port=port, LINTAS_BASE_URL=base_url) as server,
            clock(context, LINTAS_BASE_URL=base_url),
            console(context, after=port, LINTAS_BASE_URL=base_url) as pages,
        ):
            announce(base_url, None, console=pages)
            return waited(server)


def serve_sandbox(host: str, port: int, *, fresh: bool) -> int:
    """Serve the sandbox that is kept in the run folder, and begin it anew with the same clients when it is asked to."""
    place, base_url = sandbox_place(), f"http://{host}:{port}"
    with only_one(place, base_url) as lock:
        require_port("serve --sandbox", host, port)
        with database() as context:
            code, again = _served(context, place, host, port, lock=lock, fresh=fresh, keep=False)
            while again:
                say("\n  The sandbox begins anew, with the same clients (/api/v1/sandbox/reset).")
                code, again = _served(context, place, host, port, lock=lock, fresh=True, keep=True)
            return code


def _served(
    context: Context, place: Place, host: str, port: int, *, lock: int, fresh: bool, keep: bool
) -> tuple[int, bool]:
    """Serve until it ends: the exit code, and whether it is to begin anew."""
    with sandbox(context, place, host=host, port=port, lock=lock, fresh=fresh, keep=keep) as (inside, settings, server):
        seed_cases(inside, place, settings)
        with clock(inside, **settings), console(inside, after=port, **settings) as pages:
            people = seed_people(inside, place, settings)
            with answered(inside, place, settings, server) as clerk:
                announce(f"http://{host}:{port}", place.keys, console=pages, people=people)
                return waited(server), clerk.was_reset


def require_port(verb: str, host: str, port: int) -> None:
    """Raises `Stop` with a free port where that one is in use."""
    if not port_is_free(host, port):
        free = next((other for other in range(port + 1, port + 200) if port_is_free(host, other)), port + 1)
        raise Stop(f"Port {port} on {host} is in use. Type: ./run {verb} --port {free}")


def announce(base_url: str, keys: Path | None, *, console: str, people: Sequence[str] = ()) -> None:
    """Say where everything is, and in a sandbox how people sign in."""
    rows = {
        "Console": console,
        "API": f"{base_url}/api/v1",
        "Documentation": f"{base_url}/api/docs",
        "Problems": f"{base_url}/problems",
    }
    if keys:
        rows["Sandbox keys"] = str(keys)
        rows["Your own client"] = f"{base_url}/sandbox"
    rows["Server log"] = str(RUN_DIR / "server.log")
    say()
    for name, value in rows.items():
        say(f"  {name:<14} {paint('bold', value)}")
    if people:
        say("\n  Who signs in to the console (new codes: ./run manage --sandbox sandbox_people):")
        for line in people:
            say(f"    {line}")
    say(f"\n  {paint('dim', 'Ctrl-C ends it.')}")
