from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from panjereh.agency.holds.urls import urlpatterns as holds
from panjereh.agency.pages import apply, public, requests, staff
from panjereh.ui.health import health

urlpatterns = [
    path("", RedirectView.as_view(url=f"/{settings.LANGUAGE_CODE}/")),
    path("health", health),
    path("brand.css", public.brand, name="brand"),
    path("signin/", include("panjereh.sdk.signin.urls")),
    *i18n_patterns(
        path("", public.home, name="home"),
        path("sources/<slug:system>/", public.source, name="source"),
        path("services/<str:service_id>/", public.service, name="service"),
        path("services/<str:service_id>/apply/", apply.begin, name="apply"),
        path("services/<str:service_id>/apply/hold/", apply.hold, name="apply-hold"),
        path("services/<str:service_id>/apply/review/", apply.review, name="apply-review"),
        path("services/<str:service_id>/apply/signed/", apply.signed, name="apply-signed"),
        path("services/<str:service_id>/apply/withdraw/", apply.withdraw, name="apply-withdraw"),
        path("services/<str:service_id>/apply/<slug:page_id>/", apply.page, name="apply-page"),
        path("me/", RedirectView.as_view(pattern_name="requests"), name="me"),
        path("requests/", requests.requests, name="requests"),
        path("requests/<str:tracking_id>/", requests.request_page, name="request"),
        path("requests/<str:tracking_id>/answer/<slug:page_id>/", requests.answer, name="answer"),
        path(
            "requests/<str:tracking_id>/signature/<str:name>/",
            requests.signature_file,
            name="request-signature",
        ),
        *holds,  # before the ids of cases
        path("staff/", staff.cases, name="staff"),
        path("staff/<str:tracking_id>/", staff.case_page, name="staff-case"),
        path("staff/<str:tracking_id>/retry/", staff.retry, name="staff-retry"),
        prefix_default_language=True,
    ),
]
