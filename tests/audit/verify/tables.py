"""Every column of the tables that the log commits to: how a test edits it, and where nothing can be promised, why."""

from __future__ import annotations

from typing import Final

from django.db.models import Model

from agencies.models import Agency, CalendarDay, Client, ClientKey, Delegation, Mandate
from audit.models import Access, AccessDay, Checkpoint, Cosignature, Entry, Leaf, Node, Opening, Pending, Sighting
from casefiles.models import (
    Attachment,
    Casefile,
    CasefileGrant,
    CatalogueVersion,
    Document,
    Finding,
    FirstReading,
    HukdisHandover,
    Payload,
    Prevention,
    Referral,
    Snapshot,
    Transition,
    ZeroReport,
)  # fmt: skip
from delivery.models import Attempt, Delivery, Webhook

MODELS: Final[tuple[type[Model], ...]] = (
    Entry, Pending, Leaf, Node, Checkpoint, Cosignature, Sighting, Opening, Access, AccessDay, Transition,
    Casefile.history.model, Casefile, Payload, Attachment, Document, Finding, Prevention, ZeroReport,
    HukdisHandover, CasefileGrant,
    Referral, Agency, Mandate, Client, ClientKey, Agency.history.model, Mandate.history.model, Client.history.model,
    CatalogueVersion, CalendarDay, Webhook, Delivery, Attempt, Delegation, Snapshot, FirstReading,
)  # fmt: skip
TABLES: Final = {model._meta.db_table: model for model in MODELS}
COLUMNS: Final = [
    (table, field.column)
    for table, model in TABLES.items()
    for field in model._meta.concrete_fields
    if field.column is not None
]

ELSEWHERE: Final = {
    "contents_content": "tests/contents/test_erased.py edits each of its columns",
    "audit_evidence": "tests/audit/verify/test_signed.py edits each of its columns",
}
"""Tables that the log commits to, and whose columns another test edits."""

UNTOLD: Final = (
    "agencies_accesstoken", "agencies_usedassertion", "agencies_usedproof", "agencies_user", "api_batch",
    "api_batchline", "api_idempotencyrecord", "audit_logstatus", "casefiles_tick", "console_draft", "console_export",
    "console_form", "console_tally", "people_foureyes", "people_invitation", "people_morningmail",
    "people_person", "people_savedview", "verifications_verification",
)  # fmt: skip
"""Tables of which no entry tells every column, though an answer may show some: docs/verifying.md names each."""

COUNTERS: Final = (
    "api_batchrunner", "api_deprecatedcall", "api_feedwaiter", "api_proofbucket", "api_ratebucket",
    "api_refusalbucket", "api_securityevent", "api_tokenbucket", "api_uploadbucket", "api_writebucket",
)  # fmt: skip
"""Tables that say how much is asked of the service and how often: nothing of them is a record."""

