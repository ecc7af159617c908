"""Floor 3: windows of executive agencies; the host name says which agency."""

from panjereh.runtime.settings.base import *

FLOOR = "agency"
DATABASES = database(FLOOR)
INSTALLED_APPS = [
    "django.contrib.sessions",
    "procrastinate.contrib.django",
    *COMMON_APPS,
    "panjereh.sdk.signin",
    "panjereh.agency",
    "panjereh.agency.holds",
    "panjereh.sdk.feeds.following",
    OUTBOX_APP,
]
MIDDLEWARE = [*MIDDLEWARE, "panjereh.sdk.signin.middleware.CurrentPerson"]
ROOT_URLCONF = "panjereh.agency.urls"
LOCALE_PATHS = locale_paths("agency")
# The sandbox hosts one agency, so one exchange identity and one relying party.
EXCHANGE_SYSTEM = "civil-registration-window"
SIGNIN = env.signin("civil-registration-window") | {
    "acting": True,
    "identity_changed": "panjereh.agency.holds.following.sign_on_told",
}
# How long the page after "send" waits for the answer before it says "in progress".
ANSWER_PATIENCE_SECONDS = float(env.get("ANSWER_PATIENCE", "2"))
FEEDS_FOLLOWED = {
    "civil-registry/changed-identity": "panjereh.agency.holds.following.change_told",
    "civil-registry/deceased": "panjereh.agency.holds.following.death_told",
}
FEED_CUSTOMERS = "panjereh.agency.drafts.queries.every_customer"
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.sdk.feeds.following.jobs.follow_feeds",
    "panjereh.agency.jobs.run_jobs",
]
