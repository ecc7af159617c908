from django.urls import path

from panjereh.sso.signatures import views

urlpatterns = [
    path("signature/<uuid:journey_id>/", views.sign, name="signature"),
    path("signature/<uuid:journey_id>/challenge/", views.challenge, name="signature-challenge"),
    path(
        "account/certificates/<uuid:certificate_id>/remove/",
        views.remove,
        name="remove-certificate",
    ),
]
