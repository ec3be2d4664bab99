"""`lintas-conformance`: judge a partner's system, verify a report, make or check the badge, list the assertions."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from lintas_conformance import badge, reports
from lintas_conformance.acts import BadSteps, Commanded, read_steps
from lintas_conformance.assertions import assertions
from lintas_conformance.judging import SAYS, run
from lintas_conformance.scenarios import SCENARIOS
from lintas_simulator.contract import contract
from lintas_simulator.keys import BadKey, PublicKey, SigningKey, thumbprint
from lintas_simulator.server import running

HELD, BROKEN, MISUSED = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="lintas-conformance",
        description="Uji kesesuaian sistem mitra Lintas / conformance of a partner's system.",
        epilog="Kode keluar / exit code: 0 lulus / passed, 1 dilanggar / broken, 2 salah pakai / misused.",
    )
    verbs = made.add_subparsers(dest="verb", required=True)
    judge = verbs.add_parser("run", help="uji sistem menurut berkas langkah / judge a system by its file of steps")
    judge.add_argument("steps", type=Path, help="berkas langkah (JSON) / file of steps")
    judge.add_argument("--out", type=Path, default=Path("lintas-report"), help="folder laporan / of the report")
    judge.add_argument("--port", type=int, default=0, help="port simulator (bebas / any)")
    judge.add_argument("--only", action="append", default=[], choices=list(SCENARIOS), metavar="SCENARIO",
                       help=f"skenario ini saja / these alone: {', '.join(SCENARIOS)}")  # fmt: skip
    judge.add_argument("--sign-key", type=Path, help="kunci P-256 lain untuk laporan / another key to sign with")
    verify = verbs.add_parser("verify", help="periksa laporan bertanda tangan / verify a signed report")
    verify.add_argument("report", type=Path)
    verify.add_argument("--key", type=Path, required=True, help="kunci publik (PEM) penanda tangan / signer's key")
    shown = verbs.add_parser("badge", help="buat lencana / make the badge")
    shown.add_argument("report", type=Path)
    shown.add_argument("--key", type=Path, required=True, help="kunci publik (PEM) penanda tangan / signer's key")
    shown.add_argument("--out", type=Path, default=Path("badge.svg"))
    shown.add_argument("--openapi", type=Path, help="dokumen OpenAPI masa kini / of today (kit's own)")
    shown.add_argument("--check", action="store_true", help="tulis tidak ada; 1 bila usang / 1 where it is outdated")
    listed = verbs.add_parser("list", help="daftar butir dan perbaikannya / the assertions and their remedies")
    listed.add_argument("--json", action="store_true")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Do what was typed."""
    asked = parser().parse_args(arguments)
    try:
        return {"run": _run, "verify": _verify, "badge": _badge, "list": _list}[asked.verb](asked)
    except (BadSteps, BadKey, reports.NotAReport) as why:
        print(f"lintas-conformance: {why}", file=sys.stderr)
    except OSError as why:
        print(f"lintas-conformance: {why.filename or ''}: {why.strerror}", file=sys.stderr)
    return MISUSED


def _run(asked: argparse.Namespace) -> int:
    steps = read_steps(asked.steps)
    if steps.agency not in contract()["scopes"]:
        raise BadSteps(f"agency {steps.agency}: choose one of / pilih {', '.join(sorted(contract()['scopes']))}")
    pem = steps.key.read_bytes()
    public = PublicKey.of_pem(pem, kid=steps.kid)
    signer = SigningKey.of_pem(asked.sign_key.read_bytes() if asked.sign_key else pem)
    with running(port=asked.port) as simulator, tempfile.TemporaryDirectory() as scratch:
        client = simulator.register.enrol(steps.agency, public)
        integration = Commanded(steps, simulator.base_url, scratch=Path(scratch))
        results = run(
            simulator.register, integration, only=asked.only, begins=lambda name: print(f"  {name}", file=sys.stderr)
        )
    about = reports.About(steps.agency, client.id, thumbprint(public.jwk), datetime.now(UTC))
    made = reports.report(results, about)
    asked.out.mkdir(parents=True, exist_ok=True)
    files = {
        "report.json": json.dumps(made, ensure_ascii=False, indent=2) + "\n",
        "report.jws": reports.signed(made, signer),
        "report.html": reports.page(made),
        "badge.svg": badge.badge(made, openapi_digest=contract()["openapi_digest"]),
    }
    for name, text in files.items():
        (asked.out / name).write_text(text, encoding="utf-8")
    for one in results:
        if one.verdict == "broken":
            print(f"\n{one.assertion.id}\n  {one.assertion.indonesian}\n  {one.assertion.english}")
            print("\n".join(f"    {line}" for line in one.evidence))
    counted = ", ".join(f"{SAYS[name][0]} / {SAYS[name][1]}: {made['counts'][name]}" for name in SAYS)
    print(f"\n{counted}\n{asked.out / 'report.html'}")
    return HELD if made["passed"] else BROKEN


def _read(asked: argparse.Namespace) -> dict[str, object]:
    key = PublicKey.of_pem(asked.key.read_bytes(), kid="")
    return reports.read_signed(asked.report.read_text(encoding="utf-8"), key)


def _verify(asked: argparse.Namespace) -> int:
    made = _read(asked)
    for name in ("agency", "client", "judged_at", "key_thumbprint", "openapi_digest", "passed", "counts"):
        print(f"{name}: {made[name]}")
    return HELD if made["passed"] else BROKEN


def _badge(asked: argparse.Namespace) -> int:
    made = _read(asked)
    digest = contract()["openapi_digest"]
    if asked.openapi is not None:
        digest = hashlib.sha256(asked.openapi.read_bytes()).hexdigest()
    outdated = badge.is_outdated(made, openapi_digest=digest)
    if not asked.check:
        asked.out.write_text(badge.badge(made, openapi_digest=digest), encoding="utf-8")
    print(badge.words(made, openapi_digest=digest)[0])
    return BROKEN if asked.check and outdated else HELD


def _list(asked: argparse.Namespace) -> int:
    found = assertions().values()
    if asked.json:
        told = [
            {"id": one.id, "scenario": one.scenario, "source": one.source, "row": one.row or None,
             "mend": {"id": one.indonesian, "en": one.english}}
            for one in found
        ]  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for one in found:
            print(f"{one.id}\n  {one.indonesian}\n  {one.english}")
    return HELD


if __name__ == "__main__":
    sys.exit(main())
