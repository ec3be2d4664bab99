"""The web inserts; what it may change is named column by column, and it removes nothing. The reader sees every row.

Which law is on record is the owner's to say (`manage.py load_catalogue`): the web reads it.
"""

from audit.database_roles import CLOSED, READ, May

WEB = {
    "casefiles_catalogueversion": READ,
    # What was written wrongly is corrected (`casefiles.transitions.finding_facts`).
    "casefiles_finding": May(insert=True, update=("register_number", "register_key", "known_on", "registered_on")),
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
            "clock_from",
            "due_on",
            "missed_due_on",
            "due_at",
            "paused_days",
            "rule",
            "clock_at",
            "clock_law",
        ),
    ),
    "casefiles_document": May(insert=True),
    "casefiles_attachment": May(insert=True),
    "casefiles_prevention": May(insert=True),
    "casefiles_zeroreport": May(insert=True),
    "casefiles_snapshot": May(insert=True),
    "casefiles_hukdishandover": May(insert=True),
    "casefiles_payload": May(insert=True),
    "casefiles_casefilegrant": May(insert=True, update=("until_entry_id", "reads_on")),
    "casefiles_firstreading": May(insert=True),
    "casefiles_livegrant": READ,
    # guardian asks here first whether a person was given something. Nobody is: sight is an agency's.
    "guardian_userobjectpermission": READ,
    # How far a sandbox is ahead, and how its parties act; in earnest nobody reads or writes that.
    "casefiles_tick": May(insert=True, update=("ticked_at", "ahead", "moods")),
}
# Casefile numbers are drawn, not chosen.
WEB_SEQUENCES = ("casefiles_number",)

# Content too: a verifier holds the salted commitments of the log against it.
READER = {
    "casefiles_catalogueversion": READ,
    "casefiles_finding": READ,
    "casefiles_casefile": READ,
    "casefiles_historicalcasefile": READ,
    "casefiles_transition": READ,
    "casefiles_referral": READ,
    "casefiles_document": READ,
    "casefiles_attachment": READ,
    "casefiles_prevention": READ,
    "casefiles_zeroreport": READ,
    "casefiles_snapshot": READ,
    "casefiles_hukdishandover": READ,
    "casefiles_payload": READ,
    "casefiles_casefilegrant": READ,
    "casefiles_firstreading": READ,
    "casefiles_livegrant": CLOSED,
    # An export is dated by the register's time.
    "casefiles_tick": May(only=("id", "ahead")),
}

# It shows casefiles and writes none: not one INSERT, UPDATE or DELETE.
CONSOLE = {
    "casefiles_catalogueversion": READ,
    "casefiles_finding": READ,
    "casefiles_casefile": READ,
    # Statistics count the versions that stood at a place in the log.
    "casefiles_historicalcasefile": READ,
    "casefiles_transition": READ,
    "casefiles_referral": READ,
    "casefiles_document": READ,
    "casefiles_attachment": READ,
    "casefiles_prevention": READ,
    "casefiles_zeroreport": READ,
    "casefiles_snapshot": READ,
    "casefiles_hukdishandover": READ,
    "casefiles_payload": READ,
    "casefiles_casefilegrant": READ,
    "casefiles_firstreading": READ,
    "casefiles_tick": READ,
}

# A first reading by a person, with its entry (casefiles/migrations/0022_people_open_casefiles_too.py).
CONSOLE_FUNCTIONS = ("casefiles_opens",)

# What a step stores (`casefiles.transitions.write`), and what it is judged by: what the web may, and nothing of
# preventions, reports and snapshots.
DESK = {
    **{
        table: WEB[table]
        for table in (
            "casefiles_casefile", "casefiles_historicalcasefile", "casefiles_transition", "casefiles_referral",
            "casefiles_attachment", "casefiles_payload", "casefiles_casefilegrant", "casefiles_catalogueversion",
        )
    },
    # Facts of the finding itself are corrected by a step, too.
    "casefiles_finding": WEB["casefiles_finding"],
    # The papers that an act names are registered before it.
    "casefiles_document": WEB["casefiles_document"],
    "casefiles_prevention": READ,
    "casefiles_firstreading": READ,
}  # fmt: skip

# Casefile numbers are drawn, not chosen.
DESK_SEQUENCES = WEB_SEQUENCES

# What the feed is read from (`casefiles.sight.feed`): ids and codes, and nothing of `casefiles_payload`.
COURIER = {
    "casefiles_casefile": READ,
    "casefiles_transition": READ,
    "casefiles_referral": READ,
    "casefiles_casefilegrant": READ,
    "casefiles_firstreading": READ,
}

# What its jobs are about: what the console shows, and nothing that it writes.
WORKER = CONSOLE
