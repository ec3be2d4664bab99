"""`manage.py publish_tiles`: the tree as a folder of tiles, until it is told to end."""

from __future__ import annotations

import logging
import signal
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, connection

from audit import quorum, tiles
from audit.nodes import LogBroken

logger = logging.getLogger("lintas.tiles")


class Command(BaseCommand):
    database_role = "web"
    help = (
        "Writes the log's tree into FOLDER as C2SP tlog-tiles: hashes and the witnessed checkpoint, never an entry. "
        "One process a folder; one that was killed goes on. docs/operating.md, The log as files."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="what the proxy serves; the log lies in it as its origin says")
        parser.add_argument("--once", action="store_true", help="bring it up to date and end")
        parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS", help="between two looks (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["folder"]
        if not root.is_dir():
            raise CommandError(f"{root} tidak ada / is not there. Type: install -d -o lintas-web {root}")
        stopping: list[int] = []
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda number, _: stopping.append(number))
        while not stopping:
            try:
                size = tiles.publish(root)
                if size is not None:
                    logger.info("%s leaves are published", size)
            except (LogBroken, quorum.BadPolicyFile) as why:
                # What is wrong does not mend itself, and what is published stays.
                raise CommandError(str(why)) from why
            except (OSError, DatabaseError, InterfaceError) as why:
                if options["once"]:
                    raise CommandError(f"{type(why).__name__}: {str(why).strip().partition(chr(10))[0]}") from why
                logger.warning("nothing is published now: %s", str(why).strip().partition("\n")[0])
                connection.close()
            if options["once"]:
                return
            time.sleep(options["every"])