# The row that a test edits: of the closed casefile, where there is one.
ROWS: Final = {
    "audit_entry": "stream = '{closed}' AND seq = 3",
    "audit_leaf": "index = 20",
    "audit_node": "level = 1 AND index = 5",
    "audit_checkpoint": "number = 2",
    "audit_cosignature": "true",
    "audit_sighting": "ctid = (SELECT min(ctid) FROM audit_sighting)",
    "audit_opening": "entry_id = (SELECT min(entry_id) FROM audit_opening)",
    "audit_access": "id = (SELECT min(id) + 1 FROM audit_access)",
    "audit_accessday": "number = 2",
    "casefiles_transition": "casefile_id = '{closed}' AND seq = 3",
    "casefiles_historicalcasefile": "id = '{closed}' AND version = 3",
    "casefiles_casefile": "id = '{closed}'",
    "casefiles_payload": "casefile_id = '{closed}' AND seq = 3",
    "casefiles_attachment": "casefile_id = '{closed}' AND seq = 1",
    "casefiles_document": "id = (SELECT document_id FROM casefiles_attachment WHERE casefile_id = '{closed}' "
    "AND seq = 1)",
    "casefiles_finding": "id = (SELECT finding_id FROM casefiles_casefile WHERE id = '{closed}')",
    "casefiles_prevention": "true",
    "casefiles_zeroreport": "true",
    "casefiles_snapshot": "true",
    "casefiles_hukdishandover": "true",
    "casefiles_firstreading": "true",
    "casefiles_casefilegrant": "id = (SELECT min(id) FROM casefiles_casefilegrant "
    "WHERE content_object_id = '{closed}')",
    "casefiles_referral": "casefile_id = '{closed}' AND opened_seq = 1",
    "agencies_agency": "code = 'bawaslu-kab-agam'",
    "agencies_mandate": "id = (SELECT min(id) FROM agencies_mandate)",
    "agencies_client": "client_id = 'bkn-system'",
    "agencies_clientkey": "kid = 'bkn-1'",
    "agencies_historicalagency": "code = 'bawaslu-kab-agam'",
    "agencies_historicalmandate": "history_id = (SELECT min(history_id) FROM agencies_historicalmandate)",
    "agencies_historicalclient": "client_id = 'bkn-system'",
    "casefiles_catalogueversion": "id = (SELECT min(id) FROM casefiles_catalogueversion)",
    "agencies_calendarday": "id = (SELECT max(id) FROM agencies_calendarday)",
    "delivery_webhook": "true",
    "agencies_delegation": "true",
}

UNREAD: Final = (
    "redirect_uris", "post_logout_redirect_uris", "client_type", "authorization_grant_type", "client_secret",
    "hash_client_secret", "skip_authorization", "algorithm", "allowed_origins", "registration_source",
    "cimd_expires_at",
)  # fmt: skip

OF_THE_COURIER: Final = {
    "pause_reason": "why it is held, for its subscriber to read; that it is held is its status, which is covered",
    "proven_at": "when the address proved itself; that it did is the status",
    "secret": "sealed for the courier: one that was exchanged signs what no receiver accepts",
    "secret_before": "the same",
    "secret_before_until": "until when the former secret signs beside the new one",
    "cursor": "where the courier is in the feed; each event names the one before, so that a receiver notices a gap",
    "attempts": "how often the oldest event was tried",
    "due_at": "when it is tried next",
    "failing_since": "since when it fails",
    "lease": "the claim of a courier that works on it",
    "leased_until": "the same",
    "changed_at": "when the subscriber or the courier last changed it; the entries say what and when",
    "contact": "the mailbox that is told before a pause: a person may stand behind it, so no entry has it",
    "warned_at": "when it was told of the present failing",
    "warning": "whether the mail server took it",
    "warns_at": "the claim of a courier that tells it",
    "key_digest": "by which a repeated registration finds the webhook that it made",
    "fingerprint": "the same",
}
"""What a webhook's row holds for the courier's work."""

DIARY: Final = {
    model._meta.db_table: "the courier's notes of what it sent and what came of it; the reader role may not read them; "
    "each event names the one before, so that its receiver notices what never came"
    for model in (Delivery, Attempt)
}
"""Tables of which no column is covered."""

CALLERS: Final = "the caller's own note, beside our id that is covered; whoever chose it holds it"

