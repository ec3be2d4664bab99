"""The verbs of `./run`: which there are, what each does, and which module does it.

Standard library only, so that `./run help` needs nothing installed: a verb's module is imported when it is called.
"""

from __future__ import annotations

import difflib
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple, cast

from dev.screen import Stop, paint


class Verb(NamedTuple):
    """The module whose function of the verb's name does it, and what it does in a sentence."""

    module: str
    sentence: str


VERBS: Mapping[str, Verb] = {
    "demo": Verb("dev.serving", "Walk two whole cases through the API of a sandbox of its own, step by step."),
    "test": Verb(
        "dev.testing", "Run the test suite on a real PostgreSQL (arguments go to pytest; on three processes)."
    ),
    "check": Verb("dev.checking", "Lint, types, imports, migrations, generated files: all of them, then a verdict."),
    "serve": Verb(
        "dev.serving",
        "Serve API and console; with --sandbox on a sandbox that is kept, a case in every state (--fresh begins anew).",
    ),
    "seed": Verb("dev.checking", "Migrate, then fill the main database with the sandbox's agencies and clients."),
    "openapi": Verb("dev.checking", "Write the generated files anew: OpenAPI document, flow page."),
    "docs": Verb("dev.documentation", "Build the documentation as one site, with search; served under /docs."),
    "bench": Verb("dev.checking", "Measure the API against bare psycopg and a naive app, as ratios."),
    "soak": Verb(
        "dev.measuring", "Load a sandbox steadily for --minutes M at --share S of the design's rate, and judge."
    ),
    "screens": Verb(
        "dev.screens", "Picture every page of the console, in both languages, narrow and wide, into .run/screens."
    ),
    "fuzz": Verb("dev.testing", "Run the fuzz tests for longer than CI does (arguments go to pytest)."),
    "drill": Verb("dev.testing", "Crash, race and tamper for longer than CI does (arguments go to pytest)."),
    "simulate": Verb(
        "dev.simulating",
        "Simulate a register for --minutes M, one --seed N again, the --planted faults or all --crashes.",
    ),
    "doctor": Verb("dev.doctor", "Say what is well, what is missing, and what to type."),
    "sbom": Verb("dev.sbom", "Print what a server is made of, as CycloneDX, from the locks."),
    "lock": Verb("dev.checking", "Pin the dependency groups of pyproject.toml anew, with hashes."),
    "manage": Verb(
        "dev.checking",
        "Run a management command with the right environment: `./run manage migrate`, "
        "`./run manage --sandbox migrate`.",
    ),
    "help": Verb("dev.verbs", "List the verbs."),
}


def help(arguments: list[str]) -> int:  # noqa: A001 - the verb's name
    """List the verbs."""
    print("Lintas: one neutrality case, from finding to sanction, across agencies.\n\n  ./run <verb>\n")
    for name, verb in VERBS.items():
        print(f"  {paint('bold', f'{name:<9}')} {verb.sentence}")
    print("\nDATABASE_URL replaces the PostgreSQL that comes along; .env.example lists every variable.")
    return 0


def required(word: str) -> Verb:
    """The verb of that name. Raises `Stop`, with the nearest one, where there is none."""
    if word in VERBS:
        return VERBS[word]
    near = next(iter(difflib.get_close_matches(word, VERBS, n=1, cutoff=0.5)), None)
    raise Stop(f"There is no verb {word!r}. {f'Did you mean: ./run {near}' if near else 'Type: ./run help'}")


def perform(word: str, arguments: list[str]) -> int:
    """Do what that verb says; returns the exit code.

    `kill` ends a verb as Ctrl-C does: children first, then the database. A shell's background job ignores SIGINT
    unless we say otherwise.
    """
    verb = required(word)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    return cast("Callable[[list[str]], int]", getattr(import_module(verb.module), word))(arguments)
