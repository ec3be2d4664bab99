"""The verb `simulate`: seeds for so many minutes, one seed again, or the planted faults."""

from __future__ import annotations

import argparse
import json

from dev.context import database
from dev.testing import COMPILED_ONCE


def simulate(arguments: list[str]) -> int:
    """Simulate a register for --minutes M, one --seed N again, the --planted faults or all --crashes."""
    asked = _asked(arguments)
    if asked["crashes"]:
        with database(for_tests=True) as context:
            return context.python(
                "-m", "pytest", "tests/simulation", "tests/kit/client", "-m", "crash", "-q", "-n2", **COMPILED_ONCE
            )
    chosen = ["tests/simulation/night.py", "-q", "-s", "--tb=short", "-p", "no:cacheprovider", "--no-header", "-rfE"]
    chosen += ["-k", "planted" if asked["planted"] else "seeds"]
    with database(for_tests=True) as context:
        return context.python("-m", "pytest", *chosen, LINTAS_SIMULATE=json.dumps(asked), **COMPILED_ONCE)


def _asked(arguments: list[str]) -> dict[str, object]:
    parser = argparse.ArgumentParser(prog="./run simulate", description=simulate.__doc__)
    parser.add_argument(
        "--seed", type=int, help="that seed alone; with --minutes the first of as many as there is time for"
    )
    parser.add_argument("--minutes", type=float, help="how long (default 5); sixty seeds must reach every rare state")
    parser.add_argument("--planted", action="store_true", help="plant each of the known faults; each must be found")
    parser.add_argument(
        "--crashes",
        action="store_true",
        help="what CI runs: die before and after every statement of each act, at each line of a client's write; kept "
        "seeds and a few more",
    )
    return vars(parser.parse_args(arguments))
