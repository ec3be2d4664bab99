"""Settings of the console, the people's door: the API's, and what pages, sessions and signing in need besides.

Its process is another one, under a role of the database of its own (deploy/systemd/lintas-console.service): granian
serves `config.asgi` with `DJANGO_SETTINGS_MODULE=config.console` and `LINTAS_DB_ROLE=console`.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, optional_secret
from config.settings import *  # noqa: F403 - all of them, and then ours
from config.settings import INSTALLED_APPS as EVERY_APP
from config.settings import LINTAS_CONSOLE_BASE_URL, database

_address = urlsplit(LINTAS_CONSOLE_BASE_URL)
if _address.scheme not in ("http", "https") or not _address.hostname or _address.path:
    raise ImproperlyConfigured(
        f"LINTAS_CONSOLE_BASE_URL={LINTAS_CONSOLE_BASE_URL!r} is no address of a host. "
        "Example: https://konsol.lintas.example.go.id"
    )
HTTPS = _address.scheme == "https"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
if not HTTPS and _address.hostname not in LOOPBACK:
    raise ImproperlyConfigured(
        f"LINTAS_CONSOLE_BASE_URL={LINTAS_CONSOLE_BASE_URL!r} is not HTTPS: people would send passwords in the clear. "
        "Only on this machine itself (127.0.0.1) may it be http."
    )
# This host and no other: no alias, no bare address.
ALLOWED_HOSTS = [_address.hostname]
CSRF_TRUSTED_ORIGINS = [LINTAS_CONSOLE_BASE_URL]

ROOT_URLCONF = "console.urls"
INSTALLED_APPS = [
    *(
        "allauth.account" if app == "console.sign_in.apps.Addresses" else app
        for app in EVERY_APP
        if app not in {"drf_spectacular", "drf_spectacular_sidecar", "demo"}
    ),
    # Has no tables, and so is here alone.
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "console.http.DoorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Answers the pages for everybody, above whatever could set a cookie.
    "console.public.middleware.PublicMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "console.language.LanguageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Nobody comes past it without a second factor.
    "console.sign_in.middleware.SignedInMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before Django's own, which draw each option with two templates more: a sixth of the list's CPU time.
        "DIRS": [BASE_DIR / "console" / "templates"],  # noqa: F405
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "console.frame.around",
            ],
        },
    }
]
# Forms render with our templates, in the style of ours.
FORM_RENDERER = "console.forms.Renderer"

# -- acting ----------------------------------------------------------------------------------------------------------

# What people do to a case is stored over a connection of its own, as a role that may store it (console/desk). The role
# that shows pages changes nothing. Without its URL the desk shows what waits, and takes nothing in.
LINTAS_DESK_IS_OPEN = bool(optional_secret("DATABASE_DESK_URL"))
if LINTAS_DESK_IS_OPEN:
    DATABASES = {**DATABASES, "desk": database("desk")}  # noqa: F405

# -- sessions and cookies --------------------------------------------------------------------------------------------

# A quarter of an hour without a request ends a session; eight hours end it in any case (console/sign_in/sessions.py).
SESSION_COOKIE_AGE = 15 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# `__Host-` binds a cookie to this host and to HTTPS. On plain loopback a browser refuses it, so it is left out there.
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}lintas-session"
CSRF_COOKIE_NAME = f"{_prefix}lintas-csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}lintas-language"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "console.errors.refused_form"
# Forms prove by their origin that they are ours, and under `no-referrer` a browser does not say it.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Codes that were used and attempts that were counted are known to every worker.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "people_cache"}}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# As many bytes of a form as the door lets in (console/http.py), which says so where it is more.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1
# A paper is held in memory, never readable on a disk, until it is sealed; the door (config/asgi.py) bounds how many.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 52 * 1024 * 1024

# -- signing in ------------------------------------------------------------------------------------------------------

# Guardian's backend would say what a user was given; here an agency sees.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "guardian.W001"]  # noqa: F405
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "console.sign_in.backend.PersonBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "console.sign_in.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {"login": "console.sign_in.forms.SignInForm"}
# What is more than reading wants the second factor again, unless it was given just now (console/sign_in/again.py).
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# A passkey is a second factor, never a login: one that signs in by itself would make the password superfluous.
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Lintas"
# A phone's clock may be half a minute off either way.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A second factor is made in the session that an invitation began, and in no other (sign_in/middleware.py).
MFA_REAUTHENTICATION_REQUIRED = False
MFA_FORMS = {
    "authenticate": "console.sign_in.forms.CodeForm",
    "reauthenticate": "console.sign_in.forms.AgainForm",
    "add_webauthn": "console.sign_in.forms.PasskeyForm",
    "activate_totp": "console.sign_in.forms.ActivateForm",
}

# An agency's own sign-in (OpenID Connect), in the password's place. The second factor stays ours.
LINTAS_OIDC_ISSUER = env.str("LINTAS_OIDC_ISSUER", "").rstrip("/")
SOCIALACCOUNT_ADAPTER = "console.sign_in.agency_login.Adapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# The policy lets no form of ours lead to another host, so it begins with a link.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if LINTAS_OIDC_ISSUER:
    if urlsplit(LINTAS_OIDC_ISSUER).scheme != "https" and urlsplit(LINTAS_OIDC_ISSUER).hostname not in LOOPBACK:
        raise ImproperlyConfigured(
            f"LINTAS_OIDC_ISSUER={LINTAS_OIDC_ISSUER!r} is not HTTPS: whoever sits in between could sign in as anybody."
        )
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "instansi",
                "name": env.str("LINTAS_OIDC_NAME", "SSO"),
                "client_id": env.str("LINTAS_OIDC_CLIENT_ID"),
                "secret": env.str("LINTAS_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": LINTAS_OIDC_ISSUER, "fetch_userinfo": False, "oauth_pkce_enabled": True},
            }
        ]
    }

# Five failures of one person from one address close that way for a quarter of an hour. Never by person alone: anybody
# could then lock anybody out.
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "console.sign_in.backend.typed_login"
AXES_CLIENT_IP_CALLABLE = "console.http.address_of"
AXES_LOCKOUT_CALLABLE = "console.errors.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address", "password", "code"]

# The library writes down where somebody signed in: an invitation's path is a secret.
LOGGING = {**LOGGING, "loggers": {**LOGGING["loggers"], "axes": {"level": "ERROR"}}}  # type: ignore[dict-item]  # noqa: F405

# -- language --------------------------------------------------------------------------------------------------------

LOCALE_PATHS = [BASE_DIR / "console" / "locale"]  # noqa: F405
