"""Settings, all of them: the environment comes in, a missing or senseless value stops the start and says what to type.

In a checkout `./run` sets every variable; on a server the unit file does (`.env.example` lists them). A secret may be
given as `NAME` or as `NAME_FILE`, a path to a file that holds it.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config.environment import env, file_named_by, optional_secret, secret
from config.mail import mail_server
from config.roles import GUESTS, NAMES, VARIABLES, user_of

BASE_DIR = Path(__file__).resolve().parent.parent

MOST_PROXIES = 8


def proxies(said: str) -> int:
    """How many proxies stand before us. `true` is one, as it was when nobody counted them."""
    counted = {"": 0, "false": 0, "no": 0, "true": 1, "yes": 1}.get(said.strip().lower())
    if counted is None and said.strip().isascii() and said.strip().isdigit() and int(said) <= MOST_PROXIES:
        counted = int(said)
    if counted is None:
        raise ImproperlyConfigured(
            f"LINTAS_BEHIND_PROXY={said!r} is no number of proxies. Count those of yours that a request passes, one "
            f"behind the other: 0 (none) to {MOST_PROXIES}."
        )
    return counted


# -- what this installation is ---------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = secret("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters. Draw one: openssl rand -base64 48")

# Where clients reach us; also the OAuth issuer and the `aud` of their assertions, so it must be exact.
LINTAS_BASE_URL = env.str("LINTAS_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
if urlsplit(LINTAS_BASE_URL).scheme not in ("http", "https") or not urlsplit(LINTAS_BASE_URL).hostname:
    raise ImproperlyConfigured(f"LINTAS_BASE_URL={LINTAS_BASE_URL!r} is no URL. Example: https://lintas.example.go.id")
LINTAS_LOG_ORIGIN = env.str("LINTAS_LOG_ORIGIN", f"{urlsplit(LINTAS_BASE_URL).netloc}/log/1")
# The sequencer's key (Ed25519) signs checkpoints, the web's (P-256) receipts: PEM files that `open_log` can draw. The
# web needs the second only; without it receipts are unsigned, and /readyz says so.
LINTAS_LOG_KEY_FILE = file_named_by("LINTAS_LOG_KEY_FILE")
LINTAS_RECEIPT_KEY_FILE = file_named_by("LINTAS_RECEIPT_KEY_FILE")
# The courier's key (Ed25519): it signs webhooks and opens their secrets, which the web can only seal. Only
# `manage.py deliver` has it; `manage.py open_delivery` draws it and puts its public half on record.
LINTAS_COURIER_KEY_FILE = file_named_by("LINTAS_COURIER_KEY_FILE")
# Who must have seen a checkpoint (C2SP tlog-policy); without a file nobody is asked.
LINTAS_WITNESS_POLICY_FILE = file_named_by("LINTAS_WITNESS_POLICY_FILE")
# Which checkpoint may be shown, and proofs be given under: `signed`, the newest where too few witnesses have cosigned
# one; or `witnessed`, none before its quorum, which must be one that two trees cannot both meet (docs/cluster.md).
LINTAS_LOG_PUBLISH = env.str("LINTAS_LOG_PUBLISH", "signed")
if LINTAS_LOG_PUBLISH not in ("signed", "witnessed"):
    raise ImproperlyConfigured(f"LINTAS_LOG_PUBLISH={LINTAS_LOG_PUBLISH!r} is neither `signed` nor `witnessed`.")
# Without a sequencer for as long as the first, without a quorum of witnesses for as long as the second, nothing is
# accepted any more; /readyz has alarmed since the fifth second.
LINTAS_LOG_ALARM_AFTER_S = env.int("LINTAS_LOG_ALARM_AFTER_S", 15 * 60)
LINTAS_LOG_PAUSE_AFTER_S = env.int("LINTAS_LOG_PAUSE_AFTER_S", 4 * 60 * 60)
# How many callers of /events may wait in one server process at a time; each holds one of its threads.
LINTAS_FEED_WAITERS = env.int("LINTAS_FEED_WAITERS", 8)
# For how many days a repeated request is answered as before; `manage.py end_answers` takes older answers away.
LINTAS_ANSWERS_KEPT_DAYS = env.int("LINTAS_ANSWERS_KEPT_DAYS", 400)
# Months for which the record of reads, and content of closed casefiles, is kept; 0: for ever (`manage.py retention`).
LINTAS_READS_KEPT_MONTHS = env.int("LINTAS_READS_KEPT_MONTHS", 0)
LINTAS_CASEFILES_KEPT_MONTHS = env.int("LINTAS_CASEFILES_KEPT_MONTHS", 0)
# Who may read /metrics: a bearer of this token. Without one the route does not exist.
LINTAS_METRICS_TOKEN = env.str("LINTAS_METRICS_TOKEN", "")
LINTAS_REQUEST_LOG = env.bool("LINTAS_REQUEST_LOG", False)  # a line of the log for each request
LINTAS_TRACES_URL = env.str("LINTAS_TRACES_URL", "")  # where traces go, OTLP over HTTP (config/tracing.py)
LINTAS_OPERATOR = env.str("LINTAS_OPERATOR", "lintas")  # the agency of the operator's own commands in the log
# /.well-known/security.txt: where to report a weakness, and until when that address is kept (at most a year ahead).
LINTAS_SECURITY_CONTACT = env.str("LINTAS_SECURITY_CONTACT", f"{LINTAS_BASE_URL}/problems/internal")
LINTAS_SECURITY_EXPIRES = env.str("LINTAS_SECURITY_EXPIRES", "2027-10-31T00:00:00Z")
LINTAS_SANDBOX = env.bool("LINTAS_SANDBOX", False)

# Where webhooks may go: receivers under these endings of names. Only to this machine in a sandbox that nobody else
# reaches, and only there the ten attempts may follow each other faster (seconds before each).
LINTAS_WEBHOOK_HOSTS = env.list("LINTAS_WEBHOOK_HOSTS", [".go.id"])
LINTAS_WEBHOOKS_TO_LOOPBACK = env.bool("LINTAS_WEBHOOKS_TO_LOOPBACK", False)
LINTAS_WEBHOOK_SCHEDULE = env.list("LINTAS_WEBHOOK_SCHEDULE", [], subcast=float)
if (LINTAS_WEBHOOKS_TO_LOOPBACK or LINTAS_WEBHOOK_SCHEDULE) and urlsplit(LINTAS_BASE_URL).hostname not in (
    "127.0.0.1",
    "localhost",
    "::1",
):
    raise ImproperlyConfigured(
        f"LINTAS_WEBHOOKS_TO_LOOPBACK and LINTAS_WEBHOOK_SCHEDULE belong to a sandbox on this machine, and "
        f"LINTAS_BASE_URL is {LINTAS_BASE_URL}: unset them."
    )

# The mail server for the courier's mails (delivery/warning.py) and the console's (console/desk/morning.py), as
# smtps://user:password@host:465, smtp+tls://… (STARTTLS, 587) or smtp://… (unprotected: on this machine only); empty:
# nobody is told. Also LINTAS_SMTP_URL_FILE. LINTAS_MAIL_FROM is the sender, and where answers go.
LINTAS_SMTP_URL = optional_secret("LINTAS_SMTP_URL")
DEFAULT_FROM_EMAIL = env.str("LINTAS_MAIL_FROM", f"lintas@{urlsplit(LINTAS_BASE_URL).hostname}")
EMAIL_TIMEOUT = 15
if LINTAS_SMTP_URL:
    globals().update(mail_server(LINTAS_SMTP_URL))

# Contents of documents: the path of a folder, or s3://bucket/prefix; empty keeps descriptors only. The key file wraps
# the key of each content; who reads contents needs both. What no scanner has called clean does not leave.
LINTAS_CONTENTS = env.str("LINTAS_CONTENTS", "")
LINTAS_CONTENTS_KEY_FILE = file_named_by("LINTAS_CONTENTS_KEY_FILE")
LINTAS_CONTENTS_SCANNER = env.str("LINTAS_CONTENTS_SCANNER", "unix:/run/clamav/clamd.ctl")
# A folder of certificates (PEM or DER) of the authorities by whose word a signature in a PDF counts; without one nobody
# looks for signatures. The worker reads it, and needs pyHanko (locks/pades.lock).
LINTAS_PADES_ROOTS = file_named_by("LINTAS_PADES_ROOTS")
# Megabytes (2^20 bytes) that the contents of one agency may take.
LINTAS_CONTENTS_QUOTA_MB = env.int("LINTAS_CONTENTS_QUOTA_MB", 20 * 1024)
# Whether /api/v1/sandbox/explain-… say which check of an assertion or a signature fails, to everybody who asks.
LINTAS_EXPLAINS = env.bool("LINTAS_EXPLAINS", False)
# Whether /api/v1/sandbox/clock lets time pass and /api/v1/sandbox/casefiles/… moves cases on, for everybody who asks.
LINTAS_SANDBOX_CONTROL = env.bool("LINTAS_SANDBOX_CONTROL", False)
# The folder in which /sandbox asks the `./run serve --sandbox` that started us for clients and a new beginning.
LINTAS_SANDBOX_ASKS = env.str("LINTAS_SANDBOX_ASKS", "")
for _name, _is_on in (
    ("LINTAS_EXPLAINS", LINTAS_EXPLAINS),
    ("LINTAS_SANDBOX_CONTROL", LINTAS_SANDBOX_CONTROL),
    ("LINTAS_SANDBOX_ASKS", LINTAS_SANDBOX_ASKS),
):
    if _is_on and not (LINTAS_SANDBOX and urlsplit(LINTAS_BASE_URL).hostname in ("127.0.0.1", "localhost", "::1")):
        raise ImproperlyConfigured(
            f"{_name} belongs to a sandbox on this machine (LINTAS_SANDBOX), and LINTAS_BASE_URL is "
            f"{LINTAS_BASE_URL}: unset it."
        )

# Calls of one client by kind, acts of one person at the desk: so many at once, and so many more a second. Writes and
# proofs (calls on the log itself) have the figures of reads where none are set. Reads at 0 switch off all but the desk.
LINTAS_RATE_PER_SECOND = env.float("LINTAS_RATE_PER_SECOND", 100.0)
LINTAS_RATE_BURST = env.int("LINTAS_RATE_BURST", 2000)
LINTAS_WRITE_RATE_PER_SECOND = env.float("LINTAS_WRITE_RATE_PER_SECOND", None)
LINTAS_WRITE_BURST = env.int("LINTAS_WRITE_BURST", None)
LINTAS_PROOF_RATE_PER_SECOND = env.float("LINTAS_PROOF_RATE_PER_SECOND", None)
LINTAS_PROOF_BURST = env.int("LINTAS_PROOF_BURST", None)
LINTAS_UPLOAD_RATE_PER_SECOND = env.float("LINTAS_UPLOAD_RATE_PER_SECOND", 1.0)
LINTAS_UPLOAD_BURST = env.int("LINTAS_UPLOAD_BURST", 300)
LINTAS_DESK_RATE_PER_SECOND = env.float("LINTAS_DESK_RATE_PER_SECOND", 1.0)
LINTAS_DESK_BURST = env.int("LINTAS_DESK_BURST", 60)
# Tokens that one client may buy, and refused token requests of one client or address, before each further one waits.
LINTAS_TOKEN_RATE_PER_SECOND = env.float("LINTAS_TOKEN_RATE_PER_SECOND", 1.0)
LINTAS_TOKEN_BURST = env.int("LINTAS_TOKEN_BURST", 120)
# Calls that need no token, by address: so many at once, and so many more a second.
LINTAS_OPEN_RATE_PER_SECOND = env.float("LINTAS_OPEN_RATE_PER_SECOND", 20.0)
LINTAS_OPEN_BURST = env.int("LINTAS_OPEN_BURST", 600)
LINTAS_SECURITY_ALARM = env.int("LINTAS_SECURITY_ALARM", 100)  # refusals within ten minutes that are an alarm
# Whether DPoP proofs must hold a nonce of ours (RFC 9449, 8), so that none can be made long before it is used.
LINTAS_DPOP_NONCES = env.bool("LINTAS_DPOP_NONCES", False)
LINTAS_RUN_DIR = Path(env.str("LINTAS_RUN_DIR", str(BASE_DIR / ".run")))
LINTAS_METRICS_DIR = Path(env.str("LINTAS_METRICS_DIR", str(LINTAS_RUN_DIR / "traffic")))  # api/http/traffic.py
# Folders on the disks that /readyz looks at, the database's above all where it lies on this machine.
LINTAS_DISKS = env.list("LINTAS_DISKS", [str(LINTAS_RUN_DIR)] if LINTAS_RUN_DIR.is_dir() else [])
# Where the files of people's exports lie for a day: outside of whatever serves files, for console and worker alone.
LINTAS_EXPORTS_DIR = Path(env.str("LINTAS_EXPORTS_DIR", str(LINTAS_RUN_DIR / "exports")))
# The documentation as one site, as `./run docs` builds it; served under /docs where it is there.
LINTAS_DOCS = env.str("LINTAS_DOCS", str(LINTAS_RUN_DIR / "docs" / "site"))
# How many proxies of ours stand before us, one behind the other. So many places from the end of X-Forwarded-For stands
# the caller's address. Nothing else that a proxy, or anybody, says of a request is believed: how callers reach us says
# the base URL.
LINTAS_BEHIND_PROXY = proxies(env.str("LINTAS_BEHIND_PROXY", "0"))

HTTPS = LINTAS_BASE_URL.startswith("https://")
ALLOWED_HOSTS = [
    *filter(None, [urlsplit(LINTAS_BASE_URL).hostname]),
    *(["127.0.0.1", "localhost", "[::1]"] if not HTTPS else []),
    *env.list("LINTAS_ALLOWED_HOSTS", []),
]

# -- apps and doors --------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "guardian",
    "simple_history",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "audit",
    "agencies",
    "casefiles",
    "contents",
    "delivery",
    "api",
    "demo",
    # The queue of what takes long (jobs/queue.py); its tables come with the library.
    "procrastinate.contrib.django",
    "jobs",
    "verifications",
    # The console's. Every process knows its tables, so that the schema is one; its middleware stands in
    # config/console.py alone.
    "django.forms",
    "django.contrib.sessions",
    "people",
    "console",
    "allauth",
    "console.sign_in.apps.Addresses",
    "allauth.mfa",
    "allauth.socialaccount",
    "axes",
]

# Sessions, CSRF, messages and cookies are absent on purpose: every caller is a machine with a bearer token.
MIDDLEWARE = [
    "api.http.middleware.DoorMiddleware",
    "api.http.middleware.PagesMiddleware",
]
# Within the last one, in this order, for whatever is no call of the API.
PAGES_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "config.urls"
# POST to a path with a slash too many is an unknown route, never a redirect that loses the body.
APPEND_SLASH = False

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

# -- database --------------------------------------------------------------------------------------------------------


def role_name(role: str) -> str:
    """The name by which the server knows a role: the user of its URL, or `lintas_<role>` where none is given.

    Only the owner, who grants, opens the others' files; each of them can read its own alone.
    """
    variable = VARIABLES[role]
    url = env.str(variable, "")
    if not url and LINTAS_DB_ROLE == "owner" and env.str(f"{variable}_FILE", ""):
        url = secret(variable)
    return user_of(url) or NAMES[role]


def database(role: str) -> dict[str, Any]:
    """The one database as `web` (serves requests), `owner` (migrates, registers), or another of `VARIABLES`."""
    if role not in VARIABLES:
        raise ImproperlyConfigured(f"LINTAS_DB_ROLE={role!r} is none of: {', '.join(VARIABLES)}.")
    name = VARIABLES[role]
    config: dict[str, Any] = dict(dj_database_url.parse(secret(name)))
    if config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must begin with postgresql://; Lintas runs on PostgreSQL 15 or newer only.")
    config["ENGINE"] = "config.postgresql"
    limits = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "15s"}
    if role in {"web", "console", "desk"}:
        limits["statement_timeout"] = f"{env.int('LINTAS_STATEMENT_TIMEOUT_S', 10)}s"
    if role == "reader":
        # An export waits for whoever takes it in.
        limits |= {"default_transaction_read_only": "on", "idle_in_transaction_session_timeout": "10min"}
    if role == "sequencer":
        # Its session holds the lock: a machine that vanished must not hold it for hours. (No effect on a Unix socket.)
        limits |= {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
    config["OPTIONS"] = {
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        **config.get("OPTIONS", {}),
        "application_name": f"lintas-{role}",
        "connect_timeout": 5,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    # Each server thread keeps its connection; CONN_MAX_AGE=0 would cost a sign-in (scram) per request. A pooler in
    # transaction mode between us and PostgreSQL needs LINTAS_PREPARED_STATEMENTS=false.
    # No health check before each request: it is a round trip (measured: 120 us of 250). After a restart of the database
    # a thread's first request answers 503 and Django connects anew for the next.
    config["CONN_MAX_AGE"] = None
    config["CONN_HEALTH_CHECKS"] = False
    if env.bool("LINTAS_PREPARED_STATEMENTS", True):
        config["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 3}
    else:
        # A cursor on the server outlives no transaction there.
        config["DISABLE_SERVER_SIDE_CURSORS"] = True
    return config


LINTAS_DB_ROLE = env.str("LINTAS_DB_ROLE", "web")
# Who is granted what by `manage.py grant_roles`: the role's name on the server.
LINTAS_DB_ROLES = {role: role_name(role) for role in GUESTS}
DATABASES = {"default": database(LINTAS_DB_ROLE)}
# As which the worker verifies the whole database where somebody asks for it in the console; empty: it cannot.
LINTAS_VERIFIER_URL = optional_secret("DATABASE_READER_URL") if LINTAS_DB_ROLE == "worker" else ""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- who people are --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "agencies.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "guardian.backends.ObjectPermissionBackend"]
# No anonymous row: who has no token has no rights.
ANONYMOUS_USER_NAME = None

SCOPES = {
    "findings:write": "Menyampaikan temuan / submit findings",
    "casefiles:read": "Membaca berkas perkara / read casefiles",
    "casefiles:write": "Menindaklanjuti berkas perkara / act on casefiles",
    "documents:read": "Membaca dokumen / read documents",
    "documents:write": "Mendaftarkan dokumen / register documents",
    "events:read": "Mengikuti peristiwa / follow events",
    "accesses:read": "Membaca catatan akses / read the access record",
    "webhooks:write": "Mengatur pemberitahuan otomatis / manage webhooks",
}

# Our AccessToken leaves out its columns for refresh and identity tokens, so the circle that W011 warns of is open.

OAUTH2_PROVIDER_APPLICATION_MODEL = "agencies.Client"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "agencies.AccessToken"  # noqa: S105 - a model's name
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "api.oauth.views.Validator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "SCOPES": SCOPES,
    "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["private_key_jwt"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["client_credentials"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": [],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # RFC 9700, every switch: the library ships them off until its version 4.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}

# -- the machines' door ----------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.http.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["api.http.strict.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api.http.rendering.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.contract.openapi.Schema",
    "EXCEPTION_HANDLER": "api.http.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
}
# What spectacular itself gives, by its command or its views, is the contract of `openapi/`.
SPECTACULAR_SETTINGS = {"DEFAULT_GENERATOR_CLASS": "api.contract.openapi.Generator"}

# 256 KB per body (design: 413 `body-too-large`); the parser enforces it with a problem, Django's limit stands behind.
LINTAS_MAX_BODY_BYTES = 256 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = LINTAS_MAX_BODY_BYTES + 1024
# All lines of a batch together; each of them is held to the size of one body.
LINTAS_MAX_BATCH_BYTES = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# -- language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "api" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- pages and files (the documentation only) ------------------------------------------------------------------------

STATIC_URL = "/static/"
# The libraries' own files are served where they lie: nothing to collect, nothing to forget after an update.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_SSL_REDIRECT = False  # the proxy's work; a redirect here would answer a POST with HTML
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0

# Serving without HTTPS, the absence of a redirect and of CSRF middleware are decided above.
SILENCED_SYSTEM_CHECKS = [
    "oauth2_provider.W011", "security.W003", "security.W004", "security.W008",
    # Nobody signs in to the API with a password: axes watches over the console (config/console.py).
    "axes.W002", "axes.W003",
]  # fmt: skip

# -- people who sign in: what commands need to know as well as the console --------------------------------------------

# Slow by memory as well as by time; the other reads what was kept before.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The console's address; a host name of its own where there is one.
LINTAS_CONSOLE_BASE_URL = env.str("LINTAS_CONSOLE_BASE_URL", "http://127.0.0.1:8001").rstrip("/")
MFA_ADAPTER = "people.second_factor.Adapter"
AXES_VERBOSE = AXES_ENABLE_ADMIN = False

# -- logging: one JSON object per line on stderr, never a body, a query string or a header ----------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JSONLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LINTAS_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        # 4xx answers are the client's business; the request line would carry the query string.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "ERROR"},
        "django.db.backends": {"level": "INFO"},
        # Each job and how it ended, by name and ids; nothing of how the library comes up.
        "procrastinate": {"level": "WARNING"},
        "procrastinate.worker": {"level": "INFO"},
    },
}
