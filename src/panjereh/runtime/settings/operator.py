"""Floor 4, operator pages: members, services, grants, traffic. The gateway runs by itself."""

from django.utils.translation import gettext_lazy as _

from panjereh.runtime.settings.base import *

FLOOR = "exchange"
DATABASES = database(FLOOR)
INSTALLED_APPS = [
    "django.contrib.sessions",
    *COMMON_APPS,
    "panjereh.sdk.signin",
    "panjereh.exchange",
    "panjereh.exchange.evidence",
    "panjereh.exchange.directory",
    "panjereh.exchange.approvals",
    "panjereh.exchange.monitoring",
    "panjereh.exchange.usage",
    "panjereh.exchange.feeds",
    "panjereh.exchange.messages",
    OUTBOX_APP,
]
MIDDLEWARE = [*MIDDLEWARE, "panjereh.sdk.signin.middleware.CurrentPerson"]
ROOT_URLCONF = "panjereh.exchange.urls"
LOCALE_PATHS = locale_paths("exchange")
SITE_NAME = _("National data exchange")
CONTEXT_PROCESSORS += ["panjereh.exchange.navigation.site_links"]
SIGNIN = env.signin("exchange-operator")
SUBJECT_SECRET = env.secret("exchange-subject")  # the names under which records know people
LIST_SECRET = env.secret("exchange-lists")  # what keeps published lists from being read here
env.secret("exchange-providers")  # of it each provider's key is made; gateways read the file
EXCHANGE_SYSTEM = "exchange-records"  # who the exchange itself is as a consumer
WORKER_TASKS = [
    "panjereh.common.outbox.worker.carry_events",
    "panjereh.exchange.jobs.collect_records",
    "panjereh.exchange.directory.jobs.describe_services",
    "panjereh.exchange.monitoring.jobs.ask_providers",
    "panjereh.exchange.monitoring.jobs.watch",
    "panjereh.exchange.usage.jobs.carry_answers",
    "panjereh.exchange.approvals.jobs.keep_terms",
    "panjereh.exchange.feeds.jobs.tell_publishers",
    "panjereh.exchange.messages.jobs.deliver_messages",
    "panjereh.exchange.messages.jobs.keep_messages",
    "panjereh.exchange.usage.jobs.keep_house",
    "panjereh.exchange.usage.jobs.tell_progress",
    "panjereh.exchange.evidence.jobs.keep_log",
    "panjereh.exchange.evidence.jobs.audit_log",
]
# The log of records.
EVIDENCE = {
    "folder": env.home / "evidence",
    "origin": env.evidence_origin,
    "retention_days": env.get("EVIDENCE_DAYS", "184"),
    "witnesses": env.get("EVIDENCE_WITNESSES").split(),  # url=vkey
    "time_authority": env.get("TIME_AUTHORITY"),  # RFC 3161 over HTTP; the sandbox has its own
}
DOCUMENT_FONTS = env.package_root / "national" / "documents" / "fonts"  # of the yearly report
