"""What every Django floor has in common. Each floor's module adds its apps and URLs."""

from pathlib import Path
from typing import Any

# pyreqwest 0.15.1 crashes in every thread when the one that imported it first has ended. Settings
# are loaded by the main thread, so it is imported here, long before a request's thread would.
import pyreqwest.client  # noqa: F401

from panjereh.runtime.environment import environment

env = environment()

PROFILE = env.profile
DEBUG = False
SECRET_KEY = env.secret("django")
ALLOWED_HOSTS = env.allowed_hosts
USE_TZ = True
TIME_ZONE = "Asia/Tehran"
LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", "فارسی"), ("en", "English")]
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

COMMON_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "panjereh.ui",
]
OUTBOX_APP = "panjereh.common.outbox"  # last: it looks for events.py in the apps before it

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "panjereh.ui.middleware.ContentSecurityPolicy",
    "panjereh.ui.middleware.Appearance",
]

# Traces go to an OTLP collector that the operator names; without one nothing of it is loaded.
TRACES, TRACES_SHARE = env.get("TRACES"), float(env.get("TRACES_SHARE", "0.01"))
if TRACES:
    MIDDLEWARE.insert(0, "panjereh.sdk.traced.TracedRequests")
METRICS = env.get("METRICS")  # the first port on which Prometheus asks, see runtime.metrics
if METRICS:
    MIDDLEWARE.insert(0, "panjereh.sdk.metered.MeteredRequests")

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.template.context_processors.i18n",
    "panjereh.ui.context.page",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": CONTEXT_PROCESSORS,
        },
    }
]
FORM_RENDERER = "panjereh.ui.forms.Renderer"

STATIC_URL = "/static/"
STATIC_ROOT = env.home / "static"
# Collected files carry their digest in the name and are cached for ever; before that (tests, first
# start) they are served from where they lie.
STATIC_COLLECTED = bool(env.get("COLLECTING")) or (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
if env.production:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # The TLS terminator in front redirects. Behind it floors and probes call one another over
    # plain HTTP on loopback, so a redirect here would only meet those.
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# What `panjereh work <site>` runs: dotted names of coroutines that take `stop: asyncio.Event`.
WORKER_TASKS: list[str] = []

# Where the other floors are: public addresses for links, inner ones for calls.
PUBLIC_URLS = env.public_urls
NATS_URL = env.nats_servers
NATS_REPLICAS = env.nats_replicas
EXCHANGE_URL = env.exchange_url  # https: mutual TLS; http: signed messages
KEYS = env.keys
EXCHANGE_DIRECTORY = env.home / "directory.json"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}


def database(floor: str) -> dict[str, dict[str, Any]]:
    return {"default": env.database(floor)}


def locale_paths(*packages: str) -> list[Path]:
    return [env.package_root / package / "locale" for package in ("ui", "sdk", *packages)]
