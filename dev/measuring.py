"""What is measured on a sandbox of its own: for `./run bench` the courier, signed writes, uploads; and `./run soak`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dev.context import Context, database
from dev.ground import PORT
from dev.processes import port_is_free
from dev.sandbox import only_one, sandbox, sandbox_place, seed_cases

ON_A_SANDBOX: Final = {"webhooks": "benchmarks.delivery", "uploads": "benchmarks.contents"}
"""By the name that `--only` gives: the program that measures it, told where the sandbox's keys are."""
HOST: Final = "127.0.0.1"


def asked(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is to be measured on a sandbox, and the arguments that are left for the other measures.

    `--only` may come several times, or name several by commas.
    """
    names: list[str] = []
    left: list[str] = []
    given = iter(arguments)
    for argument in given:
        if argument == "--only":
            told = next(given, "").split(",")
            names += [name for name in told if name in ON_A_SANDBOX]
            for name in told:
                left += ["--only", name] if name not in ON_A_SANDBOX else []
        else:
            left.append(argument)
    return list(dict.fromkeys(names)), left


def on_a_sandbox(context: Context, names: Sequence[str]) -> int:
    """Measure these, one after the other, on a sandbox that is begun anew; the exit code."""
    port = next(port for port in range(PORT, PORT + 200) if port_is_free(HOST, port))
    place, code = sandbox_place("bench"), 0
    with (
        only_one(place, f"http://{HOST}:{port}") as lock,
        sandbox(context, place, host=HOST, port=port, lock=lock, fresh=True) as (inside, settings, _),
    ):
        seed_cases(inside, place, settings)
        for name in names:
            code = inside.python("-m", ON_A_SANDBOX[name], place.keys, **settings) or code
    return code


def soak(arguments: Sequence[str]) -> int:
    """Load a sandbox steadily for --minutes M at --share S of the design's rate, and judge."""
    port = next(port for port in range(PORT, PORT + 200) if port_is_free(HOST, port))
    place, base_url = sandbox_place("soak"), f"http://{HOST}:{port}"
    with (
        only_one(place, base_url) as lock,
        database() as context,
        sandbox(context, place, host=HOST, port=port, lock=lock, fresh=True) as (inside, settings, server),
    ):
        told = (place.keys, "--base-url", base_url, "--server", server.pid)
        return inside.python("-m", "benchmarks.soak", *told, *arguments, **settings)
