"""The door keeps its idempotency rows, rate buckets and waiters itself."""

from audit.database_roles import CLOSED, May

WEB = {
    "api_idempotencyrecord": May(
        insert=True,
        update=("status", "etag", "location", "owner_kind", "owner_id", "parting", "answer"),
    ),
    "api_ratebucket": May(insert=True, update=("busy_until",)),
    "api_feedwaiter": May(insert=True, update=("until", "mark")),
}

READER = {
    "api_idempotencyrecord": CLOSED,
    "api_ratebucket": CLOSED,
    "api_feedwaiter": CLOSED,
}
