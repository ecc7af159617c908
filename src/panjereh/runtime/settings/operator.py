"""Floor 4, operator pages: members, services, grants, traffic. The gateway runs by itself."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

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
MIDDLEWARE = [*MIDDLEWARE, "panjereh.sdk.signin.middleware.CurrentPerson"]
ROOT_URLCONF = "panjereh.exchange.urls"
LOCALE_PATHS = locale_paths("exchange")
SITE_NAME = _("National data exchange")
SITE_LINKS = [
    (_("Members"), reverse_lazy("members")),
    (_("Systems"), reverse_lazy("systems")),
    (_("Services"), reverse_lazy("services")),
    (_("Grants"), reverse_lazy("grants")),
    (_("Traffic"), reverse_lazy("traffic")),
]
SIGNIN = env.signin("exchange-operator")
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.exchange.jobs.collect_records",
]
