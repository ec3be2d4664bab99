"""The web changes subscriptions and asks for deliveries; the courier moves them on and notes what came of it."""

from audit.database_roles import CLOSED, READ, May

WEB = {
    "delivery_webhook": May(
        insert=True,
        update=(
            "url", "host", "url_digest", "types", "status", "pause_reason", "proven_at", "secret", "secret_before",
            "secret_before_until", "secrets", "cursor", "attempts", "due_at", "failing_since", "lease", "leased_until",
            "changed_at", "salt", "contact",
        ),
    ),
    "delivery_delivery": May(insert=True, update=("asked_at", "status")),
    "delivery_attempt": READ,
}  # fmt: skip

# The rows that entries commit to. What receivers answered is between them and their clients.
READER = {
    "delivery_webhook": READ,
    "delivery_delivery": CLOSED,
    "delivery_attempt": CLOSED,
}

# How an office's webhooks are doing. Their addresses beyond the host, their secrets and what receivers answered are
# not told.
CONSOLE = {
    "delivery_webhook": May(
        only=(
            "id", "agency_id", "client_id", "host", "status", "pause_reason", "cursor", "attempts", "failing_since",
            "created_at",
        )
    ),
    "delivery_delivery": May(only=("id", "webhook_id")),
    "delivery_attempt": May(only=("id", "delivery_id", "at", "outcome", "status")),
}  # fmt: skip

COURIER = {
    "delivery_webhook": May(
        update=(
            "status", "pause_reason", "proven_at", "cursor", "attempts", "due_at", "failing_since", "lease",
            "leased_until", "changed_at", "salt", "warned_at", "warning", "warns_at",
        ),
    ),
    # What is older than the log of deliveries goes back is deleted.
    "delivery_delivery": May(
        insert=True,
        update=("status", "attempts", "asked_at", "next_attempt_at", "delivered_at", "agencies"),
        delete=True,
    ),
    "delivery_attempt": May(insert=True, delete=True),
}  # fmt: skip
