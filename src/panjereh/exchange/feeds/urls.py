"""Pages of publications: for operators all of them, for a member its own."""

from django.urls import path

from panjereh.exchange.feeds import views

urlpatterns = [
    path("feeds/", views.publications, name="publications"),
    path("feeds/<slug:system>/<slug:code>/", views.publication, name="publication"),
    path("own-feeds/", views.own_publications, name="own-publications"),
    path("own-feeds/<slug:system>/<slug:code>/", views.own_publication, name="own-publication"),
]
