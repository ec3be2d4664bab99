"""The web inserts; what it may change is named column by column, and it removes nothing."""

from audit.database_roles import May

GRANTS = {
    "casefiles_finding": May(insert=True),
    "casefiles_casefile": May(
        insert=True,
        update=(
            "version",
            "state",
            "came_from",
            "outcome",
            "mandate_id",
            "submitter_id",
            "examiner_id",
            "employer_id",
            "addressee_id",
            "forms",
            "violation_class",
            "overdue_level",
            "data_block",
            "legal_hold",
            "open_referral_id",
            "updated_at",
        ),
    ),
    "casefiles_historicalcasefile": May(insert=True),
    "casefiles_transition": May(insert=True),
    "casefiles_referral": May(
        insert=True,
        update=(
            "status",
            "answered_at",
            "answered_seq",
            "answered_by_id",
            "answered_with",
            "days_late",
            "due_on",
            "due_at",
            "paused_days",
        ),
    ),
    "casefiles_document": May(insert=True),
    "casefiles_attachment": May(insert=True),
    "casefiles_payload": May(insert=True),
    "casefiles_casefilegrant": May(insert=True, update=("until_entry_id",)),
}
