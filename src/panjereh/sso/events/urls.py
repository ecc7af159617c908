from django.urls import path

from panjereh.sso.events import api

urlpatterns = [
    path(".well-known/ssf-configuration", api.configuration),
    path("security-events/collect", api.collect),
]