NOT_COMMITTED: Final = {
    ("audit_entry", "caller_request_id"): CALLERS,
    ("audit_access", "caller_request_id"): CALLERS,
    **{("delivery_webhook", column): reason for column, reason in OF_THE_COURIER.items()},
    ("audit_cosignature", "id"): "a number without meaning; the witness's line says everything",
    ("casefiles_transition", "id"): "a number without meaning; a transition is named by casefile and seq",
    (
        "casefiles_historicalcasefile",
        "history_id",
    ): "a number without meaning; a version is named by its casefile and number",
    ("casefiles_payload", "id"): "a number without meaning; a version's content is named by casefile and seq",
    ("casefiles_attachment", "id"): "a number without meaning; an attachment is named by casefile, seq and document",
    ("casefiles_casefilegrant", "id"): "a number without meaning; sight is named by casefile, agency and first entry",
    ("casefiles_casefilegrant", "permission_id"): "always `view_casefile`: guardian asks for it, no entry names it",
    ("casefiles_zeroreport", "round"): "how many reports of the period were withdrawn before; it keeps apart what the "
    "database would refuse as twice, and nobody is shown it",
    ("casefiles_snapshot", "name_key"): "the name as it is compared with others; the name itself is committed to",
    ("casefiles_finding", "register_number"): "corrected by a step, whose content commits to it",
    ("casefiles_finding", "register_key"): "corrected by a step, whose content commits to it",
    ("agencies_agency", "group_id"): "a number without meaning; sight compares it with the agency's grants",
    ("casefiles_referral", "clock_at"): "when the clock looks next; derived from the due day, and shown to nobody",
    ("casefiles_referral", "clock_law"): "by which ladder that was reckoned; the clock reckons those of another anew",
    ("agencies_mandate", "id"): "a number without meaning; a mandate is named by its code",
    ("agencies_mandate", "scope"): "always 1 so far, and no entry names it",
    **{
        (table, column): reason
        for table in ("agencies_client", "agencies_historicalclient")
        for column, reason in (
            ("name", "a label for people; what a client is and may do, its id, scopes and keys say"),
            ("user_id", "the service user that history rows point at; agency and scopes say what the client may do"),
            ("created", "kept by the library; the entry says when the client was registered"),
            ("updated", "kept by the library; the entries say what was changed and when"),
            *((column, "a column of the library's that this register never reads") for column in UNREAD),
        )
    },
    ("agencies_historicalclient", "id"): "a number without meaning; a client is named by its client_id",
    ("agencies_clientkey", "id"): "a number without meaning; a key is named by its client and kid",
    **{
        (f"agencies_historical{name}", column): reason
        for name in ("agency", "mandate", "client")
        for column, reason in (
            ("history_id", "a number without meaning; a change is named by its order"),
            ("history_date", "the library's own clock; the entry says when it was recorded"),
            ("history_change_reason", "never given; the entry says what was done"),
            ("history_user_id", "never given; the entry says who acted"),
        )
    },
    ("agencies_historicalagency", "id"): "a number without meaning; an agency is named by its code",
    ("agencies_historicalagency", "group_id"): "a number without meaning; sight compares it with the agency's grants",
    ("agencies_historicalmandate", "id"): "a number without meaning; a mandate is named by its code",
    ("agencies_historicalmandate", "scope"): "always 1 so far, and no entry names it",
    ("casefiles_catalogueversion", "id"): "a number without meaning; a version is named by itself",
    ("agencies_calendarday", "id"): "a number without meaning; a day is named by version, date and kind",
}
"""Columns whose edit the log cannot show, each with its reason. The tests prove the list minimal."""

# Where a row moves to another place rather than changing: the row is named, as missing here or superfluous there.
RECORDS: Final = (
    "casefiles_document", "casefiles_finding", "casefiles_prevention", "casefiles_zeroreport", "casefiles_snapshot",
    "casefiles_hukdishandover", "casefiles_firstreading",
)  # fmt: skip
"""One digest covers a whole row."""

