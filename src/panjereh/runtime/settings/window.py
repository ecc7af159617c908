"""Floor 1: the national window."""

from panjereh.runtime.settings.base import *

FLOOR = "window"
DATABASES = database(FLOOR)
INSTALLED_APPS = [
    "django.contrib.sessions",
    *COMMON_APPS,
    "panjereh.sdk.signin",
    "panjereh.window",
    OUTBOX_APP,
]
ROOT_URLCONF = "panjereh.window.urls"
LOCALE_PATHS = locale_paths("window")
EXCHANGE_SYSTEM = "national-window"
SIGNIN = env.signin("national-window")
WORKER_TASKS = ["panjereh.common.outbox.worker.carry_events"]
