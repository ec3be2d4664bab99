"""The verbs about the checkout itself: `check`, `openapi`, `bench`, `seed`, `manage` and `lock`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

from config import command_roles
from dev import measuring
from dev.context import database, waited
from dev.ground import PORT, ROOT, RUN_DIR, VENV
from dev.sandbox import sandbox_context
from dev.screen import Stop, paint, say, tail

CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy --strict", ("-m", "mypy")),
    (
        "import-linter",
        ("-c", "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"),
    ),
    ("migrations complete", ("manage.py", "makemigrations", "--check", "--dry-run")),
    ("generated files fresh", ("manage.py", "generate", "--check")),
    ("contract kept", ("manage.py", "released_contract")),
)


def check(arguments: list[str]) -> int:
    """Lint, types, imports, migrations, generated files: all of them, then a verdict."""
    failed = []
    with database() as context:
        for name, command in CHECKS:
            if arguments and not any(word in name for word in arguments):
                continue
            began, log = time.monotonic(), RUN_DIR / "check.log"
            with log.open("wb") as out:
                code = waited(context.started(*command, log=out, settings={"LINTAS_DB_ROLE": "owner"}))
            verdict = paint("red", "failed") if code else paint("green", "ok")
            say(f"  {name:<24}{verdict} {paint('dim', f'{time.monotonic() - began:.1f} s')}")
            if code:
                failed.append(name)
                say(tail(log, 60))
    say(f"\n  {'Failed: ' + ', '.join(failed) if failed else 'All checks passed.'}")
    return bool(failed)


def seed(arguments: list[str]) -> int:
    """Migrate, then fill the main database with the sandbox's agencies and clients."""
    with database() as context:
        context.migrate()
        given = arguments or ["--base-url", f"http://127.0.0.1:{PORT}", "--out", str(RUN_DIR / "seeded.json")]
        return context.python("manage.py", "seed_sandbox", *given, LINTAS_SANDBOX="1", LINTAS_DB_ROLE="owner")


def openapi(arguments: list[str]) -> int:
    """Write the generated files anew: OpenAPI document, flow page."""
    with database() as context:
        return context.python("manage.py", "generate", *arguments)


def bench(arguments: list[str]) -> int:
    """Measure the API against bare psycopg and a naive app, as ratios."""
    names, left = measuring.asked(arguments)
    with database() as context:
        code = measuring.on_a_sandbox(context, names) if names else 0
        return code or (0 if names and "--only" not in left else context.python("-m", "benchmarks", *left))


def manage(arguments: list[str]) -> int:
    """Run a management command with the right environment: `./run manage migrate`, `./run manage --sandbox migrate`."""
    in_sandbox = arguments[:1] == ["--sandbox"]
    arguments = arguments[1:] if in_sandbox else arguments
    command = arguments[0] if arguments else ""
    with database() as context:
        inside, settings = sandbox_context(context) if in_sandbox else (context, dict[str, str]())
        settings["LINTAS_DB_ROLE"] = os.environ.get("LINTAS_DB_ROLE", command_roles.role_of(command))
        return inside.python("manage.py", *arguments, **settings)


GROUPS = ("service", "s3", "pades", "traces", "embedded-database", "benchmarks", "development")
# Pinned by themselves, and installed beside .venv by the verb that needs them.
APART = ("docs",)


def lock(arguments: list[str]) -> int:
    """Pin the dependency groups of pyproject.toml anew, with hashes."""
    uv = shutil.which("uv") or (str(VENV / "bin" / "uv") if (VENV / "bin" / "uv").exists() else None)
    if not uv:
        raise Stop("`./run lock` needs uv on PATH.")
    options = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--universal", "--python-version", "3.11"]
    compiled = [uv, "pip", "compile", "-q", *options]
    all_groups = [word for group in GROUPS for word in ("--group", group)]
    code = subprocess.call([*compiled, *all_groups, "-o", "requirements.lock", *arguments], cwd=ROOT)
    for group in GROUPS:
        if code == 0:
            # Of what the checkout has, so that a server runs what was tested.
            only = ["--group", group, "--constraints", "requirements.lock", "-o", f"locks/{group}.lock"]
            code = subprocess.call([*compiled, *only], cwd=ROOT)
    for group in APART:
        if code == 0:
            code = subprocess.call([*compiled, "--group", group, "-o", f"locks/{group}.lock", *arguments], cwd=ROOT)
    return code
