"""The console notes who asked for an export; the worker, what became of it. The file itself lies in no table.

A form of the desk is kept by the console, and spent by the desk: with the act that it led to, and once. So is a draft.
"""

from audit.database_roles import CLOSED, May

TALLY = May(insert=True, update=("counted_at", "counts", "asked_at"), delete=True)
WEB = {"console_export": CLOSED, "console_tally": CLOSED, "console_form": CLOSED, "console_draft": CLOSED}
READER = WEB
CONSOLE = {
    "console_export": May(insert=True, update=("job",)),
    "console_tally": TALLY,
    "console_form": May(insert=True, update=("kept", "kept_at")),
    "console_draft": May(insert=True, update=("kept", "remark", "state", "settled_at", "returned_by_id")),
}
DESK = {
    "console_form": May(insert=True, update=("kept", "kept_at", "entry", "receipt", "done_at")),
    "console_draft": May(
        only=("id", "agency_id", "drafter_id", "state", "expires_at"),
        update=("kept", "remark", "state", "settled_at", "performer_id"),
    ),
}
WORKER = {
    "console_export": May(
        update=(
            "person_name", "rows_done", "rows_total", "fault", "made_at", "expires_at", "stored_as", "size", "sha256",
            "digest", "log_size", "log_root",
        )
    ),
    "console_tally": TALLY,
    "console_form": CLOSED,
    "console_draft": CLOSED,
}  # fmt: skip