NAMES_THE_ROW: Final = {
    ("audit_entry", "id"),
    ("audit_leaf", "index"),
    ("audit_leaf", "entry_id"),
    ("audit_node", "level"),
    ("audit_node", "index"),
    ("audit_cosignature", "checkpoint_id"),
    ("audit_sighting", "agency"),
    ("audit_sighting", "index"),
    ("audit_opening", "entry_id"),
    *(("audit_access", field.column) for field in Access._meta.concrete_fields if field.column != "caller_request_id"),
    *(("audit_accessday", column) for column in ("number", "day", "rows")),
    ("casefiles_transition", "casefile_id"),
    ("casefiles_transition", "seq"),
    ("casefiles_historicalcasefile", "id"),
    ("casefiles_historicalcasefile", "version"),
    ("casefiles_casefile", "id"),
    ("casefiles_payload", "casefile_id"),
    ("casefiles_payload", "seq"),
    ("casefiles_attachment", "casefile_id"),
    ("casefiles_attachment", "seq"),
    ("casefiles_attachment", "document_id"),
    ("casefiles_document", "id"),
    *((table, field.column) for table in RECORDS for field in TABLES[table]._meta.concrete_fields),
    ("casefiles_casefilegrant", "content_object_id"),
    ("casefiles_casefilegrant", "agency_id"),
    ("casefiles_casefilegrant", "from_entry_id"),
    ("casefiles_referral", "id"),
    ("casefiles_referral", "casefile_id"),
    ("agencies_agency", "stream"),
    ("agencies_client", "client_id"),
    ("agencies_clientkey", "client_id"),
    ("agencies_clientkey", "kid"),
    ("agencies_delegation", "id"),
    *((f"agencies_historical{name}", "code") for name in ("agency", "mandate")),
    ("agencies_historicalclient", "client_id"),
    ("agencies_mandate", "code"),
    ("casefiles_catalogueversion", "version"),
    # One digest covers what it subscribes to.
    *(
        ("delivery_webhook", column)
        for column in (
            "id",
            "client_id",
            "agency_id",
            "host",
            "url_digest",
            "types",
            "status",
            "secrets",
            "created_at",
            "salt",
        )
    ),
    # One digest over all days of a version.
    *(("agencies_calendarday", column) for column in ("version", "date", "kind", "name_id", "source", "decree")),
}

NAMED_BY: Final = {("agencies_agency", "id"): "agencies_client", ("agencies_client", "id"): "agencies_clientkey"}
"""Numbers without meaning that other rows point at: the row that points nowhere is named."""

OTHER: Final = {
    "bigint": "coalesce({0}, 0) + 1000003",
    "integer": "coalesce({0}, 0) + 7",
    "smallint": "coalesce({0}, 0) + 3",
    "boolean": "NOT {0}",
    "uuid": "gen_random_uuid()",
    "bytea": "CASE WHEN {0} IS NULL THEN '\\x00'::bytea ELSE set_byte({0}, 5, get_byte({0}, 5) # 1) END",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second'",
    "date": "coalesce({0}, current_date) + 1",
    "jsonb": "CASE jsonb_typeof({0}) WHEN 'array' THEN {0} || '[1]' ELSE {0} || jsonb_build_object('x', 1) END",
    # Another letter in any case: what is drawn at random may hold any fixed one already.
    "text": "overlay({0} placing chr(ascii(substr({0}, 3, 1)) # 1) from 3 for 1)",
    "character varying": "CASE WHEN coalesce({0}, '') = '' THEN 'x' "
    "ELSE overlay({0} placing chr(ascii({0}) # 1) from 1 for 1) END",
    "ARRAY": "{0} || {0}[1:1]",
}
"""Another value of each type, from the present one."""

OTHERWISE: Final = {
    ("casefiles_payload", "reference_keys"): "array_append({0}, 'sbt:1')",
    # An index reads it as a year and a number.
    ("agencies_calendarday", "version"): "'2099.1'",
    # Not far away: the verifier fills a gap of up to a million leaves, which takes its time (test_db.py goes further).
    ("audit_leaf", "index"): "{0} + 1003",
    # A line by another key is nobody's business; a bit of the signature that the witness's own key made is.
    ("audit_cosignature", "line"): "overlay({0} placing CASE substr({0}, 70, 1) WHEN 'q' THEN 'r' ELSE 'q' END "
    "from 70 for 1)",
}
"""Another value of columns that need one of their own."""
