from django.urls import path, register_converter
from django.urls.converters import StringConverter

from panjereh.sso.portal.views import applications, desk, public, registrar, sites


class Stage(StringConverter):
    regex = "test|live"


register_converter(Stage, "stage")

SITE = "developers/desk/site/<slug:code>/"

urlpatterns = [
    path("developers/", public.guide, name="portal-guide"),
    path("developers/desk/", desk.desk, name="portal"),
    path("developers/desk/people/", desk.developers, name="portal-developers"),
    path("developers/desk/people/<int:pk>/withdraw/", desk.withdraw, name="portal-withdraw"),
    path("developers/desk/new/", sites.enter, name="portal-new"),
    path(SITE, sites.site, name="portal-site"),
    path(SITE + "change/", sites.change, name="portal-change"),
    path(SITE + "ask/", applications.ask, name="portal-ask"),
    path(
        SITE + "ask/<uuid:pk>/withdraw/",
        applications.withdraw,
        name="portal-ask-withdraw",
    ),
    path(
        SITE + "local-registration/",
        sites.local_registration,
        name="portal-local-registration",
    ),
    path(
        SITE + "<stage:stage>/secret/",
        sites.make_secret,
        name="portal-secret",
    ),
    path(
        SITE + "<stage:stage>/secret/drop/",
        sites.drop_secret,
        name="portal-drop-secret",
    ),
    path(SITE + "<stage:stage>/keys/", sites.keys, name="portal-keys"),
    path(SITE + "<stage:stage>/try/", sites.try_client, name="portal-try"),
    path(SITE + "<stage:stage>/close/", sites.close, name="portal-close"),
    path("staff/registrar/", registrar.desk, name="registrar"),
    path("staff/registrar/agencies/", registrar.agency_list, name="registrar-agencies"),
    path("staff/registrar/agencies/<slug:code>/", registrar.agency, name="registrar-agency"),
    path(
        "staff/registrar/applications/<uuid:pk>/",
        registrar.application,
        name="registrar-application",
    ),
    path("staff/registrar/sites/<slug:code>/", registrar.site, name="registrar-site"),
    path(
        "staff/registrar/sites/<slug:code>/<stage:stage>/close/",
        registrar.close,
        name="registrar-close",
    ),
]
