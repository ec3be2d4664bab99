"""The web reads who takes part, keeps tokens and used assertions, and what clients do with their own keys.

Registration is the owner's (`manage.py`).
"""

from audit.database_roles import CLOSED, READ, May

WEB = {
    "django_content_type": READ,
    "django_migrations": READ,
    "auth_group": READ,
    "auth_permission": READ,
    "auth_group_permissions": READ,
    "agencies_user": READ,
    "agencies_user_groups": READ,
    "agencies_user_user_permissions": READ,
    "agencies_agency": READ,
    "agencies_mandate": READ,
    "agencies_client": READ,
    # A client brings and ends its own keys (`agencies.own_keys`); what became of each is an entry.
    "agencies_clientkey": May(insert=True, update=("revoked_at",)),
    # A vendor's client asks, the employer's approves, both end (`agencies.delegations`); each of it is an entry.
    "agencies_delegation": May(insert=True, update=("scopes", "valid_until", "approved_at", "ended_at")),
    "agencies_calendarday": READ,
    "agencies_historicalagency": READ,
    "agencies_historicalmandate": READ,
    "agencies_historicalclient": READ,
    "agencies_accesstoken": May(insert=True, delete=True),
    "agencies_usedassertion": May(insert=True, delete=True),
    "agencies_usedproof": May(insert=True, delete=True),
}

# Who takes part, with which systems and public keys: the entries commit to it. A client's column of secrets holds
# what no password matches. Which token somebody asks with is not the verifier's.
READER = {
    "django_content_type": CLOSED,
    "django_migrations": CLOSED,
    "auth_group": CLOSED,
    "auth_permission": CLOSED,
    "auth_group_permissions": CLOSED,
    "agencies_user": CLOSED,
    "agencies_user_groups": CLOSED,
    "agencies_user_user_permissions": CLOSED,
    "agencies_agency": READ,
    "agencies_mandate": READ,
    "agencies_client": READ,
    "agencies_clientkey": READ,
    "agencies_delegation": READ,
    "agencies_calendarday": READ,
    "agencies_historicalagency": READ,
    "agencies_historicalmandate": READ,
    "agencies_historicalclient": READ,
    "agencies_accesstoken": CLOSED,
    "agencies_usedassertion": CLOSED,
    "agencies_usedproof": CLOSED,
}

# Who takes part, with which systems, and until when their keys hold; no tokens, no secrets and no keys. `last_login` is
# what Django's sign-in notes of a session's user. A person whom a manager invites gets such a row, which opens nothing
# by itself.
CONSOLE = {
    "django_content_type": READ,
    "agencies_user": May(insert=True, update=("last_login",)),
    "agencies_agency": READ,
    "agencies_mandate": READ,
    "agencies_client": May(only=("id", "client_id", "agency_id", "active")),
    "agencies_clientkey": May(only=("id", "client_id", "kid", "valid_from", "valid_until", "revoked_at")),
    # Whose streams belong to a dossier: those of the vendors that speak in an employer's, too.
    "agencies_delegation": May(only=("id", "client_id", "employer_id")),
    "agencies_calendarday": READ,
}

# Who takes part, and which days count; who people are it does not read.
DESK = {
    "agencies_agency": READ,
    "agencies_mandate": READ,
    "agencies_calendarday": READ,
    # Sight that a step gives is a permission of guardian's.
    "auth_permission": READ,
    "django_content_type": READ,
}

# Whose subscription it is, whether that client may still have one, and for which employers a vendor's is told.
COURIER = {
    "agencies_agency": READ,
    "agencies_client": READ,
    "agencies_delegation": May(
        only=("id", "client_id", "employer_id", "scopes", "valid_until", "approved_at", "ended_at")
    ),
}

# For whom a job works, and whether that person is still there.
WORKER = {**CONSOLE, "agencies_user": READ}
