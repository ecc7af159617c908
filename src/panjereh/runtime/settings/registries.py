"""Floor 5: base registries, reachable only through the exchange."""

from panjereh.runtime.settings.base import *

FLOOR = "registries"
DATABASES = database(FLOOR)
INSTALLED_APPS = [*COMMON_APPS, "panjereh.registries", OUTBOX_APP]
ROOT_URLCONF = "panjereh.registries.urls"
WORKER_TASKS = ["panjereh.common.outbox.worker.carry_events"]
