"""The verbs that run tests: `test`, `fuzz` and `drill`."""

from __future__ import annotations

from dev.context import database

# The tests start some hundred processes. An environment that forbids bytecode, as many containers do, would have each
# of them compile the project anew.
COMPILED_ONCE = {"PYTHONDONTWRITEBYTECODE": ""}


def test(arguments: list[str]) -> int:
    """Run the test suite on a real PostgreSQL (arguments go to pytest; on three processes)."""
    # Three on two cores, as one of them mostly waits: for drills, which start servers and stop them.
    # Not by file: a few files hold a third of the work. Whoever is done takes over half of what another has left.
    alone = any(argument.startswith(("-n", "--numprocesses", "--pdb", "no:xdist")) for argument in arguments)
    processes = () if alone else ("-n", "3", "--dist", "worksteal")
    asked = arguments or ["-q"]
    # Without the crash points, which cost a sixth of all others, unless tests are named: `simulate` has them.
    chosen = () if any(argument.startswith(("-m", "tests")) for argument in asked) else ("-m", "not crash")
    with database(for_tests=True) as context:
        return context.python("-m", "pytest", *processes, *chosen, *asked, **COMPILED_ONCE)


def fuzz(arguments: list[str]) -> int:
    """Run the fuzz tests for longer than CI does (arguments go to pytest)."""
    with database(for_tests=True) as context:
        chosen = ["tests/fuzz", "-p", "no:cacheprovider", *arguments]
        return context.python("-m", "pytest", *chosen, LINTAS_FUZZ="long", **COMPILED_ONCE)


def drill(arguments: list[str]) -> int:
    """Crash, race and tamper for longer than CI does (arguments go to pytest)."""
    chosen = arguments or ["-v"]
    if not any(argument.startswith("tests/") for argument in chosen):
        chosen = ["tests/drills", "tests/simulation/test_postgresql_dies.py", *chosen]
    with database(for_tests=True) as context:
        return context.python("-m", "pytest", "-p", "no:cacheprovider", *chosen, LINTAS_DRILL="long", **COMPILED_ONCE)
