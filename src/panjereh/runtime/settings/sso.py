"""Floor 2: registration, login, OpenID Connect provider."""

from django.utils.translation import gettext_lazy as _

from panjereh.runtime.settings.base import *

FLOOR = "sso"
DATABASES = database(FLOOR)
# The few statements of a login come by the million: the server parses and plans each once.
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {"server_side_binding": True, "prepare_threshold": 3}
)
SSO_APPS = [  # every room that has tables or texts of its own
    "panjereh.sso",
    "panjereh.sso.registry_news",
    "panjereh.sso.step_up",
    "panjereh.sso.biometrics",
    "panjereh.sso.people",
    "panjereh.sso.organisations",
    "panjereh.sso.acting",
    "panjereh.sso.staff",
    "panjereh.sso.portal",
    "panjereh.sso.events",
    "panjereh.sso.ledger",
    "panjereh.sso.numbers",
    "panjereh.sso.safety",
    "panjereh.sso.factors",
    "panjereh.sso.signatures",
]
INSTALLED_APPS = [
    *COMMON_APPS,
    *SSO_APPS,
    "panjereh.sdk.feeds.following",
    OUTBOX_APP,
]
MIDDLEWARE = [
    "panjereh.sso.middleware.PrivatePages",
    "panjereh.sso.middleware.ClientAsFormTarget",
    # The sign-on keeps sessions of its own; Django's would be looked for at every token.
    *[name for name in MIDDLEWARE if "contrib.sessions" not in name],
]
ROOT_URLCONF = "panjereh.sso.urls"
LOCALE_PATHS = locale_paths("sso")
SITE_NAME = _("My Government sign-in")
EXCHANGE_SYSTEM = "sso"
ISSUER = PUBLIC_URLS["sso"]
# Where a person allows a signature with a key that a service keeps.
SIGNING_SERVICE_URL = env.get("SIGNING_SERVICE_URL", "" if env.production else PUBLIC_URLS["phone"])
SIGNATURE_AUTHORITIES = KEYS / "signatures"  # whose certificates of persons we believe
# Below it lie the relative addresses of keys/signatures/authorities.json.
CERTIFICATE_STATUS_URL = env.get("CERTIFICATE_STATUS_URL", env.inner_urls["phone"] + "/")
# How many proxies of ours stand before this process and write X-Forwarded-For.
PROXY_HOPS = int(env.get("PROXY_HOPS", "1" if env.production else "0"))
SSO_PAIRWISE = env.secret("sso-pairwise")
SSO_KEYED_DIGESTS = env.secret("sso-digests")
SSO_KEY_PASSPHRASES = env.secret("sso-signing-keys")  # newest first, one a line
SSO_FACTOR_KEYS = env.secret("sso-factors")  # the same
if not env.production:
    # One practice machine is one address, and a demo signs the same people in all day long.
    SSO_POLICY = {
        "sends_per_hour": 500,
        "sends_per_day": 5_000,
        "codes_per_number_and_day": 5_000,
        "sends_per_address_and_hour": 50_000,
        "inquiries_per_hour": 500,
        "inquiries_per_address_and_hour": 50_000,
        "staff_level": 1,
    }
FEEDS_FOLLOWED = {
    "civil-registry/deceased": "panjereh.sso.registry_news.following.death_told",
    "civil-registry/changed-identity": "panjereh.sso.registry_news.following.change_told",
}
FEED_CUSTOMERS = "panjereh.sso.people.queries.every_national_id"
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.sdk.feeds.following.jobs.follow_feeds",
    "panjereh.sso.registry_news.jobs.refresh_identities",
    "panjereh.sso.safety.jobs.deliver_notices",
    "panjereh.sso.safety.jobs.check_numbers",
    "panjereh.sso.safety.jobs.look_after_accounts",
    "panjereh.sso.jobs.tell_clients",
    "panjereh.sso.events.jobs.push_events",
    "panjereh.sso.numbers.jobs.count_days",
    "panjereh.sso.events.jobs.give_up_late",
    "panjereh.sso.factors.jobs.reseal",
    "panjereh.sso.factors.jobs.reset_ways",
    "panjereh.sso.acting.jobs.watch_mandates",
    "panjereh.sso.jobs.sweep",
]
