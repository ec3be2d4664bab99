"""What the console has done later: the files of exports, and deleting them."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext

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
