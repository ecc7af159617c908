"""Addresses that stay, without a language."""

from django.urls import path

from panjereh.exchange.monitoring.open_data import views

urlpatterns = [
    path("traffic/<str:month>.<str:form>", views.traffic_file, name="open-traffic"),
    path("catalogue.jsonld", views.catalogue, name="open-catalogue"),
]
