from django.conf.urls.i18n import i18n_patterns
from django.urls import path
from django.views.generic import RedirectView

from panjereh.sandbox.authority import views as authority
from panjereh.sandbox.phone import views
from panjereh.sandbox.signing_service import views as signing
from panjereh.sandbox.signing_service.api import api as signing_api
from panjereh.ui.health import health

urlpatterns = [
    path("", RedirectView.as_view(url="/fa/")),
    path("health", health),
    path("messages", views.messages),
    path("remote-signing/", signing_api.urls),
    path("authority/ocsp", authority.ocsp),
    path("authority/persons.crl", authority.persons_list),
    path("authority/root.crl", authority.root_list),
    *i18n_patterns(
        path("", views.number, name="number"),
        path("screen", views.screen, name="screen"),
        path("camera", views.camera, name="camera"),
        path("signing/<uuid:handle>/", signing.pin, name="signing-pin"),
        path("signing/<uuid:handle>/code/", signing.code, name="signing-code"),
        prefix_default_language=True,
    ),
]
