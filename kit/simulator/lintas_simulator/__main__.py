"""`lintas-simulator`: the stand-in register at a port of this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lintas_simulator.contract import contract
from lintas_simulator.control import HELP
from lintas_simulator.keys import BadKey, PublicKey
from lintas_simulator.mishaps import KINDS
from lintas_simulator.server import HOST, Simulator


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="lintas-simulator",
        description="Register tiruan untuk mencoba sistem Anda / a stand-in register to try your system against.",
    )
    made.add_argument("--port", type=int, default=8075, help="port di mesin ini / port of this machine (8075)")
    made.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="AGENCY:KID:KEY.pem",
        help="daftarkan sistem sebuah instansi / register an agency's system; the client id is AGENCY-system",
    )
    return made


def enrol(simulator: Simulator, told: str) -> str:
    """Register a client as the command line names it; its id. Raises `BadKey` or OSError."""
    parts = told.split(":", 2)
    if len(parts) != 3:
        raise BadKey(f"{told!r}: AGENCY:KID:KEY.pem, for instance pemkot-padang:kunci-1:key.pem")
    agency, kid, file = parts
    if agency not in contract()["scopes"]:
        raise BadKey(f"{agency!r}: choose one of {', '.join(sorted(contract()['scopes']))}")
    return simulator.register.enrol(agency, PublicKey.of_pem(Path(file).read_bytes(), kid=kid)).id


def main(arguments: list[str] | None = None) -> int:
    """Serve until it is interrupted."""
    asked = parser().parse_args(arguments)
    try:
        simulator = Simulator(port=asked.port)
        names = [enrol(simulator, told) for told in asked.client]
    except (BadKey, OSError) as why:
        print(f"lintas-simulator: {why}", file=sys.stderr)
        return 1
    print(f"LINTAS_BASE={simulator.base_url}   (http://{HOST} saja / only)")
    for name in names:
        print(f"LINTAS_CLIENT_ID={name}")
    print("\nKendali / control:")
    for where, what in HELP.items():
        print(f"  {where:<30} {what}")
    print(f"\nGangguan / mishaps: {', '.join(KINDS)}", flush=True)
    try:
        simulator.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        simulator.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
