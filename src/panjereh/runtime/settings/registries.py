"""Floor 5: base registries, reachable only through the exchange."""

from panjereh.runtime.settings.base import *

FLOOR = "registries"
DATABASES = database(FLOOR)
REGISTRY_APPS = [
    "panjereh.registries.custody",
    "panjereh.registries.civil",
    "panjereh.registries.health",
    "panjereh.registries.telecom",
    "panjereh.registries.postal",
    "panjereh.registries.legal",
    "panjereh.registries.residence",
    "panjereh.registries.foreigners",
    "panjereh.registries.skills",
    "panjereh.registries.judiciary",
    "panjereh.registries.education",
    "panjereh.registries.conscription",
    "panjereh.registries.insurance",
    "panjereh.registries.privatisation",
]
INSTALLED_APPS = [*COMMON_APPS, *REGISTRY_APPS, "panjereh.sdk.feeds.publishing", OUTBOX_APP]
# No pages, no browsers: a session, a language or a cookie would only cost time at each call.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "panjereh.registries.urls"
EXCHANGE_SYSTEM = "privatisation"  # the one room here that calls somebody, to publish its list
# The biometric engine that compares faces; without one, `face-match` says so.
FACE_MATCHER = env.get(
    "FACE_MATCHER", "" if env.production else "panjereh.sandbox.faces.matcher.SandboxMatcher"
)
FEED_KEYS = env.secret("feed-keys")  # subscribers' keys come out of it
FEED_PACE_SECONDS = float(env.get("FEED_PACE", "1"))  # files are not closed faster than this
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.sdk.feeds.publishing.jobs.publish_feeds",
    "panjereh.registries.privatisation.jobs.publish_lists",
]
