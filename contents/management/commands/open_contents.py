"""`manage.py open_contents`: see that contents can be kept: key file, store, scanner."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contents import clamd, pdf_signatures, sealing, storage
from contents.errors import ContentError, Misconfigured


class Command(BaseCommand):
    database_role = "web"
    requires_system_checks = ()
    help = "Looks whether contents can be kept: the key file, the store, the scanner."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--draw-key`."""
        parser.add_argument("--draw-key", action="store_true", help="draw the key file if it is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at each of them, and say what is missing."""
        path = settings.LINTAS_CONTENTS_KEY_FILE
        try:
            if options["draw_key"] and path is not None:
                sealing.draw_ring(path, name=f"k{datetime.now(UTC):%Y%m%d}")
            ring = sealing.read_ring(path)
            store = storage.opened()
            self._try(store)
        except Misconfigured as why:
            raise CommandError(str(why)) from why
        except ContentError as why:
            raise CommandError(f"{type(why).__doc__} LINTAS_CONTENTS={settings.LINTAS_CONTENTS}. {why}") from why
        except OSError as why:
            raise CommandError(f"{why.filename}: {why.strerror}") from why
        self.stdout.write(f"Contents are kept in {settings.LINTAS_CONTENTS}, under the key {ring.newest}.")
        try:
            self._roots()
        except OSError as why:
            raise CommandError(f"LINTAS_PADES_ROOTS: {why.filename}: {why.strerror}") from why
        try:
            verdict = clamd.scan([b"lintas"])
        except clamd.ScannerDown as why:
            self.stdout.write(f"No scanner answers at {settings.LINTAS_CONTENTS_SCANNER!r}: {why}. Nothing will leave.")
        else:
            self.stdout.write("The scanner answers." if verdict.is_clean else f"The scanner says: {verdict.failed}")

    def _roots(self) -> None:
        """Say whose signatures in PDFs count."""
        folder = settings.LINTAS_PADES_ROOTS
        if folder is None:
            self.stdout.write("Signatures in PDFs are not looked for (LINTAS_PADES_ROOTS).")
            return
        if find_spec("pyhanko") is None:
            raise CommandError("LINTAS_PADES_ROOTS is set, and pyHanko is missing: install locks/pades.lock.")
        if not (roots := pdf_signatures.roots_in(folder)):
            raise CommandError(
                f"LINTAS_PADES_ROOTS={folder} holds no certificate ({', '.join(pdf_signatures.ENDINGS)})."
            )
        self.stdout.write(f"Signatures in PDFs count by {len(roots)} files of roots in {folder}.")

    def _try(self, store: storage.Store) -> None:
        """Put something, read it, take it away."""
        name, file = storage.draw_name(), store.incoming / f"{secrets.token_hex(20)}.part"
        file.write_bytes(b"lintas")
        store.put(name, file)
        try:
            if b"".join(store.open(name, 0, 6)) != b"lintas":
                raise CommandError(
                    f"LINTAS_CONTENTS={settings.LINTAS_CONTENTS} gives back other bytes than it was given."
                )
        finally:
            store.delete(name)
