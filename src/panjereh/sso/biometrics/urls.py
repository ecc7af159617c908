from django.urls import path

from panjereh.sso.biometrics import views

urlpatterns = [path("face/<uuid:journey_id>/", views.face, name="face")]
