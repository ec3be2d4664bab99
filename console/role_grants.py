"""The console notes who asked for an export; the worker, what became of it. The file itself lies in no table."""

from audit.database_roles import CLOSED, May

TALLY = May(insert=True, update=("counted_at", "counts", "asked_at"), delete=True)
WEB = {"console_export": CLOSED, "console_tally": CLOSED}
READER = {"console_export": CLOSED, "console_tally": CLOSED}
CONSOLE = {"console_export": May(insert=True, update=("job",)), "console_tally": TALLY}
WORKER = {
    "console_export": May(
        update=(
            "person_name", "rows_done", "rows_total", "fault", "made_at", "expires_at", "stored_as", "size", "sha256",
            "digest", "log_size", "log_root",
        )
    ),
    "console_tally": TALLY,
}  # fmt: skip
