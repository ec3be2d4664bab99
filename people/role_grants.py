"""Who people are, their sessions and second factors: the console's alone. Persons are registered by the owner.

The lists name the tables of the sign-in's libraries as well, which come with no list of their own.
"""

from audit.database_roles import CLOSED, READ, May

TABLES = (
    "people_person",
    "people_invitation",
    "people_cache",
    "django_session",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)
WEB = dict.fromkeys(TABLES, CLOSED)
READER = dict.fromkeys(TABLES, CLOSED)

CONSOLE = {
    "people_person": May(update=("password",)),
    "people_invitation": May(update=("used_at",)),
    "people_cache": May(insert=True, update=("value", "expires"), delete=True),
    "django_session": May(insert=True, update=("session_data", "expire_date"), delete=True),
    # The library looks for addresses of its own; ours are the persons'.
    "account_emailaddress": READ,
    "account_emailconfirmation": CLOSED,
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

# A job knows a person by the session's user: no name, no address, no password.
WORKER = dict.fromkeys(TABLES, CLOSED)
