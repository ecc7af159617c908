"""Floor 2: registration, login, OpenID Connect provider."""

from panjereh.runtime.settings.base import *

FLOOR = "sso"
DATABASES = database(FLOOR)
INSTALLED_APPS = ["django.contrib.sessions", *COMMON_APPS, "panjereh.sso", OUTBOX_APP]
ROOT_URLCONF = "panjereh.sso.urls"
LOCALE_PATHS = locale_paths("sso")
EXCHANGE_SYSTEM = "sso"
ISSUER = PUBLIC_URLS["sso"]
WORKER_TASKS = ["panjereh.common.outbox.worker.carry_events"]
