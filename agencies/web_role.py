"""The web reads who takes part, and keeps tokens and used assertions. Registration is the owner's (`manage.py`)."""

from audit.database_roles import READ, May

GRANTS = {
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
