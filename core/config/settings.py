"""All settings, from the environment. Odd values are refused aloud; impossible combinations are system checks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from core.config.environment import embedded_keys, env
from core.config.logs import LOGGING as LOGGING

BASE_DIR = Path(__file__).resolve().parent.parent.parent

PROFILE = env.str("PROFILE", default="embedded")
if PROFILE not in {"embedded", "production"}:
    raise ImproperlyConfigured(f"PROFILE must be embedded or production, not {PROFILE!r}.")
EMBEDDED = PROFILE == "embedded"
# The demo world: fictional people with the password `demo`, partners on loopback ports.
DEMO = env.bool("DEMO", default=False)
if DEMO and not EMBEDDED:
    raise ImproperlyConfigured("DEMO puts people with a known password in the database: never in production.")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)


def _needed(name: str, embedded_default: str) -> str:
    """In production a missing variable is an error that names it; the embedded profile has a default."""
    value: str = env.str(name, default=embedded_default) if EMBEDDED else env.str(name)
    return value


# --- Who we are -----------------------------------------------------------------------------------------------

PRODUCT_NAME = "Assay"
PORT = env.int("PORT", default=8000)
PUBLIC_URL = _needed("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured(f"PUBLIC_URL must be an absolute http(s) URL, not {PUBLIC_URL!r}.")
SERVED_BY_HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_public.hostname, "127.0.0.1", "localhost"])
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=1)

# --- Keys -----------------------------------------------------------------------------------------------------

if EMBEDDED:
    _keys = embedded_keys(DATA_DIR)
    SECRET_KEY = env.str("SECRET_KEY", default=_keys["secret_key"])
    ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=_keys["encryption_keys"])
else:
    SECRET_KEY = env.str("SECRET_KEY")
    ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")
# Older signing keys: what they signed (sessions, cookies, links) is still believed; nothing new is signed by them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- Django ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "django_htmx",
    "lucide",
    "csp",
    "core",
    "partners",
    "assessments",
]

# Those of core.pages are the libraries' own, which calls of the API go past.
MIDDLEWARE = [
    "core.api.request_log.RequestLogMiddleware",
    # Before static files, which are to carry their headers too: an SVG is a document.
    "core.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.pages.WhiteNoiseMiddleware",
    "core.pages.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.middleware.RefuseNulMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.pages.AuthenticationMiddleware",
    "core.pages.SessionLifeMiddleware",
    "core.pages.MembershipMiddleware",
    "core.pages.MessageMiddleware",
    "core.pages.HtmxMiddleware",
]

ROOT_URLCONF = "core.config.urls"
WSGI_APPLICATION = "core.config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.product",
                "partners.context.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")

# --- Database -------------------------------------------------------------------------------------------------

# Immediate transactions: under two writers Django's default (deferred) fails with "database is locked" as soon
# as a transaction reads before it writes. WAL lets readers go on meanwhile; what is acknowledged is on the disk first,
# so that a power cut takes nothing of it.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA journal_size_limit=27103364;"
        "PRAGMA mmap_size=134217728;PRAGMA cache_size=2000;"
    ),
}


def database(url: str) -> dict[str, Any]:
    """The DATABASES entry of a URL: SQLite in WAL, or PostgreSQL."""
    config: dict[str, Any] = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = dict(SQLITE_OPTIONS)
    elif config["ENGINE"] == "django.db.backends.postgresql":
        # Each thread keeps its own, and with it what the server has prepared for it. A pool of them is asked twice in
        # every call.
        config["CONN_MAX_AGE"] = None
        # Parameters bound by the server let psycopg prepare what is asked again and again: planning a query of many
        # joins costs more than answering it. A pooler between us and the server has to keep prepared statements.
        config["OPTIONS"] = {
            **config.get("OPTIONS", {}),
            "server_side_binding": True,
            "prepare_threshold": 5,
        }
    else:
        raise ImproperlyConfigured("DATABASE_URL must be sqlite:///… or postgresql://….")
    return config


DATABASES = {"default": database(_needed("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: limits and OAuth back-offs; per process in the embedded profile, shared in production ---------------

CACHES = {"default": env.cache_url_config(_needed("CACHE_URL", "locmemcache://"))}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    CACHES["default"]["BACKEND"] = "core.counting.RedisCache"

# --- Celery: the database is the queue, the broker only a wake-up ------------------------------------------------

CELERY_BROKER_URL = _needed("CELERY_BROKER_URL", "memory://localhost")
EMBEDDED_BROKER = CELERY_BROKER_URL.startswith("memory://")
CELERY_QUEUE = env.str("CELERY_QUEUE", default="assay")
CELERY_TASK_DEFAULT_QUEUE = CELERY_QUEUE
CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum" if CELERY_BROKER_URL.startswith("amqp") else "classic"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"polling_interval": 0.05} if EMBEDDED_BROKER else {}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Publishing a wake-up must never hold a request: a broker that is away is found by the sweep.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-deliveries": {
        "task": "partners.delivery.sweep",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 10},
    },
    "number-events": {
        "task": "partners.delivery.number_events",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 10},
    },
    "number-orders": {
        "task": "assessments.number_orders",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 10},
    },
    "expire-orders": {"task": "assessments.expire_orders", "schedule": timedelta(minutes=1)},
    "match-backfills": {
        "task": "assessments.match_backfills",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 10},
    },
    "ask-due": {"task": "assessments.ask_due", "schedule": timedelta(seconds=2), "options": {"expires": 10}},
    "fetch-reports": {
        "task": "assessments.fetch_reports",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 60},
    },
    "refresh-catalogues": {
        "task": "assessments.refresh_catalogues",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 30},
    },
    "check-partners": {
        "task": "assessments.check_partners",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 10},
    },
    "remind-candidates": {"task": "assessments.remind_candidates", "schedule": timedelta(minutes=1)},
    "purge-results": {"task": "assessments.purge_results", "schedule": timedelta(hours=1)},
    "sweep-erased": {
        "task": "assessments.sweep_erased",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "seal-audit": {
        "task": "core.seal_audit",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 60},
    },
    "forget-old": {"task": "core.forget_old", "schedule": timedelta(hours=1)},
    "clear-tokens": {"task": "partners.clear_tokens", "schedule": timedelta(hours=24)},
    "retire-idle-sandboxes": {"task": "partners.retire_idle_sandboxes", "schedule": timedelta(hours=24)},
}
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# --- Reaching partners ----------------------------------------------------------------------------------------

# Loopback addresses and plain http are for development, tests and the demo only.
HTTP_ALLOW_LOOPBACK = env.bool("HTTP_ALLOW_LOOPBACK", default=DEMO)
DELIVERY_TIMEOUT_SECONDS = env.int("DELIVERY_TIMEOUT_SECONDS", default=20)
SECRET_OVERLAP = timedelta(hours=24)

# --- People ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["core.sessions.Accounts"]
LOGIN_URL = "core:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "core:login"
# Where somebody who belongs to no organization lands. A name, so that floor 1 need not know floor 2.
NO_MEMBERSHIP_URL_NAME = "partners:portal"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    # For random client secrets only (named in OAUTH2_PROVIDER): 128 random characters need no slow hash, and a
    # slow one would make every token cost a quarter of a second.
    "core.hashers.SHA256SecretHasher",
]

# --- API ------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.oauth.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["partners.oauth.permissions.ScopeRequired"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.rendering.JSONRenderer"],
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "core.config.openapi.DescribedSchema",
}
# The reference of the API: what each floor says of its calls is put together in core.config.openapi.
SPECTACULAR_SETTINGS = {
    "TITLE": f"{PRODUCT_NAME} API",
    "DESCRIPTION": (
        "For partners: declare what you offer, take orders, post results. "
        "For organizations: add candidates, order assessments, read results."
    ),
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "PREPROCESSING_HOOKS": ["core.config.openapi.only_ours"],
    "POSTPROCESSING_HOOKS": ["core.config.openapi.completed"],
}
# Per client address, but for `api`, `results` and `ping`: those count by application, and by installation under its own
# token. See core.limits.
RATE_LIMITS: dict[str, str | None] = {
    "api": "1200/m",
    "results": "6000/m",
    "playground": "40/m",
    # Wrong tries from one address; and all of them, right ones too.
    "login": "20/m",
    "login_tries": "100/m",
    "register": "10/h",
    "token": "60/m",
    "ping": "30/m",
    "sandbox_sign_in": "30/m",
    "accept_invitation": "20/m",
    "csp_report": "20/m",
    # Of other protocols: by order token or installation; by address where neither is known.
    "doors": "600/m",
    "doors_refused": "60/m",
    # What we ask of one connected partner.
    "status_questions": "60/m",
    # A person who tries out a connection.
    "connection_test": "20/m",
    **({"register": "100/h"} if DEMO else {}),
}

# --- OAuth ----------------------------------------------------------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "partners.Application"
OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "partners.oauth.scopes_backend.ApplicationScopes",
    "OAUTH2_VALIDATOR_CLASS": "partners.oauth.validator.Validator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 86400,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ROTATE_REFRESH_TOKEN": True,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"] if HTTP_ALLOW_LOOPBACK else ["https"],
    "CLIENT_SECRET_HASHER": "secret_sha256",
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "PKCE_REQUIRED",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
        )
    },
}

# --- Files ----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# They are for our own pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# The embedded profile serves from where the files lie; production collects them first.
STATIC_ROOT = None if EMBEDDED else Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
WHITENOISE_USE_FINDERS = EMBEDDED
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
# Above the largest JSON we take (10 MiB); the parser and the views hold the tighter limits and say so clearly.
DATA_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024

# --- Time and language ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Security -------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        # Browsers know one or the other; see core.headers and core.views.csp_reports.
        "report-uri": "/csp-reports",
        "report-to": "csp",
    }
}
SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_BY_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# How long somebody stays signed in without doing anything, and at most; see core.middleware.SessionLifeMiddleware.
SESSION_IDLE = timedelta(hours=env.int("SESSION_IDLE_HOURS", default=12))
SESSION_LONGEST = timedelta(days=env.int("SESSION_LONGEST_DAYS", default=14))
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
CSRF_COOKIE_HTTPONLY = False
SECURE_SSL_REDIRECT = SERVED_BY_HTTPS and not EMBEDDED
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31536000 if SERVED_BY_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED_BY_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
