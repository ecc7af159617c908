"""Floor 1: the national window."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

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
MIDDLEWARE = [*MIDDLEWARE, "panjereh.sdk.signin.middleware.CurrentPerson"]
ROOT_URLCONF = "panjereh.window.urls"
LOCALE_PATHS = locale_paths("window")
SITE_NAME = _("National window of smart government services")
SITE_LINKS = [(_("Services"), reverse_lazy("services")), (_("Agencies"), reverse_lazy("agencies"))]
SITE_OWNER = _("Information Technology Organization of Iran")  # 002 art 36
EXCHANGE_SYSTEM = "national-window"
SIGNIN = env.signin("national-window") | {"acting": True, "access_scopes": ["releases"]}
WORKER_TASKS = ["panjereh.common.outbox.worker.carry_events"]
