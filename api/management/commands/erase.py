"""`manage.py erase order|sign|perform|again|draw-key`: erase a casefile or end months of reads, by two persons.

    manage.py erase draw-key --name arsip-1 --out arsip-1.pem          each person, once; the line goes into the file
    manage.py erase order --casefile LTS/2026/000123 --reason retention_elapsed --basis "..." --out order.json
    manage.py erase sign order.json --name arsip-1 --key arsip-1.pem   each of the two, on a machine of their own
    manage.py erase perform order.json                                 as the owner
    manage.py erase again /var/lib/lintas/erasures                     as the owner, after a backup was restored

Orders to end months of reads, and those for all casefiles that are due, are written by `manage.py retention order`.
`docs/erasure.md` says what goes and what stays, `docs/retention.md` when.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from api.http import idempotency
from audit import months
from casefiles import register_time
from casefiles.catalogue.files import CatalogueError
from casefiles.management import erasers_file
from casefiles.operations import ending, erasers, erasure, retention_classes
from casefiles.operations.erasers import ErasureRefused, MonthsOrder, Order
from contents import erasing

AnyOrder = Order | MonthsOrder
KEPT_IN = "LINTAS_ERASURES_DIR"
"""The folder where orders are kept for the day on which an older backup is restored; backups take it along."""


class Command(BaseCommand):
    """`perform` runs as the owner; `sign` and `draw-key` ask no database."""

    database_role = "owner"
    requires_system_checks = ()
    help = "Erases the personal content of one closed casefile, on an order that two authorised persons signed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the five acts."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        act = acts.add_parser("order", help="write an order to erase a casefile, for two persons to sign")
        act.add_argument("--casefile", required=True, help="its number (LTS/2026/000123) or its id")
        act.add_argument("--reason", required=True, choices=sorted(erasers.REASONS))
        act.add_argument("--basis", required=True, help="the legal basis, naming nobody: it stays in the log")
        act.add_argument("--out", required=True, type=Path)
        act = acts.add_parser("sign", help="add one person's signature to each of these orders")
        act.add_argument("orders", type=Path, nargs="+", metavar="order")
        act.add_argument("--name", required=True, help="the pseudonym that the erasers' file lists")
        act.add_argument("--key", required=True, type=Path, help="that person's private key (PEM)")
        act = acts.add_parser("perform", help="erase, or end months, on orders with two signatures each")
        act.add_argument("orders", type=Path, nargs="+", metavar="order")
        act = acts.add_parser("again", help="after a restore: erase again, on the orders that were kept")
        act.add_argument("folder", type=Path, help=f"where they were kept ({KEPT_IN})")
        act = acts.add_parser("draw-key", help="draw one person's key and print the line for the erasers' file")
        act.add_argument("--name", required=True, help="a pseudonym: it appears in the log")
        act.add_argument("--out", required=True, type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act, or say why not; a refusal changes nothing."""
        acts = {
            "order": self._order,
            "sign": self._sign,
            "perform": self._perform,
            "again": self._again,
            "draw-key": self._draw_key,
        }
        try:
            acts[options["act"]](options)
        except ErasureRefused as refused:
            raise CommandError(f"{refused} [{refused.reason}] Nothing was changed.") from refused
        except CatalogueError as why:
            raise CommandError(str(why)) from why
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except ProgrammingError as error:
            raise CommandError(f"Run this as the owner of the tables (LINTAS_DB_ROLE=owner). {error}") from error

    def _order(self, options: Mapping[str, Any]) -> None:
        order = erasure.order(
            casefile=options["casefile"],
            reason=options["reason"],
            basis=options["basis"],
            origin=settings.LINTAS_LOG_ORIGIN,
            now=_now(),
        )
        _write_new(options["out"], _text(order), mode=0o644)
        self._tell(order)
        if staying := erasure.numbers_that_name(order.casefile):
            self.stdout.write(
                "Nomor berikut tetap ada dan menyebut orangnya / These numbers stay and name the person: "
                + ", ".join(staying)
            )
        self.stdout.write(f"{options['out']}: for {erasers.PERSONS} persons to sign before {order.expires_at}.")

    def _sign(self, options: Mapping[str, Any]) -> None:
        for path in options["orders"]:
            order = _read(path)
            self._tell(order)
            signed = erasers.add_signature(order, name=options["name"], private=_private(options["key"]))
            draft = path.with_name(path.name + ".new")
            draft.write_text(_text(signed), encoding="utf-8")
            draft.replace(path)
            self.stdout.write(f"signed by {', '.join(mark.name for mark in signed.signatures)}")

    def _perform(self, options: Mapping[str, Any]) -> None:
        """One order, or several: then each that is refused is told, and the others are carried out."""
        paths: list[Path] = options["orders"]
        refused = 0
        for path in paths:
            try:
                self._perform_one(path)
            except ErasureRefused as why:
                if len(paths) == 1:
                    raise
                refused += 1
                self.stderr.write(f"{path}: {why} [{why.reason}]")
        if refused:
            raise CommandError(f"{refused} of {len(paths)} orders were not carried out; the others were.")

    def _perform_one(self, path: Path) -> None:
        order = _read(path)
        # Before it is done: who is erased must not come back with a backup because this process died in between.
        kept = _keep(order)
        try:
            self._carry_out(order)
        except ErasureRefused as refused:
            if kept is not None and (refused.reason == "already-erased" or not _has_begun(order)):
                kept.unlink()
            raise
        if kept is not None:
            kept.rename(kept.with_suffix(""))

    def _again(self, options: Mapping[str, Any]) -> None:
        """Every kept order whose casefile holds content again is performed again; all others are told."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder. Give the one that {KEPT_IN} names.")
        left = 0
        for path in sorted(folder.glob("*.json")):
            try:
                self._carry_out(_read(path), was_performed=True)
            except ErasureRefused as refused:
                if refused.reason == "already-erased":
                    self.stdout.write(f"{path.name}: erased already")
                    continue
                left += 1
                self.stderr.write(f"{path.name}: {refused} [{refused.reason}]")
        for path in sorted(folder.glob("*.json.begun")):
            left += 1
            self.stderr.write(f"{path.name}: performed or not, nobody knows. Look, then: manage.py erase perform")
        if left:
            raise CommandError(f"{left} orders are not carried out: whoever they name is back. Mend the above.")

    def _carry_out(self, order: AnyOrder, *, was_performed: bool = False) -> None:
        if isinstance(order, Order):
            self._tell_of(_erase(order, was_performed=was_performed))
            return
        ended = 0
        try:
            for month in _end(order, was_performed=was_performed):
                ended += 1
                self.stdout.write(f"the reads of {month} have ended.")
        except ErasureRefused as refused:
            if not ended:
                raise
            raise CommandError(
                f"{refused} [{refused.reason}] {ended} months had ended before, on this order."
            ) from None
        except OperationalError as why:
            raise CommandError(
                f"The record of reads is in use. {ended} months have ended; type this again later, and it goes on."
            ) from why
        self.stdout.write(f"{ended} months ended. Backups made before now still hold them: see docs/retention.md.")

    def _tell_of(self, done: erasure.Erasure) -> None:
        whole = "the finding's content as a whole" if done.whole_finding else "this officer's part of the finding"
        self.stdout.write(
            f"erased {done.number} up to version {done.erased_through}: its content, {done.documents} documents' "
            f"titles and contents, {whole}.\n"
            f"log entry {done.entry.uuid}, stream {erasure.STREAM}, number {done.entry.seq}\n"
            "Backups made before now still hold it: see docs/erasure.md."
        )

    def _draw_key(self, options: Mapping[str, Any]) -> None:
        private, line = erasers.draw_key(options["name"])
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write_new(options["out"], pem.decode(), mode=0o600)
        self.stdout.write(line)

    def _tell(self, order: AnyOrder) -> None:
        what = (
            f"erase {order.number} at version {order.version} ({order.casefile})"
            if isinstance(order, Order)
            else f"end {order.reads} reads, all before {order.until} (seals up to {order.head})"
        )
        self.stdout.write(
            f"order {order.id}: {what}\nreason {order.reason}: {erasers.REASONS[order.reason]}\nbasis: {order.basis}"
        )


def _erase(order: Order, *, was_performed: bool = False) -> erasure.Erasure:
    now = _now()
    return erasure.perform_order(
        order,
        erasers=erasers_file.read(),
        origin=settings.LINTAS_LOG_ORIGIN,
        now=now,
        forget=idempotency.forget,
        destroy=lambda documents: erasing.destroy(documents, now=now),
        was_performed=was_performed,
    )


def _end(order: MonthsOrder, *, was_performed: bool) -> Iterator[str]:
    now = _now()
    return ending.perform_order(
        order,
        erasers=erasers_file.read(),
        cutoff=retention_classes.load()["reads"].cutoff(now=now),
        origin=settings.LINTAS_LOG_ORIGIN,
        now=now,
        was_performed=was_performed,
    )


def _has_begun(order: AnyOrder) -> bool:
    """Whether some of what was ordered is done: an order of months that met a hold half-way."""
    return isinstance(order, MonthsOrder) and months.has_begun(order.id)


def _keep(order: AnyOrder) -> Path | None:
    """Put the order where orders are kept, as one that was begun; None where no folder is named."""
    if not (folder := os.environ.get(KEPT_IN)):
        return None
    # Its id comes from a file that somebody gave us, and becomes a name of a file.
    path = Path(folder) / f"{UUID(order.id)}.json.begun"
    with path.open("w", encoding="utf-8") as file:
        file.write(_text(order))
        file.flush()
        os.fsync(file.fileno())
    return path


def _read(path: Path) -> AnyOrder:
    try:
        return erasers.read_order(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ErasureRefused("order-malformed", f"{path} is not UTF-8.") from error


def _text(order: AnyOrder) -> str:
    return json.dumps(order.plain(), indent=2, ensure_ascii=False) + "\n"


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise ErasureRefused("key", f"{path} holds no unencrypted private key in PEM.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ErasureRefused("key", f"{path} holds another key than Ed25519.")
    return key


def _write_new(path: Path, text: str, *, mode: int) -> None:
    """Write a file that must not be there yet."""
    with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)


def _now() -> datetime:
    now = register_time.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
