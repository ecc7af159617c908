from django.urls import path

from panjereh.sso.organisations import views

urlpatterns = [
    path("companies/", views.company, name="register-company"),
    path("companies/register/", views.register, name="confirm-company"),
    path("companies/<uuid:organisation_id>/", views.registered, name="company-registered"),
]
