"""What the log knows of a content: every column of its row, and that two persons had it erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection
from psycopg import sql

from api.http import idempotency
from audit.models import Entry
from casefiles import references
from casefiles.flow.finding import Subject
from casefiles.operations import erasers, erasure
from config.roles import on_database
from contents import erasing, sweeping
from contents.models import ERASED, Content
from contents.recording import COLUMNS
from tests import factories
from tests.audit.verify.logs import at_its_word, verify
from tests.callers import as_owner
from tests.conftest import Copies
from tests.contents.conftest import Kept, fetched, pdf, put, registered
from tests.contents.test_contents import judged_clean, refused
from tests.factories import BKN, PADANG, finding_given
from tests.partner import Partner, said
from tests.sequencing import Sequencing
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

OTHERWISE = {
    "id": "gen_random_uuid()", "document_id": "(SELECT max(d.id::text)::uuid FROM casefiles_document d)",
    "agency_id": "(SELECT max(id) FROM agencies_agency)",
    "name": "overlay(name placing chr(ascii(substr(name, 3, 1)) # 1) from 3 for 1)",
    "key": "overlay(key placing chr(ascii(substr(key, 9, 1)) # 1) from 9 for 1)",
    "size": "size + 1", "status": "'infected'",
    "finding": "'Win.Trojan'", "flags": "ARRAY['launch']::varchar[]",
    "created_at": "created_at + interval '1 second'", "scanned_at": "scanned_at + interval '1 second'",
    "signatures": """'[{"status": "valid"}]'::jsonb""",
    "salt": "set_byte(salt, 5, get_byte(salt, 5) # 1)",
}  # fmt: skip


def test_every_column_is_committed_to_and_an_erasure_takes_key_and_file(
    transactional_db: None, world: World, folder: Path, sequenced: Sequencing, owner_connection: psycopg.Connection,
    copies: Copies,
) -> None:  # fmt: skip
    kept = Kept(folder=folder, owner=Partner(PADANG))
    data, other = pdf(b"of the case"), pdf(b"of nobody")
    document, second = registered(kept.owner, data), registered(kept.owner, other)
    for ident, brought in ((document, data), (second, other)):
        assert put(kept.owner, ident, brought).status_code == 201
        judged_clean(ident)
    casefile = _closed_with(kept.owner, document)
    registered(kept.owner, pdf(b"not brought"))
    sequenced()
    reader = on_database(copies.roles.reader, connection.settings_dict["NAME"])

    def faults() -> set[str]:
        found: set[str] = verify("db", reader, *at_its_word(str(sequenced.signer.vkey))).codes
        return found

    assert faults() == set()
    content = Content.objects.get(document_id=document)
    assert (
        set(OTHERWISE) == {*COLUMNS, "signatures", "salt"} == {field.column for field in Content._meta.concrete_fields}
    )
    names = sql.SQL(", ").join(map(sql.Identifier, OTHERWISE))
    for column, value in OTHERWISE.items():
        before = owner_connection.execute(
            sql.SQL("SELECT {} FROM contents_content WHERE id = %s").format(names), [content.pk]
        ).fetchone()
        assert before is not None
        change = sql.SQL("UPDATE contents_content SET {} = {} WHERE id = %s RETURNING id")
        (ident,) = owner_connection.execute(
            change.format(sql.Identifier(column), sql.SQL(value)),
            [content.pk],
        ).fetchone() or (None,)
        named = faults()
        expected = {
            "salt": {"commitment-differs"},
            "id": {"row-missing", "record-untold"},
            "agency_id": {"record-differs", "commitment-differs", "record-owner"},
        }
        assert named, column
        assert named <= expected.get(column, {"record-differs", "commitment-differs"}) | {"row-extra"}, column
        owner_connection.execute(
            sql.SQL("UPDATE contents_content SET ({}) = ROW({}) WHERE id = %s").format(
                names, sql.SQL(", ").join(sql.Placeholder() * len(before))
            ),
            [*before, ident],
        )
    assert faults() == set()

    _erase(casefile)
    content.refresh_from_db()
    assert (content.status, content.key, content.flags) == (ERASED, "", [])
    assert len(kept.files()) == 1, "of the other document"
    assert Entry.objects.filter(stream=content.pk).count() == 3
    sequenced()
    assert faults() == set()
    assert fetched(kept.owner, second)[1] == other
    assert refused(fetched(kept.owner, document)[0]) == (404, "content-absent")
    assert refused(put(kept.owner, document, data)) == (410, "erased")
    assert said(kept.owner.get(f"/documents/{document}"))["content"]["status"] == "absent"
    swept = sweeping.sweep(before=datetime.now(UTC) + timedelta(seconds=1))
    assert (swept.drafts, swept.files, swept.missing) == (0, 0, 0)


def _closed_with(owner: Partner, document: str) -> str:
    """A casefile with that document, forwarded and rejected over the API; returns its id."""
    subject = Subject(name="Contoh Nama", violations=(1,))
    given = references.plain(finding_given(documents=(UUID(document),), subjects=(subject,)))
    answer = owner.post("/findings", {**given, "occurred_at": None})
    assert answer.status_code == 201, answer.content
    casefile = str(said(answer)["casefiles"][0]["id"])
    rejected = {**references.plain(factories.given("reject")), "occurred_at": None}
    assert Partner(BKN).post(f"/casefiles/{casefile}/reject", rejected, version=1).status_code == 200
    return casefile


def _erase(casefile: Any) -> None:
    now, origin = datetime.now(UTC), configured.LINTAS_LOG_ORIGIN
    keys = {name: erasers.draw_key(name) for name in ("arsip-1", "hukum-2")}
    order = erasure.order(casefile=str(casefile), reason="court_order", basis="Putusan 1/2026", origin=origin, now=now)
    for name, (private, _) in keys.items():
        order = erasers.add_signature(order, name=name, private=private)
    known = erasers.read_erasers("\n".join(line for _, line in keys.values()))
    with as_owner():
        done = erasure.perform_order(
            order, erasers=known, origin=origin, now=now, forget=idempotency.forget,
            destroy=lambda documents: erasing.destroy(documents, now=now),
        )  # fmt: skip
    assert done.documents == 1
