"""The door keeps its idempotency rows, rate buckets, waiters, counters and batches itself."""

from audit.database_roles import CLOSED, May

WEB = {
    "api_idempotencyrecord": May(
        insert=True,
        update=("status", "etag", "location", "owner_kind", "owner_id", "parting", "answer"),
    ),
    "api_ratebucket": May(insert=True, update=("busy_until",)),
    "api_writebucket": May(insert=True, update=("busy_until",)),
    "api_proofbucket": May(insert=True, update=("busy_until",)),
    "api_uploadbucket": May(insert=True, update=("busy_until",)),
    "api_deprecatedcall": May(insert=True, update=("total", "last_at")),
    "api_feedwaiter": May(insert=True, update=("until", "mark")),
    "api_refusalbucket": May(insert=True, update=("busy_until",), delete=True),
    "api_tokenbucket": May(insert=True, update=("busy_until",)),
    "api_securityevent": May(insert=True, update=("total", "recent", "since")),
    "api_batch": May(insert=True),
    "api_batchline": May(insert=True),
    "api_batchrunner": May(insert=True, update=("batch", "until", "mark")),
}

# How much a person did at the desk is counted as refusals are: under a digest, with the moment it is forgotten at.
DESK = {"api_refusalbucket": May(insert=True, update=("busy_until",))}

READER = {
    "api_idempotencyrecord": CLOSED,
    "api_ratebucket": CLOSED,
    "api_writebucket": CLOSED,
    "api_proofbucket": CLOSED,
    "api_uploadbucket": CLOSED,
    "api_deprecatedcall": CLOSED,
    "api_feedwaiter": CLOSED,
    "api_refusalbucket": CLOSED,
    "api_tokenbucket": CLOSED,
    "api_securityevent": CLOSED,
    "api_batch": CLOSED,
    "api_batchline": CLOSED,
    "api_batchrunner": CLOSED,
}
