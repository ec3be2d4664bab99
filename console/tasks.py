"""What the console has done later: the files of exports, deleting them, and numbers that take long to count."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext

from casefiles import register_time
from jobs.queue import defer, goes_on, job


@job(queue="exports")
def make_export(context: JobContext, *, export: str) -> None:
    """Make the file of that export."""
    from console.exports import making
    from console.models import Export

    def forgotten(made: Export) -> None:
        defer(forget_export, at=made.expires_at, export=made.pk)

    making.make(UUID(export), goes_on=lambda: goes_on(context), forgotten=forgotten)


@job(queue="exports")
def forget_export(context: JobContext, *, export: str) -> None:
    """Delete it; its day is over."""
    from console.exports import making

    making.forget(UUID(export))


@job(queue="exports")
def count_overview(context: JobContext, *, agency: int) -> None:
    """Count the overview of that agency, as somebody of it would see it."""
    from agencies.models import Agency
    from console import tallies
    from people import persons

    of = Agency.objects.select_related("parent").get(pk=agency)
    tallies.count(persons.actor_for(of, client="worker", user=0), now=register_time.now())
