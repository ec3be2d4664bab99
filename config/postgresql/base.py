"""Django's PostgreSQL backend, whose connections keep their prepared statements over a ROLLBACK.

psycopg drops all of them at every ROLLBACK, in case it took back an object that they name. Then each refusal makes the
requests after it plan again: one 409 before every fifth submit doubled what an accepted one costs the database. To
PostgreSQL a prepared statement belongs to the session, not to the transaction, and what our sessions roll back creates
nothing. Whatever drops or alters an object still makes psycopg forget.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.backends.postgresql import base
from psycopg._preparing import Prepare, PrepareManager

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

FORGETS: Final = re.compile(rb"^(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")


class KeptPlans(PrepareManager):
    """What psycopg knows of a session's prepared statements."""

    def __init__(self, before: PrepareManager) -> None:
        super().__init__()
        self.prepare_threshold = before.prepare_threshold
        self.prepared_max = 300

    def clear(self) -> bool:
        """Forget nothing: psycopg calls this at each ROLLBACK. Returns whether the server is to be told something."""
        return False

    def _should_discard(self, prep: Prepare, results: Sequence[PGresult], *_: Any) -> bool:
        """Forget everything where an object was dropped or altered."""
        tags = [result.command_status or b"" for result in results]
        return any(FORGETS.match(tag) for tag in tags) and super().clear()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's whose plans outlive a ROLLBACK."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Sign in."""
        made = super().get_new_connection(conn_params)
        made._prepared = KeptPlans(made._prepared)
        return made
