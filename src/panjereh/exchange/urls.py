from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from panjereh.exchange import views
from panjereh.exchange.directory.api import api as directory_api
from panjereh.exchange.directory.urls import trial_urls
from panjereh.exchange.evidence import api as proofs
from panjereh.exchange.evidence import pages as evidence_pages
from panjereh.exchange.feeds.api import api as feeds_api
from panjereh.exchange.messages.api import api as messages_api
from panjereh.ui.health import health

urlpatterns = [
    path("", RedirectView.as_view(url=f"/{settings.LANGUAGE_CODE}/")),
    path("health", health),
    path("signin/", include("panjereh.sdk.signin.urls")),
    path("log/", include("panjereh.exchange.evidence.urls")),
    path("exchange-directory/", directory_api.urls),
    path("exchange-records/", proofs.records.urls),
    path("exchange-feeds/", feeds_api.urls),
    path("exchange-messages/", messages_api.urls),
    *trial_urls,
    path("open-data/", include("panjereh.exchange.monitoring.open_data.urls")),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("", include("panjereh.exchange.directory.urls")),
        path("", include("panjereh.exchange.approvals.urls")),
        path("desk/", views.desk, name="desk"),
        path("members/", views.members, name="members"),
        path("systems/", views.systems, name="systems"),
        path("services/", views.services, name="services"),
        path("grants/", views.grants, name="grants"),
        path("grants/<uuid:series>/", views.grant, name="grant"),
        path("grants/<uuid:series>/revoke/", views.revoke_grant, name="revoke-grant"),
        path("grants/<uuid:series>/suspend/", views.suspend_grant, name="suspend-grant"),
        path("grants/<uuid:series>/lift/", views.lift_suspension, name="lift-suspension"),
        path("", include("panjereh.exchange.feeds.urls")),
        path("traffic/", views.traffic, name="traffic"),
        path("traffic/<uuid:request_id>/", views.call, name="call"),
        path("", include("panjereh.exchange.usage.urls")),
        path("log/", evidence_pages.log, name="log"),
        path("member/calls/", evidence_pages.calls, name="member-calls"),
        path("member/calls/<uuid:request_id>/", evidence_pages.call, name="member-call"),
        path("", include("panjereh.exchange.monitoring.urls")),
        prefix_default_language=True,
    ),
]
