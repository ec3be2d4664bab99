"""The steps of the trial, in their order. Each raises `Failed` where something is not as the guide says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from dev.ground import PYTHON, ROOT
from dev.trial import faults, losing
from dev.trial.container import Failed, run
from dev.trial.server import CONSOLE, HOST, ONCE, SERVICES, UNPACKED, Server

Step = Callable[[str, Callable[[], object]], None]


def all_of_them(server: Server, step: Step, *, before: str, wheels: Path) -> None:
    """From an empty Debian to a server that was upgraded."""
    container = server.container
    step("Debian 12 built", container.build)
    step("booted", lambda: f"{container.boot():.1f} s until systemd is up")
    shutil.copytree(wheels, container.folder / "root/wheels", dirs_exist_ok=True)
    server.unpack("HEAD", name="checkout")
    old = server.unpack(before, name="before")
    step("bad answers are refused", lambda: bad_answers(server))
    step(f"install.sh, release {before}", lambda: install(server, "--source", old))
    step("a sandbox's agencies and clients", server.seed)
    step("a witness by its unit", server.witness)
    step("upgrade to this release, while asked", lambda: upgrade(server))
    step("two cases through nginx", server.walk)
    step("what nginx answers by itself", lambda: refusals(server))
    for unit in (*SERVICES, "lintas-witness"):
        step(f"kill -9 {unit}", lambda unit=unit: f"back after {server.kill(unit):.1f} s")  # type: ignore[misc]
    step("clock and daily units", lambda: once(server))
    step("reboot", lambda: reboot(server))
    step("lintas doctor, and what it says of faults", lambda: faults.all_named(server))
    step("install.sh again", lambda: again(server))
    step("back to the release before, and forward", lambda: back(server))
    step("backups.sh: archive, WAL, timer", lambda: losing.set_up(server))
    step("the disk is lost while written to; restore", lambda: losing.restore(server))
    step("uninstall.sh leaves data", lambda: uninstall(server))


# -- installing --------------------------------------------------------------------------------------------------------


def bad_answers(server: Server) -> str:
    """Each wrong answer ends in a sentence in both languages, and nothing was made."""
    good, key = server.authority.issue(server.folder, HOST, CONSOLE)
    ended, ended_key = server.authority.issue(server.folder, HOST, CONSOLE, ends=timedelta(days=-1), stem="ended")
    other, other_key = server.authority.issue(server.folder, "elsewhere.example", stem="other")
    names = {path: server.bring(path, path.name) for path in (good, key, ended, ended_key, other, other_key)}
    hosts = ("--host", HOST, "--console-host", CONSOLE)
    for options, word in (
        (("--hots", HOST), "There is no option --hots"),
        (("--host",), "--host wants a value"),
        ((), "The first time it needs --host"),
        (
            ("--host", "https://x", "--console-host", CONSOLE, "--certificate", names[good], "--key", names[key]),
            "is no host name",
        ),
        ((*hosts, "--certificate", "/root/none.pem", "--key", names[key]), "is missing or cannot be read"),
        ((*hosts, "--certificate", names[ended], "--key", names[ended_key]), "has ended"),
        ((*hosts, "--certificate", names[other], "--key", names[other_key]), f"is not for {HOST}"),
        ((*hosts, "--certificate", names[good], "--key", names[other_key]), "does not belong to the certificate"),
    ):
        said = server.container.said(
            "sh", "-c", 'bash "$@" 2>&1', "sh", f"{UNPACKED}/deploy/debian/install.sh", *options
        )
        if word not in said or "Berhenti." not in said:
            raise Failed(f"install.sh {' '.join(options)} said:\n{said}")
    if server.container.code("test", "-e", "/etc/lintas") == 0:
        raise Failed("A refused installation made /etc/lintas.")
    return "8 refusals, nothing made"


def install(server: Server, *more: str) -> str:
    """The first installation."""
    server.install(
        "--host",
        HOST,
        "--console-host",
        CONSOLE,
        "--certificate",
        "/root/server.pem",
        "--key",
        "/root/server.key",
        *more,
        tools=UNPACKED,
    )
    server.wait_until_ready()
    return "no network in there"


def upgrade(server: Server) -> str:
    """This release over the one before, while somebody asks all the time."""
    with server.polled() as said:
        server.install(tools=UNPACKED)
        server.wait_until_ready()
    return (
        f"{said['asked']} asked, {said['refused']} told to come again, longest without an answer {said['longest_s']} s"
    )


def again(server: Server) -> str:
    """The same once more changes no password and no key."""
    look = (
        "sh",
        "-c",
        "cd /etc/lintas && cat *.env */*.env *.pem */*.pem secret_key | sha256sum",
    )
    before = server.container.do(*look)
    server.install(tools=UNPACKED)
    server.wait_until_ready()
    if server.container.do(*look) != before:
        raise Failed("A second installation changed a file of /etc/lintas.")
    return "no password and no key changed"


def back(server: Server) -> str:
    """The release before serves on the new schema; then this one again."""
    container = server.container
    newest = container.said("readlink", "/opt/lintas")
    container.do("bash", f"{UNPACKED}/deploy/debian/install.sh", "--back")
    server.wait_until_ready()
    old = container.said("readlink", "/opt/lintas")
    container.do("bash", f"{UNPACKED}/deploy/debian/install.sh", "--back")
    server.wait_until_ready()
    if old == newest or container.said("readlink", "/opt/lintas") != newest:
        raise Failed(f"--back went from {newest} to {old}.")
    return "old code on the new schema was ready"


def uninstall(server: Server) -> str:
    """Programs go; database, keys and folders stay, and a new installation goes on with them."""
    container = server.container
    size = server.curl(f"https://{HOST}/api/v1/log/checkpoint").splitlines()[1]
    container.do("bash", f"{UNPACKED}/deploy/debian/uninstall.sh")
    if container.code("test", "-e", "/opt/lintas") == 0 or container.code(
        "test", "-e", "/etc/lintas/sequencer/log_key.pem"
    ):
        raise Failed("uninstall.sh left the programs, or took the keys.")
    server.install(tools=UNPACKED)
    server.wait_until_ready()
    after = server.curl(f"https://{HOST}/api/v1/log/checkpoint").splitlines()[1]
    if int(after) < int(size):
        raise Failed(f"The log had {size} leaves and has {after}.")
    return f"installed again, the log still has its {after} leaves"


# -- running -----------------------------------------------------------------------------------------------------------


def refusals(server: Server) -> str:
    """What never comes to the API is answered by the proxy, as a problem or with a way out."""
    big = server.folder / "big"
    big.write_bytes(b"{" + b" " * (2 * 1024 * 1024))
    answers = {
        "a body of 2 MB": (server.status("/api/v1/findings", "--data-binary", f"@{big}"), 413),
        "a header of 20 kB": (server.status("/api/v1/me", "--http1.1", "-H", "X-Long: " + "x" * 20_000), 400),
        "an unknown host": (server.status("/", "-H", "Host: elsewhere.example"), 421),
        "/metrics without its token": (server.status("/metrics"), 404),
        "no token": (server.status("/api/v1/me"), 401),
        "the console": (server.status("/masuk", host=CONSOLE), 200),
        "a page for everybody": (server.status("/bolehkah", host=CONSOLE), 200),
    }
    if wrong := {name: pair for name, pair in answers.items() if pair[0] != pair[1]}:
        raise Failed(f"status, expected: {wrong}")
    if "Use https" not in server.curl("-X", "POST", f"http://{HOST}/oauth/token"):
        raise Failed("Plain HTTP was not refused.")
    words = server.container.from_here(PYTHON, "-m", "dev.trial.half", HOST, server.authority.file, hosts=server.hosts)
    status, seconds = run(*words, cwd=ROOT).split()
    if status not in ("408", "0") or not 9 <= int(seconds) <= 30:
        raise Failed(f"Half a body was answered with {status} after {seconds} s.")
    return f"{len(answers) + 2} answers; half a body ended after {seconds} s"


def once(server: Server) -> str:
    """The units that run and end, each as its timer starts it."""
    for unit in ONCE:
        server.container.do("systemctl", "start", unit)
        if result := server.container.said("systemctl", "show", "-p", "Result", "--value", unit) != "success":
            raise Failed(f"{unit}: {result}")
    return f"{len(ONCE)} units ended well"


def reboot(server: Server) -> str:
    """The machine starts anew, and everything with it."""
    server.container.reboot()
    return f"ready {server.wait_until_ready():.1f} s after systemd"
