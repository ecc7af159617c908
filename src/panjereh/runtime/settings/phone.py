"""The sandbox's mobile operator: a small SMSC and the virtual phone. Never in production."""

from django.utils.translation import gettext_lazy as _

from panjereh.runtime.settings.base import *

if env.production:
    raise SystemExit("production refuses the virtual phone; name a real operator in PANJEREH_SMSC")

FLOOR = "sandbox"
DATABASES = database(FLOOR)
INSTALLED_APPS = [
    "django.contrib.sessions",
    *COMMON_APPS,
    "panjereh.sandbox.phone",
    "panjereh.sandbox.signing_service",
    OUTBOX_APP,
]
SIGNING_SERVICE_MASTER = env.secret("signing-service")
ROOT_URLCONF = "panjereh.sandbox.phone.urls"
LOCALE_PATHS = locale_paths("sandbox")
SITE_NAME = _("Virtual phone")
SMSC = env.smsc
SMSC_BIND = env.smsc_bind
WORKER_TASKS = ["panjereh.sandbox.phone.smsc.serve"]
