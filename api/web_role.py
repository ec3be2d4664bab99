"""The door keeps its idempotency rows and rate buckets itself."""

from audit.database_roles import May

GRANTS = {
    "api_idempotencyrecord": May(
        insert=True,
        update=("status", "etag", "location", "owner_kind", "owner_id", "parting", "answer"),
    ),
    "api_ratebucket": May(insert=True, update=("busy_until",)),
}
