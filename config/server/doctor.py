"""`lintas doctor`: what is well on this server, what is missing, and what to type, in Indonesian and in English.

    lintas doctor                   both languages
    lintas doctor --language en     one of them
    lintas doctor --json            for a monitoring system

Exit 0 where all is well, 1 where something is to be mended. Reads only; no value of a secret is shown.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from config.server import databases, files, surroundings
from config.server.finding import Finding, Server


def all_findings(server: Server, *, now: datetime) -> Iterator[Finding]:
    """Every line, in the order in which somebody would look."""
    web = server.settings_of("web")
    hosts = tuple(urlsplit(web.get(name, "")).hostname or "" for name in ("LINTAS_BASE_URL", "LINTAS_CONSOLE_BASE_URL"))
    yield from files.findings(server)
    yield from files.starting(server)
    yield from databases.findings(server)
    yield from surroundings.units()
    yield from surroundings.readiness(server)
    yield from surroundings.certificate(server.conf / "tls" / "fullchain.pem", hosts=hosts, now=now)
    yield from surroundings.clock()
    yield from surroundings.disks(Path("/"), Path("/var/lib/postgresql"), server.state, server.backups)
    yield from surroundings.backup(server, now=now)


def printed(finding: Finding, *, languages: Sequence[int]) -> str:
    """The lines of one finding; `languages` holds 0 for Indonesian, 1 for English."""
    mark = "ok  " if finding.well else "SAKIT" if languages == (0,) else "ILL "
    said = list(dict.fromkeys(finding.found[at] for at in languages))
    lines = [f"  {mark} {finding.name:<12} {said[0]}", *(f"       {'':<12} {more}" for more in said[1:])]
    if not finding.well:
        lines += [f"       {'':<12} -> {finding.remedy[at]}" for at in languages]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, print, and count."""
    parser = argparse.ArgumentParser(prog="lintas doctor", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--language", choices=("id", "en"), help="one language (default: both)")
    parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")
    chosen = parser.parse_args(arguments)
    languages = {"id": (0,), "en": (1,)}.get(chosen.language, (0, 1))
    found = []
    for finding in all_findings(Server(), now=datetime.now(UTC)):
        found.append(finding)
        if not chosen.json:
            print(printed(finding, languages=languages), flush=True)
    faults = sum(not finding.well for finding in found)
    if chosen.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in found], ensure_ascii=False))
    else:
        print(f"\n  {f'{faults} perlu diperbaiki / to mend' if faults else 'Semua baik / all is well'}.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
