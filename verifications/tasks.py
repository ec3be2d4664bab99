"""The job: verify the database, once."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext

from jobs.queue import goes_on, job


@job(queue="verifications")
def verify(context: JobContext, *, verification: str) -> None:
    """Do that verification, unless it is done."""
    # The verifier is large, and every process imports this module.
    from verifications import running

    running.run(UUID(verification), goes_on=lambda: goes_on(context))
