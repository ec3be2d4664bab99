"""Which versions of the catalogue are on record: loaded once, each an entry of the log, rebuilt when asked for.

The service works under the files that were deployed with it, and accepts nothing while their version is not on record:
a result that names a version must be reproducible from the record years later (`stored`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from functools import lru_cache

from django.db import connection, transaction

from audit import ledger
from casefiles.catalogue import book
from casefiles.catalogue.book import Catalogue
from casefiles.catalogue.checks import version_order
from casefiles.errors import CatalogueNotOnRecord
from casefiles.models import CatalogueVersion

# Every version loaded is an entry of the catalogue's own stream in the log.
STREAM = uuid.UUID("63617461-6c6f-4775-8000-000000000001")

# (database, digest) of what this process has found on record. Absence is not remembered: a load heals it at once.
_found: set[tuple[str, str]] = set()


class LoadRefused(Exception):
    """This version cannot be put on record; the message says what to change."""


class NeverLoaded(LookupError):
    """No such version of the catalogue is on record."""


def load(found: Catalogue, *, now: dt.datetime) -> bool:
    """Put the version on record, and its load into the log; whether there was anything to do.

    Raises `LoadRefused` where another content bears this version, or a later version is on record.
    """
    with transaction.atomic():
        # One load at a time; the ledger takes the same lock, for the same transaction.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"stream:{STREAM}"])
        known = dict(CatalogueVersion.objects.values_list("version", "digest"))
        if found.version in known:
            if known[found.version] == found.digest:
                return False
            raise LoadRefused(
                f"Version {found.version} is on record with another content ({known[found.version][:12]}, and this is "
                f"{found.digest[:12]}). Raise the version in catalogue.yaml."
            )
        newest = max(known, key=version_order, default=None)
        if newest is not None and version_order(found.version) < version_order(newest):
            raise LoadRefused(
                f"Version {found.version} comes before {newest}, which is on record. Raise the version in "
                "catalogue.yaml."
            )
        CatalogueVersion.objects.create(
            version=found.version, digest=found.digest, content=found.content, loaded_at=now
        )
        state = {"version": found.version, "digest": found.digest, "lists": found.counts()}
        given = {"version": found.version, "replaces": newest}
        ledger.append_open(
            stream=STREAM, kind="catalogue.loaded", given=given, state=state, now=now, catalogue=found.version
        )
    return True


def ensure_on_record() -> None:
    """Refuse to work under a catalogue that is not on record. Raises `CatalogueNotOnRecord`.

    Asks the database until it has found it once; after that a process asks no more.
    """
    found = book.load()
    key = (str(connection.settings_dict["NAME"]), found.digest)
    if key not in _found:
        if why := ailment():
            raise CatalogueNotOnRecord(why)
        _found.add(key)


def ailment() -> str | None:
    """What is wrong with the record of the files deployed here, and what to type; None while all is well."""
    found = book.load()
    on_record = CatalogueVersion.objects.filter(version=found.version).values_list("digest", flat=True).first()
    if on_record is None:
        return f"version {found.version} is not on record: run manage.py load_catalogue"
    if on_record != found.digest:
        return (
            f"version {found.version} is on record with another content: raise the version in catalogue.yaml and run "
            "manage.py load_catalogue, or deploy the files that were loaded"
        )
    return None


def on_record() -> list[str]:
    """Every version that can be read, the newest first: what was loaded, and what is deployed here."""
    loaded = set(CatalogueVersion.objects.values_list("version", flat=True))
    return sorted({*loaded, book.load().version}, key=version_order, reverse=True)


def stored(version: str) -> Catalogue:
    """That version as it was loaded, under the same checks as the files. Raises `NeverLoaded`."""
    return _stored(str(connection.settings_dict["NAME"]), version)


@lru_cache(maxsize=16)
def _stored(database: str, version: str) -> Catalogue:  # part of the cache's key: versions differ by database
    row = CatalogueVersion.objects.filter(version=version).first()
    if row is None:
        raise NeverLoaded(f"no version {version} of the catalogue was ever loaded")
    return book.rebuilt(bytes(row.content))
