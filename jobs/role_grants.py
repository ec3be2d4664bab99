"""Web, console and desk put jobs into the queue and see how they are; the worker takes them, and deletes old ones.

The tables are the library's. Its functions and triggers work with the caller's rights, so whoever defers a job notes
the event of it as well.
"""

from audit.database_roles import CLOSED, READ, May

_DEFERS = {
    "procrastinate_jobs": May(insert=True),
    "procrastinate_events": May(insert=True),
    "procrastinate_workers": READ,
    "procrastinate_periodic_defers": CLOSED,
}
WEB = _DEFERS
CONSOLE = _DEFERS
DESK = _DEFERS
READER = dict.fromkeys(_DEFERS, CLOSED)
WORKER = {
    "procrastinate_jobs": May(
        insert=True,
        update=(
            "status", "worker_id", "attempts", "scheduled_at", "priority", "queue_name", "lock", "abort_requested",
        ),
        delete=True,
    ),
    "procrastinate_events": May(insert=True),
    "procrastinate_workers": May(insert=True, update=("last_heartbeat",), delete=True),
    # Deleting a job looks here for what repeated it. Nothing of ours is repeated by the library.
    "procrastinate_periodic_defers": May(update=("job_id",)),
}  # fmt: skip

# The library's tables draw their numbers from sequences, not from identity columns.
_NUMBERS = ("procrastinate_jobs_id_seq", "procrastinate_events_id_seq")
WEB_SEQUENCES = _NUMBERS
CONSOLE_SEQUENCES = _NUMBERS
DESK_SEQUENCES = _NUMBERS
WORKER_SEQUENCES = _NUMBERS
