"""`manage.py import_cases FILE`: past cases with their dates and outcomes come in from a list.

FILE is NDJSON (one case a line) or the sheet that `--template` writes. Each row is taken in whole or refused; what came
of it stands in the answer file, one JSON object a row: line, status (imported, here, refused), number of the casefile,
and for a refused row every reason with pointer, code and words in Indonesian and English. Its first line names the
list. Send the same list again, or a mended one, as often as needed, each time with an answer file of its own: what is
there stays as it is. A run that was cut goes on with --resume.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies.system import NoOperator
from api.http.problems import ErrorItem
from api.http.view import in_milliseconds
from api.importing import reading, template
from api.importing.reading import Refused, Source
from api.importing.refusals import Unreadable
from audit.verify.progress import Progress, showing
from casefiles import register_time
from casefiles.operations.importing import TOGETHER, Came, Importer
from casefiles.operations.past_taking import Row

NAMES = "past cases"


class Command(BaseCommand):
    """Run as the owner."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Takes past cases in from a list (NDJSON, or the sheet of --template), row by row."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the list, and what to do with it."""
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = __doc__
        parser.add_argument("file", type=Path, nargs="?", help="the list")
        parser.add_argument("--check", action="store_true", help="try every row and store nothing")
        parser.add_argument("--resume", action="store_true", help="go on where the answer file ends")
        parser.add_argument("--answers", type=Path, help="the answer file (FILE.answers.ndjson, or FILE.check.ndjson)")
        parser.add_argument("--template", type=Path, help="write the sheet for people there, and do nothing else")
        parser.add_argument("--progress", action="store_true", help="tell how far it is, also where nobody looks")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the rows in, and say how many of them came."""
        if options["template"] is not None:
            self._write_template(options["template"])
            return
        if options["file"] is None:
            raise CommandError("Name the list, or write a template with --template FILE.xlsx. See the help.")
        checks, resumes = options["check"], options["resume"]
        answers = options["answers"] or _beside(options["file"], "check" if checks else "answers")
        try:
            source = reading.opened(options["file"])
            head = {"line": 0, "status": "list", "sha256": source.listed.sha256, "checked": checks}
            done = _answered(answers, head) if resumes else None
            # What a check said is of no use to the next one.
            if not resumes and not (checks and options["answers"] is None):
                _require_absent(answers)
            importer = Importer(source.listed, only_check=checks)
            with answers.open("ab" if resumes else "wb") as file, showing(options["progress"]) as progress:
                write = _writer(file)
                if done is None:
                    write(_line(head))
                counts = _taken_in(source, importer, after=done or 0, write=write, progress=progress)
        except (Unreadable, NoOperator) as why:
            raise CommandError(str(why)) from why
        except OSError as why:
            raise CommandError(f"{why.filename or answers}: {why.strerror}. Mend that; go on with --resume.") from why
        self._tell(counts, answers, source, checked=checks, after=done or 0)

    def _write_template(self, path: Path) -> None:
        if path.suffix.lower() != ".xlsx":
            raise CommandError(f"A template is a sheet: name it {path.with_suffix('.xlsx')}.")
        try:
            template.write(path)
        except OSError as why:
            raise CommandError(f"{path}: {why.strerror}") from why
        self.stdout.write(f"{path}: fill in the sheet Kasus, then: manage.py import_cases {path} --check")

    def _tell(self, counts: Counter[str], answers: Path, source: Source, *, checked: bool, after: int) -> None:
        verb = "would come in" if checked else "came in"
        if after:
            self.stdout.write(f"{after:>8}  answered by an earlier run, up to its last line")
        self.stdout.write(f"{counts['new']:>8}  {verb}")
        self.stdout.write(f"{counts['there']:>8}  were here already")
        self.stdout.write(f"{counts['refused']:>8}  refused; why stands in {answers}")
        self.stdout.write(f"SHA-256 of the list: {source.listed.sha256}")


def _taken_in(
    source: Source, importer: Importer, *, after: int, write: Callable[[bytes], None], progress: Progress
) -> Counter[str]:
    """Take in every row beyond the line `after`, many together, and write its answer once it is committed."""
    counts: Counter[str] = Counter()
    now = register_time.now()
    for reached, rows in _together(source.rows(now=now), importer, after=after):
        good = [row for row in rows if isinstance(row, Row)]
        came = {one.line: one for one in importer.take(good, now=in_milliseconds(register_time.now()))}
        for row in rows:
            write(_answer(row) if isinstance(row, Refused) else _answer_of(came[row.line]))
            counts[_counted(row, came)] += 1
        progress(NAMES, reached, source.total)
    return counts


def _together(
    rows: Iterator[tuple[int, Row | Refused]], importer: Importer, *, after: int
) -> Iterator[tuple[int, list[Row | Refused]]]:
    """The rows beyond that line, as many together as one transaction takes, with how far one has come."""
    batch: list[Row | Refused] = []
    reached = 0
    for reached, row in rows:
        if row.line > after:
            batch.append(row)
        elif isinstance(row, Row):
            importer.pass_over(row)
        if len(batch) >= TOGETHER:
            yield reached, batch
            batch = []
    if batch:
        yield reached, batch


def _counted(row: Row | Refused, came: dict[int, Came]) -> str:
    if isinstance(row, Refused) or came[row.line].status == "refused":
        return "refused"
    return "new" if came[row.line].is_new else "there"


# -- the answer file ---------------------------------------------------------------------------------------------------


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.name}.{kind}.ndjson")


def _require_absent(answers: Path) -> None:
    if answers.exists():
        raise CommandError(
            f"{answers} is there already. Go on with --resume if a run of this very list was cut; otherwise name "
            "another with --answers."
        )


def _answered(answers: Path, head: Mapping[str, Any]) -> int | None:
    """The last line that has an answer, None without any; what a cut run left of one more is taken away.

    Raises `CommandError` for what is no answer file, and for that of another list: its lines are not those of this one.
    """
    if not answers.exists():
        return None
    last, whole = None, 0
    with answers.open("r+b") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                break
            try:
                said = orjson.loads(raw)
                line = int(said["line"])
            except (ValueError, KeyError, TypeError) as why:
                raise CommandError(
                    f"{answers} is no answer file of import_cases. Name another with --answers."
                ) from why
            if last is None and said != head:
                raise CommandError(
                    f"{answers} answers another list, or a --check. Nothing was taken in. Run without --resume and "
                    "name a new file with --answers: rows that are in the register stay as they are."
                )
            last = line
            whole += len(raw)
        file.truncate(whole)
    return last


def _writer(file: IO[bytes]) -> Callable[[bytes], None]:
    def write(line: bytes) -> None:
        file.write(line)
        file.flush()

    return write


def _answer(row: Refused) -> bytes:
    return _line({"line": row.line, "status": "refused", "errors": [_error(item) for item in row.errors]})


def _answer_of(came: Came) -> bytes:
    said: dict[str, Any] = {"line": came.line, "status": came.status}
    if came.status == "refused":
        said["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "id": fault.id, "en": fault.en}
            | ({"did_you_mean": fault.near} if fault.near else {})
            for fault in came.faults
        ]
    else:
        said["casefile"] = came.number
    return _line(said)


def _error(item: ErrorItem) -> dict[str, Any]:
    indonesian, english = item.in_language("id"), item.in_language("en")
    more: dict[str, Any] = {name: english[name] for name in ("did_you_mean", "allowed", "href") if name in english}
    return {
        "pointer": item.pointer or "#",
        "code": item.code,
        "id": indonesian["detail"],
        "en": english["detail"],
        **more,
    }


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said) + b"\n"
