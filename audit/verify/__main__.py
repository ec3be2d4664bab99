"""`lintas-verify`: exit 0 sound, 1 tampered, 2 cannot decide."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from .anchors import Anchors, read_anchors
from .progress import Progress, showing
from .report import KEPT, UNKNOWN, CannotDecide, Report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verification; returns the exit code."""
    options = _parser().parse_args(arguments)
    report = Report(keep=None if options.all else KEPT)
    try:
        anchors = read_anchors(keys=options.key, policy_file=options.policy)
        with showing(options.progress) as progress:
            _verify(options, anchors=anchors, report=report, progress=progress)
    except CannotDecide as why:
        report.add("stopped", why=str(why).rstrip("."))
    except KeyboardInterrupt:
        report.add("stopped", why="interrupted")
    except BrokenPipeError:
        return UNKNOWN
    except Exception as why:
        # What was found so far stands; the rest was not looked at. No message: it might quote content.
        report.add("stopped", why=f"unexpected {_described(why)}; please report it")
    if options.json:
        print(report.as_json(indonesian=options.id))
    else:
        report.print(indonesian=options.id)
    return report.exit_code


def _described(why: Exception) -> str:
    """An error by its kind and place, without what it says."""
    *_, last = traceback.extract_tb(why.__traceback__)
    return f"{type(why).__name__} at {Path(last.filename).name}:{last.lineno}"


def _verify(options: argparse.Namespace, *, anchors: Anchors, report: Report, progress: Progress) -> None:
    # Each kind of verification is imported when it is asked for: `db` alone needs a database driver.
    if options.what == "receipt":
        from .receipts import verify_receipt

        verify_receipt(options.file, anchors=anchors, report=report, jwks=options.jwks, proof=options.proof)
    elif options.what == "dump":
        from .dump import verify_dump

        verify_dump(
            options.folder, anchors=anchors, report=report, trust_genesis=options.trust_genesis,
            kept=options.checkpoint, progress=progress,
        )  # fmt: skip
    elif options.what == "db":
        try:
            from .db import Extent, verify_db
        except ImportError as why:
            if (why.name or "").startswith("psycopg"):
                raise CannotDecide("`db` needs a driver: pip install 'lintas-log[db]' (psycopg)") from None
            raise
        verify_db(
            options.dsn, anchors=anchors, report=report, trust_genesis=options.trust_genesis, kept=options.checkpoint,
            schema=options.schema, progress=progress,
            extent=Extent(contents=not options.no_content, guards=not options.rows_only, jobs=options.jobs),
        )  # fmt: skip
    elif options.what == "case":
        from .case import verify_case

        verify_case(options.file, anchors=anchors, report=report)
    elif options.what == "evidence":
        from .signed import verify_evidence

        verify_evidence(options.file, anchors=anchors, report=report)
    else:
        _watch(options, anchors=anchors, report=report)


def _watch(options: argparse.Namespace, *, anchors: Anchors, report: Report) -> None:
    from .agency import beside
    from .watch import Watching, WatchingTiles, watch

    if (options.url is None) == (options.tiles is None):
        raise CannotDecide("watch wants one address: that of the register, or --tiles with that of its tiles")
    kind = Watching if options.tiles is None else WatchingTiles
    watching = kind(
        options.url or options.tiles, anchors=anchors, state=options.state, patience=options.quorum_patience * 60
    )
    agency = beside(
        agency=options.agency, expect=options.expect, today=options.expect_today, entries=options.entries,
        url=options.url, token=options.token,
    )  # fmt: skip
    watch(
        watching,
        report=report,
        once=options.once or (agency is not None and agency.makes),
        every=options.every,
        beside=agency,
    )


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    trust = shared.add_argument_group("what you trust")
    trust.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's key; repeat it for forks")
    trust.add_argument("--policy", type=Path, metavar="FILE", help="logs, witnesses and quorum (C2SP tlog-policy)")
    output = shared.add_argument_group("what is said")
    output.add_argument("--json", action="store_true", help="one JSON object, for machines")
    output.add_argument("--id", action="store_true", help="dalam bahasa Indonesia")
    output.add_argument("--all", action="store_true", help=f"every finding, not only the first {KEPT}")
    output.add_argument("--progress", action="store_true", help="progress on stderr, also without a terminal")

    whole = argparse.ArgumentParser(add_help=False)
    whole.add_argument("--trust-genesis", action="store_true", help="take the log key from the log itself, and say so")
    whole.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE", help="a checkpoint you kept earlier"
    )

    parser = argparse.ArgumentParser(
        prog="lintas-verify",
        description="Verifies receipts, dumps, databases, exports and a running log.",
        epilog="Exit: 0 sound, 1 tampered, 2 cannot decide (file or key missing, unreadable, unreachable).",
    )
    what = parser.add_subparsers(dest="what", required=True)
    receipt = what.add_parser("receipt", parents=[shared], help="a receipt (JSON) and its proof, or a proof file alone")
    receipt.add_argument("file", type=Path)
    receipt.add_argument("--proof", type=Path, metavar="FILE", help="the tlog-proof of the receipt's entry")
    receipt.add_argument("--jwks", type=Path, metavar="FILE", help="the operator's receipt keys (jwks.json)")
    dump = what.add_parser("dump", parents=[shared, whole], help="the folder that `manage.py export_log` wrote")
    dump.add_argument("folder", type=Path)
    db = what.add_parser("db", parents=[shared, whole], help="the whole database, read-only")
    db.add_argument("dsn", help="postgresql://… of the reader role")
    db.add_argument("--schema", default="public")
    db.add_argument("--no-content", action="store_true", help="skip personal content, for who may not read it")
    db.add_argument("--rows-only", action="store_true", help="skip constraints and triggers, for a copy without them")
    db.add_argument("--jobs", type=int, metavar="N", help="processes that read; otherwise one a core for a long log")
    case = what.add_parser("case", parents=[shared], help="the file that `manage.py export_case` wrote")
    case.add_argument("file", type=Path)
    signed = what.add_parser(
        "evidence", parents=[shared], help="what proves a signed act: GET /casefiles/{id}/evidence/{seq}"
    )
    signed.add_argument("file", type=Path)
    watch = what.add_parser("watch", parents=[shared], help="a running log, again and again")
    watch.add_argument("url", nargs="?", help="https://… of the register")
    watch.add_argument("--tiles", metavar="URL", help="instead of it: where the log lies as files, https://…/log/1")
    watch.add_argument("--state", type=Path, default=Path("lintas-log.checkpoint"), help="the last checkpoint verified")
    watch.add_argument("--once", action="store_true", help="look once and exit")
    watch.add_argument("--every", type=float, default=60, metavar="SECONDS")
    watch.add_argument("--quorum-patience", type=float, default=15, metavar="MINUTES")
    own = watch.add_argument_group("what one agency expects")
    own.add_argument(
        "--agency", metavar="CODE", help="alarm on what the log says of this agency and it does not expect"
    )
    own.add_argument("--expect", type=Path, metavar="FILE", help="what it expects")
    own.add_argument(
        "--expect-today", type=Path, metavar="FILE", help="make that file from what the log says, and exit"
    )
    own.add_argument("--entries", metavar="DIR", help="an export of the log (`export_log`), or the register's address")
    own.add_argument(
        "--token", type=Path, metavar="FILE", help="an access token of the agency's client, for the latter"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
