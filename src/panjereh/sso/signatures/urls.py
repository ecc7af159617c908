from django.urls import path

from panjereh.sso.signatures import chip_views, views

urlpatterns = [
    path("signature/<uuid:journey_id>/", views.sign, name="signature"),
    path("signature/<uuid:journey_id>/challenge/", views.challenge, name="signature-challenge"),
    path("signature/<uuid:journey_id>/remote/", views.remote, name="signature-remote"),
    path("chip/<uuid:journey_id>/", chip_views.chip, name="chip"),
    path(
        "signature/<uuid:journey_id>/remote/back/",
        views.remote_back,
        name="signature-remote-back",
    ),
    path(
        "account/certificates/<uuid:certificate_id>/remove/",
        views.remove,
        name="remove-certificate",
    ),
]
