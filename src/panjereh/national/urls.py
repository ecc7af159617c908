"""Where the national services answer: each system to the exchange, the document check to all."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from panjereh.national.catalogue.api import api as catalogue
from panjereh.national.documents.api import api as documents
from panjereh.national.documents.views import verify_api
from panjereh.national.feedback.api import api as feedback
from panjereh.national.messaging.api import api as messaging
from panjereh.national.tracking.api import api as tracking
from panjereh.ui.health import health

urlpatterns = [
    path("", RedirectView.as_view(url="/fa/verify/")),
    path("health", health),
    path("catalogue/", catalogue.urls),
    path("documents/", documents.urls),
    path("feedback/", feedback.urls),
    path("messaging/", messaging.urls),
    path("tracking/", tracking.urls),
    path("verify/api", verify_api, name="verify-api"),
    *i18n_patterns(path("", include("panjereh.national.documents.urls"))),
]
