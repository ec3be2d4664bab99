"""The web takes contents in, the worker notes what a scan found; only the owner takes a key away."""

from audit.database_roles import READ, May

WEB = {
    "contents_content": May(insert=True, update=("status", "finding", "flags", "signatures", "scanned_at", "salt")),
}

WORKER = {"contents_content": May(update=("status", "finding", "flags", "signatures", "scanned_at", "salt"))}

# A person brings the content of a paper, as a system does.
DESK = WEB

# The rows that entries commit to. A wrapped key opens nothing without the operator's key file.
READER = {"contents_content": READ}
