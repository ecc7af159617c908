from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from panjereh.ui.health import health
from panjereh.window.views import ebox, looks, me, public, releases, requests

urlpatterns = [
    # Persian first, whatever the browser says; the other language is one link away.
    path("", RedirectView.as_view(url=f"/{settings.LANGUAGE_CODE}/")),
    path("health", health),
    path("signin/", include("panjereh.sdk.signin.urls")),
    *i18n_patterns(
        path("", public.home, name="home"),
        path("search/", public.search, name="search"),
        path("services/", public.services, name="services"),
        path("services/<str:service_id>/", public.service, name="service"),
        path("categories/<slug:slug>/", public.category, name="category"),
        path("life-events/<slug:slug>/", public.life_event, name="life-event"),
        path("agencies/", public.agencies, name="agencies"),
        path("agencies/<slug:slug>/", public.agency, name="agency"),
        path("go/<str:service_id>/", public.begin, name="begin"),
        path("accessibility/", public.accessibility, name="accessibility"),
        path("me/", me.me, name="me"),
        path("me/family/", me.family, name="family"),
        path("me/choices/", me.choices, name="choices"),
        path("me/choices/forget/", me.forget, name="forget"),
        path("me/looks/", looks.looks, name="looks"),
        path("me/looks/releases/", releases.releases, name="releases"),
        path("me/looks/data/", looks.data, name="looks-data"),
        path("me/looks/<uuid:look>/why/", looks.why, name="look-why"),
        path("requests/", requests.requests, name="requests"),
        path("requests/<str:tracking_id>/", requests.timeline, name="request"),
        path("ebox/", ebox.letters, name="ebox"),
        path("ebox/<str:letter_id>/", ebox.letter, name="letter"),
        path("documents/<str:document_id>/", ebox.document, name="document"),
        prefix_default_language=True,
    ),
]
