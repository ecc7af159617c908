"""Floor 4, operator pages: members, services, grants, traffic. The gateway runs by itself."""

from panjereh.runtime.settings.base import *

FLOOR = "exchange"
DATABASES = database(FLOOR)
INSTALLED_APPS = [
    "django.contrib.sessions",
    *COMMON_APPS,
    "panjereh.sdk.signin",
    "panjereh.exchange",
    OUTBOX_APP,
]
ROOT_URLCONF = "panjereh.exchange.urls"
LOCALE_PATHS = locale_paths("exchange")
SIGNIN = env.signin("exchange-operator")
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.exchange.jobs.collect_records",
]
