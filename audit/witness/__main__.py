"""`lintas-witness`: make a witness, run it, ask it. Exit codes: 0 well, 1 a log contradicted itself, 2 cannot say."""

from __future__ import annotations

import argparse
import logging
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import home
from .deciding import Witness
from .home import Trouble
from .service import Service, described
from .store import TWO_ROOTS, UNPROVEN

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except Trouble as why:
        print(why, file=sys.stderr)
        return 2
    except (OSError, sqlite3.Error) as why:
        print(f"Gagal: {why}\nFailed: {why}", file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lintas-witness", description="Saksi untuk log Lintas. A witness for the log of Lintas."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--dir", type=Path, required=True, help="direktori saksi / the witness's directory")
        made.set_defaults(run=run)
        return made

    init = command("init", _init, "buat saksi baru / make a new witness")
    init.add_argument("--name", required=True, help="e.g. ombudsman.example/w1")
    init.add_argument("--log", required=True, action="append", metavar="VKEY", help="kunci log / a log's vkey")
    init.add_argument("--url", help="alamat publik saksi / where logs will reach it")
    serve = command("serve", _serve, "jalankan saksi / run the witness")
    serve.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    serve.add_argument("--port", type=int, default=8090, help="default: 8090")
    command("status", _status, "ukuran tiap log, dan pertentangan / each log's size, and contradictions")
    command("evidence", _evidence, "cetak bukti pertentangan / print contradicting checkpoints")
    trust = command("trust", _trust, "percayai kunci log lagi / trust another log key")
    trust.add_argument("--log", required=True, metavar="VKEY")
    command("reset-clock", _reset_clock, "setelah jam yang salah dibetulkan / after a wrong clock was set right")
    command("begin-anew", _begin_anew, "ingatan kosong setelah hilang / an empty memory after a loss (README first)")
    return parser


def _init(chosen: argparse.Namespace) -> int:
    logs = [home.read_log_key(vkey) for vkey in chosen.log]
    signer = home.begin(chosen.dir, name=chosen.name, logs=logs, now=int(time.time()))
    short = re.sub("[^A-Za-z0-9]+", "-", signer.name).strip("-").lower()
    print(f"Saksi dibuat di {chosen.dir}. Berikan baris kebijakan ini kepada operator log:")
    print(f"The witness is in {chosen.dir}. Give this policy line to the log's operator:\n")
    print(" ".join(["witness", short, str(signer.vkey), *([chosen.url] if chosen.url else [])]))
    if not chosen.url:
        print("\n(Tambahkan alamat publiknya di akhir baris. / Append its public address, https://…, to the line.)")
    print(f"\nvkey {signer.vkey}")
    print(f"Jalankan / run: lintas-witness serve --dir {chosen.dir}")
    return 0


def _open(directory: Path) -> Witness:
    config = home.read_config(directory)
    signer = home.read_signer(directory, config.name)
    return Witness(signer=signer, logs=config.logs, store=home.open_state(directory, signer))


def _serve(chosen: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    # Blocked before any thread begins, and waited for here: no handler runs in the middle of anything.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    witness = _open(chosen.dir)
    try:
        service = Service(witness, host=chosen.host, port=chosen.port)
        service.start()
        at = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
        where = f"http://{at}:{service.port}"
        print(f"Saksi berjalan / witness {witness.signer.name} at {where}", file=sys.stderr, flush=True)
        try:
            return _until_signal(service, witness, chosen.dir)
        finally:
            service.stop()
    finally:
        witness.store.close()


def _until_signal(service: Service, witness: Witness, directory: Path) -> int:
    """Answer until SIGTERM or Ctrl-C; on SIGHUP read the trusted logs again."""
    while service.is_alive:
        received = signal.sigtimedwait(_SIGNALS, 1.0)
        if received is None:
            continue
        if received.si_signo != signal.SIGHUP:
            print("Saksi berhenti. / The witness stops.", file=sys.stderr, flush=True)
            return 0
        try:
            witness.logs = home.read_config(directory).logs
            print(f"{len(witness.logs)} kunci log dipercaya / log keys trusted", file=sys.stderr, flush=True)
        except Trouble as why:
            print(f"{why}\nTetap seperti semula. / It stays as it was.", file=sys.stderr, flush=True)
    return 2


def _status(chosen: argparse.Namespace) -> int:
    witness = _open(chosen.dir)
    try:
        print(described(witness), end="")
        print(f"growth not shown to be growth (a suspicion, anyone can cause it): {witness.store.count(UNPROVEN)}")
        proven = witness.store.count(TWO_ROOTS)
    finally:
        witness.store.close()
    if proven:
        print("ALARM: lintas-witness evidence --dir", chosen.dir)
    return 1 if proven else 0


def _evidence(chosen: argparse.Namespace) -> int:
    witness = _open(chosen.dir)
    try:
        found = witness.store.contradictions()
    finally:
        witness.store.close()
    for conflict in found:
        seen = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(conflict.seen_at))
        print(f"== {conflict.kind} {conflict.origin} {seen}")
        print(f"-- kami tandatangani / we had cosigned\n{conflict.cosigned.note}")
        print(f"-- lalu diajukan / then submitted\n{conflict.note}")
    return 1 if any(conflict.kind == TWO_ROOTS for conflict in found) else 0


def _trust(chosen: argparse.Namespace) -> int:
    key = home.read_log_key(chosen.log)
    if home.trust(chosen.dir, key):
        print(f"{key.name} dipercaya; kirim SIGHUP ke saksi yang berjalan.")
        print(f"{key.name} is trusted; send SIGHUP to the running witness.")
    else:
        print(f"{key.name} sudah dipercaya. / is trusted already.")
    return 0


def _reset_clock(chosen: argparse.Namespace) -> int:
    witness = _open(chosen.dir)
    try:
        changed = witness.store.set_times_back(int(time.time()))
    finally:
        witness.store.close()
    print(f"{changed} waktu disetel ke sekarang; ukuran dan akar tidak berubah.")
    print(f"{changed} times set to now; sizes and roots are unchanged.")
    return 0


def _begin_anew(chosen: argparse.Namespace) -> int:
    home.begin_anew(chosen.dir, now=int(time.time()))
    print("Ingatan kosong: saksi ini akan menerima sejarah apa pun sekali lagi. Beri tahu para pemakai kuncinya.")
    print("The memory is empty: this witness will take any history once more. Tell those who rely on its key.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
