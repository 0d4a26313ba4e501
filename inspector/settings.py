"""Every setting, typed, from the environment. Only this file and `webserver` read it.

Embedded by default (SQLite, a broker in folders, files in media/); servers by DATABASE_URL,
REDIS_URL and STORAGE_URL. A bad value stops the start with a sentence that names the variable.
"""

import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from environs import Env, validate

from inspector.core import logs
from inspector.core.api_document import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from inspector.core.email_url import mail
from inspector.core.networks import networks
from inspector.core.time_limits import of_any_process
from inspector.monitoring import shifts
from inspector.site.panel import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

DEBUG = env.bool("DEBUG", False)
# Embedded folders: the database, the broker's messages, first accounts, model cache, logs.
VAR_DIR = Path(env.str("INSPECTOR_VAR", str(BASE_DIR / "var"))).resolve()
MEDIA_ROOT = Path(env.str("INSPECTOR_MEDIA", str(BASE_DIR / "media"))).resolve()
RUNS_DIR = Path(env.str("INSPECTOR_RUNS", str(BASE_DIR / "runs"))).resolve()


def _embedded_secret() -> str:
    """A secret made once and kept readable by the owner only, for installations of one machine."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
STORAGE_URL = env.str("STORAGE_URL", "")
EMBEDDED = not DATABASE_URL
# Servers must bring their own secret: several machines have to agree on it.
SECRET_KEY = env.str("SECRET_KEY") if DATABASE_URL else env.str("SECRET_KEY", "") or _embedded_secret()

PORT = env.int("PORT", 8000)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
HTTPS = env.bool("INSPECTOR_HTTPS", False)
# This many proxies are believed about where a request comes from; with more, limits are easily evaded.
PROXIES = env.int("INSPECTOR_PROXIES", 0)

# --- What an upload may be -------------------------------------------------------------------
MAX_UPLOAD_BYTES = env.int("INSPECTOR_MAX_UPLOAD_MB", 30) * 1024 * 1024
MAX_UPLOAD_PIXELS = env.int("INSPECTOR_MAX_MEGAPIXELS", 60) * 1_000_000
MAX_BATCH_FILES = env.int("INSPECTOR_MAX_BATCH_FILES", 200)
PART_FIELDS: list[str] = env.list("INSPECTOR_PART_FIELDS", [])  # beside lot, serial, station and order

# --- How work is shared out ------------------------------------------------------------------
ANALYSE_BATCH_SIZE = env.int("INSPECTOR_BATCH_SIZE", 8)  # images a worker judges in one step
LEASE_SECONDS = env.int("INSPECTOR_LEASE_SECONDS", 60)  # a claim older than this is another's to take
MAX_ATTEMPTS = env.int("INSPECTOR_MAX_ATTEMPTS", 3)
# A step that takes longer is given up, whatever its thread is stuck in.
READ_SECONDS = env.int("INSPECTOR_READ_SECONDS", 30)  # one photo out of storage; its pictures into it
JUDGE_SECONDS = env.int("INSPECTOR_JUDGE_SECONDS", 120)  # decoding one, loading a model, one forward pass
SILENCE_SECONDS = env.int("INSPECTOR_SILENCE_SECONDS", 1800)  # a long job that says nothing has hung
SWEEP_SECONDS = env.int("INSPECTOR_SWEEP_SECONDS", 10)
# Of long jobs that nobody waits for, such as trainings, beside which photos are judged.
TRAIN_PRIORITY = env.str("INSPECTOR_TRAIN_PRIORITY", "idle", validate=validate.OneOf(["idle", "low"]))
TRAIN_THREADS = env.int("INSPECTOR_TRAIN_THREADS", 0, validate=validate.Range(min=0))  # 0: cores less one
METRICS_TOKEN = env.str("INSPECTOR_METRICS_TOKEN", "")  # what Prometheus sends; without it admins only
DOCS_URL = env.str("INSPECTOR_DOCS_URL", "")  # where this installation's people find docs/
TELL_WHEN_NOBODY_JUDGES = True  # in a notice on every page
DEVICE = env.str("INSPECTOR_DEVICE", "auto")  # auto, cpu, cuda
RUNTIME = env.str("INSPECTOR_RUNTIME", "auto")  # auto, torch, onnx, openvino: what computes verdicts
# Detectors kept in memory by a worker; one UNet at 256 px takes about 60 MB.
DETECTOR_CACHE = env.int("INSPECTOR_DETECTOR_CACHE", 4)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "inspector.site.panel_app.PanelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "knox",
    "axes",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "inspector.core",
    "inspector.accounts",
    "inspector.categories",
    "inspector.samples",
    "inspector.registry",
    "inspector.inspections",
    "inspector.training",
    "inspector.reviews",
    "inspector.explanations",
    "inspector.robustness",
    "inspector.exports",
    "inspector.trials",
    "inspector.monitoring",
    "inspector.monitoring.alerts",
    "inspector.site",
]

MIDDLEWARE = [
    "inspector.core.request_ids.RequestId",
    "inspector.core.request_ids.NotKept",
    "inspector.core.health.probes.Probes",
    "inspector.core.metrics.middleware.Metrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "inspector.core.middleware.ContentSecurityPolicy",
    "inspector.core.plain_text.PlainText",
    "inspector.core.middleware.NamedUploads",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "inspector.core.slashes.WithSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "inspector.accounts.send_again.SignInFirst",
    "inspector.core.plain_text.PlainForm",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "inspector.core.middleware.UserTimeZone",
    "inspector.core.middleware.RefusedAsMessage",
]

ROOT_URLCONF = "inspector.urls"
WSGI_APPLICATION = "inspector.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Data ------------------------------------------------------------------------------------
if DATABASE_URL:
    _database = env.dj_db_url("DATABASE_URL", conn_max_age=60, conn_health_checks=True)
    DATABASES = {"default": of_any_process(dict(_database))}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "inspector.sqlite3",
            "OPTIONS": {
                # A write lock taken at BEGIN: two workers wait for each other instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
STATEMENT_SECONDS = env.int("INSPECTOR_STATEMENT_SECONDS", 20)  # PostgreSQL, in web processes; 0: no limit
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if STORAGE_URL:
    from inspector.core.storage_url import s3_storage

    STORAGES["default"] = s3_storage(STORAGE_URL)

# --- People ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "site:home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # says no before a password is looked at: accounts.limits
    "django.contrib.auth.backends.ModelBackend",
]
AXES_HANDLER = "inspector.accounts.limits.Handler"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "inspector.core.client.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
SIGN_IN_FAILURES_PER_ADDRESS = env.int("INSPECTOR_SIGN_IN_FAILURES", 100, validate=validate.Range(min=5))
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Promoting, limits, people, removing samples: a person who does it in a browser types their password again.
CONFIRM_PASSWORD = env.bool("INSPECTOR_CONFIRM_PASSWORD", False)
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "inspector.accounts.send_again.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Browsers keep a preloaded name, and all below it, to HTTPS for months: only where somebody asks for it.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.bool("INSPECTOR_HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = [
    *("security.W005", "security.W021"),  # which would have it always
    "axes.W002",  # its middleware answers for the page; here each door reports a pause itself
]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# How long an API token lasts by default, at most, and whether others than admins may have one without end.
TOKEN_DAYS = env.int("INSPECTOR_TOKEN_DAYS", 90, validate=validate.Range(min=1, max=365))
ENDLESS_TOKENS = env.bool("INSPECTOR_ENDLESS_TOKENS", False)

# --- Alerts ----------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")  # without it no mail is sent
globals().update(mail(EMAIL_URL))
EMAIL_TIMEOUT = 10  # seconds; the sweeps wait for it
DEFAULT_FROM_EMAIL = env.str("INSPECTOR_EMAIL_FROM", "inspector@localhost")
# What messages link to, such as https://inspector.example.com; without it they have no links.
SITE_URL = env.str("INSPECTOR_SITE_URL", "").rstrip("/")
# How long messages that were sent or given up are kept, with bodies and answers.
MESSAGE_DAYS = env.int("INSPECTOR_MESSAGE_DAYS", 30, validate=validate.Range(min=1, max=3650))
# Private networks that webhooks may reach, such as 10.20.0.0/16; all others are refused.
WEBHOOK_NETWORKS = networks(env.list("INSPECTOR_WEBHOOK_NETWORKS", []), "INSPECTOR_WEBHOOK_NETWORKS")

# --- Words and time --------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "inspector.core.formats"  # 19:30 in the admin panel, too, not 7:30 p.m.
TIME_ZONE = env.str("INSPECTOR_TIME_ZONE", "UTC")
SHIFTS = shifts.parse(env.str("INSPECTOR_SHIFTS", ""), env.str("INSPECTOR_SHIFT_ZONE", "") or TIME_ZONE)
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "static"]
# Files above 1 MB go to disk while they arrive: a batch of photos must not fill the memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "inspector.core.uploads.CappedUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_BATCH_FILES
FILE_UPLOAD_PERMISSIONS = 0o640

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "inspector.accounts.token_sign_in.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["inspector.core.api.ModelPermissions"],
    "DEFAULT_PAGINATION_CLASS": "inspector.core.api.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["inspector.core.api.Filters"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        f"inspector.core.api_parsers.{kind}" for kind in ("JSON", "Form", "MultiPart")
    ],
    "DEFAULT_SCHEMA_CLASS": "inspector.core.api_schema.Schema",
    "EXCEPTION_HANDLER": "inspector.core.api_errors.exception_handler",
    "DEFAULT_THROTTLE_RATES": {"token": env.str("INSPECTOR_TOKEN_RATE", "30/min")},
    "NUM_PROXIES": PROXIES,
}
REST_KNOX = {
    "TOKEN_TTL": None,  # accounts.tokens says how long
    "AUTH_HEADER_PREFIX": "Token",
}

# --- Work in the background ------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "folders://"  # core.folder_broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # however long it is away: a worker that gives up is useless
if REDIS_URL:
    # The second: a broker that takes connections and answers nothing is noticed, too.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
else:
    _broker = VAR_DIR / "broker"
    for _folder in ("messages", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.1,  # the default of a second would be most of the wait for a verdict
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {
    "inspector.core.tasks.work": {"queue": "train"},
    "inspector.site.tasks.make_demo": {"queue": "train"},
    # In queues of their own: behind a backlog of photos they would starve.
    "inspector.*.tasks.sweep*": {"queue": "sweep"},
    "*": {"queue": "inspect"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)  # folders would fill with control messages
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False  # the row is the truth and the sweep sends again: never hold a request up
CELERY_BEAT_SCHEDULER = "inspector.core.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = SWEEP_SECONDS  # how soon a clock that was set back is noticed

CELERY_BEAT_SCHEDULE = {
    name: {"task": f"inspector.{task}", "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("report-beat", "core.tasks.sweep", SWEEP_SECONDS),
        ("sweep-inspections", "inspections.tasks.sweep", SWEEP_SECONDS),
        ("sweep-work", "core.tasks.sweep_work", SWEEP_SECONDS),
        ("sweep-monitoring", "monitoring.tasks.sweep", SWEEP_SECONDS),
        ("sweep-alerts", "monitoring.alerts.tasks.sweep", 60),
        ("sweep-alert-messages", "monitoring.alerts.tasks.sweep_messages", SWEEP_SECONDS),
        ("sweep-accounts", "accounts.tasks.sweep", 3600),
    )
}

# INSPECTOR_LOG_FORMAT: lines of text for people, or of JSON for what collects them.
LOGGING = logs.configuration(
    env.str("INSPECTOR_LOG_FORMAT", logs.PLAIN, validate=validate.OneOf(list(logs.FORMATTERS))),
    env.str("LOG_LEVEL", "INFO"),
)
