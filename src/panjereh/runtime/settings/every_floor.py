"""All apps at once, for the type checker and the translation check; nothing runs on this."""

from panjereh.runtime.settings.base import *
from panjereh.runtime.settings.registries import REGISTRY_APPS
from panjereh.runtime.settings.sso import SSO_APPS

FLOOR = "every"
DATABASES = database("window")
INSTALLED_APPS = [
    "django.contrib.sessions",
    "procrastinate.contrib.django",
    *COMMON_APPS,
    "panjereh.sdk.signin",
    "panjereh.window",
    *SSO_APPS,
    "panjereh.agency",
    "panjereh.agency.holds",
    "panjereh.exchange",
    "panjereh.exchange.directory",
    "panjereh.exchange.approvals",
    "panjereh.exchange.evidence",
    "panjereh.exchange.monitoring",
    "panjereh.exchange.usage",
    "panjereh.exchange.feeds",
    "panjereh.exchange.messages",
    "panjereh.sdk.feeds.publishing",
    "panjereh.sdk.feeds.following",
    *REGISTRY_APPS,
    "panjereh.national.catalogue",
    "panjereh.national.tracking",
    "panjereh.national.messaging",
    "panjereh.national.documents",
    "panjereh.national.feedback",
    "panjereh.sandbox.phone",
    "panjereh.sandbox.signing_service",
    OUTBOX_APP,
]
ANSWER_PATIENCE_SECONDS = 2.0
EXCHANGE_SYSTEM = "national-window"
SIGNIN = env.signin("national-window")
SUBJECT_SECRET = env.secret("exchange-subject")
ISSUER = PUBLIC_URLS["sso"]
SSO_PAIRWISE = SSO_KEYED_DIGESTS = SSO_KEY_PASSPHRASES = SSO_FACTOR_KEYS = ""
CERTIFICATE_STATUS_URL = SIGNING_SERVICE_URL = SIGNING_SERVICE_MASTER = ""
SIGNATURE_AUTHORITIES = KEYS / "signatures"
PROXY_HOPS = 0
SMSC = env.smsc
SMSC_BIND = env.smsc_bind
MAILBOX_MASTER_KEYS = env.secret("mailbox-master")  # newest first, one a line
ROOT_URLCONF = "panjereh.window.urls"
LIST_SECRET = env.secret("exchange-lists")
FEED_KEYS = env.secret("feed-keys")
FEED_PACE_SECONDS = 1.0
FACE_MATCHER = ""
FEEDS_FOLLOWED: dict[str, str] = {}
FEED_CUSTOMERS = "panjereh.sso.people.queries.every_national_id"
DOCUMENT_FONTS = env.package_root / "national" / "documents" / "fonts"
