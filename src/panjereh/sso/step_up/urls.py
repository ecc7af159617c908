from django.urls import path

from panjereh.sso.step_up import views

urlpatterns = [
    path("step-up/", views.begin_own, name="own-step-up"),
    path("step-up/<uuid:journey_id>/", views.choose, name="step-up"),
    path("step-up/<uuid:journey_id>/give-up/", views.give_up, name="step-up-give-up"),
]
