"""The law as served: every list with its version and ETag, and versions of long ago from the record."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import orjson
import psycopg
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from api.v1.catalogue import LISTS
from casefiles.catalogue import book, versions
from casefiles.catalogue.book import DATA
from casefiles.flow import State
from casefiles.models import CatalogueVersion
from tests import factories
from tests.callers import as_owner
from tests.casefiles.catalogue.test_versions import DOCUMENT, load, without_record
from tests.partner import Partner, said
from tests.world import World

SHIPPED = book.load()


@pytest.mark.parametrize("name", [*LISTS, "calendar", "transitions", "events"])
def test_every_list_has_a_version_and_an_etag(db: None, world: World, name: str) -> None:
    partner = Partner("bawaslu-kota-padang")
    answer = partner.get(f"/catalogue/{name}")
    assert answer.status_code == 200
    assert said(answer).get("catalogue_version", said(answer).get("version"))
    again = partner.get(f"/catalogue/{name}", **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    other = partner.get(f"/catalogue/{name}", **{"If-None-Match": '"1-other"'})
    assert other.status_code == 200


@pytest.mark.parametrize("name", [*LISTS, "calendar", "transitions", "events"])
def test_a_version_that_was_never_loaded_is_not_found(db: None, world: World, name: str) -> None:
    answer = Partner("bkn").get(f"/catalogue/{name}?version=2019.1")
    assert answer.status_code == 404
    top = said(Partner("bkn").get(f"/catalogue/{name}"))
    assert top.get("catalogue_version", top["version"] if name == "calendar" else None) in said(answer)["detail"]


def test_the_ladder_is_served_level_by_level(db: None, world: World) -> None:
    rows = said(Partner("bkn").get("/catalogue/ladder"))["data"]
    found = [row for row in rows if (row["party"], row["purpose"]) == ("addressee", "follow_up")]
    assert [(row["level"], row["offset_days"], row["last"]) for row in found] == [
        (1, -3, False),
        (2, 0, False),
        (3, 5, False),
        (4, 10, False),
        (5, 20, True),
    ]
    assert found[3]["scope"] == "regional"


def test_the_annex_of_a_day_is_the_edition_of_that_day(db: None, world: World) -> None:
    partner = Partner("bkn")
    for day, edition, level in (
        ("2020-10-01", "2020", "discipline_medium"),
        ("2021-09-01", "2020", "discipline_heavy"),
        ("2024-10-01", "2022", "discipline_heavy"),
    ):
        rows = said(partner.get(f"/catalogue/violations?valid_on={day}"))["annex"]
        [row] = [one for one in rows if (one["form"], one["phase"]) == ("support_letter", "after")]
        assert (row["edition"], row["level"]) == (edition, level)


# -- versions of long ago -------------------------------------------------------------------------------------------


def recorded(content: dict[str, object]) -> None:
    """A version that was loaded long ago, before what is deployed here."""
    older = book.rebuilt(json.dumps(content).encode())
    CatalogueVersion.objects.create(
        version=older.version, digest=older.digest, content=older.content, loaded_at=dt.datetime.now(dt.UTC)
    )


def of_long_ago() -> dict[str, object]:
    said: dict[str, object] = json.loads(SHIPPED.content)
    for name, file in said.items():
        header = file.get("header", file) if isinstance(file, dict) else {}
        if "version" in header:
            header["version"] = "2025.3"
        if name == "deadlines.yaml" and isinstance(file, dict):
            file["rows"][0]["days"] = 6
    del said["ladder.yaml"]
    return said


@pytest.mark.django_db(transaction=True)
def test_an_older_version_is_answered_from_the_record(world: World) -> None:
    with as_owner():
        recorded(of_long_ago())
    partner = Partner("bkn")
    now, then = (partner.get(f"/catalogue/deadlines?version={one}") for one in (SHIPPED.version, "2025.3"))
    assert (said(now)["data"][0]["days"], said(then)["data"][0]["days"]) == (7, 6)
    assert (said(now)["catalogue_version"], said(then)["catalogue_version"]) == (SHIPPED.version, "2025.3")
    assert now["ETag"] != then["ETag"]
    again = partner.get("/catalogue/deadlines?version=2025.3", **{"If-None-Match": then["ETag"]})
    assert again.status_code == 304
    assert partner.get("/catalogue/regions?version=2025.3").status_code == 200
    # The list is younger than that version.
    younger = partner.get("/catalogue/ladder?version=2025.3")
    assert younger.status_code == 404
    assert f"{SHIPPED.version}, 2025.3 (catalogue_version" in said(younger)["detail"]
    # The flow is code; no other version of it is kept.
    assert partner.get("/catalogue/transitions?version=2025.3").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_older_version_is_read_once_per_process(world: World) -> None:
    with as_owner():
        recorded(of_long_ago())
    partner, counts = Partner("bkn"), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            assert partner.get("/catalogue/stages?version=2025.3").status_code == 200
        counts.append(sum("casefiles_catalogueversion" in query["sql"] for query in seen))
    assert counts == [1, 0]


# -- not on record --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_without_its_record_every_write_is_put_off_and_reading_goes_on(
    world: World, owner_connection: psycopg.Connection
) -> None:
    told = factories.casefile_at(State.SUBMITTED)
    without_record(owner_connection)
    versions._found.clear()
    padang, bkn = Partner("bawaslu-kota-padang"), Partner("bkn")
    writes = [
        padang.post("/documents", DOCUMENT),
        bkn.post(f"/casefiles/{told.casefile}/note", {"code": "other", "date": "2024-10-08"}, version=1),
    ]
    for answer in writes:
        assert (answer.status_code, said(answer)["code"]) == (503, "temporarily-unavailable")
        assert answer["Retry-After"]
    assert bkn.get(f"/casefiles/{told.casefile}").status_code == 200
    ready = orjson.loads(Browser().get("/readyz").content)
    assert ready["checks"]["catalogue"] == (f"version {SHIPPED.version} is not on record: run manage.py load_catalogue")
    assert not ready["ready"]

    with as_owner():
        load()
    assert padang.post("/documents", DOCUMENT).status_code == 201
    assert orjson.loads(Browser().get("/readyz").content)["checks"]["catalogue"] == "ok"


@pytest.mark.django_db(transaction=True)
def test_files_that_are_not_the_loaded_ones_are_said_plainly(
    world: World, owner_connection: psycopg.Connection, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(DATA, tmp_path / "data"))
    path = copy / "deadlines.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("days: 7", "days: 8", 1), encoding="utf-8")
    without_record(owner_connection)
    with as_owner():
        load(copy)
    word = orjson.loads(Browser().get("/readyz").content)["checks"]["catalogue"]
    assert word.startswith(f"version {SHIPPED.version} is on record with another content: raise the version")
