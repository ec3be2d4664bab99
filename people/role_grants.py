"""Who people are, their sessions and second factors: the console's alone. Owner and managers register them.

The lists name the tables of the sign-in's libraries as well, which come with no list of their own.
"""

from audit.database_roles import CLOSED, READ, May

TABLES = (
    "people_person",
    "people_invitation",
    "people_cache",
    "people_savedview",
    "people_morningmail",
    "people_foureyes",
    "django_session",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)
WEB = dict.fromkeys(TABLES, CLOSED)
READER = dict.fromkeys(TABLES, CLOSED)

CONSOLE = {
    # A manager invites: the row comes with an entry, or not at all (people/migrations/0003_managers_invite.py).
    "people_person": May(insert=True, update=("password", "subject", "issuer")),
    "people_invitation": May(insert=True, update=("used_at", "expires_at")),
    "people_savedview": May(insert=True, delete=True),
    "people_morningmail": May(insert=True, update=("language", "mailed_on", "refused"), delete=True),
    # A manager's decision comes with its entry, or not at all (people/migrations/0010).
    "people_foureyes": READ,
    "people_cache": May(insert=True, update=("value", "expires"), delete=True),
    "django_session": May(insert=True, update=("session_data", "expire_date"), delete=True),
    # The library looks for addresses of its own; ours are the persons'.
    "account_emailaddress": READ,
    "account_emailconfirmation": CLOSED,
    # The library looks for accounts and issuers of its own; ours stand with the person and in the settings.
    "socialaccount_socialaccount": READ,
    "socialaccount_socialapp": READ,
    "socialaccount_socialtoken": CLOSED,
    "mfa_authenticator": May(
        insert=True, update=("user_id", "type", "data", "created_at", "last_used_at"), delete=True
    ),
    "axes_accessattempt": May(
        insert=True,
        update=(
            "user_agent",
            "ip_address",
            "username",
            "http_accept",
            "path_info",
            "attempt_time",
            "get_data",
            "post_data",
            "failures_since_start",
        ),
        delete=True,
    ),
    "axes_accessattemptexpiration": May(insert=True, update=("expires_at",), delete=True),
    "axes_accessfailurelog": CLOSED,
    "axes_accesslog": CLOSED,
}

CONSOLE_FUNCTIONS = ("people_tells",)

# Who acts is told to it by the console; it reads no session and no person, but whether an agency wants two of them.
DESK = {**dict.fromkeys(TABLES, CLOSED), "people_foureyes": May(only=("agency_id",))}

# A job knows a person by the session's user: no name, no address, no password.
WORKER = dict.fromkeys(TABLES, CLOSED)
