"""A place that one at a time has, until an instant unless it is kept: for a vendor's client, one for each employer.

It lies among the buckets with a digest, as a vendor's quotas do (`quotas.key_of`), and runs out by itself, so that a
killed process blocks nobody for long. Whoever has it is known by the instant that they wrote: nobody else writes that
one while it lies ahead.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection

from api.http.addresses import digest
from api.models import RefusalBucket


@dataclass(slots=True)
class Place:
    """One place, by its key; `until` is the instant that its present holder wrote, None for whoever holds it not."""

    key: bytes
    until: dt.datetime | None = None

    @classmethod
    def named(cls, kind: str, *of: object) -> Place:
        """The place of that kind of these together."""
        return cls(digest(kind, " ".join(str(one) for one in of)))

    def take(self, *, seconds: float) -> bool:
        """Take it for so long; False where somebody has it."""
        return self._written(_TAKE, seconds=seconds)

    def keep(self, *, seconds: float) -> bool:
        """Keep it for so long from now on; False where it ran out and somebody else took it."""
        return self._written(_KEEP, seconds=seconds)

    def left(self) -> float:
        """For how many seconds somebody has it at most; 0 where nobody has."""
        with connection.cursor() as cursor:
            cursor.execute(_LEFT, {"key": self.key})
            row = cursor.fetchone()
        return max(0.0, float(row[0])) if row else 0.0

    def give_back(self) -> None:
        """Let others have it. Without a database it runs out by itself."""
        with contextlib.suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, {"key": self.key, "until": self.until})

    def _written(self, statement: str, **more: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"key": self.key, "until": self.until, **more})
            row = cursor.fetchone()
        if row is not None:
            self.until = row[0]
        return row is not None


# The table's name is our own constant; every value is a parameter.
_TABLE: Final = RefusalBucket._meta.db_table
_TAKE: Final = f"""
    INSERT INTO {_TABLE} AS place (key, busy_until)
    VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (key) DO UPDATE SET busy_until = excluded.busy_until WHERE place.busy_until < clock_timestamp()
    RETURNING place.busy_until
"""  # noqa: S608 - a constant table name
# One that ran out is swept with the buckets that are empty; where nobody took it meanwhile, it is written anew.
_KEEP: Final = f"""
    INSERT INTO {_TABLE} AS place (key, busy_until)
    VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (key) DO UPDATE SET busy_until = excluded.busy_until WHERE place.busy_until = %(until)s
    RETURNING place.busy_until
"""  # noqa: S608 - a constant table name
_LEFT: Final = f"""
    SELECT extract(epoch FROM busy_until - clock_timestamp())::float8 FROM {_TABLE} WHERE key = %(key)s
"""  # noqa: S608 - a constant table name
_GIVE_BACK: Final = f"DELETE FROM {_TABLE} WHERE key = %(key)s AND busy_until = %(until)s"  # noqa: S608 - the same
