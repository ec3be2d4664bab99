"""The web appends entries and reading records; the sequencer gives entries their place; the reader sees all of it.

The courier reads the feed, and appends the entries of what it does to a subscription; the worker appends those of what
its scans found.
"""

from audit.database_roles import CLOSED, READ, May

WEB = {
    "audit_entry": May(insert=True),
    "audit_pending": May(insert=True),
    "audit_opening": May(insert=True),
    "audit_access": May(insert=True),
    "audit_accessday": May(insert=True),
    "audit_evidence": May(insert=True),
    "audit_settledevidence": READ,
    "audit_leaf": READ,
    "audit_node": READ,
    "audit_checkpoint": READ,
    "audit_cosignature": READ,
    "audit_sighting": READ,
    "audit_logstatus": READ,
}

# No table of another app. Of the openings it reads those of the log's own stream: origins and keys.
SEQUENCER = {
    "audit_entry": READ,
    "audit_opening": READ,
    "audit_pending": May(delete=True),
    "audit_leaf": May(insert=True),
    "audit_node": May(insert=True),
    "audit_checkpoint": May(insert=True),
    "audit_cosignature": May(insert=True),
    "audit_sighting": May(insert=True),
    "audit_logstatus": May(
        insert=True,
        update=("beat_at", "size", "checkpoint_size", "waiting_since", "refused", "contested", "origin"),
    ),
}

# Of evidence the reader sees what is settled: the base of a young one holds a token that can still be used.
READER = {
    "audit_evidence": CLOSED,
    "audit_settledevidence": READ,
    "audit_entry": READ,
    "audit_pending": READ,
    "audit_opening": READ,
    "audit_access": READ,
    "audit_accessday": READ,
    "audit_leaf": READ,
    "audit_node": READ,
    "audit_checkpoint": READ,
    "audit_cosignature": READ,
    "audit_sighting": READ,
    "audit_logstatus": READ,
}

# It shows the log and records who read what; nothing of the log is its to write.
CONSOLE = {
    "audit_entry": READ,
    "audit_pending": READ,
    "audit_access": May(insert=True),
    "audit_accessday": READ,
    "audit_leaf": READ,
    "audit_node": READ,
    "audit_checkpoint": READ,
    "audit_cosignature": READ,
    "audit_sighting": READ,
    "audit_logstatus": READ,
}

# A step's entry, and whether the log can keep what it promises.
DESK = {
    "audit_entry": May(insert=True),
    "audit_pending": May(insert=True),
    "audit_logstatus": READ,
}

COURIER = {
    "audit_entry": May(insert=True),
    "audit_pending": May(insert=True),
    "audit_opening": READ,
    "audit_leaf": READ,
    "audit_sighting": READ,
}

# It shows what the console shows, in files, and notes what its scans found; the openings of agencies' streams go into
# the export of a case.
WORKER = {
    **CONSOLE,
    "audit_entry": May(insert=True),
    "audit_pending": May(insert=True),
    "audit_opening": READ,
    # It opens files of strangers, so it sees no token that can still be used (as the reader).
    "audit_settledevidence": READ,
}
