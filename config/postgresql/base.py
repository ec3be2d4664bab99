"""Django's PostgreSQL backend, whose connections keep their prepared statements over a ROLLBACK.

psycopg drops all of them at every ROLLBACK, in case it took back an object that they name. Then each refusal makes the
requests after it plan again: one 409 before every fifth submit doubled what an accepted one costs the database. To
PostgreSQL a prepared statement belongs to the session, not to the transaction, and what our sessions roll back creates
nothing. Whatever drops or alters an object here still makes psycopg forget, and so does an error of the database: a
migration in another session may have changed what a plan answers, and it would fail for as long as it is kept.
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
        # Django writes more different statements than psycopg's hundred, and each one beyond that pushes another out.
        self.prepared_max = 300

    def clear(self) -> bool:
        """Forget nothing: psycopg calls this at each ROLLBACK. Returns whether the server is to be told something."""
        return False

    def forget(self) -> None:
        """Forget everything, and have the server forget it before the next statement."""
        super().clear()

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

    def close_if_unusable_or_obsolete(self) -> None:
        """At the beginning and the end of a request, as Django has it."""
        self._forget_plans_that_may_have_failed()
        super().close_if_unusable_or_obsolete()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]  # not in the stubs
        self._forget_plans_that_may_have_failed()

    def _forget_plans_that_may_have_failed(self) -> None:
        # Django notes every error but those of data and of constraints, which say nothing against a plan.
        if self.errors_occurred and self.connection is not None:
            self.connection._prepared.forget()
