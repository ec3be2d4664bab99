"""The web reads who takes part, and keeps tokens and used assertions. Registration is the owner's (`manage.py`)."""

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
    "agencies_clientkey": READ,
    "agencies_calendarday": READ,
    "agencies_historicalagency": READ,
    "agencies_historicalmandate": READ,
    "agencies_historicalclient": READ,
    "agencies_accesstoken": May(insert=True, delete=True),
    "agencies_usedassertion": May(insert=True, delete=True),
}

# Names of agencies and mandates, to tell what an entry says, and the days off, which it commits to. Who asks with which
# token or key is not the verifier's.
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
    "agencies_client": CLOSED,
    "agencies_clientkey": CLOSED,
    "agencies_calendarday": READ,
    "agencies_historicalagency": CLOSED,
    "agencies_historicalmandate": CLOSED,
    "agencies_historicalclient": CLOSED,
    "agencies_accesstoken": CLOSED,
    "agencies_usedassertion": CLOSED,
}
