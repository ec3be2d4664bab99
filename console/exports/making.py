"""An export is made in a job, with the rights that its person has then; a day later its file is deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agencies.actor import Actor
from audit import access, reading
from audit.tlog import notes as tlog_notes
from casefiles import register_time
from console import words
from console.exports import asked, storage, tables, writing
from console.exports.tables import Reading, Refused
from console.exports.writing import Written
from console.models import Export
from jobs.queue import deferring
from people import persons

KEPT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Log:
    """The newest signed checkpoint when the file was begun; None where there is none."""

    size: int | None
    root: str


def make(ident: UUID, *, goes_on: Callable[[], None], forgotten: Callable[[Export], None]) -> None:
    """Make the file of that export, unless it was made or refused before. `goes_on` may end the work between rows.

    `forgotten` is called in the transaction that notes the file, to have it deleted in time.
    """
    export = Export.objects.select_related("user", "agency__parent").get(pk=ident)
    if export.fault or export.made_at is not None:
        return
    actor = persons.actor_of_user(export.user, export.agency)
    now = register_time.now()
    try:
        if not export.user.is_active:
            raise Refused("person-ended")
        if now - export.asked_at > asked.LIVES:
            raise Refused("too-old")
        with (
            translation.override(export.language),
            timezone.override(ZoneInfo(actor.time_zone)),
            storage.drafted() as draft,
        ):
            log = _log()
            work = Work(export=export, actor=actor, draft=draft, now=now, log=log, goes_on=goes_on)
            written = work.dossier() if export.kind == "casefile" else work.table()
            name, size, sha256 = storage.keep(draft)
    except Refused as refused:
        Export.objects.filter(pk=ident).update(fault=refused.fault, person_name="")
        return
    done = register_time.now()
    with deferring():
        Export.objects.filter(pk=ident).update(
            made_at=done, expires_at=done + KEPT_FOR, stored_as=name, size=size, sha256=sha256, digest=written.digest,
            rows_done=written.rows, log_size=log.size, log_root=log.root,
        )  # fmt: skip
        export.expires_at = done + KEPT_FOR
        forgotten(export)


def forget(ident: UUID) -> None:
    """Delete the file of that export, and the name of its person; that there was one, and its digest, stay."""
    export = Export.objects.filter(pk=ident).exclude(stored_as="").first()
    if export is not None:
        storage.delete(export.stored_as)
        Export.objects.filter(pk=ident).update(stored_as="", person_name="")


def forget_old(*, now: datetime) -> int:
    """Delete every file whose day is over, and those that nobody has any more; returns how many."""
    over = list(Export.objects.filter(expires_at__lte=now).exclude(stored_as="").values_list("pk", flat=True))
    for ident in over:
        forget(ident)
    # What was asked for and never made: its person's name is not needed any more.
    Export.objects.filter(stored_as="", asked_at__lte=now - asked.LIVES - KEPT_FOR).exclude(person_name="").update(
        person_name=""
    )
    known = set(Export.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    return len(over) + storage.clear(known, older_than=(now - KEPT_FOR).timestamp())


# -- inside ------------------------------------------------------------------------------------------------------------


def _log() -> Log:
    found = reading.checkpoint()
    if found is None:
        return Log(None, "")
    body = tlog_notes.read_checkpoint(tlog_notes.read_note(found.text).text)
    return Log(body.size, body.root.hex())


@dataclass(frozen=True, slots=True)
class Work:
    """One file as it is written to `draft`: for whom, as of when and on which log."""

    export: Export
    actor: Actor
    draft: Path
    now: datetime
    log: Log
    goes_on: Callable[[], None]

    def table(self) -> Written:
        """A list, row by row. Raises `Refused`."""
        export = self.export
        people = [("", ""), (self.actor.client_id, export.person_name), *_asked_person(export)]
        form = asked.filters_of(export.kind, export.query, actor=self.actor, people=people)
        if not form.is_valid():
            # It was valid when it was asked for: an agency or a code is gone.
            raise Refused("filters")
        table = tables.table_of(form, self._reading())
        Export.objects.filter(pk=export.pk).update(rows_total=table.total, rows_done=0)
        said = asked.described(form)

        def notes(written: Written) -> Sequence[tuple[str, str]]:
            return [
                *self.about(table.title),
                (_("Saringan"), "; ".join(f"{label}: {value}" for label, value in said) or _("tidak ada")),
                *table.notes,
                (_("Banyaknya baris"), str(written.rows)),
                (_("Sidik baris (SHA-256)"), written.digest),
                *((_("Kolom: %(name)s") % {"name": label}, meaning) for label, meaning in table.columns),
            ]

        return writing.write(self.draft, table, form=export.format, notes=notes, each=self._passed)

    def dossier(self) -> Written:
        """One casefile; its digest is that of what is attached. Raises `Refused`."""
        from console.exports import dossier

        ident = self.export.casefile
        if ident is None:
            raise Refused("not-seen")
        what = "berkas/isi" if self.export.opens_content else "berkas"
        read = access.Read(
            at=self.now,
            request_id=self.export.request_id,
            agency=self.actor.agency_id,
            client=self.actor.client_id,
            route=f"console:/unduhan/{what}",
            purpose=self.export.purpose,
            shown=(ident,),
        )
        opens = self.export.opens_content
        said, attachment = dossier.data_of(ident, self._reading(), read=read, opens_content=opens)
        self.goes_on()
        digest = dossier.write(self.draft, said, attachment, about=self.about(_("Berkas perkara")))
        return Written(rows=1, digest=digest)

    def about(self, title: str) -> list[tuple[str, str]]:
        """What every file says of itself: what, whose, when, for what, and how the log stood."""
        actor = self.actor
        return [
            (_("Isi"), title),
            (_("Diambil oleh"), f"{self.export.person_name} ({actor.client_id})"),
            (_("Instansi"), f"{actor.agency_name} ({actor.agency_code})"),
            (_("Tujuan membaca"), words.code("reading_purpose", self.export.purpose)),
            (_("Saat"), tables.moment(self.now)),
            *tables.log_notes(self.log.size, self.log.root),
            (_("Nomor ekspor"), str(self.export.pk)),
            (
                _("Hak lihat"),
                _("yang dimiliki instansi itu pada saat ini; yang ditulis dicatat lebih dahulu sebagai dibaca"),
            ),
        ]

    def _reading(self) -> Reading:
        return Reading(actor=self.actor, now=self.now, record=self._record)

    def _record(self, what: str, shown: Sequence[UUID]) -> None:
        access.record(
            at=register_time.now(),
            request_id=self.export.request_id,
            agency=self.actor.agency_id,
            client=self.actor.client_id,
            route=f"console:/unduhan/{what}",
            purpose=self.export.purpose,
            shown=shown,
        )

    def _passed(self, rows: int) -> None:
        if rows % tables.AT_A_TIME == 0:
            self.goes_on()
            Export.objects.filter(pk=self.export.pk).update(rows_done=rows)


def _asked_person(export: Export) -> list[tuple[str, str]]:
    """The person whose reads are asked for: the worker may not read who the agency's people are."""
    return [(one, one) for one in QueryDict(export.query).getlist("person")]
