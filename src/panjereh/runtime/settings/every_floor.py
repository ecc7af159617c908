"""All apps at once, for the type checker and the translation check; nothing runs on this."""

from panjereh.runtime.settings.base import *

FLOOR = "every"
DATABASES = database("window")
INSTALLED_APPS = [
    "django.contrib.sessions",
    "procrastinate.contrib.django",
    *COMMON_APPS,
    "panjereh.sdk.signin",
    "panjereh.window",
    "panjereh.sso",
    "panjereh.agency",
    "panjereh.exchange",
    "panjereh.registries",
    "panjereh.national.catalogue",
    "panjereh.national.tracking",
    "panjereh.national.messaging",
    "panjereh.national.documents",
    "panjereh.national.feedback",
    "panjereh.sandbox.phone",
    OUTBOX_APP,
]
EXCHANGE_SYSTEM = "national-window"
SIGNIN = env.signin("national-window")
ISSUER = PUBLIC_URLS["sso"]
SMSC = env.smsc
SERVICE_PACKAGES = env.home / "services"
ROOT_URLCONF = "panjereh.window.urls"
