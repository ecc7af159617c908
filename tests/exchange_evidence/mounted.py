"""The operator's site with the log where it is mounted."""

from django.urls import include, path

from panjereh.exchange import urls

urlpatterns = [path("log/", include("panjereh.exchange.evidence.urls")), *urls.urlpatterns]
