from django.urls import path

from panjereh.sso.people import views

urlpatterns = [
    path("children/", views.children, name="children"),
    path("children/register/", views.register, name="register-child"),
    path("children/<uuid:child_id>/", views.registered, name="child-registered"),
]
