"""Publisher, exchange and subscriber in one process and one database, with a real gateway between
them: each side is asked over HTTP as ever, and a test can look at all of them."""

# ruff: noqa: F403, F405
from panjereh.runtime.settings.operator import *
from panjereh.runtime.settings.registries import FEED_KEYS, FEED_PACE_SECONDS, REGISTRY_APPS

assert FEED_KEYS, FEED_PACE_SECONDS
INSTALLED_APPS = [
    *(app for app in INSTALLED_APPS if app != OUTBOX_APP),
    *REGISTRY_APPS,
    "panjereh.sdk.feeds.publishing",
    "panjereh.sdk.feeds.following",
    OUTBOX_APP,
]
ROOT_URLCONF = "all_urls"
EXCHANGE_SYSTEM = "sso"
FEEDS_FOLLOWED = {
    "civil-registry/changed-identity": "noting.note",
    "civil-registry/deceased": "noting.note",
}
FEED_CUSTOMERS = "noting.nobody"
