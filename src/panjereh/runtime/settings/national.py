"""National services: catalogue, tracking ids, messaging, documents, feedback."""

from panjereh.runtime.settings.base import *

FLOOR = "national"
DATABASES = database(FLOOR)
INSTALLED_APPS = [
    *COMMON_APPS,
    "panjereh.national.catalogue",
    "panjereh.national.tracking",
    "panjereh.national.messaging",
    "panjereh.national.documents",
    "panjereh.national.feedback",
    OUTBOX_APP,
]
ROOT_URLCONF = "panjereh.national.urls"
LOCALE_PATHS = locale_paths("national")
SMSC = env.smsc
SMSC_BIND = env.smsc_bind
MAILBOX_MASTER_KEYS = env.secret("mailbox-master")  # newest first, one a line
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.national.messaging.jobs.pump_sms",
]
